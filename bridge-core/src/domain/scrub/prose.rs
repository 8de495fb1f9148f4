//! Secrets that only the words around them give away: command lines, SQL, `.pgpass`, sentences.

use std::ops::Range;

use crate::domain::scrub::names::Class;
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::values::{self, Value};

/// Options of programs that take passwords in short options; returns how far the command goes.
pub(super) fn options(text: &str, program: Range<usize>, findings: &mut Vec<Finding>) -> usize {
    let line = &text[program.end..];
    let line = &line[..line
        .find(['\n', '\r'])
        .unwrap_or(line.len())
        .min(line.floor_char_boundary(2048))];
    let name = text[program.clone()].to_ascii_lowercase();
    let mut at = program.end;
    let mut waits: Option<bool> = None;
    for word in line.split(' ') {
        let start = at;
        if matches!(word, "|" | "||" | "&&" | ";" | "&") {
            return at;
        }
        at += word.len() + 1;
        let bare = word.trim_matches(['"', '\'']);
        let offset = start + (word.len() - word.trim_start_matches(['"', '\'']).len());
        if let Some(pair) = waits.take() {
            // `-u user:password`
            let cut = if pair {
                bare.find(':').map(|colon| colon + 1)
            } else {
                Some(0)
            };
            if let Some(cut) = cut {
                push(findings, offset + cut, &bare[cut..]);
            }
            continue;
        }
        let attached: &[&str] = match name.trim() {
            "mysql" | "mariadb" | "sshpass" | "mongo" => &["-p"],
            "sqlcmd" => &["-P"],
            "redis-cli" => &["-a"],
            "xfreerdp" => &["/p:"],
            "openssl" => &["pass:"],
            _ => &[],
        };
        let separate: &[(&str, bool)] = match name.trim() {
            "curl" | "wget" => &[
                ("-u", true),
                ("--user", true),
                ("-U", true),
                ("--proxy-user", true),
            ],
            "docker login" | "sshpass" | "mongo" | "psexec" => &[("-p", false)],
            "redis-cli" => &[("-a", false)],
            "sqlcmd" => &[("-P", false)],
            "ldapsearch" => &[("-w", false)],
            "smbclient" => &[("-U", true)],
            "htpasswd" => &[],
            _ => &[],
        };
        if let Some((_, pair)) = separate.iter().find(|(option, _)| *option == word) {
            waits = Some(*pair);
        } else if let Some(option) = attached.iter().find(|option| {
            bare.len() > option.len() + 3 && bare.starts_with(**option) && !bare.starts_with("--")
        }) {
            push(findings, offset + option.len(), &bare[option.len()..]);
        }
    }
    at.min(program.end + line.len())
}

fn push(findings: &mut Vec<Finding>, at: usize, value: &str) {
    let value = value.trim_matches(['"', '\'']);
    let value_is = Value {
        text: value,
        quoted: true,
        verbatim: true,
    };
    if values::is_secret(value_is, Class::Password) {
        findings.push(Finding {
            range: at..at + value.len(),
            kind: "password",
        });
    }
}

/// `IDENTIFIED BY 'password'`, also with a plugin between.
pub(super) fn identified(text: &str, word: Range<usize>) -> Option<Finding> {
    let line = &text[word.end..text.floor_char_boundary(word.end + 200)];
    let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
    let by = line
        .to_ascii_lowercase()
        .find("by ")
        .or_else(|| line.to_ascii_lowercase().find("as "))?;
    let open = by + line[by..].find(['\'', '"'])?;
    let quote = line[open..].chars().next()?;
    let before = &text[text.ceil_char_boundary(word.start.saturating_sub(200))..word.start];
    let before = before.to_ascii_lowercase();
    let sql = ["user", "grant", "alter", "create", "role"]
        .iter()
        .any(|verb| before.contains(verb));
    if !sql {
        return None;
    }
    let length = line[open + 1..].find(quote)?;
    let start = word.end + open + 1;
    let range = start..start + length;
    (length > 0 && !values::is_stand_in(&text[range.clone()])).then_some(Finding {
        range,
        kind: "password",
    })
}

/// The last field of `host:port:database:user:password`.
pub(super) fn passfile(text: &str, port: Range<usize>) -> Option<Finding> {
    let bytes = text.as_bytes();
    let mut start = port.start
        - bytes[..port.start]
            .iter()
            .rev()
            .take(100)
            .take_while(|b| {
                b.is_ascii_graphic()
                    && !matches!(b, b':' | b'"' | b'\'' | b'/' | b'@' | b'(' | b',')
            })
            .count();
    while matches!(bytes.get(start), Some(b'+' | b'-')) {
        start += 1;
    }
    let starts_line = start == 0
        || matches!(
            bytes[start - 1],
            b'\n' | b'\r' | b'"' | b'\'' | b' ' | b'\t' | b'+' | b'-' | b':'
        );
    if !starts_line || start == port.start {
        return None;
    }
    let line = &text[start..text.floor_char_boundary(start + 300)];
    let line = &line[..line
        .find(['\n', '\r', '"', '\'', ' '])
        .unwrap_or(line.len())];
    let fields: Vec<&str> = line.splitn(5, ':').collect();
    let [host, port, database, user, password] = fields[..] else {
        return None;
    };
    let numeric = port == "*" || port.len() >= 2 && port.bytes().all(|b| b.is_ascii_digit());
    let named = |field: &str| {
        !field.is_empty()
            && field
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'*' | b'$'))
    };
    let genuine = numeric
        && named(host)
        && named(database)
        && named(user)
        && !user.bytes().all(|b| b.is_ascii_digit())
        && password.len() >= 3
        && !values::is_stand_in(password);
    let at = start + line.len() - password.len();
    genuine.then(|| Finding {
        range: at..at + password.len(),
        kind: "password",
    })
}
