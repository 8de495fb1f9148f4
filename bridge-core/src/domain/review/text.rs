//! A review as text for people: Markdown.

use crate::domain::review::{
    Confidence, Coverage, Finding, Opinion, PlaceCheck, Review, UncoveredWhy, Verdict, VerdictWord,
};

/// What the reviewer said of one part: the verdict, and each finding whole.
pub fn opinion_text(opinion: &Opinion) -> String {
    let mut text = verdict_line(&opinion.verdict);
    for finding in &opinion.findings {
        text.push_str(&format!("\n\n**{}**", headline(finding)));
        if !finding.body.is_empty() {
            text.push_str(&format!("\n\n{}", finding.body));
        }
        if let Some(fix) = &finding.suggested_fix {
            text.push_str(&format!("\n\nSuggested fix:\n\n{fix}"));
        }
    }
    text
}

/// A review in short: the verdict, a line for each finding, and what was not looked at.
pub fn review_text(review: &Review) -> String {
    let mut text = verdict_line(&review.verdict);
    if review.findings.is_empty() {
        text.push_str("\n\nNo findings.");
    } else {
        text.push_str(&format!(
            "\n\n{}:\n",
            count(review.findings.len(), "finding")
        ));
    }
    for (at, finding) in review.findings.iter().enumerate() {
        text.push_str(&format!("\n{}. {}", at + 1, headline(finding)));
        match &finding.place.check {
            PlaceCheck::Verified { .. } => {}
            PlaceCheck::Moved { .. } => text.push_str(" (the lines were past the file's end)"),
            PlaceCheck::Unverified { why } => text.push_str(&format!(" (unverified: {why})")),
        }
    }
    if review.findings_left_out > 0 {
        text.push_str(&format!(
            "\n\n{} more were too many to keep.",
            review.findings_left_out
        ));
    }
    if let Some(sentence) = coverage_text(&review.coverage) {
        text.push_str(&format!("\n\n{sentence}"));
    }
    text
}

/// How much of the change was looked at, unless that is all of it in one go.
pub fn coverage_text(coverage: &Coverage) -> Option<String> {
    let parts = coverage.parts.len();
    if coverage.is_complete() && parts <= 1 {
        return None;
    }
    let covered = coverage.covered();
    let files = usize::try_from(coverage.files).unwrap_or(usize::MAX);
    let mut text = format!("Looked at {covered} of {}", count(files, "file"));
    if parts > 1 {
        text.push_str(&format!(", in {parts} parts"));
    }
    text.push('.');
    let mut left_out = Vec::new();
    for why in UncoveredWhy::ALL {
        let uncovered = coverage.uncovered.iter();
        let number = uncovered.filter(|file| file.why == *why).count();
        left_out.push((number as u64, reason(*why)));
    }
    let unreached = parts_of(coverage, false);
    left_out.push((unreached, "not reached"));
    left_out.push((coverage.uncovered_left_out, "not named"));
    let left_out: Vec<String> = left_out
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, why)| format!("{number} ({why})"))
        .collect();
    if !left_out.is_empty() {
        text.push_str(&format!(" Left out: {}.", left_out.join(", ")));
    }
    Some(text)
}

fn parts_of(coverage: &Coverage, covered: bool) -> u64 {
    let parts = coverage.parts.iter();
    let parts = parts.filter(|part| part.result.is_covered() == covered);
    parts.map(|part| part.files.len() as u64).sum()
}

fn reason(why: UncoveredWhy) -> &'static str {
    match why {
        UncoveredWhy::Binary => "no text",
        UncoveredWhy::TooLarge => "too large for one part",
        UncoveredWhy::TooMany => "too many",
    }
}

fn verdict_line(verdict: &Verdict) -> String {
    let word = match verdict.word {
        VerdictWord::Correct => "The change is correct",
        VerdictWord::NeedsWork => "The change needs work",
        VerdictWord::Unknown => "No verdict",
    };
    let sure = verdict.confidence.map_or(String::new(), sure);
    match verdict.explanation.is_empty() {
        true => format!("**{word}**{sure}."),
        false => format!("**{word}**{sure}: {}", verdict.explanation),
    }
}

fn sure(confidence: Confidence) -> String {
    format!(" ({} % sure)", (confidence.per_mille() + 5) / 10)
}

fn headline(finding: &Finding) -> String {
    let place = &finding.place;
    let lines = place
        .lines
        .map_or(String::new(), |lines| match lines.start() == lines.end() {
            true => format!(":{}", lines.start()),
            false => format!(":{}-{}", lines.start(), lines.end()),
        });
    let severity = finding.severity.as_str();
    let place = match place.file.is_empty() {
        true => String::new(),
        false => format!(" – `{}{lines}`", place.file),
    };
    format!("[{severity}] {}{place}", finding.title)
}

/// `1 file`, `2 files`.
fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
