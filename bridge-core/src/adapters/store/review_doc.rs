//! The form in which the result of a review is kept.

use serde::{Deserialize, Serialize};

use crate::adapters::store::words::named;
use crate::domain::changes::ObjectId;
use crate::domain::review::{
    Confidence, Coverage, Finding, Lines, Part, PartResult, Place, PlaceCheck, Review, Severity,
    Subject, Uncovered, UncoveredWhy, Verdict, VerdictWord,
};
use crate::domain::scrub::Scrubbed;

/// The result of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReviewDoc {
    what: String,
    before: Option<String>,
    after: Option<String>,
    verdict: VerdictDoc,
    findings: Vec<FindingDoc>,
    findings_left_out: u64,
    files: u64,
    parts: Vec<PartDoc>,
    uncovered: Vec<(String, String)>,
    uncovered_left_out: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct VerdictDoc {
    word: String,
    explanation: String,
    confidence: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FindingDoc {
    title: String,
    body: String,
    severity: String,
    confidence: Option<u16>,
    file: String,
    lines: Option<(u32, u32)>,
    check: CheckDoc,
    suggested_fix: Option<String>,
    reports: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CheckDoc {
    Verified { changed: bool },
    Moved { said: (u32, u32), changed: bool },
    Unverified(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PartDoc {
    files: Vec<String>,
    result: String,
}

impl ReviewDoc {
    pub(super) fn of(review: &Review) -> ReviewDoc {
        let id = |id: &ObjectId| id.as_str().to_owned();
        let coverage = &review.coverage;
        ReviewDoc {
            what: text(&review.subject.what),
            before: review.subject.before.as_ref().map(id),
            after: review.subject.after.as_ref().map(id),
            verdict: VerdictDoc {
                word: review.verdict.word.as_str().to_owned(),
                explanation: text(&review.verdict.explanation),
                confidence: review.verdict.confidence.map(Confidence::per_mille),
            },
            findings: review.findings.iter().map(FindingDoc::of).collect(),
            findings_left_out: review.findings_left_out,
            files: coverage.files,
            parts: coverage.parts.iter().map(PartDoc::of).collect(),
            uncovered: (coverage.uncovered.iter())
                .map(|file| (text(&file.file), file.why.as_str().to_owned()))
                .collect(),
            uncovered_left_out: coverage.uncovered_left_out,
        }
    }

    /// The review; `None` where a word in it is of another version.
    pub(super) fn into_review(self) -> Option<Review> {
        let id = |id: Option<String>| match id {
            Some(id) => Some(Some(ObjectId::parse(&id)?)),
            None => Some(None),
        };
        let uncovered = |(file, why): (String, String)| {
            let why = named(UncoveredWhy::ALL, UncoveredWhy::as_str, &why)?;
            let file = Scrubbed::from_store(file);
            Some(Uncovered { file, why })
        };
        Some(Review {
            subject: Subject {
                what: Scrubbed::from_store(self.what),
                before: id(self.before)?,
                after: id(self.after)?,
            },
            verdict: Verdict {
                word: named(VerdictWord::ALL, VerdictWord::as_str, &self.verdict.word)?,
                explanation: Scrubbed::from_store(self.verdict.explanation),
                confidence: self.verdict.confidence.and_then(Confidence::of_per_mille),
            },
            findings: self
                .findings
                .into_iter()
                .map(FindingDoc::into_finding)
                .collect::<Option<_>>()?,
            findings_left_out: self.findings_left_out,
            coverage: Coverage {
                files: self.files,
                parts: (self.parts.into_iter())
                    .map(PartDoc::into_part)
                    .collect::<Option<_>>()?,
                uncovered: (self.uncovered.into_iter())
                    .map(uncovered)
                    .collect::<Option<_>>()?,
                uncovered_left_out: self.uncovered_left_out,
            },
        })
    }
}

impl FindingDoc {
    fn of(finding: &Finding) -> FindingDoc {
        FindingDoc {
            title: text(&finding.title),
            body: text(&finding.body),
            severity: finding.severity.as_str().to_owned(),
            confidence: finding.confidence.map(Confidence::per_mille),
            file: text(&finding.place.file),
            lines: finding.place.lines.map(pair),
            check: match &finding.place.check {
                PlaceCheck::Verified { changed } => CheckDoc::Verified { changed: *changed },
                PlaceCheck::Moved { said, changed } => CheckDoc::Moved {
                    said: pair(*said),
                    changed: *changed,
                },
                PlaceCheck::Unverified { why } => CheckDoc::Unverified(text(why)),
            },
            suggested_fix: finding.suggested_fix.as_ref().map(text),
            reports: finding.reports,
        }
    }

    fn into_finding(self) -> Option<Finding> {
        let check = match self.check {
            CheckDoc::Verified { changed } => PlaceCheck::Verified { changed },
            CheckDoc::Moved { said, changed } => PlaceCheck::Moved {
                said: Lines::new(said.0, said.1)?,
                changed,
            },
            CheckDoc::Unverified(why) => PlaceCheck::Unverified {
                why: Scrubbed::from_store(why),
            },
        };
        Some(Finding {
            title: Scrubbed::from_store(self.title),
            body: Scrubbed::from_store(self.body),
            severity: named(Severity::ALL, Severity::as_str, &self.severity)?,
            confidence: self.confidence.and_then(Confidence::of_per_mille),
            place: Place {
                file: Scrubbed::from_store(self.file),
                lines: self.lines.and_then(|(start, end)| Lines::new(start, end)),
                check,
            },
            suggested_fix: self.suggested_fix.map(Scrubbed::from_store),
            reports: self.reports,
        })
    }
}

impl PartDoc {
    fn of(part: &Part) -> PartDoc {
        PartDoc {
            files: part.files.iter().map(text).collect(),
            result: part.result.as_str().to_owned(),
        }
    }

    fn into_part(self) -> Option<Part> {
        Some(Part {
            files: self.files.into_iter().map(Scrubbed::from_store).collect(),
            result: named(PartResult::ALL, PartResult::as_str, &self.result)?,
        })
    }
}

fn pair(lines: Lines) -> (u32, u32) {
    (lines.start(), lines.end())
}

fn text(text: &Scrubbed) -> String {
    text.as_str().to_owned()
}
