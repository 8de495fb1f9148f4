//! Passwords on command lines, where only the program tells what an option means.

use std::ops::Range;

use crate::domain::scrub::names::Class;
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::values::{self, Value};

/// Where a program takes a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// `-p secret`
    After(&'static str),
    /// `-u user:secret`
    Pair(&'static str, char),
    /// `-psecret`
    Attached(&'static str),
    /// The word with this number, options not counted, if one of these options is there.
    Word(usize, &'static [&'static str]),
    /// The word after the one that begins like this.
    Next(&'static str),
    /// `domain/user:secret@host`
    Target,
}

use Place::{After, Attached, Next, Pair, Target, Word};

const PLACES: &[(&[&str], &[Place])] = &[
    (
        &["curl", "wget"],
        &[
            Pair("-u", ':'),
            Pair("--user", ':'),
            Pair("-U", ':'),
            Pair("--proxy-user", ':'),
        ],
    ),
    (&["mysql", "mariadb"], &[Attached("-p")]),
    (&["mongo", "sshpass"], &[Attached("-p"), After("-p")]),
    (
        &["docker login", "az login", "evil-winrm", "twine"],
        &[After("-p")],
    ),
    (&["psexec"], &[After("-p"), Target]),
    (&["secretsdump", "wmiexec", "smbexec"], &[Target]),
    (&["redis-cli"], &[Attached("-a"), After("-a")]),
    (&["sqlcmd"], &[Attached("-P"), After("-P")]),
    (&["zip", "unzip", "ipmitool"], &[After("-P")]),
    (&["7z", "7za"], &[Attached("-p")]),
    (&["ldapsearch", "ldapadd", "ldapmodify"], &[After("-w")]),
    (&["smbclient"], &[Pair("-U", '%')]),
    (&["snmpwalk", "snmpget"], &[After("-A"), After("-X")]),
    (&["xfreerdp"], &[Attached("/p:")]),
    (&["openssl"], &[Attached("pass:")]),
    (&["net use"], &[Next("/user:")]),
    (&["nmcli"], &[After("password")]),
    (
        &["htpasswd"],
        &[Word(
            3,
            &["-b", "-cb", "-bc", "-nb", "-bn", "-Bb", "-bB", "-nbB"],
        )],
    ),
    (&["mc alias set"], &[Word(4, &[])]),
    (&["snyk auth"], &[Word(1, &[])]),
    (&["pulumi config set"], &[Word(2, &["--secret"])]),
];

/// So much of a command is looked at.
const LONGEST_COMMAND: usize = 2048;

/// What the command whose program was seen takes as secrets; returns how far the command goes.
pub(super) fn options(text: &str, program: Range<usize>, findings: &mut Vec<Finding>) -> usize {
    let name = text[program.clone()].trim_end();
    let places = PLACES
        .iter()
        .find(|(names, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let Some((_, places)) = places else {
        return program.end;
    };
    let line = &text[program.end..text.floor_char_boundary(program.end + LONGEST_COMMAND)];
    let line = &line[..memchr::memchr2(b'\n', b'\r', line.as_bytes()).unwrap_or(line.len())];
    let mut at = program.end;
    let mut words = 0;
    let mut awaited: Option<Option<char>> = None;
    // An option may come after the word that it concerns, so these are looked for beforehand.
    let given = |options: &[&str]| {
        options.is_empty()
            || options
                .iter()
                .any(|option| line.split(' ').any(|word| word == *option))
    };
    for word in line.split(' ') {
        let start = at;
        if matches!(word, "|" | "||" | "&&" | ";" | "&") {
            return at;
        }
        at += word.len() + 1;
        let bare = word.trim_matches(['"', '\'']);
        let offset = start + (word.len() - word.trim_start_matches(['"', '\'']).len());
        if let Some(separator) = awaited.take() {
            let cut = match separator {
                Some(separator) => bare.find(separator).map(|at| at + separator.len_utf8()),
                None => Some(0),
            };
            if let Some(cut) = cut {
                push(findings, offset + cut, &bare[cut..]);
            }
            continue;
        }
        words += usize::from(!bare.is_empty() && !bare.starts_with('-') && start > program.end);
        for place in *places {
            match place {
                After(option) if *option == word => awaited = Some(None),
                Pair(option, separator) if *option == word => awaited = Some(Some(*separator)),
                Attached(option)
                    if bare.len() > option.len() + 3
                        && bare.starts_with(option)
                        && !bare.starts_with("--") =>
                {
                    push(findings, offset + option.len(), &bare[option.len()..]);
                }
                Word(number, options)
                    if *number == words && !bare.starts_with('-') && given(options) =>
                {
                    push(findings, offset, bare);
                }
                Next(option) if bare.starts_with(option) => awaited = Some(None),
                Target if !bare.starts_with('-') => {
                    if let Some(range) = target(bare) {
                        push(findings, offset + range.start, &bare[range]);
                    }
                }
                _ => {}
            }
        }
    }
    at.min(program.end + line.len())
}

/// The password in `domain/user:secret@host`.
fn target(word: &str) -> Option<Range<usize>> {
    let slash = word.find('/')?;
    let colon = slash + word[slash..].find(':')?;
    let sign = word.rfind('@').filter(|sign| *sign > colon)?;
    Some(colon + 1..sign)
}

/// The password that is piped to `chpasswd`: `echo "user:secret" | chpasswd`.
pub(super) fn piped(text: &str, program: usize) -> Option<Finding> {
    let before = &text[text.ceil_char_boundary(program.saturating_sub(200))..program];
    let before = before.rsplit(['\n', '\r']).next()?;
    let said = before.trim_end().strip_suffix('|')?.trim_end();
    let said = said.strip_suffix(['"', '\'']).unwrap_or(said);
    let pair = said.rsplit([' ', '"', '\'']).next()?;
    let (_, secret) = pair.split_once(':')?;
    let end = program - before.len() + said.len();
    let mut findings = Vec::new();
    push(&mut findings, end - secret.len(), secret);
    findings.pop()
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
