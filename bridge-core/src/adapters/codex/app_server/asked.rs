//! What Codex asks before it goes on, and the answers in its words.

use serde_json::{Value, json};

use crate::adapters::codex::parse::Parser;
use crate::domain::question::{Decision, QuestionKind};
use crate::domain::scrub::Scrubbed;

/// JSON-RPC's code for a method that is not there.
const METHOD_NOT_FOUND: i64 = -32601;

/// A request of Codex's that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Codex's id of the request, which the answer repeats.
    id: Value,
    /// What it is about.
    pub kind: QuestionKind,
    /// The command, or the files that the patch changes.
    pub subject: Scrubbed,
    /// The same as Codex gave it, to tell whether the same is asked again. It is never shown.
    pub exact: String,
    /// Where it would run.
    pub folder: Option<Scrubbed>,
    /// Why, in the model's words.
    pub reason: Option<Scrubbed>,
}

impl Asked {
    /// Reads a request; `None` if it is no question that a person could answer. `files` are those of the patch that is
    /// meant.
    pub(super) fn of(
        method: &str,
        id: &Value,
        params: &Value,
        files: Option<&str>,
        parser: &Parser,
    ) -> Option<Asked> {
        let word = |name: &str| params[name].as_str().filter(|text| !text.trim().is_empty());
        let clean = |text: &str| parser.cleaned(text);
        let (kind, subject) = match method {
            "item/commandExecution/requestApproval" => (QuestionKind::Command, word("command")?),
            "item/fileChange/requestApproval" => {
                (QuestionKind::FileChange, files.unwrap_or("a patch"))
            }
            _ => return None,
        };
        let folder = word("cwd").or_else(|| word("grantRoot"));
        Some(Asked {
            id: id.clone(),
            kind,
            subject: clean(subject),
            // A patch is never the same again: nothing of it is told here.
            exact: match kind {
                QuestionKind::Command => format!("{}\0{subject}", folder.unwrap_or_default()),
                QuestionKind::FileChange => String::new(),
            },
            folder: folder.map(clean),
            reason: word("reason").map(clean),
        })
    }

    /// The answer. What is allowed for a whole run the bridge remembers itself: Codex would take more for the same.
    pub fn answer(&self, decision: Decision) -> String {
        let word = match decision {
            Decision::AllowOnce | Decision::AllowForRun => "accept",
            Decision::Decline => "decline",
            Decision::Stop => "cancel",
        };
        json!({ "id": self.id, "result": { "decision": word } }).to_string()
    }
}

/// The patch that a notification tells of: the item's id, and its files, a line each.
pub(super) fn patch(method: &str, item: &Value) -> Option<(String, String)> {
    if method != "item/started" || item["type"] != "fileChange" {
        return None;
    }
    let changes = item["changes"].as_array()?.iter();
    let paths: Vec<_> = changes
        .filter_map(|change| change["path"].as_str())
        .collect();
    Some((item["id"].as_str()?.to_owned(), paths.join("\n")))
}

/// The answer to what nobody can answer here. The turn goes on.
pub(super) fn refusal(id: &Value, method: &str) -> String {
    let answer = match method {
        "item/commandExecution/requestApproval" | "item/fileChange/requestApproval" => {
            json!({ "id": id, "result": { "decision": "decline" } })
        }
        _ => {
            let message = format!("the client has no method `{method}`");
            json!({ "id": id, "error": { "code": METHOD_NOT_FOUND, "message": message } })
        }
    };
    answer.to_string()
}
