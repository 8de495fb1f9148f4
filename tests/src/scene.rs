//! A private world for one test: folders, configuration and environment, gone when the test is over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use bridge_core::adapters::scripted_model::{Reply, Request, ScriptedModel};
use tempfile::TempDir;

use crate::model;
use crate::processes;
use crate::script::unique_sleep;
use crate::sidecar::{Opener, Sidecar};

/// Which Codex a test runs with.
#[derive(Clone, Debug)]
pub enum Codex {
    /// The native binary of a released version, such as `0.169.0`, with the scripted model behind it.
    Real(&'static str),
    /// npm's launcher of a released version, not resolved: a copy under another name that hides where it is from.
    Launcher(&'static str),
    /// The stand-in for faults that the real one does not show.
    Fake,
    /// None at all.
    Missing,
}

/// The versions that the tests run with, the oldest first.
pub const VERSIONS: [&str; 3] = ["0.118.0", "0.140.0", NEWEST];
/// The newest of them.
pub const NEWEST: &str = "0.169.0";

/// The variable that says how Codex is driven.
const BACKEND: &str = "CODEX_BRIDGE_BACKEND";

/// One private world.
pub struct Scene {
    folder: TempDir,
    env: BTreeMap<String, String>,
    model: Option<ScriptedModel>,
}

impl Scene {
    /// Makes a world with this Codex. Its only allowed root is [`Scene::work`].
    pub fn new(codex: &Codex) -> Scene {
        let base = target_dir().join("scenes");
        std::fs::create_dir_all(&base).expect("the target folder is writable");
        let folder = tempfile::Builder::new()
            .prefix("s")
            .tempdir_in(base)
            .expect("a folder for the scene");
        for name in ["home", "state", "work", "codex-home", "tmp", "config"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder in the scene");
        }
        let mut scene = Scene {
            env: BTreeMap::new(),
            model: None,
            folder,
        };
        scene.fill_env();
        scene.write_config("");
        scene.choose(codex);
        scene
    }

    /// Makes a world with a released version, behind which a model plays this script.
    pub fn scripted(
        version: &'static str,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Scene {
        let mut scene = Scene::new(&Codex::Missing);
        scene.set("CODEX_BIN", &real_codex(version).display().to_string());
        let model = ScriptedModel::start(script).expect("a scripted model");
        model::write_home(&scene.codex_home(), model.port());
        scene.model = Some(model);
        scene
    }

    fn fill_env(&mut self) {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let pairs = [
            ("HOME", path("home")),
            ("TMPDIR", path("tmp")),
            ("CODEX_HOME", path("codex-home")),
            ("CODEX_BRIDGE_CONFIG", path("config/config.toml")),
            ("CODEX_CLI_MCP_STATE_DIR", path("state")),
            ("CODEX_CLI_MCP_ALLOWED_ROOTS", path("work")),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("SHELL", "/bin/bash".to_owned()),
            ("USER", "tester".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ];
        self.env = pairs.map(|(name, value)| (name.to_owned(), value)).into();
        // The whole suite may be run with each way to drive Codex.
        if let Ok(backend) = std::env::var("CODEX_BRIDGE_TESTS_BACKEND") {
            self.set(BACKEND, &backend);
        }
    }

    fn choose(&mut self, codex: &Codex) {
        let bin = match codex {
            Codex::Real(version) => real_codex(version),
            Codex::Launcher(version) => {
                let script = self.folder.path().join("launch-codex");
                let text = format!(
                    "#!/bin/sh\n\"{}\" \"$@\"\n",
                    npm_launcher(version).display()
                );
                write_program(&script, &text);
                script
            }
            Codex::Fake => program("fake-codex"),
            Codex::Missing => self.folder.path().join("no-such-codex"),
        };
        self.set("CODEX_BIN", &bin.display().to_string());
        // The stand-in is no app-server, though its help says what Codex's says.
        if matches!(codex, Codex::Fake) && !self.env.contains_key(BACKEND) {
            self.set(BACKEND, "exec");
        }
        if matches!(codex, Codex::Real(_) | Codex::Launcher(_)) {
            let model = model::start();
            model::write_home(&self.codex_home(), model.port());
            self.model = Some(model);
        }
    }

    /// The folder of everything.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The allowed root.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// A folder of its own below the allowed root.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.work().join(name);
        std::fs::create_dir_all(&folder).expect("a folder in the allowed root");
        folder
    }

    /// The state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Codex's own folder.
    pub fn codex_home(&self) -> PathBuf {
        self.folder.path().join("codex-home")
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config/config.toml")
    }

    /// The model behind a real Codex.
    pub fn model(&self) -> &ScriptedModel {
        self.model.as_ref().expect("a scene with a real Codex")
    }

    /// Writes the configuration file.
    pub fn write_config(&self, text: &str) {
        std::fs::write(self.config(), text).expect("the configuration is writable");
    }

    /// Sets a variable for every process started from now on.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Scene {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Takes a variable away.
    pub fn unset(&mut self, name: &str) -> &mut Scene {
        self.env.remove(name);
        self
    }

    /// The environment of every process.
    pub fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// Starts a sidecar and shakes hands as clients of the 2025 protocols do.
    pub fn sidecar(&self) -> Sidecar {
        Sidecar::start(self, Opener::Initialize("2025-11-25"))
    }

    /// Starts a sidecar that is opened in the given way.
    pub fn sidecar_opened(&self, opener: Opener) -> Sidecar {
        Sidecar::start(self, opener)
    }

    /// Starts a sidecar whose logs, all that it can be made to write, go to a file.
    pub fn logged_sidecar(&mut self, log: &Path) -> Sidecar {
        self.set("CODEX_BRIDGE_LOG", "trace");
        let mut command = Command::new("sh");
        command
            .args(["-c", "log=$1; shift; exec \"$@\" 2>>\"$log\"", "sh"])
            .arg(log)
            .arg(program("codex-bridge-mcp"));
        Sidecar::start_as(command, self, Opener::Nothing)
    }

    /// Starts a sidecar that file permissions bind, also where the tests run as root.
    pub fn unprivileged_sidecar(&self, opener: Opener) -> Sidecar {
        let sidecar = program("codex-bridge-mcp");
        let command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command
                .arg("--bounding-set=-dac_override,-dac_read_search")
                .arg(sidecar);
            command
        } else {
            Command::new(sidecar)
        };
        Sidecar::start_as(command, self, opener)
    }

    /// Starts a sidecar of another user, to whom the scene's files have to belong. That takes root.
    pub fn sidecar_as(&self, user: u32) -> Sidecar {
        let mut command = Command::new("setpriv");
        command
            .args([format!("--reuid={user}"), format!("--regid={user}")])
            .arg("--clear-groups")
            .arg(program("codex-bridge-mcp"));
        Sidecar::start_as(command, self, Opener::Initialize("2025-11-25"))
    }

    /// Starts a sidecar for which this text is the file `/etc/codex/managed_config.toml`, by which whoever administers
    /// a machine overrules all requests. Nobody else sees the file. `None` where the system does not let us.
    pub fn managed_sidecar(&self, text: &str) -> Option<Sidecar> {
        let own_root = rustix::process::geteuid().is_root();
        let apart = if own_root { "-m" } else { "-rm" };
        let layers = self.folder.path().join("managed");
        std::fs::create_dir_all(&layers).expect("a folder in the scene");
        std::fs::write(self.folder.path().join("managed.toml"), text).expect("a file");
        let script = r#"set -e; mount -t tmpfs none managed; mkdir -p managed/up/codex managed/work
            cp managed.toml managed/up/codex/managed_config.toml
            mount -t overlay overlay -o lowerdir=/etc,upperdir=managed/up,workdir=managed/work /etc
            exec "$0" "$@""#;
        let below = || {
            let mut command = Command::new("unshare");
            command.args([apart, "--", "sh", "-c", script]);
            command
        };
        let can = below()
            .arg("true")
            .current_dir(self.path())
            .status()
            .is_ok_and(|status| status.success());
        can.then(|| {
            let mut command = below();
            command.arg(program("codex-bridge-mcp"));
            Sidecar::start_in(self.path(), command, self, Opener::Initialize("2025-11-25"))
        })
    }

    /// Takes a `fake-codex` that can be made to take its time when it is asked for its version.
    pub fn slow_codex(&mut self) -> Hold {
        let hold = Hold {
            script: self.folder.path().join("slow-codex"),
            seconds: unique_sleep(),
        };
        hold.write(false);
        self.set("CODEX_BIN", &hold.script.display().to_string());
        hold
    }

    /// The command line of `codex-bridge-mcp` in this world.
    pub fn cli(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program("codex-bridge-mcp"));
        command
            .args(args)
            .env_clear()
            .envs(&self.env)
            .current_dir(self.path());
        command
    }
}

