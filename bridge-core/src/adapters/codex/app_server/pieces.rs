//! What comes in pieces before it comes whole.

use serde_json::Value;

use crate::domain::live::LiveKind;

/// News of an item that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Some more of its text, as it came: it has not been scrubbed, and may end within a secret.
    More {
        /// Codex's id of the item.
        item: String,
        /// What is being written.
        kind: LiveKind,
        /// What to add to it.
        text: String,
    },
    /// It came whole.
    Whole {
        /// Codex's id of the item.
        item: String,
    },
}

/// Whether this is a piece of an item that will come whole.
pub(super) fn is_piece(method: &str) -> bool {
    const PIECES: &[&str] = &[
        "item/agentMessage/delta",
        "item/commandExecution/outputDelta",
        "item/fileChange/outputDelta",
        "item/reasoning/",
    ];
    PIECES.iter().any(|piece| method.starts_with(piece))
}

/// What a notification tells of an item that is being written.
pub(super) fn piece(method: &str, params: &Value) -> Option<Piece> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let more = |kind, text| {
        let item = word(&params["itemId"]);
        Some(Piece::More { item, kind, text })
    };
    match method {
        "item/agentMessage/delta" => more(LiveKind::Message, word(&params["delta"])),
        "item/commandExecution/outputDelta" => more(LiveKind::Output, word(&params["delta"])),
        "item/reasoning/summaryTextDelta" => more(LiveKind::Reasoning, word(&params["delta"])),
        // The first part is told, too.
        "item/reasoning/summaryPartAdded" if params["summaryIndex"].as_u64() > Some(0) => {
            more(LiveKind::Reasoning, "\n\n".to_owned())
        }
        "item/completed" => Some(Piece::Whole {
            item: word(&params["item"]["id"]),
        }),
        _ => None,
    }
}
