//! What a review found: a verdict, the findings, and which part of the change it looked at.

use std::cmp::Reverse;

use crate::domain::changes::ObjectId;
use crate::domain::scrub::Scrubbed;

mod join;
mod split;
mod text;

pub use join::join;
pub use split::{PartBounds, Size, Split, split};
pub use text::{coverage_text, opinion_text, review_text};

/// The result of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// What was reviewed.
    pub subject: Subject,
    /// What the reviewer thinks of the change as a whole.
    pub verdict: Verdict,
    /// The findings, most severe first; those that say the same are one.
    pub findings: Vec<Finding>,
    /// How many findings were too many to keep.
    pub findings_left_out: u64,
    /// Which part of the change was looked at.
    pub coverage: Coverage,
}

/// What the reviewer said of one part, as it was read. Nothing of it has been looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// What the reviewer thinks of it as a whole.
    pub verdict: Verdict,
    /// The findings, in the reviewer's order.
    pub findings: Vec<Finding>,
    /// How many findings were too many to keep.
    pub findings_left_out: u64,
}

/// What was reviewed, by its exact commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// In words, such as `the uncommitted changes`.
    pub what: Scrubbed,
    /// The commit before the change; `None` where it begins with nothing.
    pub before: Option<ObjectId>,
    /// The commit after the change; `None` for the files as they lie in the folder.
    pub after: Option<ObjectId>,
}

/// What the reviewer thinks of the change as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// In one word.
    pub word: VerdictWord,
    /// In a few sentences; empty where the reviewer gave none.
    pub explanation: Scrubbed,
    /// How sure the reviewer is.
    pub confidence: Option<Confidence>,
}

/// A verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictWord {
    /// The change breaks nothing and can stay as it is.
    Correct,
    /// Something has to be mended first.
    NeedsWork,
    /// The reviewer gave no verdict, or none that could be read.
    Unknown,
}

/// One thing that the reviewer would have mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// One line.
    pub title: Scrubbed,
    /// Why it is a problem, Markdown.
    pub body: Scrubbed,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the reviewer is.
    pub confidence: Option<Confidence>,
    /// Where it is.
    pub place: Place,
    /// What to write instead, where the reviewer knows it.
    pub suggested_fix: Option<Scrubbed>,
    /// How often it was reported; more than once means that others were joined with it.
    pub reports: u32,
}

/// How bad a finding is. Codex speaks of P0 to P3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// P0: drop everything and mend it.
    Critical,
    /// P1: urgent.
    High,
    /// P2: to be mended some time.
    Medium,
    /// P3: nice to have.
    Low,
    /// The reviewer did not say.
    Unrated,
}

/// How sure somebody is, from 0 to 1, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confidence(u16);

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the repository's top where it lies in it, else as the reviewer wrote it.
    pub file: Scrubbed,
    /// The lines; `None` where the finding is about the file as a whole.
    pub lines: Option<Lines>,
    /// Whether the place is really there.
    pub check: PlaceCheck,
}

/// Lines of a file, counted from 1, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lines {
    start: u32,
    end: u32,
}

/// Whether a place is really there, as the repository tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceCheck {
    /// The file exists and has these lines.
    Verified {
        /// Whether the file is one of those that the change touches.
        changed: bool,
    },
    /// The file exists and is shorter: the lines are the nearest that it has.
    Moved {
        /// The lines that the reviewer gave.
        said: Lines,
        /// Whether the file is one of those that the change touches.
        changed: bool,
    },
    /// The place can't be found.
    Unverified {
        /// Why.
        why: Scrubbed,
    },
}

/// Which part of a change was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many files the change has.
    pub files: u64,
    /// The parts in which they were given to the reviewer, in order.
    pub parts: Vec<Part>,
    /// Files that were not looked at; at most [`Coverage::MOST_NAMED`].
    pub uncovered: Vec<Uncovered>,
    /// How many more were not.
    pub uncovered_left_out: u64,
}

/// A part of a change, given to the reviewer in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its files.
    pub files: Vec<Scrubbed>,
    /// How it went.
    pub result: PartResult,
}

/// How the review of a part went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartResult {
    /// Its findings are among those of the review.
    Reviewed,
    /// The reviewer answered something that has no findings in a form that could be read.
    Unreadable,
    /// It was not reviewed: the run ended before.
    NotReached,
}

/// A file that was not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// The file.
    pub file: Scrubbed,
    /// Why.
    pub why: UncoveredWhy,
}

/// Why a file was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UncoveredWhy {
    /// It is no text.
    Binary,
    /// Its change alone is more than one part takes.
    TooLarge,
    /// There are more files than all parts together take.
    TooMany,
}

impl Coverage {
    /// The most files that are named as not looked at; the others are counted.
    pub const MOST_NAMED: usize = 1_000;

    /// How many files were looked at.
    pub fn covered(&self) -> u64 {
        let reviewed = self.parts.iter().filter(|part| part.result.is_covered());
        reviewed.map(|part| part.files.len() as u64).sum()
    }

    /// Whether an answer could not be read.
    pub fn is_unreadable(&self) -> bool {
        self.parts
            .iter()
            .any(|part| part.result == PartResult::Unreadable)
    }

