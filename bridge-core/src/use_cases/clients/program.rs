//! The path of our program that an entry names: one that is there tomorrow, too.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::platform::private_dir::PrivateDir;
use crate::use_cases::clients::error::ClientError;
use crate::use_cases::host::Host;

/// Where a program can be, though it may not stay there.
const DOUBTS: [(&str, &str); 6] = [
    ("/target/debug/", BUILT),
    ("/target/release/", BUILT),
    (
        "/Downloads/",
        "it lies among the downloads, which are often tidied up; move it into the Applications folder first",
    ),
    ("/private/tmp/", TEMPORARY),
    ("/private/var/folders/", TEMPORARY),
    ("/_npx/", TEMPORARY),
];
const BUILT: &str = "it lies in a build folder, where the next build or a clean-up replaces it";
const TEMPORARY: &str = "it lies in a temporary folder, which the system empties";

/// Below an app of macOS, the folder with its programs.
const IN_APP: &str = ".app/Contents/MacOS/";

/// The program that clients are to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// Its absolute path.
    pub(crate) path: String,
    /// Why it may not be there later.
    pub(crate) doubt: Option<&'static str>,
}

/// The program's path, if it will stay. People move apps: for a program inside of one it is a link in the state folder,
/// which [`keep_link`] keeps leading there.
pub(crate) fn program(host: &Host, state: &Path) -> Result<Program, ClientError> {
    let path = lasting(host);
    let misplaced = |where_, remedy| ClientError::Misplaced {
        program: path.clone(),
        where_,
        remedy,
    };
    let text = path.to_str().ok_or(misplaced(
        "at a path that is no readable text",
        "Install Codex Bridge into a folder with a plain name.",
    ))?;
    if text.contains("/AppTranslocation/") {
        return Err(misplaced(
            "where macOS puts programs that were never moved",
            "Quit Codex Bridge, move it into the Applications folder with the Finder, and open it from there.",
        ));
    }
    if text.starts_with("/Volumes/") {
        return Err(misplaced(
            "on a disk image or an external disk",
            "Drag Codex Bridge into the Applications folder, eject the disk, and open it from there.",
        ));
    }
    if text.starts_with("/tmp/.mount_") {
        return Err(misplaced(
            "inside of an AppImage that is mounted while it runs",
            "Install the program codex-bridge-mcp itself, for example into ~/.local/bin, and run it from there.",
        ));
    }
    if text.contains("/.Trash/") || text.contains("/.local/share/Trash/") {
        return Err(misplaced(
            "in the trash",
            "Move Codex Bridge out of the trash into the Applications folder, and open it from there.",
        ));
    }
    let doubt = DOUBTS
        .iter()
        .find(|(part, _)| text.contains(part))
        .map(|(_, why)| *why);
    let path = match text.contains(IN_APP) {
        true => link(state).to_string_lossy().into_owned(),
        false => text.to_owned(),
    };
    Ok(Program { path, doubt })
}

fn link(state: &Path) -> PathBuf {
    state.join("bin/codex-bridge-mcp")
}

/// Lets the link lead to us, if we lie in an app and will stay there.
///
/// # Errors
/// What the system said; whatever was there stays then.
pub(crate) fn keep_link(host: &Host, state: &Path) -> io::Result<()> {
    let link = link(state);
    let is_ours = program(host, state).is_ok_and(|program| Path::new(&program.path) == link);
    if !is_ours || std::fs::read_link(&link).is_ok_and(|leads| leads == host.sidecar) {
        return Ok(());
    }
    PrivateDir::ensure(state).map_err(io::Error::other)?;
    let folder = state.join("bin");
    PrivateDir::ensure(&folder).map_err(io::Error::other)?;
    // Another of us may do the same at this moment.
    let new = folder.join(format!("new-{:016x}", (host.random)()));
    symlink(&host.sidecar, &new)?;
    std::fs::rename(&new, &link).inspect_err(|_| {
        std::fs::remove_file(&new).ok();
    })
}

/// Our own path, or one on the person's search path that leads to it and outlives an update: package managers keep each
/// version in a folder of its own.
fn lasting(host: &Host) -> PathBuf {
    let own = &host.sidecar;
    let versioned = ["/Cellar/", "/Caskroom/", "/nix/store/", "/linuxbrew/"];
    let text = own.to_string_lossy();
    if !versioned.iter().any(|part| text.contains(part)) {
        return own.clone();
    }
    let name = own.file_name().unwrap_or_default();
    let leads_here = |path: &PathBuf| {
        let same = std::fs::canonicalize(path).ok() == std::fs::canonicalize(own).ok();
        let text = path.to_string_lossy();
        let names_a_version = ["/Cellar/", "/Caskroom/", "/nix/store/"];
        same && !names_a_version.iter().any(|part| text.contains(part))
    };
    let search = host
        .var("PATH")
        .map(std::env::split_paths)
        .into_iter()
        .flatten();
    let found = search.map(|folder| folder.join(name)).find(leads_here);
    found.unwrap_or_else(|| own.clone())
}

