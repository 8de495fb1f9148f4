//! What Codex asks the model, read leniently: its shape differs between versions and models.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::adapters::scripted_model::items;

/// One `POST /v1/responses`.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Counts the requests of one model from 1.
    pub number: u64,
    /// The HTTP headers, names in lower case, `authorization` shortened.
    pub headers: Vec<(String, String)>,
    /// The tools the model may call.
    pub tools: Tools,
    /// The whole body; an `input` that was text has become a list of one message.
    pub body: Value,
}

/// A message with the role `user`. Codex sends some of its own beside the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserMessage {
    /// Its place in the input.
    pub at: usize,
    /// Its text parts, one per line.
    pub text: String,
}

/// The tools offered with a request, and how to call them: every version and model of Codex has other ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    offered: BTreeMap<String, Tool>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tool {
    kind: String,
    namespace: Option<String>,
}

impl Request {
    pub(super) fn new(number: u64, headers: Vec<(String, String)>, mut body: Value) -> Request {
        if let Some(Value::String(text)) = body.get("input") {
            let message = json!([{"type": "message", "role": "user", "content": text}]);
            body["input"] = message;
        }
        Request {
            number,
            headers,
            tools: Tools::of(&body),
            body,
        }
    }

    /// The model Codex asked for.
    pub fn model(&self) -> &str {
        text(&self.body, "model")
    }

    /// What Codex tells every model.
    pub fn instructions(&self) -> &str {
        text(&self.body, "instructions")
    }

    /// The conversation up to here.
    pub fn input(&self) -> &[Value] {
        self.body
            .get("input")
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// What is the same for all requests of a thread.
    pub fn thread_key(&self) -> &str {
        text(&self.body, "prompt_cache_key")
    }

    /// The JSON schema the answer has to keep to.
    pub fn output_schema(&self) -> Option<&Value> {
        self.body.pointer("/text/format/schema")
    }

    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All messages with the role `user`, oldest first.
    pub fn user_messages(&self) -> Vec<UserMessage> {
        let messages = self.input().iter().enumerate();
        messages
            .filter(|(_, item)| is_user_message(item))
            .map(|(at, item)| UserMessage {
                at,
                text: parts_text(item.get("content")),
            })
            .collect()
    }

    /// The text of the newest message with the role `user`.
    pub fn last_user_text(&self) -> String {
        let newest = self.user_messages().pop();
        newest.map(|message| message.text).unwrap_or_default()
    }

    /// What the tools said since the newest message with the role `user`.
    pub fn tool_outputs(&self) -> Vec<String> {
        let newest = self.input().iter().rposition(is_user_message);
        self.tool_outputs_from(newest.map_or(0, |at| at + 1))
    }

    /// What the tools said after this place in the input.
    pub fn tool_outputs_after(&self, at: usize) -> Vec<String> {
        self.tool_outputs_from(at + 1)
    }

    fn tool_outputs_from(&self, start: usize) -> Vec<String> {
        let later = self.input().iter().skip(start);
        later
            .filter(|item| text(item, "type").ends_with("_call_output"))
            .map(|item| parts_text(item.get("output")))
            .collect()
    }

    /// What this request weighs in memory, roughly.
    pub(super) fn weight(&self) -> usize {
        let tools = self.body.get("tools").map_or(0, weight);
        self.instructions().len() + tools + self.input().iter().map(weight).sum::<usize>()
    }
}

impl Tools {
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.offered.keys().map(String::as_str)
    }

    /// Whether a tool of this name is offered.
    pub fn has(&self, name: &str) -> bool {
        self.offered.contains_key(name)
    }

    /// A call that runs this shell command, in the form that these tools want.
    pub fn shell(&self, command: &str) -> Value {
        self.shell_with(command, Map::new())
    }

    /// The same, asking for it to run outside the sandbox: a request for approval.
    pub fn shell_unsandboxed(&self, command: &str, justification: &str) -> Value {
        let mut extra = Map::new();
        extra.insert("sandbox_permissions".into(), "require_escalated".into());
        extra.insert("justification".into(), justification.into());
        self.shell_with(command, extra)
    }

