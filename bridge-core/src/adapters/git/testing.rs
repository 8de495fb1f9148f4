//! What the tests of this adapter share: the git of this machine, and repositories made by it.

use std::ffi::OsStr;

use crate::adapters::git::program::Git;

/// The git of this machine.
pub(super) async fn git() -> Git {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Git::find(OsStr::new(&path)).await.unwrap()
}
