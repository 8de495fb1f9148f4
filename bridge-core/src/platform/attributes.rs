//! What a file has besides its bytes: owner, group, rights, extended attributes and, among those on Linux, access lists.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};

/// More than that no file of settings carries.
const MOST: usize = 64 * 1024;

/// Gives one open file the owner, group, rights and attributes of another.
///
/// # Errors
/// If owner, group or rights can't be had. Attributes that the system keeps for itself are left out.
pub fn copy(from: &File, to: &File) -> io::Result<()> {
    let (old, new) = (from.metadata()?, to.metadata()?);
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        fchown(to, Some(old.uid()), Some(old.gid()))?;
    }
    let mut names = vec![0; MOST];
    if let Ok(length) = flistxattr(from, &mut names) {
        let names = names[..length].split(|byte| *byte == 0);
        for name in names.filter(|name| !name.is_empty()) {
            let mut value = vec![0; MOST];
            if let Ok(length) = fgetxattr(from, name, &mut value) {
                // Labels of the system's own can't be set; the file gets those of its folder.
                let _ = fsetxattr(to, name, &value[..length], XattrFlags::empty());
            }
        }
    }
    to.set_permissions(std::fs::Permissions::from_mode(old.mode() & 0o7777))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_and_attributes_are_copied() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, mode| {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_permissions(std::fs::Permissions::from_mode(mode))
                .unwrap();
            file
        };
        let (from, to) = (make("from", 0o640), make("to", 0o600));
        let has = fsetxattr(&from, "user.mark", b"x", XattrFlags::empty()).is_ok();
        copy(&from, &to).unwrap();
        assert_eq!(to.metadata().unwrap().mode() & 0o7777, 0o640);
        if has {
            let mut value = [0; 8];
            assert_eq!(fgetxattr(&to, "user.mark", &mut value), Ok(1));
        }
    }
}
