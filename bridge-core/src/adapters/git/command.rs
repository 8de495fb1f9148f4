//! One call of git: nothing of the person's configuration, no hook, no helper, bounded in time and output.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use crate::adapters::git::conventions::PersonHome;
use crate::adapters::git::program::Git;
use crate::platform::errand::{self, Errand, ErrandError, Input, Sink};
use crate::platform::open_dir::OpenDir;
use crate::platform::spawn::SpawnError;

/// How long a call may take that looks at little.
const LIMIT: Duration = Duration::from_secs(60);
/// How much a call may answer: a line of 100 bytes about each of 600,000 files.
const MAX_OUTPUT: usize = 64 << 20;
/// What git says when the disk is full: in the words of the system, of an index or a pack, and of a file of the
/// repository, where it does not say why it can't write it.
const FULL: [&str; 4] = [
    "No space left on device",
    "Disk quota exceeded",
    "Out of diskspace",
    "unable to write file",
];
/// How much of git's complaints is kept.
const MAX_STDERR: usize = 16 * 1024;

/// Settings that stand above those of any file, for every call.
const SETTINGS: [&str; 17] = [
    // Programs that a repository could name.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.sshCommand=false",
    "core.pager=cat",
    "core.editor=false",
    "core.askPass=false",
    "sequence.editor=false",
    "credential.helper=",
    "protocol.allow=never",
    // What git would do on the side.
    "core.untrackedCache=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "advice.detachedHead=false",
    // Names that lead into git's own folder on one file system or another are refused on all.
    "core.protectHFS=true",
    "core.protectNTFS=true",
    // Names come as they are.
    "core.quotePath=false",
];

/// The environment of every call, beside what a call adds.
const ENVIRONMENT: [(&str, &str); 15] = [
    ("PATH", "/usr/bin:/bin"),
    ("HOME", "/nonexistent"),
    ("LC_ALL", "C"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    // Known since 2.32; before, an empty home folder does it.
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    // No protocol is allowed: not even one that a missing object would be fetched by.
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_PAGER", "cat"),
    ("GIT_EDITOR", "false"),
];

/// A call to be made. Nothing is read from the environment of this process.
#[derive(Debug)]
pub struct Call<'a> {
    git: &'a Git,
    settings: Vec<OsString>,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    input: Input,
    output: Sink,
    start_will_do: bool,
    limit: Duration,
}

/// What git answered.
#[derive(Debug)]
pub struct Answer {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote, unless that went into a file.
    pub stdout: Vec<u8>,
    /// What it complained of.
    pub stderr: String,
    /// Whether only the start of its answer is here.
    pub cut: bool,
}

impl Git {
    /// Begins a call of one of git's commands.
    pub fn call(&self, command: &str) -> Call<'_> {
        Call {
            git: self,
            settings: Vec::new(),
            args: vec![command.into()],
            env: ENVIRONMENT
                .map(|(key, value)| (key.into(), value.into()))
                .into(),
            input: Input::Empty,
            output: Sink::Memory { max: MAX_OUTPUT },
            start_will_do: false,
            limit: LIMIT,
        }
    }
}

