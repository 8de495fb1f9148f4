//! Moments in the person's own time zone, and durations as people say them.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};

use crate::domain::run::Timestamp;
use crate::use_cases::host::Host;

/// The present moment and the zone in which times are shown.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    now: Zoned,
}

impl Clock {
    /// The host's clock, in the system's zone.
    pub(crate) fn of(host: &Host) -> Clock {
        Clock {
            now: local((host.now)(), TimeZone::system()),
        }
    }

    /// A clock that stands still.
    #[cfg(test)]
    pub(crate) fn fixed(now: Timestamp, zone: TimeZone) -> Clock {
        Clock {
            now: local(now, zone),
        }
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.now.timestamp().as_millisecond())
    }

    /// A moment in a list: the time today, the day this year, else the date.
    pub(crate) fn short(&self, at: Timestamp) -> String {
        let at = local(at, self.now.time_zone().clone());
        let format = if at.date() == self.now.date() {
            "%H:%M"
        } else if at.year() == self.now.year() {
            "%b %d %H:%M"
        } else {
            "%Y-%m-%d"
        };
        at.strftime(format).to_string()
    }

    /// A moment in full.
    pub(crate) fn long(&self, at: Timestamp) -> String {
        local(at, self.now.time_zone().clone())
            .strftime("%Y-%m-%d %H:%M:%S %Z")
            .to_string()
    }
}

fn local(at: Timestamp, zone: TimeZone) -> Zoned {
    Instant::from_millisecond(at.0)
        .unwrap_or(Instant::UNIX_EPOCH)
        .to_zoned(zone)
}

/// A duration in a sentence: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 10 {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// A duration as a clock shows it: `0:04`, `12:30`, `1:02:03`.
pub(crate) fn counted(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

/// Reads a duration as a person types it: `90`, `90s`, `10m`, `1h30m`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration; write seconds or e.g. 90s, 10m, 1h30m");
    let mut total: u64 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let (unit, used) = match rest.bytes().next() {
            None | Some(b's') => (1, 1),
            Some(b'm') => (60, 1),
            Some(b'h') => (3600, 1),
            Some(_) => return Err(wrong()),
        };
        total = count
            .checked_mul(unit)
            .and_then(|seconds| total.checked_add(seconds))
            .ok_or_else(wrong)?;
        rest = rest.get(used..).unwrap_or("");
    }
    if total == 0 {
        return Err(wrong());
    }
    Ok(Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        let check = |ms, expected: &str| assert_eq!(spoken(Duration::from_millis(ms)), expected);
        check(420, "0.4 s");
        check(12_300, "12 s");
        check(185_000, "3 min 5 s");
        check(180_000, "3 min");
        check(7_800_000, "2 h 10 min");
        assert_eq!(counted(Duration::from_secs(4)), "0:04");
        assert_eq!(counted(Duration::from_secs(3723)), "1:02:03");
    }

    #[test]
    fn a_duration_is_read_as_people_type_it() {
        let check = |text, expected| {
            assert_eq!(
                parse_duration(text).ok().map(|d| d.as_secs()),
                expected,
                "{text}"
            );
        };
        check("90", Some(90));
        check("90s", Some(90));
        check("10m", Some(600));
        check("1h30m", Some(5400));
        check("0", None);
        check("", None);
        check("-5", None);
        check("5 days", None);
        check("m", None);
        check("99999999999999999999h", None);
    }

    #[test]
    fn a_moment_is_as_long_as_it_has_to_be() {
        let noon = Timestamp(1_795_348_800_000);
        let clock = Clock::fixed(noon, TimeZone::UTC);
        let hours = |h: i64| Timestamp(noon.0 - h * 3_600_000);
        assert_eq!(clock.short(hours(3)), "09:00");
        assert_eq!(clock.short(hours(24)), "Nov 21 12:00");
        assert_eq!(clock.short(hours(24 * 365)), "2025-11-22");
        assert_eq!(clock.long(noon), "2026-11-22 12:00:00 UTC");
    }
}
