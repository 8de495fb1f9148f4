//! Waits for the end of any process, child or not, without collecting its exit status.

use std::time::Duration;

use tokio::time::sleep;

use crate::platform::process_table::{self, ProcessId};

/// How often to look where the system can't wake us, for want of a descriptor. The first looks come quickly, since most
/// programs that are waited for take a few milliseconds.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const FIRST_LOOK: Duration = Duration::from_millis(1);

/// Sees the end of one process: it has ended when only its exit status is left, or nothing.
#[derive(Debug)]
pub struct ExitWatch {
    id: ProcessId,
    /// Becomes readable when it ends.
    end: Option<tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>>,
}

impl ExitWatch {
    /// Starts to watch a process, which may have ended before. Must be called inside a tokio runtime.
    pub fn new(id: ProcessId) -> Self {
        Self {
            id,
            end: system::open(id).ok(),
        }
    }

    /// Waits until the process has ended. May be dropped and called again.
    pub async fn ended(&self) {
        if let Some(end) = &self.end
            && process_table::is_alive(self.id)
            && end.readable().await.is_ok()
            && system::IS_FINAL
        {
            return;
        }
        let mut pause = FIRST_LOOK;
        while process_table::is_alive(self.id) {
            sleep(pause).await;
            pause = LOOK_EVERY.min(pause * 2);
        }
    }
}

#[cfg(target_os = "linux")]
#[allow(
    unsafe_code,
    reason = "registering with tokio has no safe form any more"
)]
mod system {
    use std::io;
    use std::os::fd::OwnedFd;

    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use crate::platform::process_table::ProcessId;

    /// A pidfd tells of the end itself.
    pub(super) const IS_FINAL: bool = true;

    pub(super) fn open(id: ProcessId) -> io::Result<AsyncFd<OwnedFd>> {
        let pid = i32::try_from(id.pid)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        // SAFETY: an OwnedFd keeps its descriptor open, and the same one, until it is dropped.
        Ok(unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) }?)
    }
}

#[cfg(target_os = "macos")]
#[allow(
    unsafe_code,
    reason = "kqueue and registering with tokio have no safe form"
)]
mod system {
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::event::kqueue::{Event, EventFilter, EventFlags, ProcessEvents, kevent, kqueue};
    use rustix::process::Pid;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use crate::platform::process_table::ProcessId;

    /// The event comes a moment before the process table knows.
    pub(super) const IS_FINAL: bool = false;

    pub(super) fn open(id: ProcessId) -> io::Result<AsyncFd<OwnedFd>> {
        let pid = i32::try_from(id.pid)
            .ok()
            .and_then(Pid::from_raw)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let queue = kqueue()?;
        let filter = EventFilter::Proc {
            pid,
            flags: ProcessEvents::EXIT,
        };
        let event = Event::new(filter, EventFlags::ADD, std::ptr::null_mut());
        let mut none: [MaybeUninit<Event>; 0] = [];
        // SAFETY: the event refers to no descriptor and no memory.
        unsafe { kevent(&queue, &[event], &mut none[..], Some(Duration::ZERO)) }?;
        // SAFETY: an OwnedFd keeps its descriptor open, and the same one, until it is dropped.
        Ok(unsafe { AsyncFd::register_with_interest(queue, Interest::READABLE) }?)
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn an_end_is_seen_while_the_exit_status_stays_for_the_parent() {
        let mut child = Command::new("sh")
            .args(["-c", "read line; exit 7"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let id = process_table::process(child.id()).unwrap().id();
        let watch = ExitWatch::new(id);
        assert!(
            timeout(Duration::from_millis(50), watch.ended())
                .await
                .is_err()
        );
        drop(child.stdin.take());
        timeout(Duration::from_secs(10), watch.ended())
            .await
            .unwrap();
        timeout(Duration::from_secs(10), ExitWatch::new(id).ended())
            .await
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(7));
        timeout(Duration::from_secs(10), ExitWatch::new(id).ended())
            .await
            .unwrap();
    }
}
