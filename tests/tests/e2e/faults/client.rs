//! What MCP clients may do, and what the system may refuse the sidecar.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use codex_bridge_tests::processes::{
    self, limit_descriptors, memory, peak_memory, processor_time, wait_until,
};
use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::Opener;
use serde_json::{Value, json};

use super::{LONG, ending, fake, prompt};

/// How soon a sidecar is gone whose client is gone.
const GONE: Duration = Duration::from_secs(3);

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"tester","version":"1"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized","params":{}}"#;

/// A sidecar with which the test does what it wants.
fn raw_sidecar(scene: &Scene) -> Child {
    scene
        .cli(&["serve"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the sidecar starts")
}

fn assert_gone(mut sidecar: Child) {
    wait_until(GONE, "the sidecar ends", || {
        sidecar.try_wait().expect("it can be asked").is_some()
    });
}

#[test]
fn a_client_that_leaves_in_mid_call_leaves_no_sidecar_and_stops_no_run() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    let steps = ["thread", "turn", "message ready", "wait-for go", "complete"];
    let run = sidecar.start_run(&scene, &prompt(&steps));
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    let wait = json!({"run_id": run, "cursor": 1000, "wait_s": 45});
    sidecar.begin_call("codex_get_run_updates", wait);
    sidecar.begin_call("codex_run_task", json!({"prompt": "x", "wait_s": 45}));
    assert_eq!(sidecar.close(GONE), Some(0));

    std::fs::write(scene.work().join("go"), "").expect("the folder is writable");
    let end = scene.sidecar().wait_for_end(&run, LONG);
    assert_eq!(ending(&end), ("succeeded", None));
}

#[test]
fn half_a_line_at_the_end_of_the_input_is_no_reason_to_stay() {
    for text in [
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"meth",
        "",
        "\u{feff}",
        "\n\n",
    ] {
        let scene = fake();
        let mut sidecar = raw_sidecar(&scene);
        let mut stdin = sidecar.stdin.take().expect("a pipe");
        stdin.write_all(text.as_bytes()).expect("it reads");
        drop(stdin);
        assert_gone(sidecar);
    }
}

#[test]
fn lines_that_are_no_messages_stop_nobody() {
    let scene = fake();
    let mut sidecar = scene.sidecar_opened(Opener::Nothing);
    for line in [
        "not json",
        "{",
        "[]",
        "null",
        "42",
        "{\"jsonrpc\":\"2.0\"}",
        "\u{0}",
    ] {
        sidecar.send_line(line);
    }
    sidecar.send_line(&INITIALIZE.replace("\"id\":0", "\"id\":1000"));
    let answer = sidecar.wait_for(1000, LONG);
    assert!(answer.get("result").is_some(), "{answer}");
    sidecar.send_line(INITIALIZED);
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );
}

#[test]
fn a_client_that_never_reads_costs_neither_memory_nor_processor_time() {
    let scene = fake();
    let mut other = scene.sidecar();
    // Something to tell that fills an answer.
    let run = other.start_run(
        &scene,
        &prompt(&["thread", "turn", "events 60 1k", "complete"]),
    );
    other.wait_for_end(&run, LONG);

    let mut sidecar = raw_sidecar(&scene);
    let pid = sidecar.id();
    let mut stdin = sidecar.stdin.take().expect("a pipe");
    let stdout = sidecar.stdout.take().expect("a pipe");
    let sent = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let ask = |id: usize| {
                json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params":
                    {"name": "codex_get_run_updates", "arguments": {"run_id": run}}})
            };
            let lines = [INITIALIZE.to_owned(), INITIALIZED.to_owned()];
            let lines = lines
                .into_iter()
                .chain((1..=5_000).map(|id| ask(id).to_string()));
            for line in lines {
                // The sidecar need not read on: then this ends when it is killed.
                if writeln!(stdin, "{line}").is_err() {
                    return;
                }
                sent.fetch_add(1, Ordering::SeqCst);
            }
        });
        // All is sent, or nothing more is taken.
        let mut last = 0;
        wait_until(LONG, "the sidecar has enough", || {
            std::thread::sleep(Duration::from_millis(500));
            let now = sent.load(Ordering::SeqCst);
            std::mem::replace(&mut last, now) == now && now > 0
        });
        wait_until(LONG, "the sidecar is at rest", || {
            let before = processor_time(pid);
            std::thread::sleep(Duration::from_millis(300));
            before.is_some() && processor_time(pid) == before
        });
        let taken = peak_memory(pid).expect("it lives");
        assert!(taken < 128 * 1024 * 1024, "{taken} bytes");
        // Other clients are served meanwhile.
        assert_eq!(other.get_run(&run)["is_final"], json!(true));
        sidecar.kill().expect("it lives");
    });
    drop(stdout);
    sidecar.wait().expect("it was killed");
}

