//! Builds the stream of a response in good order: created, items with their deltas, and one of the ends.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde_json::{Value, json};

use crate::adapters::scripted_model::{Reply, Request, Step, message};

/// What a response has cost, as the API would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the input, cached ones included.
    pub input_tokens: u64,
    /// Those of them that came from the cache.
    pub cached_input_tokens: u64,
    /// Tokens of the output, reasoning included.
    pub output_tokens: u64,
    /// Those of them that were reasoning.
    pub reasoning_output_tokens: u64,
}

/// A response under construction.
#[derive(Debug)]
pub struct Answer {
    id: String,
    model: String,
    seed: String,
    items: Vec<Value>,
    steps: Vec<Step>,
}

impl Usage {
    /// Small numbers, no two alike.
    pub const SMALL: Usage = Usage {
        input_tokens: 1200,
        cached_input_tokens: 1000,
        output_tokens: 34,
        reasoning_output_tokens: 12,
    };

    fn json(self) -> Value {
        json!({
            "input_tokens": self.input_tokens,
            "input_tokens_details": {"cached_tokens": self.cached_input_tokens},
            "output_tokens": self.output_tokens,
            "output_tokens_details": {"reasoning_tokens": self.reasoning_output_tokens},
            "total_tokens": self.input_tokens + self.output_tokens,
        })
    }
}

impl Answer {
    /// Begins a response to this request.
    pub fn to(request: &Request) -> Answer {
        let seed = seed(request);
        let answer = Answer {
            id: format!("resp_{seed}"),
            model: request.model().to_owned(),
            seed,
            items: Vec::new(),
            steps: Vec::new(),
        };
        let response = answer.response("in_progress");
        answer.event(json!({"type": "response.created", "response": response}))
    }

    /// Adds a whole item, which gets its ids here.
    pub fn item(self, item: Value) -> Answer {
        let text = item.pointer("/content/0/text").and_then(Value::as_str);
        let deltas = text.map(in_eight).unwrap_or_default();
        self.item_in_deltas(item, &deltas, Duration::ZERO)
    }

    /// Adds a message that grows delta by delta, with a pause after each.
    pub fn growing_message(self, deltas: &[String], pause: Duration) -> Answer {
        self.item_in_deltas(message(&deltas.concat()), deltas, pause)
    }

    /// Adds a message that never ends: its first words only.
    pub fn unfinished_message(self, beginning: &str) -> Answer {
        let item = self.identified(message(""));
        self.opened_message(&item)
            .text_delta(&item, beginning, Duration::ZERO)
    }

    /// Adds any event.
    pub fn event(self, event: Value) -> Answer {
        self.step(Step::Event(event))
    }

    /// Adds any step.
    pub fn step(mut self, step: Step) -> Answer {
        self.steps.push(step);
        self
    }

    /// The good end.
    pub fn completed(self, usage: Usage) -> Reply {
        let mut response = self.response("completed");
        response["usage"] = usage.json();
        self.ended("response.completed", &response)
    }

    /// The bad end, with a code such as `server_error` or `context_length_exceeded`.
    pub fn failed(self, code: &str, message: &str) -> Reply {
        let mut response = self.response("failed");
        response["error"] = json!({"code": code, "message": message});
        self.ended("response.failed", &response)
    }

    /// The early end, for a reason such as `max_output_tokens`.
    pub fn incomplete(self, reason: &str) -> Reply {
        let mut response = self.response("incomplete");
        response["incomplete_details"] = json!({"reason": reason});
        self.ended("response.incomplete", &response)
    }

    /// No end: the stream just stops after the steps so far.
    pub fn unended(self) -> Reply {
        Reply::Stream(self.steps)
    }

    fn ended(self, kind: &str, response: &Value) -> Reply {
        self.event(json!({"type": kind, "response": response}))
            .unended()
    }

    fn response(&self, status: &str) -> Value {
        json!({
            "id": self.id, "object": "response", "status": status,
            "model": self.model, "output": self.items,
        })
    }

