//! What binaries said of themselves, for as long as nobody replaces them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::adapters::codex::capabilities::{CacheKey, Capabilities};
use crate::adapters::codex::locate::CodexBin;
use crate::adapters::codex::version::Version;

/// The most binaries that are remembered; more than a person ever has, unless every start finds a new one.
const MOST: usize = 32;

/// Answers of binaries by their real path, size and time of change.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    known: BTreeMap<String, Known>,
    is_new: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Known {
    version: String,
    capabilities: Option<String>,
}

impl Memory {
    /// Reads what [`Memory::to_json`] gave; what does not fit is forgotten.
    pub fn from_json(text: &str) -> Memory {
        Memory {
            known: serde_json::from_str(text).unwrap_or_default(),
            is_new: false,
        }
    }

    /// The memory as text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.known).unwrap_or_default()
    }

    /// Whether there is something in it that was not in the text it was read from.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// What the binary can do, if it said so before.
    pub fn capabilities(&self, bin: &CodexBin) -> Option<Capabilities> {
        let text = self.known.get(&key(bin.path())?)?.capabilities.as_deref()?;
        Capabilities::from_json(text)
    }

    /// Remembers what the binary can do.
    pub fn remember_capabilities(&mut self, bin: &CodexBin, capabilities: &Capabilities) {
        self.remember(
            bin.path(),
            Known {
                version: bin.version().to_string(),
                capabilities: Some(capabilities.to_json()),
            },
        );
    }

    pub(super) fn version(&self, program: &Path) -> Option<Version> {
        Version::parse(&self.known.get(&key(program)?)?.version)
    }

    pub(super) fn remember_version(&mut self, program: &Path, version: &Version) {
        self.remember(
            program,
            Known {
                version: version.to_string(),
                capabilities: None,
            },
        );
    }

    fn remember(&mut self, program: &Path, known: Known) {
        let Some(key) = key(program) else { return };
        if self.known.len() >= MOST && !self.known.contains_key(&key) {
            self.known.clear();
        }
        self.known.insert(key, known);
        self.is_new = true;
    }
}

/// Names a program by which nothing but itself is started. A script, or the shim of a version manager, may start
/// another Codex tomorrow without being changed itself.
fn key(program: &Path) -> Option<String> {
    let key = CacheKey::of(program).ok()?;
    if key.path != program || is_script(program)? {
        return None;
    }
    Some(format!(
        "{}:{}:{}",
        key.path.to_str()?,
        key.size,
        key.modified_ns
    ))
}

fn is_script(program: &Path) -> Option<bool> {
    let mut start = [0; 2];
    File::open(program).ok()?.read_exact(&mut start).ok()?;
    Some(start == *b"#!")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_what_starts_nothing_else_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let (native, script, shim) = (
            folder.join("codex"),
            folder.join("script"),
            folder.join("shim"),
        );
        fs::write(&native, "\u{7f}ELF").unwrap();
        fs::write(&script, "#!/bin/sh\nexec asdf exec codex \"$@\"\n").unwrap();
        symlink(&native, &shim).unwrap();
        let version = Version::new(0, 169, 0);
        let mut memory = Memory::default();
        for program in [&native, &script, &shim] {
            memory.remember_version(program, &version);
        }
        let memory = Memory::from_json(&memory.to_json());
        assert_eq!(memory.version(&native), Some(version));
        assert_eq!(memory.version(&script), None);
        assert_eq!(memory.version(&shim), None);
        fs::write(&native, "\u{7f}ELF, and more").unwrap();
        assert_eq!(memory.version(&native), None);
    }
}