/// A Codex that can be made to take its time.
pub struct Hold {
    script: PathBuf,
    seconds: String,
}

impl Hold {
    /// From now on it does not tell its version. Whoever knew it has to ask again, since the file has changed.
    pub fn begin(&self) {
        self.write(true);
    }

    /// From now on it tells its version at once; whoever is held stays so.
    pub fn end(&self) {
        self.write(false);
    }

    /// The processes that are being held.
    pub fn held(&self) -> Vec<u32> {
        processes::with_argument(&self.seconds)
    }

    fn write(&self, holds: bool) {
        let fake = program("fake-codex");
        let fake = fake.display();
        let text = if holds {
            let seconds = &self.seconds;
            format!(
                "#!/bin/sh\n[ \"$1\" != --version ] || sleep {seconds}\nexec \"{fake}\" \"$@\"\n"
            )
        } else {
            format!("#!/bin/sh\nexec \"{fake}\" \"$@\"\n")
        };
        write_program(&self.script, &text);
    }
}

impl Drop for Scene {
    /// Whatever a test left alive is ended; a test that cares has asserted before that there is nothing.
    fn drop(&mut self) {
        processes::end_all_below(self.folder.path());
    }
}

/// A program of this workspace, built by cargo beside the tests.
pub fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("the test knows its own path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    assert!(
        path.exists(),
        "`{}` is not built: run `cargo build --workspace --all-targets` first",
        path.display()
    );
    path
}

