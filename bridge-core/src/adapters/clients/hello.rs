//! When which client last started our server, as it introduced itself.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::platform::private_dir::PrivateDir;

/// More clients than that are not remembered.
const MOST: usize = 64;

/// A client that started our server. Its texts are scrubbed before they come here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Its name, as it introduced itself.
    pub client: String,
    /// Its version.
    pub version: Option<String>,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The version of our server.
    pub server: String,
    /// The program that it started.
    pub program: String,
}

/// Remembers a hello, where the bridge has been installed into a client from here; else nothing is made.
///
/// # Errors
/// If it can't be written.
pub fn remember(state: &Path, hello: &Hello) -> io::Result<()> {
    if !state.join("clients").is_dir() {
        return Ok(());
    }
    let folder = folder(state);
    PrivateDir::ensure(&folder).map_err(io::Error::other)?;
    let file = folder.join(file_name(&hello.client));
    if !file.exists() && fs::read_dir(&folder)?.count() >= MOST {
        return Ok(());
    }
    let mut fresh = NamedTempFile::new_in(&folder)?;
    fresh.write_all(&serde_json::to_vec(hello)?)?;
    fresh.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// All that are remembered.
pub fn all(state: &Path) -> Vec<Hello> {
    fs::read_dir(folder(state))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| serde_json::from_slice(&fs::read(entry.path()).ok()?).ok())
        .collect()
}

/// Where they are.
pub fn folder(state: &Path) -> PathBuf {
    state.join("clients").join("hello")
}

/// A name that is safe whatever the client calls itself; two that differ in odd letters alone share one.
fn file_name(client: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = client.chars().take(60).map(safe).collect();
    format!("{name}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hello_of_each_client_is_remembered_once_there_is_a_place_for_it() {
        let state = tempfile::tempdir().unwrap();
        let hello = |client: &str, at| Hello {
            client: client.to_owned(),
            version: None,
            at,
            server: "1".to_owned(),
            program: "/a".to_owned(),
        };
        remember(state.path(), &hello("a", 1)).unwrap();
        assert_eq!(fs::read_dir(state.path()).unwrap().count(), 0);
        fs::create_dir(state.path().join("clients")).unwrap();
        remember(state.path(), &hello("../../evil", 1)).unwrap();
        remember(state.path(), &hello("a", 2)).unwrap();
        remember(state.path(), &hello("a", 3)).unwrap();
        let mut all = all(state.path());
        all.sort_by_key(|hello| hello.at);
        assert_eq!(all, [hello("../../evil", 1), hello("a", 3)]);
        for n in 0..100 {
            remember(state.path(), &hello(&format!("n{n}"), 4)).unwrap();
        }
        assert_eq!(fs::read_dir(folder(state.path())).unwrap().count(), MOST);
    }
}
