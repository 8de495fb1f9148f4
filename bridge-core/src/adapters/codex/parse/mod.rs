//! Turns a line of `codex exec --json` into an event and what the supervisor has to know of it. Nothing that Codex
//! writes is an error here.

mod activity;
mod item;
mod wire;

use std::borrow::Cow;
use std::path::PathBuf;

use crate::adapters::codex::failure::{self, Evidence};
use crate::adapters::codex::parse::wire::Object;
use crate::domain::bounds::{Clip, RunBounds};
use crate::domain::error::Failure;
use crate::domain::event::EventBody;
use crate::domain::id::ThreadId;
use crate::domain::review::Opinion;
use crate::domain::run::{Message, Usage};
use crate::domain::scrub::{Scrubbed, Scrubber};

/// What a line said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// What is to be recorded.
    pub event: Option<EventBody>,
    /// What changes the run.
    pub news: Option<News>,
    /// What is happening now, in a few words.
    pub activity: Option<Scrubbed>,
    /// Whether the run came further. Without a network, Codex 0.169 says `Reconnecting...` for ever: that is an
    /// event, and no progress.
    pub progress: bool,
}

/// What changes a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Codex opened this thread.
    ThreadStarted(ThreadId),
    /// The model said this; its last word counts.
    FinalMessage(Message),
    /// The same of a reviewer, and what could be read of it.
    Opinion(Message, Opinion),
    /// The turn is over, and this is what it cost.
    TurnCompleted(Usage),
    /// The turn is over and failed.
    TurnFailed(Failure),
    /// Codex complains; whether it goes on, only its end will show.
    LastError(Scrubbed),
    /// The model was told what somebody had to say, or why it was not.
    Steered(Result<(), Scrubbed>),
}

/// Reads the events of one `codex exec`.
#[derive(Clone, Debug)]
pub struct Parser {
    scrubber: Scrubber,
    bounds: RunBounds,
    folder: PathBuf,
    /// The last complaint on its way; the same one again is not recorded again.
    complaint: Option<Scrubbed>,
    /// Whether the messages may be the findings of a review.
    reads_reviews: bool,
}

impl Parser {
    /// `folder` is where Codex was started: paths below it are shown from there.
    pub fn new(scrubber: Scrubber, bounds: RunBounds, folder: PathBuf) -> Parser {
        Parser {
            scrubber,
            bounds,
            folder,
            complaint: None,
            reads_reviews: false,
        }
    }

    /// The same for a reviewer: its findings are read out of its messages.
    #[must_use]
    pub fn of_reviewer(self) -> Parser {
        Parser {
            reads_reviews: true,
            ..self
        }
    }

    /// Whether the messages may be the findings of a review.
    pub(in crate::adapters::codex) fn reads_reviews(&self) -> bool {
        self.reads_reviews
    }

    /// Reads one line of standard output.
    pub fn line(&mut self, line: &str) -> Seen {
        let line = line.trim();
        if line.is_empty() {
            return Seen::default();
        }
        let Some(event) = Object::parse(line) else {
            return self.noise(line);
        };
        let kind = event.text("type").unwrap_or_default();
        let seen = match &*kind {
            "thread.started" => self.thread_started(&event),
            "turn.started" => Seen {
                event: Some(EventBody::TurnStarted),
                activity: Some(Scrubbed::literal("thinking")),
                ..Seen::going_on()
            },
            "turn.completed" => turn_completed(&event),
            "turn.failed" => self.turn_failed(&event),
            "error" => return self.complaint(&event),
            "item.started" | "item.updated" | "item.completed" => self.item(&kind, &event, line),
            _ => self.unknown(&kind, line),
        };
        self.complaint = None;
        seen
    }

    /// The reason in an error of JSON-RPC.
    pub(in crate::adapters::codex) fn said_of(&self, error: &serde_json::Value) -> Scrubbed {
        self.cleaned(error["message"].as_str().unwrap_or("Codex gave no reason"))
    }

    /// A text of Codex's, within its bounds. It says where it was cut.
    pub(in crate::adapters::codex) fn cleaned(&self, text: &str) -> Scrubbed {
        let mut text = self.scrubber.scrub(text);
        if text.truncate(self.bounds.event_text) > 0 {
            text.push(&Scrubbed::literal(" … [the rest was too long to be shown]"));
        }
        text
    }

