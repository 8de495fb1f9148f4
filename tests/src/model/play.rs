//! What each scenario replies.

use std::collections::HashMap;
use std::sync::Mutex;

use bridge_core::adapters::scripted_model::{
    Answer, Reply, Request, Step, Usage, message, reasoning, web_search,
};
use serde_json::json;

use crate::model::errors;
use crate::model::scenario::{Scenario, asked};

/// Plays the scenarios, and remembers how often it has refused which thread.
pub(in crate::model) struct Scenarios {
    unmarked: Scenario,
    refused: Mutex<HashMap<String, u64>>,
}

impl Scenarios {
    pub(in crate::model) fn new(unmarked: Scenario) -> Scenarios {
        Scenarios {
            unmarked,
            refused: Mutex::default(),
        }
    }

    pub(in crate::model) fn reply(&self, request: &Request) -> Reply {
        let (scenario, outputs) = asked(request, &self.unmarked);
        if let Scenario::HttpOnce {
            code,
            times,
            answer,
        } = scenario
        {
            return if self.refuse_again(request, times) {
                errors::http_error(code)
            } else {
                say(request, &answer)
            };
        }
        play(&scenario, &outputs, request)
    }

    fn refuse_again(&self, request: &Request, times: u64) -> bool {
        let thread = match request.thread_key() {
            "" => request.last_user_text(),
            key => key.to_owned(),
        };
        let mut refused = self.refused.lock().unwrap();
        let count = refused.entry(thread).or_default();
        *count += 1;
        *count <= times
    }
}

fn play(scenario: &Scenario, outputs: &[String], request: &Request) -> Reply {
    let tools = &request.tools;
    let last = outputs.last();
    match scenario {
        Scenario::Answer(text) => say(request, text),
        Scenario::Say(count) => {
            let messages = (1..=*count).map(|n| message(&format!("message number {n}")));
            messages
                .fold(Answer::to(request), Answer::item)
                .completed(Usage::SMALL)
        }
        Scenario::Shell(command) => match last {
            None => act(request, tools.shell(command)),
            Some(output) => quote(request, "The command answered:", output, 1500),
        },
        Scenario::Escalate(command) => match last {
            None => {
                let why = "mock wants to run this outside the sandbox";
                act(request, tools.shell_unsandboxed(command, why))
            }
            Some(output) => quote(request, "The command answered:", output, 1500),
        },
        Scenario::Shells(commands) => shells(commands, outputs, request),
        Scenario::Patch(patch) => match last {
            None => act(request, tools.patch(patch)),
            Some(output) => quote(request, "Patch result:", output, 800),
        },
        Scenario::Slow { deltas, pause } => {
            let ticks: Vec<String> = (0..*deltas).map(|n| format!("tick {n}. ")).collect();
            Answer::to(request)
                .growing_message(&ticks, *pause)
                .completed(Usage::SMALL)
        }
        Scenario::Hang => Answer::to(request).step(Step::Hang).unended(),
        Scenario::Silent => Reply::Silence,
        Scenario::Http { code, usage_limit } if *usage_limit => errors::usage_limit(*code),
        Scenario::Http { code, .. } | Scenario::HttpOnce { code, .. } => errors::http_error(*code),
        Scenario::Failed(code) => Answer::to(request).failed(code, &format!("mock failed: {code}")),
        Scenario::Incomplete => Answer::to(request)
            .item(message("half an ans"))
            .incomplete("max_output_tokens"),
        Scenario::Cut => Answer::to(request)
            .unfinished_message("this answer ")
            .unended(),
        Scenario::Abort => Answer::to(request)
            .unfinished_message("this answer ")
            .step(Step::Cut)
            .unended(),
        Scenario::BadSse => {
            let broken = b"event: response.output_text.delta\ndata: {not json\n\n";
            Answer::to(request)
                .step(Step::Raw(broken.to_vec()))
                .item(message("survived a bad SSE line"))
                .completed(Usage::SMALL)
        }
        Scenario::Huge(kilobytes) => {
            let line = "0123456789abcdef".repeat(4);
            let lines = vec![line; kilobytes * 1024 / 65];
            say(request, &lines.join("\n"))
        }
        Scenario::HugeShell(kilobytes) => match last {
            None => {
                let bytes = kilobytes * 1024;
                let command = format!("head -c {bytes} /dev/zero | tr '\\0' x | fold -w 100");
                act(request, tools.shell(&command))
            }
            Some(output) => {
                let length = output.chars().count();
                say(
                    request,
                    &format!("Tool output arrived with {length} characters"),
                )
            }
        },
        Scenario::Reason => Answer::to(request)
            .item(reasoning("**Thinking about it**\n\nI weigh the options."))
            .item(message("Reasoned answer"))
            .completed(Usage::SMALL),
        Scenario::Plan => match last {
            None if tools.has("update_plan") => plan(request),
            _ => say(request, "Plan noted"),
        },
        Scenario::WebSearch => Answer::to(request)
            .item(web_search("mock query"))
            .item(message("Searched the web (mock)"))
            .completed(Usage::SMALL),
        Scenario::Secret => {
            let (a, b, c) = ("A".repeat(40), "B".repeat(40), "C".repeat(30));
            let text =
                format!("key sk-proj-{a} and Authorization: Bearer {b} and OPENAI_API_KEY=sk-{c}");
            say(request, &text)
        }
    }
}

fn say(request: &Request, text: &str) -> Reply {
    act(request, message(text))
}

fn act(request: &Request, item: serde_json::Value) -> Reply {
    Answer::to(request).item(item).completed(Usage::SMALL)
}

fn quote(request: &Request, before: &str, output: &str, limit: usize) -> Reply {
    say(request, &format!("{before}\n{}", tail(output, limit)))
}

fn shells(commands: &[String], outputs: &[String], request: &Request) -> Reply {
    let total = commands.len();
    let done = outputs.len();
    match (commands.get(done), outputs.last()) {
        (Some(command), _) => Answer::to(request)
            .item(message(&format!("Step {} of {total}", done + 1)))
            .item(request.tools.shell(command))
            .completed(Usage::SMALL),
        (None, last) => {
            let output = last.map_or("", String::as_str);
            let before = format!("All {total} commands are done. The last said:");
            quote(request, &before, output, 600)
        }
    }
}

fn plan(request: &Request) -> Reply {
    let arguments = json!({"explanation": "mock plan", "plan": [
        {"step": "look", "status": "completed"},
        {"step": "change", "status": "in_progress"},
        {"step": "test", "status": "pending"},
    ]});
    act(request, request.tools.function("update_plan", &arguments))
}

/// The last characters of a text.
fn tail(text: &str, limit: usize) -> &str {
    let too_many = text.chars().count().saturating_sub(limit);
    let start = text.char_indices().nth(too_many);
    start.map_or("", |(at, _)| &text[at..])
}
