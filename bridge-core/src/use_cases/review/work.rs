//! The parts of a review, one after another, and what comes of them.

use std::collections::BTreeSet;

use crate::adapters::codex::review::{Brief, BriefFile, review_prompt};
use crate::domain::changes::RepoPath;
use crate::domain::review::{
    self, Coverage, Opinion, Part, PartBounds, PartResult, Review, Split, Subject, Uncovered,
    UncoveredWhy, Verdict,
};
use crate::domain::run::Message;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::task::Prompt;
use crate::use_cases::review::{Change, ExistingByPath, places};

/// The most findings of a review that are kept.
const MOST_FINDINGS: usize = 1_000;

/// A review that is under way.
#[derive(Debug)]
pub(crate) struct ReviewWork {
    change: Change,
    instructions: Option<Prompt>,
    split: Split,
    /// What was answered so far, part by part.
    answers: Vec<Answer>,
    /// What the reviewer of the present part is told.
    prompt: String,
}

/// What the reviewer of one part said.
#[derive(Debug)]
enum Answer {
    Read(Opinion),
    /// Something in which no findings could be read.
    Unreadable(Message),
}

/// What came of a review.
#[derive(Debug)]
pub(crate) struct Reviewed {
    pub(crate) review: Review,
    /// The same in words; where an answer could not be read, that answer.
    pub(crate) message: Scrubbed,
}

impl ReviewWork {
    /// Splits the change into parts. `None` if there is nothing in it that could be reviewed.
    pub(crate) fn new(
        change: Change,
        instructions: Option<Prompt>,
        bounds: PartBounds,
    ) -> Option<ReviewWork> {
        let sizes: Vec<_> = change.files.iter().map(|file| file.size).collect();
        let split = review::split(&sizes, bounds);
        if split.parts.is_empty() {
            return None;
        }
        let mut work = ReviewWork {
            change,
            instructions,
            split,
            answers: Vec::new(),
            prompt: String::new(),
        };
        work.prompt = work.written_prompt();
        Some(work)
    }

    /// The programs by which the repository changes contents, by name.
    pub(crate) fn filters(&self) -> impl Iterator<Item = &str> {
        self.change.filters.iter().map(String::as_str)
    }

    /// What the reviewer of the present part is told.
    pub(crate) fn prompt(&self) -> &str {
        &self.prompt
    }

    /// The reviewer of the present part is done, and this is what could be read of its answer, and its last word.
    pub(crate) fn answered(&mut self, opinion: Option<Opinion>, said: Option<Message>) {
        let silence = Message {
            text: Scrubbed::default(),
            left_out: 0,
        };
        self.answers.push(match opinion {
            Some(opinion) => Answer::Read(opinion),
            None => Answer::Unreadable(said.unwrap_or(silence)),
        });
    }

    /// Goes on to the next part; `false` if all were answered.
    pub(crate) fn next(&mut self) -> bool {
        if self.answers.len() >= self.split.parts.len() {
            return false;
        }
        self.prompt = self.written_prompt();
        true
    }

    /// What is to be said before the present part, where there are several.
    pub(crate) fn notice(&self) -> Option<String> {
        let part = self.answers.len();
        let parts = self.split.parts.len();
        let files = |part: usize| self.split.parts.get(part).map_or(0, Vec::len);
        if part > 0 {
            let (part, files) = (part + 1, files(part));
            return Some(format!("part {part} of {parts}: {files} files"));
        }
        let uncovered = self.split.uncovered.len();
        if parts == 1 && uncovered == 0 {
            return None;
        }
        let all = self.change.files.len();
        let how = match parts {
            1 => "in one go".to_owned(),
            parts => format!("in {parts} parts, the first of {} files", files(0)),
        };
        Some(format!(
            "{} of {all} files are reviewed, {how}{}",
            all - uncovered,
            self.left_out_sentence()
        ))
    }

    fn left_out_sentence(&self) -> String {
        let count = |why| {
            let uncovered = self.split.uncovered.iter();
            uncovered.filter(|(_, reason)| *reason == why).count()
        };
        let reasons = [
            (count(UncoveredWhy::Binary), "are no text"),
            (count(UncoveredWhy::TooLarge), "are too large"),
            (count(UncoveredWhy::TooMany), "are too many"),
        ];
        let reasons: Vec<String> = reasons
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match reasons.is_empty() {
            true => String::new(),
            false => format!("; left out: {}", reasons.join(", ")),
        }
    }

