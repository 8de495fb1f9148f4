//! The tables of runs and sessions, fitted to the width of the terminal.

use std::path::Path;

use crate::domain::run::RunSummary;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Outcome, RunState};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::text;
use crate::faces::cli::time::{Clock, counted};
use crate::use_cases::bridge::ListedSession;

/// Columns between two cells.
const GAP: usize = 2;
/// A title with less room than this says nothing: other columns go first.
const TITLE_MIN: usize = 24;
const FOLDER_MAX: usize = 32;
const CLIENT_MAX: usize = 16;

struct Column {
    heading: &'static str,
    cells: Vec<(Tone, String)>,
    /// Whether the column goes where there is no room, the highest first; 0 for never.
    expendable: u8,
}

/// The lines of the table, with a heading.
pub(crate) fn runs(runs: &[RunSummary], clock: &Clock, look: Look, home: &Path) -> Vec<String> {
    let mut columns = vec![
        column("RUN", 0, runs, |run| {
            (Tone::Accent, run.id.as_str().to_owned())
        }),
        column("STATE", 0, runs, |run| {
            let (tone, sign) = state(run.state);
            (tone, format!("{sign} {}", run.state.as_str()))
        }),
        column("WHEN", 1, runs, |run| {
            (Tone::Plain, clock.short(run.times.created))
        }),
        column("TOOK", 2, runs, |run| (Tone::Plain, took(run, clock))),
        column("CLIENT", 3, runs, |run| {
            let client = text::one_line(run.caller.client.as_str());
            (Tone::Dim, text::shorten(&client, CLIENT_MAX))
        }),
        column("FOLDER", 4, runs, |run| {
            let folder = text::one_line(run.workspace.folder.as_str());
            (
                Tone::Dim,
                text::shorten_start(&tilde(&folder, home), FOLDER_MAX),
            )
        }),
    ];
    drop_expendable(&mut columns, look);
    let room = room_for_title(&columns, look.width).max(8);
    columns.push(column("TITLE", 0, runs, |run| {
        let title = text::one_line(run.title.as_str());
        (Tone::Plain, text::shorten(&title, room))
    }));
    lines(&columns, runs.len(), look)
}

/// The same for sessions of Codex.
pub(crate) fn sessions(
    sessions: &[ListedSession],
    clock: &Clock,
    look: Look,
    home: &Path,
) -> Vec<String> {
    let word = |text: &Option<Scrubbed>| match text {
        Some(text) => text::one_line(text.as_str()),
        None => "-".to_owned(),
    };
    let mut columns = vec![
        column("SESSION", 0, sessions, |listed| {
            let tone = match listed.session.archived {
                true => Tone::Dim,
                false => Tone::Accent,
            };
            (tone, listed.session.thread.as_str().to_owned())
        }),
        column("WHEN", 1, sessions, |listed| {
            let when = listed.session.created.or(listed.session.changed);
            let when = when.map_or_else(|| "-".to_owned(), |when| clock.short(when));
            (Tone::Plain, when)
        }),
        column("FROM", 2, sessions, |listed| {
            let from = match listed.session.archived {
                true => "archived".to_owned(),
                false => word(&listed.session.source),
            };
            (Tone::Dim, text::shorten(&from, CLIENT_MAX))
        }),
        column("FOLDER", 3, sessions, |listed| {
            let folder = tilde(&word(&listed.session.folder), home);
            (Tone::Dim, text::shorten_start(&folder, FOLDER_MAX))
        }),
    ];
    drop_expendable(&mut columns, look);
    let room = room_for_title(&columns, look.width).max(8);
    columns.push(column("TITLE", 0, sessions, |listed| {
        let title = word(&listed.session.title);
        (Tone::Plain, text::shorten(&title, room))
    }));
    lines(&columns, sessions.len(), look)
}

/// Leaves out columns until there is room for a title.
fn drop_expendable(columns: &mut Vec<Column>, look: Look) {
    while room_for_title(columns, look.width) < TITLE_MIN {
        let most = columns.iter().map(|column| column.expendable).max();
        let Some(most) = most.filter(|most| *most > 0) else {
            break;
        };
        columns.retain(|column| column.expendable != most);
    }
}

fn lines(columns: &[Column], rows: usize, look: Look) -> Vec<String> {
    let mut lines = vec![line(columns, look, |column| (Tone::Dim, column.heading))];
    for row in 0..rows {
        lines.push(line(columns, look, |column| {
            column
                .cells
                .get(row)
                .map_or((Tone::Plain, ""), |(tone, cell)| (*tone, cell.as_str()))
        }));
    }
    lines
}

