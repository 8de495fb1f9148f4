//! The items of a turn: messages, commands, changes of files and the like.

use crate::adapters::codex::parse::wire::Object;
use crate::adapters::codex::parse::{News, Parser, Seen, activity};
use crate::adapters::codex::review;
use crate::domain::bounds::Clip;
use crate::domain::event::{CommandEvent, EventBody, FileChange, Phase, PlanStep};
use crate::domain::review::opinion_text;
use crate::domain::run::Message;
use crate::domain::scrub::Scrubbed;

/// The most files or steps of one item that are kept: an event has to stay small.
const MAX_PARTS: usize = 500;

impl Parser {
    pub(super) fn item(&self, kind: &str, event: &Object<'_>, line: &str) -> Seen {
        let phase = match kind {
            "item.started" => Phase::Started,
            "item.updated" => Phase::Updated,
            _ => Phase::Completed,
        };
        let Some(item) = event.object("item") else {
            return self.unknown(kind, line);
        };
        let item_kind = item.text("type").unwrap_or_default();
        match &*item_kind {
            "agent_message" => self.message(phase, &item),
            "reasoning" => self.reasoning(phase, &item),
            "command_execution" => self.command(phase, &item),
            "file_change" => self.file_change(phase, &item),
            "todo_list" => self.plan(&item),
            "web_search" => self.web_search(phase, &item),
            "mcp_tool_call" => {
                let server = self.word(&item.text("server").unwrap_or_default());
                self.tool_call(phase, server, &item)
            }
            // What Codex asks of agents of its own.
            "collab_tool_call" => self.tool_call(phase, Scrubbed::literal("codex"), &item),
            "error" => self.warning(&item),
            _ => self.unknown(&item_kind, line),
        }
    }

    fn message(&self, phase: Phase, item: &Object<'_>) -> Seen {
        let activity = Some(Scrubbed::literal("answering"));
        if phase != Phase::Completed {
            return Seen {
                activity,
                ..Seen::going_on()
            };
        }
        let said = item.text("text").unwrap_or_default();
        let opinion = match self.reads_reviews {
            true => review::read(&said, &self.scrubber),
            false => None,
        };
        // What was read is shown in words: nobody wants to read JSON.
        let mut text = match &opinion {
            Some(opinion) => self.scrubber.scrub(&opinion_text(opinion)),
            None => self.scrubber.scrub(&said),
        };
        let left_out = text.truncate(self.bounds.message) as u64;
        let message = Message {
            text: text.clone(),
            left_out,
        };
        let shown = Clip::new(text, self.bounds.event_text);
        Seen {
            event: Some(EventBody::Message {
                text: add_left_out(shown, left_out),
            }),
            news: Some(match opinion {
                Some(opinion) => News::Opinion(message, opinion),
                None => News::FinalMessage(message),
            }),
            activity,
            ..Seen::going_on()
        }
    }

    fn reasoning(&self, phase: Phase, item: &Object<'_>) -> Seen {
        let text = self.scrubber.scrub(&item.text("text").unwrap_or_default());
        let activity = match activity::heading(text.as_str()) {
            Some(heading) => self.doing("thinking: ", heading),
            None => Some(Scrubbed::literal("thinking")),
        };
        Seen {
            event: (phase == Phase::Completed).then(|| EventBody::Reasoning {
                text: self.clip(text),
            }),
            activity,
            ..Seen::going_on()
        }
    }

    fn command(&self, phase: Phase, item: &Object<'_>) -> Seen {
        let command = self
            .scrubber
            .scrub(&item.text("command").unwrap_or_default());
        let activity = if phase == Phase::Completed {
            Some(Scrubbed::literal("thinking"))
        } else {
            self.doing("running ", &activity::inner_command(command.as_str()))
        };
        Seen {
            event: Some(EventBody::Command(CommandEvent {
                item: self.item_id(item),
                phase,
                command: self.clip(command),
                output: self.text(&item.text("aggregated_output").unwrap_or_default()),
                exit_code: item.integer("exit_code"),
                status: self.status(item),
            })),
            activity,
            ..Seen::going_on()
        }
    }

