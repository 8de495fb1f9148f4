//! What a failed run means, from Codex's last words and its end.
//!
//! `codex exec` gives its reasons as text alone, and the text changes with versions: so the rules look for words,
//! and what none fits stays [`ErrorCode::CodexFailed`] with Codex's own sentence.

mod hints;
mod rules;
mod text;

use crate::adapters::codex::failure::rules::{MESSAGES, STDERR};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::run::Exit;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::platform::signal;

/// The longest sentence of Codex's that goes into a failure, in bytes.
const MAX_SENTENCE: usize = 1_000;

/// What is known of a run that failed.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The messages of `error` and `turn.failed` events, the oldest first.
    pub errors: &'a [Scrubbed],
    /// The end of standard error.
    pub stderr: &'a str,
    /// How the process ended, when it has.
    pub exit: Option<Exit>,
}

/// Says what went wrong. To be asked only about a turn that did not complete.
///
/// Standard error counts only where Codex reported nothing: good runs have errors there, too.
pub fn classify(evidence: &Evidence<'_>, scrubber: &Scrubber) -> Failure {
    let Finding { code, said, fact } = decide(evidence);
    let mut message = code.meaning().to_owned();
    if let Some(fact) = fact {
        message.push(' ');
        message.push_str(&fact);
    }
    let mut message = scrubber.scrub(&message);
    if !said.is_empty() {
        let mut sentence = scrubber.scrub(&said);
        if sentence.truncate(MAX_SENTENCE) > 0 {
            sentence = Scrubbed::concat(&[&sentence, &Scrubbed::literal("…")]);
        }
        let lead = Scrubbed::literal(" Codex says: ");
        message = Scrubbed::concat(&[&message, &lead, &sentence]);
    }
    let hint = scrubber.scrub(&hints::hint(code, &said));
    Failure {
        code,
        message,
        hint,
    }
}

/// What went wrong, in what Codex said of it, and in what the bridge saw itself.
#[derive(Debug)]
struct Finding {
    code: ErrorCode,
    said: String,
    fact: Option<String>,
}

fn decide(evidence: &Evidence<'_>) -> Finding {
    let killed = matches!(evidence.exit, Some(Exit::Signal(_)));
    if let Some(last) = evidence.errors.iter().rev().find(|e| !e.is_empty()) {
        let last = text::plain(last.as_str());
        let reason = text::without_reconnecting(&last);
        // Who is killed while it still tries did not fail for the reason why it tries again.
        if !(killed && reason.len() < last.len()) {
            return Finding {
                code: rules::find(MESSAGES, reason).unwrap_or(ErrorCode::CodexFailed),
                said: text::without_json(reason).trim().to_owned(),
                fact: None,
            };
        }
    }
    let stderr = text::plain(evidence.stderr);
    let lines = text::telling_lines(&stderr);
    if let Some((code, at)) = rules::find_line(STDERR, &lines) {
        return Finding {
            code,
            said: lines[at..]
                .iter()
                .take(2)
                .copied()
                .collect::<Vec<_>>()
                .join(" "),
            fact: None,
        };
    }
    let said = lines.last().copied().unwrap_or_default().to_owned();
    let (code, fact) = match evidence.exit {
        Some(Exit::Signal(signal)) => {
            let name = signal::name(signal);
            (ErrorCode::Crashed, format!("It was {name}."))
        }
        // Rust's own exit code after a panic.
        Some(Exit::Code(101)) => (ErrorCode::Crashed, "Its exit code was 101.".to_owned()),
        // clap's exit code for a command line that it does not know.
        Some(Exit::Code(2)) => (ErrorCode::Unsupported, "Its exit code was 2.".to_owned()),
        Some(Exit::Code(code)) if code == 0 || said.is_empty() => {
            (ErrorCode::NoResult, format!("Its exit code was {code}."))
        }
        Some(Exit::Code(code)) => (ErrorCode::CodexFailed, format!("Its exit code was {code}.")),
        None => (ErrorCode::NoResult, String::new()),
    };
    Finding {
        code,
        said,
        fact: Some(fact).filter(|fact| !fact.is_empty()),
    }
}

#[cfg(test)]
mod tests;
