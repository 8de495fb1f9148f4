//! The doctor's look at the state folder, its disk and its database.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::adapters::store::Store;
use crate::domain::error::ErrorCode;
use crate::platform::disk;
use crate::platform::private_dir::{self, PrivateDirError};
use crate::use_cases::doctor::catalogue::{Ill, Mends};
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::doctor::fix::Fix;
use crate::use_cases::doctor::{Exam, Report};
use crate::use_cases::error::{Error, chain};

/// With less than this nothing is started that writes.
const FULL: u64 = 4 << 20;
/// With less than this a worktree may not fit.
const LOW: u64 = 100 << 20;
/// Files of the state folder that are looked at.
const MOST_FILES: usize = 200;

impl Exam<'_> {
    /// Opens the store for the looks that follow.
    pub(super) async fn state(&mut self, report: &mut Report) -> Findings {
        let mut found = self.findings();
        let path = self.bridge.state_path();
        disk(&mut found, &path);
        match self.bridge.store().await {
            Err(error) => unavailable(&mut found, &path, &error),
            Ok(store) => {
                self.contents(&mut found, report, &store).await;
                self.store = Some(store);
            }
        }
        if let Some(shared) = private_dir::shared_folder(&path) {
            let what = format!("the state folder `{}` lies on {shared}", path.display());
            found.ill(Ill::StateShared, &what);
        }
        open_files(&mut found, &path);
        found
    }

    async fn contents(&self, found: &mut Findings, report: &mut Report, store: &Store) {
        if let Ok(reaper) = self.bridge.reaper()
            && let Err(error) = reaper.sweep(store).await
        {
            tracing::warn!(%error, "can't look for dead runs");
        }
        match store.counts().await {
            Ok(counts) => {
                report.running = u32::try_from(counts.running).unwrap_or(u32::MAX);
                report.queued = u32::try_from(counts.queued).unwrap_or(u32::MAX);
                let what = format!(
                    "the database in `{}` holds {} ended runs in {} MiB",
                    self.bridge.state_path().display(),
                    counts.ended,
                    counts.bytes.div_ceil(1 << 20)
                );
                found.well("store", &what);
                self.limits(found, report);
            }
            Err(error) => {
                let error = Error::Store(error);
                found.ill_with(of_store(error.code()), &chain(&error), &error.hint());
            }
        }
        if store.is_paused().await.unwrap_or(false) {
            found.ill(Ill::Paused, "new runs are paused: they wait in the queue");
            found.fixed_by(Fix::Resume, Mends::Asked);
        }
        if let Ok(Some(recovery)) = store.recovery().await
            && recovery.moved_to.exists()
        {
            let what = format!(
                "the database was damaged and was moved to `{}`; {} runs were saved",
                recovery.moved_to.display(),
                recovery.runs
            );
            found.ill(Ill::StoreRecovered, &what);
        }
    }

    /// What is in force, and what waits.
    fn limits(&self, found: &mut Findings, report: &Report) {
        let Ok(settings) = &self.settings else { return };
        let (queue, run) = (settings.config.queue, settings.config.run);
        let what = format!(
            "{} of at most {} runs are under way, {} of at most {} wait; a run ends after {} min, or {} min of silence",
            report.running,
            queue.running,
            report.queued,
            queue.queued,
            run.total.as_secs() / 60,
            run.silence.as_secs() / 60,
        );
        if report.queued >= queue.queued && report.queued > 0 {
            found.ill(Ill::QueueFull, &what);
        } else {
            found.well("limits", &what);
        }
    }
}

fn disk(found: &mut Findings, path: &Path) {
    let free = match disk::free(path) {
        Ok(free) => free,
        Err(error) => {
            tracing::debug!(%error, "the system does not tell how much room there is");
            return;
        }
    };
    let what = format!(
        "{} MiB are free on the disk of the state folder `{}`",
        free >> 20,
        path.display()
    );
    match free {
        ..FULL => found.ill(Ill::DiskFull, &what),
        FULL..LOW => found.ill(Ill::DiskLow, &what),
        LOW.. => found.well("disk", &what),
    }
}

fn unavailable(found: &mut Findings, state: &Path, error: &Error) {
    let what = chain(error);
    let Error::StateDir(reason) = error else {
        return found.ill_with(of_store(error.code()), &what, &error.hint());
    };
    match reason {
        PrivateDirError::Symlink { .. } => found.ill(Ill::StateSymlink, &what),
        PrivateDirError::NotADirectory { .. } | PrivateDirError::NotAFile { .. } => {
            found.ill(Ill::StateNoFolder, &what);
        }
        PrivateDirError::ForeignOwner { .. } => found.ill(Ill::StateForeign, &what),
        PrivateDirError::WritableByOthers { path, .. } if path.starts_with(state) => {
            found.ill(Ill::StateOpen, &what);
            let fix = Fix::Close {
                path: path.clone(),
                mode: 0o700,
            };
            found.fixed_by(fix, Mends::Unasked);
        }
        PrivateDirError::WritableByOthers { .. } => found.ill(Ill::StateExposed, &what),
        PrivateDirError::Io { .. } => found.ill(Ill::StateUnwritable, &what),
    }
}

fn of_store(code: ErrorCode) -> Ill {
    match code {
        ErrorCode::StoreNewer => Ill::StoreNewer,
        ErrorCode::StoreLocked => Ill::StoreLocked,
        ErrorCode::StoreDamaged => Ill::StoreDamaged,
        ErrorCode::StoreFull => Ill::DiskFull,
        _ => Ill::StoreUnusable,
    }
}

/// The files of ours that others may read or write, all in one finding.
fn open_files(found: &mut Findings, state: &Path) {
    let entries = std::fs::read_dir(state).into_iter().flatten().flatten();
    for entry in entries.take(MOST_FILES) {
        let Ok(seen) = entry.metadata() else { continue };
        let mode = seen.mode() & 0o777;
        // SQLite gives what lies beside the database the rights of the database.
        if !seen.is_file() || mode & 0o077 == 0 || !is_ours(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        let what = format!("`{}` is open to others (mode {mode:o})", path.display());
        found.ill(Ill::StateFileOpen, &what);
        found.fixed_by(Fix::Close { path, mode: 0o600 }, Mends::Unasked);
    }
}

fn is_ours(name: &str) -> bool {
    name.starts_with("bridge.db") || ["store.lock", "supervisor.log", "reserve"].contains(&name)
}