/// Whether a program that an entry names can be started.
pub(crate) fn can_be_started(program: &str) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let found = std::fs::metadata(Path::new(program));
    found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::domain::run::Timestamp;

    fn host(sidecar: &Path, path: &Path) -> Host {
        Host {
            env: BTreeMap::from([("PATH".into(), path.into())]),
            home: PathBuf::from("/home/me"),
            config_dir: PathBuf::new(),
            state_dir: PathBuf::new(),
            sidecar: sidecar.to_owned(),
            now: || Timestamp(0),
            random: || 7,
        }
    }

    #[test]
    fn a_place_that_does_not_stay_is_refused_with_the_way_out() {
        let check = |path: &str, expected: Result<bool, &str>| {
            let found = program(
                &host(Path::new(path), Path::new("/usr/bin")),
                Path::new("/s"),
            );
            let found = found.map(|program| program.doubt.is_some());
            assert_eq!(
                found.map_err(|error| error.hint()),
                expected.map_err(ToOwned::to_owned),
                "{path}"
            );
        };
        check(
            "/Applications/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp",
            Ok(false),
        );
        check("/home/me/.local/bin/codex-bridge-mcp", Ok(false));
        check("/w/target/debug/codex-bridge-mcp", Ok(true));
        check(
            "/Users/me/Applications/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp",
            Ok(false),
        );
        check(
            "/Users/me/Downloads/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp",
            Ok(true),
        );
        check(
            "/private/var/folders/x/T/unpacked/codex-bridge-mcp",
            Ok(true),
        );
        check(
            "/home/me/.npm/_npx/1f/node_modules/.bin/codex-bridge-mcp",
            Ok(true),
        );
        check(
            "/Users/me/.Trash/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp",
            Err(
                "Move Codex Bridge out of the trash into the Applications folder, and open it from there.",
            ),
        );
        check(
            "/private/var/folders/x/T/AppTranslocation/ABC/d/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp",
            Err(
                "Quit Codex Bridge, move it into the Applications folder with the Finder, and open it from there.",
            ),
        );
        check(
            "/Volumes/Codex Bridge/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp",
            Err(
                "Drag Codex Bridge into the Applications folder, eject the disk, and open it from there.",
            ),
        );
        check(
            "/tmp/.mount_codexAbc/usr/bin/codex-bridge-mcp",
            Err(
                "Install the program codex-bridge-mcp itself, for example into ~/.local/bin, and run it from there.",
            ),
        );
    }

    #[test]
    fn a_link_that_outlives_updates_is_preferred() {
        let top = tempfile::tempdir().unwrap();
        let cellar = top.path().join("Cellar/codex-bridge/1.0/bin");
        let bin = top.path().join("bin");
        std::fs::create_dir_all(&cellar).unwrap();
        std::fs::create_dir_all(&bin).unwrap();
        let own = cellar.join("codex-bridge-mcp");
        std::fs::write(&own, "").unwrap();
        let host = host(&own, &bin);
        assert_eq!(
            program(&host, top.path()).unwrap().path,
            own.to_str().unwrap()
        );
        let link = bin.join("codex-bridge-mcp");
        symlink(&own, &link).unwrap();
        assert_eq!(
            program(&host, top.path()).unwrap().path,
            link.to_str().unwrap()
        );
    }

    #[test]
    fn an_app_may_be_moved() {
        let top = tempfile::tempdir().unwrap();
        let state = top.path().join("state");
        let link = state.join("bin/codex-bridge-mcp");
        for place in ["Applications", "Applications/Tools"] {
            let own = top
                .path()
                .join(place)
                .join("Codex Bridge.app/Contents/MacOS/codex-bridge-mcp");
            std::fs::create_dir_all(own.parent().unwrap()).unwrap();
            std::fs::write(&own, place).unwrap();
            let host = host(&own, top.path());
            assert_eq!(program(&host, &state).unwrap().path, link.to_str().unwrap());
            for _ in 0..2 {
                keep_link(&host, &state).unwrap();
                assert_eq!(std::fs::read_to_string(&link).unwrap(), place);
            }
        }
        // One that will not stay leaves it as it is.
        let image = Path::new("/Volumes/x/Codex Bridge.app/Contents/MacOS/codex-bridge-mcp");
        keep_link(&host(image, top.path()), &state).unwrap();
        assert_eq!(
            std::fs::read_to_string(&link).unwrap(),
            "Applications/Tools"
        );
        assert_eq!(std::fs::read_dir(state.join("bin")).unwrap().count(), 1);
        // One outside of an app needs none.
        let plain = top.path().join("bin/codex-bridge-mcp");
        keep_link(&host(&plain, top.path()), &top.path().join("other")).unwrap();
        assert!(!top.path().join("other").exists());
    }
}
