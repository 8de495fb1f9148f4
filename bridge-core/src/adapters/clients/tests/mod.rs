//! Real files in a folder of their own: installed into, fought over, and left as they were.

mod crashes;
mod life;
mod lost;
mod odd;
mod races;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::adapters::clients::table::find;
use crate::adapters::clients::{Change, Doing, Site, SiteError, Standing, Wish};
use crate::domain::run::Timestamp;
use crate::platform::tree_edit::Renames;

const PROGRAM: &str = "/a/codex-bridge-mcp";
const MOVED: &str = "/b/codex-bridge-mcp";
const TEXT: &str =
    "{\n  \"mcpServers\": {\n    \"a\": {\n      \"command\": \"a\"\n    }\n  }\n}\n";

static NEXT: AtomicU64 = AtomicU64::new(1);

fn random() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A client's file and our state.
struct Scene {
    top: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(folder.path()).unwrap();
        fs::create_dir(top.join("client")).unwrap();
        Scene {
            top,
            _folder: Some(folder),
        }
    }

    fn with(text: &str) -> Scene {
        let scene = Scene::new();
        scene.write(text);
        scene
    }

    fn at(top: &Path) -> Scene {
        Scene {
            top: top.to_owned(),
            _folder: None,
        }
    }

    fn file(&self) -> PathBuf {
        self.top.join("client/config.json")
    }

    fn site(&self) -> Site {
        self.site_of("claude-desktop")
    }

    fn site_of(&self, client: &str) -> Site {
        Site::new(
            find(client).unwrap(),
            "main",
            self.file(),
            &self.top.join("state"),
        )
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn act(&self, wish: Wish<'_>) -> Result<Option<Change>, SiteError> {
        self.act_with(wish, Renames::Best, &|_| Ok(()))
    }

    fn act_with(
        &self,
        wish: Wish<'_>,
        renames: Renames,
        hook: &dyn Fn(&str) -> io::Result<()>,
    ) -> Result<Option<Change>, SiteError> {
        let doing = Doing {
            wish,
            now: Timestamp(1_000),
            random,
        };
        self.site().carry_out_with(&doing, renames, hook)
    }

    fn install(&self) -> Option<Change> {
        self.act(Wish::Install { program: PROGRAM }).unwrap()
    }

    fn program(&self) -> Option<String> {
        match self.site().standing().unwrap() {
            Standing::Installed(entry) => entry.program,
            Standing::Absent | Standing::Wiped | Standing::TakenOut => None,
        }
    }

    /// The names beside the file.
    fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.top.join("client")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name != "config.json").collect();
        names.sort();
        names
    }
}
