//! A review as a person reads it: the verdict, a table of the findings, and what was not looked at.

use crate::domain::review::{
    Confidence, Finding, PlaceCheck, Review, Severity, VerdictWord, coverage_text,
};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::text;

/// Columns between two cells.
const GAP: usize = 2;
/// With less room than this for what a finding says, its place goes above it.
const NARROWEST: usize = 40;

/// The lines of a review.
pub(crate) fn lines(review: &Review, look: Look) -> Vec<String> {
    let mut lines = verdict(review, look);
    lines.push(String::new());
    if review.findings.is_empty() {
        lines.push(look.paint(Tone::Dim, "No findings."));
    } else {
        lines.extend(table(&review.findings, look));
    }
    if review.findings_left_out > 0 {
        let more = format!("{} more were too many to keep", review.findings_left_out);
        lines.push(look.paint(Tone::Warn, &more));
    }
    if let Some(sentence) = coverage_text(&review.coverage) {
        lines.push(String::new());
        let wrapped = text::wrap(&text::one_line(&sentence), look.width);
        lines.extend(wrapped.iter().map(|line| look.paint(Tone::Warn, line)));
    }
    lines
}

fn verdict(review: &Review, look: Look) -> Vec<String> {
    let verdict = &review.verdict;
    let (tone, word) = match verdict.word {
        VerdictWord::Correct => (Tone::Good, "The change is correct"),
        VerdictWord::NeedsWork => (Tone::Bad, "The change needs work"),
        VerdictWord::Unknown => (Tone::Warn, "There is no verdict"),
    };
    let sure = verdict.confidence.map_or(String::new(), sure);
    let mut lines = vec![look.paint(tone, &format!("{word}{sure}"))];
    let explanation = text::harmless(verdict.explanation.as_str());
    if !explanation.is_empty() {
        lines.extend(text::wrap(explanation.trim_end(), look.width));
    }
    lines
}

fn table(findings: &[Finding], look: Look) -> Vec<String> {
    let severities = findings
        .iter()
        .map(|finding| finding.severity.as_str().len());
    let severity = severities.chain(["SEVERITY".len()]).max().unwrap_or(0);
    let places: Vec<String> = findings.iter().map(place).collect();
    let longest = places.iter().map(|place| text::width(place)).max();
    let place = longest
        .unwrap_or(0)
        .clamp("PLACE".len(), (look.width / 3).max(8));
    let beside = look.width.saturating_sub(severity + place + 2 * GAP);
    let columns = Columns {
        look,
        severity,
        place: (beside >= NARROWEST).then_some(place),
    };
    let mut lines = Vec::new();
    if columns.place.is_some() {
        let cells = ["SEVERITY", "PLACE", "FINDING"];
        let painted = cells.map(|cell| (Tone::Dim, cell.to_owned()));
        lines.push(columns.row(painted));
    }
    for (finding, place) in findings.iter().zip(places) {
        lines.extend(columns.finding(finding, &place));
    }
    lines
}

struct Columns {
    look: Look,
    severity: usize,
    /// `None` where the place has a line of its own.
    place: Option<usize>,
}

impl Columns {
    fn indent(&self) -> usize {
        let place = self.place.map_or(0, |place| place + GAP);
        self.severity + GAP + place
    }

    /// What belongs in the last column, wrapped.
    fn wrapped(&self, words: &str) -> Vec<String> {
        text::wrap(words, self.look.width.saturating_sub(self.indent()).max(20))
    }

    fn row(&self, [severity, place, title]: [(Tone, String); 3]) -> String {
        let cell = |(tone, words): (Tone, String), width: usize| {
            let missing = width.saturating_sub(text::width(&words)) + GAP;
            format!("{}{}", self.look.paint(tone, &words), " ".repeat(missing))
        };
        let mut line = cell(severity, self.severity);
        if let Some(width) = self.place {
            line.push_str(&cell(place, width));
        }
        line.push_str(&self.look.paint(title.0, &title.1));
        line.trim_end().to_owned()
    }

