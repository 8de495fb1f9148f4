//! Clients are told when the list of resources changes, if they want to be.

use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::json;

use super::*;

fn uris(sidecar: &mut Sidecar) -> Vec<String> {
    let answer = sidecar.request("resources/list", json!({}));
    let listed = answer["result"]["resources"].as_array().unwrap();
    listed
        .iter()
        .map(|resource| resource["uri"].as_str().unwrap().to_owned())
        .collect()
}

fn whole_run(scene: &Scene, sidecar: &mut Sidecar) -> String {
    let run = sidecar.start_run(scene, "go");
    sidecar.wait_for_end(&run, LIMIT);
    run
}

#[test]
fn who_listens_hears_of_every_run_that_appears() {
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = scene.sidecar_opened(Opener::Discover);
    // As Claude Code asks; tools and prompts never change.
    let filter = json!({"toolsListChanged": true, "resourcesListChanged": true});
    let id = sidecar.send_request("subscriptions/listen", json!({ "notifications": filter }));
    let first = sidecar.wait_for_notification(LIMIT, |line| tag(line) == Some(id));
    let accepted = json!({"resourcesListChanged": true});
    assert_eq!(first["params"]["notifications"], accepted, "{first}");
    let mut other = scene.sidecar();
    for _ in 0..2 {
        let run = whole_run(&scene, &mut other);
        let told = sidecar.wait_for_notification(LIMIT, is_list_change);
        assert_eq!(tag(&told), Some(id));
        assert!(uris(&mut sidecar).contains(&uri(&run, "")));
    }
    sidecar.notify("notifications/cancelled", json!({ "requestId": id }));
    // Of one that does not listen any more, nothing is known but what it asks.
    whole_run(&scene, &mut sidecar);
    assert_eq!(sidecar.notifications(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_session_hears_once_until_it_asks_for_the_list_again() {
    let scene = Scene::new(&Codex::Fake);
    let (mut sidecar, mut silent) = (scene.sidecar(), scene.sidecar());
    let mut other = scene.sidecar();
    for _ in 0..2 {
        uris(&mut sidecar);
        whole_run(&scene, &mut other);
        let told = sidecar.wait_for_notification(LIMIT, is_list_change);
        assert_eq!(tag(&told), None);
        // Another run, and the session is told of that run but not of the list.
        let run = start_halting(&scene, &mut other);
        let record = uri(&run, "");
        subscribe(&mut sidecar, ERAS[0], std::slice::from_ref(&record));
        go_on(&scene);
        while read_json(&mut sidecar, &record)["is_final"] != true {
            wait_for_update(&mut sidecar, &record, None);
        }
        other.wait_for_end(&run, LIMIT);
        std::fs::remove_file(scene.work().join("go")).unwrap();
        let told = sidecar.notifications();
        assert!(!told.iter().any(is_list_change), "{told:?}");
        sidecar.request("resources/unsubscribe", json!({ "uri": record }));
    }
    // One that never asked for the list has none that could be old.
    assert_eq!(silent.notifications(), [] as [serde_json::Value; 0]);
}
