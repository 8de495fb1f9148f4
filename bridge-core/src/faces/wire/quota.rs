//! What is left of the account's limits.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::quota::{Quota, Window};
use crate::faces::wire::time::rfc3339;

/// What Codex told last of the account's limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuotaDto {
    /// When it told.
    pub told_at: String,
    /// Whether the service refused a run then.
    pub refused: bool,
    /// The limits.
    pub windows: Vec<QuotaWindowDto>,
}

/// A limit on what may be used in a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuotaWindowDto {
    /// What it is called, such as `5-hour limit`.
    pub name: String,
    /// How much of it is left, in percent.
    pub left_percent: u32,
    /// When it begins anew.
    pub resets_at: Option<String>,
}

impl From<&Quota> for QuotaDto {
    fn from(quota: &Quota) -> QuotaDto {
        QuotaDto {
            told_at: rfc3339(quota.at),
            refused: quota.refused,
            windows: quota.windows.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Window> for QuotaWindowDto {
    fn from(window: &Window) -> QuotaWindowDto {
        QuotaWindowDto {
            name: window.name(),
            left_percent: window.left_percent().into(),
            resets_at: window.resets.map(rfc3339),
        }
    }
}
