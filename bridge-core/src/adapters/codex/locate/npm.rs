//! From npm's launcher of Codex, a script for node, to the program that it starts.
//!
//! The launcher is in the way: killed hard, it leaves its child behind (0.118 and 0.169 with node 20), and it costs
//! 0.2 s at each start.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

const PACKAGE: &str = "@openai/codex";
const LAUNCHER: &str = "@openai/codex/bin/codex.js";
/// The most of a script that is read: shims and launchers have a few kilobytes.
const MAX_SCRIPT: u64 = 64 * 1024;

/// A machine that Codex is built for: npm's package and the folder in it.
struct Target {
    package: &'static str,
    triple: &'static str,
}

/// What runs here, the best first: macOS runs programs for Intel on Apple silicon, too.
fn targets() -> &'static [Target] {
    const MAC_ARM: Target = Target {
        package: "@openai/codex-darwin-arm64",
        triple: "aarch64-apple-darwin",
    };
    const MAC_INTEL: Target = Target {
        package: "@openai/codex-darwin-x64",
        triple: "x86_64-apple-darwin",
    };
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => &[Target {
            package: "@openai/codex-linux-x64",
            triple: "x86_64-unknown-linux-musl",
        }],
        ("linux", "aarch64") => &[Target {
            package: "@openai/codex-linux-arm64",
            triple: "aarch64-unknown-linux-musl",
        }],
        ("macos", "aarch64") => &[MAC_ARM, MAC_INTEL],
        ("macos", _) => &[MAC_INTEL],
        _ => &[],
    }
}

/// The launcher that a file is, or that a shim of npm, pnpm or Volta leads to.
pub(super) fn launcher_of(found: &Path, real: &Path) -> Option<PathBuf> {
    let candidates = [
        Some(real.to_owned()),
        launcher_in_shim(found),
        launcher_of_volta(found, real),
    ];
    candidates
        .into_iter()
        .flatten()
        .filter_map(|path| fs::canonicalize(path).ok())
        .find(|path| is_launcher(path))
}

fn is_launcher(path: &Path) -> bool {
    let package_json = path
        .parent()
        .and_then(Path::parent)
        .map(|package| package.join("package.json"));
    path.ends_with("bin/codex.js")
        && package_json
            .and_then(|file| serde_json::from_str::<Value>(&start_of(&file)?).ok())
            .is_some_and(|package| package["name"] == PACKAGE)
}

/// Shims of npm and pnpm are shell scripts that name the launcher: `"$basedir/global/5/…/bin/codex.js"`.
fn launcher_in_shim(found: &Path) -> Option<PathBuf> {
    let script = start_of(found).filter(|text| text.starts_with("#!"))?;
    let end = script.find(LAUNCHER)? + LAUNCHER.len();
    let start = script[..end].rfind(['"', '\'', ' ', '\n'])? + 1;
    let named = &script[start..end];
    let folder = fs::canonicalize(found.parent()?).ok()?;
    match named.strip_prefix("$basedir/") {
        Some(rest) => Some(folder.join(rest)),
        None => Path::new(named).is_absolute().then(|| named.into()),
    }
}

/// Volta's programs are links to one and the same shim, which finds the package by the link's name.
fn launcher_of_volta(found: &Path, real: &Path) -> Option<PathBuf> {
    let volta = found.parent()?.parent()?;
    let packages = volta.join("tools/image/packages").join(PACKAGE);
    (real.file_name()? == "volta-shim").then(|| packages.join("lib/node_modules").join(LAUNCHER))
}

fn start_of(path: &Path) -> Option<String> {
    let mut text = Vec::new();
    File::open(path)
        .ok()?
        .take(MAX_SCRIPT)
        .read_to_end(&mut text)
        .ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The program for this machine, looked for as node does: in `node_modules` of each folder above the launcher
/// (npm, pnpm and bun differ in which), then in the package itself.
///
/// # Errors
/// The package that should hold it.
pub(super) fn native_of(launcher: &Path) -> Result<PathBuf, &'static str> {
    let package = launcher.parent().and_then(Path::parent);
    for target in targets() {
        let modules = launcher
            .ancestors()
            .skip(1)
            .filter(|folder| folder.components().next_back() != Some(modules_component()))
            .map(|folder| folder.join("node_modules").join(target.package));
        let vendors = modules
            .chain(package.map(Path::to_owned))
            .map(|package| package.join("vendor").join(target.triple));
        for vendor in vendors {
            // The second until 0.118, the first since 0.140.
            for place in ["bin/codex", "codex/codex"] {
                let native = vendor.join(place);
                if native.is_file() {
                    return Ok(fs::canonicalize(&native).unwrap_or(native));
                }
            }
        }
    }
    Err(targets()
        .first()
        .map_or("@openai/codex for this machine", |target| target.package))
}

fn modules_component() -> Component<'static> {
    Component::Normal("node_modules".as_ref())
}

/// The folder of the programs that came with the binary, where it does not find them itself: with 0.118 `rg`
/// lies in `path` beside `codex`, and the launcher puts that on PATH.
pub(super) fn helpers_of(native: &Path) -> Option<PathBuf> {
    let folder = native.parent()?;
    let path = folder.parent()?.join("path");
    (folder.file_name()? == "codex" && path.is_dir()).then_some(path)
}
