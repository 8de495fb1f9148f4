//! A Codex binary that was found, resolved and asked for its version.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use crate::adapters::codex::locate::{Candidate, Fault, LocateError, Origin, npm, places};
use crate::adapters::codex::memory::Memory;
use crate::adapters::codex::version::Version;
use crate::domain::run::CodexIdentity;
use crate::domain::scrub::Scrubber;
use crate::platform::probe::{self, ProbeError, Question};
use crate::platform::signal;

/// `--version` takes 40 ms, and 0.4 s on a busy machine; the first start on macOS has its signature checked.
const VERSION_LIMIT: Duration = Duration::from_secs(15);

/// With what a binary is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The environment that Codex gets.
    pub env: &'a [(OsString, OsString)],
    /// The program that runs now.
    pub own_program: Option<&'a Path>,
    /// Removes secrets from what a broken binary says.
    pub scrubber: &'a Scrubber,
}

/// A binary that said it is Codex. Only [`CodexBin::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodexBin {
    path: PathBuf,
    found_as: PathBuf,
    origin: Origin,
    version: Version,
    helpers: Option<PathBuf>,
}

impl CodexBin {
    /// Resolves a candidate to the program that is really started, and asks it for its version, unless it was asked
    /// before.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn verify(
        candidate: &Candidate,
        asking: &Asking<'_>,
        memory: &mut Memory,
    ) -> Result<CodexBin, LocateError> {
        let unusable = |fault| LocateError::Unusable {
            path: candidate.path.clone(),
            origin: candidate.origin,
            fault,
        };
        let path = resolve(&candidate.path, asking.own_program).map_err(unusable)?;
        let version = match memory.version(&path) {
            Some(known) => known,
            None => {
                let version = ask_version(&path, asking).await.map_err(unusable)?;
                memory.remember_version(&path, &version);
                version
            }
        };
        Ok(CodexBin {
            helpers: npm::helpers_of(&path),
            path,
            found_as: candidate.path.clone(),
            origin: candidate.origin,
            version,
        })
    }

    /// The program that is started: where it could be found out, the native one.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path under which the person knows it.
    pub fn found_as(&self) -> &Path {
        &self.found_as
    }

    /// Who said where it is.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Its version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// A folder that has to be on its PATH.
    pub fn helpers(&self) -> Option<&Path> {
        self.helpers.as_deref()
    }

    /// As a run's record keeps it.
    pub fn identity(&self, scrubber: &Scrubber) -> CodexIdentity {
        CodexIdentity {
            path: scrubber.scrub(&self.found_as.to_string_lossy()),
            version: scrubber.scrub(&self.version.to_string()),
        }
    }
}

/// Finds the program behind a path, and refuses what is surely not Codex before anything is started.
fn resolve(found: &Path, own_program: Option<&Path>) -> Result<PathBuf, Fault> {
    if !found.is_absolute() {
        return Err(Fault::Relative);
    }
    let real = fs::canonicalize(found).map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied => Fault::OutOfReach,
        _ => Fault::Missing,
    })?;
    if let Some(app) = desktop_app(found).or_else(|| desktop_app(&real)) {
        let instead = app.join("Contents/Resources/codex");
        return Err(Fault::DesktopApp {
            instead: instead.is_file().then_some(instead),
        });
    }
    if real.is_dir() {
        return Err(Fault::Folder);
    }
    let is_ours = |path: &Path| {
        path.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"codex-bridge"))
    };
    let own_program = own_program.and_then(|own| fs::canonicalize(own).ok());
    if is_ours(&real) || is_ours(found) || own_program.as_ref() == Some(&real) {
        return Err(Fault::Ourselves);
    }
    if let Some(launcher) = npm::launcher_of(found, &real) {
        return npm::native_of(&launcher).map_err(|package| Fault::NoNative { package });
    }
    // The shim of a version manager goes by the name under which it is started.
    if places::is_named_codex(&real) {
        Ok(real)
    } else {
        Ok(found.to_owned())
    }
}

/// The app that a path opens: a bundle itself, the program in its `Contents/MacOS`, or a launcher of a Linux desktop.
fn desktop_app(path: &Path) -> Option<PathBuf> {
    let extension = path.extension().unwrap_or_default();
    if extension == "desktop" || extension == "AppImage" || extension == "app" {
        return Some(path.to_owned());
    }
    let contents = path.parent()?.parent()?;
    let is_program = path.parent()?.file_name()? == "MacOS" && contents.file_name()? == "Contents";
    let app = contents.parent()?;
    (is_program && app.extension()? == "app").then(|| app.to_owned())
}

async fn ask_version(path: &Path, asking: &Asking<'_>) -> Result<Version, Fault> {
    let question = Question {
        program: path.to_owned(),
        args: vec!["--version".into()],
        env: asking.env.to_vec(),
        limit: VERSION_LIMIT,
        max_output: 64 * 1024,
    };
    let answer = probe::run_bounded(&question)
        .await
        .map_err(|source: ProbeError| Fault::Start {
            source: Box::new(source),
        })?;
    let stdout = String::from_utf8_lossy(&answer.stdout);
    if let Some(version) = Version::of_output(&stdout) {
        return Ok(version);
    }
    if answer.status.success() {
        return Err(Fault::NotCodex);
    }
    let stderr = String::from_utf8_lossy(&answer.stderr);
    let said = stderr.lines().map(str::trim).find(|line| !line.is_empty());
    let mut said = asking.scrubber.scrub(said.unwrap_or_default());
    said.truncate(300);
    Err(Fault::Failed {
        ended: signal::describe(answer.status),
        said,
    })
}
