//! The scenarios, and how a prompt names one.

use std::str::FromStr;
use std::time::Duration;

use bridge_core::adapters::scripted_model::Request;

const MARKER: &str = "MOCK:";

/// What the model is to do in one turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Scenario {
    /// Says this.
    Answer(String),
    /// Says this many messages.
    Say(usize),
    /// Runs a command.
    Shell(String),
    /// Runs a command outside the sandbox.
    Escalate(String),
    /// Runs commands one after another.
    Shells(Vec<String>),
    /// Applies a patch.
    Patch(String),
    /// Talks slowly.
    Slow {
        /// How many deltas.
        deltas: usize,
        /// How long after each.
        pause: Duration,
    },
    /// Begins, then nothing.
    Hang,
    /// Nothing.
    Silent,
    /// Refuses.
    Http {
        /// The HTTP status.
        code: u16,
        /// For 429: whether the account's limit is reached, not the rate's.
        usage_limit: bool,
    },
    /// Refuses the first requests of a thread.
    HttpOnce {
        /// The HTTP status.
        code: u16,
        /// How many of them.
        times: u64,
        /// What it says afterwards.
        answer: String,
    },
    /// Fails with this code.
    Failed(String),
    /// Stops at the limit of tokens.
    Incomplete,
    /// Ends the stream too early.
    Cut,
    /// Closes the connection within a message.
    Abort,
    /// Sends an event that is no JSON.
    BadSse,
    /// Says this many KiB.
    Huge(usize),
    /// Runs a command that prints this many KiB.
    HugeShell(usize),
    /// Thinks.
    Reason,
    /// Makes a plan.
    Plan,
    /// Searches the web.
    WebSearch,
    /// Says what looks like credentials.
    Secret,
}

impl Scenario {
    /// What happens unless a prompt says otherwise.
    pub fn greeting() -> Scenario {
        Scenario::Answer("Hello from the mock model.".to_owned())
    }

    /// The scenario that a marker's name and argument stand for.
    pub fn named(name: &str, argument: &str) -> Scenario {
        let words: Vec<&str> = argument.split_whitespace().collect();
        let word = |at: usize| words.get(at).copied().unwrap_or_default();
        match name {
            "answer" if argument.is_empty() => Scenario::greeting(),
            "answer" => Scenario::Answer(argument.to_owned()),
            "say" => Scenario::Say(number(word(0), 3)),
            "shell" => Scenario::Shell(command(argument)),
            "escalate" => Scenario::Escalate(command(argument)),
            "shells" => Scenario::Shells(argument.split(";;").map(command).collect()),
            "patch" => Scenario::Patch(added_file(argument)),
            "update" => Scenario::Patch(updated_file(word(0), word(1), word(2))),
            "slow" => Scenario::Slow {
                deltas: number(word(0), 20),
                pause: Duration::from_secs_f64(number(word(1), 0.5)),
            },
            "hang" => Scenario::Hang,
            "silent" => Scenario::Silent,
            "http" => Scenario::Http {
                code: number(word(0), 500),
                usage_limit: word(1) == "usage_limit",
            },
            "http_once" => Scenario::HttpOnce {
                code: number(word(0), 500),
                times: number(word(1), 1),
                answer: argument.to_owned(),
            },
            "failed" if argument.is_empty() => Scenario::Failed("server_error".to_owned()),
            "failed" => Scenario::Failed(word(0).to_owned()),
            "incomplete" => Scenario::Incomplete,
            "cut" => Scenario::Cut,
            "abort" => Scenario::Abort,
            "badsse" => Scenario::BadSse,
            "huge" => Scenario::Huge(number(word(0), 512)),
            "hugeshell" => Scenario::HugeShell(number(word(0), 1024)),
            "reason" => Scenario::Reason,
            "plan" => Scenario::Plan,
            "websearch" => Scenario::WebSearch,
            "json" if argument.is_empty() => Scenario::Answer("{}".to_owned()),
            "json" => Scenario::Answer(argument.to_owned()),
            "secret" => Scenario::Secret,
            _ => Scenario::Answer(format!("There is no scenario {name:?}.")),
        }
    }

    /// The newest marker in a text; the rest of its line belongs to it.
    pub(in crate::model) fn marked(text: &str) -> Option<Scenario> {
        let mut lines = text.lines().rev();
        let marker = lines.find_map(|line| Some(line.split_once(MARKER)?.1))?;
        let end = marker
            .find(|c: char| !c.is_ascii_lowercase() && c != '_')
            .unwrap_or(marker.len());
        let (name, argument) = marker.split_at(end);
        Some(Scenario::named(name, argument.trim()))
    }
}

/// The scenario a request asks for, and what the tools said since.
pub(in crate::model) fn asked(request: &Request, unmarked: &Scenario) -> (Scenario, Vec<String>) {
    let messages = request.user_messages().into_iter().rev();
    let mut marked = messages.filter_map(|message| {
        let scenario = Scenario::marked(&message.text)?;
        Some((scenario, request.tool_outputs_after(message.at)))
    });
    marked
        .next()
        .unwrap_or_else(|| (unmarked.clone(), request.tool_outputs()))
}

fn number<T: FromStr>(word: &str, default: T) -> T {
    word.parse().unwrap_or(default)
}

fn command(argument: &str) -> String {
    match argument.trim() {
        "" => "echo hello-from-mock".to_owned(),
        command => command.to_owned(),
    }
}

fn added_file(argument: &str) -> String {
    let (file, text) = argument.split_once(' ').unwrap_or((argument, ""));
    let file = if file.is_empty() { "mock.txt" } else { file };
    let text = if text.is_empty() {
        "written by the mock"
    } else {
        text
    };
    format!("*** Begin Patch\n*** Add File: {file}\n+{text}\n*** End Patch")
}

fn updated_file(file: &str, old: &str, new: &str) -> String {
    format!("*** Begin Patch\n*** Update File: {file}\n@@\n-{old}\n+{new}\n*** End Patch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_marker_counts_up_to_the_end_of_its_line() {
        fn check(text: &str, expected: impl Into<Option<Scenario>>) {
            assert_eq!(Scenario::marked(text), expected.into());
        }
        let shell = |command: &str| Scenario::Shell(command.to_owned());
        check("no marker", None);
        check("MOCK:hang", Scenario::Hang);
        check("please MOCK:hang, thanks", Scenario::Hang);
        check("MOCK:hang\nMOCK:silent", Scenario::Silent);
        check("MOCK:shell echo MOCK:hang", shell("echo MOCK:hang"));
        check("do\nMOCK:shell ls  -l \nand more", shell("ls  -l"));
        check("MOCK:shell", shell("echo hello-from-mock"));
        check(
            "MOCK:shells a ;; b",
            Scenario::Shells(vec!["a".into(), "b".into()]),
        );
        check(
            "MOCK:slow 2 0.25",
            Scenario::Slow {
                deltas: 2,
                pause: Duration::from_millis(250),
            },
        );
        check(
            "MOCK:http 429 usage_limit",
            Scenario::Http {
                code: 429,
                usage_limit: true,
            },
        );
        check(
            "MOCK:patch a.txt two words",
            Scenario::Patch(
                "*** Begin Patch\n*** Add File: a.txt\n+two words\n*** End Patch".into(),
            ),
        );
        check("MOCK:json", Scenario::Answer("{}".into()));
        check(
            "MOCK:nonsense",
            Some(Scenario::Answer(
                "There is no scenario \"nonsense\".".into(),
            )),
        );
    }
}
