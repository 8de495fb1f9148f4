//! Finds the Codex binary, and says in one sentence what is wrong with one that can't be used.

mod binary;
mod fault;
mod npm;
mod places;

use std::ffi::OsString;
use std::path::PathBuf;

pub use crate::adapters::codex::locate::binary::{Asking, CodexBin};
pub use crate::adapters::codex::locate::fault::{Fault, LocateError};
pub use crate::adapters::codex::locate::places::Places;
use crate::adapters::codex::memory::Memory;

/// Who says where a binary is. In the order in which they are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The variable `CODEX_BIN`.
    Variable,
    /// The bridge's setting `codex.bin`.
    Setting,
    /// The bridge's own PATH.
    Path,
    /// The PATH that the person's login shell has.
    LoginShell,
    /// A folder where installers put it.
    KnownPlace,
    /// The Codex or ChatGPT app.
    AppBundle,
}

/// A file that may be the Codex binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    /// Who says so.
    pub origin: Origin,
}

/// A candidate and what became of it.
#[derive(Debug)]
pub struct Listed {
    /// The candidate.
    pub candidate: Candidate,
    /// The binary, or what is wrong with it.
    pub verdict: Result<CodexBin, LocateError>,
}

impl Origin {
    /// As a person reads it.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Setting => "the setting codex.bin",
            Origin::Variable => "CODEX_BIN",
            Origin::Path => "PATH",
            Origin::LoginShell => "the login shell's PATH",
            Origin::KnownPlace => "a usual place",
            Origin::AppBundle => "an installed app",
        }
    }

    /// Whether the person named this very file: then no other takes its place.
    pub fn is_named(self) -> bool {
        matches!(self, Origin::Setting | Origin::Variable)
    }
}

/// Finds the binary to use. `login_path` is asked only when PATH gave none that works.
///
/// # Errors
/// If the person named a file, whatever is wrong with that one; else what is wrong with the first that was found;
/// else that there is none.
pub async fn locate(
    places: &Places<'_>,
    asking: &Asking<'_>,
    memory: &mut Memory,
    login_path: impl AsyncFnOnce() -> Option<OsString>,
) -> Result<CodexBin, LocateError> {
    if let Some(named) = places.named().next() {
        return CodexBin::verify(&named, asking, memory).await;
    }
    let mut first_fault = None;
    for candidate in places.on_path() {
        match CodexBin::verify(&candidate, asking, memory).await {
            Ok(found) => return Ok(found),
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    let login_path = login_path().await;
    for candidate in places.elsewhere(login_path.as_deref()) {
        match CodexBin::verify(&candidate, asking, memory).await {
            Ok(found) => return Ok(found),
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    Err(first_fault.unwrap_or(LocateError::NotFound))
}

/// Every candidate with its version or its fault, for the person to choose from.
pub async fn list_candidates(
    places: &Places<'_>,
    asking: &Asking<'_>,
    memory: &mut Memory,
    login_path: Option<OsString>,
) -> Vec<Listed> {
    let mut listed = Vec::new();
    for candidate in places.all(login_path.as_deref()) {
        let verdict = CodexBin::verify(&candidate, asking, memory).await;
        listed.push(Listed { candidate, verdict });
    }
    listed
}

#[cfg(test)]
mod tests;
