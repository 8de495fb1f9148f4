//! What is sent as text arrives as text, and nothing that is sent becomes an option of Codex.

use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::{Value, json};

use crate::traces::Tap;

const LIMIT: Duration = Duration::from_secs(60);

/// What would switch Codex's sandbox or its questions off, or take it elsewhere.
const FORBIDDEN: [&str; 12] = [
    "danger-full-access",
    "--dangerously",
    "--full-auto",
    "--yolo",
    "--trust",
    "--add-dir",
    "--cd",
    "--profile",
    "--oss",
    "approval_policy",
    "sandbox_mode",
    "writable_roots",
];
const FORBIDDEN_WORDS: [&str; 3] = ["-C", "-p", "-a"];

/// A text with characters of every plane of Unicode, and those that terminals and parsers stumble over.
fn every_plane() -> String {
    let mut text = String::from(
        "planes:\u{feff}\r\n\t\u{1}\u{1b}[31m\u{7f}\u{85}\u{202e}\u{2028}\u{200b}e\u{301}",
    );
    for plane in 0..=16_u32 {
        for low in [0x20, 0x3b1, 0xfffd] {
            text.extend(char::from_u32(plane << 16 | low));
        }
    }
    text.push('\u{10ffff}');
    text
}

fn awkward() -> Vec<String> {
    let mut prompts: Vec<String> = [
        "-",
        "--",
        "--help",
        "-c model=\"x\"",
        "--dangerously-bypass-approvals-and-sandbox",
        "@/etc/passwd",
        "$(touch /tmp/never) `id` ; rm -rf / | cat && true",
        "resume",
        "exec",
        "{\"prompt\": \"json\"}",
        "'\"\\",
        " leading and trailing \n\n",
        "\r\n",
    ]
    .iter()
    .map(ToString::to_string)
    .filter(|prompt| !prompt.trim().is_empty())
    .collect();
    prompts.push(every_plane());
    prompts.push("3 MB ".repeat(600_000));
    prompts
}

#[test]
fn every_prompt_arrives_as_it_was_written_and_never_on_the_command_line() {
    let mut scene = Scene::new(&Codex::Fake);
    let tap = Tap::into(&mut scene);
    let mut sidecar = scene.sidecar();
    let prompts = awkward();
    for persist in [true, false] {
        let calls: Vec<_> = prompts
            .iter()
            .map(|prompt| {
                let arguments = json!({
                    "prompt": prompt, "working_dir": scene.work(), "persist": persist,
                });
                sidecar.begin_call("codex_run_task", arguments)
            })
            .collect();
        for call in calls {
            let run = sidecar.finish_call(call).ok();
            let run = sidecar.wait_for_end(run["run_id"].as_str().unwrap(), LIMIT);
            assert_eq!(run["state"], "succeeded", "{run}");
        }
    }
    let mut arrived = tap.prompts();
    let mut sent: Vec<Vec<u8>> = prompts
        .iter()
        .chain(&prompts)
        .map(|prompt| prompt.clone().into_bytes())
        .collect();
    arrived.sort();
    sent.sort();
    assert!(arrived == sent, "a prompt did not arrive as it was written");
    let arguments = tap.arguments();
    assert_eq!(arguments.len(), sent.len());
    for argv in arguments {
        assert_eq!(argv.last().map(String::as_str), Some("-"));
        check_argv(&argv);
    }
}

#[test]
fn the_real_codex_gives_the_model_every_prompt_as_it_was_written() {
    let scene = Scene::new(&Codex::Real("0.169.0"));
    let mut sidecar = scene.sidecar();
    for prompt in [
        "-",
        "--help",
        "@/etc/passwd",
        "-c model=\"x\"",
        &every_plane(),
    ] {
        let run = sidecar.start_run(&scene, prompt);
        let run = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(run["state"], "succeeded", "{prompt:?}: {run}");
        let requests = scene.model().requests();
        let asked = requests.last().expect("a request");
        let messages = asked.user_messages();
        let told = messages.last().expect("a message").text.clone();
        assert_eq!(told.trim(), prompt.trim(), "{prompt:?}");
    }
}