fn column<T>(
    heading: &'static str,
    expendable: u8,
    rows: &[T],
    cell: impl Fn(&T) -> (Tone, String),
) -> Column {
    Column {
        heading,
        cells: rows.iter().map(cell).collect(),
        expendable,
    }
}

fn line<'a>(
    columns: &'a [Column],
    look: Look,
    cell: impl Fn(&'a Column) -> (Tone, &'a str),
) -> String {
    let mut out = String::new();
    for (index, column) in columns.iter().enumerate() {
        let (tone, words) = cell(column);
        out.push_str(&look.paint(tone, words));
        if index + 1 < columns.len() {
            let missing = width(column) - text::width(words) + GAP;
            out.push_str(&" ".repeat(missing));
        }
    }
    out.trim_end().to_owned()
}

fn room_for_title(columns: &[Column], all: usize) -> usize {
    let used: usize = columns.iter().map(|column| width(column) + GAP).sum();
    all.saturating_sub(used)
}

fn width(column: &Column) -> usize {
    column
        .cells
        .iter()
        .map(|(_, cell)| text::width(cell))
        .chain([column.heading.len()])
        .max()
        .unwrap_or(0)
}

fn took(run: &RunSummary, clock: &Clock) -> String {
    match (run.times.started, run.times.ended) {
        (Some(started), Some(ended)) => counted(ended.since(started)),
        (Some(started), None) => counted(clock.now().since(started)),
        (None, _) => "-".to_owned(),
    }
}

/// A path as people write it: `~/code` for what is in the home folder.
pub(crate) fn tilde(path: &str, home: &Path) -> String {
    match Path::new(path).strip_prefix(home) {
        Ok(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Ok(rest) => format!("~/{}", rest.display()),
        Err(_) => path.to_owned(),
    }
}

/// How a state looks.
fn state(state: RunState) -> (Tone, &'static str) {
    match state {
        RunState::Queued | RunState::Starting => (Tone::Plain, "○"),
        RunState::Running => (Tone::Accent, "●"),
        RunState::WaitingForAnswer => (Tone::Warn, "?"),
        RunState::Stopping(_) => (Tone::Warn, "○"),
        RunState::Ended(Outcome::Succeeded) => (Tone::Good, "✔"),
        RunState::Ended(Outcome::Failed(_) | Outcome::Lost) => (Tone::Bad, "✖"),
        RunState::Ended(Outcome::Cancelled(_) | Outcome::TimedOut(_)) => (Tone::Warn, "■"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::domain::error::ErrorCode;
    use crate::faces::cli::tests::{after, run, scrubbed};

    fn table(width: usize) -> String {
        let mut failed = run(RunState::Ended(Outcome::Failed(ErrorCode::UsageLimit)));
        failed.times.ended = Some(after(61_200));
        failed.title = scrubbed("A title that is long enough to be shortened in a narrow window");
        let all = [run(RunState::Running), failed].map(|run| RunSummary::of(&run));
        let clock = Clock::fixed(after(5_200), TimeZone::UTC);
        runs(&all, &clock, Look::plain(width), Path::new("/home/me")).join("\n")
    }

    #[test]
    fn a_wide_window_shows_every_column() {
        assert_eq!(
            table(130),
            "\
RUN                     STATE      WHEN   TOOK  CLIENT       FOLDER      TITLE
run_01jd2m8k3q5v7w9x0y  ● running  12:00  0:05  claude-code  ~/code/app  Explain the parser
run_01jd2m8k3q5v7w9x0y  ✖ failed   12:00  1:01  claude-code  ~/code/app  A title that is long enough to be shortened in a narrow …"
        );
    }

    #[test]
    fn a_narrow_window_keeps_what_says_most() {
        assert_eq!(
            table(72),
            "\
RUN                     STATE      WHEN   TOOK  TITLE
run_01jd2m8k3q5v7w9x0y  ● running  12:00  0:05  Explain the parser
run_01jd2m8k3q5v7w9x0y  ✖ failed   12:00  1:01  A title that is long en…"
        );
    }

    #[test]
    fn the_home_folder_is_a_tilde() {
        let check = |path: &str, expected: &str| {
            assert_eq!(tilde(path, Path::new("/home/me")), expected);
        };
        check("/home/me", "~");
        check("/home/me/code", "~/code");
        check("/home/meow", "/home/meow");
    }
}
