//! Leaves a run's work as a branch with one commit in the person's repository. Their files, index and HEAD stay as they
//! are, none of their hooks runs, and their configuration has no say in what is written.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::adapters::git::bytes;
use crate::adapters::git::command::{Call, GitError};
use crate::adapters::git::conventions::Identity;
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::{Head, Repository};
use crate::adapters::git::shadow::Shadow;
use crate::domain::changes::ObjectId;
use crate::domain::id::RunId;

/// How long objects may take to be packed or unpacked.
const LIMIT: Duration = Duration::from_secs(600);
/// The largest pack that is brought over.
const MAX_PACK: u64 = 8 << 30;
/// As many objects as git itself would rather keep in a pack.
const MANY_OBJECTS: u32 = 100;
/// A part of a branch's name is the name of a file, with `.lock` at its end while it is written.
const MAX_NAME: usize = 200;
/// How much of a title goes into a name.
const MAX_SLUG: usize = 40;

/// The name of a branch that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchName(String);

/// What is to become a branch.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// Which git.
    pub git: &'a Git,
    /// The private repository of the run.
    pub shadow: &'a Shadow,
    /// The person's repository, looked at just now.
    pub repository: &'a Repository,
    /// The files as the run left them.
    pub tree: &'a ObjectId,
    /// The name of the branch.
    pub branch: &'a BranchName,
    /// What the commit says.
    pub message: &'a str,
}

/// Why there is no branch. Objects that nothing refers to may be left; git collects them.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It can't be the name of a branch.
    #[error("`{}` is no name of a branch: {reason}", start(name))]
    InvalidName {
        /// What was asked for.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is one.
    #[error("the branch `{branch}` exists already")]
    Exists {
        /// Its name.
        branch: String,
    },
    /// Two branches can't be called `a` and `a/b`.
    #[error("the branch `{branch}` can't be made, since there is `{other}`")]
    NameConflict {
        /// What was asked for.
        branch: String,
        /// The reference that is in the way.
        other: String,
    },
    /// Somebody works on the references just now, or died over it.
    #[error("the branches of `{}` are locked by another git", repository.display())]
    Locked {
        /// The repository.
        repository: PathBuf,
    },
    /// The worktree was not made from a commit.
    #[error("the run did not begin with a commit")]
    NoBase,
    /// The commit or the files that it began with are gone.
    #[error("`{}` lacks what the run began with", repository.display())]
    BaseGone {
        /// The repository.
        repository: PathBuf,
        /// What git says is missing.
        source: GitError,
    },
    /// The repository can't be written.
    #[error("`{}` can't be written", repository.display())]
    NotWritable {
        /// The repository.
        repository: PathBuf,
        /// What git said.
        source: GitError,
    },
    /// There is no room.
    #[error("the disk of `{}` is full", place.display())]
    DiskFull {
        /// What was to be written.
        place: PathBuf,
        /// What git said.
        source: GitError,
    },
    /// A file of ours can't be written.
    #[error("could not write in `{}`", place.display())]
    Io {
        /// Where.
        place: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Git failed otherwise.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl BranchName {
    /// A name for the branch of a run: `codex/fix-the-tests-k3v90q2m`.
    pub fn suggest(title: &str, run: &RunId) -> BranchName {
        let mut slug = String::new();
        for word in title
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            if slug.len() + word.len() > MAX_SLUG {
                break;
            }
            slug.push_str(&word.to_ascii_lowercase());
            slug.push('-');
        }
        if slug.is_empty() {
            slug.push_str("run-");
        }
        let id = run.as_str();
        // The last digits are random, those before them the time.
        let short = &id[id.len().saturating_sub(8)..];
        BranchName(format!("codex/{slug}{short}"))
    }

    /// Takes a name that somebody chose, if git takes it.
    ///
    /// # Errors
    /// `InvalidName`, or git can't be run.
    pub async fn parse(git: &Git, name: &str) -> Result<BranchName, PublishError> {
        let invalid = |reason: &str| PublishError::InvalidName {
            name: name.to_owned(),
            reason: reason.to_owned(),
        };
        if let Some(reason) = fault(name) {
            return Err(invalid(reason));
        }
        let call = git.call("check-ref-format").args(["--branch", name]);
        let answer = call.ask_at(Path::new("/")).await?;
        let taken = answer.stdout.trim_ascii_end();
        if answer.status.success() && taken == name.as_bytes() {
            Ok(BranchName(name.to_owned()))
        } else {
            Err(invalid("git does not allow it"))
        }
    }

    /// The name for people.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn reference(&self) -> String {
        format!("refs/heads/{}", self.0)
    }
}

