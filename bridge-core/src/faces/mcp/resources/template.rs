//! The resources of every run, as data: their addresses with a gap for the run's id.

use rmcp::model::ResourceTemplate;

use crate::domain::run::RunKind;

pub(crate) const JSON: &str = "application/json";
pub(crate) const MARKDOWN: &str = "text/markdown";
pub(crate) const DIFF: &str = "text/x-diff";

/// The name of the gap.
pub(crate) const GAP: &str = "id";

/// One address for every run.
pub(crate) struct Template {
    /// The address.
    pub(crate) uri: &'static str,
    /// The only kind of run that has something there.
    pub(crate) kind: Option<RunKind>,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    mime: &'static str,
}

/// All of them.
pub(crate) const TEMPLATES: [Template; 5] = [
    Template {
        uri: "codex://runs/{id}",
        kind: None,
        name: "run",
        title: "A Codex run",
        description: "One run and how it stands.",
        mime: JSON,
    },
    Template {
        uri: "codex://runs/{id}/events",
        kind: None,
        name: "run_events",
        title: "Events of a Codex run",
        description: "What happened in a run. For the next page: ?cursor=<next_cursor>.",
        mime: JSON,
    },
    Template {
        uri: "codex://runs/{id}/message",
        kind: None,
        name: "run_message",
        title: "Answer of a Codex run",
        description: "The final message of a run. A long one ends with the address of its next part.",
        mime: MARKDOWN,
    },
    Template {
        uri: "codex://runs/{id}/diff",
        kind: None,
        name: "run_diff",
        title: "Changes of a Codex run",
        description: "What a run changed in its repository, as git tells it. A long one begins with the address of its \
                      next part.",
        mime: DIFF,
    },
    Template {
        uri: "codex://runs/{id}/review",
        kind: Some(RunKind::Review),
        name: "run_review",
        title: "Findings of a Codex review",
        description: "What a review found: verdict, findings with file and lines, and what was looked at. For the \
                      next page: ?offset=<findings_next_offset>.",
        mime: JSON,
    },
];

impl Template {
    /// What clients are told of it.
    pub(crate) fn listed(&self) -> ResourceTemplate {
        ResourceTemplate::new(self.uri, self.name)
            .with_title(self.title)
            .with_description(self.description)
            .with_mime_type(self.mime)
    }
}
