//! The proof that an installation works: the client that was started has started our server.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep_until};

use crate::adapters::clients::{Trouble, hello, paths_of, trouble};
use crate::domain::run::Timestamp;
use crate::domain::scrub::Scrubbed;
use crate::platform::write_watch::WriteWatch;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::LastHello;
use crate::use_cases::clients::act::row;
use crate::use_cases::clients::look::{LOG, around, last_hello};
use crate::use_cases::error::Error;

/// Whether a client has started our server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It has.
    Heard(LastHello),
    /// It has not, and its log says why.
    Trouble {
        /// What it says.
        trouble: Trouble,
        /// The log.
        log: Scrubbed,
    },
    /// It has not, and nothing says why.
    Silence {
        /// Where its log would be.
        log: Option<Scrubbed>,
    },
}

impl Bridge {
    /// Waits until the client says hello, or its log says why it can't; at most so long. Only what came after `since`
    /// counts. Sleeps until a file is written.
    pub async fn await_client(
        &self,
        client: &str,
        since: Timestamp,
        patience: Duration,
    ) -> Result<Proof, Error> {
        let row = row(client)?;
        let host = self.host();
        let scrubber = self.scrubber();
        let end = Instant::now() + patience;
        let logs: Vec<PathBuf> = paths_of(&row.logs, around(host))
            .into_iter()
            .map(|folder| folder.join(LOG))
            .collect();
        let shown = |log: &Path| scrubber.scrub(&log.to_string_lossy());
        let state = self.state_path();
        loop {
            // Watched first: what comes while we look is seen by the next look.
            let mut greeted = watch(&hello::folder(&state), None);
            let mut logged = logs.first().and_then(|log| watch(log.parent()?, Some(LOG)));
            let heard = last_hello(row, &hello::all(&state), &scrubber);
            if let Some(hello) = heard.filter(|hello| hello.at >= since) {
                return Ok(Proof::Heard(hello));
            }
            let told = logs
                .iter()
                .filter(|log| is_newer(log, since))
                .find_map(|log| Some((trouble(log)?, shown(log))));
            let is_over = Instant::now() >= end;
            match told {
                // Clients end servers that they only asked what they are.
                Some((Trouble::Ended, _)) if !is_over => {}
                Some((trouble, log)) => return Ok(Proof::Trouble { trouble, log }),
                None if is_over => {
                    let log = logs.first().map(|log| shown(log));
                    return Ok(Proof::Silence { log });
                }
                None => {}
            }
            tokio::select! {
                () = written(&mut greeted) => {}
                () = written(&mut logged) => {}
                () = sleep_until(end) => {}
            }
        }
    }
}

fn is_newer(log: &Path, since: Timestamp) -> bool {
    let written = std::fs::metadata(log).and_then(|found| found.modified());
    let moment = u64::try_from(since.0).map(Duration::from_millis);
    match (written, moment) {
        (Ok(written), Ok(moment)) => written >= SystemTime::UNIX_EPOCH + moment,
        _ => false,
    }
}

/// Watches a file of a folder, or all of them. Where that is not there yet, the folder that is there is watched for it.
pub(super) fn watch(folder: &Path, file: Option<&str>) -> Option<WriteWatch> {
    if folder.is_dir() {
        return match file {
            Some(file) => WriteWatch::new(folder, file),
            None => WriteWatch::of_folder(folder),
        }
        .ok();
    }
    let name = folder.file_name()?.to_str()?;
    watch(folder.parent()?, Some(name))
}

/// Never, where nothing can be watched or the folder went away.
async fn written(watch: &mut Option<WriteWatch>) {
    if let Some(watch) = watch
        && watch.written().await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}
