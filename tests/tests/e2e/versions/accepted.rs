//! Every parameter that a client may give, alone and all together, becomes a command line that each version takes.

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::runs::LIMIT;

const ANSWER: &str = r#"MOCK:json {"verdict":"good"}"#;
/// The smallest picture there is.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

/// A world in which all may be asked for that can be.
fn scene(version: &'static str) -> Scene {
    let scene = Scene::new(&Codex::Real(version));
    scene.write_config("[ceilings]\nnetwork = true\nweb_search = true\n");
    for name in ["one.png", "two, with a space.png", "-c.png"] {
        let picture = scene.work().join(name);
        std::fs::write(picture, base64(PICTURE)).expect("the picture");
    }
    scene
}

/// The parameters of a turn, one by one, then all of them.
fn turns(scene: &Scene) -> Vec<Value> {
    let schema = json!({
        "type": "object", "additionalProperties": false,
        "properties": {"verdict": {"type": "string"}}, "required": ["verdict"],
    });
    let images = ["one.png", "-c.png"].map(|name| scene.work().join(name));
    let mut turns = vec![
        json!({}),
        json!({"sandbox": "workspace-write"}),
        json!({"sandbox": "workspace-write", "network": true}),
        json!({"web_search": true}),
        json!({"model": "gpt-5.5"}),
        json!({"effort": "low"}),
        json!({"images": images}),
        json!({"output_schema": schema}),
        json!({"timeout_s": 600}),
        json!({"title": "--help"}),
    ];
    turns.push(together(&turns));
    // The last, since what comes after it in a session may do no more.
    turns.push(json!({"sandbox": "read-only", "network": false}));
    turns
}

/// All that is said in any of them; the last word counts.
fn together(parts: &[Value]) -> Value {
    let mut all = json!({});
    for (key, value) in parts.iter().filter_map(Value::as_object).flatten() {
        all[key] = value.clone();
    }
    all
}

/// Starts a run by a tool and waits for its end, which has to be a success.
fn succeeds(
    sidecar: &mut Sidecar,
    tool: &str,
    asked: &Value,
    more: &Value,
    version: &str,
) -> Value {
    let mut arguments = together(&[asked.clone(), more.clone()]);
    if arguments.get("prompt").is_none() {
        arguments["prompt"] = json!(ANSWER);
    }
    let started = sidecar.call(tool, arguments.clone());
    assert!(
        !started.is_error,
        "{version} {arguments}: {}",
        started.content
    );
    let ended = sidecar.wait_for_end(started.text_at("/run_id"), LIMIT);
    let end = (&ended["state"], &ended["exit"]["code"]);
    assert_eq!(
        end,
        (&json!("succeeded"), &json!(0)),
        "{version} {arguments}: {ended}"
    );
    assert_eq!(
        ended["message"], r#"{"verdict":"good"}"#,
        "{version} {arguments}"
    );
    ended
}

#[test]
fn each_version_takes_each_parameter_of_a_task() {
    for version in VERSIONS {
        let scene = scene(version);
        let mut sidecar = scene.sidecar();
        let folder = json!({"working_dir": scene.work(), "workspace": "in_place"});
        let mut asked = turns(&scene);
        let all = asked[asked.len() - 2].clone();
        let traceless = json!({"persist": false});
        asked.extend([traceless.clone(), together(&[all, traceless])]);
        for asked in &asked {
            succeeds(&mut sidecar, "codex_run_task", &folder, asked, version);
        }
    }
}

#[test]
fn each_version_takes_each_parameter_of_a_next_turn() {
    for version in VERSIONS {
        let scene = scene(version);
        let mut sidecar = scene.sidecar();
        let free = json!({
            "working_dir": scene.work(), "workspace": "in_place", "sandbox": "workspace-write",
            "network": true, "web_search": true,
        });
        let first = succeeds(&mut sidecar, "codex_run_task", &free, &json!({}), version);
        for asked in turns(&scene) {
            let before = json!({"run_id": first["run_id"]});
            let next = succeeds(&mut sidecar, "codex_continue_run", &before, &asked, version);
            assert_eq!(next["thread_id"], first["thread_id"], "{version} {asked}");
        }
    }
}

