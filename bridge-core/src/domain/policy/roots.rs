//! The folders that the person allows, and what lies below them.

use std::path::{Component, Path, PathBuf};

/// A folder in which Codex may be started. Only [`AllowedRoots::admit`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkDir {
    path: PathBuf,
    identity: FileId,
    root: PathBuf,
}

impl WorkDir {
    /// The folder's real path: absolute, without symlinks.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder itself, whatever its name is later.
    pub fn identity(&self) -> FileId {
        self.identity
    }

    /// The allowed root that admitted it.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// A file or folder as the file system knows it, whatever its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId {
    /// The device number.
    pub dev: u64,
    /// The inode number.
    pub ino: u64,
}

/// What the file system says of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The real path: absolute, without symlinks.
    pub path: PathBuf,
    /// The file or folder and each folder above it, up to the file system's root.
    pub chain: Vec<FileId>,
}

/// The folders below which Codex may be started. Without any, nothing is admitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedRoots {
    roots: Vec<PathBuf>,
    insisted: Vec<PathBuf>,
    guards: Vec<Guard>,
}

/// A place that no root may hold, unless the person insists: who may write there may change what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The file or folder; it need not exist.
    pub path: PathBuf,
    /// What it is, as in `it holds …`.
    pub what: &'static str,
    /// Whether nothing below it may be a root either.
    pub below: bool,
}

impl AllowedRoots {
    /// Takes the roots as the person wrote them: absolute paths.
    pub fn new(roots: Vec<PathBuf>) -> AllowedRoots {
        AllowedRoots {
            roots,
            ..AllowedRoots::default()
        }
    }

    /// The same, but roots that hold one of these places admit nothing.
    #[must_use]
    pub fn guarding(self, guards: Vec<Guard>) -> AllowedRoots {
        AllowedRoots { guards, ..self }
    }

    /// The same, but these roots admit whatever they hold: the person said so.
    #[must_use]
    pub fn insisting(self, insisted: Vec<PathBuf>) -> AllowedRoots {
        AllowedRoots { insisted, ..self }
    }

    /// The roots as the person wrote them.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// The broad roots on which the person insists.
    pub fn insisted(&self) -> &[PathBuf] {
        &self.insisted
    }

    /// Why a root admits nothing although it is on the list, if that is so.
    pub fn too_broad<E>(
        &self,
        root: &Path,
        resolve: impl Fn(&Path) -> Result<Resolved, E>,
    ) -> Option<String> {
        let real = resolve(root).ok()?;
        self.why_too_broad(root, &real, &resolve)
    }

    /// What makes a root broad that the person insists on, if it is.
    pub fn broad_by_will<E>(
        &self,
        root: &Path,
        resolve: impl Fn(&Path) -> Result<Resolved, E>,
    ) -> Option<String> {
        let real = resolve(root).ok()?;
        self.breadth(&real, &resolve)
            .filter(|_| self.is_insisted_on(root))
    }

    fn is_insisted_on(&self, root: &Path) -> bool {
        self.insisted.iter().any(|insisted| insisted == root)
    }

    fn why_too_broad<E>(
        &self,
        root: &Path,
        real: &Resolved,
        resolve: &impl Fn(&Path) -> Result<Resolved, E>,
    ) -> Option<String> {
        self.breadth(real, resolve)
            .filter(|_| !self.is_insisted_on(root))
    }

    /// Why no root should be so broad.
    fn breadth<E>(
        &self,
        real: &Resolved,
        resolve: &impl Fn(&Path) -> Result<Resolved, E>,
    ) -> Option<String> {
        if real.path.parent().is_none() {
            return Some("it is the whole disk".to_owned());
        }
        let id = real.chain.first()?;
        self.guards.iter().find_map(|guard| {
            let what = guard.what;
            // What does not exist yet lies in what does.
            let (at, there) = guard
                .path
                .ancestors()
                .find_map(|place| Some((place, resolve(place).ok()?)))?;
            let exists = at == guard.path;
            if exists && there.chain.first() == Some(id) {
                return Some(format!("it is {what}"));
            }
            if there.chain.contains(id) {
                return Some(format!("it holds {what}"));
            }
            let lies_in = guard.below
                && exists
                && there
                    .chain
                    .first()
                    .is_some_and(|id| real.chain.contains(id));
            lies_in.then(|| format!("it lies in {what}"))
        })
    }

