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
    /// What should be a list of roots is something else.
    #[error("`{key}` in `{}` is not a list", file.display())]
    NotAList {
        /// The file.
        file: PathBuf,
        /// The list's name.
        key: &'static str,
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

/// The lists of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roots {
    /// `allowed_roots`
    Allowed,
    /// `broad_roots`: allowed whatever they hold.
    Broad,
}

impl Roots {
    fn key(self) -> &'static str {
        match self {
            Roots::Allowed => "allowed_roots",
            Roots::Broad => "broad_roots",
        }
    }
}

/// Adds a root to a list; says whether the file changed.
pub fn add_root(file: &Path, list: Roots, root: &Path) -> Result<bool, EditError> {
    change(file, root, |text, root| with_root(text, list, root))
}

/// Takes a root off both lists; says whether the file changed.
pub fn remove_root(file: &Path, root: &Path) -> Result<bool, EditError> {
    change(file, root, without_root)
}

/// Why the text of a configuration file can't be changed.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// It is no TOML.
    #[error("it is not valid TOML")]
    Syntax(#[source] toml_edit::TomlError),
    /// What should be a list of roots is something else.
    #[error("`{0}` is not a list")]
    NotAList(&'static str),
}

/// The file's text with one more root; `None` if it is there already.
pub fn with_root(text: &str, list: Roots, root: &str) -> Result<Option<String>, TextError> {
    let mut document: DocumentMut = text.parse().map_err(TextError::Syntax)?;
    let list = document
        .entry(list.key())
        .or_insert(Item::Value(Value::Array(Array::new())))
        .as_array_mut()
        .ok_or(TextError::NotAList(list.key()))?;
    if list.iter().any(|value| value.as_str() == Some(root)) {
        return Ok(None);
    }
    list.push(root);
    Ok(Some(document.to_string()))
}

/// The file's text without a root; `None` if it is not there.
pub fn without_root(text: &str, root: &str) -> Result<Option<String>, TextError> {
    let mut document: DocumentMut = text.parse().map_err(TextError::Syntax)?;
    let mut changed = false;
    for list in [Roots::Allowed, Roots::Broad] {
        let Some(item) = document.get_mut(list.key()) else {
            continue;
        };
        let list = item.as_array_mut().ok_or(TextError::NotAList(list.key()))?;
        for index in (0..list.len()).rev() {
            if list.get(index).and_then(Value::as_str) == Some(root) {
                take_out(list, index);
                changed = true;
            }
        }
    }
    Ok(changed.then(|| document.to_string()))
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

fn change(
    file: &Path,
    root: &Path,
    change: impl FnOnce(&str, &str) -> Result<Option<String>, TextError>,
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
        TextError::NotAList(key) => EditError::NotAList {
            file: file.to_owned(),
            key,
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
        let with = with_root(text, Roots::Allowed, "/w/a").unwrap().unwrap();
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
    fn a_root_is_taken_off_both_lists() {
        let text = "allowed_roots = [\"/w/a\"]\n";
        let both = with_root(text, Roots::Broad, "/w/a").unwrap().unwrap();
        assert_eq!(
            both,
            "allowed_roots = [\"/w/a\"]\nbroad_roots = [\"/w/a\"]\n"
        );
        let none = without_root(&both, "/w/a").unwrap().unwrap();
        assert_eq!(none, "allowed_roots = []\nbroad_roots = []\n");
        assert_eq!(without_root(&none, "/w/a").unwrap(), None);
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
