//! What a client wrote down of our server: the last trouble in its log, told from its words.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// So much of the end of a log is read.
const TAIL: u64 = 64 * 1024;

/// What went wrong with our server, as a client's log tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The program is not there.
    NotFound,
    /// The program may not be started.
    Forbidden,
    /// They did not agree on a protocol.
    Protocol,
    /// It did not answer in time.
    TimedOut,
    /// It ended without being told to.
    Ended,
}

/// The words of clients, and what they mean. Claude Desktop's are from reports of its versions of 2026.
const WORDS: &[(&str, Trouble)] = &[
    ("ENOENT", Trouble::NotFound),
    ("EACCES", Trouble::Forbidden),
    ("EPERM", Trouble::Forbidden),
    ("Version negotiation failed", Trouble::Protocol),
    ("Request timed out", Trouble::TimedOut),
    ("MCP error -32001", Trouble::TimedOut),
    ("transport closed unexpectedly", Trouble::Ended),
    ("Server disconnected", Trouble::Ended),
];
/// What says that it works again, or is being tried again: what was before counts no more.
const FINE: &[&str] = &[
    "Initializing server",
    "Server started and connected successfully",
    "\"serverInfo\"",
];

impl Trouble {
    /// What happened, in one sentence.
    pub fn what(self) -> &'static str {
        match self {
            Trouble::NotFound => "the program was not found",
            Trouble::Forbidden => "the program could not be started for want of rights",
            Trouble::Protocol => "client and server did not agree on a protocol",
            Trouble::TimedOut => "the server did not answer in time",
            Trouble::Ended => "the server ended unexpectedly",
        }
    }

    /// What to do.
    pub fn remedy(self) -> &'static str {
        match self {
            Trouble::NotFound => "`codex-bridge-mcp repair`, then start the client again",
            Trouble::Forbidden => "install Codex Bridge again, so that the program can be started",
            Trouble::Protocol => "update Codex Bridge and the client",
            Trouble::TimedOut | Trouble::Ended => {
                "`codex-bridge-mcp self-test` shows whether the server works; then start the client again"
            }
        }
    }
}

/// The trouble that the end of a log tells of, unless it works again since.
pub fn trouble(log: &Path) -> Option<Trouble> {
    let mut file = File::open(log).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    in_text(&String::from_utf8_lossy(&bytes))
}

fn in_text(text: &str) -> Option<Trouble> {
    for line in text.lines().rev() {
        if FINE.iter().any(|word| line.contains(word)) {
            return None;
        }
        // That the connection ended is said after each reason, and after a client quits: a reason before it counts more.
        let known = WORDS.iter().find(|(word, _)| line.contains(word));
        match known.map(|(_, trouble)| *trouble) {
            Some(Trouble::Ended) => {
                return Some(reason_before(text, line).unwrap_or(Trouble::Ended));
            }
            Some(trouble) => return Some(trouble),
            None => {}
        }
    }
    None
}

/// Another trouble since it last worked or was tried.
fn reason_before(text: &str, last: &str) -> Option<Trouble> {
    let before = text.rsplit_once(last).map_or("", |(before, _)| before);
    let since = before
        .lines()
        .rev()
        .take_while(|line| !FINE.iter().any(|word| line.contains(word)));
    since
        .filter_map(|line| WORDS.iter().find(|(word, _)| line.contains(word)))
        .map(|(_, trouble)| *trouble)
        .find(|trouble| *trouble != Trouble::Ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_trouble_is_told_unless_it_works_again() {
        let check =
            |text: &str, expected: Option<Trouble>| assert_eq!(in_text(text), expected, "{text}");
        check("", None);
        check("[codex-bridge] [info] Initializing server...\n", None);
        check(
            "[codex-bridge] [error] spawn /a/codex-bridge-mcp ENOENT\n[codex-bridge] [error] Server disconnected.\n",
            Some(Trouble::NotFound),
        );
        check(
            "[error] spawn /a ENOENT\n[info] Server started and connected successfully\n",
            None,
        );
        check(
            "[error] spawn /a ENOENT\n[info] Initializing server...\n",
            None,
        );
        check(
            "[error] spawn /a ENOENT\n[info] Server started and connected successfully\n[info] Server transport closed unexpectedly\n",
            Some(Trouble::Ended),
        );
        check(
            "[error] Version negotiation failed: the connection closed during the server/discover probe\n",
            Some(Trouble::Protocol),
        );
        check(
            "[error] MCP error -32001: Request timed out\n",
            Some(Trouble::TimedOut),
        );
    }
}
