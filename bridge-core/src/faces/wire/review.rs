//! What a review found, on the wire.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::domain::changes::ObjectId;
use crate::domain::review::{
    Confidence, Coverage, Finding, Lines, Part, PartResult, PlaceCheck, Review, Severity,
    Uncovered, UncoveredWhy, VerdictWord,
};
use crate::domain::scrub::Scrubbed;
use crate::faces::wire::text::{abridge, is_zero, owned};
use crate::use_cases::review::Code;

/// Which findings of a review are wanted, and how much of its lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewWindow {
    /// So many findings are passed over.
    pub offset: u64,
    /// At most so many findings.
    pub count: usize,
    /// At most so many files that were not looked at.
    pub uncovered: usize,
}

impl ReviewWindow {
    /// Everything.
    pub const WHOLE: ReviewWindow = ReviewWindow {
        offset: 0,
        count: usize::MAX,
        uncovered: usize::MAX,
    };
}

/// What a review found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewDto {
    /// What the reviewer thinks of the change as a whole. `unknown` if it gave no verdict, or none that could be read.
    pub verdict: VerdictDto,
    /// Why.
    pub explanation: String,
    /// How sure the reviewer is, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<ShareDto>,
    /// What was reviewed, in words.
    pub subject: String,
    /// The commit before the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The commit after the change; absent for the files as they lie in the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many findings there are to read, the worst first.
    pub findings_total: u64,
    /// How many more were too many to keep.
    #[serde(skip_serializing_if = "is_zero")]
    pub findings_left_out: u64,
    /// The findings from `findings_offset` on, as many as fit.
    pub findings: Vec<FindingDto>,
    /// How many findings come before these.
    pub findings_offset: u64,
    /// The `findings_offset` to read on with; null at the end.
    pub findings_next_offset: Option<u64>,
    /// Which part of the change was looked at.
    pub coverage: CoverageDto,
}

/// One thing that the reviewer would have mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingDto {
    /// How bad it is: Codex's P0 to P3, `unrated` if it did not say.
    pub severity: SeverityDto,
    /// One line.
    pub title: String,
    /// The file, relative to the repository's top.
    pub file: String,
    /// The first line; absent where the finding is about the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_line: Option<u32>,
    /// The last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// Whether the file and its lines are really there: `verified`; `moved` to the nearest lines that the file has; or
    /// `unverified`.
    pub place: PlaceDto,
    /// What is wrong with the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_note: Option<String>,
    /// Whether the file is one of those that the change touches.
    pub in_change: bool,
    /// How sure the reviewer is, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<ShareDto>,
    /// Why it is a problem, Markdown.
    pub body: String,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested_fix: Option<String>,
    /// How often it was reported: more than 1 if duplicates were joined.
    pub reports: u32,
}

/// The lines that the findings of a review speak of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewCodeDto {
    /// The lines of each finding whose place is there.
    pub code: Vec<CodeDto>,
}

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodeDto {
    /// Of which finding, counted from 0 over all findings.
    pub finding: u64,
    /// The number of the first line.
    pub start_line: u32,
    /// The lines, without secrets.
    pub text: String,
}

impl From<Vec<Code>> for ReviewCodeDto {
    fn from(code: Vec<Code>) -> ReviewCodeDto {
        let one = |code: Code| CodeDto {
            finding: code.finding as u64,
            start_line: code.start,
            text: code.text.as_str().to_owned(),
        };
        ReviewCodeDto {
            code: code.into_iter().map(one).collect(),
        }
    }
}

/// Which part of a change was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CoverageDto {
    /// How many files the change has.
    pub files: u64,
    /// How many of them were looked at.
    pub covered: u64,
    /// Whether that is all of them.
    pub complete: bool,
    /// The parts in which the change was reviewed, one after another; more than one for a large change.
    pub parts: Vec<PartDto>,
    /// The first of the files that were not looked at, and why.
    pub uncovered: Vec<UncoveredDto>,
    /// How many more were not.
    #[serde(skip_serializing_if = "is_zero")]
    pub uncovered_more: u64,
}

/// A part of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PartDto {
    /// How many files it has.
    pub files: u64,
    /// How it went.
    pub result: PartResultDto,
}

/// A file that was not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UncoveredDto {
    /// The file.
    pub file: String,
    /// Why.
    pub why: UncoveredWhyDto,
}

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareDto(Confidence);

impl Serialize for ShareDto {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.share())
    }
}