/// Makes the branch with its one commit, and names the commit.
///
/// # Errors
/// See [`PublishError`].
pub async fn publish(publication: &Publication<'_>) -> Result<ObjectId, PublishError> {
    let base = publication.shadow.base_commit();
    let base = base.ok_or(PublishError::NoBase)?;
    publication.check_name().await?;
    publication.check_base(base).await?;
    let commit = publication.commit(base).await?;
    publication.bring_over(&commit, base).await?;
    publication.check_objects(&commit, base).await?;
    publication.make_branch(&commit).await?;
    Ok(commit)
}

impl Publication<'_> {
    /// Says early what would fail at the end.
    async fn check_name(&self) -> Result<(), PublishError> {
        let branch = self.branch.as_str();
        // A branch without a commit does not exist for git. To make it would change what HEAD is.
        let is_unborn = match &self.repository.head {
            Head::Unborn { branch: unborn } => unborn == branch,
            Head::Commit { .. } => false,
        };
        let name = self.branch.reference();
        let call = self.repository.call(self.git, "show-ref");
        let call = call.args(["--verify", "--quiet", "--", &name]);
        let answer = call.ask_at(&self.repository.toplevel).await?;
        if is_unborn || answer.status.success() {
            let branch = branch.to_owned();
            return Err(PublishError::Exists { branch });
        }
        Ok(())
    }

    /// Makes sure that the person has not rewritten the history and thrown away what the run began with.
    async fn check_base(&self, base: &ObjectId) -> Result<(), PublishError> {
        let call = self.in_store("cat-file");
        let call = call.args(["-e", &format!("{base}^{{commit}}")]);
        self.is_there(call).await
    }

    /// Makes the commit in the private repository.
    async fn commit(&self, base: &ObjectId) -> Result<ObjectId, PublishError> {
        let call = self.as_person(self.shadow.call("commit-tree"));
        let call = call.args(["-p", base.as_str(), self.tree.as_str()]);
        let call = call.setting("i18n.commitEncoding=UTF-8");
        let message = message(self.message).into_bytes();
        let made = call.stdin(message).run_at(&self.shadow.git_dir()).await;
        let made = made.map_err(|error| self.explain(error, &self.shadow.git_dir()))?;
        let id = bytes::object_id(made.stdout.trim_ascii_end());
        id.ok_or_else(|| unexpected("commit-tree").into())
    }

    /// Copies what the person's repository does not have: through a file, since a pipe between two gits is not ours.
    async fn bring_over(&self, commit: &ObjectId, base: &ObjectId) -> Result<(), PublishError> {
        let place = self.shadow.git_dir();
        let about = |source| PublishError::Io {
            place: place.clone(),
            source,
        };
        let mut pack = tempfile::tempfile_in(&place).map_err(about)?;
        let target = pack.try_clone().map_err(about)?;
        let call = self.shadow.call("pack-objects").limit(LIMIT);
        let call = call
            .args(["--revs", "--stdout", "--local", "-q", "--no-reuse-delta"])
            .stdin(format!("{commit}\n^{base}\n").into_bytes())
            .stdout_file(target, MAX_PACK);
        let packed = call.run_at(&place).await;
        packed.map_err(|error| self.explain(error, &place))?;
        let count = objects_in(&mut pack).map_err(about)?;
        pack.rewind().map_err(about)?;

        let take: &[&str] = match count {
            0..=MANY_OBJECTS => &["unpack-objects", "-q"],
            _ => &["index-pack", "--stdin"],
        };
        let call = self.in_store(take[0]).args(&take[1..]).stdin_file(pack);
        let taken = call.limit(LIMIT).run_at(&place).await;
        let store = self.repository.object_dir();
        taken.map_err(|error| self.explain(error, &store))?;
        Ok(())
    }

    /// Makes sure that the person's repository has all of it: it may have collected what the run had borrowed.
    async fn check_objects(&self, commit: &ObjectId, base: &ObjectId) -> Result<(), PublishError> {
        let call = self.in_store("rev-list");
        let call = call.args(["--objects", "--quiet", commit.as_str(), "--not"]);
        self.is_there(call.arg(base.as_str())).await
    }

    async fn is_there(&self, call: Call<'_>) -> Result<(), PublishError> {
        let call = call.limit(LIMIT);
        match call.run_at(&self.shadow.git_dir()).await {
            Ok(_) => Ok(()),
            Err(source @ GitError::Failed { .. }) => Err(PublishError::BaseGone {
                repository: self.repository.toplevel.clone(),
                source,
            }),
            Err(other) => Err(other.into()),
        }
    }

    async fn make_branch(&self, commit: &ObjectId) -> Result<(), PublishError> {
        let none = "0".repeat(commit.as_str().len());
        let call = self.as_person(self.repository.call(self.git, "update-ref"));
        let call = call.args(["-m", "branch: created by Codex Bridge", "--"]);
        let call = call.args([&self.branch.reference(), commit.as_str(), &none]);
        let made = call.run_at(&self.repository.toplevel).await;
        match made {
            Ok(_) => Ok(()),
            Err(error) => Err(self.explain_branch(error)),
        }
    }

    /// A call that has the person's objects and nothing else of their repository.
    fn in_store(&self, command: &str) -> Call<'_> {
        let call = self.git.call(command);
        call.git_dir(&self.shadow.git_dir().join("front"))
            .env("GIT_OBJECT_DIRECTORY", self.repository.object_dir())
    }

    fn as_person<'c>(&self, call: Call<'c>) -> Call<'c> {
        let who = self.repository.conventions.identity();
        let who = who.unwrap_or(Identity {
            name: "Codex Bridge",
            email: "codex-bridge@localhost",
        });
        call.env("GIT_AUTHOR_NAME", who.name)
            .env("GIT_AUTHOR_EMAIL", who.email)
            .env("GIT_COMMITTER_NAME", who.name)
            .env("GIT_COMMITTER_EMAIL", who.email)
    }

    fn explain_branch(&self, error: GitError) -> PublishError {
        let branch = self.branch.as_str().to_owned();
        let said = error.said();
        if let Some(other) = in_the_way(said) {
            let other = other.strip_prefix("refs/heads/").unwrap_or(other);
            let other = other.to_owned();
            PublishError::NameConflict { branch, other }
        } else if said.contains("reference already exists") {
            PublishError::Exists { branch }
        } else if said.contains(".lock': File exists") || said.contains("unable to lock") {
            PublishError::Locked {
                repository: self.repository.toplevel.clone(),
            }
        } else {
            self.explain(error, &self.repository.common_dir)
        }
    }

    fn explain(&self, error: GitError, place: &Path) -> PublishError {
        let said = error.said();
        let refusals = [
            "Permission denied",
            "Read-only file system",
            "insufficient permission",
        ];
        if error.is_disk_full() {
            PublishError::DiskFull {
                place: place.to_owned(),
                source: error,
            }
        } else if refusals.iter().any(|refusal| said.contains(refusal)) {
            PublishError::NotWritable {
                repository: place.to_owned(),
                source: error,
            }
        } else {
            PublishError::Git(error)
        }
    }
}

