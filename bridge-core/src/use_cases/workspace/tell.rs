//! What a run's record and a page tell of its changes.

use crate::adapters::git::shadow::Shadow;
use crate::adapters::git::snapshot::Snapshot;
use crate::domain::changes::{ChangeSet, ChangeSummary, FileSummary, LineCount};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::workspace::WorkspaceError;

/// The changes in short, as the record keeps them.
pub(crate) fn summary(
    changes: &ChangeSet,
    dirty_before: u64,
    scrubber: &Scrubber,
) -> ChangeSummary {
    let first = changes.files.iter().take(ChangeSummary::MOST_NAMED);
    ChangeSummary {
        hash: changes.hash.clone(),
        after: changes.after.clone(),
        files: changes.files.len() as u64,
        lines: lines(changes),
        first: first
            .map(|file| FileSummary {
                path: scrubber.scrub(&file.path.to_text()),
                change: Scrubbed::literal(file.change.as_str()),
                lines: file.lines,
            })
            .collect(),
        left_out: changes.left_out.listed.len() as u64 + changes.left_out.more,
        dirty_before,
    }
}

/// The lines of all files.
pub(crate) fn lines(changes: &ChangeSet) -> LineCount {
    let texts = changes.files.iter().filter_map(|file| file.lines);
    texts.fold(LineCount::default(), |sum, lines| LineCount {
        added: sum.added + lines.added,
        removed: sum.removed + lines.removed,
    })
}

/// What was changed in a workspace until now.
pub(crate) async fn changes_now(shadow: &Shadow) -> Result<(Snapshot, ChangeSet), WorkspaceError> {
    let now = shadow.snapshot().await?;
    let changes = shadow.changes(&now).await?;
    Ok((now, changes))
}
