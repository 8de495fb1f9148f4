//! What the person wants done as soon as a client has been quit.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::platform::private_dir::PrivateDir;

/// A change that waits for the end of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The client's name on the command line.
    pub client: String,
    /// What is to be done: install, repair or remove.
    pub act: String,
    /// Since when it waits, in milliseconds since 1970.
    pub at: i64,
}

/// Keeps a wish; another one about the same client goes.
///
/// # Errors
/// If it can't be written.
pub fn keep(state: &Path, waiting: &Waiting) -> io::Result<()> {
    let folder = folder(state);
    PrivateDir::ensure(&folder).map_err(io::Error::other)?;
    let mut fresh = NamedTempFile::new_in(&folder)?;
    fresh.write_all(&serde_json::to_vec(waiting)?)?;
    fresh
        .persist(file(state, &waiting.client))
        .map_err(|error| error.error)?;
    Ok(())
}

/// Forgets the wish about a client. Says whether there was one.
///
/// # Errors
/// If it can't be removed.
pub fn forget(state: &Path, client: &str) -> io::Result<bool> {
    match fs::remove_file(file(state, client)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// All of them.
pub fn all(state: &Path) -> Vec<Waiting> {
    fs::read_dir(folder(state))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| serde_json::from_slice(&fs::read(entry.path()).ok()?).ok())
        .collect()
}

/// Where they are.
pub fn folder(state: &Path) -> PathBuf {
    state.join("clients").join("waiting")
}

/// Only names of the table come here.
fn file(state: &Path, client: &str) -> PathBuf {
    folder(state).join(format!("{client}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_wish_about_a_client_is_kept_until_it_is_forgotten() {
        let state = tempfile::tempdir().unwrap();
        let wish = |client: &str, act: &str| Waiting {
            client: client.to_owned(),
            act: act.to_owned(),
            at: 1,
        };
        assert!(!forget(state.path(), "zed").unwrap());
        keep(state.path(), &wish("zed", "install")).unwrap();
        keep(state.path(), &wish("zed", "remove")).unwrap();
        assert_eq!(all(state.path()), [wish("zed", "remove")]);
        assert!(forget(state.path(), "zed").unwrap());
        assert_eq!(all(state.path()), []);
    }
}
