//! Names of commits as people write them, and the branches there are.

use std::path::Path;

use crate::adapters::git::bytes;
use crate::adapters::git::command::GitError;
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::Repository;
use crate::domain::changes::ObjectId;

/// The longest name of a commit. Git's own references are shorter.
const MAX_NAME: usize = 255;

/// Why a name gives no commit.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// It is none that may be asked for.
    #[error("`{}` is no name of a commit: {reason}", start(name))]
    NotAName {
        /// What was asked for.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The repository has nothing of that name.
    #[error("there is no commit `{}` in `{}`", start(name), folder.display())]
    Unknown {
        /// What was asked for.
        name: String,
        /// Where.
        folder: std::path::PathBuf,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Something that a commit can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name for people: `main`, `origin/main`.
    pub name: String,
    /// What it stands for.
    pub id: ObjectId,
}

impl Repository {
    /// Finds the commit of that name: a branch, a tag, the start of an id, `HEAD~2`.
    ///
    /// # Errors
    /// If it is an option, a range or a path, or nothing of that name is there.
    pub async fn revision(&self, git: &Git, name: &str) -> Result<ObjectId, RevisionError> {
        if let Some(reason) = fault(name) {
            let name = name.to_owned();
            return Err(RevisionError::NotAName { name, reason });
        }
        let args = ["--verify", "--quiet", "--end-of-options"];
        let call = self.call(git, "rev-parse").args(args);
        let answer = call.arg(format!("{name}^{{commit}}"));
        let answer = answer.ask_at(&self.toplevel).await?;
        match bytes::object_id(answer.stdout.trim_ascii_end()) {
            Some(id) if answer.status.success() => Ok(id),
            _ => Err(RevisionError::Unknown {
                name: name.to_owned(),
                folder: self.toplevel.clone(),
            }),
        }
    }

    /// Branches, those that were committed to last first, then those of remotes; at most `max` of each.
    ///
    /// # Errors
    /// If git fails.
    pub async fn branches(&self, git: &Git, max: usize) -> Result<Vec<Reference>, GitError> {
        let (own, remote) = tokio::join!(
            self.references(git, "refs/heads", max),
            self.references(git, "refs/remotes", max)
        );
        let mut all = own?;
        // `origin/HEAD` is only another name for one of the others.
        let remote = remote?.into_iter();
        all.extend(remote.filter(|branch| !branch.name.ends_with("/HEAD")));
        Ok(all)
    }

    async fn references(
        &self,
        git: &Git,
        below: &str,
        max: usize,
    ) -> Result<Vec<Reference>, GitError> {
        // The name stands last: it can contain anything but a line's end.
        let call = self.call(git, "for-each-ref").args([
            "--sort=-committerdate",
            &format!("--count={max}"),
            "--format=%(objectname) %(refname)",
            below,
        ]);
        let answer = call.run_at(&self.toplevel).await?;
        let lines = answer.stdout.split(|byte| *byte == b'\n');
        let read = |line: &[u8]| {
            let (id, name) = std::str::from_utf8(line).ok()?.split_once(' ')?;
            let name = name.strip_prefix(below)?.strip_prefix('/')?;
            Some(Reference {
                name: name.to_owned(),
                id: ObjectId::parse(id)?,
            })
        };
        Ok(lines.filter_map(read).collect())
    }

    /// All references in the form of a `packed-refs` file, at most `max` of each kind.
    ///
    /// # Errors
    /// If git fails.
    pub(in crate::adapters::git) async fn packed_references(
        &self,
        git: &Git,
        max: usize,
    ) -> Result<Vec<u8>, GitError> {
        let list = async |below: &str| {
            let call = self.call(git, "for-each-ref").args([
                &format!("--count={max}"),
                "--format=%(objectname) %(refname)",
                below,
            ]);
            call.run_at(Path::new(&self.toplevel)).await
        };
        let (heads, remotes, tags) =
            tokio::join!(list("refs/heads"), list("refs/remotes"), list("refs/tags"));
        Ok([heads?.stdout, remotes?.stdout, tags?.stdout].concat())
    }
}

/// What keeps a text from being the name of one commit. Branch names can't contain most of this anyway.
fn fault(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("it is empty"),
        _ if name.len() > MAX_NAME => Some("it is too long"),
        _ if name.starts_with('-') => Some("it begins like an option"),
        _ if name.starts_with('^') || name.contains("..") => Some("it means a range of commits"),
        _ if name.contains(':') => Some("it means a file in a commit"),
        _ if name.contains(|c: char| c.is_control() || c == ' ' || "?*[\\".contains(c)) => {
            Some("it contains characters that no name has")
        }
        _ => None,
    }
}

fn start(name: &str) -> String {
    let short: String = name.chars().take(80).collect();
    short.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_of_one_commit_is_refused() {
        let check = |name: &str, expected: &str| {
            assert_eq!(fault(name).unwrap_or("fine"), expected, "{name:?}");
        };
        check("main", "fine");
        check("origin/feature/é-1", "fine");
        check("HEAD~2", "fine");
        check("v1.0^", "fine");
        check("@{upstream}", "fine");
        check("", "it is empty");
        check("--upload-pack=evil", "it begins like an option");
        check("-x", "it begins like an option");
        check("^main", "it means a range of commits");
        check("a..b", "it means a range of commits");
        check("a...b", "it means a range of commits");
        check("HEAD:secret", "it means a file in a commit");
        check(":/text", "it means a file in a commit");
        check("a b", "it contains characters that no name has");
        check("a\nb", "it contains characters that no name has");
        check("a\u{7f}", "it contains characters that no name has");
        check(&"x".repeat(256), "it is too long");
    }
}
