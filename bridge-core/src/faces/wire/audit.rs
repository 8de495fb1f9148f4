//! An entry of the audit log.

use serde::Serialize;

use crate::adapters::store::AuditRow;
use crate::faces::wire::time::rfc3339;

/// An entry as it is exported.
#[derive(Debug, Serialize)]
pub(crate) struct AuditEntryDto<'a> {
    /// Its number.
    pub(crate) n: u64,
    /// When.
    pub(crate) at: String,
    /// Who asked.
    pub(crate) client: &'a str,
    /// For what.
    pub(crate) action: &'a str,
    /// What it was about.
    pub(crate) subject: &'a str,
    /// What came of it.
    pub(crate) outcome: &'a str,
    /// What else is worth knowing.
    pub(crate) detail: &'a str,
}

impl AuditEntryDto<'_> {
    /// The entry.
    pub(crate) fn new(row: &AuditRow) -> AuditEntryDto<'_> {
        let entry = &row.entry;
        AuditEntryDto {
            n: row.n,
            at: rfc3339(entry.at),
            client: entry.client.as_str(),
            action: entry.action.as_str(),
            subject: entry.subject.as_str(),
            outcome: entry.outcome.as_str(),
            detail: entry.detail.as_str(),
        }
    }
}
