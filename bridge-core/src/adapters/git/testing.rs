//! What the tests of this adapter share: the git of this machine, and repositories made by it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::adapters::git::conventions::PersonHome;
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::{Repository, RepositoryError};
use crate::adapters::git::shadow::{Carry, CreateError, Created, Shadow, Shadows};
use crate::domain::changes::{Change, ChangeSet, LeftOuts};
use crate::domain::id::{Persistence, RunId};
use crate::platform::open_dir::OpenDir;

/// The git of this machine.
pub(super) async fn git() -> Git {
    Git::find(OsStr::new(&path())).await.unwrap()
}

fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// A folder with a person's home and what else a test needs, gone at its end.
pub(super) struct World {
    tmp: TempDir,
    /// Where all lies, free of symlinks.
    pub(super) root: PathBuf,
    /// The git of this machine.
    pub(super) git: Git,
}

/// A repository of the person.
pub(super) struct Repo<'a> {
    world: &'a World,
    /// The folder of its files.
    pub(super) top: PathBuf,
}

impl World {
    pub(super) async fn new() -> World {
        let tmp = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(tmp.path()).unwrap();
        fs::create_dir_all(root.join("home/.config/git")).unwrap();
        let who = "[user]\n\tname = Ann\n\temail = ann@example.com\n";
        fs::write(root.join("home/.gitconfig"), who).unwrap();
        let git = git().await;
        World { tmp, root, git }
    }

    /// The person's home.
    pub(super) fn person(&self) -> PersonHome {
        PersonHome {
            home: self.root.join("home"),
            xdg_config_home: None,
        }
    }

    /// Git as the person would run it there.
    pub(super) fn run(&self, dir: &Path, args: &[&str]) -> String {
        let (ok, text) = self.try_run(dir, args);
        assert!(ok, "git {args:?}: {text}");
        text
    }

    /// The same where it may fail.
    pub(super) fn try_run(&self, dir: &Path, args: &[&str]) -> (bool, String) {
        let output = Command::new(self.git.program())
            .args(args)
            .current_dir(dir)
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.root.join("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            text.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        (output.status.success(), text)
    }

    /// A new repository without any commit.
    pub(super) fn init(&self, name: &str) -> Repo<'_> {
        self.init_with(name, &[])
    }

    /// A new repository, made with further options.
    pub(super) fn init_with(&self, name: &str, options: &[&str]) -> Repo<'_> {
        let args = [
            &["init", "--quiet", "--initial-branch=main"],
            options,
            &["--", name],
        ];
        self.run(&self.root, &args.concat());
        self.at(name)
    }

    /// A repository that is there already.
    pub(super) fn at(&self, name: &str) -> Repo<'_> {
        Repo {
            world: self,
            top: self.root.join(name),
        }
    }

    pub(super) async fn inspect(&self, folder: &Path) -> Result<Repository, RepositoryError> {
        let folder = OpenDir::open(folder).unwrap();
        Repository::inspect(&self.git, &folder, &self.person()).await
    }

    /// The bridge's private repositories.
    pub(super) fn shadows(&self) -> Shadows {
        let state = self.root.join("state");
        fs::create_dir_all(&state).unwrap();
        Shadows::new(&self.git, &state)
    }

    /// Everything in a folder: kind, mode, time, and content.
    pub(super) fn listing(&self, folder: &Path) -> Listing {
        let mut found = BTreeMap::new();
        list(folder, &mut found);
        assert!(self.tmp.path().exists());
        Listing(found)
    }
}

/// No path.
pub(super) const NOTHING: [PathBuf; 0] = [];

/// Everything in a folder.
#[derive(PartialEq, Eq)]
pub(super) struct Listing(BTreeMap<PathBuf, Row>);

/// Mode, time and content.
type Row = (u32, i64, i64, Vec<u8>);

impl Listing {
    /// What is another now. Where an object that is to be written is there already, git sets its file's time anew, so that
    /// it is not collected as garbage; those times don't count.
    pub(super) fn changed(&self, world: &World, folder: &Path) -> Vec<PathBuf> {
        let now = world.listing(folder).0;
        let all = self.0.keys().chain(now.keys());
        let row = |rows: &BTreeMap<PathBuf, Row>, path: &PathBuf| {
            let (mode, seconds, nanoseconds, content) = rows.get(path)?.clone();
            let is_object =
                path.is_file() && path.components().any(|part| part.as_os_str() == "objects");
            let time = (!is_object).then_some((seconds, nanoseconds));
            Some((mode, time, content))
        };
        let differs = |path: &&PathBuf| row(&self.0, path) != row(&now, path);
        all.filter(differs).cloned().collect()
    }
}

