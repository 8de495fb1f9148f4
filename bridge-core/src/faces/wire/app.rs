//! Small answers that only the app gives.

use schemars::JsonSchema;
use serde::Serialize;

use crate::faces::wire::error::ErrorDto;

/// Whether an API key lies in the system's keychain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApiKeyDto {
    /// Whether there is one.
    pub stored: bool,
    /// Why the keychain can't be asked.
    pub problem: Option<ErrorDto>,
}

/// Whether the app starts with the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LoginItemDto {
    /// Whether it does.
    pub enabled: bool,
    /// What the person has to know about it.
    pub note: Option<String>,
}

/// What this program is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AboutDto {
    /// The version of the bridge.
    pub version: String,
    /// The version of Codex, if one was found.
    pub codex: Option<String>,
    /// Where runs are kept.
    pub state_dir: String,
    /// The configuration file.
    pub config_path: String,
}

/// A run that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WatchDto {
    /// What to name when it is to be watched no more.
    pub watch: u64,
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TextDto {
    /// The text.
    pub text: String,
}
