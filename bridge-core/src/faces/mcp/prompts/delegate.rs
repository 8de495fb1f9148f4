//! `delegate`: has another model do a piece of work.

use crate::faces::mcp::prompts::argument::{Argument, Completes, Values};
use crate::faces::mcp::prompts::second_opinion::choice;
use crate::faces::mcp::prompts::{FOLLOW, JUDGE, Prompt};

const WORKTREE: &str = "worktree";
const IN_PLACE: &str = "in_place";
const READ_ONLY: &str = "read-only";

pub(super) const PROMPT: Prompt = Prompt {
    name: "delegate",
    title: "Delegate a task to Codex",
    description: "Has Codex do a piece of work, checks the result, and brings it into your folder when you agree.",
    arguments: &[
        Argument {
            name: "task",
            title: "Task",
            description: "What Codex is to do, and how one can tell that it is done.",
            required: true,
            completes: Completes::Nothing,
        },
        Argument {
            name: "working_dir",
            title: "Folder",
            description: "The folder to work in: an absolute path below an allowed root.",
            required: true,
            completes: Completes::Folders,
        },
        Argument {
            name: "mode",
            title: "Mode",
            description: "worktree: in a copy of the repository, and you decide what comes back. in_place: in the folder \
                          itself. read-only: look and answer, change nothing. Default: worktree.",
            required: false,
            completes: Completes::Words(&[WORKTREE, IN_PLACE, READ_ONLY]),
        },
        Argument {
            name: "model",
            title: "Model",
            description: "The model that Codex is to use. Codex's own default if left out.",
            required: false,
            completes: Completes::Models,
        },
        Argument {
            name: "effort",
            title: "Effort",
            description: "How hard the model is to think, such as low, medium or high. Codex's own default if left out.",
            required: false,
            completes: Completes::Efforts,
        },
    ],
    write,
};

fn write(values: &Values<'_>) -> String {
    let task = values.text("task");
    let folder = values.text("working_dir");
    let choice = choice(values);
    let mode = values.get("mode").unwrap_or(WORKTREE);
    let (how, end) = match mode {
        READ_ONLY => (
            "sandbox `read-only`".to_owned(),
            "4. Tell me the result in your own words, with what it rests on, and what is still open.".to_owned(),
        ),
        IN_PLACE => (
            format!(
                "sandbox `workspace-write`, workspace `{IN_PLACE}`. Codex then writes in the folder itself, so change \
                 nothing there while it works"
            ),
            "\
4. Look at what it changed with codex_get_changes, every file of it, and run the tests if there are any.
5. Tell me what was changed and why, what you checked, and what is wrong or missing. Mend nothing and undo nothing \
before I say so; for a small correction codex_continue_run goes on where Codex stopped."
                .to_owned(),
        ),
        _ => (
            format!(
                "sandbox `workspace-write`, workspace `{WORKTREE}`: Codex works in a copy of the repository. If the task \
                 builds on uncommitted work, add carry_changes true"
            ),
            "\
4. Read the whole difference with codex_get_changes, page by page, and keep its diff_hash.
5. Tell me what was changed and why, what you checked, and what is wrong or missing; for a correction \
codex_continue_run goes on where Codex stopped.
6. Ask me what is to become of it, then call codex_finish_run: action `apply` with that diff_hash brings it into my \
folder, `branch` keeps it as a branch, `discard` throws it away. Never apply what I have not agreed to."
                .to_owned(),
        ),
    };
    format!(
        "\
Have Codex do this in `{folder}`:

<task>
{task}
</task>

1. Make sure that you know what done means; ask me if the task leaves that open.
2. Start codex_run_task with working_dir `{folder}`{choice}, {how}. Codex sees the folder but not this conversation, so \
write into the prompt the task, all that you know and it needs, what it must leave alone, and how it can tell that it is \
done.
3. {FOLLOW} {JUDGE}
{end}"
    )
}
