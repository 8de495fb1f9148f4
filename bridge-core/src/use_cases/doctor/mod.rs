//! Looks at everything that a run needs and says what is wrong and how to mend it.

mod clients;
mod codex;
mod looks;

use crate::domain::models::Model;
use crate::domain::scrub::Scrubbed;
use crate::use_cases::bridge::Bridge;

/// What the doctor found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The version of the bridge.
    pub bridge_version: &'static str,
    /// The Codex binary that would be used.
    pub codex: Option<CodexFound>,
    /// The allowed roots.
    pub roots: Vec<Scrubbed>,
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

/// One look.
#[derive(Clone, Debug)]
pub struct Finding {
    /// A stable name, such as `roots` or `codex`.
    pub id: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was seen.
    pub what: Scrubbed,
    /// What mends it, in one sentence; absent where all is well.
    pub remedy: Option<Scrubbed>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All is well.
    Ok,
    /// Works, but something is missing.
    Warning,
    /// Runs will fail.
    Fault,
}

impl Level {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Fault => "fault",
        }
    }
}

impl Report {
    /// The worst of all findings.
    pub fn level(&self) -> Level {
        self.findings
            .iter()
            .map(|finding| finding.level)
            .max()
            .unwrap_or(Level::Ok)
    }
}

/// Looks at everything. Changes nothing but what a run would make as well: the state folder and its database.
pub(crate) async fn examine(bridge: &Bridge) -> Report {
    let mut exam = looks::Exam::new(bridge);
    exam.configuration();
    exam.nesting();
    exam.store().await;
    exam.roots();
    exam.codex().await;
    exam.git().await;
    exam.worktrees().await;
    exam.clients().await;
    exam.report()
}
