//! The doctor's look at Codex's own folder.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, access};
use rustix::process::geteuid;

use crate::adapters::codex::own_config::OwnConfig;
use crate::use_cases::doctor::Exam;
use crate::use_cases::doctor::catalogue::Ill;
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::error::chain;
use crate::use_cases::settings::Settings;

impl Exam<'_> {
    pub(super) fn codex_home(&self, settings: &Settings, found: &mut Findings) {
        let home = &settings.config.codex_home;
        let shown = home.display();
        let seen = match std::fs::metadata(home) {
            Ok(seen) if seen.is_dir() => seen,
            Ok(_) => {
                return found.ill(
                    Ill::CodexHomeMissing,
                    &format!("Codex's own folder `{shown}` is a file"),
                );
            }
            // One that nobody named is made by Codex.
            Err(_) if !settings.config.codex_home_named => return,
            Err(error) => {
                return found.ill(
                    Ill::CodexHomeMissing,
                    &format!("Codex's own folder `{shown}` can't be found: {error}"),
                );
            }
        };
        let before = found.list.len();
        if seen.uid() != geteuid().as_raw() {
            let what = format!(
                "Codex's own folder `{shown}` belongs to the user with number {}",
                seen.uid()
            );
            found.ill(Ill::CodexHomeForeign, &what);
        }
        if let Err(error) = access(home, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
            let what = format!("Codex's own folder `{shown}` can't be written: {error}");
            found.ill(Ill::CodexHomeUnwritable, &what);
        }
        if let Err(error) = OwnConfig::read(home) {
            found.ill(Ill::CodexConfigBroken, &chain(&error));
        }
        login_file(found, &home.join("auth.json"));
        if found.list.len() == before {
            found.well("codex_home", &format!("Codex's own folder is `{shown}`"));
        }
    }
}

fn login_file(found: &mut Findings, file: &Path) {
    let Ok(seen) = std::fs::metadata(file) else {
        return;
    };
    let mode = seen.mode() & 0o777;
    if mode & 0o077 != 0 {
        let what = format!("others can read `{}` (mode {mode:o})", file.display());
        found.ill(Ill::LoginOpen, &what);
        let quoted = file.display().to_string().replace('\'', "'\\''");
        found.by_hand("Close it to others", &format!("chmod 600 '{quoted}'"));
    }
}
