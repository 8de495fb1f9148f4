//! What was asked for against what Codex really used.

use std::fmt;

use crate::domain::run::{Applied, Requested, Run};
use crate::domain::scrub::Scrubbed;
use crate::domain::task::{Effort, ModelName, Sandbox};

/// Codex's names for having no sandbox of its own.
const NO_SANDBOX: [&str; 2] = ["danger-full-access", "external-sandbox"];

/// What was asked for, of that which can be read back.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The model; `None` where Codex was to choose.
    pub model: Option<&'a ModelName>,
    /// The effort; `None` where Codex was to choose.
    pub effort: Option<&'a Effort>,
    /// The sandbox.
    pub sandbox: Sandbox,
    /// Whether the network was to be open.
    pub network: bool,
    /// The folder in which Codex was started.
    pub folder: &'a Scrubbed,
}

/// How one thing that was asked for stands to what was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Codex recorded what was asked for, or what it chose where the choice was left to it.
    Confirmed,
    /// Codex recorded something else.
    Differs,
    /// Codex recorded nothing, or has not yet.
    Unconfirmed,
}

/// One thing that is asked for and read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The model.
    Model,
    /// The effort.
    Effort,
    /// The sandbox.
    Sandbox,
    /// The network.
    Network,
    /// The folder.
    Folder,
}

/// All checks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// The model.
    pub model: Check,
    /// The effort.
    pub effort: Check,
    /// The sandbox.
    pub sandbox: Check,
    /// The network.
    pub network: Check,
    /// The folder.
    pub folder: Check,
}

/// One thing that Codex did otherwise than it was asked to. Shows itself as half a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub part: Part,
    /// What was asked for.
    pub asked: String,
    /// What was used.
    pub used: String,
    /// Whether the model's commands could do more than was asked for.
    pub is_looser: bool,
}

impl<'a> Asked<'a> {
    /// What a run asked for.
    pub fn of(requested: &'a Requested, folder: &'a Scrubbed) -> Asked<'a> {
        Asked {
            model: requested.model.as_ref(),
            effort: requested.effort.as_ref(),
            sandbox: requested.sandbox,
            network: requested.network,
            folder,
        }
    }

    /// What Codex did otherwise.
    pub fn differences(&self, applied: &Applied) -> Vec<Difference> {
        [
            Part::Model,
            Part::Effort,
            Part::Sandbox,
            Part::Network,
            Part::Folder,
        ]
        .into_iter()
        .filter(|part| self.check(*part, applied) == Check::Differs)
        .map(|part| Difference {
            part,
            asked: self.asked(part).unwrap_or_default(),
            used: used(part, applied).unwrap_or_default(),
            is_looser: self.is_looser(part, applied),
        })
        .collect()
    }

    fn check(&self, part: Part, applied: &Applied) -> Check {
        match (self.asked(part), used(part, applied)) {
            (_, None) => Check::Unconfirmed,
            // Nothing was asked for that it could differ from.
            (None, Some(_)) => Check::Confirmed,
            (Some(asked), Some(used)) if asked == used => Check::Confirmed,
            (Some(_), Some(_)) => Check::Differs,
        }
    }

    fn asked(&self, part: Part) -> Option<String> {
        match part {
            Part::Model => self.model.map(|model| model.as_str().to_owned()),
            Part::Effort => self.effort.map(|effort| effort.as_str().to_owned()),
            Part::Sandbox => Some(self.sandbox.as_str().to_owned()),
            Part::Network => Some(network_word(self.network)),
            Part::Folder => Some(self.folder.as_str().to_owned()),
        }
    }

    /// A word for a sandbox that nobody knows differs, and is not called looser: it may only be a new name.
    fn is_looser(&self, part: Part, applied: &Applied) -> bool {
        let used = applied.sandbox.as_ref().map(Scrubbed::as_str);
        match part {
            Part::Model | Part::Effort => false,
            Part::Sandbox => used.is_some_and(|used| {
                NO_SANDBOX.contains(&used)
                    || Sandbox::parse(used).is_some_and(|used| used > self.sandbox)
            }),
            Part::Network => applied.network == Some(true),
            // Where it may write goes with the folder; what it may read does not.
            Part::Folder => used != Some(Sandbox::ReadOnly.as_str()),
        }
    }
}

