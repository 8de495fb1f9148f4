//! What the service tells of the account's limits is shown, and a queue waits for them where the person wants that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bridge_core::adapters::scripted_model::{Reply, Request};
use codex_bridge_tests::scene::{NEWEST, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::runs::{LIMIT, of_kind};

fn now_s() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a time after 1970").as_secs()
}

/// The headers by which the service tells of its limits.
fn headers(used: u8, resets: u64, kind: &str) -> Vec<(String, String)> {
    let pairs = [
        ("content-type", kind.to_owned()),
        ("x-codex-primary-used-percent", used.to_string()),
        ("x-codex-primary-window-minutes", "300".to_owned()),
        ("x-codex-primary-reset-at", resets.to_string()),
        ("x-codex-secondary-used-percent", "7".to_owned()),
        ("x-codex-secondary-window-minutes", "10080".to_owned()),
        ("x-codex-secondary-reset-at", (resets + 86_400).to_string()),
    ];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    pairs.into()
}

/// An answer with limits of which so much is used.
fn answer(used: u8, resets: u64) -> Reply {
    let item = json!({"type": "message", "role": "assistant", "id": "msg_1", "content": [{"type": "output_text", "text": "Four.", "annotations": []}]});
    let usage = json!({"input_tokens": 5, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 7});
    let events = [
        json!({"type": "response.created", "response": {"id": "r"}}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
        json!({"type": "response.completed", "response": {"id": "r", "output": [item], "usage": usage}}),
    ];
    let line = |event: &Value| {
        let kind = event["type"].as_str().unwrap_or_default();
        format!("event: {kind}\ndata: {event}\n\n")
    };
    Reply::Status {
        code: 200,
        headers: headers(used, resets, "text/event-stream"),
        body: events.iter().map(line).collect(),
    }
}

/// A refusal because all is used.
fn refusal(resets: u64) -> Reply {
    let error = json!({"type": "usage_limit_reached", "message": "The usage limit has been reached", "plan_type": "plus", "resets_at": resets});
    Reply::Status {
        code: 429,
        headers: headers(100, resets, "application/json"),
        body: json!({ "error": error }).to_string(),
    }
}

fn scene(
    version: &'static str,
    backend: &str,
    script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> Scene {
    let mut scene = Scene::scripted(version, script);
    scene.set("CODEX_BRIDGE_BACKEND", backend);
    scene
}

/// What is told of the limits, and the finding about them.
fn told(sidecar: &mut Sidecar) -> (Value, Option<Value>) {
    let report = sidecar.call("codex_doctor", json!({})).ok();
    let findings = report["findings"].as_array().expect("findings");
    let finding = findings.iter().find(|one| one["about"] == "quota");
    (report["quota"].clone(), finding.cloned())
}

#[test]
fn what_is_left_is_shown_whichever_way_codex_is_driven() {
    for version in VERSIONS {
        for backend in ["exec", "app-server"] {
            let resets = now_s() + 3600;
            let scene = scene(version, backend, move |_| answer(88, resets));
            let mut sidecar = scene.sidecar();
            assert_eq!(told(&mut sidecar), (Value::Null, None));
            let run = sidecar.start_run(&scene, "2 + 2?");
            let ended = sidecar.wait_for_end(&run, LIMIT);
            assert_eq!(ended["state"], "succeeded", "{version} {backend}: {ended}");
            let (quota, finding) = told(&mut sidecar);
            let left = |at: usize| &quota["windows"][at]["left_percent"];
            assert_eq!((left(0), left(1)), (&json!(12), &json!(93)), "{quota}");
            assert_eq!(quota["windows"][0]["name"], "5-hour limit");
            let finding = finding.expect("a finding");
            assert_eq!(finding["level"], "ok", "{finding}");
            let begin = "12 % of the 5-hour limit is left; it begins anew ";
            let what = finding["what"].as_str().expect("a text");
            assert!(what.starts_with(begin), "{version} {backend}: {what}");
            let events = sidecar.all_events(&run);
            let notices = of_kind(&events, "notice");
            let said = notices.iter().find(|notice| notice["about"] == "quota");
            assert_eq!(said.expect("a notice")["text"], what);
        }
    }
}

#[test]
fn a_queue_waits_for_the_window_where_that_is_wanted() {
    for backend in ["exec", "app-server"] {
        let asked = Arc::new(AtomicU64::new(0));
        let resets = now_s() + 12;
        let counted = Arc::clone(&asked);
        let scene = scene(NEWEST, backend, move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            if now_s() < resets {
                refusal(resets)
            } else {
                answer(1, resets + 18_000)
            }
        });
        scene.write_config("[limits]\nwait_for_quota = true\n");
        let mut sidecar = scene.sidecar();
        let first = sidecar.start_run(&scene, "2 + 2?");
        let ended = sidecar.wait_for_end(&first, LIMIT);
        assert_eq!(ended["error"]["code"], "usage_limit", "{backend}: {ended}");
        let (_, finding) = told(&mut sidecar);
        assert_eq!(finding.expect("a finding")["id"], "quota_spent");
        let before = asked.load(Ordering::SeqCst);
        let waiting: Vec<String> = (0..3)
            .map(|_| sidecar.start_run(&scene, "2 + 2?"))
            .collect();
        let notice = sidecar.wait_for_event(&waiting[0], LIMIT, |event| event["kind"] == "notice");
        assert_eq!(notice["about"], "quota", "{notice}");
        let now = sidecar.get_run(&waiting[0]);
        assert_eq!(now["state"], "queued", "{now}");
        let activity = now["activity"].as_str().expect("an activity");
        assert!(
            activity.starts_with("the account's limit is reached; the run waits until "),
            "{activity}"
        );
        assert_eq!(
            asked.load(Ordering::SeqCst),
            before,
            "the service was asked"
        );
        for run in &waiting {
            let ended = sidecar.wait_for_end(run, LIMIT);
            assert_eq!(ended["state"], "succeeded", "{backend}: {ended}");
        }
        assert!(now_s() >= resets);
        assert_eq!(asked.load(Ordering::SeqCst), before + 3);
    }
}

#[test]
fn without_that_wish_a_run_is_tried_and_one_that_waits_can_be_cancelled() {
    let resets = now_s() + 3600;
    let scene = scene(NEWEST, "exec", move |_| refusal(resets));
    let mut sidecar = scene.sidecar();
    for _ in 0..2 {
        let run = sidecar.start_run(&scene, "2 + 2?");
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["error"]["code"], "usage_limit", "{ended}");
    }
    scene.write_config("[limits]\nwait_for_quota = true\n");
    let run = sidecar.start_run(&scene, "2 + 2?");
    sidecar.wait_for_event(&run, LIMIT, |event| event["kind"] == "notice");
    let ended = sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    assert_eq!(ended["state"], "cancelled", "{ended}");
}