#[test]
fn a_client_that_never_reads_and_leaves_is_not_waited_for() {
    let scene = fake();
    let mut sidecar = raw_sidecar(&scene);
    let mut stdin = sidecar.stdin.take().expect("a pipe");
    let mut stdout = BufReader::new(sidecar.stdout.take().expect("a pipe"));
    writeln!(stdin, "{INITIALIZE}\n{INITIALIZED}").expect("it reads");
    stdout.read_line(&mut String::new()).expect("an answer");
    for id in 1..=30 {
        // Each answer has all schemas: together they are far more than a pipe holds.
        let line = json!({"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": {}});
        writeln!(stdin, "{line}").expect("it reads");
    }
    drop(stdin);
    assert_gone(sidecar);
    // The pipe was kept open all the time.
    stdout.read_to_end(&mut Vec::new()).expect("the rest");
}

#[test]
fn ten_thousand_requests_fill_the_queue_and_no_memory() {
    let scene = fake();
    scene.write_config("[limits]\nrunning = 1\nqueued = 3\n");
    let mut sidecar = scene.sidecar();
    let steps = ["thread", "turn", "message ready", "wait-for go", "complete"];
    let run = sidecar.start_run(&scene, &prompt(&steps));
    sidecar.wait_for_event(&run, LONG, |event| event["text"] == "ready");
    let before = memory(sidecar.pid()).expect("it lives");
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let calls: Vec<u64> = (0..10_000)
        .map(|_| sidecar.begin_call("codex_run_task", arguments.clone()))
        .collect();
    let answers: Vec<_> = calls
        .into_iter()
        .map(|id| sidecar.finish_call(id))
        .collect();
    let (full, started): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_error);
    assert_eq!(started.len(), 3);
    for answer in full {
        assert_eq!(answer.code(), "queue_full");
    }
    let peak = peak_memory(sidecar.pid()).expect("it lives");
    assert!(peak < before + 128 * 1024 * 1024, "{before} then {peak}");
    let locks = std::fs::read_dir(scene.state().join("locks")).map_or(0, Iterator::count);
    assert!(locks <= 4, "{locks} locks are left");

    std::fs::write(scene.work().join("go"), "").expect("the folder is writable");
    for answer in started {
        let end = sidecar.wait_for_end(answer.text_at("/run_id"), LONG);
        assert_eq!(ending(&end), ("succeeded", None));
    }
}

#[test]
fn a_request_repeated_while_the_first_is_under_way_starts_one_run() {
    let scene = fake();
    let mut sidecars = [scene.sidecar(), scene.sidecar()];
    let arguments = json!({
        "prompt": prompt(&["thread", "turn", "message once", "complete"]),
        "working_dir": scene.work(),
        "request_id": "the-same",
    });
    let calls: Vec<(usize, u64)> = (0..10)
        .map(|n| {
            (
                n % 2,
                sidecars[n % 2].begin_call("codex_run_task", arguments.clone()),
            )
        })
        .collect();
    let answers: Vec<Value> = calls
        .into_iter()
        .map(|(n, id)| sidecars[n].finish_call(id).ok())
        .collect();
    let first = &answers[0]["run_id"];
    assert!(answers.iter().all(|answer| answer["run_id"] == *first));
    let new = answers
        .iter()
        .filter(|answer| answer["repeated"] == json!(false));
    assert_eq!(new.count(), 1);
    let runs = sidecars[0].call("codex_list_runs", json!({})).ok();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1));
    let id = first.as_str().expect("an id");
    assert_eq!(
        ending(&sidecars[1].wait_for_end(id, LONG)),
        ("succeeded", None)
    );
}

