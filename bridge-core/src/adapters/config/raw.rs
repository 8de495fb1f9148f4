//! The configuration file as it is written: every key is optional.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawConfig {
    pub(super) allowed_roots: Option<Vec<PathBuf>>,
    pub(super) broad_roots: Option<Vec<PathBuf>>,
    pub(super) codex: RawCodex,
    pub(super) defaults: RawDefaults,
    pub(super) ceilings: RawCeilings,
    pub(super) limits: RawLimits,
    pub(super) history: RawHistory,
    pub(super) scrub: RawScrub,
    pub(super) app: RawApp,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawCodex {
    pub(super) bin: Option<PathBuf>,
    pub(super) backend: Option<String>,
    pub(super) home: Option<PathBuf>,
    pub(super) pass_env: Option<Vec<String>>,
    pub(super) api_key: Option<bool>,
    pub(super) asks: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawDefaults {
    pub(super) workspace: Option<String>,
    pub(super) carry_changes: Option<bool>,
    pub(super) sandbox: Option<String>,
    pub(super) network: Option<bool>,
    pub(super) web_search: Option<bool>,
    pub(super) model: Option<String>,
    pub(super) effort: Option<String>,
    pub(super) minutes: Option<NonZeroU32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawCeilings {
    pub(super) sandbox: Option<String>,
    pub(super) network: Option<bool>,
    pub(super) web_search: Option<bool>,
    pub(super) models: Option<Vec<String>>,
    pub(super) effort: Option<String>,
    pub(super) minutes: Option<NonZeroU32>,
    pub(super) approvals: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawLimits {
    pub(super) running: Option<NonZeroU32>,
    pub(super) queued: Option<u32>,
    pub(super) silence_minutes: Option<NonZeroU32>,
    pub(super) silence_seconds: Option<NonZeroU32>,
    pub(super) first_event_seconds: Option<NonZeroU32>,
    pub(super) answer_seconds: Option<NonZeroU32>,
    pub(super) wait_for_quota: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawHistory {
    pub(super) runs: Option<u32>,
    pub(super) mib: Option<u32>,
    pub(super) days: Option<u32>,
    pub(super) worktree_days: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawScrub {
    pub(super) patterns: Option<Vec<String>>,
    pub(super) values: Option<Vec<String>>,
    pub(super) allow: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawApp {
    pub(super) notify_done: Option<bool>,
    pub(super) notify_failed: Option<bool>,
    pub(super) notify_waiting: Option<bool>,
    pub(super) open_with_client: Option<bool>,
}

impl RawConfig {
    /// Reads the file's text; also returns the keys that mean nothing.
    pub(super) fn parse(file: &Path, text: &str) -> Result<(RawConfig, Vec<String>), ConfigError> {
        let syntax = |key: Option<String>, error: &toml_edit::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            let reason = error.message().trim_end().replace('\n', ", ");
            ConfigError::Syntax {
                file: file.to_owned(),
                line: 1 + text.bytes().take(start).filter(|b| *b == b'\n').count(),
                reason: match key {
                    Some(key) => format!("`{key}`: {reason}"),
                    None => reason,
                },
            }
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document =
            toml_edit::de::Deserializer::parse(text).map_err(|error| syntax(None, &error))?;
        let mut unknown = Vec::new();
        let mut note = |key: serde_ignored::Path<'_>| unknown.push(key.to_string());
        let document = serde_ignored::Deserializer::new(document, &mut note);
        let raw = serde_path_to_error::deserialize(document).map_err(|error| {
            let key = error.path().to_string();
            syntax((key != ".").then_some(key), error.inner())
        })?;
        Ok((raw, unknown))
    }
}
