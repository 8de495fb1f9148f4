//! What the model's commands can do, and what they get to see.

use std::collections::BTreeMap;

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use serde_json::json;

use crate::runs::{has_printed, success, with_each_version, write_allowed};

#[test]
fn a_read_only_sandbox_blocks_writing() {
    with_each_version(|scene, sidecar, _| {
        let prompt = "MOCK:shell echo mine > forbidden.txt || echo refused";
        let read_only = json!({"sandbox": "read-only"});
        let (_, ended) = success(sidecar, scene, prompt, read_only);
        assert_eq!(ended["applied"]["sandbox"], "read-only");
        assert!(has_printed(&ended, "refused"), "{ended}");
        assert!(!scene.work().join("forbidden.txt").exists());
    });
}

#[test]
fn a_writing_sandbox_ends_at_the_folder() {
    with_each_version(|scene, sidecar, _| {
        let folder = scene.folder("project");
        let prompt =
            "MOCK:shell echo mine > allowed.txt; echo mine > ../forbidden.txt || echo refused";
        let mut asked = write_allowed();
        asked["working_dir"] = json!(folder);
        let (_, ended) = success(sidecar, scene, prompt, asked);
        assert_eq!(ended["applied"]["sandbox"], "workspace-write");
        assert!(has_printed(&ended, "refused"), "{ended}");
        assert!(folder.join("allowed.txt").exists());
        assert!(!scene.work().join("forbidden.txt").exists());
    });
}

#[test]
fn the_network_is_open_only_on_request() {
    with_each_version(|scene, sidecar, _| {
        scene.write_config("[ceilings]\nnetwork = true\n");
        let port = scene.model().port();
        let prompt = format!(
            "MOCK:shell (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && echo reached || echo blocked"
        );
        for (network, expected) in [(false, "blocked"), (true, "reached")] {
            let asked = json!({"sandbox": "workspace-write", "network": network});
            let (_, ended) = success(sidecar, scene, &prompt, asked);
            assert_eq!(ended["requested"]["network"], network);
            assert_eq!(ended["applied"]["network"], network);
            assert!(has_printed(&ended, expected), "{ended}");
        }
    });
}

#[test]
fn the_models_commands_get_no_secrets_and_carry_the_runs_marker() {
    for version in VERSIONS {
        eprintln!("with Codex {version}");
        let mut scene = Scene::new(&Codex::Real(version));
        let canaries = [
            "GITHUB_TOKEN",
            "MY_API_KEY",
            "CANARY",
            "AWS_SECRET_ACCESS_KEY",
        ];
        for name in canaries {
            scene.set(name, "canary-in-the-mine");
        }
        let mut sidecar = scene.sidecar();
        let prompt = "MOCK:shell env > seen.txt";
        let (run, _) = success(&mut sidecar, &scene, prompt, write_allowed());
        let seen = std::fs::read_to_string(scene.work().join("seen.txt")).unwrap();
        assert!(!seen.contains("canary-in-the-mine"), "{seen}");
        let seen: BTreeMap<_, _> = seen.lines().filter_map(|l| l.split_once('=')).collect();
        assert_eq!(seen.get("CODEX_BRIDGE_RUN"), Some(&run.as_str()));
        assert!(seen.contains_key("PATH"), "{seen:?}");
        for name in canaries.into_iter().chain(["CODEX_CLI_MCP_STATE_DIR"]) {
            assert!(!seen.contains_key(name), "{name} in {seen:?}");
        }
    }
}