/// What is wrong with the name of a branch, besides what git says.
fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > MAX_NAME {
        Some("it is too long")
    } else if name.starts_with('-') {
        Some("it begins with `-`")
    } else if name == "@" || name.contains("@{") {
        Some("it stands for another name")
    } else if name.starts_with("refs/") {
        Some("it is to be without `refs/heads/`")
    } else if name.chars().any(char::is_control) {
        Some("it contains a control character")
    } else {
        None
    }
}

/// Git takes any text that has no NUL; it ends with a line's end, and is not empty.
fn message(text: &str) -> String {
    let text = text.replace('\0', "\u{fffd}");
    let text = text.trim();
    let text = if text.is_empty() { "Codex" } else { text };
    format!("{text}\n")
}

/// The reference that git names as being in the way: `'refs/heads/a' exists; cannot create 'refs/heads/a/b'`.
fn in_the_way(said: &str) -> Option<&str> {
    let (before, _) = said.split_once("' exists; cannot create")?;
    before.rsplit('\'').next()
}

/// How many objects a pack has, by its header: `PACK`, a version, a number.
fn objects_in(pack: &mut File) -> io::Result<u32> {
    let mut header = [0; 12];
    pack.rewind()?;
    pack.read_exact(&mut header)?;
    let [.., a, b, c, d] = header;
    Ok(u32::from_be_bytes([a, b, c, d]))
}

