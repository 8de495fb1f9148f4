//! Reads back from Codex's own record of a session what it really used.
//!
//! Each turn leaves a `turn_context` before its first request to the model (0.118 to 0.169). `codex exec review` leaves
//! it in the record of another thread, that of its reviewer; the bridge does not use that command.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::adapters::codex::quota;
use crate::domain::id::ThreadId;
use crate::domain::quota::Window;
use crate::domain::run::{Applied, Timestamp};
use crate::domain::scrub::{Scrubbed, Scrubber};

/// The most that is read of one line. What is looked for has a few kilobytes; other lines hold whole outputs.
const MAX_LINE: u64 = 1024 * 1024;
/// The most that is read of a record: its end, where the last turn is.
const MAX_READ: u64 = 64 * 1024 * 1024;
/// The most days that are looked through: a session that is gone on with stays in the folder of its first day.
const MAX_DAYS: usize = 400;

/// The record of a thread: `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-<time>-<thread>.jsonl`, the newest day first.
///
/// Ephemeral threads have none.
pub fn find(codex_home: &Path, thread: &ThreadId) -> Option<PathBuf> {
    let ending = format!("-{thread}.jsonl");
    newest_first(&codex_home.join("sessions"))
        .into_iter()
        .flat_map(|year| newest_first(&year))
        .flat_map(|month| newest_first(&month))
        .take(MAX_DAYS)
        .find_map(|day| {
            fs::read_dir(day).ok()?.flatten().find_map(|entry| {
                let name = entry.file_name();
                let name = name.to_str()?;
                (name.starts_with("rollout-") && name.ends_with(&ending)).then(|| entry.path())
            })
        })
}

/// What is in the record of a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// What Codex applied.
    pub applied: Applied,
    /// What the service told of the account's limits.
    pub limits: Option<Vec<Window>>,
}

/// What Codex applied, and heard of limits, in the last turn that is recorded, and was not before `since`: a thread that is gone on with
/// holds its earlier turns, too. What a version does not record stays `None`.
///
/// # Errors
/// If the record can't be read; a line that is not understood is none.
pub fn applied(
    record: &Path,
    since: Option<Timestamp>,
    scrubber: &Scrubber,
) -> io::Result<Recorded> {
    let mut file = File::open(record)?;
    let beyond = file.metadata()?.len().saturating_sub(MAX_READ);
    file.seek(SeekFrom::Start(beyond))?;
    let mut lines = BufReader::new(file.take(MAX_READ));
    if beyond > 0 {
        lines.skip_until(b'\n')?;
    }
    let mut found = Recorded::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(found);
        }
        if line.last() != Some(&b'\n') && read as u64 == MAX_LINE {
            lines.skip_until(b'\n')?;
            continue;
        }
        // Most lines are neither, and need not be understood.
        let beginning = &line[..line.len().min(300)];
        if memchr::memmem::find(beginning, b"\"turn_context\"").is_none()
            && memchr::memmem::find(beginning, b"\"session_meta\"").is_none()
            && memchr::memmem::find(beginning, b"\"token_count\"").is_none()
        {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<Value>(&line) else {
            continue;
        };
        if since.is_some_and(|since| moment(&value["timestamp"]) < Some(since)) {
            continue;
        }
        match value["type"].as_str() {
            Some("session_meta") => {
                found.applied.folder = text(&value["payload"]["cwd"], scrubber);
            }
            Some("turn_context") => turn(&value["payload"], &mut found.applied, scrubber),
            Some("event_msg") => {
                found.limits = quota::windows(&value["payload"]["rate_limits"]).or(found.limits);
            }
            _ => {}
        }
    }
}

fn turn(context: &Value, applied: &mut Applied, scrubber: &Scrubber) {
    let asked = &context["collaboration_mode"]["settings"]["reasoning_effort"];
    let effort = text(&context["effort"], scrubber).or_else(|| text(asked, scrubber));
    let sandbox = &context["sandbox_policy"];
    let profile = &context["permission_profile"];
    applied.model = text(&context["model"], scrubber);
    applied.effort = effort;
    applied.folder = text(&context["cwd"], scrubber).or(applied.folder.take());
    applied.sandbox = text(&sandbox["type"], scrubber);
    applied.network = match sandbox["type"].as_str() {
        Some("danger-full-access") => Some(true),
        Some("read-only") => Some(sandbox["network_access"].as_bool().unwrap_or(false)),
        Some(_) => sandbox["network_access"].as_bool(),
        None => None,
    }
    .or_else(|| profile["network"].as_str().map(|word| word == "enabled"));
}

fn moment(value: &Value) -> Option<Timestamp> {
    let moment: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(Timestamp(moment.as_millisecond()))
}

fn text(value: &Value, scrubber: &Scrubber) -> Option<Scrubbed> {
    value.as_str().map(|text| {
        let mut text = scrubber.scrub(text);
        text.truncate(4096);
        text
    })
}

