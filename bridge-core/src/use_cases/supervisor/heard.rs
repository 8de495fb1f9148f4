//! What was heard of Codex so far, and whether it speaks of the thread that it was to go on with. Pure.

use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::ThreadId;
use crate::domain::quota::Window;
use crate::domain::review::Opinion;
use crate::domain::run::{Message, Usage};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::platform::clock::Moment;

/// What was heard of Codex so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The thread that it was to go on with.
    expected: Option<ThreadId>,
    /// The thread in which it works.
    pub(super) thread: Option<ThreadId>,
    /// It told its thread since this was last asked.
    pub(super) thread_began: bool,
    /// It works in a thread that is not this run's. Nothing that it says from then on counts.
    astray: bool,
    pub(super) completed: bool,
    /// The model's last word.
    pub(super) said: Option<Message>,
    /// What could be read of a reviewer's answer.
    pub(super) opinion: Option<Opinion>,
    /// What it cost.
    pub(super) usage: Usage,
    pub(super) failed: Option<Failure>,
    pub(super) errors: Vec<Scrubbed>,
    pub(super) stderr: String,
    /// What Codex told of the account's limits.
    pub(super) limits: Option<Vec<Window>>,
    pub(super) last_progress: Option<Moment>,
    /// A command began since this was last asked.
    pub(super) command_began: bool,
}

impl Heard {
    /// Another process begins, of which the same is wanted.
    pub(super) fn again(&self) -> Heard {
        Heard {
            expected: self.expected.clone(),
            limits: self.limits.clone(),
            ..Heard::default()
        }
    }

    /// It has to go on with this thread.
    pub(super) fn expect(&mut self, thread: ThreadId) {
        self.expected = Some(thread);
    }

    /// It has told its thread. A new one is never taken for the old one.
    pub(super) fn thread_started(&mut self, thread: ThreadId, scrubber: &Scrubber) {
        match &self.expected {
            Some(expected) if *expected != thread => {
                let message = format!(
                    "Codex opened the session {thread} instead of going on with {expected}"
                );
                self.stray(wrong_thread(&message, scrubber));
            }
            _ => {
                self.thread = Some(thread);
                self.thread_began = true;
            }
        }
    }

    /// The thread in which it works is not this run's, for this reason.
    pub(super) fn stray(&mut self, why: Failure) {
        self.astray = true;
        self.failed = Some(why);
    }

    /// Whether it works in a thread that is not this run's.
    pub(super) fn is_astray(&self) -> bool {
        self.astray
    }

    /// Whether it has done its work, or as much of it as counts.
    pub(super) fn has_answered(&self) -> bool {
        self.opinion.is_some() || (self.completed && self.failed.is_none())
    }

    /// It works. If it has to go on with a thread, it has to have named it by now.
    pub(super) fn has_to_have_told(&mut self, scrubber: &Scrubber) {
        if let Some(expected) = &self.expected
            && self.thread.is_none()
        {
            let message = format!("Codex did not say that it goes on with the session {expected}");
            self.stray(wrong_thread(&message, scrubber));
        }
    }
}

/// What a run says whose thread is another run's.
pub(super) fn thread_taken(thread: &ThreadId, scrubber: &Scrubber) -> Failure {
    Failure {
        code: ErrorCode::ThreadBusy,
        message: scrubber.scrub(&format!("another run works in the session {thread}")),
        hint: Scrubbed::literal("Wait until that run has ended, then start this one again."),
    }
}

fn wrong_thread(message: &str, scrubber: &Scrubber) -> Failure {
    Failure {
        code: ErrorCode::WrongThread,
        message: scrubber.scrub(message),
        hint: Scrubbed::literal(
            "Look at the working folder for what it may have done meanwhile. Start a new task, or update Codex and try \
             again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREAD: &str = "01a20356-e3eb-7f92-962b-08a749c63f25";
    const OTHER: &str = "01a20356-e3eb-7f92-962b-000000000000";

    fn check(expected: Option<&str>, told: Option<&str>, code: Option<ErrorCode>) {
        let parse = |text| ThreadId::parse(text).unwrap();
        let scrubber = Scrubber::builtin();
        let mut heard = Heard::default();
        if let Some(thread) = expected {
            heard.expect(parse(thread));
        }
        if let Some(thread) = told {
            heard.thread_started(parse(thread), &scrubber);
        }
        heard.has_to_have_told(&scrubber);
        let failed = heard.failed.as_ref().map(|failure| failure.code);
        assert_eq!((failed, heard.is_astray()), (code, code.is_some()));
        assert_eq!(heard.thread.is_some(), told.is_some() && code.is_none());
    }

    #[test]
    fn a_new_thread_is_never_taken_for_the_old_one() {
        check(None, Some(THREAD), None);
        check(None, None, None);
        check(Some(THREAD), Some(THREAD), None);
        check(Some(THREAD), Some(OTHER), Some(ErrorCode::WrongThread));
        check(Some(THREAD), None, Some(ErrorCode::WrongThread));
    }
}
