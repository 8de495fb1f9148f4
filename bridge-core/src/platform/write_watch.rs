//! Sleeps until a file of a folder is written, by any process. Costs nothing meanwhile.

use std::ffi::OsString;
use std::io;
use std::path::Path;

/// Sees writes to one file, and that files of its folder come and go.
#[derive(Debug)]
pub struct WriteWatch {
    system: system::Watch,
}

impl WriteWatch {
    /// Begins to watch `file` in `folder`; it need not be there yet. Must be called inside a tokio runtime.
    pub fn new(folder: &Path, file: &str) -> io::Result<WriteWatch> {
        let file = Some(OsString::from(file));
        system::Watch::new(folder, file).map(|system| WriteWatch { system })
    }

    /// Begins to watch `folder` for files that come, go or are replaced. Must be called inside a tokio runtime.
    pub fn of_folder(folder: &Path) -> io::Result<WriteWatch> {
        system::Watch::new(folder, None).map(|system| WriteWatch { system })
    }

    /// Returns when something was written since the last time, or since the watch began. May return without need.
    /// Can be dropped while it waits.
    ///
    /// # Errors
    /// If the folder can't be watched any more: it is gone, or another has its name.
    pub async fn written(&mut self) -> io::Result<()> {
        self.system.written().await
    }
}

#[cfg(target_os = "linux")]
#[allow(
    unsafe_code,
    reason = "registering with tokio has no safe form any more"
)]
mod system {
    use std::ffi::OsString;
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
    use rustix::io::Errno;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// What ends the watch of the folder itself.
    const GONE: ReadFlags = ReadFlags::IGNORED
        .union(ReadFlags::DELETE_SELF)
        .union(ReadFlags::MOVE_SELF)
        .union(ReadFlags::UNMOUNT);

    #[derive(Debug)]
    pub(super) struct Watch {
        inotify: AsyncFd<OwnedFd>,
        /// Missing where all files are meant.
        file: Option<OsString>,
    }

    impl Watch {
        pub(super) fn new(folder: &Path, file: Option<OsString>) -> io::Result<Watch> {
            let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            let flags = WatchFlags::MODIFY
                | WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVED_TO
                | WatchFlags::MOVED_FROM
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR;
            inotify::add_watch(&inotify, folder, flags)?;
            // SAFETY: an OwnedFd keeps its descriptor open, and the same one, until it is dropped.
            let inotify = unsafe { AsyncFd::register_with_interest(inotify, Interest::READABLE) }?;
            Ok(Watch { inotify, file })
        }

        pub(super) async fn written(&mut self) -> io::Result<()> {
            loop {
                let mut ready = self.inotify.readable().await?;
                // All that has come is taken at once: it is one piece of news.
                let (seen, rest) = take(self.inotify.get_ref(), self.file.as_ref());
                if rest == Errno::WOULDBLOCK {
                    ready.clear_ready();
                }
                match seen? {
                    true => return Ok(()),
                    false if rest == Errno::WOULDBLOCK => {}
                    false => return Err(rest.into()),
                }
            }
        }
    }

    /// Whether the events that wait are about the file, and why there are no more of them.
    fn take(inotify: &OwnedFd, file: Option<&OsString>) -> (io::Result<bool>, Errno) {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(inotify, &mut buffer);
        let mut is_news = false;
        let mut is_gone = false;
        let rest = loop {
            match events.next() {
                Ok(event) => {
                    let flags = event.events();
                    let name = event.file_name().map_or(&b""[..], |name| name.to_bytes());
                    is_gone |= flags.intersects(GONE);
                    is_news |= flags.contains(ReadFlags::QUEUE_OVERFLOW)
                        || file.is_none_or(|file| name == file.as_encoded_bytes());
                }
                Err(Errno::INTR) => {}
                Err(error) => break error,
            }
        };
        let seen = match is_gone {
            true => Err(io::ErrorKind::NotFound.into()),
            false => Ok(is_news),
        };
        (seen, rest)
    }
}

#[cfg(target_os = "macos")]
#[allow(
    unsafe_code,
    reason = "kqueue and registering with tokio have no safe form"
)]
mod system {
    use std::ffi::OsString;
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::{AsRawFd as _, OwnedFd};
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use rustix::event::kqueue::{Event, EventFilter, EventFlags, VnodeEvents, kevent, kqueue};
    use rustix::fs::{Mode, OFlags, open};
    use rustix::io::Errno;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// FSEvents would tell of a write when the file is closed, and SQLite keeps its files open; a kqueue tells of each.
    ///
    /// Only files on which nobody has POSIX locks may be watched: to close any descriptor drops the locks of the
    /// whole process.
    #[derive(Debug)]
    pub(super) struct Watch {
        queue: AsyncFd<OwnedFd>,
        folder: OwnedFd,
        /// Missing where all files are meant.
        path: Option<PathBuf>,
        /// Missing while the file is.
        file: Option<OwnedFd>,
    }

    impl Watch {
        pub(super) fn new(folder: &Path, file: Option<OsString>) -> io::Result<Watch> {
            let path = file.map(|file| folder.join(file));
            let folder = open_events(folder)?;
            let queue = kqueue()?;
            add(&queue, &folder)?;
            // SAFETY: an OwnedFd keeps its descriptor open, and the same one, until it is dropped.
            let queue = unsafe { AsyncFd::register_with_interest(queue, Interest::READABLE) }?;
            let mut watch = Watch {
                queue,
                folder,
                path,
                file: None,
            };
            watch.find_file()?;
            Ok(watch)
        }

