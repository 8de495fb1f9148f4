//! A person's repository, a worktree of it, and what is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::adapters::git::apply::{Applied, ApplyError, Hook, Order, apply_with};
use crate::adapters::git::conventions::PersonHome;
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::Repository;
use crate::adapters::git::shadow::{Carry, Shadows};
use crate::adapters::git::testing;
use crate::domain::id::RunId;
use crate::domain::run::Timestamp;
use crate::platform::open_dir::OpenDir;
use crate::platform::tree_edit::Renames;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File { content: Vec<u8>, mode: u32 },
    Link(Vec<u8>),
    Folder,
    Other,
}

pub(super) fn file(content: &str) -> Node {
    Node::File {
        content: content.into(),
        mode: 0o644,
    }
}

pub(super) fn program(content: &str) -> Node {
    Node::File {
        content: content.into(),
        mode: 0o755,
    }
}

pub(super) fn link(target: &str) -> Node {
    Node::Link(target.into())
}

/// What is where, for people to read: by path, both escaped.
pub(super) type Listing = BTreeMap<String, String>;

pub(super) struct Scene {
    top: PathBuf,
    _tmp: Option<TempDir>,
}

impl Scene {
    /// A repository with these files, and a worktree of it.
    pub(super) fn with(files: &[(&str, Node)]) -> Scene {
        let scene = Scene::empty();
        for (path, node) in files {
            put(&scene.folder(), path.as_bytes(), node);
        }
        scene.begin();
        scene
    }

    /// A repository without anything.
    pub(super) fn empty() -> Scene {
        let scene = Scene::bare();
        scene.init();
        scene
    }

    /// Folders that are not yet anything.
    pub(super) fn bare() -> Scene {
        // In memory where that is possible: on a busy disk each of the many syncs takes its time.
        let in_memory = tempfile::tempdir_in("/dev/shm");
        let tmp = in_memory.or_else(|_| tempfile::tempdir()).unwrap();
        let top = fs::canonicalize(tmp.path()).unwrap();
        let scene = Scene {
            top,
            _tmp: Some(tmp),
        };
        for folder in [scene.folder(), scene.top.join("state")] {
            fs::create_dir(folder).unwrap();
        }
        scene
    }

    pub(super) fn init(&self) {
        self.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
    }

    /// The scene that another process has made.
    pub(super) fn at(top: PathBuf) -> Scene {
        Scene { top, _tmp: None }
    }

    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// Commits what is in the folder and makes the worktree from it.
    pub(super) fn begin(&self) {
        self.begin_with(|_| ());
    }