impl Call<'_> {
    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned());
        self.args.extend(args);
        self
    }

    /// Adds a path between two pieces of syntax.
    #[must_use]
    pub fn path(self, before: &[u8], path: &[u8], after: &[u8]) -> Self {
        self.arg(OsStr::from_bytes(&[before, path, after].concat()))
    }

    /// Sets a variable, in place of the usual value.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.retain(|(known, _)| known != key);
        self.env.push((key.into(), value.as_ref().to_owned()));
        self
    }

    /// Reads the configuration of the person, too. For calls that look for a repository or list settings: they run
    /// nothing, whatever the configuration says.
    #[must_use]
    pub fn as_person(mut self, person: &PersonHome) -> Self {
        for key in [
            "GIT_CONFIG_NOSYSTEM",
            "GIT_CONFIG_SYSTEM",
            "GIT_CONFIG_GLOBAL",
        ] {
            self.env.retain(|(known, _)| known != key);
        }
        if let Some(config) = &person.xdg_config_home {
            self = self.env("XDG_CONFIG_HOME", config);
        }
        self.env("HOME", &person.home)
    }

    /// Names the repository, so that none is looked for.
    #[must_use]
    pub fn git_dir(self, path: &Path) -> Self {
        self.env("GIT_DIR", path)
    }

    /// Names the folder of the files.
    #[must_use]
    pub fn work_tree(self, path: &Path) -> Self {
        self.env("GIT_WORK_TREE", path)
    }

    /// Names the index.
    #[must_use]
    pub fn index_file(self, path: &Path) -> Self {
        self.env("GIT_INDEX_FILE", path)
    }

    /// Adds a setting for this call: `key=value`.
    #[must_use]
    pub fn setting(mut self, setting: &str) -> Self {
        self.settings.push(setting.into());
        self
    }

    /// Gives it something to read.
    #[must_use]
    pub fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.input = Input::Bytes(bytes);
        self
    }

    /// Gives it a file to read.
    #[must_use]
    pub fn stdin_file(mut self, file: File) -> Self {
        self.input = Input::File(file);
        self
    }

    /// Lets it answer into a file.
    #[must_use]
    pub fn stdout_file(mut self, file: File, max: u64) -> Self {
        self.output = Sink::File { file, max };
        self
    }

    /// Bounds the answer otherwise than usual.
    #[must_use]
    pub fn max_output(mut self, max: usize) -> Self {
        self.output = Sink::Memory { max };
        self
    }

    /// Takes the start of the answer if there is more.
    #[must_use]
    pub fn start_of_output(mut self, max: usize) -> Self {
        self.start_will_do = true;
        self.max_output(max)
    }

    /// Bounds the time otherwise than usual.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Makes the call in this folder and takes a success only.
    ///
    /// # Errors
    /// If git can't be run, fails, or answers more than it may.
    pub async fn run(self, dir: OpenDir) -> Result<Answer, GitError> {
        let command = self.name();
        let answer = self.ask(dir).await?;
        if answer.status.success() || answer.cut {
            Ok(answer)
        } else {
            Err(GitError::Failed {
                command,
                status: answer.status,
                said: answer.stderr.trim().to_owned(),
            })
        }
    }

    /// Makes the call in the folder at this path and takes a success only.
    ///
    /// # Errors
    /// As [`Call::run`], and if there is no such folder.
    pub async fn run_at(self, path: &Path) -> Result<Answer, GitError> {
        self.run(open(path)?).await
    }

    /// Makes the call in this folder; a failure that git reports is an answer.
    ///
    /// # Errors
    /// If git can't be run, or answers more than it may.
    pub async fn ask(self, dir: OpenDir) -> Result<Answer, GitError> {
        let (command, start_will_do) = (self.name(), self.start_will_do);
        let output = errand::run(Errand {
            program: self.git.program().to_owned(),
            args: self.arguments(),
            env: self.env,
            dir,
            input: self.input,
            output: self.output,
            max_stderr: MAX_STDERR,
            limit: self.limit,
        })
        .await
        .map_err(GitError::Run)?;
        if output.cut && !start_will_do {
            return Err(GitError::TooMuch { command });
        }
        Ok(Answer {
            status: output.status,
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            cut: output.cut,
        })
    }

    /// Makes the call in the folder at this path; a failure that git reports is an answer.
    ///
    /// # Errors
    /// As [`Call::ask`], and if there is no such folder.
    pub async fn ask_at(self, path: &Path) -> Result<Answer, GitError> {
        self.ask(open(path)?).await
    }

    fn arguments(&self) -> Vec<OsString> {
        let settings = SETTINGS
            .iter()
            .map(OsString::from)
            .chain(self.settings.iter().cloned())
            .flat_map(|setting| [OsString::from("-c"), setting]);
        let quiet = [OsString::from("--no-pager")];
        quiet
            .into_iter()
            .chain(settings)
            .chain(self.args.iter().cloned())
            .collect()
    }

    fn name(&self) -> String {
        let name = self.args.first().map(|arg| arg.to_string_lossy());
        name.unwrap_or_default().into_owned()
    }
}