#[test]
fn two_clients_that_cancel_at_once_get_the_same_end() {
    let scene = fake();
    let mut sidecars = [scene.sidecar(), scene.sidecar()];
    let steps = [
        "thread",
        "turn",
        "spawn stubborn 600",
        "message ready",
        "hang",
    ];
    let run = sidecars[0].start_run(&scene, &prompt(&steps));
    sidecars[0].wait_for_event(&run, LONG, |event| event["text"] == "ready");
    let arguments = json!({"run_id": run});
    let calls = [0, 1, 0, 1].map(|n| {
        (
            n,
            sidecars[n].begin_call("codex_cancel_run", arguments.clone()),
        )
    });
    let ends = calls.map(|(n, id)| sidecars[n].finish_call(id).ok());
    for end in &ends {
        assert_eq!(end["state"], "cancelled", "{end}");
        assert_eq!(end["ended_at"], ends[0]["ended_at"]);
    }
    assert_eq!(processes::of_run(&run), Vec::<u32>::new());
    let again = sidecars[0].call("codex_cancel_run", arguments).ok();
    assert_eq!(again["ended_at"], ends[0]["ended_at"]);
    let events = sidecars[0].all_events(&run);
    let finals = events.iter().filter(|event| event["state"] == "cancelled");
    assert_eq!(finals.count(), 1);
}

#[test]
fn without_free_descriptors_a_run_fails_with_a_reason_and_the_sidecar_lives() {
    let scene = fake();
    let mut sidecar = scene.sidecar();
    // 64 are enough for all it does.
    limit_descriptors(sidecar.pid(), 64);
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );

    let open = std::fs::read_dir(format!("/proc/{}/fd", sidecar.pid()));
    let open = open.expect("it lives").count() as u64;
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    for spare in 0..6 {
        limit_descriptors(sidecar.pid(), open + spare);
        let asked = Instant::now();
        let answer = sidecar.call("codex_run_task", arguments.clone());
        assert!(asked.elapsed() < LONG);
        if answer.is_error {
            assert_ne!(answer.code(), "internal", "{}", answer.content);
            assert!(
                answer.text_at("/message").contains("Too many open files"),
                "{}",
                answer.content
            );
        }
    }
    limit_descriptors(sidecar.pid(), 1024);
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );
    // Nothing is stuck: what did not start says so.
    let runs = sidecar.call("codex_list_runs", json!({})).ok();
    for run in runs["runs"].as_array().expect("a list") {
        let run = run["run_id"].as_str().expect("an id");
        sidecar.wait_for_end(run, LONG);
    }
}

/// A user of whom no other process is on the machine: the limit counts them all.
const LONELY_USER: u32 = 54_321;

/// Not even root may set the limits of other users everywhere; the user can.
fn limit_processes(pid: u32, most: u32) {
    let done = std::process::Command::new("setpriv")
        .args([
            format!("--reuid={LONELY_USER}"),
            format!("--regid={LONELY_USER}"),
        ])
        .args(["--clear-groups", "prlimit"])
        .args([format!("--pid={pid}"), format!("--nproc={most}:")])
        .status();
    assert!(done.is_ok_and(|status| status.success()), "no limit is set");
}

#[test]
fn without_free_processes_a_run_fails_with_a_reason_and_the_sidecar_lives() {
    let scene = fake();
    // Root knows no such limit, and only root can become somebody else.
    let owner = format!("{LONELY_USER}:{LONELY_USER}");
    let given = std::process::Command::new("chown")
        .args(["-R", &owner])
        .arg(scene.path())
        .status();
    let Some(mut sidecar) = given
        .is_ok_and(|status| status.success())
        .then(|| scene.sidecar_as(LONELY_USER))
    else {
        eprintln!("skipped: to become another user takes root");
        return;
    };
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );
    wait_until(LONG, "the supervisor ends", || {
        processes::supervisor_of(&run).is_none()
    });

    limit_processes(sidecar.pid(), 1);
    let arguments = json!({"prompt": "do it", "working_dir": scene.work()});
    let refused = sidecar.call("codex_run_task", arguments);
    assert_eq!(refused.code(), "spawn_failed", "{}", refused.content);
    let message = refused.text_at("/message");
    assert!(
        message.contains("Resource temporarily unavailable"),
        "{message}"
    );
    // The record says the same.
    let runs = sidecar.call("codex_list_runs", json!({})).ok();
    let newest = &runs["runs"][0];
    assert_eq!(ending(newest), ("failed", Some("spawn_failed")), "{newest}");

    limit_processes(sidecar.pid(), 1000);
    let run = sidecar.start_run(&scene, "do it");
    assert_eq!(
        ending(&sidecar.wait_for_end(&run, LONG)),
        ("succeeded", None)
    );
}