fn list(at: &Path, found: &mut BTreeMap<PathBuf, Row>) {
    let data = fs::symlink_metadata(at).unwrap();
    let content = if data.is_symlink() {
        fs::read_link(at).unwrap().as_os_str().as_bytes().to_vec()
    } else if data.is_file() {
        fs::read(at).unwrap_or_default()
    } else {
        Vec::new()
    };
    let row = (data.mode(), data.mtime(), data.mtime_nsec(), content);
    found.insert(at.to_owned(), row);
    if data.is_dir() {
        for entry in fs::read_dir(at).into_iter().flatten() {
            list(&entry.unwrap().path(), found);
        }
    }
}

impl Repo<'_> {
    /// Git as the person would run it here.
    pub(super) fn git(&self, args: &[&str]) -> String {
        self.world.run(&self.top, args)
    }

    /// The same where it may fail.
    pub(super) fn try_git(&self, args: &[&str]) -> (bool, String) {
        self.world.try_run(&self.top, args)
    }

    /// Writes a file, with the folders above it.
    pub(super) fn write(&self, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Makes a symlink.
    pub(super) fn link(&self, path: &str, target: &str) -> &Self {
        symlink(target, self.path(path)).unwrap();
        self
    }

    /// Sets a file's mode.
    pub(super) fn chmod(&self, path: &str, mode: u32) -> &Self {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// Commits everything; gives the commit's name.
    pub(super) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.commit_staged(message)
    }

    /// Commits what is staged; gives the commit's name.
    pub(super) fn commit_staged(&self, message: &str) -> String {
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// A path in it.
    pub(super) fn path(&self, path: impl AsRef<OsStr>) -> PathBuf {
        self.top.join(path.as_ref())
    }

    pub(super) async fn inspect(&self) -> Repository {
        self.world.inspect(&self.top).await.unwrap()
    }

    /// A worktree of it for a run.
    pub(super) async fn worktree(&self, run: u64, carry: Carry) -> Result<Created, CreateError> {
        let repository = self.inspect().await;
        let shadows = self.world.shadows();
        shadows.worktree(&run_id(run), &repository, carry).await
    }

    /// A shadow that watches it in place.
    pub(super) async fn in_place(&self, run: u64) -> Created {
        let repository = self.inspect().await;
        let shadows = self.world.shadows();
        shadows.in_place(&run_id(run), &repository).await.unwrap()
    }
}

/// The name of a run.
pub(super) fn run_id(number: u64) -> RunId {
    RunId::new(Persistence::Stored, 0, number)
}

/// Writes a file of a shadow.
pub(super) fn write(shadow: &Shadow, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
    let path = shadow.files().join(path.as_ref());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// What was changed up to now, one line for each file.
pub(super) async fn changes(shadow: &Shadow) -> String {
    let now = shadow.snapshot().await.unwrap();
    tell(&shadow.changes(&now).await.unwrap())
}

/// A difference, one line for each file: what happened, its modes, its name and its lines.
pub(super) fn tell(changes: &ChangeSet) -> String {
    let mut text = String::new();
    for file in &changes.files {
        let what = match &file.change {
            Change::Added { after } => format!("A {}", after.mode.as_str()),
            Change::Deleted { before } => format!("D {}", before.mode.as_str()),
            Change::Modified { before, after } if before.mode == after.mode => "M".to_owned(),
            Change::Modified { before, after } => {
                format!("M {} {}", before.mode.as_str(), after.mode.as_str())
            }
            Change::Renamed { from, .. } => format!("R {from:?}"),
        };
        let lines = match file.lines {
            Some(count) => format!("+{} -{}", count.added, count.removed),
            None => "binary".to_owned(),
        };
        text.push_str(&format!("{what} {:?} {lines}\n", file.path));
    }
    text
}

/// What was left out, one line each.
pub(super) fn tell_left_out(left_out: &LeftOuts) -> String {
    let mut text = String::new();
    for one in &left_out.listed {
        let path = String::from_utf8_lossy(&one.path);
        text.push_str(&format!("{} {path}\n", one.why.as_str()));
    }
    if left_out.more > 0 {
        text.push_str(&format!("and {} more\n", left_out.more));
    }
    text
}
