//! What this process finds around it. Read once; nothing else of the bridge looks for itself.

use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::run::Timestamp;
use crate::use_cases::host::Host;

/// The folder of the bridge in the person's folders.
const FOLDER: &str = "codex-bridge";

/// Why the surroundings make no sense.
#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    /// There is no home folder.
    #[error("no home folder is known; set HOME")]
    Home,
    /// The program does not know its own path.
    #[error("the path of this program is unknown: {0}")]
    Program(#[source] io::Error),
}

/// The surroundings of this process.
pub fn host_of_process() -> Result<Host, Unknown> {
    let home = dirs::home_dir().ok_or(Unknown::Home)?;
    let config = dirs::config_dir().ok_or(Unknown::Home)?;
    // macOS knows no state folder; what programs keep there lies beside their data.
    let state = dirs::state_dir()
        .or_else(dirs::data_dir)
        .ok_or(Unknown::Home)?;
    Ok(Host {
        env: std::env::vars_os().collect(),
        home,
        config_dir: config.join(FOLDER),
        state_dir: state.join(FOLDER),
        sidecar: program()?,
        now,
        random,
    })
}

/// Where this program really lies: macOS tells the link by which it was started.
fn program() -> Result<PathBuf, Unknown> {
    let told = std::env::current_exe().map_err(Unknown::Program)?;
    Ok(std::fs::canonicalize(&told).unwrap_or(told))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }))
}

fn random() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().1
}
