//! A secret in every place that the bridge reads from, looked for in every place that it writes to.

mod events;
mod plant;
mod sinks;

use std::fs;
use std::time::Duration;

use codex_bridge_tests::repo::Repo;
use codex_bridge_tests::scene::{Codex, Scene, program, write_program};
use codex_bridge_tests::script::fake;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::canary::events::{events, unfinished};
use crate::canary::plant::Canaries;
use crate::canary::sinks::Sinks;

const LIMIT: Duration = Duration::from_secs(60);

/// A client that keeps all it hears.
struct Client {
    sidecar: Sidecar,
    heard: Vec<Value>,
}

impl Client {
    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.sidecar.request(method, params);
        self.heard.push(answer.clone());
        self.heard
            .extend(self.sidecar.notifications().iter().cloned());
        answer["result"]["structuredContent"].clone()
    }

    fn run(&mut self, tool: &str, arguments: &Value) -> String {
        let run = self.call(tool, arguments);
        let id = run["run_id"]
            .as_str()
            .unwrap_or_else(|| panic!("no run: {run}"));
        id.to_owned()
    }

    fn end_of(&mut self, run: &str) -> Value {
        let mut cursor = 0;
        loop {
            let asked = json!({"run_id": run, "cursor": cursor, "wait_s": 5});
            let page = self.call("codex_get_run_updates", &asked);
            cursor = page["next_cursor"].as_u64().unwrap();
            if page["is_final"] == true && page["more"] == false {
                return self.call("codex_get_run", &json!({"run_id": run}));
            }
        }
    }
}

/// A Codex that says something on standard error before anything else, whatever it is asked.
fn complaining_codex(scene: &mut Scene, complaint: &str) {
    let codex = scene.path().join("complaining-codex");
    let fake = program("fake-codex");
    let text = format!(
        "#!/bin/sh\necho 'warning: {complaint}' >&2\nexec \"{}\" \"$@\"\n",
        fake.display()
    );
    write_program(&codex, &text);
    scene.set("CODEX_BIN", &codex.display().to_string());
}