    fn written_prompt(&self) -> String {
        let part = self.answers.len();
        let change = &self.change;
        let places = self.split.parts.get(part).map_or(&[][..], Vec::as_slice);
        let files: Vec<BriefFile<'_>> = places
            .iter()
            .filter_map(|at| change.files.get(*at))
            .map(|file| BriefFile {
                path: &file.path,
                change: file.change,
                lines: file.lines,
            })
            .collect();
        review_prompt(&Brief {
            what: &change.what,
            top: &change.top,
            before: change.before.as_ref(),
            after: change.after.as_ref(),
            files: &files,
            part: (part + 1, self.split.parts.len()),
            instructions: self.instructions.as_ref().map(Prompt::as_str),
        })
    }

    /// The paths that have to be looked up in the state that was reviewed.
    pub(crate) fn wanted(&self, scrubber: &Scrubber) -> BTreeSet<RepoPath> {
        let opinions = self.answers.iter().filter_map(|answer| match answer {
            Answer::Read(opinion) => Some(opinion),
            Answer::Unreadable(_) => None,
        });
        let findings = opinions.flat_map(|opinion| &opinion.findings);
        places::wanted(findings, &self.change, scrubber)
    }

    /// Puts together what all parts gave, with what is at the paths of their findings.
    pub(crate) fn finish(self, scrubber: &Scrubber, existing: &ExistingByPath) -> Reviewed {
        let coverage = self.coverage(scrubber);
        let mut verdicts = Vec::new();
        let mut findings = Vec::new();
        let mut left_out = 0;
        let mut unreadable = Vec::new();
        for (part, answer) in self.answers.into_iter().enumerate() {
            match answer {
                Answer::Read(opinion) => {
                    verdicts.push(opinion.verdict);
                    findings.extend(opinion.findings);
                    left_out += opinion.findings_left_out;
                }
                Answer::Unreadable(said) => {
                    verdicts.push(Verdict::unknown());
                    unreadable.push((part, said));
                }
            }
        }
        places::check(&mut findings, &self.change, scrubber, existing);
        let mut findings = review::join(findings);
        review::sort(&mut findings);
        left_out += findings.len().saturating_sub(MOST_FINDINGS) as u64;
        findings.truncate(MOST_FINDINGS);
        let parts = coverage.parts.len();
        // What was not looked at can't be correct.
        verdicts.resize_with(parts, Verdict::unknown);
        let review = Review {
            subject: Subject {
                what: scrubber.scrub(&self.change.what),
                before: self.change.before,
                after: self.change.after,
            },
            verdict: Verdict::of_parts(verdicts),
            findings,
            findings_left_out: left_out,
            coverage,
        };
        let message = message(&review, unreadable, parts, scrubber);
        Reviewed { review, message }
    }

    fn coverage(&self, scrubber: &Scrubber) -> Coverage {
        let name = |at: usize| {
            let file = self.change.files.get(at)?;
            Some(scrubber.scrub(&file.path.to_text()))
        };
        let parts = self.split.parts.iter().enumerate().map(|(part, places)| {
            let result = match self.answers.get(part) {
                Some(Answer::Read(_)) => PartResult::Reviewed,
                Some(Answer::Unreadable(_)) => PartResult::Unreadable,
                None => PartResult::NotReached,
            };
            Part {
                files: places.iter().copied().filter_map(name).collect(),
                result,
            }
        });
        // Those with a reason of their own come first; the others are the many.
        let (many, own): (Vec<_>, Vec<_>) = (self.split.uncovered.iter().copied())
            .partition(|(_, why)| *why == UncoveredWhy::TooMany);
        let uncovered = own.into_iter().chain(many);
        let uncovered = uncovered.take(Coverage::MOST_NAMED);
        let all = self.split.uncovered.len();
        Coverage {
            files: self.change.files.len() as u64,
            parts: parts.collect(),
            uncovered: uncovered
                .filter_map(|(at, why)| {
                    let file = name(at)?;
                    Some(Uncovered { file, why })
                })
                .collect(),
            uncovered_left_out: all.saturating_sub(Coverage::MOST_NAMED) as u64,
        }
    }
}

/// The review in words. An answer that could not be read is kept as it came.
fn message(
    review: &Review,
    unreadable: Vec<(usize, Message)>,
    parts: usize,
    scrubber: &Scrubber,
) -> Scrubbed {
    let mut text = scrubber.scrub(&review::review_text(review));
    for (part, said) in unreadable {
        let lead = match parts {
            1 => "The reviewer's answer could not be read as findings. It says:".to_owned(),
            _ => format!(
                "The answer for part {} could not be read as findings. It says:",
                part + 1
            ),
        };
        text.push(&scrubber.scrub(&format!("\n\n{lead}\n\n")));
        text.push(&said.text);
    }
    text
}

#[cfg(test)]
mod tests;
