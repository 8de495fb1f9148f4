//! Secrets that only the words around them give away: command lines, SQL, `.pgpass`, sentences.

use std::ops::Range;

use crate::domain::scrub::chance;
use crate::domain::scrub::names::{self, Class};
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
    let quotes = ['"', '\''];
    let unquoted = value.trim_start_matches(quotes);
    let at = at + value.len() - unquoted.len();
    // What follows the closing quote is the text around the command.
    let value = unquoted.split(quotes).next().unwrap_or(unquoted);
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
    let before = before.rsplit('\n').next().unwrap_or(before);
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

/// A secret that a sentence speaks of: `the key in use was …`.
pub(super) fn sentence(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    if bytes.get(end) != Some(&b' ') && bytes.get(end) != Some(&b':') {
        return None;
    }
    let mut at = end;
    for _ in 0..7 {
        at += bytes[at..]
            .iter()
            .take(4)
            .take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'`' | b':' | b'=' | b'('))
            .count();
        let length = bytes[at..]
            .iter()
            .take(400)
            .take_while(|b| {
                b.is_ascii_alphanumeric()
                    || matches!(
                        b,
                        b'_' | b'-'
                            | b'.'
                            | b'+'
                            | b'='
                            | b'~'
                            | b'!'
                            | b'@'
                            | b'#'
                            | b'$'
                            | b'%'
                            | b'^'
                            | b'&'
                            | b'*'
                            | b'/'
                    )
            })
            .count();
        let word = text[at..at + length].trim_end_matches(['.', '!', ',']);
        if length == 0 || at == end {
            return None;
        }
        let bare = word.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+' | b'=' | b'~')
        });
        if word.len() >= 20 && bare && is_made(word) {
            return names::class(&text[start..end]).map(|_| at..at + word.len());
        }
        let said = bytes[..at].trim_ascii_end().ends_with(b" is")
            || bytes[..at].trim_ascii_end().ends_with(b" was");
        if said
            && word.len() >= 6
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic())
        {
            let value = Value {
                text: word,
                quoted: false,
                verbatim: false,
            };
            let class =
                names::class(&text[start..end]).filter(|class| *class == Class::Password)?;
            return values::is_secret(value, class).then_some(at..at + word.len());
        }
        if length > 14 {
            return None;
        }
        at += length;
    }
    None
}

/// Random, and neither a hash nor an id, which sentences speak of too.
fn is_made(word: &str) -> bool {
    let has = |of: fn(&u8) -> bool| word.bytes().any(|b| of(&b));
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && chance::is_random(word, 0.3)
}

/// Discord's tokens have no start of their own: three parts of fixed length in a long word.
pub(super) fn long_words(text: &str) -> Vec<Finding> {
    const LEAST: usize = 56;
    const STRIDE: usize = 28;
    let bytes = text.as_bytes();
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let mut found = Vec::new();
    let mut at = STRIDE;
    // A word of that length is met at one of these steps.
    while at < bytes.len() {
        if !part(&bytes[at])
            || !part(&bytes[at - STRIDE / 2])
            || !part(&bytes[at - STRIDE / 4])
                && !part(&bytes[(at + STRIDE / 4).min(bytes.len() - 1)])
        {
            at += STRIDE;
            continue;
        }
        let start = at
            - bytes[..at]
                .iter()
                .rev()
                .take(120)
                .take_while(|b| part(b))
                .count();
        let end = at + bytes[at..].iter().take(400).take_while(|b| part(b)).count();
        // Of a word that is far longer, only the first steps see the start.
        let whole = start == 0 || !part(&bytes[start - 1]);
        if whole && end - start >= LEAST {
            found.extend(discord(text, start..end));
        }
        at = end.max(at) + STRIDE;
    }
    found
}

fn discord(text: &str, word: Range<usize>) -> Option<Finding> {
    let token = &text[word.clone()];
    let (id, rest) = token.split_once('.')?;
    let (time, mac) = rest.split_once('.')?;
    let mac = mac.split_once('.').map_or(mac, |(mac, _)| mac);
    let shaped = (23..=28).contains(&id.len())
        && id.starts_with(['M', 'N', 'O'])
        && (6..=7).contains(&time.len())
        && (25..=48).contains(&mac.len());
    let made = shaped && chance::is_random(id, 0.2) && chance::is_random(mac, 0.2);
    made.then(|| Finding {
        range: word.start..word.start + id.len() + time.len() + mac.len() + 2,
        kind: "discord-token",
    })
}
