//! What the person is looking at, as far as the app knows.

use bridge_core::domain::id::RunId;

/// What is in front of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// No page of ours that shows runs.
    Elsewhere,
    /// The list of runs, in which every change is seen.
    Runs,
    /// One run.
    Run(RunId),
}

impl Sight {
    /// What a page shows, by the part of its address after the `#`: the window keeps there where it is.
    pub(crate) fn of(place: Option<&str>) -> Sight {
        let place = place.unwrap_or_default().trim_matches('/');
        let mut parts = place.split('/');
        match (parts.next(), parts.next().map(RunId::parse)) {
            (Some("runs"), Some(Ok(id))) => Sight::Run(id),
            // A page without a place shows the runs.
            (Some("runs" | "") | None, _) => Sight::Runs,
            (Some(_), _) => Sight::Elsewhere,
        }
    }

    /// Whether a run's change is seen without being told.
    pub(crate) fn shows(&self, run: &str) -> bool {
        match self {
            Sight::Elsewhere => false,
            Sight::Runs => true,
            Sight::Run(id) => id.as_str() == run,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "run_01k9x2m4q7abcdefgh";
    const OTHER: &str = "run_01k9x2m4q7abcdefgj";

    fn check(place: Option<&str>, one: bool, other: bool) {
        let sight = Sight::of(place);
        assert_eq!(
            (sight.shows(ONE), sight.shows(OTHER)),
            (one, other),
            "{place:?}"
        );
    }

    #[test]
    fn a_run_is_seen_on_its_own_page_and_in_the_list() {
        check(Some(&format!("/runs/{ONE}")), true, false);
        check(Some(&format!("/runs/{ONE}/changes")), true, false);
        check(Some("/runs"), true, true);
        check(Some(""), true, true);
        check(None, true, true);
        check(Some("/settings"), false, false);
        check(Some("/activity"), false, false);
    }
}