fn open(path: &Path) -> Result<OpenDir, GitError> {
    OpenDir::open(path).map_err(|source| {
        GitError::Run(ErrandError::Start(SpawnError::Dir {
            path: path.to_owned(),
            source,
        }))
    })
}

/// Why a call of git gave nothing to work with.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It could not be run to its end.
    #[error("git could not be run")]
    Run(#[source] ErrandError),
    /// It reported a failure.
    #[error("`git {command}` failed ({status}){}{}", if said.is_empty() { "" } else { ": " }, last_lines(said))]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it complained of.
        said: String,
    },
    /// It answered more than can be worked with.
    #[error("`git {command}` answered more than the bridge takes")]
    TooMuch {
        /// The command.
        command: String,
    },
    /// It answered something that is not understood.
    #[error("`git {command}` answered something unexpected")]
    Unexpected {
        /// The command.
        command: String,
    },
}

impl GitError {
    /// Whether the disk is full.
    pub fn is_disk_full(&self) -> bool {
        match self {
            GitError::Failed { said, .. } => FULL.iter().any(|words| said.contains(words)),
            GitError::Run(ErrandError::Write { source, .. }) => {
                source.kind() == std::io::ErrorKind::StorageFull
            }
            GitError::Run(_) | GitError::TooMuch { .. } | GitError::Unexpected { .. } => false,
        }
    }

    /// What git complained of; empty if it was never asked.
    pub fn said(&self) -> &str {
        match self {
            GitError::Failed { said, .. } => said,
            GitError::Run(_) | GitError::TooMuch { .. } | GitError::Unexpected { .. } => "",
        }
    }
}

/// The end of what git said: its reason stands there.
fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().rev().take(3).collect();
    let lines: Vec<&str> = lines.into_iter().rev().collect();
    lines.join("; ").chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;
    use crate::adapters::git::testing;

    #[tokio::test]
    async fn a_call_knows_nothing_of_the_persons_configuration() {
        let git = testing::git().await;
        let call = git.call("config").args(["--list", "--show-origin"]);
        let said = call.run_at(Path::new("/")).await.unwrap().stdout;
        let text = String::from_utf8(said).unwrap();
        assert!(
            text.lines().all(|line| line.starts_with("command line:")),
            "{text}"
        );
    }

    #[tokio::test]
    async fn input_output_and_failure_come_back() {
        let git = testing::git().await;
        let empty = git.call("hash-object").args(["-t", "blob", "--stdin"]);
        let answer = empty.run_at(Path::new("/")).await.unwrap();
        assert_eq!(answer.stdout, b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n");

        let file = tempfile::tempfile().unwrap();
        git.call("stripspace")
            .stdin(b"one   \n\n\n".to_vec())
            .stdout_file(file.try_clone().unwrap(), 100)
            .run_at(Path::new("/"))
            .await
            .unwrap();
        let (mut file, mut text) = (file, String::new());
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\n");

        let refused = git.call("rev-parse").run_at(Path::new("/nowhere")).await;
        assert_eq!(refused.unwrap_err().to_string(), "git could not be run");
        let tmp = tempfile::tempdir().unwrap();
        let failed = git.call("status").run_at(tmp.path()).await.unwrap_err();
        assert_eq!(
            failed.to_string(),
            "`git status` failed (exit status: 128): fatal: not a git repository (or any of the parent directories): .git"
        );
        let much = git
            .call("stripspace")
            .stdin(vec![b'x'; 5000])
            .max_output(99);
        let refused = much.run_at(Path::new("/")).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`git stripspace` answered more than the bridge takes"
        );
    }
}
