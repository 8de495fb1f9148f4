//! What the last runs tell: whether the login was accepted, and whether the account's limit was reached.

use crate::domain::error::ErrorCode;
use crate::domain::quota::Quota;
use crate::domain::run::{RunSummary, Timestamp};
use crate::domain::state::{Outcome, RunState};
use crate::use_cases::doctor::Exam;
use crate::use_cases::doctor::catalogue::Ill;
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::quota::{moment, sentence};

/// So many of the runs that ended last are looked at.
const RECENT: usize = 20;
/// A limit that was reached longer ago says nothing any more.
const QUOTA_MS: i64 = 24 * 60 * 60 * 1000;

impl Exam<'_> {
    pub(super) async fn runs(&self, quota: Option<&Quota>) -> Findings {
        let mut found = self.findings();
        let Some(store) = &self.store else {
            return found;
        };
        let Ok(glance) = store.glance(RECENT).await else {
            return found;
        };
        let ended = |run: &RunSummary| run.times.ended.unwrap_or(run.times.created);
        // Newest first: what came before a success is past.
        let since: Vec<&RunSummary> = glance
            .recent
            .iter()
            .take_while(|run| !succeeded(run))
            .collect();
        if let Some(proof) = glance.recent.iter().find(|run| succeeded(run)) {
            let what = format!(
                "the last run that Codex and its login served ended {}",
                moment(ended(proof))
            );
            found.well("last_success", &what);
        }
        let failed = |code: ErrorCode| {
            let with = |run: &&&RunSummary| {
                (run.failure.as_ref()).is_some_and(|failure| failure.code == code)
            };
            since.iter().find(with)
        };
        if let Some(run) = failed(ErrorCode::LoggedOut)
            && let Some(failure) = &run.failure
            && !self.logged_in_since(ended(run))
        {
            let what = format!(
                "the run {}, {}, was refused: {}",
                run.id,
                moment(ended(run)),
                failure.message
            );
            found.ill(Ill::LoginRefused, &what);
            found.by_hand("Log in", "codex login");
        }
        let now = (self.bridge.host().now)();
        let closed = quota.and_then(|quota| quota.closed_until(now));
        if let Some(until) = closed {
            let what = format!("the account's limit is reached until {}", moment(until));
            found.ill(Ill::QuotaSpent, &what);
        } else if let Some(window) = quota.and_then(|quota| quota.tightest(now)) {
            found.well("quota", &sentence(&window));
        }
        if closed.is_none()
            && let Some(run) = failed(ErrorCode::UsageLimit)
            && let Some(failure) = &run.failure
            && now.0 - ended(run).0 < QUOTA_MS
        {
            let what = format!(
                "the run {}, {}, met the account's limit: {}",
                run.id,
                moment(ended(run)),
                failure.message
            );
            found.ill(Ill::QuotaSpent, &what);
        }
        found
    }

    /// Whether the file with Codex's login was written after this moment.
    fn logged_in_since(&self, moment: Timestamp) -> bool {
        let Ok(settings) = &self.settings else {
            return false;
        };
        let login = std::fs::metadata(settings.config.codex_home.join("auth.json"));
        let written = login.and_then(|seen| seen.modified()).ok();
        let since = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        since.is_some_and(|since| i64::try_from(since.as_millis()).is_ok_and(|at| at > moment.0))
    }
}

fn succeeded(run: &RunSummary) -> bool {
    matches!(run.state, RunState::Ended(Outcome::Succeeded))
}
