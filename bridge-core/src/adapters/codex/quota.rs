//! What Codex tells of the account's limits: an app-server in `account/rateLimits/updated`, `codex exec` in its record of
//! the session (0.118 to 0.169). Both have it from the service's answers.

use std::time::Duration;

use serde_json::Value;

use crate::domain::quota::Window;
use crate::domain::run::Timestamp;

/// The account's own limits; others are those of single models.
const OF_ACCOUNT: &str = "codex";

/// The limits in what an app-server tells, or in what a record has; `None` where it tells of no limit of the account.
pub(in crate::adapters::codex) fn windows(limits: &Value) -> Option<Vec<Window>> {
    let id = limits["limitId"].as_str().or(limits["limit_id"].as_str());
    if id.is_some_and(|id| id != OF_ACCOUNT) {
        return None;
    }
    let windows = ["primary", "secondary"].map(|name| window(&limits[name]));
    let windows: Vec<Window> = windows.into_iter().flatten().collect();
    (!windows.is_empty()).then_some(windows)
}

fn window(value: &Value) -> Option<Window> {
    let either = |name: &str, other: &str| value[name].as_f64().or(value[other].as_f64());
    let used = either("usedPercent", "used_percent")?;
    let minutes = either("windowDurationMins", "window_minutes");
    let resets = either("resetsAt", "resets_at");
    Some(Window {
        // Not rounded up: all is used only when it is.
        used_percent: used.clamp(0.0, 100.0).floor() as u8,
        length: minutes.map(|minutes| Duration::from_secs(60 * minutes.max(0.0) as u64)),
        resets: resets.map(|seconds| Timestamp((seconds * 1000.0) as i64)),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_ways_of_telling_are_read() {
        let expected = Window {
            used_percent: 42,
            length: Some(Duration::from_secs(18_000)),
            resets: Some(Timestamp(1_795_432_502_000)),
        };
        let told = json!({"limitId": "codex", "primary": {"usedPercent": 42, "windowDurationMins": 300, "resetsAt": 1795432502}, "secondary": null});
        assert_eq!(windows(&told), Some(vec![expected]));
        let kept = json!({"limit_id": "codex", "secondary": {"used_percent": 42.9, "window_minutes": 300, "resets_at": 1795432502}});
        assert_eq!(windows(&kept), Some(vec![expected]));
    }

    #[test]
    fn what_tells_of_no_limit_of_the_account_is_none() {
        for limits in [
            json!(null),
            json!({"limitId": "codex", "primary": null, "secondary": null}),
            json!({"limitId": "other", "primary": {"usedPercent": 42}}),
            json!({"primary": {"usedPercent": "42"}}),
        ] {
            assert_eq!(windows(&limits), None, "{limits}");
        }
    }

    #[test]
    fn odd_numbers_are_kept_in_bounds() {
        let odd =
            json!({"primary": {"usedPercent": 1e9, "windowDurationMins": -5, "resetsAt": 1e300}});
        let window = windows(&odd).unwrap()[0];
        assert_eq!(
            (window.used_percent, window.length),
            (100, Some(Duration::ZERO))
        );
    }
}
