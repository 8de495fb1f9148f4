//! From the moment in which Codex writes an event to the moment in which a waiting client has it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use codex_bridge_tests::scene::{Codex, Scene, program};
use serde_json::{Value, json};

use crate::Effort;
use crate::figures::Figures;
use crate::peer::{self, Peer};
use crate::report::{Table, with_tail};

/// Stamps in one run.
const STAMPS: usize = 60;

/// One run of each kind, again and again.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(2, 8);
    let scene = Scene::new(&Codex::Fake);
    let mut sidecar = peer::sidecar(&scene);
    let [mut bare, mut same, mut across] = [(); 3].map(|()| Figures::default());
    for _ in 0..rounds {
        through_a_pipe(&scene, &mut bare);
        through_the_bridge(&mut sidecar, &scene, false, &mut same);
        through_the_bridge(&mut sidecar, &scene, true, &mut across);
    }
    let count = rounds * STAMPS;
    let title = format!("delay: from Codex's write to the waiting client ({count} events each)");
    let mut table = Table::new(title, &["ms", "p25–p75", "p99"]);
    table.row("a bare pipe", with_tail(&bare));
    table.row(
        "the bridge, same process (persist: false)",
        with_tail(&same),
    );
    table.row("the bridge, across processes", with_tail(&across));
    table.at_most("across processes, p99 ms", across.p99(), 120.0);
    table
}

fn prompt() -> String {
    let steps = format!("thread\nturn\nstamps {STAMPS} 0.03\nmessage done\ncomplete");
    let lines = steps.lines().map(|step| format!("FAKE: {step}\n"));
    lines.collect()
}

fn through_a_pipe(scene: &Scene, figures: &mut Figures) {
    let mut child = Command::new(program("fake-codex"))
        .args(["exec", "--json", "-"])
        .current_dir(scene.work())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(prompt().as_bytes()).unwrap();
    drop(stdin);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        take(&event["item"], figures);
    }
    child.wait().unwrap();
}

fn through_the_bridge(sidecar: &mut Peer, scene: &Scene, persist: bool, figures: &mut Figures) {
    let task = json!({"prompt": prompt(), "working_dir": scene.work(), "persist": persist});
    let started = sidecar.call("codex_run_task", &task);
    let before = figures.count();
    let run = started["run_id"].as_str().unwrap();
    sidecar.follow(run, |event| take(event, figures));
    assert_eq!(figures.count() - before, STAMPS, "stamps of {run}");
}

/// Takes an event's age if it has a stamp.
fn take(event: &Value, figures: &mut Figures) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let words: Vec<&str> = event["text"].as_str().unwrap_or("").split(' ').collect();
    if let [seconds, "s", rest, "ns"] = words[..] {
        let seconds: f64 = seconds.parse().unwrap();
        let rest: f64 = rest.parse().unwrap();
        #[allow(clippy::cast_precision_loss)]
        let age =
            (now.as_secs() as f64 - seconds) * 1e3 + (f64::from(now.subsec_nanos()) - rest) / 1e6;
        figures.push(age);
    }
}
