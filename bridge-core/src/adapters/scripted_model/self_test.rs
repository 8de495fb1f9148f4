//! What the model says in the product's self-test: one shell call, then an answer that quotes what it printed.

use crate::adapters::scripted_model::{Answer, Reply, Request, Usage, message};

/// What the shell command of the self-test prints.
pub const SELF_TEST_ECHO: &str = "codex-bridge-self-test";

/// The script of the self-test. A run that ends with a message containing [`SELF_TEST_ECHO`] after a command proves that
/// prompt, tools, sandbox and events all went through.
pub fn self_test_script(request: &Request) -> Reply {
    let answer = Answer::to(request);
    let answer = match request.tool_outputs().last() {
        None => answer.item(request.tools.shell(&format!("echo {SELF_TEST_ECHO}"))),
        Some(output) => answer.item(message(&format!("The command answered:\n{output}"))),
    };
    answer.completed(Usage::SMALL)
}
