//! Keeps the steps and tells of them.

use std::time::{Duration, Instant};

use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::self_test::trouble::Trouble;
use crate::use_cases::self_test::{News, Seen, Step, StepName, StepState};

/// The steps so far.
pub(super) struct Log<'a, T: FnMut(News<'_>)> {
    scrubber: &'a Scrubber,
    tell: T,
    steps: Vec<Step>,
    began: Instant,
}

/// What a step yields, with the sentence that says what was seen.
pub(super) struct Done<T> {
    pub(super) value: T,
    pub(super) detail: String,
}

impl<'a, T: FnMut(News<'_>)> Log<'a, T> {
    pub(super) fn new(scrubber: &'a Scrubber, tell: T) -> Log<'a, T> {
        Log {
            scrubber,
            tell,
            steps: Vec::new(),
            began: Instant::now(),
        }
    }

    /// A step begins.
    pub(super) fn begin(&mut self, name: StepName) {
        self.began = Instant::now();
        let step = Step {
            name,
            state: StepState::Running,
            took: Duration::ZERO,
        };
        (self.tell)(News::Step(&step));
        self.steps.push(step);
    }

    /// The step that began last ends; what it yields is there only if it went well.
    pub(super) fn end<V>(&mut self, result: Result<Done<V>, Trouble>) -> Option<V> {
        let (state, value) = match result {
            Ok(done) => {
                let detail = self.scrubber.scrub(&done.detail);
                (StepState::Passed { detail }, Some(done.value))
            }
            Err(trouble) => {
                let failed = StepState::Failed {
                    what: self.scrubber.scrub(&trouble.chain()),
                    remedy: self.scrubber.scrub(&trouble.remedy()),
                };
                (failed, None)
            }
        };
        if let Some(step) = self.steps.last_mut() {
            step.state = state;
            step.took = self.began.elapsed();
            (self.tell)(News::Step(step));
        }
        value
    }

    /// Something happened in the delegated run.
    pub(super) fn saw(&mut self, seen: &Seen) {
        (self.tell)(News::Seen(seen));
    }

    /// Text that came over the wire.
    pub(super) fn scrub(&self, text: &str) -> Scrubbed {
        self.scrubber.scrub(text)
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

impl<T> Done<T> {
    pub(super) fn new(value: T, detail: impl Into<String>) -> Done<T> {
        Done {
            value,
            detail: detail.into(),
        }
    }
}
