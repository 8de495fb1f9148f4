//! Findings that say the same, made one.

use std::collections::BTreeSet;

use crate::domain::review::{Finding, Place, PlaceCheck};

/// Of two titles, so many of all words are the same where they say the same: in percent.
const ALIKE: usize = 50;

/// Makes one of those findings that are about the same file and lines and have much the same title. The more severe
/// one stays; what it lacks is taken from the other.
pub fn join(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<(Finding, BTreeSet<String>)> = Vec::new();
    for finding in findings {
        let words = words(finding.title.as_str());
        match kept
            .iter_mut()
            .find(|(other, theirs)| is_same(other, theirs, &finding, &words))
        {
            Some((other, theirs)) => {
                let joined = joined(other.clone(), finding);
                *theirs = self::words(joined.title.as_str());
                *other = joined;
            }
            None => kept.push((finding, words)),
        }
    }
    kept.into_iter().map(|(finding, _)| finding).collect()
}

fn is_same(
    one: &Finding,
    its_words: &BTreeSet<String>,
    other: &Finding,
    other_words: &BTreeSet<String>,
) -> bool {
    if one.place.file != other.place.file {
        return false;
    }
    match (one.place.lines, other.place.lines) {
        (Some(lines), Some(others)) => lines.overlap(others) && are_alike(its_words, other_words),
        // Without lines the title is all there is to go by.
        (None, _) | (_, None) => its_words == other_words,
    }
}

/// Whether at least half of the words of both are in both, or the shorter one is a part of the longer one.
fn are_alike(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    if one.is_empty() || other.is_empty() {
        return one == other;
    }
    let shared = one.intersection(other).count();
    let all = one.union(other).count();
    let shorter = one.len().min(other.len());
    shared * 100 >= all * ALIKE || (shorter >= 2 && shared == shorter)
}

/// What a title is made of, whatever its case and its marks.
fn words(title: &str) -> BTreeSet<String> {
    const SMALL: &[&str] = &[
        "a", "an", "the", "in", "of", "on", "to", "is", "for", "with", "and",
    ];
    title
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !SMALL.contains(&word.as_str()))
        .collect()
}

fn joined(one: Finding, other: Finding) -> Finding {
    let key = |finding: &Finding| (finding.severity, std::cmp::Reverse(finding.confidence));
    let (stays, goes) = if key(&other) < key(&one) {
        (other, one)
    } else {
        (one, other)
    };
    Finding {
        place: joined_place(stays.place, goes.place),
        confidence: stays.confidence.max(goes.confidence),
        suggested_fix: stays.suggested_fix.or(goes.suggested_fix),
        reports: stays.reports.saturating_add(goes.reports),
        body: if stays.body.is_empty() {
            goes.body
        } else {
            stays.body
        },
        ..stays
    }
}

fn joined_place(stays: Place, goes: Place) -> Place {
    let is_plain = |place: &Place| matches!(place.check, PlaceCheck::Verified { .. });
    match (stays.lines, goes.lines) {
        (Some(lines), Some(others)) if is_plain(&stays) && is_plain(&goes) => Place {
            lines: Some(lines.around(others)),
            ..stays
        },
        (None, Some(_)) => goes,
        (Some(_), _) | (None, None) => stays,
    }
}
