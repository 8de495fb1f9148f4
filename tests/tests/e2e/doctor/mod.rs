//! Each set-up that is broken is named by the doctor, with the right remedy and with nothing else; what can be mended is
//! mended, what can't is left as it is; and what is well gives no alarm.

mod clients;
mod codex;
mod login;
mod places;
mod settings;
mod store;
mod well;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use codex_bridge_tests::scene::{Codex, Scene, program};
use serde_json::Value;

/// A set-up to look at: a world whose settings stand in its configuration file, and on whose search path is git alone.
struct Patient {
    scene: Scene,
    /// Whether file permissions bind it, also where the tests run as root.
    bound: bool,
    /// The program that looks.
    program: PathBuf,
}

/// What `doctor --fix` did.
struct Deed {
    id: String,
    said: Option<String>,
}

impl Patient {
    fn new(codex: &Codex) -> Patient {
        let mut scene = Scene::new(codex);
        let search = scene.path().join("search");
        fs::create_dir(&search).unwrap();
        symlink(tool("git"), search.join("git")).unwrap();
        scene
            .set("PATH", &search.display().to_string())
            .set("SHELL", "/bin/false")
            .unset("CODEX_CLI_MCP_ALLOWED_ROOTS");
        let patient = Patient {
            scene,
            bound: false,
            program: program("codex-bridge-mcp"),
        };
        patient.configure("");
        patient
    }

    /// One whose Codex is a stand-in without any fault.
    fn healthy() -> Patient {
        Patient::new(&Codex::Fake)
    }

    /// Writes the configuration file: the allowed root, and this.
    fn configure(&self, more: &str) {
        self.configure_roots(&[&self.scene.work()], more);
    }

    fn configure_roots(&self, roots: &[&Path], more: &str) {
        let roots: Vec<String> = roots
            .iter()
            .map(|root| format!("{:?}", root.display().to_string()))
            .collect();
        let text = format!("allowed_roots = [{}]\n{more}", roots.join(", "));
        self.scene.write_config(&text);
    }

    fn home(&self, path: &str) -> PathBuf {
        self.scene.path().join("home").join(path)
    }

    /// Writes a file below the home folder.
    fn plant(&self, path: &str, text: &str) -> PathBuf {
        let file = self.home(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        file
    }

    /// A program on the search path.
    fn on_path(&self, name: &str, text: &str) -> PathBuf {
        let file = self.scene.path().join("search").join(name);
        let _ = fs::remove_file(&file);
        codex_bridge_tests::scene::write_program(&file, text);
        file
    }

    /// What a command prints, and its exit code.
    fn say(&self, args: &[&str]) -> (String, Option<i32>) {
        let (out, err, code) = self.run(args);
        (out + &err, code)
    }

    fn run(&self, args: &[&str]) -> (String, String, Option<i32>) {
        let mut command = match self.bound && rustix::process::geteuid().is_root() {
            true => {
                let mut command = Command::new(tool("setpriv"));
                command
                    .arg("--bounding-set=-dac_override,-dac_read_search")
                    .arg(&self.program);
                command
            }
            false => Command::new(&self.program),
        };
        command
            .args(args)
            .env_clear()
            .envs(self.scene.env())
            .current_dir(self.scene.path());
        let done = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(done.stdout), text(done.stderr), done.status.code())
    }

    fn json(&self, args: &[&str]) -> (Value, Option<i32>) {
        let (text, _, code) = self.run(args);
        let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        (json, code)
    }

    /// All that is not well. The exit code says whether runs can work.
    fn ills(&self) -> Vec<Value> {
        let (report, code) = self.json(&["doctor", "--json"]);
        let ills = ills_of(&report);
        let faulty = ills.iter().any(|ill| ill["level"] == "fault");
        assert_eq!(code, Some(i32::from(faulty)), "{report}");
        ills
    }

    fn is_well(&self) {
        let ills = self.ills();
        assert!(ills.is_empty(), "{ills:#?}");
    }

    /// The doctor finds exactly this, and its remedy has these words.
    fn finds(&self, id: &str, remedy: &str) -> Value {
        self.finds_with(&[], id, remedy)
    }

