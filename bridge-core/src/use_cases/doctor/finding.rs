//! A finding, and the list that a look makes of them.

use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::doctor::catalogue::{Ill, Mends};
use crate::use_cases::doctor::fix::Fix;

/// One look.
#[derive(Clone, Debug)]
pub struct Finding {
    /// A stable name: what is wrong, such as `root_missing`, or where all is well what was looked at, such as `roots`.
    pub id: &'static str,
    /// What was looked at.
    pub about: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was seen.
    pub what: Scrubbed,
    /// Why it matters; absent where all is well.
    pub why: Option<&'static str>,
    /// What mends it, in one sentence; absent where all is well.
    pub remedy: Option<Scrubbed>,
    /// What can be done about it with one click, or one command.
    pub action: Option<Action>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All is well.
    Ok,
    /// Works, but something is missing.
    Warning,
    /// Runs will fail.
    Fault,
}

impl Level {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Fault => "fault",
        }
    }
}

/// What can be done about a finding.
#[derive(Clone, Debug)]
pub struct Action {
    /// Names it; the same for as long as the finding is the same.
    pub key: Scrubbed,
    /// What it does, in a few words.
    pub label: Scrubbed,
    /// The command line that does it, if there is one.
    pub command: Option<Scrubbed>,
    /// Who can do it.
    pub mends: Mends,
    /// What is done; nothing by us where only the person can.
    pub(crate) fix: Option<Fix>,
}

/// What a look found.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) scrubber: Scrubber,
    pub(super) list: Vec<Finding>,
}

impl Findings {
    pub(super) fn new(scrubber: &Scrubber) -> Findings {
        Findings {
            scrubber: scrubber.clone(),
            list: Vec::new(),
        }
    }

    /// All is well with this.
    pub(super) fn well(&mut self, about: &'static str, what: &str) {
        self.list.push(Finding {
            id: about,
            about,
            level: Level::Ok,
            what: self.scrubber.scrub(what),
            why: None,
            remedy: None,
            action: None,
        });
    }

    /// Something is wrong; what mends it is what always does.
    pub(super) fn ill(&mut self, ill: Ill, what: &str) {
        self.ill_with(ill, what, ill.remedy());
    }

    /// Something is wrong, and it is known better what mends it here.
    pub(super) fn ill_with(&mut self, ill: Ill, what: &str, remedy: &str) {
        self.list.push(Finding {
            id: ill.id(),
            about: ill.about(),
            level: ill.level(),
            what: self.scrubber.scrub(what),
            why: Some(ill.why()),
            remedy: Some(self.scrubber.scrub(remedy)),
            action: None,
        });
    }

    /// What was found last can be mended so.
    pub(super) fn fixed_by(&mut self, fix: Fix, mends: Mends) {
        let scrub = |text: &str| self.scrubber.scrub(text);
        let action = Action {
            key: scrub(&fix.key()),
            label: scrub(&fix.label()),
            command: fix.command().map(|command| scrub(&command)),
            mends,
            fix: Some(fix),
        };
        if let Some(last) = self.list.last_mut() {
            last.action = Some(action);
        }
    }

    /// What was found last is mended by the person with this command.
    pub(super) fn by_hand(&mut self, label: &'static str, command: &str) {
        let command = self.scrubber.scrub(command);
        if let Some(last) = self.list.last_mut() {
            last.action = Some(Action {
                key: command.clone(),
                label: Scrubbed::literal(label),
                command: Some(command),
                mends: Mends::ByHand,
                fix: None,
            });
        }
    }
}
