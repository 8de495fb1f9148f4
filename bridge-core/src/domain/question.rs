//! What Codex asks before it goes on, and who may answer.

use crate::domain::run::{Speaker, Timestamp};
use crate::domain::scrub::Scrubbed;
use crate::domain::task::Sandbox;

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Counts the run's questions from 1.
    pub number: u64,
    /// What it is about.
    pub kind: QuestionKind,
    /// The command, or the files that would be changed.
    pub subject: Scrubbed,
    /// Where it would run.
    pub folder: Option<Scrubbed>,
    /// Why, in the model's words.
    pub reason: Option<Scrubbed>,
    /// The sandbox that it would leave.
    pub sandbox: Sandbox,
    /// When it was asked.
    pub asked: Timestamp,
    /// When it is declined, if nobody answers.
    pub expires: Timestamp,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuestionKind {
    /// A command that would run outside the sandbox.
    Command,
    /// A patch that would be written where the sandbox does not let it.
    FileChange,
}

/// What becomes of a run's open question with a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuestionChange {
    /// This one is open now.
    Asked(Question),
    /// None is open.
    Settled,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// This once.
    AllowOnce,
    /// This, and the same again in this run.
    AllowForRun,
    /// Not; the run goes on without it.
    Decline,
    /// Not, and the run ends.
    Stop,
}

/// Who may allow what goes beyond a run's sandbox. Each may do what those before it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Approvals {
    /// Nobody: Codex never asks.
    #[default]
    Nobody,
    /// The person, in the app or on the command line.
    Person,
    /// The client as well.
    Client,
}

impl QuestionKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            QuestionKind::Command => "command",
            QuestionKind::FileChange => "file_change",
        }
    }
}

impl Decision {
    /// All of them, as the wire names them.
    pub const NAMES: &[&str] = &["allow_once", "allow_for_run", "decline", "stop"];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::AllowOnce => "allow_once",
            Decision::AllowForRun => "allow_for_run",
            Decision::Decline => "decline",
            Decision::Stop => "stop",
        }
    }

    /// Reads that name.
    pub fn parse(text: &str) -> Option<Decision> {
        let all = [
            Decision::AllowOnce,
            Decision::AllowForRun,
            Decision::Decline,
            Decision::Stop,
        ];
        all.into_iter().find(|decision| decision.as_str() == text)
    }

    /// Whether Codex may do what it asked for.
    pub fn allows(self) -> bool {
        match self {
            Decision::AllowOnce | Decision::AllowForRun => true,
            Decision::Decline | Decision::Stop => false,
        }
    }
}

impl Approvals {
    /// All of them, as the configuration names them.
    pub const NAMES: &[&str] = &["nobody", "person", "client"];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Approvals::Nobody => "nobody",
            Approvals::Person => "person",
            Approvals::Client => "client",
        }
    }

    /// Reads that name.
    pub fn parse(text: &str) -> Option<Approvals> {
        let all = [Approvals::Nobody, Approvals::Person, Approvals::Client];
        all.into_iter().find(|who| who.as_str() == text)
    }

    /// Whether this one may allow something.
    pub fn lets(self, speaker: Speaker) -> bool {
        match speaker {
            Speaker::Person => self >= Approvals::Person,
            Speaker::Client => self >= Approvals::Client,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_may_allow_whom_the_ceiling_names() {
        let check = |who: &str, person, client| {
            let who = Approvals::parse(who).unwrap();
            assert_eq!(who.lets(Speaker::Person), person);
            assert_eq!(who.lets(Speaker::Client), client);
        };
        check("nobody", false, false);
        check("person", true, false);
        check("client", true, true);
        assert_eq!(Approvals::parse("everybody"), None);
        assert_eq!(Approvals::default(), Approvals::Nobody);
    }

    #[test]
    fn names_read_back() {
        for name in Decision::NAMES {
            assert_eq!(Decision::parse(name).map(Decision::as_str), Some(*name));
        }
        for name in Approvals::NAMES {
            assert_eq!(Approvals::parse(name).map(Approvals::as_str), Some(*name));
        }
    }
}
