//! What the icon and its menu show, as plain data.

use bridge_core::faces::wire::doctor::LevelDto;
use bridge_core::faces::wire::run::RunSummaryDto;
use bridge_core::faces::wire::status::StatusDto;
use bridge_core::faces::wire::word::StateDto;

use crate::text::short;

/// Longer titles make a menu that nobody reads.
const TITLE: usize = 48;
/// Nor does anybody read more runs than these in a menu.
const RUNS: usize = 12;

/// What the icon tells by its shape. The first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IconState {
    /// A run waits for the person.
    NeedsYou,
    /// Runs would fail.
    Fault,
    /// Something runs.
    Running,
    /// Nothing does.
    Idle,
}

/// The icon and the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrayModel {
    /// The shape.
    pub(crate) icon: IconState,
    /// The number beside it.
    pub(crate) count: Option<usize>,
    /// What it says when pointed at.
    pub(crate) tooltip: String,
    /// The menu, from the top.
    pub(crate) rows: Vec<Row>,
}

/// An entry of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// A line between.
    Line,
    /// Words, and what a click does.
    Item {
        /// By which a click is known.
        id: String,
        /// The words.
        text: String,
        /// Whether a click does something.
        enabled: bool,
    },
}

/// What a click asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Click<'a> {
    /// The window, on a page.
    Open(&'a str),
    /// The window, on a run.
    Run(&'a str),
    /// The end of a run.
    Cancel(&'a str),
    /// New runs wait, or wait no more.
    Pause(bool),
    /// The end of the app.
    Quit,
}

/// What a click on the icon itself does where the system tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IconClick {
    /// The popover.
    Popover,
    /// The menu.
    Menu,
    /// Nothing.
    Nothing,
}

/// A mouse button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Button {
    /// The first.
    Left,
    /// The second.
    Right,
    /// Another.
    Other,
}

/// Left for the popover, right or with Control for the menu; when the button is let go.
pub(crate) fn icon_click(button: Button, released: bool, control: bool) -> IconClick {
    match (button, released, control) {
        (Button::Left, true, false) => IconClick::Popover,
        (Button::Left, true, true) | (Button::Right, true, _) => IconClick::Menu,
        (Button::Left | Button::Right, false, _) | (Button::Other, _, _) => IconClick::Nothing,
    }
}

impl Click<'_> {
    /// What the entry of this id stands for.
    pub(crate) fn of(id: &str) -> Option<Click<'_>> {
        Some(match id.split_once(':') {
            Some(("open", page)) => Click::Open(page),
            Some(("run", id)) => Click::Run(id),
            Some(("cancel", id)) => Click::Cancel(id),
            Some(("pause", "on")) => Click::Pause(true),
            Some(("pause", "off")) => Click::Pause(false),
            None if id == "quit" => Click::Quit,
            _ => return None,
        })
    }
}

impl TrayModel {
    /// Before anything is known.
    pub(crate) fn unknown() -> TrayModel {
        TrayModel {
            icon: IconState::Idle,
            count: None,
            tooltip: "Codex Bridge".to_owned(),
            rows: vec![
                item("open:runs".to_owned(), "Open Codex Bridge…".to_owned()),
                item("quit".to_owned(), "Quit".to_owned()),
            ],
        }
    }

    /// What a status looks like.
    pub(crate) fn of(status: &StatusDto) -> TrayModel {
        let live = status.waiting.len() + status.running.len();
        let icon = if !status.waiting.is_empty() {
            IconState::NeedsYou
        } else if status.health.level == LevelDto::Fault {
            IconState::Fault
        } else if live > 0 {
            IconState::Running
        } else {
            IconState::Idle
        };
        TrayModel {
            icon,
            count: (live > 0).then_some(live),
            tooltip: tooltip(status, live),
            rows: rows(status),
        }
    }

