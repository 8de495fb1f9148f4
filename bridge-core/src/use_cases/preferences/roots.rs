//! The allowed folders: whether each can really be read, and how one is added and removed.

use std::path::{Path, PathBuf};

use crate::adapters::config::{self, Roots};
use crate::domain::policy::check_spelling;
use crate::domain::scrub::Scrubbed;
use crate::platform::open_dir::{self, OpenDir};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::error::{Error, chain};
use crate::use_cases::preferences::Source;
use crate::use_cases::preferences::catalogue::ROOTS_VAR;

/// So many entries are counted before it is "more than".
const COUNTED: usize = 1_000;

/// An allowed folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The folder.
    pub path: Scrubbed,
    /// Who allowed it.
    pub source: Source,
    /// Whether this program can read it.
    pub is_readable: bool,
    /// What was seen, or what the system said.
    pub access: Scrubbed,
    /// Why it admits nothing unless the person insists.
    pub broad: Option<Scrubbed>,
}

impl Bridge {
    /// The allowed folders. Each is opened and listed, by this process: what the system lets another process do may
    /// differ. Blocks on slow disks, and on macOS while the person is asked.
    pub async fn roots(&self) -> Result<Vec<Root>, Error> {
        let settings = self.settings()?;
        let source = match self.host().var(ROOTS_VAR) {
            Some(_) => Source::Environment,
            None => Source::File,
        };
        let look = move || {
            let allowed = &settings.config.roots;
            let scrubber = &settings.scrubber;
            let shown = |root: &PathBuf| {
                let access = access(root);
                Root {
                    path: scrubber.scrub(&root.to_string_lossy()),
                    source,
                    is_readable: access.is_ok(),
                    access: scrubber.scrub(&access.unwrap_or_else(|reason| reason)),
                    broad: (allowed.too_broad(root, open_dir::resolve))
                        .map(|why| scrubber.scrub(&why)),
                }
            };
            allowed.roots().iter().map(shown).collect()
        };
        tokio::task::spawn_blocking(look)
            .await
            .map_err(|error| Error::Bug(error.to_string()))
    }

    /// Allows a folder, by its real path; says whether that is new. A broad one only if the person insists.
    pub fn add_root(&self, dir: &Path, insist: bool) -> Result<bool, Error> {
        let unusable = |error: &std::io::Error| {
            Error::argument(
                "path",
                format!("`{}` can't be used: {error}", dir.display()),
            )
        };
        if !dir.is_absolute() {
            return Err(Error::argument("path", "has to be absolute".to_owned()));
        }
        // What a symlink points to tomorrow was not allowed today.
        let real = std::fs::canonicalize(dir).map_err(|error| unusable(&error))?;
        let found = std::fs::metadata(&real).map_err(|error| unusable(&error))?;
        if !found.is_dir() {
            let reason = format!("`{}` is no folder", dir.display());
            return Err(Error::argument("path", reason));
        }
        let config = self.settings()?.config;
        let list = match config.roots.too_broad(&real, open_dir::resolve) {
            None => Roots::Allowed,
            Some(_) if insist => Roots::Broad,
            Some(why) => return Err(Error::BroadRoot { root: real, why }),
        };
        config::add_root(&config.file, list, &real).map_err(Error::ConfigEdit)
    }

    /// Takes a folder off the list, however the file spells it; says whether it was there.
    pub fn remove_root(&self, dir: &Path) -> Result<bool, Error> {
        let file = self.host().config_file();
        let mut removed = false;
        for spelling in spellings(dir, &self.host().home) {
            removed |= config::remove_root(&file, &spelling).map_err(Error::ConfigEdit)?;
        }
        Ok(removed)
    }
}

/// Opens and lists a folder; the words of the system where it does not let us.
fn access(root: &Path) -> Result<String, String> {
    check_spelling(root)?;
    OpenDir::open(root).map_err(|error| chain(&error))?;
    let entries = std::fs::read_dir(root).map_err(|error| error.to_string())?;
    let mut count = 0;
    for entry in entries.take(COUNTED) {
        entry.map_err(|error| error.to_string())?;
        count += 1;
    }
    Ok(match count {
        0 => "can be read; it is empty".to_owned(),
        1 => "can be read; 1 entry".to_owned(),
        COUNTED => format!("can be read; {COUNTED} entries or more"),
        count => format!("can be read; {count} entries"),
    })
}

/// The ways in which the file may spell a folder.
fn spellings(dir: &Path, home: &Path) -> Vec<PathBuf> {
    let mut spellings = vec![dir.to_owned()];
    spellings.extend(std::path::absolute(dir));
    spellings.extend(std::fs::canonicalize(dir));
    let with_tilde: Vec<_> = spellings
        .iter()
        .filter_map(|path| path.strip_prefix(home).ok())
        .map(|rest| Path::new("~").join(rest))
        .collect();
    spellings.extend(with_tilde);
    spellings.dedup();
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_however_the_file_spells_it() {
        let spellings = spellings(Path::new("/home/me/code"), Path::new("/home/me"));
        assert!(spellings.contains(&PathBuf::from("/home/me/code")));
        assert!(spellings.contains(&PathBuf::from("~/code")));
    }
}
