//! What the model says in the product's self-test: one shell call, then an answer that quotes what it printed.

use crate::adapters::scripted_model::{Answer, Reply, Request, Usage, message};

/// What the shell command of the self-test prints. It is no part of the command, so an error that quotes the command is
/// not mistaken for its output.
pub const SELF_TEST_OUTPUT: &str = "codex-bridge-self-test";

const COMMAND: &str = "printf '%s-%s\\n' codex-bridge self-test";

/// The script of the self-test. A run whose last message contains [`SELF_TEST_OUTPUT`] proves that prompt, tools, sandbox
/// and events all went through; the event about the command itself is no proof, as older versions of Codex may lose it.
pub fn self_test_script(request: &Request) -> Reply {
    let answer = Answer::to(request);
    let answer = match request.tool_outputs().last() {
        None => answer.item(request.tools.shell(COMMAND)),
        Some(output) => answer.item(message(&format!("The command answered:\n{output}"))),
    };
    answer.completed(Usage::SMALL)
}
