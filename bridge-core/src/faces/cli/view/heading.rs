//! The first lines of a run: what was asked, by whom, where, and with which rights.

use crate::domain::run::{Run, RunKind, WorkspaceMode};
use crate::faces::cli::look::Tone;
use crate::faces::cli::text;
use crate::faces::cli::time::Clock;
use crate::faces::cli::view::View;

impl View {
    /// The title with the id, and what the run may do.
    pub(crate) fn heading(&self, run: &Run, clock: &Clock) -> Vec<String> {
        let id = run.id.as_str();
        let room = self.look.width.saturating_sub(text::width(id) + 2);
        let title = text::shorten(&text::one_line(run.title.as_str()), room);
        let padded = text::pad(&title, room);
        let mut lines = vec![format!(
            "{}  {}",
            self.look.paint(Tone::Strong, &padded),
            self.look.paint(Tone::Accent, id)
        )];
        let facts = [rights(run), provenance(run, clock)];
        for fact in facts {
            for line in text::wrap(&fact, self.look.width.saturating_sub(2)) {
                lines.push(format!("  {}", self.look.paint(Tone::Dim, &line)));
            }
        }
        lines.push(String::new());
        lines
    }

    /// What was asked, as far as the title does not say it already.
    pub(crate) fn prompt(&self, run: &Run) -> Vec<String> {
        let prompt = text::harmless(run.prompt.as_str());
        let prompt = prompt.trim_end();
        if text::one_line(prompt) == text::one_line(run.title.as_str()) {
            return Vec::new();
        }
        let bar = self.look.paint(Tone::Dim, "▏");
        let mut lines: Vec<String> = text::wrap(prompt, self.look.width.saturating_sub(4))
            .iter()
            .map(|line| format!("  {bar}{line}"))
            .collect();
        lines.push(String::new());
        lines
    }
}

fn rights(run: &Run) -> String {
    let mut facts = vec![text::one_line(run.workspace.folder.as_str())];
    if run.workspace.mode == WorkspaceMode::Worktree {
        facts.push(match run.workspace.path == run.workspace.folder {
            true => "in a copy that is still to be made".to_owned(),
            false => format!(
                "in a copy at {}",
                text::one_line(run.workspace.path.as_str())
            ),
        });
    }
    let requested = &run.requested;
    facts.push(requested.sandbox.as_str().to_owned());
    if requested.network {
        facts.push("network".to_owned());
    }
    if requested.web_search {
        facts.push("web search".to_owned());
    }
    facts.extend(requested.model.as_ref().map(|m| m.as_str().to_owned()));
    let effort = requested.effort.as_ref();
    facts.extend(effort.map(|effort| format!("effort {}", effort.as_str())));
    if requested.images > 0 {
        facts.push(format!("{} image(s)", requested.images));
    }
    if !requested.persist {
        facts.push("nothing is kept".to_owned());
    }
    facts.join(" · ")
}

fn provenance(run: &Run, clock: &Clock) -> String {
    let mut facts = vec![clock.long(run.times.created)];
    facts.push(match run.kind {
        RunKind::Task => "task".to_owned(),
        RunKind::Review => "review".to_owned(),
        RunKind::Continue | RunKind::Resume => match &run.continues {
            Some(earlier) => format!("goes on with {earlier}"),
            None => "goes on with a Codex session".to_owned(),
        },
    });
    let version = run.caller.version.as_ref();
    let version = version.map_or_else(String::new, |version| format!(" {version}"));
    facts.push(text::one_line(&format!(
        "by {}{version}",
        run.caller.client
    )));
    if let Some(codex) = &run.codex {
        facts.push(format!("Codex {}", text::one_line(codex.version.as_str())));
    }
    if let Some(thread) = &run.thread {
        facts.push(format!("thread {thread}"));
    }
    facts.join(" · ")
}
