//! What the scripted model does when a prompt tells it to: one scenario per `MOCK:` marker, so that runs in parallel may
//! differ and share nothing.
//!
//! A marker ends with its line. The newest marker of the newest message that has one counts; without one the answer is a
//! greeting.
//!
//! | marker | what happens |
//! | --- | --- |
//! | `MOCK:answer [text]` | a message |
//! | `MOCK:say <n>` | that many messages in one response |
//! | `MOCK:shell <command>` | a shell call, then a message that quotes its output |
//! | `MOCK:escalate <command>` | the same, asking to leave the sandbox (a request for approval) |
//! | `MOCK:shells <command> ;; <command>` | several shell calls, a message before each |
//! | `MOCK:patch <file> [text]` | a patch that adds the file |
//! | `MOCK:update <file> <old> <new>` | a patch that replaces one line |
//! | `MOCK:slow <n> <seconds>` | a message of that many deltas, that far apart |
//! | `MOCK:hang` | the beginning of a response, then silence |
//! | `MOCK:silent` | no reply at all |
//! | `MOCK:http <code> [usage_limit]` | an HTTP error |
//! | `MOCK:http_once <code> <n>` | that error for the first n requests of the thread, then a message |
//! | `MOCK:failed [code]` | a response that fails |
//! | `MOCK:incomplete` | a response that ends at its limit of tokens |
//! | `MOCK:cut` | a stream that ends without the response having ended |
//! | `MOCK:abort` | a connection that is closed in the middle of a message |
//! | `MOCK:badsse` | an event that is no JSON, then a message |
//! | `MOCK:huge <kilobytes>` | a message of that size |
//! | `MOCK:hugeshell <kilobytes>` | a shell command that prints that much |
//! | `MOCK:reason` | a summary of reasoning, then a message |
//! | `MOCK:plan` | a plan, where Codex still offers that tool, then a message |
//! | `MOCK:websearch` | a web search, then a message |
//! | `MOCK:json <json>` | a message that is exactly this |
//! | `MOCK:secret` | a message with credentials in it, none of them real |
#![allow(clippy::unwrap_used)]

mod errors;
mod play;
mod scenario;

use std::fs;
use std::path::Path;

use bridge_core::adapters::scripted_model::{Reply, Request, ScriptedModel, codex_config};

use crate::model::play::Scenarios;
pub use crate::model::scenario::Scenario;

/// Starts a model that plays the scenarios.
pub fn start() -> ScriptedModel {
    ScriptedModel::start(scenarios(Scenario::greeting())).unwrap()
}

/// The scenarios as a script. Each has its own memory of what a thread was already refused.
pub fn scenarios(unmarked: Scenario) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let scenarios = Scenarios::new(unmarked);
    move |request| scenarios.reply(request)
}

/// Writes a `CODEX_HOME` whose Codex talks to the model on this port and may write below its working folder.
///
/// Codex refuses a home below the temporary folder.
pub fn write_home(home: &Path, port: u16) {
    fs::create_dir_all(home).unwrap();
    fs::write(home.join("config.toml"), config(port)).unwrap();
}

/// What [`write_home`] writes. The model is one for which all versions offer plain tools rather than code mode.
pub fn config(port: u16) -> String {
    let provider = codex_config(port);
    format!(
        r#"model = "gpt-5.4"
approval_policy = "never"
sandbox_mode = "workspace-write"
{provider}"#
    )
}