    /// A call that applies a patch in Codex's own format (`*** Begin Patch` …).
    pub fn patch(&self, patch: &str) -> Value {
        match self.offered.get("apply_patch") {
            Some(tool) if tool.kind == "custom" => self.custom("apply_patch", patch),
            Some(tool) if tool.kind == "function" => {
                self.function("apply_patch", &json!({"input": patch}))
            }
            _ if self.code_mode() => {
                let patch = Value::from(patch);
                self.custom("exec", &format!("text(await tools.apply_patch({patch}));"))
            }
            _ => self.shell(&format!("apply_patch <<'PATCH'\n{patch}\nPATCH")),
        }
    }

    /// A call of a function tool.
    pub fn function(&self, name: &str, arguments: &Value) -> Value {
        items::function_call(name, self.namespace(name), arguments)
    }

    /// A call of a tool that takes plain text.
    pub fn custom(&self, name: &str, input: &str) -> Value {
        items::custom_call(name, self.namespace(name), input)
    }

    fn of(body: &Value) -> Tools {
        let mut tools = Tools::default();
        tools.collect(body.get("tools"), None);
        // Newer models get their tools as an item of the input.
        let input = body.get("input").and_then(Value::as_array);
        for item in input.into_iter().flatten() {
            if text(item, "type") == "additional_tools" {
                tools.collect(item.get("tools"), None);
            }
        }
        tools
    }

    fn collect(&mut self, list: Option<&Value>, namespace: Option<&str>) {
        for tool in list.and_then(Value::as_array).into_iter().flatten() {
            let kind = text(tool, "type");
            let name = match text(tool, "name") {
                "" => kind,
                name => name,
            };
            if kind == "namespace" {
                self.collect(tool.get("tools"), Some(name));
            }
            self.offered.insert(
                name.to_owned(),
                Tool {
                    kind: kind.to_owned(),
                    namespace: namespace.map(str::to_owned),
                },
            );
        }
    }

    fn shell_with(&self, command: &str, mut extra: Map<String, Value>) -> Value {
        if self.has("exec_command") {
            exec_command(command, &mut extra);
            return self.function("exec_command", &extra.into());
        }
        if self.has("shell_command") {
            extra.insert("command".into(), command.into());
            return self.function("shell_command", &extra.into());
        }
        if self.has("local_shell") {
            return items::local_shell_call(command);
        }
        if self.code_mode() {
            exec_command(command, &mut extra);
            let arguments = Value::from(extra);
            return self.custom(
                "exec",
                &format!("const r = await tools.exec_command({arguments}); text(r.output ?? r);"),
            );
        }
        extra.insert("command".into(), json!(["bash", "-lc", command]));
        self.function("shell", &extra.into())
    }

    /// Whether the model has one tool, which runs JavaScript that calls the others.
    fn code_mode(&self) -> bool {
        let exec = self.offered.get("exec");
        exec.is_some_and(|tool| tool.kind == "custom")
    }

    fn namespace(&self, name: &str) -> Option<&str> {
        let tool = self.offered.get(name);
        tool.and_then(|tool| tool.namespace.as_deref())
    }
}

fn exec_command(command: &str, arguments: &mut Map<String, Value>) {
    arguments.insert("cmd".into(), command.into());
    arguments.insert("yield_time_ms".into(), 30_000.into());
}

fn is_user_message(item: &Value) -> bool {
    matches!(text(item, "type"), "" | "message") && text(item, "role") == "user"
}

/// The text of content that is a string, a list of parts, or an object around one of both.
fn parts_text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        Some(Value::Object(object)) => parts_text(object.get("content")),
        _ => String::new(),
    }
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 24,
        Value::Array(list) => 24 + list.iter().map(weight).sum::<usize>(),
        Value::Object(object) => {
            let members = object.iter().map(|(key, value)| key.len() + weight(value));
            24 + members.sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 24,
    }
}
