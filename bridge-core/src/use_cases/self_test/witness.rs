//! Sees from outside whether a command lives: it holds the reading end of a pipe that has a name.
//!
//! Whatever the command starts inherits that end, so the pipe has a reader exactly as long as anything of it is left,
//! whoever its parent is by then. No list of processes could be wrong about it.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use crate::use_cases::self_test::trouble::Trouble;

/// How often a reader is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// The writing side of a named pipe.
pub(super) struct Witness {
    pipe: PathBuf,
}

impl Witness {
    /// Makes the pipe.
    pub(super) async fn make(pipe: PathBuf) -> Result<Witness, Trouble> {
        let failed = |source| Trouble::Folder {
            what: "make a pipe at",
            path: pipe.clone(),
            source,
        };
        // The program, because the system call for it has no safe binding on macOS.
        let made = tokio::process::Command::new("mkfifo")
            .arg("-m")
            .arg("600")
            .arg(&pipe)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(failed)?;
        if !made.status.success() {
            let words = String::from_utf8_lossy(&made.stderr).trim().to_owned();
            return Err(failed(io::Error::other(words)));
        }
        Ok(Witness { pipe })
    }

    /// Whether anybody holds the reading end. Opening lets a reader go on that waits for a writer.
    pub(super) fn is_held(&self) -> Result<bool, Trouble> {
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match rustix::fs::open(&self.pipe, flags, Mode::empty()) {
            Ok(end) => {
                drop(File::from(end));
                Ok(true)
            }
            Err(rustix::io::Errno::NXIO) => Ok(false),
            Err(error) => Err(Trouble::Folder {
                what: "open the pipe",
                path: self.pipe.clone(),
                source: error.into(),
            }),
        }
    }

    /// Waits until somebody holds the reading end.
    pub(super) async fn held(&self) -> Result<(), Trouble> {
        while !self.is_held()? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(work)
    }

    #[test]
    fn a_grandchild_that_lives_is_seen_and_one_that_died_is_not() {
        block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let witness = Witness::make(folder.path().join("hold")).await.unwrap();
            assert!(!witness.is_held().unwrap());
            let mut shell = tokio::process::Command::new("sh")
                .arg("-c")
                .arg("exec 3< hold; sleep 60 & echo $!")
                .current_dir(folder.path())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            witness.held().await.unwrap();
            let mut line = String::new();
            let mut out = tokio::io::BufReader::new(shell.stdout.take().unwrap());
            tokio::io::AsyncBufReadExt::read_line(&mut out, &mut line)
                .await
                .unwrap();
            shell.wait().await.unwrap();
            assert!(witness.is_held().unwrap(), "the grandchild lives on");
            let pid = rustix::process::Pid::from_raw(line.trim().parse().unwrap()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
            let gone = async {
                while witness.is_held().unwrap() {
                    tokio::time::sleep(LOOK).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(10), gone)
                .await
                .unwrap();
        });
    }
}
