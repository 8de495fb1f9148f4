//! The app under test, as a process.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::desk::Desk;
use crate::processes;
use crate::scene::program;

/// A running app.
pub struct App(Child);

impl App {
    pub(crate) fn start(desk: &Desk, args: &[&str]) -> App {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(desk.folder.join("log/app"))
            .expect("a log");
        let mut command = desk.command(App::path());
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        App(command.stderr(log).spawn().expect("the app starts"))
    }

    /// The program, with its pages inside.
    pub fn path() -> PathBuf {
        program("codex-bridge")
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it runs.
    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().expect("the child can be asked").is_none()
    }

    /// Waits for its end and gives its exit code; panics when it takes too long.
    pub fn wait_exit(&mut self, limit: Duration) -> Option<i32> {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().expect("the child can be asked") {
                return status.code();
            }
            assert!(begin.elapsed() < limit, "the app runs after {limit:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it without mercy.
    pub fn kill(&mut self) {
        self.0.kill().expect("the app can be killed");
        self.0.wait().expect("the app can be collected");
    }

    /// Ends it as the end of a session does.
    pub fn terminate(&mut self, limit: Duration) -> Option<i32> {
        processes::signal(self.pid(), Signal::TERM);
        self.wait_exit(limit)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
