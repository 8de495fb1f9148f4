//! What Codex asks before it goes on, and the answers in its words.

use serde_json::{Value, json};

use crate::adapters::codex::parse::Parser;
use crate::domain::question::{Decision, QuestionKind};
use crate::domain::scrub::Scrubbed;

/// JSON-RPC's code for a method that is not there.
const METHOD_NOT_FOUND: i64 = -32601;
/// The longest command that is asked about, in bytes: what nobody reads nobody should allow.
const LONGEST_COMMAND: usize = 8 * 1024;
/// How many files of a patch are named.
const MOST_FILES: usize = 40;

/// A request of Codex's that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Codex's id of the request, which the answer repeats.
    id: Value,
    /// What it is about.
    pub kind: QuestionKind,
    /// The command, or the files of the patch.
    pub subject: Scrubbed,
    /// The same as Codex gave it, to tell whether the same is asked again. It is never shown.
    pub exact: String,
    /// Where it would run.
    pub folder: Option<Scrubbed>,
    /// Why, in the model's words.
    pub reason: Option<Scrubbed>,
}

impl Asked {
    /// Reads a request; `None` if it is no question that a person could answer. `patch` is the one that began last.
    pub(super) fn of(
        method: &str,
        id: &Value,
        params: &Value,
        patch: Option<&Patch>,
        parser: &Parser,
    ) -> Option<Asked> {
        let word = |name: &str| params[name].as_str().filter(|text| !text.trim().is_empty());
        let clean = |text: &str| parser.cleaned(text);
        let (kind, subject) = match method {
            "item/commandExecution/requestApproval" if is_plain_command(params) => {
                let command = word("command").filter(|text| text.len() <= LONGEST_COMMAND)?;
                (QuestionKind::Command, command)
            }
            "item/fileChange/requestApproval" => {
                let item = params["itemId"].as_str();
                let patch = patch.filter(|patch| Some(patch.item.as_str()) == item)?;
                (QuestionKind::FileChange, patch.files.as_str())
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

/// A patch that Codex is about to write.
#[derive(Debug)]
pub(super) struct Patch {
    item: String,
    files: String,
}

impl Patch {
    /// Reads an item that begins; `None` if it is no patch.
    pub(super) fn of(item: &Value) -> Option<Patch> {
        let changes = item["changes"].as_array().filter(|all| !all.is_empty())?;
        let named = changes.iter().take(MOST_FILES);
        let mut files: Vec<_> = named
            .filter_map(|change| change["path"].as_str())
            .map(str::to_owned)
            .collect();
        let more = changes.len().saturating_sub(files.len());
        if more > 0 {
            files.push(format!("and {more} more"));
        }
        Some(Patch {
            item: item["id"].as_str()?.to_owned(),
            files: files.join("\n"),
        })
    }
}

/// Whether it is about a command and nothing besides. A request for the network alone, or to write into a terminal that
/// is there, names a command too, and would be taken for it.
fn is_plain_command(params: &Value) -> bool {
    let kind = params["kind"].as_str();
    kind.is_none_or(|kind| kind == "command")
        && params["networkApprovalContext"].is_null()
        && params["additionalPermissions"].is_null()
}

/// The answer to what nobody can answer here. The turn goes on.
pub(super) fn refusal(id: &Value, method: &str) -> String {
    let result = match method {
        "item/commandExecution/requestApproval" | "item/fileChange/requestApproval" => {
            json!({ "decision": "decline" })
        }
        "item/permissions/requestApproval" => json!({ "permissions": {}, "scope": "turn" }),
        "item/tool/requestUserInput" => json!({ "answers": {} }),
        "item/tool/call" => json!({ "contentItems": [], "success": false }),
        "mcpServer/elicitation/request" => {
            json!({ "action": "decline", "content": null, "_meta": null })
        }
        _ => {
            let message = format!("the client has no method `{method}`");
            let error = json!({ "code": METHOD_NOT_FOUND, "message": message });
            return json!({ "id": id, "error": error }).to_string();
        }
    };
    json!({ "id": id, "result": result }).to_string()
}
