//! What the person allows: the folders, and the ceilings that no request passes.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::domain::task::{Effort, ModelName, Sandbox};

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
}

impl AllowedRoots {
    /// Takes the roots as the person wrote them: absolute paths.
    pub fn new(roots: Vec<PathBuf>) -> AllowedRoots {
        AllowedRoots { roots }
    }

    /// The roots as the person wrote them.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
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
        check_spelling(asked).map_err(|reason| Refusal::Malformed {
            path: asked.to_owned(),
            reason,
        })?;
        let resolved = resolve(asked).map_err(|source| Refusal::Unusable {
            path: asked.to_owned(),
            source,
        })?;
        // A symlink may lead to what could not have been asked for by name.
        check_spelling(&resolved.path).map_err(|reason| Refusal::Malformed {
            path: asked.to_owned(),
            reason,
        })?;
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
            if resolved.chain.contains(root_id) {
                return Ok((resolved, root.clone()));
            }
        }
        Err(Refusal::Outside {
            path: asked.to_owned(),
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
    /// It lies elsewhere.
    #[error("`{}` is outside the allowed roots", path.display())]
    Outside {
        /// The path as it was asked for.
        path: PathBuf,
    },
}

/// What only the person can raise. A request above is refused, never silently lowered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// The highest sandbox.
    pub sandbox: Sandbox,
    /// Whether commands may use the network.
    pub network: bool,
    /// Whether the model may search the web.
    pub web_search: bool,
    /// The models that may be asked for by name; empty for any.
    pub models: Vec<ModelName>,
    /// The highest effort that may be asked for.
    pub effort: Option<Effort>,
    /// The longest run.
    pub total: Duration,
}

/// What a request wants of the things that have a ceiling.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// The network.
    pub network: bool,
    /// The web.
    pub web_search: bool,
    /// The model.
    pub model: Option<&'a ModelName>,
    /// The effort.
    pub effort: Option<&'a Effort>,
    /// The time limit.
    pub timeout: Duration,
}

/// A wish above its ceiling.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} `{asked}` is above what is allowed here: {allowed}")]
pub struct AboveCeiling {
    /// The parameter's name on the wire.
    pub parameter: &'static str,
    /// What was asked for.
    pub asked: String,
    /// What is allowed.
    pub allowed: String,
}