    /// Whether every file was looked at.
    pub fn is_complete(&self) -> bool {
        self.covered() == self.files
    }
}

impl PartResult {
    /// All of them.
    pub const ALL: &'static [PartResult] = &[
        PartResult::Reviewed,
        PartResult::Unreadable,
        PartResult::NotReached,
    ];

    /// Whether the reviewer has looked at it.
    pub fn is_covered(self) -> bool {
        match self {
            PartResult::Reviewed | PartResult::Unreadable => true,
            PartResult::NotReached => false,
        }
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            PartResult::Reviewed => "reviewed",
            PartResult::Unreadable => "unreadable",
            PartResult::NotReached => "not_reached",
        }
    }
}

impl UncoveredWhy {
    /// All of them.
    pub const ALL: &'static [UncoveredWhy] = &[
        UncoveredWhy::Binary,
        UncoveredWhy::TooLarge,
        UncoveredWhy::TooMany,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            UncoveredWhy::Binary => "binary",
            UncoveredWhy::TooLarge => "too_large",
            UncoveredWhy::TooMany => "too_many",
        }
    }
}

impl VerdictWord {
    /// All of them.
    pub const ALL: &'static [VerdictWord] = &[
        VerdictWord::Correct,
        VerdictWord::NeedsWork,
        VerdictWord::Unknown,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            VerdictWord::Correct => "correct",
            VerdictWord::NeedsWork => "needs_work",
            VerdictWord::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// The verdict of somebody who gave none.
    pub fn unknown() -> Verdict {
        Verdict {
            word: VerdictWord::Unknown,
            explanation: Scrubbed::default(),
            confidence: None,
        }
    }
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: &'static [Severity] = &[
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Unrated,
    ];

    /// The severity that Codex means by a priority.
    pub fn of_priority(priority: u64) -> Option<Severity> {
        match priority {
            0 => Some(Severity::Critical),
            1 => Some(Severity::High),
            2 => Some(Severity::Medium),
            3 => Some(Severity::Low),
            _ => None,
        }
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::Unrated => "unrated",
        }
    }
}

impl Confidence {
    /// Takes what is from 0 to 1.
    pub fn new(share: f64) -> Option<Confidence> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is from 0 to 1000"
        )]
        (0.0..=1.0)
            .contains(&share)
            .then(|| Confidence((share * 1000.0).round() as u16))
    }

    /// The thousandths, as they are kept.
    pub fn per_mille(self) -> u16 {
        self.0
    }

    /// The share from 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// Reads back what [`Confidence::per_mille`] gave.
    pub fn of_per_mille(per_mille: u16) -> Option<Confidence> {
        (per_mille <= 1000).then_some(Confidence(per_mille))
    }
}

impl Lines {
    /// Takes two numbers, in whichever order. There is no line 0.
    pub fn new(one: u32, other: u32) -> Option<Lines> {
        let (start, end) = (one.min(other), one.max(other));
        (start > 0).then_some(Lines { start, end })
    }

    /// The first line.
    pub fn start(self) -> u32 {
        self.start
    }

    /// The last line.
    pub fn end(self) -> u32 {
        self.end
    }

    /// Whether they have a line in common.
    pub fn overlap(self, other: Lines) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// Those of them that a file of so many lines has, or the nearest. An empty file has one line to point at.
    pub fn within(self, count: u32) -> Lines {
        let last = count.max(1);
        Lines {
            start: self.start.min(last),
            end: self.end.min(last),
        }
    }

    fn around(self, other: Lines) -> Lines {
        Lines {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

impl Place {
    /// A place that nobody has looked at yet.
    pub fn unchecked(file: Scrubbed, lines: Option<Lines>) -> Place {
        Place {
            file,
            lines,
            check: PlaceCheck::Unverified {
                why: Scrubbed::literal("it was not looked for"),
            },
        }
    }
}

impl Verdict {
    /// The verdict on a whole, from those on its parts: one that needs work spoils all, one that is unknown leaves
    /// the whole unknown.
    pub fn of_parts(parts: Vec<Verdict>) -> Verdict {
        let has = |word| parts.iter().any(|part| part.word == word);
        let word = if has(VerdictWord::NeedsWork) {
            VerdictWord::NeedsWork
        } else if parts.is_empty() || has(VerdictWord::Unknown) {
            VerdictWord::Unknown
        } else {
            VerdictWord::Correct
        };
        let confidence = parts
            .iter()
            .filter(|part| part.word == word)
            .map(|part| part.confidence)
            .min()
            .flatten();
        let said: Vec<Scrubbed> = parts
            .into_iter()
            .map(|part| part.explanation)
            .filter(|explanation| !explanation.is_empty())
            .collect();
        Verdict {
            word,
            explanation: Scrubbed::join(&said, "\n\n"),
            confidence,
        }
    }
}

/// Puts findings in order: by severity, then by confidence, then by place.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.severity, Reverse(finding.confidence));
        let place = |finding: &Finding| (finding.place.file.clone(), finding.place.lines);
        key(a).cmp(&key(b)).then_with(|| place(a).cmp(&place(b)))
    });
}

#[cfg(test)]
mod tests;