impl JsonSchema for ShareDto {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident from $domain:ident { $($(#[doc = $of:literal])+ $word:ident,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[doc = $of])+ $word,)+ }

        impl From<$domain> for $name {
            fn from(word: $domain) -> $name {
                match word { $($domain::$word => $name::$word,)+ }
            }
        }
    };
}

words! {
    /// A verdict in one word.
    VerdictDto from VerdictWord {
        /// The change breaks nothing and can stay as it is.
        Correct,
        /// Something has to be mended first.
        NeedsWork,
        /// There is no verdict that could be read.
        Unknown,
    }
}

words! {
    /// How bad a finding is.
    SeverityDto from Severity {
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
}

words! {
    /// How the review of a part went.
    PartResultDto from PartResult {
        /// Its findings are here.
        Reviewed,
        /// The answer could not be read; it is in `message` as it came.
        Unreadable,
        /// The run ended before.
        NotReached,
    }
}

words! {
    /// Why a file was not looked at.
    UncoveredWhyDto from UncoveredWhy {
        /// It is no text.
        Binary,
        /// Its change alone is more than one part takes.
        TooLarge,
        /// There are more files than all parts together take.
        TooMany,
    }
}

/// Whether a place is really there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceDto {
    /// The file exists and has these lines.
    Verified,
    /// The file is shorter: these are the nearest lines.
    Moved,
    /// The place can't be found.
    Unverified,
}

impl ReviewDto {
    /// The part of a review that is in this window.
    pub fn new(review: &Review, window: ReviewWindow) -> ReviewDto {
        let all = review.findings.len();
        let start = usize::try_from(window.offset).unwrap_or(all).min(all);
        let end = start.saturating_add(window.count).min(all);
        let id = |id: &Option<ObjectId>| id.as_ref().map(|id| id.as_str().to_owned());
        ReviewDto {
            verdict: review.verdict.word.into(),
            explanation: review.verdict.explanation.as_str().to_owned(),
            confidence: review.verdict.confidence.map(ShareDto),
            subject: review.subject.what.as_str().to_owned(),
            before: id(&review.subject.before),
            after: id(&review.subject.after),
            findings_total: all as u64,
            findings_left_out: review.findings_left_out,
            findings: review.findings[start..end].iter().map(Into::into).collect(),
            findings_offset: start as u64,
            findings_next_offset: (end < all).then_some(end as u64),
            coverage: CoverageDto::new(&review.coverage, window.uncovered),
        }
    }

    /// Keeps each text beside the findings below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        abridge(&mut self.explanation, max);
        abridge(&mut self.subject, max);
        for uncovered in &mut self.coverage.uncovered {
            abridge(&mut uncovered.file, max);
        }
    }
}

impl FindingDto {
    /// Keeps each text below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        let texts = [&mut self.title, &mut self.file, &mut self.body];
        let maybe = [&mut self.place_note, &mut self.suggested_fix];
        for text in texts.into_iter().chain(maybe.into_iter().flatten()) {
            abridge(text, max);
        }
    }
}

impl From<&Finding> for FindingDto {
    fn from(finding: &Finding) -> FindingDto {
        let place = &finding.place;
        let (check, note, in_change) = match &place.check {
            PlaceCheck::Verified { changed } => (PlaceDto::Verified, None, *changed),
            PlaceCheck::Moved { said, changed } => {
                let (start, end) = (said.start(), said.end());
                let note =
                    format!("the reviewer gave lines {start} to {end}, which the file has not");
                (PlaceDto::Moved, Some(note), *changed)
            }
            PlaceCheck::Unverified { why } => (PlaceDto::Unverified, owned(Some(why)), false),
        };
        FindingDto {
            severity: finding.severity.into(),
            title: finding.title.as_str().to_owned(),
            file: place.file.as_str().to_owned(),
            start_line: place.lines.map(Lines::start),
            end_line: place.lines.map(Lines::end),
            place: check,
            place_note: note,
            in_change,
            confidence: finding.confidence.map(ShareDto),
            body: finding.body.as_str().to_owned(),
            suggested_fix: finding.suggested_fix.as_ref().map(Scrubbed::to_string),
            reports: finding.reports,
        }
    }
}

impl CoverageDto {
    fn new(coverage: &Coverage, most: usize) -> CoverageDto {
        let hidden = coverage.uncovered.len().saturating_sub(most) as u64;
        CoverageDto {
            files: coverage.files,
            covered: coverage.covered(),
            complete: coverage.is_complete(),
            parts: coverage.parts.iter().map(Into::into).collect(),
            uncovered: (coverage.uncovered.iter())
                .take(most)
                .map(Into::into)
                .collect(),
            uncovered_more: coverage.uncovered_left_out + hidden,
        }
    }
}

impl From<&Part> for PartDto {
    fn from(part: &Part) -> PartDto {
        PartDto {
            files: part.files.len() as u64,
            result: part.result.into(),
        }
    }
}

impl From<&Uncovered> for UncoveredDto {
    fn from(uncovered: &Uncovered) -> UncoveredDto {
        UncoveredDto {
            file: uncovered.file.as_str().to_owned(),
            why: uncovered.why.into(),
        }
    }
}

#[cfg(test)]
mod tests;