        pub(super) async fn written(&mut self) -> io::Result<()> {
            loop {
                let mut ready = self.queue.readable().await?;
                let mut events = [const { MaybeUninit::<Event>::uninit() }; 8];
                // SAFETY: no event refers to a descriptor; none is added here.
                let taken = unsafe {
                    kevent(
                        self.queue.get_ref(),
                        &[],
                        &mut events[..],
                        Some(Duration::ZERO),
                    )
                };
                let taken = match taken {
                    Ok((taken, _)) => taken,
                    Err(Errno::INTR) => continue,
                    Err(error) => return Err(error.into()),
                };
                if taken.is_empty() {
                    ready.clear_ready();
                    continue;
                }
                let folder = self.folder.as_raw_fd();
                let mut is_folder = false;
                for event in taken.iter() {
                    if let EventFilter::Vnode { vnode, flags } = event.filter()
                        && vnode == folder
                    {
                        is_folder = true;
                        if flags.intersects(VnodeEvents::DELETE | VnodeEvents::RENAME) {
                            return Err(io::ErrorKind::NotFound.into());
                        }
                    }
                }
                if is_folder {
                    // The file may be another one now.
                    self.find_file()?;
                }
                return Ok(());
            }
        }

        fn find_file(&mut self) -> io::Result<()> {
            let Some(path) = &self.path else {
                return Ok(());
            };
            // To close the one before ends its watch.
            self.file = match open_events(path) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            match &self.file {
                Some(file) => add(self.queue.get_ref(), file),
                None => Ok(()),
            }
        }
    }

    fn open_events(path: &Path) -> io::Result<OwnedFd> {
        let only_events = OFlags::from_bits_retain(libc::O_EVTONLY.cast_unsigned());
        let flags = only_events | OFlags::CLOEXEC;
        Ok(open(path, flags, Mode::empty())?)
    }

    fn add(queue: &OwnedFd, file: &OwnedFd) -> io::Result<()> {
        let filter = EventFilter::Vnode {
            vnode: file.as_raw_fd(),
            flags: VnodeEvents::WRITE
                | VnodeEvents::EXTEND
                | VnodeEvents::DELETE
                | VnodeEvents::RENAME,
        };
        let event = Event::new(
            filter,
            EventFlags::ADD | EventFlags::CLEAR,
            std::ptr::null_mut(),
        );
        let mut none: [MaybeUninit<Event>; 0] = [];
        // SAFETY: the descriptor is open; when it is closed, the queue forgets it.
        unsafe { kevent(queue, &[event], &mut none[..], Some(Duration::ZERO)) }?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);
    const QUIET: Duration = Duration::from_millis(100);

    async fn sees(watch: &mut WriteWatch) -> bool {
        let seen = timeout(LIMIT, watch.written()).await;
        matches!(seen, Ok(Ok(())))
    }

    async fn is_quiet(watch: &mut WriteWatch) -> bool {
        timeout(QUIET, watch.written()).await.is_err()
    }

    /// Until what was written before has been seen.
    async fn settle(watch: &mut WriteWatch) {
        while !is_quiet(watch).await {}
    }

    #[tokio::test]
    async fn a_write_is_seen_whether_the_file_was_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut watch = WriteWatch::new(folder.path(), "log").unwrap();
        assert!(is_quiet(&mut watch).await);
        let mut file = fs::File::create(&path).unwrap();
        assert!(sees(&mut watch).await);
        for _ in 0..3 {
            settle(&mut watch).await;
            file.write_all(b"more").unwrap();
            assert!(sees(&mut watch).await);
        }
        // Another file takes its name.
        settle(&mut watch).await;
        fs::remove_file(&path).unwrap();
        assert!(sees(&mut watch).await);
        let mut file = fs::File::create(&path).unwrap();
        assert!(sees(&mut watch).await);
        settle(&mut watch).await;
        file.write_all(b"more").unwrap();
        assert!(sees(&mut watch).await);
    }

    #[tokio::test]
    async fn what_was_written_while_nobody_waited_is_seen_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = WriteWatch::new(folder.path(), "log").unwrap();
        for n in 0..1_000 {
            fs::write(folder.path().join("log"), n.to_string()).unwrap();
        }
        assert!(sees(&mut watch).await);
        assert!(is_quiet(&mut watch).await);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn other_files_are_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = WriteWatch::new(folder.path(), "log").unwrap();
        fs::write(folder.path().join("other"), "x").unwrap();
        fs::write(folder.path().join("log2"), "x").unwrap();
        assert!(is_quiet(&mut watch).await);
    }

    #[tokio::test]
    async fn a_folder_tells_of_each_file_that_takes_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = WriteWatch::of_folder(folder.path()).unwrap();
        for name in ["one", "two", "one"] {
            assert!(is_quiet(&mut watch).await);
            fs::write(folder.path().join("new"), name).unwrap();
            fs::rename(folder.path().join("new"), folder.path().join(name)).unwrap();
            assert!(sees(&mut watch).await);
            settle(&mut watch).await;
        }
    }

    #[tokio::test]
    async fn the_end_of_the_folder_ends_the_watch() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("folder");
        assert!(WriteWatch::new(&folder, "log").is_err());
        fs::create_dir(&folder).unwrap();
        let mut watch = WriteWatch::new(&folder, "log").unwrap();
        fs::rename(&folder, above.path().join("moved")).unwrap();
        let seen = timeout(LIMIT, watch.written()).await.unwrap();
        assert!(seen.is_err());
    }
}
