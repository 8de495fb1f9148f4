//! Programs with windows that the person uses: whether one runs, how it is asked to quit, and how it is started again.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

#[cfg(target_os = "linux")]
use crate::platform::apps::linux as system;
#[cfg(target_os = "macos")]
use crate::platform::apps::macos as system;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path};

use crate::platform::exit_watch::ExitWatch;
use crate::platform::process_table::{self, EnvironLook, Process, ProcessId, environ_look};

/// By what a program is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppName {
    /// What the files of its programs are called.
    pub programs: &'static [&'static str],
    /// What macOS knows it by.
    pub bundle: &'static str,
}

/// A program that runs, with all of its processes.
#[derive(Debug)]
pub struct RunningApp {
    name: AppName,
    /// Those that nobody of them has started: asked to quit, they end the others.
    heads: Vec<ProcessId>,
    all: Vec<ProcessId>,
    how: system::How,
}

impl RunningApp {
    /// The program with this name, if it runs for the person with this home folder. One that is known to run for
    /// another home has other files.
    pub fn find(name: AppName, home: &Path) -> Option<RunningApp> {
        let own = process_table::process(std::process::id())?.uid;
        let home = home.to_string_lossy();
        let processes = process_table::snapshot().unwrap_or_default();
        let all: Vec<_> = processes
            .into_iter()
            .filter(|process| !process.zombie && process.uid == own)
            .filter(|process| {
                process_table::program(process.pid).is_some_and(|path| is_named(name, &path))
            })
            .filter(|process| environ_look(process.pid, "HOME", &home) != EnvironLook::HasNot)
            .collect();
        let is_head = |ppid: u32| all.iter().all(|other| other.pid != ppid);
        let heads: Vec<ProcessId> = all
            .iter()
            .filter(|process| is_head(process.ppid))
            .map(Process::id)
            .collect();
        let how = system::How::of(heads.first()?.pid);
        Some(RunningApp {
            name,
            heads,
            all: all.iter().map(Process::id).collect(),
            how,
        })
    }

    /// Asks it to quit, as its own menu does. It may take its time, or ask the person something first.
    ///
    /// # Errors
    /// If it can't be asked.
    pub fn ask_to_quit(&self) -> io::Result<()> {
        self.heads
            .iter()
            .try_for_each(|head| system::ask_to_quit(*head, self.name))
    }

    /// Waits until all of its processes have ended. Sleeps meanwhile; may be dropped. Must be called inside a tokio
    /// runtime.
    pub async fn ended(&self) {
        for process in &self.all {
            ExitWatch::new(*process).ended().await;
        }
    }

    /// Starts it again, as it was started before.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start_again(&self) -> io::Result<()> {
        system::start_again(self.name, &self.how)
    }
}

/// Starts a program that does not run.
///
/// # Errors
/// If there is none of this name, or it can't be started.
pub fn start(name: AppName, env: &BTreeMap<OsString, OsString>, home: &Path) -> io::Result<()> {
    system::start(name, env, home)
}

/// A program has its name, or is the runtime that lies in a folder of its name.
fn is_named(name: AppName, program: &Path) -> bool {
    let Some(file) = program.file_name().and_then(|file| file.to_str()) else {
        return false;
    };
    // While it runs, an update may have removed its file.
    let file = file.strip_suffix(" (deleted)").unwrap_or(file);
    let folder = |part: Component<'_>| {
        let part = part.as_os_str().to_str();
        part.is_some_and(|part| name.programs.contains(&part))
    };
    name.programs.contains(&file) || (file == "electron" && program.components().any(folder))
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    /// A name that no other program on this machine has.
    fn unique() -> AppName {
        let name = format!("cb{}x{}", std::process::id(), line!());
        let name: &'static str = name.leak();
        AppName {
            programs: vec!["another", name].leak(),
            bundle: "none",
        }
    }

    #[test]
    fn a_program_is_known_by_its_file_or_by_the_folder_of_its_runtime() {
        let name = AppName {
            programs: &["claude-desktop"],
            bundle: "",
        };
        let check = |path: &str, expected| {
            assert_eq!(is_named(name, Path::new(path)), expected, "{path}");
        };
        check("/usr/bin/claude-desktop", true);
        check("/usr/bin/claude-desktop (deleted)", true);
        check("/usr/bin/claude-desktop-helper", false);
        check(
            "/usr/lib/claude-desktop/node_modules/electron/dist/electron",
            true,
        );
        check("/usr/lib/other/electron", false);
        check("/usr/lib/claude-desktop/chrome_crashpad_handler", false);
    }

    #[tokio::test]
    async fn it_is_asked_to_quit_waited_for_and_started_again_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let name = unique();
        let program = home.path().join(name.programs[1]);
        std::fs::copy("/bin/sleep", &program).unwrap();
        assert!(RunningApp::find(name, home.path()).is_none());
        let start = |home: &Path| -> Child {
            let mut command = Command::new(&program);
            command.arg("600").env("HOME", home).spawn().unwrap()
        };
        let mut other = start(Path::new("/somewhere/else"));
        let mut child = start(home.path());
        let app = RunningApp::find(name, home.path()).unwrap();
        assert_eq!(app.heads[0].pid, child.id());
        app.ask_to_quit().unwrap();
        timeout(LIMIT, app.ended()).await.unwrap();
        child.wait().unwrap();
        assert!(other.try_wait().unwrap().is_none());
        app.start_again().unwrap();
        let again = loop {
            // Between exec's steps it has the name and arguments of another.
            match RunningApp::find(name, home.path()) {
                Some(again) if again.how == app.how => break again,
                _ => tokio::task::yield_now().await,
            }
        };
        again.ask_to_quit().unwrap();
        timeout(LIMIT, again.ended()).await.unwrap();
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
