//! A whole run through the bridge and bare: of the real Codex with a scripted model, and of the stand-in, which takes so
//! little time itself that the bridge's share stands out.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS, program, real_codex};
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
        format!("run: a whole run, the real Codex with a scripted model ({rounds} runs each)");
    let columns = ["ms", "p25–p75", "overhead ms", "p25–p75"];
    let mut table = Table::new(title, &columns);
    let mut aims = Vec::new();
    for (name, codex, bin) in subjects() {
        let mut scene = Scene::new(&codex);
        // It stands beside `codex exec`; the other way has a question of its own.
        scene.set("CODEX_BRIDGE_BACKEND", "exec");
        let mut sidecar = peer::sidecar(&scene);
        let [mut bare, mut stored, mut fleeting] = [(); 3].map(|()| Figures::default());
        let [mut stored_more, mut fleeting_more] = [(); 2].map(|()| Figures::default());
        for round in 0..=rounds {
            let alone = by_itself(&scene, &bin);
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
        table.row(format!("{name} exec"), cells);
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
        if matches!(codex, Codex::Real(_)) {
            aims.push((name, stored_more.median()));
        }
    }
    for (name, overhead) in aims {
        table.at_most(format!("overhead with {name}, ms"), overhead, 50.0);
    }
    table
}

fn subjects() -> Vec<(String, Codex, PathBuf)> {
    let real = |version| {
        (
            format!("codex {version}"),
            Codex::Real(version),
            real_codex(version),
        )
    };
    let fake = ("fake-codex".to_owned(), Codex::Fake, program("fake-codex"));
    VERSIONS.into_iter().map(real).chain([fake]).collect()
}

fn by_itself(scene: &Scene, bin: &Path) -> Duration {
    let begin = Instant::now();
    let mut child = Command::new(bin)
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
