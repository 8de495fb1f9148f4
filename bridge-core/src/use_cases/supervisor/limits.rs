//! The three time limits of a run.

use std::time::Duration;

use crate::domain::bounds::RunBounds;
use crate::domain::state::Limit;

/// The time limits of one run. Times are measured from its start, on a clock that counts sleep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    total: Duration,
    silence: Duration,
    first_event: Duration,
    /// When the process was started that is under way.
    leg_began: Duration,
    last_event: Option<Duration>,
}

impl Limits {
    pub(super) fn new(bounds: &RunBounds, total: Duration) -> Limits {
        Limits {
            total,
            silence: bounds.silence,
            first_event: bounds.first_event,
            leg_began: Duration::ZERO,
            last_event: None,
        }
    }

    /// Another process begins at this time; its first event has its own limit.
    pub(super) fn begin_leg(&mut self, at: Duration) {
        self.leg_began = at;
        self.last_event = None;
    }

    /// Codex said something, or was waiting for somebody. The later of the two counts.
    pub(super) fn heard(&mut self, at: Duration) {
        self.last_event = self.last_event.max(Some(at));
    }

    /// The limit that was reached, if any.
    pub(super) fn reached(&self, now: Duration) -> Option<Limit> {
        if now >= self.total {
            return Some(Limit::Total);
        }
        match self.last_event {
            None if now >= self.leg_began + self.first_event => Some(Limit::FirstEvent),
            Some(last) if now >= last + self.silence => Some(Limit::Silence),
            None | Some(_) => None,
        }
    }

    /// What the limit says, as a sentence.
    pub(super) fn sentence(&self, limit: Limit) -> String {
        match limit {
            Limit::Total => format!("the run took longer than {} s", self.total.as_secs()),
            Limit::Silence => format!("Codex said nothing for {} s", self.silence.as_secs()),
            Limit::FirstEvent => format!(
                "Codex said nothing in its first {} s",
                self.first_event.as_secs()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(heard_at: Option<u64>, now: u64, expected: Option<Limit>) {
        let bounds = RunBounds {
            silence: Duration::from_secs(100),
            first_event: Duration::from_secs(10),
            ..RunBounds::DEFAULT
        };
        let mut limits = Limits::new(&bounds, Duration::from_secs(500));
        if let Some(at) = heard_at {
            limits.heard(Duration::from_secs(at));
        }
        assert_eq!(limits.reached(Duration::from_secs(now)), expected);
    }

    #[test]
    fn each_process_has_its_own_time_for_its_first_event_and_all_have_one_for_the_whole() {
        let mut limits = Limits::new(&RunBounds::DEFAULT, Duration::from_secs(500));
        limits.heard(Duration::from_secs(100));
        limits.begin_leg(Duration::from_secs(200));
        let reached = |now| limits.reached(Duration::from_secs(now));
        assert_eq!(reached(289), None);
        assert_eq!(reached(290), Some(Limit::FirstEvent));
        assert_eq!(reached(500), Some(Limit::Total));
    }

    #[test]
    fn each_limit_is_reached_in_its_time() {
        check(None, 9, None);
        check(None, 10, Some(Limit::FirstEvent));
        check(Some(5), 20, None);
        check(Some(5), 104, None);
        check(Some(5), 105, Some(Limit::Silence));
        check(Some(499), 500, Some(Limit::Total));
    }
}
