use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::*;
use crate::domain::scrub::Scrubber;

const ANSWERS: &str = "#!/bin/sh\necho codex-cli 0.169.0\n";

/// A folder that stands for a whole machine.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Machine {
        Machine {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(path)
    }

    fn file(&self, path: &str, text: &str) -> PathBuf {
        let file = self.at(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    fn link(&self, link: &str, target: &str) -> PathBuf {
        let link = self.at(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, &link).unwrap();
        link
    }

    /// A package of Codex as npm unpacks it, with its launcher.
    fn npm_package(&self, folder: &str) -> PathBuf {
        self.file(
            &format!("{folder}/@openai/codex/package.json"),
            r#"{"name":"@openai/codex","version":"0.169.0"}"#,
        );
        self.file(
            &format!("{folder}/@openai/codex/bin/codex.js"),
            "#!/usr/bin/env node\nthrow 1;\n",
        )
    }

    /// The package with the program for this machine.
    fn native_package(&self, folder: &str, program: &str) -> PathBuf {
        let (package, triple) = this_machine();
        self.file(
            &format!("{folder}/{package}/vendor/{triple}/{program}"),
            ANSWERS,
        )
    }

    async fn verify(&self, path: &Path) -> Result<CodexBin, LocateError> {
        let candidate = Candidate {
            path: path.to_owned(),
            origin: Origin::Path,
        };
        let own = self.at("own/bridge");
        let scrubber = Scrubber::builtin();
        let asking = asking(&scrubber, Some(&own));
        CodexBin::verify(&candidate, &asking, &mut Memory::default()).await
    }

    /// The fault of a file, or the path of the program that is started for it, from the machine's folder on.
    async fn verdict(&self, path: &Path) -> String {
        match self.verify(path).await {
            Ok(bin) => {
                let path = bin.path().strip_prefix(self.at("")).unwrap();
                format!("starts {}", path.display())
            }
            Err(LocateError::Unusable { fault, .. }) => fault.to_string(),
            Err(LocateError::NotFound) => "not found".to_owned(),
        }
    }
}

fn asking<'a>(scrubber: &'a Scrubber, own_program: Option<&'a Path>) -> Asking<'a> {
    Asking {
        env: &[],
        own_program,
        scrubber,
    }
}

fn this_machine() -> (&'static str, &'static str) {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => ("@openai/codex-darwin-arm64", "aarch64-apple-darwin"),
        ("macos", _) => ("@openai/codex-darwin-x64", "x86_64-apple-darwin"),
        (_, "aarch64") => ("@openai/codex-linux-arm64", "aarch64-unknown-linux-musl"),
        _ => ("@openai/codex-linux-x64", "x86_64-unknown-linux-musl"),
    }
}

#[tokio::test]
async fn a_launcher_of_npm_is_resolved_to_the_program_it_starts() {
    let (_, triple) = this_machine();
    let vendor = this_machine().0.to_owned() + "/vendor/" + triple;
    let check = async |modules: &str, native: &str, program: &str| {
        let machine = Machine::new();
        machine.npm_package(modules);
        machine.native_package(native, program);
        let target = machine.at(&format!("{modules}/@openai/codex/bin/codex.js"));
        let found = machine.link("bin/codex", target.to_str().unwrap());
        let expected = format!("starts {native}/{vendor}/{program}");
        assert_eq!(machine.verdict(&found).await, expected);
        let bin = machine.verify(&found).await.unwrap();
        assert_eq!(bin.found_as(), found);
        assert_eq!(bin.version().to_string(), "0.169.0");
    };
    // Beside the launcher's package: a project of npm, bun.
    check("a/node_modules", "a/node_modules", "bin/codex").await;
    // Below it: npm's global folder, also that of nvm.
    let below = "lib/node_modules/@openai/codex/node_modules";
    check("lib/node_modules", below, "bin/codex").await;
    // Further up: a workspace.
    check("w/a/node_modules", "w/node_modules", "bin/codex").await;
    // pnpm.
    let pnpm = "global/5/.pnpm/@openai+codex@0.169.0/node_modules";
    check(pnpm, pnpm, "bin/codex").await;
    // 0.118 has another place for it.
    check("a/node_modules", "a/node_modules", "codex/codex").await;
}

#[tokio::test]
async fn the_helpers_of_old_versions_are_known() {
    let machine = Machine::new();
    machine.npm_package("node_modules");
    let native = machine.native_package("node_modules", "codex/codex");
    let (package, triple) = this_machine();
    machine.file(
        &format!("node_modules/{package}/vendor/{triple}/path/rg"),
        "",
    );
    let bin = machine.verify(&native).await.unwrap();
    let helpers = machine.at(&format!("node_modules/{package}/vendor/{triple}/path"));
    assert_eq!(bin.helpers(), Some(&*helpers));
}

