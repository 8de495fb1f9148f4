//! Changes the configuration file without losing a comment.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, RawString, Value};

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
    change(file, root, with_root)
}

/// Takes an allowed root away; says whether the file changed.
pub fn remove_root(file: &Path, root: &Path) -> Result<bool, EditError> {
    change(file, root, without_root)
}

/// Why the text of a configuration file can't be changed.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// It is no TOML.
    #[error("it is not valid TOML")]
    Syntax(#[source] toml_edit::TomlError),
    /// `allowed_roots` is something else than a list.
    #[error("`allowed_roots` is not a list")]
    NotAList,
}

/// The file's text with one more allowed root; `None` if it is there already.
pub fn with_root(text: &str, root: &str) -> Result<Option<String>, TextError> {
    change_list(text, |list| {
        let is_new = list.iter().all(|value| value.as_str() != Some(root));
        if is_new {
            list.push(root);
        }
        is_new
    })
}

/// The file's text without an allowed root; `None` if it is not there.
pub fn without_root(text: &str, root: &str) -> Result<Option<String>, TextError> {
    change_list(text, |list| {
        let before = list.len();
        for index in (0..before).rev() {
            if list.get(index).and_then(Value::as_str) == Some(root) {
                take_out(list, index);
            }
        }
        list.len() != before
    })
}

/// Takes an entry out and leaves the comments that stand around it.
fn take_out(list: &mut Array, index: usize) {
    let removed = list.remove(index);
    let around = [removed.decor().prefix(), removed.decor().suffix()];
    let comments: String = around
        .into_iter()
        .flatten()
        .filter_map(RawString::as_str)
        .filter(|text| text.contains('#'))
        .collect();
    if comments.is_empty() {
        return;
    }
    match list.get_mut(index) {
        Some(next) => {
            let prefix = next.decor().prefix().and_then(RawString::as_str);
            let prefix = comments + prefix.unwrap_or_default();
            next.decor_mut().set_prefix(prefix);
        }
        None => {
            let trailing = comments + list.trailing().as_str().unwrap_or_default();
            list.set_trailing(trailing);
        }
    }
}

fn change_list(
    text: &str,
    change: impl FnOnce(&mut Array) -> bool,
) -> Result<Option<String>, TextError> {
    let mut document: DocumentMut = text.parse().map_err(TextError::Syntax)?;
    let list = document
        .entry("allowed_roots")
        .or_insert(Item::Value(Value::Array(Array::new())))
        .as_array_mut()
        .ok_or(TextError::NotAList)?;
    Ok(change(list).then(|| document.to_string()))
}

fn change(
    file: &Path,
    root: &Path,
    change: fn(&str, &str) -> Result<Option<String>, TextError>,
) -> Result<bool, EditError> {
    let root = root.to_str().ok_or_else(|| EditError::NotText {
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
    let changed = change(&text, root).map_err(|error| match error {
        TextError::Syntax(source) => EditError::Syntax {
            file: file.to_owned(),
            source,
        },
        TextError::NotAList => EditError::NotAList {
            file: file.to_owned(),
        },
    })?;
    let Some(changed) = changed else {
        return Ok(false);
    };
    replace(file, &changed).map_err(|source| EditError::Write {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, added: &str, removed: &str) {
        let with = with_root(text, "/w/a").unwrap().unwrap();
        assert_eq!(with, added);
        assert_eq!(without_root(&with, "/w/a").unwrap().unwrap(), removed);
    }

    #[test]
    fn a_root_comes_and_goes_and_comments_stay() {
        check("", "allowed_roots = [\"/w/a\"]\n", "allowed_roots = []\n");
        let commented = "allowed_roots = [\n  # mine\n]\n";
        let with = "allowed_roots = [\"/w/a\"\n  # mine\n]\n";
        check(commented, with, commented);
    }

    #[test]
    fn the_comment_beside_another_root_stays() {
        let text = "allowed_roots = [\n  \"/w/b\", # work\n  \"/w/c\", # play\n]\n";
        let without = |text: &str, root| without_root(text, root).unwrap().unwrap();
        let rest = "allowed_roots = [\n  \"/w/b\", # work\n   # play\n]\n";
        assert_eq!(without(text, "/w/c"), rest);
        let rest = "allowed_roots = [ # work\n  \"/w/c\", # play\n]\n";
        assert_eq!(without(text, "/w/b"), rest);
    }
}
