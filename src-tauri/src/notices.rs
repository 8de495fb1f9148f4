//! Notifications: a run ended, or needs an answer.

use bridge_core::faces::wire::run::RunSummaryDto;
use bridge_core::faces::wire::word::StateDto;

use crate::platform;
use crate::sight::Sight;
use crate::text::short;

/// So many of a kind are told one by one; more at once are told together.
const ONE_BY_ONE: usize = 4;
/// So many titles are named where many are told together.
const NAMED: usize = 3;
/// Longer titles are not read.
const TITLE: usize = 100;
/// Nor are longer reasons.
const REASON: usize = 200;

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The headline.
    pub(crate) title: String,
    /// The run, or what is to be known of many.
    pub(crate) body: String,
}

/// What is told of a run. Each kind can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It waits for the person.
    NeedsYou,
    /// It did not succeed.
    Failed,
    /// It succeeded.
    Done,
}

impl Kind {
    /// All of them, the most urgent first.
    const ALL: [Kind; 3] = [Kind::NeedsYou, Kind::Failed, Kind::Done];

    fn of(state: StateDto) -> Option<Kind> {
        match state {
            StateDto::Waiting => Some(Kind::NeedsYou),
            StateDto::Failed | StateDto::Lost | StateDto::TimedOut => Some(Kind::Failed),
            StateDto::Succeeded => Some(Kind::Done),
            // Whoever cancelled a run knows of it.
            StateDto::Queued
            | StateDto::Starting
            | StateDto::Running
            | StateDto::Stopping
            | StateDto::Cancelled => None,
        }
    }

    /// The setting that switches it on and off.
    fn switch(self) -> &'static str {
        match self {
            Kind::NeedsYou => "app.notify_waiting",
            Kind::Failed => "app.notify_failed",
            Kind::Done => "app.notify_done",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Kind::NeedsYou => "Codex needs your answer",
            Kind::Failed => "Codex did not succeed",
            Kind::Done => "Codex is done",
        }
    }

    fn title_of_many(self, count: usize) -> String {
        match self {
            Kind::NeedsYou => format!("{count} runs need your answer"),
            Kind::Failed => format!("{count} runs did not succeed"),
            Kind::Done => format!("{count} runs are done"),
        }
    }
}

/// What to tell of runs that stand elsewhere than before: not what the person sees anyway, nor what is switched off.
pub(crate) fn notices(
    moved: &[RunSummaryDto],
    sight: &Sight,
    is_on: impl Fn(&str) -> bool,
) -> Vec<Notice> {
    let unseen: Vec<_> = (moved.iter())
        .filter(|run| !sight.shows(&run.run_id))
        .collect();
    let mut notices = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| is_on(kind.switch())) {
        let of_kind = unseen
            .iter()
            .filter(|run| Kind::of(run.state) == Some(kind));
        let runs: Vec<&RunSummaryDto> = of_kind.copied().collect();
        if runs.len() > ONE_BY_ONE {
            notices.push(many(kind, &runs));
        } else {
            notices.extend(runs.into_iter().map(|run| one(kind, run)));
        }
    }
    notices
}

fn one(kind: Kind, run: &RunSummaryDto) -> Notice {
    let mut body = short(&run.title, TITLE);
    // What it asks.
    if let Some(activity) = run.activity.as_ref().filter(|_| kind == Kind::NeedsYou) {
        body.push('\n');
        body.push_str(&short(activity, REASON));
    }
    if let Some(error) = &run.error {
        body.push('\n');
        body.push_str(&short(&error.message, REASON));
    }
    Notice {
        title: kind.title().to_owned(),
        body,
    }
}

fn many(kind: Kind, runs: &[&RunSummaryDto]) -> Notice {
    let titles = runs.iter().take(NAMED).map(|run| short(&run.title, TITLE));
    let mut lines: Vec<String> = titles.collect();
    lines.push(format!("and {} more", runs.len() - NAMED));
    Notice {
        title: kind.title_of_many(runs.len()),
        body: lines.join("\n"),
    }
}

