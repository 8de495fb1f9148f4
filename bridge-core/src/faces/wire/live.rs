//! What a run is writing at this moment.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::live::{Live, LiveKind};

/// A message, a thought or the output of a command that is still being written. It will come whole as an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveDto {
    /// Which item it is; another id means another text.
    pub item: String,
    /// What is being written.
    pub kind: LiveKindDto,
    /// The end of its text so far. A word that may become a part of a secret is held back.
    pub text: String,
    /// How many bytes before `text` are left out.
    pub left_out: u64,
}

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveKindDto {
    /// A message of the model, Markdown.
    Message,
    /// The summary of its thoughts, Markdown.
    Reasoning,
    /// What a command writes.
    Output,
}

impl LiveDto {
    /// Keeps the last `max` bytes of the text or so.
    pub fn shorten(&mut self, max: usize) {
        let from = (self.text).ceil_char_boundary(self.text.len().saturating_sub(max));
        self.text.drain(..from);
        self.left_out += from as u64;
    }
}

impl From<&Live> for LiveDto {
    fn from(live: &Live) -> LiveDto {
        LiveDto {
            item: live.item.as_str().to_owned(),
            kind: match live.kind {
                LiveKind::Message => LiveKindDto::Message,
                LiveKind::Reasoning => LiveKindDto::Reasoning,
                LiveKind::Output => LiveKindDto::Output,
            },
            text: live.text.as_str().to_owned(),
            left_out: live.left_out,
        }
    }
}
