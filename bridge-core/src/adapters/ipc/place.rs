//! Where the socket of a state folder is.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::platform::private_dir::{PrivateDir, PrivateDirError};

/// The longest path of a socket that all systems take, with the zero at its end.
const MAX_PATH: usize = 103;

/// Where the socket and the lock of its host are. It follows from the state folder alone, so that both sides find it
/// whatever their environments are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
}

impl Place {
    /// The place of a state folder.
    pub fn of(state_dir: &Path) -> Place {
        let state_dir = std::fs::canonicalize(state_dir).unwrap_or_else(|_| state_dir.to_owned());
        let inside = Place {
            folder: state_dir.join("app"),
        };
        if inside.socket().as_os_str().len() <= MAX_PATH {
            return inside;
        }
        let hash = fnv(state_dir.as_os_str().as_bytes());
        let own = format!("codex-bridge-{}", geteuid().as_raw());
        Place {
            folder: Path::new("/tmp").join(own).join(format!("{hash:016x}")),
        }
    }

    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// What the host holds while it hosts.
    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// Makes the folder, for its owner alone.
    pub(super) fn ensure(&self) -> Result<(), PrivateDirError> {
        // The one above too: whoever owns it could put another folder into the place of ours.
        if let Some(above) = self.folder.parent() {
            PrivateDir::ensure(above)?;
        }
        PrivateDir::ensure(&self.folder).map(drop)
    }
}

/// FNV-1a: the same in every version of this program.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_socket_is_short_wherever_the_state_is() {
        let short = Place::of(Path::new("/home/ann/.local/state/codex-bridge"));
        assert_eq!(
            short.socket(),
            Path::new("/home/ann/.local/state/codex-bridge/app/socket")
        );
        let long = Path::new("/home").join("deep/".repeat(40));
        let place = Place::of(&long);
        assert!(place.socket().as_os_str().len() <= MAX_PATH, "{place:?}");
        assert_eq!(place, Place::of(&long));
        assert_ne!(place, Place::of(&long.join("er")));
    }
}
