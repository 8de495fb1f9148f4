//! `second_opinion`: what does another model think?

use crate::faces::mcp::prompts::argument::{Argument, Completes, Values};
use crate::faces::mcp::prompts::{FOLLOW, JUDGE, Prompt};

pub(super) const PROMPT: Prompt = Prompt {
    name: "second_opinion",
    title: "Ask Codex for a second opinion",
    description: "Asks Codex what it thinks of a question, a plan or a draft, and compares that with your model's own view.",
    arguments: &[
        Argument {
            name: "question",
            title: "Question",
            description: "What Codex is to give its opinion on: a question, a plan, a decision, a draft.",
            required: true,
            completes: Completes::Nothing,
        },
        Argument {
            name: "working_dir",
            title: "Folder",
            description: "The folder that it is about, which Codex may read: an absolute path below an allowed root.",
            required: false,
            completes: Completes::Folders,
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
    let question = values.text("question");
    let folder = match values.get("working_dir") {
        Some(folder) => format!("working_dir `{folder}`"),
        None => "as working_dir the folder that this is about; if it is about none, an allowed folder that codex_doctor \
                 names"
            .to_owned(),
    };
    let choice = choice(values);
    format!(
        "\
Get a second opinion from Codex, another model, on this:

<question>
{question}
</question>

1. Form your own view first and keep it in mind; do not tell Codex what it is, nor which answer I would like.
2. Start codex_run_task with sandbox `read-only`, {folder}{choice}. Codex sees the folder but neither this conversation \
nor what I attached to it, so put all of it that matters into the prompt: the question, the facts and constraints, the \
options, the files to look at. Ask it for a recommendation with reasons, for the strongest argument against it, for \
what it is not sure of, and to change nothing.
3. {FOLLOW}
4. Tell me what Codex thinks, where you and Codex agree, where you do not and who has the better reasons, and what you \
recommend now. {JUDGE}"
    )
}

/// The model and effort that the person named, as the rest of a list of parameters.
pub(super) fn choice(values: &Values<'_>) -> String {
    let named = |name: &str| values.get(name).map(|value| format!(", {name} `{value}`"));
    let (model, effort) = (named("model"), named("effort"));
    model.unwrap_or_default() + &effort.unwrap_or_default()
}
