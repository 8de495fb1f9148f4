//! What to look for in one pass: every keyword that can begin a secret, and what to do where it stands.

use std::ops::Range;
use std::sync::OnceLock;

use crate::domain::scrub::keywords::Keywords;
use crate::domain::scrub::tokens::{self, Shape};

/// What a keyword calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// The start of a token: the shape with this index.
    Token(usize),
    /// A part of a telling name.
    Name,
    /// `://`, which may lead to a user and a password.
    Authority,
    /// `bearer` or `basic`, which may lead to a credential.
    Scheme,
    /// `cookie`, a header with many pairs.
    Cookie,
    /// A program whose short options take passwords.
    Program,
    /// `chpasswd`, to which a password is piped.
    Piped,
    /// `identified by`, a password in SQL.
    Identified,
    /// `insert into`, with values for columns.
    Inserted,
    /// `\tTRUE\t`, a line of a cookie file.
    CookieLine,
    /// `:5432:` and the like: a line of a `.pgpass` file.
    Passfile,
    /// A mark that an earlier pass left.
    Mark,
    /// The first line of a block.
    BlockBegin,
    /// The last line of a block.
    BlockEnd,
}

/// The keywords of all rules, and what each calls for.
pub(super) struct Triggers {
    pub(super) keywords: Keywords,
    pub(super) shapes: Vec<Shape>,
}

const WORDS: &[(Trigger, &[&str])] = &[
    (
        Trigger::Name,
        &[
            "pass",
            "pwd",
            "secret",
            "token",
            "key",
            "cred",
            "auth",
            "jwt",
            "_pat",
            "-pat",
            "psk",
            "sessid",
            "session",
            "csrf",
            "xsrf",
            "_otp",
            "totp",
            "mnemonic",
            "seed",
            "salt",
            "signature",
            "sig=",
            "webhook",
            "code=",
            "_pw",
            "pw=",
            "pw\"",
            "pw:",
            "dsn",
            "assertion",
            "bearer",
            "connect.sid",
            "sid=",
            "pat=",
            "pat =",
            "pat>",
            "pat :",
            "pat:",
            "pat\"",
            "ticket",
            "hmac",
            "nonce",
            "_pin",
            "wif",
            "appid=",
            "pin=",
            "code_verifier",
        ],
    ),
    (Trigger::Authority, &["://"]),
    (
        Trigger::Scheme,
        &[
            "bearer ",
            "basic ",
            "bearer%20",
            "basic%20",
            "authorization",
        ],
    ),
    (Trigger::Cookie, &["cookie"]),
    (
        Trigger::Program,
        &[
            "mysql",
            "mariadb",
            "curl ",
            "wget ",
            "sshpass",
            "redis-cli",
            "docker login",
            "az login",
            "ldapsearch",
            "ldapadd",
            "ldapmodify",
            "smbclient",
            "mongo",
            "openssl",
            "net use",
            "sqlcmd",
            "htpasswd",
            "xfreerdp",
            "psexec",
            "secretsdump",
            "wmiexec",
            "smbexec",
            "evil-winrm",
            "twine ",
            "zip ",
            "unzip ",
            "7z ",
            "7za ",
            "ipmitool",
            "snmpwalk",
            "snmpget",
            "nmcli ",
            "mc alias set",
            "snyk auth",
            "pulumi config set",
        ],
    ),
    (Trigger::Piped, &["chpasswd"]),
    (Trigger::Inserted, &["insert into "]),
    (Trigger::CookieLine, &["\ttrue\t", "\tfalse\t"]),
    (Trigger::Mark, &["[redacted:"]),
    (Trigger::Identified, &["identified "]),
    (
        Trigger::Passfile,
        &[":5432:", ":3306:", ":5433:", ":6432:", ":*:", ":543"],
    ),
    (
        Trigger::BlockBegin,
        &["-----BEGIN ", "---- BEGIN ", "PuTTY-User-Key-File"],
    ),
    (Trigger::BlockEnd, &["-----END "]),
];

/// A keyword in a text.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) trigger: Trigger,
    pub(super) range: Range<usize>,
}

pub(super) fn triggers() -> &'static Triggers {
    static TRIGGERS: OnceLock<Triggers> = OnceLock::new();
    TRIGGERS.get_or_init(|| {
        let shapes = tokens::shapes();
        let words = WORDS
            .iter()
            .flat_map(|(trigger, words)| words.iter().map(|word| (*word, *trigger)));
        let starts = shapes.iter().enumerate().flat_map(|(index, shape)| {
            let starts = shape.rule.starts.iter();
            starts.map(move |start| (*start, Trigger::Token(index)))
        });
        Triggers {
            keywords: Keywords::new(words.chain(starts)),
            shapes,
        }
    })
}

impl Triggers {
    /// The keywords in a text, in any case of letters, in the order in which they start.
    pub(super) fn hits<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Hit> + use<'a> {
        self.keywords.hits(text.as_bytes())
    }
}
