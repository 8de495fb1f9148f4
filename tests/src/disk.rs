//! A small disk of its own, which a test can fill up.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system in memory, mounted at a folder; taken away when dropped.
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts one of this size. `None` where this process may not mount anything: that takes root, on Linux.
    pub fn mount(folder: &Path, size: &str) -> Option<SmallDisk> {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={size},mode=0700")]);
        let done = command.arg("tmpfs").arg(folder).output().ok()?;
        done.status.success().then(|| SmallDisk {
            folder: folder.to_owned(),
        })
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut file = File::create(self.ballast()).expect("the disk takes a file");
        let chunk = [0; 4096];
        // The last write fails: that is the purpose.
        while file.write_all(&chunk).is_ok() {}
    }

    /// Gives the room back.
    pub fn free(&self) {
        std::fs::remove_file(self.ballast()).expect("the disk was filled");
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: processes that a failed test left alive may still use it.
        let done = Command::new("umount").arg("-l").arg(&self.folder).status();
        assert!(
            done.is_ok_and(|status| status.success()) || std::thread::panicking(),
            "the small disk stays mounted"
        );
    }
}
