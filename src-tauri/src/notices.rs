//! Notifications: a run ended, or needs an answer.

use std::collections::HashMap;

use bridge_core::faces::wire::run::RunSummaryDto;
use bridge_core::faces::wire::status::StatusDto;
use bridge_core::faces::wire::word::StateDto;

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The setting that switches it off.
    pub(crate) switch: &'static str,
    /// The headline.
    pub(crate) title: String,
    /// The run.
    pub(crate) body: String,
}

/// What was told already.
#[derive(Debug, Default)]
pub(crate) struct Told(Option<HashMap<String, StateDto>>);

impl Told {
    /// What is new. The first look tells nothing: it happened before we were there.
    pub(crate) fn news(&mut self, status: &StatusDto) -> Vec<Notice> {
        let all = (status.waiting.iter())
            .chain(&status.running)
            .chain(&status.recent);
        let now: HashMap<_, _> = all
            .clone()
            .map(|run| (run.run_id.clone(), run.state))
            .collect();
        let before = self.0.replace(now);
        let Some(before) = before else {
            return Vec::new();
        };
        all.filter(|run| before.get(&run.run_id) != Some(&run.state))
            .filter_map(notice)
            .collect()
    }
}

fn notice(run: &RunSummaryDto) -> Option<Notice> {
    let (switch, title) = match run.state {
        StateDto::Succeeded => ("app.notify_done", "Codex is done"),
        StateDto::Failed | StateDto::Lost | StateDto::TimedOut => {
            ("app.notify_failed", "Codex did not succeed")
        }
        StateDto::Waiting => ("app.notify_waiting", "Codex needs your answer"),
        StateDto::Queued
        | StateDto::Starting
        | StateDto::Running
        | StateDto::Stopping
        | StateDto::Cancelled => return None,
    };
    let why = run
        .error
        .as_ref()
        .map(|error| format!("\n{}", error.message));
    Some(Notice {
        switch,
        title: title.to_owned(),
        body: format!("{}{}", run.title, why.unwrap_or_default()),
    })
}

/// Shows it. Never waits for the person; where there is nobody to show it, the log says so.
pub(crate) fn show(notice: &Notice) {
    let sent = notify_rust::Notification::new()
        .appname("Codex Bridge")
        .summary(&notice.title)
        .body(&notice.body)
        .show();
    if let Err(error) = sent {
        tracing::warn!(%error, "a notification was not shown");
    }
}
