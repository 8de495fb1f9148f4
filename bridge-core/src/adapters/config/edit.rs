//! Changes the configuration file without losing a comment.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Value};

/// Why the configuration file was not changed. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It can't be read.
    #[error("can't read `{}`", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no TOML.
    #[error("`{}` is not valid TOML", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// What is wrong, with its place.
        source: toml_edit::TomlError,
    },
    /// `allowed_roots` is something else than a list.
    #[error("`allowed_roots` in `{}` is not a list", file.display())]
    NotAList {
        /// The file.
        file: PathBuf,
    },
    /// The path is no text that TOML could hold.
    #[error("`{}` is not UTF-8", root.display())]
    NotText {
        /// The path.
        root: PathBuf,
    },
    /// It can't be written.
    #[error("can't write `{}`", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Adds an allowed root; says whether the file changed.
pub fn add_root(file: &Path, root: &Path) -> Result<bool, EditError> {
    change_roots(file, root, |list, text| {
        if list.iter().any(|value| value.as_str() == Some(text)) {
            return false;
        }
        list.push(text);
        true
    })
}

/// Takes an allowed root away; says whether the file changed.
pub fn remove_root(file: &Path, root: &Path) -> Result<bool, EditError> {
    change_roots(file, root, |list, text| {
        let before = list.len();
        list.retain(|value| value.as_str() != Some(text));
        list.len() != before
    })
}

fn change_roots(
    file: &Path,
    root: &Path,
    change: impl FnOnce(&mut Array, &str) -> bool,
) -> Result<bool, EditError> {
    let root_text = root.to_str().ok_or_else(|| EditError::NotText {
        root: root.to_owned(),
    })?;
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => {
            return Err(EditError::Read {
                file: file.to_owned(),
                source,
            });
        }
    };
    let mut document: DocumentMut = text.parse().map_err(|source| EditError::Syntax {
        file: file.to_owned(),
        source,
    })?;
    let list = document
        .entry("allowed_roots")
        .or_insert(Item::Value(Value::Array(Array::new())))
        .as_array_mut()
        .ok_or_else(|| EditError::NotAList {
            file: file.to_owned(),
        })?;
    if !change(list, root_text) {
        return Ok(false);
    }
    replace(file, &document.to_string()).map_err(|source| EditError::Write {
        file: file.to_owned(),
        source,
    })?;
    Ok(true)
}

/// Replaces the file in one step, so that a reader sees the old one or the new one. Follows a symlink to its target
/// and keeps the mode.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let target = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = target
        .parent()
        .ok_or_else(|| io::Error::other("it has no folder"))?;
    std::fs::create_dir_all(folder)?;
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    fresh.write_all(text.as_bytes())?;
    if let Ok(old) = std::fs::metadata(&target) {
        fresh.as_file().set_permissions(old.permissions())?;
    }
    fresh.as_file().sync_all()?;
    fresh.persist(&target).map_err(|error| error.error)?;
    Ok(())
}