#[tokio::test]
async fn shims_are_seen_through() {
    let (package, triple) = this_machine();
    let machine = Machine::new();
    let modules = "pnpm/global/5/node_modules";
    machine.npm_package(modules);
    machine.native_package(modules, "bin/codex");
    let shim = machine.file(
        "pnpm/codex",
        "#!/bin/sh\nbasedir=$(dirname \"$0\")\nexec node  \
         \"$basedir/global/5/node_modules/@openai/codex/bin/codex.js\" \"$@\"\n",
    );
    let expected = format!("starts {modules}/{package}/vendor/{triple}/bin/codex");
    assert_eq!(machine.verdict(&shim).await, expected);

    let modules = ".volta/tools/image/packages/@openai/codex/lib/node_modules";
    machine.npm_package(modules);
    machine.native_package(modules, "bin/codex");
    machine.file(".volta/bin/volta-shim", "#!/bin/sh\nexit 1\n");
    let shim = machine.link(".volta/bin/codex", "volta-shim");
    let expected = format!("starts {modules}/{package}/vendor/{triple}/bin/codex");
    assert_eq!(machine.verdict(&shim).await, expected);
}

#[tokio::test]
async fn a_shim_that_goes_by_its_name_keeps_it() {
    let machine = Machine::new();
    machine.file(
        "bin/mise",
        "#!/bin/sh\ncase $0 in */codex) echo codex-cli 0.169.0;; *) echo mise 1.0;; esac\n",
    );
    let shim = machine.link("shims/codex", "../bin/mise");
    assert_eq!(machine.verdict(&shim).await, "starts shims/codex");
}

#[tokio::test]
async fn a_link_to_a_program_is_followed() {
    let machine = Machine::new();
    machine.file("cask/codex-aarch64-apple-darwin", ANSWERS);
    let link = machine.link("bin/codex", "../cask/codex-aarch64-apple-darwin");
    let expected = "starts cask/codex-aarch64-apple-darwin";
    assert_eq!(machine.verdict(&link).await, expected);
}

#[tokio::test]
async fn every_fault_has_its_sentence() {
    let machine = Machine::new();
    let check = async |path: &Path, expected: &str| {
        assert_eq!(machine.verdict(path).await, expected, "{}", path.display());
    };
    check(&machine.at("none"), "it does not exist").await;
    check(Path::new("bin/codex"), "it is not an absolute path").await;
    check(&machine.link("dangling", "nowhere"), "it does not exist").await;
    check(&machine.link("loop", "loop"), "it does not exist").await;
    machine.file("folder/x", "");
    check(&machine.at("folder"), "it is a folder").await;

    let plain = machine.file("plain/codex", ANSWERS);
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
    check(&plain, "it may not be executed").await;
    let foreign = machine.file("foreign/codex", "\u{7f}ELF\u{1}\u{1}\u{1}");
    check(&foreign, "it is no program for this machine").await;
    let orphan = machine.file("orphan/codex", "#!/no/such/node\n");
    check(&orphan, "it needs `/no/such/node`, which is missing").await;

    let desktop = "it opens the desktop app, it is not the command-line Codex";
    let app = machine.file("Codex.app/Contents/MacOS/Codex", ANSWERS);
    check(&app, desktop).await;
    check(&machine.at("Codex.app"), desktop).await;
    check(&machine.file("codex.desktop", ANSWERS), desktop).await;
    let ours = "it is Codex Bridge itself, not Codex";
    check(&machine.file("bin/codex-bridge-mcp", ANSWERS), ours).await;
    check(&machine.link("ours/codex", "../bin/codex-bridge-mcp"), ours).await;
    machine.file("own/bridge", ANSWERS);
    check(&machine.link("self/codex", "../own/bridge"), ours).await;

    let launcher = machine.npm_package("alone/node_modules");
    let missing = format!(
        "npm's package `{}` with the program for this machine is missing",
        this_machine().0
    );
    check(&launcher, &missing).await;
    let other = machine.file("other/codex", "#!/bin/sh\necho v1.0.0\n");
    check(&other, "it does not answer `--version` as Codex does").await;
    let broken = machine.file("broken/codex", "#!/bin/sh\necho no libx >&2\nexit 3\n");
    check(&broken, "`--version` ended with exit code 3: no libx").await;
    let killed = machine.file("killed/codex", "#!/bin/sh\nkill -9 $$\n");
    check(&killed, "`--version` ended with SIGKILL").await;
}

#[tokio::test]
async fn a_desktop_app_with_a_binary_in_it_names_that() {
    let machine = Machine::new();
    let app = machine.file("Codex.app/Contents/MacOS/Codex", ANSWERS);
    let inside = machine.file("Codex.app/Contents/Resources/codex", ANSWERS);
    let error = machine.verify(&app).await.unwrap_err();
    assert_eq!(
        error.hint(),
        format!("Name `{}` instead.", inside.display())
    );
    assert!(machine.verify(&inside).await.is_ok());
}