    /// Whether the other one has the same entries, so that words alone have to change.
    pub(crate) fn has_entries_of(&self, other: &TrayModel) -> bool {
        self.rows.len() == other.rows.len()
            && (self.rows.iter()).zip(&other.rows).all(|pair| match pair {
                (Row::Line, Row::Line) => true,
                (Row::Item { id, .. }, Row::Item { id: other, .. }) => id == other,
                (Row::Line, Row::Item { .. }) | (Row::Item { .. }, Row::Line) => false,
            })
    }
}

fn tooltip(status: &StatusDto, live: usize) -> String {
    match (status.waiting.len(), live) {
        (0, 0) => format!("Codex Bridge: {}", status.health.text),
        (0, live) => format!("Codex Bridge: {live} running"),
        (waiting, _) => format!("Codex Bridge: {waiting} waiting for you"),
    }
}

fn rows(status: &StatusDto) -> Vec<Row> {
    let mut rows = Vec::new();
    let health = short(&status.health.text, 2 * TITLE);
    let page = status.health.page.map(|page| match page {
        bridge_core::faces::wire::status::MendedOnDto::Setup => "open:setup",
        bridge_core::faces::wire::status::MendedOnDto::Settings => "open:settings",
    });
    rows.push(Row::Item {
        id: page.unwrap_or("health").to_owned(),
        text: health,
        enabled: page.is_some(),
    });
    let mut live = |heading: &str, runs: &[RunSummaryDto]| {
        if runs.is_empty() {
            return;
        }
        rows.push(Row::Line);
        rows.push(words(&format!("heading-{heading}"), heading));
        for run in runs.iter().take(RUNS) {
            rows.push(item(format!("run:{}", run.run_id), line_of(run)));
            let doing = run.activity.as_deref().unwrap_or("starting");
            rows.push(words(
                &format!("doing-{}", run.run_id),
                &format!("      {}", short(doing, TITLE)),
            ));
            rows.push(item(
                format!("cancel:{}", run.run_id),
                format!("      Cancel “{}”", short(&run.title, TITLE / 2)),
            ));
        }
        if let Some(more) = runs.len().checked_sub(RUNS).filter(|more| *more > 0) {
            rows.push(item("open:runs".to_owned(), format!("{more} more…")));
        }
    };
    live("Needs you", &status.waiting);
    live("Running", &status.running);
    if status.queued > 0 {
        let queued = format!("{} waiting for their turn", status.queued);
        rows.push(words("queued", &queued));
    }
    if !status.recent.is_empty() {
        rows.push(Row::Line);
        rows.push(words("heading-recent", "Recent"));
        let recent = status.recent.iter();
        rows.extend(recent.map(|run| item(format!("run:{}", run.run_id), line_of(run))));
    }
    rows.push(Row::Line);
    let (pause, pause_text) = if status.paused {
        ("pause:off", "Resume new runs")
    } else {
        ("pause:on", "Pause new runs")
    };
    rows.push(item(pause.to_owned(), pause_text.to_owned()));
    rows.push(item(
        "open:runs".to_owned(),
        "Open Codex Bridge…".to_owned(),
    ));
    rows.push(item("quit".to_owned(), "Quit".to_owned()));
    rows
}

/// The sign tells as much as the place in the menu.
fn line_of(run: &RunSummaryDto) -> String {
    let sign = match run.state {
        StateDto::Queued => "…",
        StateDto::Starting | StateDto::Running | StateDto::Stopping => "▶",
        StateDto::Waiting => "?",
        StateDto::Succeeded => "✓",
        StateDto::Failed | StateDto::TimedOut | StateDto::Lost => "✗",
        StateDto::Cancelled => "–",
    };
    let folder = run.working_dir.rsplit('/').next().unwrap_or_default();
    let title = short(&run.title, TITLE);
    format!("{sign}  {title}  ·  {folder}  ·  {}", run.client)
}

fn item(id: String, text: String) -> Row {
    Row::Item {
        id,
        text,
        enabled: true,
    }
}

fn words(id: &str, text: &str) -> Row {
    Row::Item {
        id: id.to_owned(),
        text: text.to_owned(),
        enabled: false,
    }
}
