//! How much room a disk has.

use std::io;
use std::path::Path;

/// Bytes that this user may still write on the disk of `path`, or of the nearest folder above it that exists.
///
/// # Errors
/// If the system does not tell.
pub fn free(path: &Path) -> io::Result<u64> {
    let place = path
        .ancestors()
        .find(|place| place.exists())
        .unwrap_or(Path::new("/"));
    let told = rustix::fs::statvfs(place)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_has_the_room_of_the_one_above() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free(&folder.path().join("not/there")).unwrap() > 0);
    }
}
