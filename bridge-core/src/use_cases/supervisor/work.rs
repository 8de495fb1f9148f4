//! What a run's Codex processes are told, one after another.

use crate::domain::scrub::Scrubber;
use crate::domain::task::Prompt;
use crate::use_cases::review::{ReviewWork, Reviewed, ReviewedState};
use crate::use_cases::supervisor::heard::Heard;

/// What there is to do.
pub(super) enum Work {
    /// One turn.
    Turn {
        /// What the model is told.
        prompt: Prompt,
    },
    /// The parts of a review.
    Review {
        /// The parts.
        parts: Box<ReviewWork>,
        /// What they are about, to look places up in.
        state: ReviewedState,
    },
}

impl Work {
    /// What the present process is told.
    pub(super) fn prompt(&self) -> &str {
        match self {
            Work::Turn { prompt } => prompt.as_str(),
            Work::Review { parts, .. } => parts.prompt(),
        }
    }

    /// Takes what the present process said, which has done its work.
    pub(super) fn done(&mut self, heard: &mut Heard) {
        match self {
            Work::Turn { .. } => {}
            Work::Review { parts, .. } => {
                parts.answered(heard.opinion.take(), heard.said.take());
            }
        }
    }

    /// Goes on to what the next process is told; `false` if there is no more to do.
    pub(super) fn next(&mut self) -> bool {
        match self {
            Work::Turn { .. } => false,
            Work::Review { parts, .. } => parts.next(),
        }
    }

    /// What is to be said before the present process begins.
    pub(super) fn notice(&self) -> Option<String> {
        match self {
            Work::Turn { .. } => None,
            Work::Review { parts, .. } => parts.notice(),
        }
    }

    /// The programs by which the repository changes contents, as far as it was looked at.
    pub(super) fn filters(&self) -> impl Iterator<Item = &str> {
        let filters = match self {
            Work::Turn { .. } => None,
            Work::Review { parts, .. } => Some(parts.filters()),
        };
        filters.into_iter().flatten()
    }

    /// Whether the answers are reviews.
    pub(super) fn is_review(&self) -> bool {
        matches!(self, Work::Review { .. })
    }

    /// What came of a review, whether or not all of its parts were done.
    pub(super) async fn finish(self, scrubber: &Scrubber) -> Option<Reviewed> {
        let Work::Review { parts, state } = self else {
            return None;
        };
        let existing = state.look_up(parts.wanted(scrubber)).await;
        Some(parts.finish(scrubber, &existing))
    }
}
