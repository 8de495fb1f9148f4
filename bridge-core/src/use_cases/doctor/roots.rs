//! The doctor's look at the allowed folders, with the rights of this very process.

use std::path::{Path, PathBuf};

use crate::adapters::config::variable;
use crate::domain::policy::check_spelling;
use crate::domain::scrub::Scrubbed;
use crate::platform::open_dir::{self, OpenDir, OpenDirError};
use crate::use_cases::doctor::Exam;
use crate::use_cases::doctor::catalogue::{Ill, Mends};
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::doctor::fix::Fix;
use crate::use_cases::error::{Error, chain};

impl Exam<'_> {
    pub(super) fn shown_roots(&self) -> Vec<Scrubbed> {
        let roots = self
            .settings
            .as_ref()
            .map_or(&[][..], |settings| settings.config.roots.roots());
        roots
            .iter()
            .map(|root| self.scrubber.scrub(&root.to_string_lossy()))
            .collect()
    }

    /// Opens and lists each. On a slow disk, or while the system asks the person, that may take long.
    pub(super) async fn roots(&self) -> Findings {
        let mut found = self.findings();
        let Ok(settings) = &self.settings else {
            return found;
        };
        let allowed = settings.config.roots.clone();
        if allowed.roots().is_empty() {
            found.ill(Ill::RootsNone, &chain(&Error::NoRoots));
            found.by_hand("Allow a folder", "codex-bridge-mcp roots add <folder>");
            return found;
        }
        let can_be_removed = self.bridge.host().var(variable::ROOTS).is_none();
        let mut own = self.findings();
        let look = move || {
            for root in allowed.roots() {
                match allowed.too_broad(root, open_dir::resolve) {
                    None => {
                        let breadth = allowed.broad_by_will(root, open_dir::resolve);
                        look_at(&mut own, root, breadth, can_be_removed);
                    }
                    Some(why) => {
                        let what = format!(
                            "the allowed root `{}` admits nothing: {why}",
                            root.display()
                        );
                        own.ill(Ill::RootTooBroad, &what);
                    }
                }
            }
            own
        };
        match tokio::task::spawn_blocking(look).await {
            Ok(looked) => looked,
            Err(error) => {
                found.ill(Ill::RootUnusable, &error.to_string());
                found
            }
        }
    }
}

/// Looks at a root that admits; `breadth` says why it has to be insisted on, as it is.
fn look_at(found: &mut Findings, root: &Path, breadth: Option<String>, can_be_removed: bool) {
    let shown = root.display();
    let Some((ill, reason)) = fault(root) else {
        let insisted =
            breadth.map_or_else(String::new, |why| format!(" because you insist ({why})"));
        let what = format!("`{shown}` is allowed{insisted}, and can be read");
        return found.well("roots", &what);
    };
    found.ill(
        ill,
        &format!("the allowed root `{shown}` can't be used: {reason}"),
    );
    let gone = matches!(
        ill,
        Ill::RootMissing | Ill::RootNoFolder | Ill::RootUnusable
    );
    if gone && can_be_removed {
        found.fixed_by(Fix::RemoveRoot(PathBuf::from(root)), Mends::Asked);
    }
}

fn fault(root: &Path) -> Option<(Ill, String)> {
    if let Err(reason) = check_spelling(root) {
        return Some((Ill::RootUnusable, reason.to_owned()));
    }
    let listed = OpenDir::open(root).and_then(|_| OpenDir::list(root));
    listed.err().map(|error| (ill(&error), chain(&error)))
}

fn ill(error: &OpenDirError) -> Ill {
    match error {
        OpenDirError::Missing { .. } => Ill::RootMissing,
        OpenDirError::NotADirectory { .. } => Ill::RootNoFolder,
        OpenDirError::PermissionDenied { .. } => Ill::RootUnreadable,
        OpenDirError::PrivacyProtected { .. } => Ill::RootPrivacy,
        OpenDirError::SymlinkLoop { .. }
        | OpenDirError::NameTooLong { .. }
        | OpenDirError::NulInPath { .. }
        | OpenDirError::Moved { .. }
        | OpenDirError::Io { .. } => Ill::RootUnusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_privacy_is_told_apart_from_one_by_permissions() {
        let path = PathBuf::from("/Users/me/Documents");
        let privacy = OpenDirError::PrivacyProtected { path: path.clone() };
        assert_eq!(ill(&privacy), Ill::RootPrivacy);
        assert_eq!(
            ill(&OpenDirError::PermissionDenied { path }),
            Ill::RootUnreadable
        );
    }
}
