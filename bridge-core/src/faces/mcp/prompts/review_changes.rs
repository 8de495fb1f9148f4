//! `review_changes`: has another model look for bugs in a change.

use crate::faces::mcp::prompts::argument::{Argument, Completes, Values};
use crate::faces::mcp::prompts::{FOLLOW, JUDGE, Prompt};

pub(super) const PROMPT: Prompt = Prompt {
    name: "review_changes",
    title: "Have Codex review changes",
    description: "Has Codex review uncommitted changes or a branch, checks its findings, and says which of them are real.",
    arguments: &[
        Argument {
            name: "working_dir",
            title: "Repository",
            description: "The repository, or a folder in it: an absolute path below an allowed root.",
            required: true,
            completes: Completes::Folders,
        },
        Argument {
            name: "base",
            title: "Base branch",
            description: "Review what the current branch changes against this branch. The uncommitted changes if left out.",
            required: false,
            completes: Completes::Branches,
        },
        Argument {
            name: "focus",
            title: "Focus",
            description: "What to look at most closely, such as security, error handling, or one part of the code.",
            required: false,
            completes: Completes::Nothing,
        },
    ],
    write,
};

fn write(values: &Values<'_>) -> String {
    let folder = values.text("working_dir");
    let (what, target) = match values.get("base") {
        Some(base) => (
            format!("what the current branch changes against `{base}`"),
            format!("target `branch` and base `{base}`"),
        ),
        None => (
            "the uncommitted changes".to_owned(),
            "target `uncommitted`".to_owned(),
        ),
    };
    let (focus, instructions) = match values.get("focus") {
        Some(focus) => (
            format!(" Above all I want to know about this:\n\n<focus>\n{focus}\n</focus>"),
            ", and the focus as instructions",
        ),
        None => (String::new(), ""),
    };
    format!(
        "\
Have Codex review {what} in `{folder}`.{focus}

1. Start codex_review_repo with working_dir `{folder}`, {target}{instructions}. It changes nothing. If it says that \
there is nothing to review, tell me so and stop.
2. {FOLLOW}
3. Look at every finding in the code yourself. {JUDGE} Sort them into real, doubtful and wrong, each with the reason, \
file and line, the most severe first.
4. Tell me the verdict, the real findings with what to do about each, the doubtful ones in one line each, and what was \
not looked at. Change nothing before I say so."
    )
}
