//! The time within one run.

use crate::domain::run::Timestamp;
use crate::platform::clock::Moment;

/// Tells the time as the machine's clock said it when the run's supervision began, and as much later as has really
/// passed: a run does not end before it begins, and takes as long as it took, whoever sets the clock meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunClock {
    begin: Moment,
    said: Timestamp,
}

impl RunClock {
    pub(crate) fn start(said: Timestamp) -> RunClock {
        RunClock {
            begin: Moment::now(),
            said,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let passed = Moment::now().since(self.begin).as_millis();
        Timestamp(self.said.0 + i64::try_from(passed).unwrap_or(i64::MAX))
    }
}
