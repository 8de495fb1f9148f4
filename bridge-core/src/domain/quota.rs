//! What is left of the account's limits, as Codex told it last.

use std::time::Duration;

use crate::domain::run::Timestamp;

/// How long nothing is tried after the service refused, where it did not tell when the limit ends.
const REFUSED_FOR: Duration = Duration::from_secs(10 * 60);
/// From here on a limit is worth a word.
const MUCH_PERCENT: u8 = 80;
/// All of it.
const ALL_PERCENT: u8 = 100;

/// What Codex told last of the account's limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// When it told.
    pub at: Timestamp,
    /// The limits; there may be one for hours and one for days.
    pub windows: Vec<Window>,
    /// Whether the service refused a run at that moment.
    pub refused: bool,
}

/// A limit on what may be used in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How much of it is used.
    pub used_percent: u8,
    /// How long the time is.
    pub length: Option<Duration>,
    /// When it begins anew.
    pub resets: Option<Timestamp>,
}

impl Quota {
    /// When the account may be used again; `None` where it may be used now, as far as is known.
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        let spent = self.windows.iter().filter(|window| window.is_spent());
        let resets = spent.filter_map(|window| window.resets).max();
        let refused = self.refused.then(|| self.at.after(REFUSED_FOR));
        resets.or(refused).filter(|until| *until > now)
    }

    /// The window of which least is left, among those that have not begun anew since.
    pub fn tightest(&self, now: Timestamp) -> Option<Window> {
        let open = |window: &&Window| window.resets.is_none_or(|at| at > now);
        let windows = self.windows.iter().filter(open);
        windows.max_by_key(|window| window.used_percent).copied()
    }
}

impl Window {
    /// How much is left.
    pub fn left_percent(&self) -> u8 {
        ALL_PERCENT.saturating_sub(self.used_percent)
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.used_percent >= ALL_PERCENT
    }

    /// Whether so much is used that it is worth a word.
    pub fn is_short(&self) -> bool {
        self.used_percent >= MUCH_PERCENT
    }

    /// What it is called, such as `5-hour limit`.
    pub fn name(&self) -> String {
        let Some(length) = self.length else {
            return "limit".to_owned();
        };
        let minutes = length.as_secs() / 60;
        match (minutes % (24 * 60), minutes % 60) {
            (0, _) => format!("{}-day limit", minutes / (24 * 60)),
            (_, 0) => format!("{}-hour limit", minutes / 60),
            _ => format!("{minutes}-minute limit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn window(used_percent: u8, resets_in_s: Option<i64>) -> Window {
        Window {
            used_percent,
            length: None,
            resets: resets_in_s.map(|time| Timestamp(NOW.0 + time * 1000)),
        }
    }

    fn quota(windows: &[Window], refused: bool) -> Quota {
        Quota {
            at: NOW,
            windows: windows.to_vec(),
            refused,
        }
    }

    #[test]
    fn the_account_is_closed_until_the_last_spent_window_begins_anew() {
        let check = |windows: &[Window], refused, expected: Option<i64>| {
            let until = quota(windows, refused).closed_until(NOW);
            assert_eq!(
                until.map(|at| (at.0 - NOW.0) / 1000),
                expected,
                "{windows:?}"
            );
        };
        check(&[], false, None);
        check(&[window(99, Some(60))], false, None);
        check(&[window(100, Some(60))], false, Some(60));
        check(
            &[window(100, Some(60)), window(100, Some(90))],
            false,
            Some(90),
        );
        check(
            &[window(100, Some(60)), window(20, Some(90))],
            true,
            Some(60),
        );
        check(&[window(100, Some(-1))], false, None);
        // It is not known when it opens.
        check(&[window(100, None)], false, None);
        check(&[window(20, Some(60))], true, Some(600));
        check(&[], true, Some(600));
    }

    #[test]
    fn a_refusal_is_forgotten_after_a_while() {
        let refused = quota(&[], true);
        assert_eq!(refused.closed_until(NOW.after(REFUSED_FOR)), None);
    }

    #[test]
    fn the_tightest_window_is_one_that_has_not_begun_anew() {
        let windows = [window(90, Some(-5)), window(40, Some(60)), window(10, None)];
        let tightest = quota(&windows, false).tightest(NOW);
        assert_eq!(tightest.map(|window| window.left_percent()), Some(60));
        assert_eq!(quota(&[], false).tightest(NOW), None);
    }

    #[test]
    fn a_window_is_called_by_its_length() {
        let name = |minutes: u64| {
            let length = Some(Duration::from_secs(minutes * 60));
            Window {
                length,
                ..window(0, None)
            }
            .name()
        };
        assert_eq!(name(300), "5-hour limit");
        assert_eq!(name(10_080), "7-day limit");
        assert_eq!(name(90), "90-minute limit");
        assert_eq!(window(0, None).name(), "limit");
    }
}
