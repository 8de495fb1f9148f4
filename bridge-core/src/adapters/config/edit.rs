//! Changes the configuration file without losing a comment.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use toml_edit::{Array, DocumentMut, Item, RawString, Value};

use crate::platform::lock::FolderLock;

/// How often it is tried anew when somebody else changes the file meanwhile.
const TRIES: usize = 5;

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
    /// A section is something else, or a value is a section.
    #[error("`{key}` in `{}` stands where something else is", file.display())]
    Misplaced {
        /// The file.
        file: PathBuf,
        /// The key.
        key: &'static str,
    },
    /// The configuration could not be read with that.
    #[error("{reason}")]
    Refused {
        /// Why.
        reason: String,
    },
    /// Others change it all the time.
    #[error("`{}` is being changed by others", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
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
    let root = utf8(root)?;
    change(file, |text| with_root(text, list, root))
}

/// Takes a root off both lists; says whether the file changed.
pub fn remove_root(file: &Path, root: &Path) -> Result<bool, EditError> {
    let root = utf8(root)?;
    change(file, |text| without_root(text, root))
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
    /// What should be a section is something else.
    #[error("the section of `{0}` is none")]
    NotATable(&'static str),
    /// What should be a value is a section.
    #[error("`{0}` is not a value")]
    NotAValue(&'static str),
    /// The configuration could not be read with that.
    #[error("{0}")]
    Refused(String),
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
pub(super) fn take_out(list: &mut Array, index: usize) {
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

fn utf8(root: &Path) -> Result<&str, EditError> {
    root.to_str().ok_or_else(|| EditError::NotText {
        root: root.to_owned(),
    })
}

/// The file's text; empty where there is none.
pub fn text_of(file: &Path) -> Result<String, EditError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(EditError::Read {
            file: file.to_owned(),
            source,
        }),
    }
}

/// Changes the file's text; says whether it changed. One at a time, and if somebody else, an editor, was faster, on
/// what they left.
pub(super) fn change(
    file: &Path,
    change: impl Fn(&str) -> Result<Option<String>, TextError>,
) -> Result<bool, EditError> {
    let write = |source| EditError::Write {
        file: file.to_owned(),
        source,
    };
    let target = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = target
        .parent()
        .ok_or_else(|| write(io::Error::other("it has no folder")))?;
    std::fs::create_dir_all(folder).map_err(write)?;
    let _alone = FolderLock::acquire(folder).map_err(write)?;
    for _ in 0..TRIES {
        let text = text_of(&target)?;
        let changed = change(&text).map_err(|error| about(file, error))?;
        let Some(changed) = changed else {
            return Ok(false);
        };
        let fresh = beside(&target, folder, &changed).map_err(write)?;
        if text_of(&target)? == text {
            fresh.persist(&target).map_err(|error| write(error.error))?;
            return Ok(true);
        }
    }
    Err(EditError::Busy {
        file: file.to_owned(),
    })
}

/// An error about a text, of the file that has it.
fn about(file: &Path, error: TextError) -> EditError {
    let file = file.to_owned();
    match error {
        TextError::Syntax(source) => EditError::Syntax { file, source },
        TextError::NotAList(key) => EditError::NotAList { file, key },
        TextError::NotATable(key) | TextError::NotAValue(key) => EditError::Misplaced { file, key },
        TextError::Refused(reason) => EditError::Refused { reason },
    }
}

/// The new file, ready to take the old one's place in one step, so that a reader sees the one or the other. Keeps the
/// mode.
fn beside(target: &Path, folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut fresh = NamedTempFile::new_in(folder)?;
    fresh.write_all(text.as_bytes())?;
    if let Ok(old) = std::fs::metadata(target) {
        fresh.as_file().set_permissions(old.permissions())?;
    }
    fresh.as_file().sync_all()?;
    Ok(fresh)
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
    fn a_change_by_somebody_else_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let faster = std::cell::Cell::new(true);
        let add = |text: &str| {
            if faster.replace(false) {
                std::fs::write(&file, "# theirs\n").unwrap();
            }
            with_root(text, Roots::Allowed, "/w/a")
        };
        assert!(change(&file, add).unwrap());
        let text = text_of(&file).unwrap();
        assert!(text.contains("# theirs") && text.contains("/w/a"), "{text}");
        let never = |text: &str| {
            std::fs::write(&file, format!("{text}#\n")).unwrap();
            with_root(text, Roots::Allowed, "/w/b")
        };
        let busy = change(&file, never);
        assert!(matches!(busy, Err(EditError::Busy { .. })), "{busy:?}");
    }

    #[test]
    fn two_who_change_the_file_at_once_both_succeed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::thread::scope(|scope| {
            for n in 0..8 {
                let file = &file;
                let root = format!("/w/{n}");
                scope.spawn(move || add_root(file, Roots::Allowed, Path::new(&root)).unwrap());
            }
        });
        let text = text_of(&file).unwrap();
        assert!((0..8).all(|n| text.contains(&format!("/w/{n}"))), "{text}");
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