#[test]
fn no_input_becomes_an_option_that_frees_codex() {
    let mut scene = Scene::new(&Codex::Fake);
    let tap = Tap::into(&mut scene);
    scene.write_config("[ceilings]\nnetwork = true\n");
    let mut sidecar = scene.sidecar();
    let image = scene.work().join("--add-dir");
    std::fs::write(&image, "").unwrap();
    let most = json!({
        "sandbox": "workspace-write", "network": true, "web_search": true,
        "model": "danger-full-access", "effort": "danger",
    });
    let texts = [
        json!({}),
        json!({"title": "--full-auto", "request_id": "--dangerously-bypass-approvals-and-sandbox"}),
        json!({"images": [image]}),
        json!({"output_schema": {"--trust": "-C", "sandbox_mode": "danger-full-access"}}),
        json!({"persist": false, "title": "-c sandbox_mode=\"danger-full-access\""}),
    ];
    for text in &texts {
        let run = sidecar.start_run_with(
            &scene,
            "--dangerously-bypass-approvals-and-sandbox",
            text.clone(),
        );
        let run = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(run["state"], "succeeded", "{text}: {run}");
    }
    let arguments = tap.arguments();
    assert_eq!(arguments.len(), texts.len());
    for argv in arguments {
        check_argv(&argv);
        assert!(has_pair(&argv, "--sandbox", "read-only"), "{argv:?}");
    }
    // A model may be called anything that is a name; it stays the value of its option.
    let run = sidecar.start_run_with(&scene, "go", most);
    sidecar.wait_for_end(&run, LIMIT);
    let all = tap.arguments();
    let argv = all
        .iter()
        .find(|argv| has_pair(argv, "--sandbox", "workspace-write"))
        .unwrap();
    assert!(has_pair(argv, "--model", "danger-full-access"), "{argv:?}");
    assert_eq!(argv.iter().filter(|word| *word == "--sandbox").count(), 1);
}

fn has_pair(argv: &[String], option: &str, value: &str) -> bool {
    argv.windows(2).any(|pair| pair == [option, value])
}

fn check_argv(argv: &[String]) {
    for word in argv {
        // An image is a file's path below a root, and the value of `--image`.
        if word.starts_with('/') {
            continue;
        }
        for forbidden in FORBIDDEN {
            assert!(!word.contains(forbidden), "{forbidden} in {argv:?}");
        }
        assert!(
            !FORBIDDEN_WORDS.contains(&word.as_str()),
            "{word} in {argv:?}"
        );
    }
}

#[test]
fn what_codex_may_do_is_what_was_asked_for() {
    let mut scene = Scene::new(&Codex::Fake);
    let tap = Tap::into(&mut scene);
    scene.write_config("[ceilings]\nnetwork = true\n");
    let mut sidecar = scene.sidecar();
    let asked: [(Value, &[&str]); 4] = [
        (
            json!({}),
            &[
                "read-only",
                "network_access=false",
                "web_search=\"disabled\"",
            ],
        ),
        (
            json!({"sandbox": "workspace-write"}),
            &["workspace-write", "network_access=false"],
        ),
        (
            json!({"sandbox": "workspace-write", "network": true, "web_search": true}),
            &[
                "workspace-write",
                "network_access=true",
                "web_search=\"live\"",
            ],
        ),
        (
            json!({"model": "openai/gpt-6:free", "effort": "high"}),
            &[
                "read-only",
                "openai/gpt-6:free",
                "model_reasoning_effort=\"high\"",
            ],
        ),
    ];
    for (more, expected) in asked {
        let before = tap.arguments();
        let run = sidecar.start_run_with(&scene, "go", more);
        sidecar.wait_for_end(&run, LIMIT);
        let after = tap.arguments();
        let argv = after.iter().find(|argv| !before.contains(argv)).unwrap();
        for word in expected {
            assert!(
                argv.iter().any(|arg| arg.ends_with(word)),
                "{word} is not in {argv:?}"
            );
        }
    }
}
