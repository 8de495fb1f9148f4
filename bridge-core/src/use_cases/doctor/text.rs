//! The report as a text to hand on: Markdown, without secrets, and never too long to paste.

use std::fmt::Write as _;

use crate::domain::run::Timestamp;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::doctor::{Finding, Level, Report};
use crate::use_cases::quota::moment;

/// The longest report, in bytes.
const LONGEST: usize = 24 * 1024;
/// The longest line of it.
const LONGEST_LINE: usize = 600;

/// The report as Markdown. `at` is when it was made.
pub(super) fn markdown(report: &Report, scrubber: &Scrubber, at: Timestamp) -> Scrubbed {
    let at = moment(at);
    let mut text = String::new();
    let line = |text: &mut String, words: &str| {
        let words = words.replace(['\n', '\r'], " ");
        let end = words.floor_char_boundary(LONGEST_LINE);
        let (shown, rest) = words.split_at(end);
        text.push_str(shown);
        if !rest.is_empty() {
            text.push('…');
        }
        text.push('\n');
    };
    line(&mut text, "# Codex Bridge: diagnostics");
    text.push('\n');
    let system = format!(
        "* Codex Bridge {}, {} {}, {at}",
        report.bridge_version,
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    line(&mut text, &system);
    match &report.codex {
        Some(codex) => {
            let what = format!(
                "* Codex {}, `{}`, from {}",
                codex.version, codex.path, codex.origin
            );
            line(&mut text, &what);
            line(&mut text, &format!("* login: {}", codex.login));
        }
        None => line(&mut text, "* no Codex that could be used"),
    }
    let counts = format!(
        "* {} allowed folders; {} runs under way, {} waiting",
        report.roots.len(),
        report.running,
        report.queued
    );
    line(&mut text, &counts);
    for (level, title) in [
        (Level::Fault, "Runs fail"),
        (Level::Warning, "To look at"),
        (Level::Ok, "Well"),
    ] {
        let these: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.level == level)
            .collect();
        if these.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {title}\n\n");
        for finding in these {
            line(&mut text, &format!("* `{}`: {}", finding.id, finding.what));
            if let Some(remedy) = &finding.remedy {
                line(&mut text, &format!("  * {remedy}"));
            }
        }
    }
    // Once more as a whole: what is harmless in pieces need not be so together.
    let mut text = scrubber.scrub(&text);
    if text.len() > LONGEST {
        let end = Scrubbed::literal("\n… (the rest was cut)\n");
        text.truncate(LONGEST - end.len());
        text.push(&end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: Vec<Finding>) -> Report {
        Report {
            bridge_version: "0.1.0",
            codex: None,
            roots: Vec::new(),
            quota: None,
            running: 1,
            queued: 0,
            findings,
        }
    }

    fn finding(level: Level, what: &str) -> Finding {
        let scrub = |text: &str| Scrubber::builtin().scrub(text);
        Finding {
            id: "roots",
            about: "roots",
            level,
            what: scrub(what),
            why: None,
            remedy: (level != Level::Ok).then(|| scrub("Choose another.")),
            action: None,
        }
    }

    #[test]
    fn what_is_worst_comes_first() {
        let findings = vec![
            finding(Level::Ok, "`/a` can be read"),
            finding(Level::Fault, "`/b`\nis gone"),
        ];
        let text = markdown(&report(findings), &Scrubber::builtin(), Timestamp(0));
        let text = text.as_str();
        assert!(
            text.contains(
                "\n## Runs fail\n\n* `roots`: `/b` is gone\n  * Choose another.\n\n## Well\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_report_is_bounded_and_says_so() {
        let findings = (0..500).map(|_| finding(Level::Warning, &"long ".repeat(200)));
        let text = markdown(
            &report(findings.collect()),
            &Scrubber::builtin(),
            Timestamp(0),
        );
        assert!(text.len() <= LONGEST);
        assert!(text.as_str().ends_with("(the rest was cut)\n"));
    }
}