    /// The same where these follow from it, and are told, too.
    fn finds_with(&self, also: &[&str], id: &str, remedy: &str) -> Value {
        let ills = self.ills();
        let mut found: Vec<&str> = ills.iter().map(|ill| ill["id"].as_str().unwrap()).collect();
        let mut expected = [&[id], also].concat();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{ills:#?}");
        let ill = ills.into_iter().find(|ill| ill["id"] == id).unwrap();
        let has_text = |name: &str| ill[name].as_str().is_some_and(|text| text.len() > 10);
        assert!(has_text("what") && has_text("why"), "{ill:#}");
        let cure = ill["remedy"].as_str().unwrap_or_default();
        assert!(cure.contains(remedy), "{ill:#}");
        ill
    }

    fn fix(&self, args: &[&str]) -> (Vec<Deed>, Vec<String>) {
        let (mended, _) = self.json(&[&["doctor", "--json", "--fix"], args].concat());
        let done = mended["done"].as_array().unwrap().iter().map(|deed| Deed {
            id: deed["id"].as_str().unwrap().to_owned(),
            said: deed["said"].as_str().map(ToOwned::to_owned),
        });
        let left = ills_of(&mended["report"]);
        let left = left
            .iter()
            .map(|ill| ill["id"].as_str().unwrap().to_owned());
        (done.collect(), left.collect())
    }

    /// `doctor --fix` mends it unasked and says so; then all is well. What it would do it says before, and does not.
    fn mends(&self, id: &str) {
        self.mends_by(id, &[]);
    }

    /// The same where it has to be asked for by name; without that it is left as it is.
    fn mends_asked(&self, id: &str) {
        let before = self.files();
        let (done, left) = self.fix(&[]);
        assert!(done.is_empty() && left == [id], "{left:?}");
        assert_eq!(before, self.files());
        self.mends_by(id, &[id]);
    }

    fn mends_by(&self, id: &str, named: &[&str]) {
        let before = self.files();
        let dry = [named, &["--dry-run"]].concat();
        let (would, _) = self.fix(&dry);
        assert!(
            would
                .iter()
                .any(|deed| deed.id == id && deed.said.is_none())
        );
        assert_eq!(before, self.files());
        let (done, left) = self.fix(named);
        let deed = done.iter().find(|deed| deed.id == id).unwrap();
        assert!(deed.said.is_some(), "{id} was not mended");
        assert!(left.is_empty(), "{left:?}");
        self.is_well();
        let (again, _) = self.fix(named);
        assert!(again.is_empty(), "{id} was mended twice");
    }

    /// Nobody but the person can mend it: whatever is asked for, nothing is done and nothing is changed.
    fn leaves(&self, id: &str) {
        let before = self.files();
        let (done, left) = self.fix(&[id]);
        assert!(done.is_empty(), "{:?}", done.first().map(|deed| &deed.said));
        assert!(left.iter().any(|ill| ill == id), "{left:?}");
        assert_eq!(before, self.files());
    }

    /// The doctor finds exactly this, and it is left to the person.
    fn names(&self, id: &str, remedy: &str) {
        self.finds(id, remedy);
        self.leaves(id);
    }

    /// All that is the person's: rights and contents.
    fn files(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut files = BTreeMap::new();
        for name in [
            "home",
            "config",
            "work",
            "codex-home/config.toml",
            "codex-home/auth.json",
        ] {
            collect(&self.scene.path().join(name), &mut files);
        }
        files
    }
}

fn collect(path: &Path, files: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    let Ok(seen) = fs::symlink_metadata(path) else {
        return;
    };
    let content = match seen.is_file() {
        true => fs::read(path).unwrap_or_default(),
        false => Vec::new(),
    };
    files.insert(path.to_owned(), (seen.permissions().mode(), content));
    if seen.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            collect(&entry.path(), files);
        }
    }
}

fn ills_of(report: &Value) -> Vec<Value> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|it| it["level"] != "ok").cloned().collect()
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Gives a file or folder to somebody else, and says whether that could be done: it takes root.
fn give_away(path: &Path) -> bool {
    let given = std::os::unix::fs::chown(path, Some(61_234), None).is_ok();
    if !given {
        eprintln!("skipped: to give files away takes root");
    }
    given
}

/// A program of the system.
fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.exists())
        .unwrap_or_else(|| panic!("{name} is not installed"))
}
