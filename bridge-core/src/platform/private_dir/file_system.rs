//! Finds folders that other machines or sync programs write to. SQLite's shared memory does not work there, and a
//! sync program copies half-written files. Best effort: macOS does not tell which folders iCloud has taken over.

use std::fmt;
use std::path::Path;

/// Why a folder is not this machine's alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// It lies on a file system of this type, which comes over a network or from a host.
    Network(String),
    /// It is kept in step with a cloud by the program of this name.
    Synced(&'static str),
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shared::Network(kind) => write!(f, "a file system of the type {kind}"),
            Shared::Synced(name) => write!(f, "a folder that {name} keeps in step"),
        }
    }
}

/// Says whether and why `path`, or the nearest folder above it that exists, is shared.
pub fn shared_folder(path: &Path) -> Option<Shared> {
    let place = path
        .ancestors()
        .find_map(|above| above.canonicalize().ok())?;
    if let Some(name) = synced_by(&place) {
        return Some(Shared::Synced(name));
    }
    network_type(&place).map(Shared::Network)
}

fn synced_by(path: &Path) -> Option<&'static str> {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let below_library = |name: &str| parts.windows(2).any(|two| two == ["Library", name]);
    if below_library("Mobile Documents") {
        return Some("iCloud Drive");
    }
    if below_library("CloudStorage") {
        return Some("a cloud storage provider");
    }
    ["Dropbox", "OneDrive", "Google Drive", "Nextcloud"]
        .into_iter()
        .find(|name| parts.contains(name))
}

#[cfg(target_os = "linux")]
fn network_type(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = type_in(&mounts, path)?;
    is_network(kind).then(|| kind.to_owned())
}

#[cfg(target_os = "macos")]
fn network_type(path: &Path) -> Option<String> {
    let answer = rustix::fs::statfs(path).ok()?;
    let local = i64::from(answer.f_flags) & i64::from(libc::MNT_LOCAL) != 0;
    if local {
        return None;
    }
    let name = answer
        .f_fstypename
        .iter()
        .map(|&byte| byte.cast_unsigned())
        .take_while(|&byte| byte != 0)
        .map(char::from)
        .collect();
    Some(name)
}

/// Finds the type of the file system that `path` lies on, in the text of `/proc/self/mountinfo`.
#[cfg(any(target_os = "linux", test))]
fn type_in<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mut nearest: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let Some((before, after)) = line.split_once(" - ") else {
            continue;
        };
        let (Some(point), Some(kind)) = (before.split(' ').nth(4), after.split(' ').next()) else {
            continue;
        };
        let point = point.replace("\\040", " ").replace("\\134", "\\");
        let depth = Path::new(&point).components().count();
        // Of two on one place, the later one covers the earlier one.
        if path.starts_with(&point) && nearest.is_none_or(|(best, _)| depth >= best) {
            nearest = Some((depth, kind));
        }
    }
    Some(nearest?.1)
}

#[cfg(any(target_os = "linux", test))]
fn is_network(kind: &str) -> bool {
    let (kind, helper) = kind.split_once('.').unwrap_or((kind, ""));
    match kind {
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "ncpfs" | "afs" | "ceph" | "glusterfs"
        | "lustre" | "9p" | "davfs" | "sshfs" | "coda" => true,
        "fuse" => [
            "sshfs",
            "rclone",
            "s3fs",
            "gvfs",
            "glusterfs",
            "davfs",
            "curlftpfs",
            "onedrive",
            "google",
        ]
        .iter()
        .any(|name| helper.starts_with(name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home/me/far rw - fuse.sshfs host:/x rw
31 22 0:41 / /mnt/with\\040blank rw shared:3 master:1 - nfs4 host:/y rw
32 22 0:42 / /mnt/covered rw - nfs host:/z rw
33 22 0:43 / /mnt/covered rw - tmpfs tmpfs rw
34 22 0:44 / /mnt/disk rw - fuse.ntfs-3g /dev/sdb rw
";

    #[test]
    fn the_nearest_mount_tells_the_type() {
        let check = |path: &str, expected: &str, network: bool| {
            let kind = type_in(MOUNTS, Path::new(path)).unwrap();
            assert_eq!((kind, is_network(kind)), (expected, network), "{path}");
        };
        check("/home/me", "ext4", false);
        check("/home/me/far", "fuse.sshfs", true);
        check("/home/me/far/a/b", "fuse.sshfs", true);
        check("/home/me/farther", "ext4", false);
        check("/mnt/with blank/a", "nfs4", true);
        check("/mnt/covered/a", "tmpfs", false);
        check("/mnt/disk", "fuse.ntfs-3g", false);
    }

    #[test]
    fn folders_of_sync_programs_are_known_by_their_place() {
        let check = |path: &str, expected| assert_eq!(synced_by(Path::new(path)), expected);
        check(
            "/Users/me/Library/Mobile Documents/com~apple~CloudDocs/x",
            Some("iCloud Drive"),
        );
        check(
            "/Users/me/Library/CloudStorage/OneDrive-Work",
            Some("a cloud storage provider"),
        );
        check("/Users/me/Dropbox/x", Some("Dropbox"));
        check("/Users/me/Library/Application Support/x", None);
        check("/srv/Mobile Documents", None);
    }

    #[test]
    fn a_place_that_does_not_exist_yet_is_judged_by_what_is_above_it() {
        let tmp = tempfile::tempdir().unwrap();
        assert_eq!(shared_folder(&tmp.path().join("a/b")), None);
        let synced = tmp.path().join("Dropbox");
        std::fs::create_dir(&synced).unwrap();
        assert_eq!(
            shared_folder(&synced.join("a/b")),
            Some(Shared::Synced("Dropbox"))
        );
    }
}
