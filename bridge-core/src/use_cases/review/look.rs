//! Looks at the repository: which files a review is about, and what is in them.

use std::collections::BTreeSet;

use crate::domain::changes::RepoPath;
use crate::use_cases::review::ExistingByPath;

/// The state of the files that was reviewed.
pub(crate) struct ReviewedState {}

impl ReviewedState {
    /// What is at these paths.
    pub(crate) async fn look_up(&self, _paths: BTreeSet<RepoPath>) -> ExistingByPath {
        ExistingByPath::new()
    }
}

pub(super) async fn look(
    _host: &crate::use_cases::host::Host,
    _settings: &crate::use_cases::settings::Settings,
    _folder: &crate::platform::open_dir::OpenDir,
    _target: &crate::domain::task::ReviewTarget,
) -> Result<(crate::use_cases::review::Change, ReviewedState), crate::use_cases::error::Error> {
    Err(crate::use_cases::error::Error::Bug("not yet".into()))
}
