//! What is to become of each path, whatever the changes call it.

use std::collections::BTreeMap;

use crate::domain::changes::{Change, ChangeSet, Entry, FileMode, RepoPath};

/// What a path was and what it is to become; `None` where there is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) path: RepoPath,
    pub(super) before: Option<Entry>,
    pub(super) after: Option<Entry>,
}

/// All wishes, by path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wishes(BTreeMap<Vec<u8>, Wish>);

impl Wishes {
    /// Takes the changes apart; a rename is a file that goes and one that comes.
    pub(super) fn of(changes: &ChangeSet) -> Wishes {
        let mut wishes = Wishes(BTreeMap::new());
        for file in &changes.files {
            match &file.change {
                Change::Added { after } => wishes.at(&file.path).after = Some(after.clone()),
                Change::Deleted { before } => wishes.at(&file.path).before = Some(before.clone()),
                Change::Modified { before, after } => {
                    let wish = wishes.at(&file.path);
                    wish.before = Some(before.clone());
                    wish.after = Some(after.clone());
                }
                Change::Renamed {
                    from,
                    before,
                    after,
                } => {
                    wishes.at(from).before = Some(before.clone());
                    wishes.at(&file.path).after = Some(after.clone());
                }
            }
        }
        wishes.0.retain(|_, wish| wish.before != wish.after);
        wishes
    }

    /// In the order of their paths.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Wish> {
        self.0.values()
    }

    /// All paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &RepoPath> + Clone {
        self.0.values().map(|wish| &wish.path)
    }

    /// What is wished for a path.
    pub(super) fn get(&self, path: &[u8]) -> Option<&Wish> {
        self.0.get(path)
    }

    /// Whether a file at this path is to go.
    pub(super) fn removes(&self, path: &[u8]) -> bool {
        self.get(path)
            .is_some_and(|wish| wish.before.is_some() && wish.after.is_none())
    }

    /// What is wished for the paths below a folder.
    pub(super) fn below(&self, folder: &[u8]) -> impl Iterator<Item = &Wish> {
        let prefix = [folder, b"/"].concat();
        let from = self.0.range(prefix.clone()..);
        from.take_while(move |(path, _)| path.starts_with(&prefix))
            .map(|(_, wish)| wish)
    }

    fn at(&mut self, path: &RepoPath) -> &mut Wish {
        let key = path.as_bytes().to_vec();
        self.0.entry(key).or_insert_with(|| Wish {
            path: path.clone(),
            before: None,
            after: None,
        })
    }
}

impl Wish {
    /// Whether it is about a commit of another repository.
    pub(super) fn is_of_submodule(&self) -> bool {
        let is = |entry: &Option<Entry>| {
            entry
                .as_ref()
                .is_some_and(|entry| entry.mode == FileMode::Submodule)
        };
        is(&self.before) || is(&self.after)
    }
}

/// A path without its last part, and that part.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

/// The folders on the way to a path, the outermost first.
pub(super) fn folders_of(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    ends.map(|(at, _)| &path[..at])
}

/// The names on the way; none for the top.
pub(super) fn names_of(folder: &[u8]) -> impl Iterator<Item = &[u8]> {
    folder
        .split(|byte| *byte == b'/')
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart() {
        let check = |path: &[u8], folder: &[u8], name: &[u8], above: &[&[u8]]| {
            assert_eq!(split(path), (folder, name));
            assert_eq!(folders_of(path).collect::<Vec<_>>(), above);
        };
        check(b"a", b"", b"a", &[]);
        check(b"a/b/c", b"a/b", b"c", &[b"a", b"a/b"]);
        assert_eq!(names_of(b"").count(), 0);
        assert_eq!(names_of(b"a/b").collect::<Vec<_>>(), [b"a", b"b"]);
    }
}
