//! A person's repository: real git, with a configuration of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A git repository in a folder.
pub struct Repo {
    path: PathBuf,
}

impl Repo {
    /// Makes a repository with one commit of these files.
    pub fn with(path: &Path, files: &[(&str, &str)]) -> Repo {
        std::fs::create_dir_all(path).expect("a folder for the repository");
        let path = std::fs::canonicalize(path).expect("the folder is there");
        let repo = Repo { path };
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        for (name, text) in files {
            repo.write(name, text);
        }
        repo.commit("first");
        repo
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder, as clients name it.
    pub fn dir(&self) -> String {
        self.path.display().to_string()
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("the folders");
        std::fs::write(path, text).expect("the file is writable");
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path.join(name)).expect("the file is there")
    }

    /// Whether there is anything of that name.
    pub fn has(&self, name: &str) -> bool {
        self.path.join(name).symlink_metadata().is_ok()
    }

    /// Commits all there is.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Runs git, which has to succeed, and gives its output without the last line's end.
    pub fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status.success(), "git {args:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// Runs git.
    pub fn try_git(&self, args: &[&str]) -> Output {
        Command::new("git")
            .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"])
            .args(["-c", "core.hooksPath=/dev/null"])
            .args(args)
            .current_dir(&self.path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git runs")
    }

    /// What git says of uncommitted work, one line each.
    pub fn status(&self) -> Vec<String> {
        let all = self.git(&["status", "--porcelain", "--untracked-files=all"]);
        let mut lines: Vec<_> = all.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    /// The commit that is checked out.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }
}