    /// The same, with uncommitted work that is carried over.
    pub(super) fn begin_with(&self, uncommitted: impl FnOnce(&Scene)) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "begin"]);
        uncommitted(self);
        block_on(async {
            let shadows = self.shadows().await;
            let repository = self.repository().await;
            let run = run();
            let made = shadows.worktree(&run, &repository, Carry::Uncommitted);
            made.await.unwrap();
        });
    }

    async fn shadows(&self) -> Shadows {
        Shadows::new(&git().await, &self.top.join("state"))
    }

    async fn repository(&self) -> Repository {
        let folder = OpenDir::open(&self.folder()).unwrap();
        let person = PersonHome {
            home: self.top.clone(),
            xdg_config_home: None,
        };
        let git = git().await;
        Repository::inspect(&git, &folder, &person).await.unwrap()
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.top.join("person")
    }

    pub(super) fn worktree(&self) -> PathBuf {
        self.top
            .join("state/worktrees")
            .join(run().as_str())
            .join("person")
    }

    pub(super) fn journals(&self) -> PathBuf {
        self.top.join("state/applies")
    }

    /// Changes the worktree, as a run does.
    pub(super) fn edit(&self, path: &str, node: &Node) -> &Scene {
        put(&self.worktree(), path.as_bytes(), node);
        self
    }

    pub(super) fn delete(&self, path: &str) -> &Scene {
        remove(&self.worktree(), path.as_bytes());
        self
    }

    /// Changes the person's folder meanwhile.
    pub(super) fn disturb(&self, path: &str, node: &Node) -> &Scene {
        put(&self.folder(), path.as_bytes(), node);
        self
    }

    /// What the worktree's changes are now.
    pub(super) fn order(&self) -> Order {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        block_on(async {
            let shadow = self.shadows().await.open(&run()).unwrap();
            let taken = shadow.snapshot().await.unwrap();
            let repository = self.repository().await;
            Order {
                run: run(),
                changes: shadow.changes(&taken).await.unwrap(),
                head: repository.head.commit().cloned(),
                shadow,
                repository,
                journals: self.journals(),
                now: Timestamp(i64::try_from(now.as_millis()).unwrap()),
            }
        })
    }

    pub(super) fn apply(&self) -> Result<Applied, ApplyError> {
        self.apply_by(self.order(), Renames::Best, Arc::new(|_| Ok(())))
    }

    pub(super) fn try_apply(&self, order: Order) -> Result<Applied, ApplyError> {
        self.try_apply_with(order, Arc::new(|_| Ok(())))
    }

    pub(super) fn try_apply_with(&self, order: Order, hook: Hook) -> Result<Applied, ApplyError> {
        self.apply_by(order, Renames::Best, hook)
    }

    pub(super) fn apply_by(
        &self,
        order: Order,
        renames: Renames,
        hook: Hook,
    ) -> Result<Applied, ApplyError> {
        block_on(apply_with(order, renames, hook))
    }

    /// Applies, and demands that it is refused and that nothing has happened to the folder.
    pub(super) fn refused(&self) -> ApplyError {
        self.refused_by(self.order(), Arc::new(|_| Ok(())))
    }

    pub(super) fn refused_by(&self, order: Order, hook: Hook) -> ApplyError {
        let before = self.everything();
        let refused = self.apply_by(order, Renames::Best, hook).unwrap_err();
        assert_same(&self.everything(), &before);
        self.assert_tidy();
        refused
    }

    /// The conflicts of an apply that is refused: path, reason.
    pub(super) fn conflicts(&self) -> Vec<(String, &'static str)> {
        match self.refused() {
            ApplyError::Conflicts { conflicts } => conflicts
                .iter()
                .map(|conflict| (conflict.path.to_text(), conflict.reason.as_str()))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    /// The folder with git's own files, and when each file was written.
    pub(super) fn everything(&self) -> Listing {
        let mut listing = Listing::new();
        list(&self.folder(), b"", true, &mut listing);
        listing
    }

    /// The files of the folder, without git's own.
    pub(super) fn files(&self) -> Listing {
        files(&self.folder())
    }

    /// Nothing is left of an apply.
    pub(super) fn assert_tidy(&self) {
        assert_eq!(self.left(), Vec::<String>::new());
        self.assert_tidy_but_for_locks();
    }

    pub(super) fn assert_tidy_but_for_locks(&self) {
        let left = self.left();
        assert!(left.iter().all(|name| name.ends_with(".lock")), "{left:?}");
        assert!(!self.folder().join(".git/codex-bridge").exists());
    }

    fn left(&self) -> Vec<String> {
        match fs::read_dir(self.journals()) {
            Ok(entries) => entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect(),
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=A Person", "-c", "user.email=a@example.com"])
            .args(["-c", "gc.auto=0"])
            .args(args)
            .current_dir(self.folder())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The git of this machine, looked for once.
async fn git() -> Git {
    static GIT: OnceCell<Git> = OnceCell::const_new();
    GIT.get_or_init(testing::git).await.clone()
}

/// The run whose worktree it is.
pub(super) fn run() -> RunId {
    RunId::parse("run_000000000000000001").unwrap()
}

/// Runs something that waits.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

/// Puts something at a path, whatever is in its way.
pub(super) fn put(top: &Path, path: &[u8], node: &Node) {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let mut place = top.to_path_buf();
    for part in &parts[..parts.len() - 1] {
        place.push(OsStr::from_bytes(part));
        if !fs::symlink_metadata(&place).is_ok_and(|data| data.is_dir()) {
            fs::remove_file(&place).ok();
            fs::create_dir(&place).unwrap();
        }
    }
    place.push(OsStr::from_bytes(parts[parts.len() - 1]));
    let is_folder = fs::symlink_metadata(&place).is_ok_and(|data| data.is_dir());
    match node {
        Node::Folder if is_folder => {}
        _ if is_folder => fs::remove_dir_all(&place).unwrap(),
        _ => drop(fs::remove_file(&place)),
    }
    match node {
        Node::File { content, mode } => {
            fs::write(&place, content).unwrap();
            fs::set_permissions(&place, Permissions::from_mode(*mode)).unwrap();
        }
        Node::Link(target) => symlink(OsStr::from_bytes(target), &place).unwrap(),
        Node::Folder => fs::create_dir_all(&place).unwrap(),
        Node::Other => {
            let made = Command::new("mkfifo").arg(&place).status().unwrap();
            assert!(made.success());
        }
    }
}

/// Removes whatever is at a path.
pub(super) fn remove(top: &Path, path: &[u8]) {
    let place = top.join(OsStr::from_bytes(path));
    match fs::symlink_metadata(&place) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(place).unwrap(),
        Ok(_) => fs::remove_file(place).unwrap(),
        Err(_) => {}
    }
}

/// The files and symlinks below a folder, without git's own.
pub(super) fn files(top: &Path) -> Listing {
    let mut listing = Listing::new();
    list(top, b"", false, &mut listing);
    listing.retain(|path, what| path != ".git" && !path.starts_with(".git/") && what != "folder");
    listing
}

/// Compares, and says only what differs.
pub(super) fn assert_same(got: &Listing, expected: &Listing) {
    let paths: BTreeSet<&String> = got.keys().chain(expected.keys()).collect();
    let differences: Vec<String> = paths
        .into_iter()
        .filter(|path| got.get(*path) != expected.get(*path))
        .map(|path| format!("{path}: {:?}, not {:?}", got.get(path), expected.get(path)))
        .collect();
    assert_eq!(differences, Vec::<String>::new());
}

/// How a file shows in a listing.
pub(super) fn shown(node: &Node) -> String {
    match node {
        Node::File { content, mode } => format!("{mode:o} {}", content.escape_ascii()),
        Node::Link(target) => format!("-> {}", target.escape_ascii()),
        Node::Folder => "folder".into(),
        Node::Other => "other".into(),
    }
}

fn list(top: &Path, above: &[u8], with_times: bool, listing: &mut Listing) {
    for entry in fs::read_dir(top.join(OsStr::from_bytes(above))).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let mut path = above.to_vec();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name.as_bytes());
        let data = entry.path().symlink_metadata().unwrap();
        let node = if data.is_dir() {
            Node::Folder
        } else if data.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            Node::Link(target.as_os_str().as_bytes().to_vec())
        } else if data.is_file() {
            Node::File {
                content: fs::read(entry.path()).unwrap(),
                mode: data.mode() & 0o777,
            }
        } else {
            Node::Other
        };
        let mut what = shown(&node);
        // Git notes on its objects when it was asked about them.
        if with_times && !data.is_dir() && !path.starts_with(b".git/objects/") {
            what = format!("{what} {}.{}", data.mtime(), data.mtime_nsec());
        }
        listing.insert(path.escape_ascii().to_string(), what);
        if data.is_dir() {
            list(top, &path, with_times, listing);
        }
    }
}
