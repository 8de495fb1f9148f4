//! What reads git's answers, for the fuzz targets alone.

use crate::adapters::git::diff;
use crate::domain::changes::ChangedFile;

/// Reads the list of what differs between two trees.
pub fn changed_files(output: &[u8]) -> Option<Vec<ChangedFile>> {
    diff::read(output).ok()
}
