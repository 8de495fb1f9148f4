//! How many events a supervisor takes in, and the memory that it takes for it.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{Codex, Scene, program};
use serde_json::json;

use crate::Effort;
use crate::figures::Figures;
use crate::peer::{self, Peer};
use crate::report::{Cell, Table, usual};
use crate::usage;

/// Events of the least size, and of a size that is common.
const KINDS: [(&str, usize, &str); 2] = [("smallest", 200_000, ""), ("1 KiB", 50_000, " 1k")];

/// One flood of each kind in turn.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(2, 6);
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = peer::sidecar(&scene);
    let title =
        format!("intake: events per second, and the supervisor's peak memory ({rounds} runs each)");
    let mut table = Table::new(title, &["events/s", "p25–p75", "peak MiB"]);
    for (size, count, word) in KINDS {
        let steps = [
            "thread",
            "turn",
            &format!("events {count}{word}"),
            "complete",
        ];
        let prompt: String = steps.map(|step| format!("FAKE: {step}\n")).concat();
        let [mut bare, mut bridge, mut peak] = [(); 3].map(|()| Figures::default());
        for _ in 0..rounds {
            bare.push(per_second(count, through_wc(&scene, &prompt)));
            let (took, memory) = through_the_bridge(&mut sidecar, &scene, &prompt, count);
            bridge.push(per_second(count, took));
            memory.into_iter().for_each(|memory| peak.push(memory));
        }
        let cells = usual(&bare).into_iter().chain([Cell::Unknown]).collect();
        table.row(format!("{count} events, {size}: fake-codex | wc -l"), cells);
        let memory = match peak.count() {
            0 => Cell::Unknown,
            _ => Cell::Number(peak.quantile(1.0)),
        };
        let cells = usual(&bridge).into_iter().chain([memory]).collect();
        table.row(format!("{count} events, {size}: a supervised run"), cells);
        if word.is_empty() {
            table.at_least(format!("events/s, {size}"), bridge.median(), 50_000.0);
        }
    }
    table
}

fn per_second(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}

fn through_wc(scene: &Scene, prompt: &str) -> Duration {
    let begin = Instant::now();
    let mut fake = Command::new(program("fake-codex"))
        .args(["exec", "--json", "-"])
        .current_dir(scene.work())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut wc = Command::new("wc")
        .arg("-l")
        .stdin(Stdio::from(fake.stdout.take().unwrap()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = fake.stdin.take().unwrap();
    stdin.write_all(prompt.as_bytes()).unwrap();
    drop(stdin);
    let mut lines = String::new();
    wc.stdout
        .take()
        .unwrap()
        .read_to_string(&mut lines)
        .unwrap();
    assert!(wc.wait().unwrap().success() && fake.wait().unwrap().success());
    begin.elapsed()
}

/// The time until the client knows that the run is over, and the supervisor's peak memory in MiB.
fn through_the_bridge(
    sidecar: &mut Peer,
    scene: &Scene,
    prompt: &str,
    count: usize,
) -> (Duration, Option<f64>) {
    let begin = Instant::now();
    let task = json!({"prompt": prompt, "working_dir": scene.work()});
    let started = sidecar.call("codex_run_task", &task);
    let run = started["run_id"].as_str().unwrap();
    let name = run.to_owned();
    let watch = std::thread::spawn(move || peak_of_supervisor(&name));
    sidecar.follow(run, |_| {});
    let took = begin.elapsed();
    let run = sidecar.call("codex_get_run", &json!({"run_id": run}));
    assert_eq!(run["state"], "succeeded", "{run}");
    let all = count as u64;
    let taken = run["events"].as_u64().zip(run["events_left_out"].as_u64());
    if let Some((kept, left_out)) = taken {
        assert!(kept + left_out >= all, "{run}");
    }
    (took, watch.join().unwrap())
}

fn peak_of_supervisor(run: &str) -> Option<f64> {
    let pid = processes::supervisor_of(run)?;
    let mut peak = None;
    while let Some(memory) = usage::peak_memory(pid) {
        peak = Some(memory);
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}