/// All that can be done with the bridge is done, with a secret in every word.
#[test]
fn no_secret_gets_from_any_source_into_any_sink() {
    let mut canaries = Canaries::default();
    let mut scene = Scene::new(&Codex::Fake);
    complaining_codex(&mut scene, &canaries.plant("stderr"));
    scene.set(
        "CLAUDE_CODE_SESSION_ID",
        &canaries.plant("session variable"),
    );
    scene.set("SOME_PATH", &canaries.plant("environment"));
    let key = canaries.plant("unknown key of the configuration");
    let good_config = format!("\"{key}\" = 1\n");
    scene.write_config(&good_config);

    // A repository in which everything has such a name.
    let name = canaries.name("folder");
    let secret_file = canaries.name("file name");
    let content = canaries.plant("file");
    let repo = Repo::with(
        &scene.work().join(&name),
        &[
            (&secret_file, &format!("let a = 1; // {content}\n")),
            ("plain.rs", "one\n"),
        ],
    );
    repo.git(&["checkout", "--quiet", "-b", &canaries.name("branch")]);
    repo.commit(&canaries.plant("commit message"));
    repo.git(&[
        "config",
        "remote.origin.url",
        &format!("https://u:{}@h/r", canaries.name("git remote")),
    ]);
    repo.git(&["config", "user.name", &canaries.plant("git user")]);
    repo.write(
        &canaries.name("untracked file name"),
        &canaries.plant("untracked file"),
    );
    repo.write(
        "plain.rs",
        &format!("one\n{}\n", canaries.plant("uncommitted change")),
    );

    let prompt = format!(
        "Do it with {}.\n{}",
        canaries.plant("prompt"),
        events(&mut canaries)
    );
    let written = canaries.name("file name that Codex wrote");
    let prompt = format!(
        "{prompt}\n{}",
        fake(&[
            &format!(
                "write {written} {}",
                canaries.plant("file that Codex wrote")
            ),
            &format!("message The end: {}", canaries.plant("final message")),
            "complete",
        ])
    );
    let failing = fake(&[
        "thread",
        "turn",
        &format!("fail stream error: {}", canaries.plant("failure")),
        "exit 1",
    ]);
    let unfinished = unfinished(&mut canaries);
    let dying = fake(&["thread", "turn", "exit 7"]);
    let said = canaries.plant("finding");
    let finding = json!({
        "title": format!("[P1] {said}"), "body": said, "priority": 1, "suggested_fix": said,
        "code_location": {"absolute_file_path": "plain.rs", "line_range": {"start": 1, "end": 2}},
    });
    let opinion = json!({
        "findings": [finding], "overall_correctness": "patch is incorrect", "overall_explanation": said,
    });
    let review = format!(
        "Look at {}.\n{}",
        canaries.plant("instructions of a review"),
        fake(&["thread", "turn", &format!("message {opinion}"), "complete"])
    );
    let title = canaries.plant("title");
    let request_id = canaries.name("request id");
    let client_name = canaries.plant("client name");
    let client_version = canaries.plant("client version");
    let schema = canaries.plant("output schema");
    let image = canaries.name("image name");
    fs::write(scene.work().join(format!("{image}.png")), "png").unwrap();
    let wrong = canaries.plant("wrong argument");
    let wrong_name = canaries.name("wrong name");
    canaries.know(&mut scene);

    let log = scene.path().join("sidecar.stderr");
    let mut sinks = Sinks::default();
    let mut client = Client {
        sidecar: scene.logged_sidecar(&log),
        heard: Vec::new(),
    };
    client
        .heard
        .push(client.sidecar.introduce(&client_name, &client_version));

    let asked = json!({
        "prompt": prompt, "working_dir": repo.dir(), "title": title, "request_id": "the-first",
        "sandbox": "workspace-write", "carry_changes": true, "wait_s": 2,
        "output_schema": {"type": "object", "description": schema},
        "images": [scene.work().join(format!("{image}.png"))],
    });
    let params =
        json!({"name": "codex_run_task", "arguments": asked, "_meta": {"progressToken": "p"}});
    let run = client.ask("tools/call", params);
    let run = run["run_id"]
        .as_str()
        .unwrap_or_else(|| panic!("no run: {run}"))
        .to_owned();
    let ended = client.end_of(&run);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(ended["workspace"]["mode"], "worktree", "{ended}");
    assert!(
        ended["message"].as_str().unwrap().contains("[redacted:"),
        "{ended}"
    );

    let in_place = json!({"prompt": failing, "working_dir": repo.dir(), "workspace": "in_place"});
    let failed = client.run("codex_run_task", &in_place);
    assert_eq!(client.end_of(&failed)["state"], "failed");
    let crash = json!({"prompt": dying, "working_dir": repo.dir(), "workspace": "in_place"});
    let crashed = client.run("codex_run_task", &crash);
    assert_eq!(client.end_of(&crashed)["state"], "failed");
    let asked = json!({"working_dir": repo.dir(), "instructions": review});
    let reviewed = client.run("codex_review_repo", &asked);
    let reviewed = client.end_of(&reviewed);
    assert_eq!(reviewed["review"]["verdict"], "needs_work", "{reviewed}");
    assert_eq!(
        reviewed["review"]["findings"].as_array().map(Vec::len),
        Some(1),
        "{reviewed}"
    );
    let page = client.call("codex_get_changes", &json!({"run_id": run}));
    assert!(
        page["files"]
            .as_array()
            .is_some_and(|files| !files.is_empty()),
        "{page}"
    );

    // What is being done is told while it is done.
    for prompt in unfinished {
        let asked = json!({"prompt": prompt, "working_dir": repo.dir(), "workspace": "in_place"});
        let run = client.run("codex_run_task", &asked);
        while client.call("codex_get_run", &json!({"run_id": run}))["activity"].is_null() {
            let next = json!({"run_id": run, "wait_s": 1});
            client.call("codex_get_run_updates", &next);
        }
        client.call("codex_list_runs", &json!({}));
        for file in ["bridge.db", "bridge.db-wal"] {
            sinks.file(file, &scene.state().join(file));
        }
        sinks.ran(&["runs"], scene.cli(&["runs"]).output().unwrap());
        client.call("codex_cancel_run", &json!({"run_id": run}));
    }

    // What is refused quotes what was wrong.
    let dir = repo.dir();
    for (tool, arguments) in [
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": format!("{dir}/{wrong}")}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": format!("/etc/{wrong}")}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": wrong}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, "images": [format!("{dir}/{wrong}.png")]}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, "model": wrong}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, "effort": wrong_name}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, "sandbox": wrong}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, "timeout_s": wrong}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, wrong_name.clone(): 1}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, "request_id": wrong}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "y", "working_dir": dir, "request_id": request_id}),
        ),
        (
            "codex_run_task",
            json!({"prompt": "x", "working_dir": dir, "persist": false, "title": wrong.repeat(5)}),
        ),
        ("codex_get_run", json!({"run_id": wrong})),
        (
            "codex_get_run_updates",
            json!({"run_id": run, "cursor": wrong}),
        ),
        ("codex_cancel_run", json!({"run_id": wrong_name})),
        (
            "codex_list_runs",
            json!({"text": wrong, "client": wrong, "folder": wrong}),
        ),
        ("codex_list_runs", json!({"text": title})),
        (
            "codex_continue_run",
            json!({"run_id": run, "prompt": wrong, "sandbox": wrong}),
        ),
        (
            "codex_resume_session",
            json!({"session_id": wrong, "prompt": "x"}),
        ),
        (
            "codex_review_repo",
            json!({"working_dir": dir, "target": "branch", "base": wrong_name}),
        ),
        (
            "codex_review_repo",
            json!({"working_dir": dir, "target": "commit", "commit": wrong}),
        ),
        ("codex_get_changes", json!({"run_id": run, "path": wrong})),
        ("codex_finish_run", json!({"run_id": run, "action": wrong})),
        (
            "codex_finish_run",
            json!({"run_id": run, "action": "apply", "diff_hash": wrong}),
        ),
        (
            "codex_finish_run",
            json!({"run_id": run, "action": "branch", "branch": wrong}),
        ),
        (&*wrong, json!({})),
    ] {
        client.call(tool, &arguments);
    }
    for (method, params) in [
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        (
            "resources/read",
            json!({"uri": format!("codex://runs/{wrong}")}),
        ),
        ("resources/read", json!({"uri": wrong})),
        ("prompts/list", json!({})),
        ("prompts/get", json!({"name": wrong})),
        ("tools/list", json!({})),
    ] {
        client.ask(method, params);
    }
    for what in ["", "/events", "/message", "/diff", "/review"] {
        client.ask(
            "resources/read",
            json!({"uri": format!("codex://runs/{run}{what}")}),
        );
    }
    client.ask("resources/read", json!({"uri": "codex://runs"}));
    client.ask("resources/read", json!({"uri": "codex://status"}));
    client.call("codex_doctor", &json!({}));
    client.call("codex_list_runs", &json!({}));

    // Work that is taken over, under a name that a person may choose.
    let page = client.call("codex_get_changes", &json!({"run_id": run}));
    let hash = page["diff_hash"].clone();
    client.call(
        "codex_finish_run",
        &json!({"run_id": run, "action": "apply", "diff_hash": hash}),
    );
    let again = json!({"run_id": failed, "prompt": format!("and {wrong}\n{}", fake(&["thread", "turn", "complete"]))});
    client.call("codex_continue_run", &again);

    // A configuration that can't be read, and a Codex that can't be used.
    scene.write_config(&format!(
        "defaults.model = 7 # {key}\n[defaults]\neffort = \"{key}\"\n"
    ));
    client.call(
        "codex_run_task",
        &json!({"prompt": "x", "working_dir": dir}),
    );
    client.call("codex_doctor", &json!({}));
    scene.write_config(&format!(
        "{good_config}[scrub]\npatterns = [\"({wrong}\"]\n"
    ));
    client.call(
        "codex_run_task",
        &json!({"prompt": "x", "working_dir": dir}),
    );
    scene.write_config(&good_config);
    sinks.heard("the client", &client.heard);
    assert_eq!(client.sidecar.close(LIMIT), Some(0));

    // The command line of the same world.
    for args in [
        &["runs"][..],
        &["runs", "--json"],
        &["runs", "--text", &wrong],
        &["show", &run, "--full"],
        &["show", &run, "--json"],
        &["show", &failed],
        &["show", &crashed],
        &["show", &wrong],
        &["changes", &run],
        &["doctor"],
        &["doctor", "--json"],
        &["audit"],
        &["audit", "--json"],
        &["audit", "--client", &wrong],
        &["roots"],
        &["roots", "add", &format!("/nowhere/{wrong}")],
        &[
            "run",
            "--dir",
            &dir,
            "--workspace",
            "in_place",
            &format!("{wrong}\n{failing}"),
        ],
        &[
            "run",
            "--json",
            "--dir",
            &dir,
            "--workspace",
            "in_place",
            &format!("{wrong}\n{failing}"),
        ],
        &["run", "--dir", &format!("/nowhere/{wrong}"), "x"],
        &["cancel", &wrong],
        &["--config", &format!("/nowhere/{wrong}.toml"), "doctor"],
        &["--state-dir", &format!("/dev/null/{wrong_name}"), "runs"],
    ] {
        sinks.ran(
            args,
            scene
                .cli(args)
                .env("CODEX_BRIDGE_LOG", "trace")
                .output()
                .unwrap(),
        );
    }
    for (name, value) in [
        ("CODEX_BIN", format!("/nowhere/{wrong}")),
        ("CODEX_HOME", format!("/nowhere/{wrong}")),
        ("CODEX_CLI_MCP_ALLOWED_ROOTS", wrong.clone()),
        ("CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE", wrong.clone()),
        ("CODEX_BRIDGE_RUN", wrong.clone()),
        ("CODEX_BRIDGE_LOG", wrong.clone()),
    ] {
        for args in [&["doctor"][..], &["run", "--dir", &dir, "x"]] {
            sinks.ran(args, scene.cli(args).env(name, &value).output().unwrap());
        }
    }

    sinks.file("the log of the sidecar", &log);
    sinks.folder(&scene.state());
    assert!(
        sinks.total() > 200_000,
        "little was looked at: {} bytes",
        sinks.total()
    );
    assert!(sinks.has("[redacted:github-token]") && sinks.has("[redacted:known-value]"));
    let found = sinks.find(&canaries);
    assert!(
        found.is_empty(),
        "{} leaks:\n{}",
        found.len(),
        found.join("\n")
    );
}