fn unexpected(command: &str) -> GitError {
    GitError::Unexpected {
        command: command.to_owned(),
    }
}

fn start(name: &str) -> String {
    name.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::git::testing;

    #[test]
    fn a_branch_is_called_by_its_title_and_its_run() {
        let run = RunId::parse("run_0123456789abcdefgh").unwrap();
        let check = |title: &str, expected: &str| {
            assert_eq!(BranchName::suggest(title, &run).as_str(), expected);
        };
        check("Fix the Tests!", "codex/fix-the-tests-abcdefgh");
        check("--output=/etc/passwd", "codex/output-etc-passwd-abcdefgh");
        check("", "codex/run-abcdefgh");
        check("…", "codex/run-abcdefgh");
        let long = "word ".repeat(30);
        check(
            &long,
            "codex/word-word-word-word-word-word-word-word-abcdefgh",
        );
    }

    #[tokio::test]
    async fn a_name_is_taken_as_git_takes_it_and_never_as_an_option() {
        let git = testing::git().await;
        let check = async |name: &str, expected: &str| {
            let got = match BranchName::parse(&git, name).await {
                Ok(name) => format!("ok {}", name.as_str()),
                Err(PublishError::InvalidName { reason, .. }) => reason,
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(got, expected, "{name:?}");
        };
        check("mine", "ok mine").await;
        check("codex/ü-1", "ok codex/ü-1").await;
        check("-D", "it begins with `-`").await;
        check("--help", "it begins with `-`").await;
        check("@{-1}", "it stands for another name").await;
        check("@", "it stands for another name").await;
        check("refs/heads/a", "it is to be without `refs/heads/`").await;
        check("a\nb", "it contains a control character").await;
        check(&"a".repeat(300), "it is too long").await;
        check("", "it is empty").await;
        let refused = "git does not allow it";
        for name in [
            "HEAD", "a b", "a..b", "a~1", "a^", "a:b", "a?", "*", "a\\b", "/a", "a/", "a//b", ".a",
            "a/.b", "a.lock",
        ] {
            check(name, refused).await;
        }
    }

    #[test]
    fn the_reference_in_the_way_is_found_in_what_git_says() {
        let said = "fatal: cannot lock ref 'refs/heads/codex/x': 'refs/heads/codex' exists; cannot create 'refs/heads/codex/x'";
        assert_eq!(in_the_way(said), Some("refs/heads/codex"));
        assert_eq!(in_the_way("fatal: something else"), None);
    }
}
