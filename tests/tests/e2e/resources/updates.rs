//! Clients are told of changes that they subscribed to, whoever makes them.

use std::time::{Duration, Instant};

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use super::*;

#[test]
fn a_run_of_another_process_is_followed_to_its_end() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut other = scene.sidecar();
        let run = start_halting(&scene, &mut other);
        let mut sidecar = scene.sidecar_opened(era);
        let parts = ["", "/events", "/message"].map(|part| uri(&run, part));
        let subscription = subscribe(&mut sidecar, era, &parts);
        go_on(&scene);
        for part in &parts {
            wait_for_update(&mut sidecar, part, subscription);
        }
        // The last news come after the end: whoever reads on them sees it.
        while read_json(&mut sidecar, &parts[0])["is_final"] != true {
            wait_for_update(&mut sidecar, &parts[0], subscription);
        }
        assert_eq!(read(&mut sidecar, &parts[2])["text"], "two");
    }
}

#[test]
fn a_busy_run_is_told_of_at_a_pace_that_a_client_can_use() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut other = scene.sidecar();
        let steps =
            "FAKE: thread\nFAKE: turn\nFAKE: wait-for go\nFAKE: stamps 200 0.01\nFAKE: complete";
        let run = other.start_run(&scene, steps);
        let mut sidecar = scene.sidecar_opened(era);
        let (events, record) = (uri(&run, "/events"), uri(&run, ""));
        subscribe(&mut sidecar, era, &[events.clone(), record.clone()]);
        let begin = Instant::now();
        go_on(&scene);
        other.wait_for_end(&run, LIMIT);
        while read_json(&mut sidecar, &record)["is_final"] != true {
            sidecar.wait_for_notification(LIMIT, |line| is_update_of(line, &record));
        }
        let slots = begin.elapsed().as_millis() / 250 + 2;
        let told = sidecar.notifications().iter();
        let told = told.filter(|line| is_update_of(line, &events)).count();
        assert!(told as u128 <= slots, "{told} in {slots}");
    }
}

#[test]
fn what_is_not_subscribed_to_any_more_is_not_told() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut other = scene.sidecar();
        let run = start_halting(&scene, &mut other);
        let mut sidecar = scene.sidecar_opened(era);
        let (record, message) = (uri(&run, ""), uri(&run, "/message"));
        // Looked at in this order: what is still told comes after what is not.
        let ended = subscribe(&mut sidecar, era, std::slice::from_ref(&record));
        match ended {
            Some(id) => sidecar.notify("notifications/cancelled", json!({ "requestId": id })),
            None => {
                for _ in 0..2 {
                    let params = json!({ "uri": record });
                    let answer = sidecar.request("resources/unsubscribe", params);
                    assert_eq!(answer["result"], json!({}), "{answer}");
                }
            }
        }
        let kept = subscribe(&mut sidecar, era, std::slice::from_ref(&message));
        sidecar.notifications();
        go_on(&scene);
        wait_for_update(&mut sidecar, &message, kept);
        other.wait_for_end(&run, LIMIT);
        // An answer comes after all that was told before.
        read(&mut sidecar, &message);
        let told = sidecar.notifications();
        assert!(
            !told.iter().any(|line| is_update_of(line, &record)),
            "{told:?}"
        );
    }
}

#[test]
fn a_run_that_is_over_is_told_once() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let run = sidecar.start_run(&scene, "go");
        sidecar.wait_for_end(&run, LIMIT);
        let record = uri(&run, "");
        let subscription = subscribe(&mut sidecar, era, std::slice::from_ref(&record));
        wait_for_update(&mut sidecar, &record, subscription);
        let other = sidecar.start_run(&scene, "go");
        sidecar.wait_for_end(&other, LIMIT);
        assert_eq!(sidecar.notifications(), [] as [serde_json::Value; 0]);
    }
}

#[test]
fn the_end_of_a_run_whose_supervisor_was_killed_is_told() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut other = scene.sidecar();
        let run = start_halting(&scene, &mut other);
        drop(other);
        let mut sidecar = scene.sidecar_opened(era);
        let record = uri(&run, "");
        let subscription = subscribe(&mut sidecar, era, std::slice::from_ref(&record));
        processes::kill(processes::supervisor_of(&run).unwrap());
        wait_for_update(&mut sidecar, &record, subscription);
        assert_eq!(read_json(&mut sidecar, &record)["state"], "lost");
    }
}

#[test]
fn a_run_that_lives_only_in_this_process_is_told_of_too() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        // Listens before there is anything that lives only here.
        let subscription = subscribe(&mut sidecar, era, &["codex://runs".to_owned()]);
        let run = sidecar.start_run_with(&scene, HALTING, json!({"persist": false}));
        wait_for_update(&mut sidecar, "codex://runs", subscription);
        sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "one");
        let message = uri(&run, "/message");
        let subscription = subscribe(&mut sidecar, era, std::slice::from_ref(&message));
        go_on(&scene);
        wait_for_update(&mut sidecar, &message, subscription);
    }
}

#[test]
fn the_status_is_told_when_runs_start_and_end() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut sidecar = scene.sidecar_opened(era);
        let subscription = subscribe(&mut sidecar, era, &["codex://status".to_owned()]);
        let mut other = scene.sidecar();
        let run = start_halting(&scene, &mut other);
        wait_for_update(&mut sidecar, "codex://status", subscription);
        while read_json(&mut sidecar, "codex://status")["running"] != 1 {
            wait_for_update(&mut sidecar, "codex://status", subscription);
        }
        go_on(&scene);
        other.wait_for_end(&run, LIMIT);
        while read_json(&mut sidecar, "codex://status")["running"] != 0 {
            wait_for_update(&mut sidecar, "codex://status", subscription);
        }
    }
}

#[test]
fn a_session_with_subscriptions_ends_as_soon_as_any() {
    for era in ERAS {
        let scene = Scene::new(&Codex::Fake);
        let mut other = scene.sidecar();
        let run = start_halting(&scene, &mut other);
        let mut sidecar = scene.sidecar_opened(era);
        sidecar.request("resources/list", json!({}));
        subscribe(
            &mut sidecar,
            era,
            &[uri(&run, ""), "codex://runs".to_owned()],
        );
        assert_eq!(sidecar.close(Duration::from_secs(3)), Some(0));
    }
}
