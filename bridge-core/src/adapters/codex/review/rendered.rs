//! Reads the text into which Codex turns the findings of its reviewer, and into which a model may turn its own:
//!
//! ```text
//! One bug.
//!
//! Review comment:
//!
//! - [P1] Off by one — /home/me/shop/src/cart.rs:2-3
//!   It reads past the end.
//! ```

use crate::adapters::codex::review::answer::{bounded, line, path, text, untagged};
use crate::domain::review::{Finding, Lines, Opinion, Place, Severity, Verdict};
use crate::domain::scrub::{Scrubbed, Scrubber};

/// What comes before one finding, and before several.
const HEADINGS: [&str; 2] = ["Review comment:", "Full review comments:"];
/// What Codex puts between the title and the place.
const BETWEEN: &str = " — ";

/// Reads a review in that form; `None` where no line of it is a finding. The form has no verdict.
pub(super) fn read(whole: &str, scrubber: &Scrubber) -> Option<Opinion> {
    let mut before: Vec<&str> = Vec::new();
    let mut findings: Vec<(Finding, Vec<&str>)> = Vec::new();
    for row in whole.lines() {
        if let Some(finding) = headline(row, scrubber) {
            findings.push((finding, Vec::new()));
        } else if let Some((_, body)) = findings.last_mut() {
            body.push(row.strip_prefix("  ").unwrap_or(row));
        } else if !HEADINGS.contains(&row.trim()) {
            before.push(row);
        }
    }
    if findings.is_empty() {
        return None;
    }
    let findings = findings
        .into_iter()
        .map(|(finding, body)| Finding {
            body: text(&body.join("\n"), scrubber),
            ..finding
        })
        .collect();
    let verdict = Verdict {
        explanation: text(&before.join("\n"), scrubber),
        ..Verdict::unknown()
    };
    Some(bounded(verdict, findings))
}

/// A line such as `- [P1] Title — path:2-3`; the ticked boxes that one version knew are left out.
fn headline(row: &str, scrubber: &Scrubber) -> Option<Finding> {
    let item = row.strip_prefix("- ")?;
    let item = ["[x] ", "[ ] "]
        .iter()
        .find_map(|tick| item.strip_prefix(tick))
        .unwrap_or(item);
    let (title, place) = item.rsplit_once(BETWEEN)?;
    let (file, range) = place.trim().rsplit_once(':')?;
    let (start, end) = range.split_once('-').unwrap_or((range, range));
    let lines = Lines::new(start.parse().ok()?, end.parse().ok()?);
    let (severity, title) = untagged(title.trim());
    if title.is_empty() {
        return None;
    }
    Some(Finding {
        title: line(title, scrubber),
        body: Scrubbed::default(),
        severity: severity.unwrap_or(Severity::Unrated),
        confidence: None,
        place: Place::unchecked(path(file, scrubber), lines),
        suggested_fix: None,
        reports: 1,
    })
}