/// The native binary of a Codex version that `scripts/test` fetched.
pub fn real_codex(version: &str) -> PathBuf {
    let launcher = std::fs::canonicalize(npm_launcher(version)).expect("the launcher resolves");
    let modules = launcher
        .ancestors()
        .find(|folder| folder.ends_with("node_modules"))
        .expect("npm's layout");
    let native = walk(&modules.join("@openai")).into_iter().find(|path| {
        path.ends_with("bin/codex") && path.to_string_lossy().contains("vendor")
            || path.ends_with("codex/codex")
    });
    native.expect("the native binary in npm's package")
}

/// npm's launcher of a Codex version that `scripts/test` fetched. The whole suite may be run with an older one in the
/// place of the newest.
pub fn npm_launcher(version: &str) -> PathBuf {
    let other = std::env::var("CODEX_BRIDGE_TESTS_CODEX").ok();
    let version = other
        .as_deref()
        .filter(|_| version == NEWEST)
        .unwrap_or(version);
    let path = workspace()
        .join("target/tools")
        .join(format!("codex-{version}/node_modules/.bin/codex"));
    assert!(
        path.exists(),
        "`{}` is missing: run scripts/test",
        path.display()
    );
    path
}

/// The top folder of the workspace.
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the workspace").to_owned()
}

fn target_dir() -> PathBuf {
    workspace().join("target")
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(walk(&path)),
            _ => found.push(path),
        }
    }
    found
}

/// Writes an executable file.
pub fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).expect("the program is writable");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
}
