//! What clients may not watch, and how much of what they may.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use codex_bridge_tests::processes::{peak_memory, processor_time, wait_until};
use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use super::*;

const NO_RUN: &str = "codex://runs/run_000000000000000000";

/// The error with which a subscription is refused.
fn refused(sidecar: &mut Sidecar, era: Opener, uris: &[String]) -> Value {
    let answer = match era {
        Opener::Discover => {
            let filter = json!({ "resourceSubscriptions": uris });
            sidecar.request("subscriptions/listen", json!({ "notifications": filter }))
        }
        Opener::Initialize(_) | Opener::Nothing => {
            let last = uris.last().unwrap();
            sidecar.request("resources/subscribe", json!({ "uri": last }))
        }
    };
    assert_eq!(sidecar.notifications(), [] as [Value; 0]);
    let error = &answer["error"];
    assert!(error["code"].is_i64(), "{answer}");
    error.clone()
}

#[test]
fn an_address_that_can_not_be_watched_is_refused_with_the_reason() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let mut check = |uri: &str, expected: &str| {
            let uris = ["codex://runs".to_owned(), uri.to_owned()];
            let error = refused(&mut sidecar, era, &uris);
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(expected), "{uri}: {message}");
        };
        check("file:///etc/passwd", "there is no resource");
        check("codex://runs/x", "codex://runs/{id}/events");
        check("codex://runs?cursor=5", "without what follows the `?`");
        check("codex://runs?limit=5", "only `cursor=`");
        check(NO_RUN, "there is no run");
        check("", "there is no resource");
        check(&"x".repeat(100_000), "there is no resource");
        // What was refused is not half there.
        let run = sidecar.start_run(&scene, "go");
        sidecar.wait_for_end(&run, LIMIT);
        let told = sidecar.notifications().to_vec();
        assert_eq!(told, [] as [Value; 0]);
    }
}

#[test]
fn nobody_watches_more_than_a_hundred_resources() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let mut uris = Vec::new();
        while uris.len() < 100 {
            let arguments = json!({"prompt": "FAKE: exit 1", "working_dir": scene.work()});
            let started = sidecar.call("codex_run_task", arguments);
            if started.is_error {
                // The queue is full: one of them has to end first.
                let last: &String = uris.last().unwrap();
                sidecar.wait_for_end(last.rsplit('/').nth(1).unwrap(), LIMIT);
                continue;
            }
            let run = started.text_at("/run_id").to_owned();
            uris.extend(["/events", "/message", "/diff", "/review"].map(|part| uri(&run, part)));
        }
        subscribe(&mut sidecar, era, &uris);
        uris.push("codex://runs".to_owned());
        let error = refused_while_told(&mut sidecar, era, &uris);
        assert!(error.contains("100 resources"), "{error}");
    }
}

/// The message of a refusal, while other subscriptions are told of.
fn refused_while_told(sidecar: &mut Sidecar, era: Opener, uris: &[String]) -> String {
    let answer = match era {
        Opener::Discover => {
            let filter = json!({ "resourceSubscriptions": uris });
            sidecar.request("subscriptions/listen", json!({ "notifications": filter }))
        }
        Opener::Initialize(_) | Opener::Nothing => {
            let last = uris.last().unwrap();
            sidecar.request("resources/subscribe", json!({ "uri": last }))
        }
    };
    let message = answer["error"]["message"].as_str();
    message.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn a_few_subscriptions_are_open_at_a_time_and_a_cancelled_one_makes_room() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar_opened(Opener::Discover);
    let filter = || json!({"resourcesListChanged": true});
    let mut open: Vec<u64> = (0..8).map(|_| listen(&mut sidecar, &filter())).collect();
    let params = json!({ "notifications": filter() });
    let answer = sidecar.request("subscriptions/listen", params);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("8 subscriptions are open"), "{message}");
    let cancelled = json!({ "requestId": open.pop() });
    sidecar.notify("notifications/cancelled", cancelled);
    // The cancellation is handled in its own time.
    let mut id = None;
    wait_until(LIMIT, "there is room", || {
        let params = json!({ "notifications": filter() });
        let asked = *id.get_or_insert_with(|| sidecar.send_request("subscriptions/listen", params));
        if sidecar.answer_so_far(asked).is_some() {
            id = None;
        }
        let told = sidecar.notifications();
        told.iter().any(|line| tag(line) == Some(asked))
    });
    // Each hears of a change, under its own name.
    let run = sidecar.start_run(&scene, "go");
    for id in open {
        sidecar.wait_for_notification(LIMIT, |line| is_list_change(line) && tag(line) == Some(id));
    }
    sidecar.wait_for_end(&run, LIMIT);
}

#[test]
fn each_era_has_its_own_way_to_subscribe() {
    let scene = Scene::new(&Codex::Fake);
    let ask = |era, method: &str, params: Value| {
        let mut sidecar = scene.sidecar_opened(era);
        sidecar.request(method, params)["error"]["code"].clone()
    };
    let uri = json!({"uri": "codex://runs"});
    assert_eq!(ask(ERAS[1], "resources/subscribe", uri.clone()), -32601);
    assert_eq!(ask(ERAS[1], "resources/unsubscribe", uri), -32601);
    let filter = json!({"notifications": {"resourcesListChanged": true}});
    assert_eq!(ask(ERAS[0], "subscriptions/listen", filter), -32601);
}

#[test]
fn a_client_that_does_not_read_what_it_subscribed_to_costs_no_memory() {
    let scene = Scene::new(&Codex::Fake);
    let mut other = scene.sidecar();
    let steps =
        "FAKE: thread\nFAKE: turn\nFAKE: wait-for go\nFAKE: stamps 400 0.01\nFAKE: complete";
    let run = other.start_run(&scene, steps);
    let mut deaf = scene
        .cli(&["serve"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = deaf.stdin.take().unwrap();
    let request = |id: u32, method: &str, params: Value| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let who = json!({"name": "deaf", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": who});
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let mut lines = vec![request(0, "initialize", params), initialized];
    for part in ["", "/events", "/message"] {
        let params = json!({"uri": uri(&run, part)});
        lines.push(request(1, "resources/subscribe", params));
    }
    // Answers that fill the pipe, so that nothing that is told can be written.
    for id in 10..30 {
        lines.push(request(id, "tools/list", json!({})));
    }
    for line in lines {
        writeln!(stdin, "{line}").unwrap();
    }
    let pid = deaf.id();
    at_rest(pid);
    let before = peak_memory(pid).unwrap();
    go_on(&scene);
    other.wait_for_end(&run, LIMIT);
    at_rest(pid);
    let grown = peak_memory(pid).unwrap() - before;
    assert!(grown < 4 << 20, "{grown}");
    drop(stdin);
    wait_until(Duration::from_secs(3), "it ends", || {
        deaf.try_wait().unwrap().is_some()
    });
}

/// Waits until a process has done what it has to do for now.
fn at_rest(pid: u32) {
    let mut last = Duration::MAX;
    wait_until(LIMIT, "it is at rest", || {
        std::thread::sleep(Duration::from_millis(500));
        let now = processor_time(pid).unwrap();
        std::mem::replace(&mut last, now) == now && now > Duration::ZERO
    });
}