    fn finding(&self, finding: &Finding, place: &str) -> Vec<String> {
        let tone = severity_tone(finding.severity);
        let mut titles = self
            .wrapped(&text::one_line(finding.title.as_str()))
            .into_iter();
        let room = self.place.unwrap_or(self.look.width);
        let shown = text::shorten_start(place, room);
        let first = [
            (tone, finding.severity.as_str().to_owned()),
            (Tone::Accent, shown.clone()),
            (Tone::Strong, titles.next().unwrap_or_default()),
        ];
        let mut lines = vec![self.row(first)];
        let indent = " ".repeat(self.indent());
        let mut below = |tone, words: Vec<String>| {
            let painted = words.iter().map(|line| self.look.paint(tone, line));
            lines.extend(painted.map(|line| format!("{indent}{line}").trim_end().to_owned()));
        };
        below(Tone::Strong, titles.collect());
        if self.place.is_none() {
            below(Tone::Accent, vec![shown]);
        }
        let body = text::harmless(finding.body.as_str());
        if !body.is_empty() {
            below(Tone::Plain, self.wrapped(body.trim_end()));
        }
        if let Some(fix) = &finding.suggested_fix {
            let fix = text::harmless(fix.as_str());
            below(Tone::Good, self.wrapped(&format!("→ {}", fix.trim_end())));
        }
        if let Some(note) = note(finding) {
            below(Tone::Warn, self.wrapped(&note));
        }
        lines
    }
}

fn place(finding: &Finding) -> String {
    let place = &finding.place;
    let file = text::one_line(place.file.as_str());
    match place.lines {
        Some(lines) if lines.start() == lines.end() => format!("{file}:{}", lines.start()),
        Some(lines) => format!("{file}:{}-{}", lines.start(), lines.end()),
        None => file,
    }
}

/// What has to be known of a finding besides what it says.
fn note(finding: &Finding) -> Option<String> {
    let mut notes = Vec::new();
    match &finding.place.check {
        PlaceCheck::Verified { .. } => {}
        PlaceCheck::Moved { said, .. } => notes.push(format!(
            "it was said to be in lines {} to {}, which the file has not",
            said.start(),
            said.end()
        )),
        PlaceCheck::Unverified { why } => {
            notes.push(format!("unverified: {}", text::one_line(why.as_str())));
        }
    }
    if finding.reports > 1 {
        notes.push(format!("reported {} times", finding.reports));
    }
    (!notes.is_empty()).then(|| format!("! {}", notes.join("; ")))
}

fn severity_tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium => Tone::Warn,
        Severity::Low | Severity::Unrated => Tone::Dim,
    }
}

fn sure(confidence: Confidence) -> String {
    format!(" ({} % sure)", (confidence.per_mille() + 5) / 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::wire::samples;

    #[test]
    fn a_review_is_a_verdict_and_a_table() {
        let shown = lines(&samples::review(), Look::plain(80)).join("\n");
        assert_eq!(shown, WIDE.trim());
    }

    #[test]
    fn in_a_narrow_window_the_place_goes_below_the_title() {
        let shown = lines(&samples::review(), Look::plain(60)).join("\n");
        assert!(
            shown.contains("\nhigh      Loop reads past the end\n          src/cart.rs:12-14\n"),
            "{shown}"
        );
    }

    #[test]
    fn what_hides_in_a_finding_is_made_harmless() {
        let mut review = samples::review();
        review.findings[0].title = samples::scrubbed("a\u{1b}[31m\u{202e}b");
        let shown = lines(&review, Look::plain(80)).join("\n");
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    }

    const WIDE: &str = "
The change needs work (75 % sure)
One bug.

SEVERITY  PLACE                FINDING
high      src/cart.rs:12-14    Loop reads past the end
                               With an empty list it reads past the end.
                               → for i in 0..n
                               ! reported 2 times
low       src/total.rs:12-14   Total is never reset
                               With an empty list it reads past the end.
                               ! it was said to be in lines 90 to 91, which the
                               file has not
unrated   tests/none.rs:12-14  Test is missing
                               With an empty list it reads past the end.
                               ! unverified: there is no such file

Looked at 2 of 3 files. Left out: 1 (no text).
";
}