    fn thread_started(&self, event: &Object<'_>) -> Seen {
        let thread = event.text("thread_id").unwrap_or_default();
        Seen {
            event: Some(EventBody::ThreadStarted {
                thread: self.word(&thread),
            }),
            news: ThreadId::parse(&thread).ok().map(News::ThreadStarted),
            ..Seen::going_on()
        }
    }

    fn turn_failed(&self, event: &Object<'_>) -> Seen {
        let message = event
            .object("error")
            .and_then(|error| error.text("message"))
            .or_else(|| event.text("message"))
            .filter(|message| !message.trim().is_empty())
            .unwrap_or(Cow::Borrowed("it gave no reason"));
        let message = self.scrubber.scrub(&message);
        let failure = failure::classify(
            &Evidence {
                errors: std::slice::from_ref(&message),
                stderr: "",
                exit: None,
            },
            &self.scrubber,
        );
        Seen {
            event: Some(EventBody::TurnFailed {
                message: self.clip(message),
            }),
            news: Some(News::TurnFailed(failure)),
            ..Seen::going_on()
        }
    }

    /// An `error` is not the end: `Reconnecting... 1/5` is one, too.
    fn complaint(&mut self, event: &Object<'_>) -> Seen {
        let message = event.text("message").unwrap_or_default();
        let mut message = self.scrubber.scrub(&message);
        message.truncate(self.bounds.event_text);
        let reconnecting = message.as_str().starts_with("Reconnecting");
        let repeated = self.complaint.as_ref() == Some(&message);
        self.complaint = Some(message.clone());
        Seen {
            event: (!repeated).then(|| EventBody::Warning {
                text: self.clip(message.clone()),
            }),
            news: Some(News::LastError(message)),
            activity: reconnecting.then(|| Scrubbed::literal("reconnecting…")),
            progress: false,
        }
    }

    fn unknown(&self, kind: &str, line: &str) -> Seen {
        Seen {
            event: Some(EventBody::Unknown {
                kind: self.word(kind),
                raw: self.clip(self.scrubber.scrub(line)),
            }),
            ..Seen::going_on()
        }
    }

    fn noise(&self, line: &str) -> Seen {
        Seen {
            event: Some(EventBody::Noise {
                text: self.clip(self.scrubber.scrub(line)),
            }),
            ..Seen::default()
        }
    }

    /// Bounds a text that was scrubbed whole: what is cut first may leave half a secret behind.
    fn clip(&self, text: Scrubbed) -> Clip {
        Clip::new(text, self.bounds.event_text)
    }

    fn text(&self, text: &str) -> Clip {
        self.clip(self.scrubber.scrub(text))
    }

    /// A name or an id of Codex's: short, unless something is wrong.
    fn word(&self, text: &str) -> Scrubbed {
        let mut word = match text {
            "in_progress" => Scrubbed::literal("in_progress"),
            "completed" => Scrubbed::literal("completed"),
            "failed" => Scrubbed::literal("failed"),
            _ => self.scrubber.scrub(text),
        };
        word.truncate(self.bounds.event_text.min(1024));
        word
    }

    /// `verb` and a few words of Codex's.
    fn doing(&self, verb: &'static str, what: &str) -> Option<Scrubbed> {
        let what = self.scrubber.scrub(&activity::short(what));
        Some(Scrubbed::concat(&[&Scrubbed::literal(verb), &what]))
    }
}

fn turn_completed(event: &Object<'_>) -> Seen {
    let usage = event.object("usage");
    let count = |key| {
        usage
            .as_ref()
            .and_then(|usage| usage.natural(key))
            .unwrap_or(0)
    };
    let usage = Usage {
        input: count("input_tokens"),
        cached_input: count("cached_input_tokens"),
        output: count("output_tokens"),
        reasoning: count("reasoning_output_tokens"),
    };
    Seen {
        event: Some(EventBody::TurnCompleted { usage }),
        news: Some(News::TurnCompleted(usage)),
        ..Seen::going_on()
    }
}

impl Seen {
    /// Something happened, though nothing that needs to be said.
    pub(in crate::adapters::codex) fn going_on() -> Seen {
        Seen {
            progress: true,
            ..Seen::default()
        }
    }
}

#[cfg(test)]
mod tests;