    /// Admits a folder that is a root or lies below one, after symlinks are resolved.
    ///
    /// `resolve` asks the file system. A root that can't be resolved admits nothing. Folders are compared by
    /// identity, so that case and normalisation count exactly as they do on that file system.
    pub fn admit<E>(
        &self,
        asked: &Path,
        resolve: impl Fn(&Path) -> Result<Resolved, E>,
    ) -> Result<WorkDir, Refusal<E>> {
        let (resolved, root) = self.admit_path(asked, resolve)?;
        let identity = *resolved.chain.first().ok_or_else(|| Refusal::Outside {
            path: asked.to_owned(),
        })?;
        Ok(WorkDir {
            path: resolved.path,
            identity,
            root,
        })
    }

    /// The same for a file that a request names, such as an image.
    pub fn admit_file<E>(
        &self,
        asked: &Path,
        resolve: impl Fn(&Path) -> Result<Resolved, E>,
    ) -> Result<PathBuf, Refusal<E>> {
        Ok(self.admit_path(asked, resolve)?.0.path)
    }

    fn admit_path<E>(
        &self,
        asked: &Path,
        resolve: impl Fn(&Path) -> Result<Resolved, E>,
    ) -> Result<(Resolved, PathBuf), Refusal<E>> {
        if self.roots.is_empty() {
            return Err(Refusal::NoRoots);
        }
        let malformed = |reason| Refusal::Malformed {
            path: asked.to_owned(),
            reason,
        };
        check_spelling(asked).map_err(malformed)?;
        let resolved = resolve(asked).map_err(|source| Refusal::Unusable {
            path: asked.to_owned(),
            source,
        })?;
        // A symlink may lead to what could not have been asked for by name.
        check_spelling(&resolved.path).map_err(malformed)?;
        let mut too_broad = None;
        for root in &self.roots {
            // What such a root means differs from process to process, so it admits nothing.
            if check_spelling(root).is_err() {
                continue;
            }
            let Ok(real_root) = resolve(root) else {
                continue;
            };
            let Some(root_id) = real_root.chain.first() else {
                continue;
            };
            if !resolved.chain.contains(root_id) {
                continue;
            }
            match self.why_too_broad(root, &real_root, &resolve) {
                None => return Ok((resolved, root.clone())),
                Some(why) => too_broad = Some((root.clone(), why)),
            }
        }
        Err(match too_broad {
            Some((root, why)) => Refusal::TooBroad {
                path: asked.to_owned(),
                root,
                why,
            },
            None => Refusal::Outside {
                path: asked.to_owned(),
            },
        })
    }
}

/// Refuses what is no plain absolute path before the file system is asked; says why.
pub fn check_spelling(asked: &Path) -> Result<(), &'static str> {
    let text = asked.as_os_str().as_encoded_bytes();
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.iter().any(u8::is_ascii_control) {
        return Err("it has a control character");
    }
    if !asked.is_absolute() {
        return Err("it is not absolute");
    }
    // Paths below these name what a process has open, not a place that a person allowed.
    let mut parts = asked.components().skip(1);
    if matches!(parts.next(), Some(Component::Normal(first)) if first == "proc" || first == "dev") {
        return Err("it lies below /proc or /dev");
    }
    Ok(())
}

/// Why a folder or file was not admitted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal<E> {
    /// The person allowed nothing yet.
    #[error("no folder is allowed yet")]
    NoRoots,
    /// Not a path that can be admitted at all.
    #[error("`{}` is no usable path: {reason}", path.display())]
    Malformed {
        /// The path as it was asked for.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file system can't resolve it.
    #[error("can't use `{}`", path.display())]
    Unusable {
        /// The path as it was asked for.
        path: PathBuf,
        /// What the file system said.
        source: E,
    },
    /// It lies below a root that is too broad, and below no other.
    #[error("`{}` lies below `{}` alone, and that root admits nothing: {why}", path.display(), root.display())]
    TooBroad {
        /// The path as it was asked for.
        path: PathBuf,
        /// The root.
        root: PathBuf,
        /// What makes it too broad.
        why: String,
    },
    /// It lies elsewhere.
    #[error("`{}` is outside the allowed roots", path.display())]
    Outside {
        /// The path as it was asked for.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests;
