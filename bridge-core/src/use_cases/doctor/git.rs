//! The doctor's look at git, at repositories that it would refuse, and at copies that nobody finished.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::adapters::git::program::FindError;
use crate::domain::id::RunId;
use crate::domain::run::Timestamp;
use crate::use_cases::doctor::Exam;
use crate::use_cases::doctor::catalogue::Ill;
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::error::chain;
use crate::use_cases::workspace::{self, WorkspaceError, Workspaces};

/// So many folders of a root are looked at.
const MOST_FOLDERS: usize = 200;

impl Exam<'_> {
    pub(super) async fn git(&self) -> Findings {
        let mut found = self.findings();
        match workspace::git(self.bridge.host()).await {
            Ok(git) => found.well("git", &format!("git {}", git.version())),
            Err(error) => {
                let what = format!(
                    "{}: tasks work in the folder itself, and nobody tells what they changed",
                    chain(&error)
                );
                found.ill(no_git(&error), &what);
            }
        }
        self.ownership(&mut found);
        self.worktrees(&mut found).await;
        found
    }

    /// Repositories in or directly below a root that are somebody else's, and that the person did not call safe.
    fn ownership(&self, found: &mut Findings) {
        let Ok(settings) = &self.settings else { return };
        let mut foreign: BTreeSet<PathBuf> = BTreeSet::new();
        for root in settings.config.roots.roots() {
            let below = std::fs::read_dir(root).into_iter().flatten().flatten();
            let below = below.take(MOST_FOLDERS).map(|entry| entry.path());
            foreign.extend(
                [root.clone()]
                    .into_iter()
                    .chain(below)
                    .filter(|folder| is_foreign(folder)),
            );
        }
        if foreign.is_empty() {
            return;
        }
        let host = self.bridge.host();
        let global = [
            host.home.join(".gitconfig"),
            host.home.join(".config/git/config"),
        ];
        let safe: String = global
            .iter()
            .filter_map(|file| std::fs::read_to_string(file).ok())
            .collect();
        for folder in foreign {
            let is_safe = safe.lines().any(|line| {
                let value = line.trim().strip_prefix("directory");
                let value =
                    value.map(|rest| rest.trim_start_matches([' ', '=', '\t']).trim_matches('"'));
                value.is_some_and(|value| value == "*" || Path::new(value) == folder)
            });
            if !is_safe {
                let shown = folder.display();
                found.ill(
                    Ill::GitOwnership,
                    &format!("the repository `{shown}` belongs to somebody else"),
                );
                let quoted = folder.display().to_string().replace('\'', "'\\''");
                let command = format!("git config --global --add safe.directory '{quoted}'");
                found.by_hand("Call it safe", &command);
            }
        }
    }

    /// Copies of repositories whose changes nobody took, and the room that all copies take.
    async fn worktrees(&self, found: &mut Findings) {
        let (Ok(settings), Some(store)) = (&self.settings, &self.store) else {
            return;
        };
        let places = Workspaces::in_state(&settings.config.state_dir);
        if !places.any() {
            return;
        }
        let looked = async {
            let git = workspace::git(self.bridge.host()).await?;
            workspace::keeping(&git, store, &places, settings.config.history).await
        };
        let keeping = match looked.await {
            Ok(keeping) => keeping,
            Err(error) => return found.ill(Ill::WorktreesUnreadable, &chain(&error)),
        };
        let room = format!("{} MiB", keeping.disk.bytes.div_ceil(1 << 20));
        let Some(first) = keeping.first_goes else {
            return found.well(
                "worktrees",
                &format!("no changes wait to be taken; {room} in use"),
            );
        };
        let runs: Vec<_> = keeping
            .unfinished
            .iter()
            .take(5)
            .map(RunId::as_str)
            .collect();
        let what = format!(
            "{} with changes that nobody took yet ({}); the first goes on {}, its changes are then kept as a patch; {room} in use",
            match keeping.unfinished.len() {
                1 => "1 worktree".to_owned(),
                count => format!("{count} worktrees"),
            },
            runs.join(", "),
            day(first),
        );
        found.well("worktrees", &what);
    }
}

fn no_git(error: &WorkspaceError) -> Ill {
    match error {
        WorkspaceError::NoGit(FindError::Missing) => Ill::GitMissing,
        WorkspaceError::NoGit(FindError::TooOld { .. }) => Ill::GitTooOld,
        _ => Ill::GitUnusable,
    }
}

/// As git sees it: the folder and its git folder have to be ours.
fn is_foreign(folder: &Path) -> bool {
    let is_other = |path: &Path| {
        std::fs::symlink_metadata(path).is_ok_and(|seen| seen.uid() != geteuid().as_raw())
    };
    let inside = folder.join(".git");
    inside.exists() && (is_other(folder) || is_other(&inside))
}

/// The day of a moment, UTC.
fn day(moment: Timestamp) -> String {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::MAX);
    moment.strftime("%Y-%m-%d").to_string()
}
