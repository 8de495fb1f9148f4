//! What Codex is writing is seen before it is whole, without a secret in any part, and is gone when it came whole.

use std::time::{Duration, Instant};

use bridge_core::adapters::scripted_model::{Answer, Reply, Request, Usage, reasoning};
use codex_bridge_tests::scene::{Codex, NEWEST, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::runs::{LIMIT, of_kind};
use crate::traces::files_in;

const PAUSE: Duration = Duration::from_millis(400);
/// The secret is cut by a border.
const PIECES: [&str; 6] = [
    "I looked at the whole ",
    "of it.\nThe file sets DB_PASSWORD=wombat",
    "lantern49harvest and ",
    "nothing else.\nAll ",
    "of it is well ",
    "now.",
];
const WHOLE: &str = "I looked at the whole of it.\nThe file sets DB_PASSWORD=[redacted:password] and \
                     nothing else.\nAll of it is well now.";
/// What must be nowhere.
const PARTS: [&str; 3] = ["wombat", "lantern49", "49harvest"];

fn pieces(request: &Request) -> Reply {
    let pieces: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
    Answer::to(request)
        .item(reasoning("I have to look."))
        .growing_message(&pieces, PAUSE)
        .completed(Usage::SMALL)
}

fn scene(version: &'static str) -> Scene {
    let mut scene = Scene::scripted(version, pieces);
    scene.set("CODEX_BRIDGE_BACKEND", "app-server");
    scene
}

/// Everything that is being written until the run is over, each text once, and what a look at it does besides.
fn watch(sidecar: &mut Sidecar, run: &str, mut look: impl FnMut(&Value)) -> Vec<Value> {
    let begun = Instant::now();
    let mut seen: Vec<Value> = Vec::new();
    loop {
        let page = sidecar.call("codex_get_run_updates", json!({"run_id": run, "cursor": 0}));
        let page = page.ok();
        look(&page);
        if let Some(live) = page.get("live")
            && seen.last() != Some(live)
        {
            seen.push(live.clone());
        }
        if page["is_final"] == json!(true) {
            assert_eq!(page.get("live"), None, "{page}");
            return seen;
        }
        assert!(begun.elapsed() < LIMIT, "the run is not over: {page}");
    }
}

/// Fails if a part of the secret is in a text.
fn assert_clean(text: &str, context: &str) {
    for part in PARTS {
        assert!(!text.contains(part), "{part} in {context}: {text}");
    }
}

/// Fails if a part of the secret is in the database, its log, or another file of the bridge.
fn assert_clean_disk(scene: &Scene) {
    let mut folders = vec![scene.state()];
    while let Some(folder) = folders.pop() {
        for path in files_in(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let found = PARTS.iter().find(|part| {
                    let part = part.as_bytes();
                    bytes.windows(part.len()).any(|window| window == part)
                });
                assert_eq!(found, None, "{}", path.display());
            }
        }
    }
}

fn live_rows(scene: &Scene) -> i64 {
    let db = rusqlite::Connection::open(scene.state().join("bridge.db")).unwrap();
    db.query_row("SELECT count(*) FROM live", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn a_message_is_seen_as_it_grows_and_its_secret_never() {
    for version in VERSIONS {
        let scene = scene(version);
        let mut sidecar = scene.sidecar();
        let run = sidecar.start_run(&scene, "look");
        let mut looks = 0;
        let seen = watch(&mut sidecar, &run, |page| {
            assert_clean(&page.to_string(), "an answer");
            looks += 1;
            if looks % 20 == 0 {
                assert_clean_disk(&scene);
            }
        });
        let texts: Vec<&str> = seen
            .iter()
            .filter(|live| live["kind"] == "message")
            .map(|live| live["text"].as_str().expect("a text"))
            .collect();
        assert!(texts.len() >= 3, "{version}: {seen:?}");
        assert!(texts[0].len() < WHOLE.len() / 2, "{version}: {texts:?}");
        for pair in texts.windows(2) {
            assert!(pair[1].starts_with(pair[0]), "{version}: {pair:?}");
        }
        assert!(
            texts.iter().all(|text| WHOLE.starts_with(text)),
            "{texts:?}"
        );
        // History has the whole item, once.
        let events = sidecar.all_events(&run);
        let messages = of_kind(&events, "message");
        assert_eq!(messages.len(), 1, "{version}: {events:?}");
        assert_eq!(messages[0]["text"], WHOLE);
        assert_eq!(sidecar.get_run(&run)["message"], WHOLE);
        assert_eq!(live_rows(&scene), 0);
        assert_clean_disk(&scene);
    }
}

#[test]
fn a_client_that_waits_is_told_what_is_being_written() {
    let scene = scene(NEWEST);
    let mut sidecar = scene.sidecar();
    let call = sidecar.send_request(
        "tools/call",
        json!({
            "name": "codex_run_task",
            "arguments": {"prompt": "look", "working_dir": scene.work(), "wait_s": 40},
            "_meta": {"progressToken": "p"},
        }),
    );
    let answer = sidecar.finish_call(call).ok();
    assert_eq!(answer["state"], "succeeded", "{answer}");
    let told: Vec<String> = sidecar
        .notifications()
        .iter()
        .filter(|told| told["method"] == "notifications/progress")
        .map(|told| {
            told["params"]["message"]
                .as_str()
                .expect("a message")
                .to_owned()
        })
        .collect();
    let expected = [
        "writing: I looked at the whole",
        "writing: The file sets",
        "writing: All of it is well",
    ];
    let mut rest = told.iter();
    for line in expected {
        assert!(rest.any(|told| told == line), "{line} in {told:?}");
    }
    for line in &told {
        assert_clean(line, "progress");
    }
}

#[test]
fn a_command_is_seen_as_it_writes() {
    for version in VERSIONS {
        let mut scene = Scene::new(&Codex::Real(version));
        scene.set("CODEX_BRIDGE_BACKEND", "app-server");
        let mut sidecar = scene.sidecar();
        let prompt = "MOCK:shell for n in 1 2 3 4; do echo number $n; sleep 0.4; done";
        let run = sidecar.start_run(&scene, prompt);
        let seen = watch(&mut sidecar, &run, |_| {});
        let of_command: Vec<_> = seen
            .iter()
            .filter(|live| live["kind"] == "output")
            .filter_map(|live| live["text"].as_str())
            .collect();
        // 0.118 does not tell what comes in the first moment.
        assert!(
            of_command
                .iter()
                .any(|text| text.contains("number 2") && !text.contains("number 4")),
            "{version}: {seen:?}"
        );
    }
}

#[test]
fn nothing_is_left_of_it_when_the_run_is_cancelled() {
    let scene = scene(NEWEST);
    let mut sidecar = scene.sidecar();
    let run = sidecar.start_run(&scene, "look");
    let begun = Instant::now();
    while live_rows(&scene) == 0 {
        assert!(begun.elapsed() < LIMIT, "nothing is being written");
    }
    let ended = sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    assert_eq!(ended["state"], "cancelled", "{ended}");
    assert_eq!(live_rows(&scene), 0);
}
