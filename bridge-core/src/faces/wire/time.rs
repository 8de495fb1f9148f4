//! Moments and durations as they are on the wire.

use std::time::Duration;

use crate::domain::run::Timestamp;

/// The moment in RFC 3339, UTC, always with milliseconds.
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    let clamped = moment.0.clamp(
        jiff::Timestamp::MIN.as_millisecond(),
        jiff::Timestamp::MAX.as_millisecond(),
    );
    let timestamp = jiff::Timestamp::from_millisecond(clamped).unwrap_or(jiff::Timestamp::MAX);
    format!("{timestamp:.3}")
}

/// The duration in whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_milliseconds_and_never_fail() {
        let check = |ms, expected: &str| assert_eq!(rfc3339(Timestamp(ms)), expected);
        check(0, "1970-01-01T00:00:00.000Z");
        check(1_795_000_000_120, "2026-11-18T11:06:40.120Z");
        check(i64::MIN, "-009999-01-02T01:59:59.000Z");
        check(i64::MAX, "9999-12-30T22:00:00.999Z");
    }
}
