//! The account's limits in words.

use crate::domain::quota::Window;
use crate::domain::run::Timestamp;

/// A moment as a person reads it, UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX);
    at.strftime("%Y-%m-%d at %H:%M UTC").to_string()
}

/// What is left of a window, such as `12 % of the 5-hour limit is left; it begins anew 2026-11-24 at 10:15 UTC`.
pub(crate) fn sentence(window: &Window) -> String {
    let (left, name) = (window.left_percent(), window.name());
    match window.resets {
        Some(at) => format!(
            "{left} % of the {name} is left; it begins anew {}",
            moment(at)
        ),
        None => format!("{left} % of the {name} is left"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_left_is_said_with_the_time_at_which_it_begins_anew() {
        let window = |resets| Window {
            used_percent: 88,
            length: Some(Duration::from_secs(5 * 60 * 60)),
            resets,
        };
        assert_eq!(
            sentence(&window(Some(Timestamp(1_795_515_300_000)))),
            "12 % of the 5-hour limit is left; it begins anew 2026-11-24 at 10:15 UTC"
        );
        assert_eq!(sentence(&window(None)), "12 % of the 5-hour limit is left");
    }
}
