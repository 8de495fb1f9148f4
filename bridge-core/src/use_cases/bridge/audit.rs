//! The audit log: what was asked for beside the starts and ends of work, and how it is read.

use crate::adapters::store::{AuditEntry, AuditFilter, AuditPage, AuditRow, AuditWords};
use crate::domain::run::Caller;
use crate::domain::scrub::Scrubbed;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::error::Error;

/// Entries that are read at once.
const PAGE: usize = 500;

/// Something that was asked for, and what came of it.
#[derive(Clone, Debug)]
pub struct Act {
    /// What, such as `cancel_run`.
    pub name: &'static str,
    /// What it was about: a run.
    pub subject: Scrubbed,
    /// `ok`, or the code of the refusal.
    pub outcome: Scrubbed,
    /// What else is worth knowing.
    pub detail: Scrubbed,
}

/// Which entries of the audit log are wanted.
#[derive(Clone, Debug)]
pub struct AuditQuery {
    /// Only what this client asked for.
    pub client: Option<String>,
    /// At most so many, the newest.
    pub limit: usize,
}

impl Bridge {
    /// Writes down what a client asked for. Where that can't be written, the log of the program says so.
    pub async fn note(&self, caller: &Caller, act: Act) {
        let entry = AuditEntry {
            at: (self.host().now)(),
            client: caller.client.clone(),
            action: Scrubbed::literal(act.name),
            subject: act.subject,
            outcome: act.outcome,
            detail: act.detail,
        };
        let written = match self.store().await {
            Ok(store) => store.audit(entry).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::warn!(%error, "could not write the audit log");
        }
    }

    /// What was asked for and what came of it, oldest first.
    pub async fn audit_log(&self, query: &AuditQuery) -> Result<Vec<AuditRow>, Error> {
        let store = self.store().await?;
        let mut rows = Vec::new();
        let mut before = None;
        while rows.len() < query.limit {
            let filter = AuditFilter {
                client: query.client.clone(),
                before,
                limit: PAGE.min(query.limit - rows.len()),
                ..AuditFilter::default()
            };
            let page = store.audit_log(filter).await?;
            rows.extend(page.rows);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        rows.reverse();
        Ok(rows)
    }

    /// A page of it, newest first.
    pub async fn audit_page(&self, filter: AuditFilter) -> Result<AuditPage, Error> {
        Ok(self.store().await?.audit_log(filter).await?)
    }

    /// What it can be filtered by.
    pub async fn audit_words(&self) -> Result<AuditWords, Error> {
        Ok(self.store().await?.audit_words().await?)
    }
}
