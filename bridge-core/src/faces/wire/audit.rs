//! The audit log.

use schemars::JsonSchema;
use serde::Serialize;

use crate::adapters::store::{AuditPage, AuditRow, AuditWords};
use crate::domain::scrub::Scrubbed;
use crate::faces::wire::time::rfc3339;

/// Something that somebody asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditEntryDto {
    /// Its number.
    pub n: u64,
    /// When.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// Who asked.
    pub client: String,
    /// For what.
    pub action: String,
    /// What it was about.
    pub subject: String,
    /// What came of it.
    pub outcome: String,
    /// What else is worth knowing.
    pub detail: String,
}

/// A page of the audit log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AuditPageDto {
    /// The entries.
    pub entries: Vec<AuditEntryDto>,
    /// The `before` of the next page; null at the end.
    pub next: Option<u64>,
    /// On the first page, all clients that asked for something; else null.
    pub clients: Option<Vec<String>>,
    /// On the first page, all that was asked for; else null.
    pub actions: Option<Vec<String>>,
}

impl AuditPageDto {
    /// The page; the first one comes with what the log can be filtered by.
    pub fn new(page: &AuditPage, words: Option<&AuditWords>) -> AuditPageDto {
        let told = |words: &[Scrubbed]| words.iter().map(|word| word.as_str().to_owned()).collect();
        AuditPageDto {
            entries: page.rows.iter().map(AuditEntryDto::new).collect(),
            next: page.next,
            clients: words.map(|words| told(&words.clients)),
            actions: words.map(|words| told(&words.actions)),
        }
    }
}

impl AuditEntryDto {
    /// The entry.
    pub fn new(row: &AuditRow) -> AuditEntryDto {
        let entry = &row.entry;
        AuditEntryDto {
            n: row.n,
            at: rfc3339(entry.at),
            client: entry.client.as_str().to_owned(),
            action: entry.action.as_str().to_owned(),
            subject: entry.subject.as_str().to_owned(),
            outcome: entry.outcome.as_str().to_owned(),
            detail: entry.detail.as_str().to_owned(),
        }
    }
}
