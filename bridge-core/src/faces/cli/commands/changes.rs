//! `changes`: what a run changed.

use std::io;

use crate::domain::changes::Change;
use crate::faces::cli::args::ChangesArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::{screen, text};
use crate::faces::wire::diff::{ChangesPageDto, ConflictDto};
use crate::use_cases::bridge::{Bridge, ChangesPage, ChangesWanted, FilePatch};

/// Bytes of patches that are read at once.
const AT_ONCE: usize = 4 * 1024 * 1024;

/// Shows a run's changes.
pub(super) async fn changes(bridge: &Bridge, args: &ChangesArgs) -> Result<Exit, Fault> {
    let id = bridge.find_run(&args.run).await?;
    let mut wanted = ChangesWanted {
        path: args.file.clone(),
        bytes: if args.patch || args.json { AT_ONCE } else { 0 },
        check: args.check,
        ..ChangesWanted::default()
    };
    let mut page = bridge.changes(&id, wanted.clone()).await?;
    // All pages have to be of the same difference.
    wanted.diff_hash = Some(page.hash.as_str().to_owned());
    wanted.check = false;
    while let Some(next) = page.next {
        wanted.cursor = next;
        let more = bridge.changes(&id, wanted.clone()).await?;
        page.next = more.next;
        page.files.extend(more.files);
    }
    if args.json {
        screen::print_json(&ChangesPageDto::new(&page))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let mut lines = summary(&page, look);
    if args.patch {
        for file in &page.files {
            lines.push(String::new());
            lines.extend(patch(file, look));
        }
    }
    if let Some(obstacles) = &page.obstacles {
        lines.push(String::new());
        if obstacles.head_moved {
            lines.push(look.paint(
                Tone::Warn,
                "! The folder is at another commit than the one that the copy was made from.",
            ));
        }
        let conflicts: Vec<ConflictDto> = obstacles.conflicts.iter().map(Into::into).collect();
        lines.extend(conflicts.iter().flat_map(|one| conflict(one, look)));
        if conflicts.is_empty() && !obstacles.head_moved {
            lines.push(look.paint(Tone::Good, "✔ They can be applied now."));
        }
    }
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

/// The files, a line each, and the sum of all.
pub(super) fn summary(page: &ChangesPage, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    let mut last = None;
    for file in &page.files {
        // The parts of a long patch are one file.
        if last == Some(file.index) {
            continue;
        }
        last = Some(file.index);
        lines.push(file_line(file, look));
    }
    lines.push(match page.total_files {
        0 => "Nothing was changed.".to_owned(),
        _ => {
            let files = text::count(page.total_files, "file");
            let added = look.paint(Tone::Good, &format!("+{}", page.lines.added));
            let removed = look.paint(Tone::Bad, &format!("-{}", page.lines.removed));
            let hash = look.paint(Tone::Dim, page.hash.as_str());
            format!("{files}, {added} {removed}   {hash}")
        }
    });
    if page.files.iter().any(|file| file.hidden) {
        let note = "Secrets are hidden here; what is applied is exact.";
        lines.push(look.paint(Tone::Warn, note));
    }
    let left_out = page.left_out.len() as u64 + page.left_out_more;
    if left_out > 0 {
        let mut line = format!("Left out: {}", text::count(left_out, "thing"));
        let names: Vec<_> = page
            .left_out
            .iter()
            .take(3)
            .map(|one| format!("{} ({})", text::one_line(one.path.as_str()), one.why))
            .collect();
        line.push_str(&format!(", such as {}", names.join(", ")));
        lines.push(look.paint(Tone::Dim, &line));
    }
    lines
}

fn file_line(file: &FilePatch, look: Look) -> String {
    let path = text::one_line(file.path.as_str());
    let (letter, tone) = match file.change {
        Change::Added { .. } => ("A", Tone::Good),
        Change::Deleted { .. } => ("D", Tone::Bad),
        Change::Modified { .. } => ("M", Tone::Warn),
        Change::Renamed { .. } => ("R", Tone::Accent),
    };
    let name = match &file.from {
        Some(from) => format!("{} → {path}", text::one_line(from.as_str())),
        None => path,
    };
    let lines = match file.lines {
        Some(lines) => format!("+{} -{}", lines.added, lines.removed),
        None => "binary".to_owned(),
    };
    format!(
        "{} {name}  {}",
        look.paint(tone, letter),
        look.paint(Tone::Dim, &lines)
    )
}

fn patch(file: &FilePatch, look: Look) -> Vec<String> {
    let mut lines: Vec<_> = text::harmless(file.patch.as_str())
        .lines()
        .map(|line| {
            let tone = match line.as_bytes().first() {
                Some(b'+') => Tone::Good,
                Some(b'-') => Tone::Bad,
                Some(b'@') => Tone::Accent,
                Some(b' ') | None => Tone::Plain,
                Some(_) => Tone::Strong,
            };
            look.paint(tone, line)
        })
        .collect();
    if file.cut {
        lines.push(look.paint(
            Tone::Warn,
            "[the rest of this patch is too long to be shown]",
        ));
    }
    lines
}

fn conflict(conflict: &ConflictDto, look: Look) -> Vec<String> {
    let path = text::one_line(&conflict.path);
    let mut lines = vec![format!(
        "{} {path}: {}",
        look.paint(Tone::Bad, "✖"),
        conflict.reason
    )];
    for hunk in &conflict.hunks {
        let line = format!("    lines {} {}", hunk.before, hunk.fate);
        lines.push(look.paint(Tone::Dim, &line));
    }
    lines
}
