//! Deep links. They name a page or a run; they never do anything.

use bridge_core::domain::id::RunId;
use serde::Serialize;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    /// The page.
    pub(crate) page: &'static str,
    /// The run that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run_id: Option<String>,
}

const PAGES: [&str; 4] = ["runs", "setup", "settings", "activity"];

impl Link {
    /// A page by its name.
    pub(crate) fn page(name: &str) -> Option<Link> {
        let page = PAGES.into_iter().find(|page| *page == name)?;
        Some(Link { page, run_id: None })
    }

    /// A run.
    pub(crate) fn run(id: &RunId) -> Link {
        Link {
            page: "runs",
            run_id: Some(id.to_string()),
        }
    }

    /// What `codex-bridge://…` means, if it means anything.
    pub(crate) fn parse(url: &str) -> Option<Link> {
        let rest = url.strip_prefix("codex-bridge://")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        match rest.split_once('/') {
            None => Link::page(rest),
            Some(("run", id)) => RunId::parse(id).ok().map(|id| Link::run(&id)),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_to_pages_only() {
        assert_eq!(Link::parse("codex-bridge://setup"), Link::page("setup"));
        assert_eq!(Link::parse("codex-bridge://runs/"), Link::page("runs"));
        for odd in [
            "https://setup",
            "codex-bridge://install",
            "codex-bridge://run/../../etc",
            "codex-bridge://run/1?x=y",
            "codex-bridge://setup/now",
            "codex-bridge://",
        ] {
            assert_eq!(Link::parse(odd), None, "{odd}");
        }
    }
}
