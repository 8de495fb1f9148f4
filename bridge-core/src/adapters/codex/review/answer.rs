//! Reads a review from what the model answered, forgiving everything that models do to JSON.

use serde_json::{Map, Value};

use crate::adapters::codex::review::rendered;
use crate::domain::review::{
    Confidence, Finding, Lines, Opinion, Place, Severity, Verdict, VerdictWord,
};
use crate::domain::scrub::{Scrubbed, Scrubber};

/// The most findings of one answer that are kept.
const MOST_FINDINGS: usize = 500;
/// The longest title and path that are kept, in bytes.
const LONGEST_LINE: usize = 1024;
/// The longest body, fix and explanation that are kept, in bytes.
const LONGEST_TEXT: usize = 8 * 1024;
/// So many braces are tried for the beginning of the answer.
const MOST_TRIES: usize = 64;

/// Reads what the reviewer said: JSON, bare, in a fence or amid prose, else the text into which Codex itself turns a
/// review. `None` where it is neither.
pub fn read(text: &str, scrubber: &Scrubber) -> Option<Opinion> {
    match object_in(text) {
        Some(object) => Some(of_json(&object, scrubber)),
        None => rendered::read(text, scrubber),
    }
}

/// The first JSON object in a text that has findings or a verdict.
fn object_in(text: &str) -> Option<Map<String, Value>> {
    let is_answer = |object: &Map<String, Value>| {
        object.get("findings").is_some_and(Value::is_array)
            || object
                .get("overall_correctness")
                .is_some_and(Value::is_string)
    };
    let starts = text.match_indices('{').map(|(at, _)| at);
    starts.take(MOST_TRIES).find_map(|at| {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(object))) if is_answer(&object) => Some(object),
            _ => None,
        }
    })
}

fn of_json(object: &Map<String, Value>, scrubber: &Scrubber) -> Opinion {
    let none = Vec::new();
    let all = object
        .get("findings")
        .and_then(Value::as_array)
        .unwrap_or(&none);
    let findings: Vec<Finding> = all
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|finding| finding_of(finding, scrubber))
        .collect();
    let word = match text_of(object, &["overall_correctness"]) {
        Some("patch is correct" | "correct") => VerdictWord::Correct,
        Some("patch is incorrect" | "incorrect") => VerdictWord::NeedsWork,
        Some(_) | None => VerdictWord::Unknown,
    };
    let explanation = text_of(object, &["overall_explanation"]).unwrap_or_default();
    let verdict = Verdict {
        word,
        explanation: text(explanation, scrubber),
        confidence: confidence_of(object.get("overall_confidence_score")),
    };
    bounded(verdict, findings)
}

/// Puts an opinion together, with no more findings than are kept.
pub(super) fn bounded(verdict: Verdict, mut findings: Vec<Finding>) -> Opinion {
    let left_out = findings.len().saturating_sub(MOST_FINDINGS);
    findings.truncate(MOST_FINDINGS);
    Opinion {
        verdict,
        findings,
        findings_left_out: left_out as u64,
    }
}

/// What says nothing at all is no finding.
fn finding_of(object: &Map<String, Value>, scrubber: &Scrubber) -> Option<Finding> {
    let body = text_of(object, &["body", "description", "message"]).unwrap_or_default();
    let title = text_of(object, &["title"]).unwrap_or_default();
    let title = match title.trim() {
        "" => body.lines().next().unwrap_or_default().trim(),
        title => title,
    };
    if title.is_empty() {
        return None;
    }
    let (tagged, title) = untagged(title);
    let severity = object.get("priority").and_then(severity_of).or(tagged);
    let (file, lines) = location_of(object);
    Some(Finding {
        title: line(title, scrubber),
        body: text(body, scrubber),
        severity: severity.unwrap_or(Severity::Unrated),
        confidence: confidence_of(object.get("confidence_score")),
        place: Place::unchecked(path(file, scrubber), lines),
        suggested_fix: text_of(object, &["suggested_fix"])
            .filter(|fix| !fix.trim().is_empty())
            .map(|fix| text(fix, scrubber)),
        reports: 1,
    })
}

fn location_of(object: &Map<String, Value>) -> (&str, Option<Lines>) {
    const FILE: &[&str] = &["absolute_file_path", "file_path", "path", "file"];
    let location = object
        .get("code_location")
        .and_then(Value::as_object)
        .unwrap_or(object);
    let range = location
        .get("line_range")
        .and_then(Value::as_object)
        .unwrap_or(location);
    let number = |name| range.get(name).and_then(natural);
    let start = number("start").or_else(|| number("line"));
    let lines = start.and_then(|start| Lines::new(start, number("end").unwrap_or(start)));
    (text_of(location, FILE).unwrap_or_default(), lines)
}

/// Takes the tag off a title such as `[P1] Off by one`.
pub(super) fn untagged(title: &str) -> (Option<Severity>, &str) {
    let tagged = title.strip_prefix('[').and_then(|rest| {
        let (tag, rest) = rest.split_once(']')?;
        Some((severity_word(tag)?, rest.trim_start()))
    });
    match tagged {
        Some((severity, rest)) if !rest.is_empty() => (Some(severity), rest),
        Some(_) | None => (None, title),
    }
}

fn severity_of(value: &Value) -> Option<Severity> {
    match value {
        Value::Number(number) => Severity::of_priority(number.as_u64()?),
        Value::String(word) => severity_word(word),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `P1`, or `1`.
fn severity_word(word: &str) -> Option<Severity> {
    let digits = word.trim().trim_start_matches(['P', 'p']);
    Severity::of_priority(digits.parse().ok()?)
}

fn confidence_of(value: Option<&Value>) -> Option<Confidence> {
    Confidence::new(value?.as_f64()?)
}

fn natural(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok()
}

fn text_of<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(*name)?.as_str())
}

/// A text of one line.
pub(super) fn line(text: &str, scrubber: &Scrubber) -> Scrubbed {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(scrubber.scrub(&text), LONGEST_LINE)
}

/// A path, with whatever is in it.
pub(super) fn path(text: &str, scrubber: &Scrubber) -> Scrubbed {
    cut(scrubber.scrub(text), LONGEST_LINE)
}

/// A text of many lines.
pub(super) fn text(text: &str, scrubber: &Scrubber) -> Scrubbed {
    cut(scrubber.scrub(text.trim()), LONGEST_TEXT)
}

/// Cuts what was scrubbed whole, and says so.
fn cut(mut text: Scrubbed, most: usize) -> Scrubbed {
    if text.truncate(most) > 0 {
        text.push(&Scrubbed::literal(" […]"));
    }
    text
}