#[tokio::test]
async fn what_the_person_named_is_used_or_refused_and_never_replaced() {
    let machine = Machine::new();
    machine.file("bin/codex", ANSWERS);
    let path = machine.at("bin");
    let bad = machine.at("none/codex");
    let scrubber = Scrubber::builtin();
    let asking = asking(&scrubber, None);
    let none = async || None;
    let places = Places {
        path: Some(path.as_os_str()),
        ..Places::default()
    };
    let by_setting = Places {
        setting: Some(&bad),
        ..places
    };
    let error = locate(&by_setting, &asking, &mut Memory::default(), none)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` (from the setting codex.bin) can't be used: it does not exist",
            bad.display()
        )
    );
    assert!(
        error
            .hint()
            .ends_with("Or change or clear the setting codex.bin.")
    );
    let by_variable = Places {
        variable: Some(bad.as_os_str()),
        setting: Some(&path),
        ..places
    };
    let error = locate(&by_variable, &asking, &mut Memory::default(), none)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("(from CODEX_BIN)"), "{error}");
    let unset = Places {
        variable: Some(OsStr::new("")),
        ..places
    };
    let bin = locate(&unset, &asking, &mut Memory::default(), none)
        .await
        .unwrap();
    assert_eq!(bin.origin(), Origin::Path);
}

#[tokio::test]
async fn the_login_shell_is_asked_only_when_path_has_none_that_works() {
    let machine = Machine::new();
    machine.file("good/codex", ANSWERS);
    machine.file("bad/codex", "#!/bin/sh\nexit 1\n");
    let scrubber = Scrubber::builtin();
    let asking = asking(&scrubber, None);
    let good = machine.at("good");
    let with = |path: &'static str| std::env::join_paths([machine.at(path)]).unwrap();
    let on_path = with("good");
    let places = Places {
        path: Some(&on_path),
        ..Places::default()
    };
    let never = async || panic!("asked");
    assert!(
        locate(&places, &asking, &mut Memory::default(), never)
            .await
            .is_ok()
    );
    let on_path = with("bad");
    let places = Places {
        path: Some(&on_path),
        ..Places::default()
    };
    let asked = async || Some(good.into_os_string());
    let bin = locate(&places, &asking, &mut Memory::default(), asked)
        .await
        .unwrap();
    assert_eq!(bin.origin(), Origin::LoginShell);
}

#[tokio::test]
async fn the_picker_lists_each_file_once_in_order() {
    let machine = Machine::new();
    machine.file("one/codex", ANSWERS);
    machine.link("two/codex", "../one/codex");
    machine.file("home/.local/bin/codex", "#!/bin/sh\nexit 1\n");
    for version in ["v9.1.0", "v20.9.0", "v20.11.0"] {
        machine.file(
            &format!("home/.nvm/versions/node/{version}/bin/codex"),
            &format!("#!/bin/sh\n# {version}\necho codex-cli 0.140.0\n"),
        );
    }
    machine.file(
        "home/Applications/Codex.app/Contents/Resources/codex",
        ANSWERS,
    );
    let home = machine.at("home");
    let path = std::env::join_paths([machine.at("one"), "relative".into(), machine.at("two")]);
    let path = path.unwrap();
    let places = Places {
        path: Some(&path),
        home: Some(&home),
        setting: Some(Path::new("~/.local/bin/codex")),
        ..Places::default()
    };
    let scrubber = Scrubber::builtin();
    let listed = list_candidates(
        &places,
        &asking(&scrubber, None),
        &mut Memory::default(),
        None,
    )
    .await;
    let listed: Vec<String> = listed
        .iter()
        .filter_map(|listed| {
            let path = listed.candidate.path.strip_prefix(machine.at("")).ok()?;
            let verdict = match &listed.verdict {
                Ok(bin) => bin.version().to_string(),
                Err(_) => "fault".to_owned(),
            };
            let origin = listed.candidate.origin.as_str();
            Some(format!("{} {origin}: {verdict}", path.display()))
        })
        .collect();
    assert_eq!(
        listed,
        [
            "home/.local/bin/codex the setting codex.bin: fault",
            "one/codex PATH: 0.169.0",
            "home/.nvm/versions/node/v20.11.0/bin/codex a usual place: 0.140.0",
            "home/.nvm/versions/node/v20.9.0/bin/codex a usual place: 0.140.0",
            "home/.nvm/versions/node/v9.1.0/bin/codex a usual place: 0.140.0",
            "home/Applications/Codex.app/Contents/Resources/codex an installed app: 0.169.0",
        ]
    );
}
