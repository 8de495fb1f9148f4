//! A session of Codex in a list.

use schemars::JsonSchema;
use serde::Serialize;

use crate::faces::wire::text::{abridge, owned};
use crate::faces::wire::time::rfc3339;
use crate::use_cases::bridge::ListedSession;

/// One session that Codex has kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SessionDto {
    /// The session's id, for `codex_resume_session`.
    pub session_id: String,
    /// The beginning of what was said first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The folder in which it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// When it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub created_at: Option<String>,
    /// When something was last added to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub updated_at: Option<String>,
    /// What began it, in Codex's words, such as `cli`, `exec` or `vscode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The version of Codex that began it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codex_version: Option<String>,
    /// How large its record is, in bytes.
    pub bytes: u64,
    /// Whether it is archived; then it can't be gone on with.
    pub archived: bool,
    /// The latest run of the bridge that worked in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

impl From<&ListedSession> for SessionDto {
    fn from(listed: &ListedSession) -> SessionDto {
        let session = &listed.session;
        SessionDto {
            session_id: session.thread.to_string(),
            title: owned(session.title.as_ref()),
            working_dir: owned(session.folder.as_ref()),
            created_at: session.created.map(rfc3339),
            updated_at: session.changed.map(rfc3339),
            source: owned(session.source.as_ref()),
            codex_version: owned(session.version.as_ref()),
            bytes: session.bytes,
            archived: session.archived,
            run_id: listed.run.as_ref().map(ToString::to_string),
        }
    }
}

impl SessionDto {
    /// Keeps each text but the folder below `max` bytes or so.
    pub fn abridge(&mut self, max: usize) {
        let texts = [&mut self.title, &mut self.source, &mut self.codex_version];
        for text in texts.into_iter().flatten() {
            abridge(text, max);
        }
    }
}