/// The folders in a folder, by name, the last first: Codex writes numbers with leading zeros.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort_unstable_by(|a, b| b.cmp(a));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREAD: &str = "01a2039c-86d9-7af2-be83-ad2ae37a3592";

    #[test]
    fn the_limits_that_were_told_last_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("rollout.jsonl");
        let told = |used: &str| {
            format!(
                r#"{{"timestamp":"2026-11-23T10:15:02.584Z","type":"event_msg","payload":{{"type":"token_count","info":null,"rate_limits":{used}}}}}"#
            )
        };
        let limits = |used: u8| {
            format!(
                r#"{{"limit_id":"codex","primary":{{"used_percent":{used}.5,"window_minutes":300,"resets_at":1795432502}}}}"#
            )
        };
        let lines = [told(&limits(42)), told(&limits(43)), told("null")];
        fs::write(&record, lines.join("\n")).unwrap();
        let found = applied(&record, None, &Scrubber::builtin()).unwrap().limits;
        let used = found.map(|windows| windows[0].used_percent);
        assert_eq!(used, Some(43));
    }

    fn check(lines: &[&str], expected: [Option<&str>; 4], network: Option<bool>) {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("rollout.jsonl");
        fs::write(&record, lines.join("\n")).unwrap();
        let scrubber = Scrubber::builtin();
        let [model, effort, sandbox, folder] =
            expected.map(|text| text.map(|text| scrubber.scrub(text)));
        let expected = Applied {
            model,
            effort,
            sandbox,
            network,
            folder,
        };
        assert_eq!(applied(&record, None, &scrubber).unwrap().applied, expected);
    }

    #[test]
    fn the_records_of_all_versions_are_understood() {
        // 0.118, read-only, no effort asked for.
        let old = r#"{"timestamp":"2026-11-22T14:15:19.315Z","type":"turn_context","payload":{"turn_id":"x","cwd":"/w","approval_policy":"never","sandbox_policy":{"type":"read-only"},"model":"gpt-6.1-sol","collaboration_mode":{"mode":"default","settings":{"model":"gpt-6.1-sol","reasoning_effort":null}}}}"#;
        let expected = [Some("gpt-6.1-sol"), None, Some("read-only"), Some("/w")];
        check(&[old], expected, Some(false));
        // 0.169, workspace-write with the network.
        let new = r#"{"timestamp":"2026-11-22T14:15:21.507Z","ordinal":9,"type":"turn_context","payload":{"turn_id":"x","cwd":"/w","permission_profile":{"type":"managed","network":"enabled"},"model":"gpt-5.5","effort":"low","sandbox_policy":{"type":"workspace-write","network_access":true,"exclude_slash_tmp":false}}}"#;
        let expected = [
            Some("gpt-5.5"),
            Some("low"),
            Some("workspace-write"),
            Some("/w"),
        ];
        check(&[new], expected, Some(true));
        // The last turn counts.
        let expected = [Some("gpt-6.1-sol"), None, Some("read-only"), Some("/w")];
        check(&[new, old], expected, Some(false));
    }

    #[test]
    fn a_turn_of_an_earlier_run_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("rollout.jsonl");
        let scrubber = Scrubber::builtin();
        let turn = |timestamp, model| {
            format!(
                r#"{{"timestamp":"{timestamp}","type":"turn_context","payload":{{"model":"{model}"}}}}"#
            )
        };
        let lines = [
            r#"{"timestamp":"2026-11-22T14:15:19.000Z","type":"session_meta","payload":{"cwd":"/w"}}"#,
            &turn("2026-11-22T14:15:19.100Z", "first"),
            &turn("2026-11-22T14:15:20.000Z", "second"),
            &turn("none", "third"),
        ];
        fs::write(&record, lines.join("\n")).unwrap();
        let check = |since: &str, model: Option<&str>, folder: Option<&str>| {
            let since = moment(&Value::from(since)).unwrap();
            let applied = applied(&record, Some(since), &scrubber).unwrap().applied;
            let of = |text: Option<Scrubbed>| text.map(|text| text.as_str().to_owned());
            assert_eq!(of(applied.model).as_deref(), model, "{since:?}");
            assert_eq!(of(applied.folder).as_deref(), folder, "{since:?}");
        };
        check("2026-11-22T14:15:18Z", Some("second"), Some("/w"));
        check("2026-11-22T14:15:20Z", Some("second"), None);
        check("2026-11-22T14:15:20.001Z", None, None);
    }

    #[test]
    fn what_is_not_recorded_is_not_assumed() {
        check(&[""], [None; 4], None);
        let meta = r#"{"type":"session_meta","payload":{"cwd":"/w","cli_version":"0.169.0"}}"#;
        let noise = r#"{"type":"response_item","payload":{"text":"\"turn_context\""}}"#;
        let half = r#"{"type":"turn_context","payload":{"model":"gp"#;
        check(
            &[meta, noise, "", "x", half],
            [None, None, None, Some("/w")],
            None,
        );
        let profile =
            r#"{"type":"turn_context","payload":{"permission_profile":{"network":"restricted"}}}"#;
        check(&[profile], [None; 4], Some(false));
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped() {
        let long = format!(
            r#"{{"type":"response_item","payload":"{}"}}"#,
            "x".repeat(3 << 20)
        );
        let turn = r#"{"type":"turn_context","payload":{"model":"gpt-5.5"}}"#;
        check(
            &[&long, turn, &long],
            [Some("gpt-5.5"), None, None, None],
            None,
        );
    }

    #[test]
    fn a_record_is_found_by_its_thread() {
        let home = tempfile::tempdir().unwrap();
        let thread = ThreadId::parse(THREAD).unwrap();
        assert_eq!(find(home.path(), &thread), None);
        let other = "01a2039c-86d9-7af2-be83-000000000000";
        let day = |day: &str, thread: &str| {
            let folder = home.path().join("sessions").join(day);
            fs::create_dir_all(&folder).unwrap();
            let file = folder.join(format!("rollout-2026-11-22T14-15-24-{thread}.jsonl"));
            fs::write(&file, "").unwrap();
            file
        };
        day("2026/11/22", other);
        let expected = day("2025/02/03", THREAD);
        assert_eq!(find(home.path(), &thread), Some(expected));
    }
}
