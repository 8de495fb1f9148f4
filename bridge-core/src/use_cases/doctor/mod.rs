//! Looks at everything that a run needs, says what is wrong, why that matters and what mends it, and mends it.
//!
//! Each look makes findings; those that have nothing to do with each other look at the same time, each with a limit.
//! `catalogue` has all that can be found wrong; `fix` does what mends it, and is the same for all faces.

mod app;
mod catalogue;
mod clients;
mod codex;
mod codex_home;
mod config;
mod finding;
mod fix;
mod git;
mod memory;
mod roots;
mod runs;
mod state;
mod text;

use crate::adapters::store::Store;
use crate::domain::models::Model;
use crate::domain::quota::Quota;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::error::Error;
use crate::use_cases::settings::Settings;

pub use crate::use_cases::doctor::catalogue::{Ill, Mends};
pub use crate::use_cases::doctor::finding::{Action, Finding, Level};
pub(crate) use crate::use_cases::doctor::fix::mend;
pub use crate::use_cases::doctor::fix::{Deed, Mended, Mending};

/// What the doctor found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The version of the bridge.
    pub bridge_version: &'static str,
    /// The Codex binary that would be used.
    pub codex: Option<CodexFound>,
    /// The allowed roots.
    pub roots: Vec<Scrubbed>,
    /// What is left of the account's limits, where Codex has told.
    pub quota: Option<Quota>,
    /// Runs under way.
    pub running: u32,
    /// Runs that wait for their turn.
    pub queued: u32,
    /// Every look, the good ones too.
    pub findings: Vec<Finding>,
}

/// The Codex binary.
#[derive(Clone, Debug)]
pub struct CodexFound {
    /// The program that is started.
    pub path: Scrubbed,
    /// Where the path came from.
    pub origin: Scrubbed,
    /// Its version.
    pub version: Scrubbed,
    /// What is known of the login, which is no proof that it is valid.
    pub login: Scrubbed,
    /// What this version can't do, a sentence each.
    pub lacks: Vec<Scrubbed>,
    /// The models that it offers; it takes the first unless its configuration or a request names another.
    pub models: Vec<Model>,
}

impl Report {
    /// All of it as Markdown, to hand on: without secrets, and never too long to paste.
    pub fn markdown(&self, bridge: &Bridge) -> Scrubbed {
        text::markdown(self, &bridge.scrubber(), (bridge.host().now)())
    }

    /// The worst of all findings.
    pub fn level(&self) -> Level {
        self.findings
            .iter()
            .map(|finding| finding.level)
            .max()
            .unwrap_or(Level::Ok)
    }
}

/// An examination under way: what all looks share.
struct Exam<'a> {
    bridge: &'a Bridge,
    scrubber: Scrubber,
    settings: Result<Settings, Error>,
    store: Option<Store>,
}

impl Exam<'_> {
    fn findings(&self) -> Findings {
        Findings::new(&self.scrubber)
    }
}

/// Looks at everything. Changes nothing but what a run would make as well: the state folder and its database.
pub(crate) async fn examine(bridge: &Bridge) -> Report {
    let mut exam = Exam {
        bridge,
        scrubber: bridge.scrubber(),
        settings: bridge.settings(),
        store: None,
    };
    let mut report = Report {
        bridge_version: env!("CARGO_PKG_VERSION"),
        codex: None,
        roots: exam.shown_roots(),
        quota: None,
        running: 0,
        queued: 0,
        findings: exam.configuration().list,
    };
    // The other looks want the store.
    let found = exam.state(&mut report).await;
    report.findings.extend(found.list);
    if let Some(store) = &exam.store {
        report.quota = store.quota().await.ok().flatten();
    }
    let exam = &exam;
    let (roots, (codex, found), git, runs, app, clients) = tokio::join!(
        exam.roots(),
        exam.codex(),
        exam.git(),
        exam.runs(report.quota.as_ref()),
        exam.app(),
        exam.clients(),
    );
    report.codex = found;
    for found in [roots, codex, git, runs, app, clients] {
        report.findings.extend(found.list);
    }
    report
}
