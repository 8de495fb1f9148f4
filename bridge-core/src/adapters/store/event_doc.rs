//! The JSON in which an event is kept.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::adapters::store::record::UsageDoc;
use crate::adapters::store::words::{named, state_of, state_words};
use crate::domain::bounds::Clip;
use crate::domain::event::{CommandEvent, EventBody, FileChange, Notice, Phase, PlanStep};
use crate::domain::scrub::Scrubbed;

/// Writes an event.
pub(super) fn encode(body: &EventBody) -> String {
    // These types hold nothing that JSON can't say; an empty object would be read back as unknown.
    serde_json::to_string(&BodyDoc::of(body)).unwrap_or_else(|_| "{}".to_owned())
}

/// Reads an event. What this version does not know is kept as it is.
pub(super) fn decode(json: &str) -> EventBody {
    let doc: Option<BodyDoc<'_>> = serde_json::from_str(json).ok();
    doc.and_then(BodyDoc::into_body)
        .unwrap_or_else(|| EventBody::Unknown {
            kind: Scrubbed::literal("unreadable"),
            raw: Clip::cut_before(Scrubbed::from_store(json.to_owned()), 0),
        })
}

type Text<'a> = Cow<'a, str>;

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum BodyDoc<'a> {
    State {
        state: Text<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<Text<'a>>,
    },
    ThreadStarted {
        thread: Text<'a>,
    },
    TurnStarted,
    TurnCompleted {
        usage: UsageDoc,
    },
    TurnFailed {
        message: ClipDoc<'a>,
    },
    Message {
        text: ClipDoc<'a>,
    },
    Reasoning {
        text: ClipDoc<'a>,
    },
    Command {
        item: Text<'a>,
        phase: Text<'a>,
        command: ClipDoc<'a>,
        output: ClipDoc<'a>,
        exit_code: Option<i64>,
        status: Option<Text<'a>>,
    },
    FileChange {
        item: Text<'a>,
        phase: Text<'a>,
        status: Option<Text<'a>>,
        changes: Vec<(Text<'a>, Text<'a>)>,
    },
    Plan {
        steps: Vec<(Text<'a>, bool)>,
    },
    WebSearch {
        phase: Text<'a>,
        query: ClipDoc<'a>,
    },
    ToolCall {
        phase: Text<'a>,
        server: Text<'a>,
        tool: Text<'a>,
        status: Option<Text<'a>>,
    },
    Warning {
        text: ClipDoc<'a>,
    },
    Notice {
        about: Text<'a>,
        text: ClipDoc<'a>,
    },
    Noise {
        text: ClipDoc<'a>,
    },
    Stderr {
        text: ClipDoc<'a>,
    },
    Unknown {
        of: Text<'a>,
        raw: ClipDoc<'a>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ClipDoc<'a> {
    Whole(Text<'a>),
    Cut(Text<'a>, u64),
}

impl<'a> BodyDoc<'a> {
    fn of(body: &'a EventBody) -> BodyDoc<'a> {
        match body {
            EventBody::State(state) => {
                let (state, detail) = state_words(*state);
                BodyDoc::State {
                    state: state.into(),
                    detail: detail.map(Cow::from),
                }
            }
            EventBody::ThreadStarted { thread } => BodyDoc::ThreadStarted {
                thread: borrow(thread),
            },
            EventBody::TurnStarted => BodyDoc::TurnStarted,
            EventBody::TurnCompleted { usage } => BodyDoc::TurnCompleted {
                usage: UsageDoc::of(*usage),
            },
            EventBody::TurnFailed { message } => BodyDoc::TurnFailed {
                message: ClipDoc::of(message),
            },
            EventBody::Message { text } => BodyDoc::Message {
                text: ClipDoc::of(text),
            },
            EventBody::Reasoning { text } => BodyDoc::Reasoning {
                text: ClipDoc::of(text),
            },
            EventBody::Command(event) => BodyDoc::Command {
                item: borrow(&event.item),
                phase: event.phase.as_str().into(),
                command: ClipDoc::of(&event.command),
                output: ClipDoc::of(&event.output),
                exit_code: event.exit_code,
                status: event.status.as_ref().map(borrow),
            },
            EventBody::FileChange {
                item,
                phase,
                status,
                changes,
            } => BodyDoc::FileChange {
                item: borrow(item),
                phase: phase.as_str().into(),
                status: status.as_ref().map(borrow),
                changes: (changes.iter())
                    .map(|change| (borrow(&change.path), borrow(&change.kind)))
                    .collect(),
            },
            EventBody::Plan { steps } => BodyDoc::Plan {
                steps: (steps.iter())
                    .map(|step| (borrow(&step.text), step.done))
                    .collect(),
            },
            EventBody::WebSearch { phase, query } => BodyDoc::WebSearch {
                phase: phase.as_str().into(),
                query: ClipDoc::of(query),
            },
            EventBody::ToolCall {
                phase,
                server,
                tool,
                status,
            } => BodyDoc::ToolCall {
                phase: phase.as_str().into(),
                server: borrow(server),
                tool: borrow(tool),
                status: status.as_ref().map(borrow),
            },
            EventBody::Warning { text } => BodyDoc::Warning {
                text: ClipDoc::of(text),
            },
            EventBody::Notice { about, text } => BodyDoc::Notice {
                about: about.as_str().into(),
                text: ClipDoc::of(text),
            },
            EventBody::Noise { text } => BodyDoc::Noise {
                text: ClipDoc::of(text),
            },
            EventBody::Stderr { text } => BodyDoc::Stderr {
                text: ClipDoc::of(text),
            },
            EventBody::Unknown { kind, raw } => BodyDoc::Unknown {
                of: borrow(kind),
                raw: ClipDoc::of(raw),
            },
        }
    }

    fn into_body(self) -> Option<EventBody> {
        Some(match self {
            BodyDoc::State { state, detail } => {
                EventBody::State(state_of(&state, detail.as_deref())?)
            }
            BodyDoc::ThreadStarted { thread } => EventBody::ThreadStarted {
                thread: own(thread),
            },
            BodyDoc::TurnStarted => EventBody::TurnStarted,
            BodyDoc::TurnCompleted { usage } => EventBody::TurnCompleted {
                usage: usage.into_usage(),
            },
            BodyDoc::TurnFailed { message } => EventBody::TurnFailed {
                message: message.into_clip(),
            },
            BodyDoc::Message { text } => EventBody::Message {
                text: text.into_clip(),
            },
            BodyDoc::Reasoning { text } => EventBody::Reasoning {
                text: text.into_clip(),
            },
            BodyDoc::Command {
                item,
                phase,
                command,
                output,
                exit_code,
                status,
            } => EventBody::Command(CommandEvent {
                item: own(item),
                phase: phase_of(&phase)?,
                command: command.into_clip(),
                output: output.into_clip(),
                exit_code,
                status: status.map(own),
            }),
            BodyDoc::FileChange {
                item,
                phase,
                status,
                changes,
            } => EventBody::FileChange {
                item: own(item),
                phase: phase_of(&phase)?,
                status: status.map(own),
                changes: (changes.into_iter())
                    .map(|(path, kind)| FileChange {
                        path: own(path),
                        kind: own(kind),
                    })
                    .collect(),
            },
            BodyDoc::Plan { steps } => EventBody::Plan {
                steps: (steps.into_iter())
                    .map(|(text, done)| PlanStep {
                        text: own(text),
                        done,
                    })
                    .collect(),
            },
            BodyDoc::WebSearch { phase, query } => EventBody::WebSearch {
                phase: phase_of(&phase)?,
                query: query.into_clip(),
            },
            BodyDoc::ToolCall {
                phase,
                server,
                tool,
                status,
            } => EventBody::ToolCall {
                phase: phase_of(&phase)?,
                server: own(server),
                tool: own(tool),
                status: status.map(own),
            },
            BodyDoc::Warning { text } => EventBody::Warning {
                text: text.into_clip(),
            },
            BodyDoc::Notice { about, text } => EventBody::Notice {
                about: notice_of(&about)?,
                text: text.into_clip(),
            },
            BodyDoc::Noise { text } => EventBody::Noise {
                text: text.into_clip(),
            },
            BodyDoc::Stderr { text } => EventBody::Stderr {
                text: text.into_clip(),
            },
            BodyDoc::Unknown { of, raw } => EventBody::Unknown {
                kind: own(of),
                raw: raw.into_clip(),
            },
        })
    }
}

impl<'a> ClipDoc<'a> {
    fn of(clip: &'a Clip) -> ClipDoc<'a> {
        match clip.left_out() {
            0 => ClipDoc::Whole(borrow(clip.text())),
            left_out => ClipDoc::Cut(borrow(clip.text()), left_out),
        }
    }

    fn into_clip(self) -> Clip {
        match self {
            ClipDoc::Whole(text) => Clip::cut_before(own(text), 0),
            ClipDoc::Cut(text, left_out) => Clip::cut_before(own(text), left_out),
        }
    }
}

fn borrow(text: &Scrubbed) -> Text<'_> {
    Cow::Borrowed(text.as_str())
}

fn own(text: Text<'_>) -> Scrubbed {
    Scrubbed::from_store(text.into_owned())
}

fn phase_of(word: &str) -> Option<Phase> {
    named(
        &[Phase::Started, Phase::Updated, Phase::Completed],
        Phase::as_str,
        word,
    )
}

fn notice_of(word: &str) -> Option<Notice> {
    named(
        &[
            Notice::Cut,
            Notice::LeftBehind,
            Notice::LimitReached,
            Notice::Decided,
            Notice::SupervisorDied,
            Notice::Review,
            Notice::Differs,
            Notice::Quota,
            Notice::Steered,
            Notice::NotSteered,
            Notice::Asked,
            Notice::Answered,
        ],
        Notice::as_str,
        word,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing;

    #[test]
    fn every_event_reads_back_as_itself_and_bears_its_kind() {
        for body in testing::every_event() {
            let json = encode(&body);
            assert!(
                json.starts_with(&format!("{{\"kind\":\"{}\"", body.kind())),
                "{json}"
            );
            assert_eq!(decode(&json), body, "{json}");
        }
    }

    #[test]
    fn an_event_of_another_version_is_kept_as_it_is() {
        let json = r#"{"kind":"dream","of":"sheep"}"#;
        let EventBody::Unknown { raw, .. } = decode(json) else {
            panic!("not unknown");
        };
        assert_eq!(raw.text().as_str(), json);
    }
}