impl Checks {
    /// The checks of a run. One that has not ended has nothing confirmed yet.
    pub fn of(run: &Run) -> Checks {
        let asked = Asked::of(&run.requested, &run.workspace.path);
        let check = |part| asked.check(part, &run.applied);
        Checks {
            model: check(Part::Model),
            effort: check(Part::Effort),
            sandbox: check(Part::Sandbox),
            network: check(Part::Network),
            folder: check(Part::Folder),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { asked, used, .. } = self;
        match self.part {
            Part::Model => write!(f, "the model was `{used}`, not `{asked}`"),
            Part::Effort => write!(f, "the effort was `{used}`, not `{asked}`"),
            Part::Sandbox => write!(f, "the sandbox was `{used}`, not `{asked}`"),
            Part::Network => write!(f, "the network was {used}, not {asked}"),
            Part::Folder => write!(f, "the folder was `{used}`, not `{asked}`"),
        }
    }
}

fn used(part: Part, applied: &Applied) -> Option<String> {
    let text = |text: &Option<Scrubbed>| text.as_ref().map(|text| text.as_str().to_owned());
    match part {
        Part::Model => text(&applied.model),
        Part::Effort => text(&applied.effort),
        Part::Sandbox => text(&applied.sandbox),
        Part::Network => applied.network.map(network_word),
        Part::Folder => text(&applied.folder),
    }
}

fn network_word(is_open: bool) -> String {
    if is_open { "open" } else { "closed" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scrub::Scrubber;

    /// Asks for `gpt-5.5`, `high`, a sandbox, a network and `/w`, all or without model and effort.
    fn check(asks: &str, used: [Option<&str>; 5], expected: &str) {
        let scrubber = Scrubber::builtin();
        let scrub = |text: Option<&str>| text.map(|text| scrubber.scrub(text));
        let words: Vec<&str> = asks.split_whitespace().collect();
        let folder = Scrubbed::literal("/w");
        let model = ModelName::parse("gpt-5.5").unwrap();
        let effort = Effort::parse("high").unwrap();
        let is_left = words.contains(&"left");
        let asked = Asked {
            model: (!is_left).then_some(&model),
            effort: (!is_left).then_some(&effort),
            sandbox: Sandbox::parse(words[0]).unwrap(),
            network: words.contains(&"network"),
            folder: &folder,
        };
        let [model, effort, sandbox, network, folder] = used;
        let applied = Applied {
            model: scrub(model),
            effort: scrub(effort),
            sandbox: scrub(sandbox),
            network: network.map(|word| word == "open"),
            folder: scrub(folder),
        };
        let parts = [
            Part::Model,
            Part::Effort,
            Part::Sandbox,
            Part::Network,
            Part::Folder,
        ];
        let letters = parts.map(|part| match asked.check(part, &applied) {
            Check::Confirmed => 'c',
            Check::Differs => 'D',
            Check::Unconfirmed => '-',
        });
        let mut told = String::from_iter(letters);
        for difference in asked.differences(&applied) {
            let mark = if difference.is_looser { "!" } else { "" };
            told.push_str(&format!("; {difference}{mark}"));
        }
        assert_eq!(told, expected, "{asks} {used:?}");
    }

    fn as_asked() -> [Option<&'static str>; 5] {
        [
            Some("gpt-5.5"),
            Some("high"),
            Some("workspace-write"),
            Some("closed"),
            Some("/w"),
        ]
    }

    #[test]
    fn what_was_recorded_is_confirmed_and_the_rest_is_not() {
        check("workspace-write", as_asked(), "ccccc");
        check("workspace-write left", as_asked(), "ccccc");
        check("workspace-write", [None; 5], "-----");
        check("read-only left", [None; 5], "-----");
        // Codex records no effort when it leaves that to the model.
        let [model, _, sandbox, network, folder] = as_asked();
        let used = [model, None, sandbox, network, folder];
        check("workspace-write left", used, "c-ccc");
        check("workspace-write", used, "c-ccc");
    }

    #[test]
    fn another_model_or_effort_differs() {
        let [_, _, sandbox, network, folder] = as_asked();
        check(
            "workspace-write",
            [Some("gpt-5.4-mini"), Some("low"), sandbox, network, folder],
            "DDccc; the model was `gpt-5.4-mini`, not `gpt-5.5`; the effort was `low`, not `high`",
        );
    }

    #[test]
    fn more_freedom_than_was_asked_for_is_looser_and_less_is_not() {
        let [model, effort, _, _, folder] = as_asked();
        let of = |sandbox, network| [model, effort, Some(sandbox), Some(network), folder];
        check(
            "read-only",
            of("workspace-write", "open"),
            "ccDDc; the sandbox was `workspace-write`, not `read-only`!; the network was open, not closed!",
        );
        check(
            "workspace-write network",
            of("read-only", "closed"),
            "ccDDc; the sandbox was `read-only`, not `workspace-write`; the network was closed, not open",
        );
        for none in NO_SANDBOX {
            check(
                "workspace-write network",
                of(none, "open"),
                &format!("ccDcc; the sandbox was `{none}`, not `workspace-write`!"),
            );
        }
        check(
            "read-only",
            of("jail", "closed"),
            "ccDcc; the sandbox was `jail`, not `read-only`",
        );
    }

    #[test]
    fn another_folder_is_looser_where_it_may_be_written_to() {
        let [model, effort, ..] = as_asked();
        let of = |sandbox| [model, effort, sandbox, Some("closed"), Some("/v")];
        let other = "the folder was `/v`, not `/w`";
        check(
            "workspace-write",
            of(Some("workspace-write")),
            &format!("ccccD; {other}!"),
        );
        check(
            "read-only",
            of(Some("read-only")),
            &format!("ccccD; {other}"),
        );
        check("read-only", of(None), &format!("cc-cD; {other}!"));
    }
}