/// Shows them. Never waits for the person; where there is nobody to show one, the log says so.
pub(crate) fn show(notices: &[Notice]) {
    let is_markup = platform::reads_markup();
    for notice in notices {
        let body = if is_markup {
            as_markup(&notice.body)
        } else {
            notice.body.clone()
        };
        let sent = notify_rust::Notification::new()
            .appname("Codex Bridge")
            .summary(&notice.title)
            .body(&body)
            .show();
        if let Err(error) = sent {
            tracing::warn!(%error, "a notification was not shown");
        }
    }
}

/// A text as markup that shows it as it stands.
fn as_markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    fn told(moved: &[RunSummaryDto], sight: &Sight, off: &str) -> Vec<(String, String)> {
        let notices = notices(moved, sight, |switch| switch != off);
        notices
            .into_iter()
            .map(|one| (one.title, one.body))
            .collect()
    }

    fn titles(states: &[StateDto], off: &str) -> Vec<String> {
        let moved: Vec<_> = (states.iter().enumerate())
            .map(|(n, state)| run(n, *state))
            .collect();
        let told = told(&moved, &Sight::Elsewhere, off);
        told.into_iter().map(|(title, _)| title).collect()
    }

    #[test]
    fn the_end_of_a_run_and_its_question_are_told_the_most_urgent_first() {
        use StateDto::{
            Cancelled, Failed, Lost, Queued, Running, Starting, Stopping, Succeeded, TimedOut,
            Waiting,
        };
        let all = [Queued, Starting, Running, Stopping, Cancelled];
        assert_eq!(titles(&all, ""), [""; 0]);
        assert_eq!(
            titles(&[Succeeded, Failed, Waiting, Lost, TimedOut], ""),
            [
                "Codex needs your answer",
                "Codex did not succeed",
                "Codex did not succeed",
                "Codex did not succeed",
                "Codex is done",
            ]
        );
    }

    #[test]
    fn each_kind_can_be_switched_off() {
        let all = [StateDto::Succeeded, StateDto::Failed, StateDto::Waiting];
        let (asks, failed, done) = (
            "Codex needs your answer",
            "Codex did not succeed",
            "Codex is done",
        );
        assert_eq!(titles(&all, "app.notify_done"), [asks, failed]);
        assert_eq!(titles(&all, "app.notify_failed"), [asks, done]);
        assert_eq!(titles(&all, "app.notify_waiting"), [failed, done]);
    }

    #[test]
    fn only_what_the_person_looks_at_is_not_told() {
        let moved = [run(1, StateDto::Succeeded), run(2, StateDto::Succeeded)];
        let sight = Sight::of(Some(&format!("/runs/{}", moved[0].run_id)));
        let rest = [("Codex is done".to_owned(), "run 2".to_owned())];
        assert_eq!(told(&moved, &sight, ""), rest);
        assert_eq!(told(&moved, &Sight::Runs, ""), []);
        assert_eq!(told(&moved, &Sight::Elsewhere, "").len(), 2);
    }

    #[test]
    fn many_at_once_are_told_together_and_none_is_missed() {
        let moved: Vec<_> = (1..=12).map(|n| run(n, StateDto::Succeeded)).collect();
        let body = "run 1\nrun 2\nrun 3\nand 9 more".to_owned();
        assert_eq!(
            told(&moved, &Sight::Elsewhere, ""),
            [("12 runs are done".to_owned(), body)]
        );
    }

    #[test]
    fn a_title_brings_no_markup() {
        let hostile = "<img src=\"file:///x\"> &amp; <a href=\"http://x\">y</a>";
        let shown = as_markup(hostile);
        assert!(!shown.contains(['<', '>']));
        assert!(shown.contains("&amp;amp;"));
    }

    #[test]
    fn a_failure_says_why_in_few_words() {
        let mut failed = run(1, StateDto::Failed);
        failed.title = "x".repeat(400);
        failed.error = Some(crate::fault::invalid(&"y".repeat(400), ""));
        let body = &told(&[failed], &Sight::Elsewhere, "")[0].1;
        assert_eq!(body.chars().count(), TITLE + 1 + REASON);
        assert!(body.contains('\n'));
    }
}
