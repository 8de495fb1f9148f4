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

    const RUN: &str = "run_01k9x2m4q7abcdefgh";

    #[test]
    fn leads_to_pages_and_runs() {
        for page in PAGES {
            let link = Link::parse(&format!("codex-bridge://{page}"));
            assert_eq!(link, Link::page(page));
            assert!(link.is_some());
        }
        assert_eq!(Link::parse("codex-bridge://runs/"), Link::page("runs"));
        let link = Link::parse(&format!("codex-bridge://run/{RUN}")).unwrap();
        assert_eq!((link.page, link.run_id.as_deref()), ("runs", Some(RUN)));
    }

    #[test]
    fn a_hostile_link_leads_nowhere() {
        let long = format!("codex-bridge://run/{}", "a".repeat(1_000_000));
        for odd in [
            "",
            "setup",
            "https://setup",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "CODEX-BRIDGE://setup",
            "codex-bridge:setup",
            "codex-bridge://",
            "codex-bridge:///setup",
            "codex-bridge://install",
            "codex-bridge://Setup",
            "codex-bridge://setup ",
            "codex-bridge://setup/now",
            "codex-bridge://setup?add_root=/",
            "codex-bridge://setup#/settings",
            "codex-bridge://user@setup",
            "codex-bridge://run",
            "codex-bridge://run/",
            "codex-bridge://run//",
            "codex-bridge://run/../../etc",
            "codex-bridge://run/%2e%2e%2fetc",
            "codex-bridge://run/1?x=y",
            "codex-bridge://run/run_01k9x2m4q7abcdefgh/cancel",
            "codex-bridge://run/run_01k9x2m4q7abcdefgh?action=cancel",
            "codex-bridge://run/run_01k9x2m4q7abcdefgh\n",
            "codex-bridge://run/run_01k9x2m4q7abcdefg\u{0}",
            "codex-bridge://run/<script>",
            long.as_str(),
        ] {
            let shown: String = odd.chars().take(80).collect();
            assert_eq!(Link::parse(odd), None, "{shown}");
        }
    }
}