#[test]
fn each_version_takes_each_parameter_of_a_session_that_is_resumed() {
    for version in VERSIONS {
        let scene = scene(version);
        let mut sidecar = scene.sidecar();
        let free = json!({
            "working_dir": scene.work(), "workspace": "in_place", "sandbox": "workspace-write",
            "network": true, "web_search": true,
        });
        let first = succeeds(&mut sidecar, "codex_run_task", &free, &json!({}), version);
        for asked in turns(&scene) {
            let session = json!({"session_id": first["thread_id"], "working_dir": scene.work()});
            let next = succeeds(
                &mut sidecar,
                "codex_resume_session",
                &session,
                &asked,
                version,
            );
            assert_eq!(next["thread_id"], first["thread_id"], "{version} {asked}");
        }
    }
}

/// Makes the work folder a repository with two commits and a change that is not committed, unless it is one.
pub(super) fn repository(scene: &Scene) {
    if scene.work().join(".git").exists() {
        return;
    }
    let git = |words: &[&str]| {
        let status = std::process::Command::new("git")
            .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"])
            .args(words)
            .env_clear()
            .envs(scene.env())
            .current_dir(scene.work())
            .status()
            .expect("git runs");
        assert!(status.success(), "{words:?}");
    };
    let file = scene.work().join("shop.rs");
    git(&["init", "--quiet", "--initial-branch=main"]);
    std::fs::write(&file, "fn total() {}\n").expect("the file");
    git(&["add", "shop.rs"]);
    git(&["commit", "--quiet", "--message=first"]);
    git(&["branch", "base"]);
    std::fs::write(&file, "fn total() -> u32 { 1 }\n").expect("the file");
    git(&["commit", "--quiet", "--all", "--message=second"]);
    std::fs::write(&file, "fn total() -> u32 { 2 }\n").expect("the file");
}

#[test]
fn each_version_takes_each_parameter_of_a_review() {
    let answer = json!({
        "findings": [], "overall_correctness": "patch is correct",
        "overall_explanation": "It is fine.", "overall_confidence_score": 0.9,
    });
    // The model is told what to say in what it is asked to look for.
    let said = json!({"instructions": format!("MOCK:json {answer}")});
    for version in VERSIONS {
        let scene = scene(version);
        repository(&scene);
        let mut sidecar = scene.sidecar();
        let mut asked = vec![
            json!({}),
            json!({"target": "uncommitted"}),
            json!({"target": "commit", "commit": "HEAD"}),
            json!({"target": "branch", "base": "base"}),
            json!({"model": "gpt-5.5"}),
            json!({"effort": "low"}),
            json!({"timeout_s": 600}),
            json!({"title": "--help"}),
            json!({"persist": false}),
        ];
        asked.push(together(&asked[3..]));
        for asked in &asked {
            let arguments = together(&[
                json!({"working_dir": scene.work()}),
                asked.clone(),
                said.clone(),
            ]);
            let started = sidecar.call("codex_review_repo", arguments.clone());
            assert!(
                !started.is_error,
                "{version} {arguments}: {}",
                started.content
            );
            let ended = sidecar.wait_for_end(started.text_at("/run_id"), LIMIT);
            let end = (&ended["state"], &ended["exit"]["code"]);
            assert_eq!(
                end,
                (&json!("succeeded"), &json!(0)),
                "{version} {arguments}: {ended}"
            );
            assert_ne!(
                ended["review"],
                Value::Null,
                "{version} {arguments}: {ended}"
            );
            let checks = ended["checks"].as_object().expect("the checks");
            let differs = checks.values().any(|check| check == "differs");
            assert!(!differs, "{version} {arguments}: {ended}");
            if asked.get("persist").is_none() {
                assert_eq!(
                    ended["checks"]["sandbox"], "confirmed",
                    "{version} {arguments}"
                );
                assert_eq!(
                    ended["applied"]["sandbox"], "read-only",
                    "{version} {arguments}"
                );
            }
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().map(digit).collect();
    digits
        .chunks(4)
        .flat_map(|chunk| {
            let bits = (0..4).fold(0_u32, |bits, at| {
                bits << 6 | u32::from(chunk.get(at).copied().unwrap_or(0))
            });
            bits.to_be_bytes()[1..chunk.len()].to_vec()
        })
        .collect()
}
