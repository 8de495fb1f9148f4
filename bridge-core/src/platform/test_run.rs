//! A run of `/bin/sh` for tests, with a marker, of which nothing is left when the test ends.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::time::timeout;
use uuid::Uuid;

use crate::platform::family::{Family, Marker};
use crate::platform::open_dir::OpenDir;
use crate::platform::process_table::{self, ProcessId};
use crate::platform::spawn::{Launch, spawn};

pub(in crate::platform) const DEADLINE: Duration = Duration::from_secs(20);

/// macOS has no `setsid`, and both systems have perl.
const SETSID: &str = "#!/usr/bin/perl\nuse POSIX; POSIX::setsid() > 0 or die; exec @ARGV;\n";

/// Scripts find the path of `setsid COMMAND...` in `$SETSID`.
pub(in crate::platform) struct TestRun {
    pub(in crate::platform) child: Child,
    pub(in crate::platform) family: Family,
    pub(in crate::platform) marker: Marker,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<ProcessId>,
    _tools: TempDir,
}

impl TestRun {
    pub(in crate::platform) fn of(text: &str) -> Self {
        let marker = Marker {
            key: "PLATFORM_TEST_RUN",
            value: Uuid::new_v4().to_string(),
        };
        let tools = tempfile::tempdir().unwrap();
        let setsid = tools.path().join("setsid");
        fs::write(&setsid, SETSID).unwrap();
        fs::set_permissions(&setsid, Permissions::from_mode(0o755)).unwrap();
        let mut child = spawn(Launch {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), text.into()],
            env: vec![
                ("PATH".into(), "/usr/bin:/bin".into()),
                ("SETSID".into(), setsid.into()),
                (marker.key.into(), marker.value.clone().into()),
            ],
            dir: OpenDir::open(Path::new("/")).unwrap(),
        })
        .unwrap();
        let leader = process_table::process(child.id().unwrap()).unwrap().id();
        let stdin = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let family = Family::new(marker.clone(), leader);
        Self {
            child,
            family,
            marker,
            stdin,
            lines,
            seen: vec![leader],
            _tools: tools,
        }
    }

    /// Waits for the next line, which is the number of a process that the script has started.
    pub(in crate::platform) async fn next_process(&mut self) -> ProcessId {
        let line = self.next_line().await;
        let id = process_table::process(line.trim().parse().unwrap())
            .unwrap()
            .id();
        self.seen.push(id);
        id
    }

    pub(in crate::platform) async fn next_line(&mut self) -> String {
        let line = timeout(DEADLINE, self.lines.next_line())
            .await
            .unwrap()
            .unwrap();
        line.unwrap()
    }

    pub(in crate::platform) async fn say(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
    }

    pub(in crate::platform) async fn wait(&mut self) {
        timeout(DEADLINE, self.child.wait()).await.unwrap().unwrap();
    }
}

impl Drop for TestRun {
    fn drop(&mut self) {
        self.seen.extend(self.family.known());
        let mut rest = Family::from_known(self.marker.clone(), self.seen.clone());
        let begin = Instant::now();
        loop {
            rest.observe().unwrap();
            rest.signal_all(Signal::KILL);
            if rest.alive().is_empty() || begin.elapsed() > DEADLINE {
                break;
            }
            std::thread::yield_now();
        }
    }
}
