//! A whole run of the real Codex with a scripted model: through the bridge and bare.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS, real_codex};
use serde_json::json;

use crate::Effort;
use crate::figures::Figures;
use crate::peer::{self, Peer};
use crate::report::{Cell, Table, usual};

const PROMPT: &str = "MOCK:answer It works.";

/// One run of each kind in turn.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(8, 40);
    let title =
        format!("run: a whole run of the real Codex with a scripted model ({rounds} runs each)");
    let columns = ["ms", "p25–p75", "overhead ms", "p25–p75"];
    let mut table = Table::new(title, &columns);
    let mut aims = Vec::new();
    for version in VERSIONS {
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = peer::sidecar(&scene);
        let [mut bare, mut stored, mut fleeting] = [(); 3].map(|()| Figures::default());
        let [mut stored_more, mut fleeting_more] = [(); 2].map(|()| Figures::default());
        for round in 0..=rounds {
            let alone = by_itself(&scene, version);
            let kept = through_the_bridge(&mut sidecar, &scene, true);
            let lost = through_the_bridge(&mut sidecar, &scene, false);
            // The first round fills the caches.
            if round == 0 {
                continue;
            }
            bare.push_ms(alone);
            stored.push_ms(kept);
            fleeting.push_ms(lost);
            stored_more.push(ms(kept) - ms(alone));
            fleeting_more.push(ms(lost) - ms(alone));
        }
        let [median, middle] = usual(&bare);
        let none = [Cell::Number(0.0), Cell::Unknown];
        let cells = [median, middle].into_iter().chain(none).collect();
        table.row(format!("codex exec {version}"), cells);
        let rows = [
            ("through the bridge", &stored, &stored_more),
            (
                "through the bridge, persist: false",
                &fleeting,
                &fleeting_more,
            ),
        ];
        for (label, all, more) in rows {
            let cells = usual(all).into_iter().chain(usual(more)).collect();
            table.row(format!("  {label}"), cells);
        }
        aims.push((version, stored_more.median()));
    }
    for (version, overhead) in aims {
        table.at_most(format!("overhead with {version}, ms"), overhead, 50.0);
    }
    table
}

fn by_itself(scene: &Scene, version: &str) -> Duration {
    let begin = Instant::now();
    let mut child = Command::new(real_codex(version))
        .args(["exec", "--json", "--color", "never"])
        .args(["--skip-git-repo-check", "--sandbox", "read-only", "-"])
        .env_clear()
        .envs(scene.env())
        .current_dir(scene.work())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(PROMPT.as_bytes()).unwrap();
    drop(stdin);
    let mut output = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut output)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{output}");
    assert!(output.contains("turn.completed"), "{output}");
    begin.elapsed()
}

fn through_the_bridge(sidecar: &mut Peer, scene: &Scene, persist: bool) -> Duration {
    let begin = Instant::now();
    let task = json!({
        "prompt": PROMPT,
        "working_dir": scene.work(),
        "sandbox": "read-only",
        "persist": persist,
    });
    let started = sidecar.call("codex_run_task", &task);
    let run = started["run_id"].as_str().unwrap();
    sidecar.follow(run, |_| {});
    let took = begin.elapsed();
    let run = sidecar.call("codex_get_run", &json!({"run_id": run}));
    assert_eq!(run["state"], "succeeded", "{run}");
    took
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