    fn file_change(&self, phase: Phase, item: &Object<'_>) -> Seen {
        let changes = item.objects("changes");
        let first = changes.first().and_then(|change| change.text("path"));
        let activity = first.and_then(|path| {
            let doing = self.doing("editing ", activity::seen_from(&self.folder, &path))?;
            Some(match changes.len() {
                1 => doing,
                2 => Scrubbed::concat(&[&doing, &Scrubbed::literal(" and another file")]),
                _ => Scrubbed::concat(&[&doing, &Scrubbed::literal(" and other files")]),
            })
        });
        let mut room = self.bounds.event_text;
        let changes = changes
            .iter()
            .take(MAX_PARTS)
            .map_while(|change| {
                let path = self.word(&change.text("path").unwrap_or_default());
                let kind = self.word(&change.text("kind").unwrap_or_default());
                room = room.checked_sub(path.len() + kind.len())?;
                Some(FileChange { path, kind })
            })
            .collect();
        Seen {
            event: Some(EventBody::FileChange {
                item: self.item_id(item),
                phase,
                status: self.status(item),
                changes,
            }),
            activity,
            ..Seen::going_on()
        }
    }

    fn plan(&self, item: &Object<'_>) -> Seen {
        let steps = item.objects("items");
        let next = steps
            .iter()
            .find(|step| step.flag("completed") != Some(true))
            .and_then(|step| step.text("text"));
        let activity = next.and_then(|text| self.doing("planning: ", &text));
        let mut room = self.bounds.event_text;
        let steps = steps
            .iter()
            .take(MAX_PARTS)
            .map_while(|step| {
                let text = self.word(&step.text("text").unwrap_or_default());
                room = room.checked_sub(text.len())?;
                let done = step.flag("completed").unwrap_or(false);
                Some(PlanStep { text, done })
            })
            .collect();
        Seen {
            event: Some(EventBody::Plan { steps }),
            activity,
            ..Seen::going_on()
        }
    }

    fn web_search(&self, phase: Phase, item: &Object<'_>) -> Seen {
        let query = self.text(&item.text("query").unwrap_or_default());
        let activity = if query.text().is_empty() {
            Some(Scrubbed::literal("searching the web"))
        } else {
            self.doing("searching the web for ", query.text().as_str())
        };
        Seen {
            event: Some(EventBody::WebSearch { phase, query }),
            activity,
            ..Seen::going_on()
        }
    }

    fn tool_call(&self, phase: Phase, server: Scrubbed, item: &Object<'_>) -> Seen {
        let tool = self.word(&item.text("tool").unwrap_or_default());
        let name = format!("{server}.{tool}");
        Seen {
            event: Some(EventBody::ToolCall {
                phase,
                server,
                tool,
                status: self.status(item),
            }),
            activity: self.doing("calling ", &name),
            ..Seen::going_on()
        }
    }

    /// An item that is an error never ends a turn.
    fn warning(&self, item: &Object<'_>) -> Seen {
        Seen {
            event: Some(EventBody::Warning {
                text: self.text(&item.text("message").unwrap_or_default()),
            }),
            ..Seen::going_on()
        }
    }

    fn item_id(&self, item: &Object<'_>) -> Scrubbed {
        self.word(&item.text("id").unwrap_or_default())
    }

    fn status(&self, item: &Object<'_>) -> Option<Scrubbed> {
        item.text("status").map(|status| self.word(&status))
    }
}

/// Counts what was cut before the clip was made, too.
fn add_left_out(clip: Clip, more: u64) -> Clip {
    if more == 0 {
        return clip;
    }
    let left_out = clip.left_out() + more;
    Clip::cut_before(clip.text().clone(), left_out)
}