    fn item_in_deltas(self, item: Value, deltas: &[String], pause: Duration) -> Answer {
        let item = self.identified(item);
        let at = self.items.len();
        let mut answer = match item["type"].as_str() {
            Some("message") => self.message_events(&item, deltas, pause),
            Some("reasoning") => self.reasoning_events(&item),
            _ => self.event(added(at, &item)),
        };
        answer = answer
            .event(json!({"type": "response.output_item.done", "output_index": at, "item": item}));
        answer.items.push(item);
        answer
    }

    fn message_events(self, item: &Value, deltas: &[String], pause: Duration) -> Answer {
        let at = self.items.len();
        let mut answer = self.opened_message(item);
        for delta in deltas {
            answer = answer.text_delta(item, delta, pause);
        }
        answer.event(json!({
            "type": "response.output_text.done", "output_index": at, "item_id": item["id"],
            "content_index": 0, "text": item["content"][0]["text"],
        }))
    }

    fn opened_message(self, item: &Value) -> Answer {
        let at = self.items.len();
        let mut empty = item.clone();
        empty["content"] = json!([]);
        empty["status"] = "in_progress".into();
        self.event(added(at, &empty)).event(json!({
            "type": "response.content_part.added", "output_index": at, "item_id": item["id"],
            "content_index": 0, "part": {"type": "output_text", "text": "", "annotations": []},
        }))
    }

    fn text_delta(self, item: &Value, delta: &str, pause: Duration) -> Answer {
        let at = self.items.len();
        let answer = self.event(json!({
            "type": "response.output_text.delta", "output_index": at, "item_id": item["id"],
            "content_index": 0, "delta": delta,
        }));
        if pause.is_zero() {
            answer
        } else {
            answer.step(Step::Pause(pause))
        }
    }

    fn reasoning_events(self, item: &Value) -> Answer {
        let at = self.items.len();
        let mut empty = item.clone();
        empty["summary"] = json!([]);
        let mut answer = self.event(added(at, &empty));
        let summary = item["summary"].as_array().into_iter().flatten();
        for (index, part) in summary.enumerate() {
            answer = answer
                .event(json!({
                    "type": "response.reasoning_summary_part.added", "output_index": at,
                    "item_id": item["id"], "summary_index": index,
                    "part": {"type": "summary_text", "text": ""},
                }))
                .event(json!({
                    "type": "response.reasoning_summary_text.delta", "output_index": at,
                    "item_id": item["id"], "summary_index": index, "delta": part["text"],
                }));
        }
        answer
    }

    fn identified(&self, mut item: Value) -> Value {
        let kind = item["type"].as_str().unwrap_or_default();
        let prefix = match kind {
            "message" => "msg",
            "reasoning" => "rs",
            "function_call" => "fc",
            "custom_tool_call" => "ctc",
            "local_shell_call" => "lsh",
            "web_search_call" => "ws",
            _ => "item",
        };
        let is_local_call = matches!(
            kind,
            "function_call" | "custom_tool_call" | "local_shell_call"
        );
        let suffix = format!("{}{:02}", self.seed, self.items.len());
        if item.get("id").is_none() {
            item["id"] = format!("{prefix}_{suffix}").into();
        }
        if is_local_call && item.get("call_id").is_none() {
            item["call_id"] = format!("call_{suffix}").into();
        }
        item
    }
}

fn added(at: usize, item: &Value) -> Value {
    json!({"type": "response.output_item.added", "output_index": at, "item": item})
}

/// Ids depend on the request alone, and differ within a thread even when several models serve it one after another.
fn seed(request: &Request) -> String {
    let mut hasher = DefaultHasher::new();
    request.number.hash(&mut hasher);
    request.body.to_string().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn in_eight(text: &str) -> Vec<String> {
    let size = (text.chars().count() / 8 + 1).max(16);
    let mut deltas = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .nth(size)
            .map_or(rest.len(), |(at, _)| at);
        let (delta, later) = rest.split_at(end);
        deltas.push(delta.to_owned());
        rest = later;
    }
    deltas
}