impl Ceilings {
    /// Checks a wish; the first thing above its ceiling is the answer.
    pub fn check(&self, wish: &Wish<'_>) -> Result<(), AboveCeiling> {
        let above = |parameter, asked: &str, allowed: String| {
            Err(AboveCeiling {
                parameter,
                asked: asked.to_owned(),
                allowed,
            })
        };
        if wish.sandbox > self.sandbox {
            return above(
                "sandbox",
                wish.sandbox.as_str(),
                self.sandbox.as_str().to_owned(),
            );
        }
        if wish.network && !self.network {
            return above("network", "true", "false".to_owned());
        }
        if wish.web_search && !self.web_search {
            return above("web_search", "true", "false".to_owned());
        }
        if let Some(model) = wish.model
            && !self.models.is_empty()
            && !self.models.contains(model)
        {
            let names: Vec<_> = self.models.iter().map(ModelName::as_str).collect();
            return above("model", model.as_str(), names.join(", "));
        }
        if let (Some(effort), Some(most)) = (wish.effort, &self.effort)
            && !effort.is_within(most)
        {
            return above(
                "effort",
                effort.as_str(),
                format!("up to {}", most.as_str()),
            );
        }
        if wish.timeout > self.total {
            let asked = wish.timeout.as_secs().to_string();
            return above(
                "timeout_s",
                &asked,
                format!("up to {}", self.total.as_secs()),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file system of plain folders, each component its own inode, without symlinks.
    fn plain(path: &Path) -> Result<Resolved, &'static str> {
        if path.starts_with("/missing") {
            return Err("it does not exist");
        }
        let chain = path
            .ancestors()
            .map(|folder| FileId {
                dev: 1,
                ino: folder
                    .as_os_str()
                    .as_encoded_bytes()
                    .iter()
                    .fold(7, |hash: u64, b| {
                        hash.wrapping_mul(31).wrapping_add(u64::from(*b))
                    }),
            })
            .collect();
        Ok(Resolved {
            path: path.to_owned(),
            chain,
        })
    }

    /// The same, but letter case does not count.
    fn caseless(path: &Path) -> Result<Resolved, &'static str> {
        plain(Path::new(&path.to_string_lossy().to_lowercase()))
    }

    fn check(roots: &[&str], asked: &str, expected: &str) {
        let roots = AllowedRoots::new(roots.iter().map(PathBuf::from).collect());
        let verdict = match roots.admit(Path::new(asked), plain) {
            Ok(dir) => format!("ok {}", dir.path().display()),
            Err(refusal) => refusal.to_string(),
        };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn admits_only_what_lies_under_a_root() {
        check(&["/w/a"], "/w/a", "ok /w/a");
        check(&["/w/a"], "/w/a/src", "ok /w/a/src");
        check(&["/w/a"], "/w/ab", "`/w/ab` is outside the allowed roots");
        check(&["/w/a"], "/w", "`/w` is outside the allowed roots");
        check(&["/x", "/w/a"], "/w/a/b", "ok /w/a/b");
    }

    #[test]
    fn without_roots_nothing_is_admitted() {
        check(&[], "/w/a", "no folder is allowed yet");
    }

    #[test]
    fn a_root_that_is_gone_admits_nothing() {
        check(&["/missing"], "/missing/a", "can't use `/missing/a`");
        check(&["/missing"], "/w", "`/w` is outside the allowed roots");
    }

    #[test]
    fn what_is_no_plain_absolute_path_is_refused_before_the_file_system_is_asked() {
        check(&["/"], "", "`` is no usable path: it is empty");
        check(&["/"], "src", "`src` is no usable path: it is not absolute");
        check(
            &["/"],
            "~/src",
            "`~/src` is no usable path: it is not absolute",
        );
        check(
            &["/"],
            "/w/a\nb",
            "`/w/a\nb` is no usable path: it has a control character",
        );
        check(
            &["/"],
            "/proc/self/cwd",
            "`/proc/self/cwd` is no usable path: it lies below /proc or /dev",
        );
    }

    #[test]
    fn letter_case_counts_as_it_does_on_the_file_system() {
        let roots = AllowedRoots::new(vec![PathBuf::from("/W/A")]);
        assert!(roots.admit(Path::new("/w/a/src"), caseless).is_ok());
        assert!(roots.admit(Path::new("/w/a/src"), plain).is_err());
    }

    #[test]
    fn the_first_thing_above_its_ceiling_is_named() {
        let ceilings = Ceilings {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            models: vec![ModelName::parse("gpt-6-sol").unwrap()],
            effort: Some(Effort::parse("medium").unwrap()),
            total: Duration::from_secs(60),
        };
        let model = ModelName::parse("other").unwrap();
        let effort = Effort::parse("high").unwrap();
        let wish = Wish {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            model: None,
            effort: None,
            timeout: Duration::from_secs(60),
        };
        let check = |wish: Wish<'_>, expected: &str| {
            let verdict = match ceilings.check(&wish) {
                Ok(()) => "ok".to_owned(),
                Err(above) => above.to_string(),
            };
            assert_eq!(verdict, expected);
        };
        check(wish.clone(), "ok");
        check(
            Wish {
                sandbox: Sandbox::WorkspaceWrite,
                ..wish.clone()
            },
            "sandbox `workspace-write` is above what is allowed here: read-only",
        );
        check(
            Wish {
                network: true,
                ..wish.clone()
            },
            "network `true` is above what is allowed here: false",
        );
        check(
            Wish {
                model: Some(&model),
                ..wish.clone()
            },
            "model `other` is above what is allowed here: gpt-6-sol",
        );
        check(
            Wish {
                effort: Some(&effort),
                ..wish.clone()
            },
            "effort `high` is above what is allowed here: up to medium",
        );
        check(
            Wish {
                timeout: Duration::from_secs(61),
                ..wish
            },
            "timeout_s `61` is above what is allowed here: up to 60",
        );
    }
}
