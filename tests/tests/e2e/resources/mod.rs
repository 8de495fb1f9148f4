//! What a client can read, watch, pick and complete besides the tools, in both protocol eras.

mod bounds;
mod complete;
mod idle;
mod list;
mod prompts;
mod read;
mod updates;

use std::time::Duration;

use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::{Opener, Sidecar};
use serde_json::{Value, json};

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// How each era begins.
const ERAS: [Opener; 2] = [Opener::Initialize("2025-11-25"), Opener::Discover];

/// The prompt of a run that says `one`, waits for the file `go` in its folder, says `two` and ends.
const HALTING: &str = "FAKE: thread\nFAKE: turn\nFAKE: message one\nFAKE: wait-for go\nFAKE: message two\nFAKE: complete";

/// Starts a run that halts, and waits until it does.
fn start_halting(scene: &Scene, sidecar: &mut Sidecar) -> String {
    let run = sidecar.start_run(scene, HALTING);
    sidecar.wait_for_event(&run, LIMIT, |event| event["text"] == "one");
    run
}

/// Lets a run that halts go on.
fn go_on(scene: &Scene) {
    std::fs::write(scene.work().join("go"), "").unwrap();
}

/// The address of a part of a run.
fn uri(run: &str, part: &str) -> String {
    format!("codex://runs/{run}{part}")
}

/// Subscribes as the era does; gives the id of the subscription where there is one.
fn subscribe(sidecar: &mut Sidecar, era: Opener, uris: &[String]) -> Option<u64> {
    match era {
        Opener::Discover => Some(listen(sidecar, &json!({ "resourceSubscriptions": uris }))),
        Opener::Initialize(_) | Opener::Nothing => {
            for uri in uris {
                let answer = sidecar.request("resources/subscribe", json!({ "uri": uri }));
                assert_eq!(answer["result"], json!({}), "{uri}: {answer}");
            }
            None
        }
    }
}

/// Opens a `subscriptions/listen` and waits until it is acknowledged, which has to come first.
fn listen(sidecar: &mut Sidecar, filter: &Value) -> u64 {
    let id = sidecar.send_request("subscriptions/listen", json!({ "notifications": filter }));
    let first = sidecar.wait_for_notification(LIMIT, |line| tag(line) == Some(id));
    assert_eq!(
        first["method"], "notifications/subscriptions/acknowledged",
        "{first}"
    );
    assert_eq!(&first["params"]["notifications"], filter, "{first}");
    id
}

/// The subscription to which a notification belongs.
fn tag(line: &Value) -> Option<u64> {
    line["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].as_u64()
}

fn is_update_of(line: &Value, uri: &str) -> bool {
    line["method"] == "notifications/resources/updated" && line["params"]["uri"] == uri
}

fn is_list_change(line: &Value) -> bool {
    line["method"] == "notifications/resources/list_changed"
}

fn wait_for_update(sidecar: &mut Sidecar, uri: &str, subscription: Option<u64>) {
    let told = sidecar.wait_for_notification(LIMIT, |line| is_update_of(line, uri));
    assert_eq!(tag(&told), subscription, "{told}");
}

/// Reads a resource that is there.
fn read(sidecar: &mut Sidecar, uri: &str) -> Value {
    let answer = sidecar.request("resources/read", json!({ "uri": uri }));
    let contents = &answer["result"]["contents"];
    assert_eq!(contents.as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(contents[0]["uri"], uri);
    contents[0].clone()
}

/// Reads one that is JSON.
fn read_json(sidecar: &mut Sidecar, uri: &str) -> Value {
    let contents = read(sidecar, uri);
    assert_eq!(contents["mimeType"], "application/json");
    serde_json::from_str(contents["text"].as_str().unwrap()).unwrap()
}
