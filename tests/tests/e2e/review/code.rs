//! The lines that findings speak of.

use std::fs;

use bridge_core::domain::id::RunId;
use bridge_core::domain::run::Timestamp;
use bridge_core::use_cases::bridge::Bridge;
use bridge_core::use_cases::host::Host;
use codex_bridge_tests::scene::{Scene, program};
use serde_json::{Value, json};

use crate::review::{Repo, finding, opinion, review, reviewer};

/// A bridge as the app has it, over the state of a scene.
fn bridge(scene: &Scene) -> Bridge {
    let env = scene.env().iter();
    Bridge::new(Host {
        env: env
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        home: scene.path().to_owned(),
        config_dir: scene.path().join("config"),
        state_dir: scene.state(),
        sidecar: program("codex-bridge-mcp"),
        now: || Timestamp(1_795_000_000_000),
        random: || 7,
    })
}

/// Each finding that has lines: its number, that of the first line, the lines.
fn code(scene: &Scene, run: &Value) -> Vec<(usize, u32, String)> {
    let id = RunId::parse(run["run_id"].as_str().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let code = runtime.block_on(bridge(scene).review_code(&id)).unwrap();
    let told = code
        .into_iter()
        .map(|one| (one.finding, one.start, one.text.as_str().to_owned()));
    told.collect()
}

#[test]
fn a_finding_is_shown_with_its_lines_as_they_were_reviewed_or_as_they_are_now() {
    let findings = [
        finding("In the file", "a.rs", (5, 5), 1),
        finding("Nowhere", "none.rs", (1, 1), 2),
    ];
    let scene = Scene::scripted("0.169.0", reviewer(move |_| opinion(&findings)));
    let repo = Repo::new(&scene, "shop");
    let text = |fifth: &str| format!("one\ntwo\nthree\nfour\n{fifth}\nsix\nseven\neight\n");
    let key = format!("sk-proj-{}", "a1B2c3D4".repeat(6));
    repo.write("a.rs", &text(&format!("let key = \"{key}\";")))
        .commit("first");
    let mut sidecar = scene.sidecar();
    let committed = review(&mut sidecar, &repo.top, json!({"commit": "HEAD"}));
    repo.write("a.rs", &text("changed"));
    let lying = review(&mut sidecar, &repo.top, json!({}));

    let seen = code(&scene, &committed);
    assert_eq!((seen.len(), seen[0].0, seen[0].1), (1, 0, 3), "{seen:?}");
    assert!(seen[0].2.starts_with("three\nfour\nlet key = "), "{seen:?}");
    assert!(!seen[0].2.contains(&key), "{seen:?}");
    let expected = (0, 3, "three\nfour\nchanged\nsix\nseven\n".to_owned());
    assert_eq!(code(&scene, &lying), [expected]);
    fs::remove_file(repo.top.join("a.rs")).unwrap();
    assert_eq!(code(&scene, &lying), []);
}
