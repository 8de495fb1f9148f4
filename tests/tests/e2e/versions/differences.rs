//! What differs between the versions of Codex, tool by tool. The table is checked against the real programs, and is
//! what the README says.

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS};
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

use crate::runs::{LIMIT, of_kind};
use crate::versions::accepted::repository;

/// The ways to drive Codex.
const BACKENDS: [&str; 2] = ["exec", "app-server"];

/// Tool, what is looked at, and what is seen with each of [`VERSIONS`].
struct Row(&'static str, &'static str, Look, [&'static str; 3]);

type Look = fn(&mut World) -> String;

const DIFFERENCES: &[Row] = &[
    Row(
        "codex_run_task",
        "its own choice of a model",
        own_model,
        ["gpt-5.3-codex", "gpt-5.5", "gpt-6.1-sol"],
    ),
    Row(
        "codex_run_task",
        "effort `ultra`",
        ultra,
        ["unsupported", "succeeded", "succeeded"],
    ),
    Row(
        "codex_run_task",
        "a model that it does not know",
        unknown_model,
        ["no word", "a warning", "a warning"],
    ),
    Row(
        "codex_run_task",
        "an answer that is cut at its limit",
        cut_answer,
        ["tried again", "tried again", "failed"],
    ),
    Row(
        "codex_run_task",
        "the model's plan",
        plan,
        ["shown", "shown", "none"],
    ),
    Row(
        "codex_run_task",
        "an answer bound to a schema",
        schema,
        ["bound", "bound", "bound"],
    ),
    Row(
        "codex_get_run",
        "what was applied",
        applied,
        ["confirmed", "confirmed", "confirmed"],
    ),
    Row(
        "codex_get_run",
        "tokens of reasoning",
        reasoning,
        ["not told", "told", "told"],
    ),
    Row(
        "codex_get_run_updates",
        "a command",
        command,
        ["shown", "shown", "shown"],
    ),
    Row(
        "codex_list_runs",
        "sessions of Codex's own",
        sessions,
        ["listed", "listed", "listed"],
    ),
    Row(
        "codex_steer_run",
        "a word in the middle of a turn",
        steer,
        ["not_steerable", "not_steerable", "not_steerable"],
    ),
    Row(
        "codex_cancel_run",
        "a command under way",
        cancel,
        ["cancelled", "cancelled", "cancelled"],
    ),
    Row(
        "codex_continue_run",
        "the next turn",
        next_turn,
        ["same thread", "same thread", "same thread"],
    ),
    Row(
        "codex_continue_run",
        "an answer bound to a schema",
        next_schema,
        ["bound", "bound", "bound"],
    ),
    Row(
        "codex_resume_session",
        "a session",
        resumed,
        ["same thread", "same thread", "same thread"],
    ),
    Row(
        "codex_get_changes",
        "a new file in a worktree",
        changes,
        ["a patch", "a patch", "a patch"],
    ),
    Row(
        "codex_finish_run",
        "a worktree that is applied",
        finish,
        ["in the folder", "in the folder", "in the folder"],
    ),
    Row(
        "codex_review_repo",
        "a change that is not committed",
        review,
        ["a finding", "a finding", "a finding"],
    ),
    Row(
        "codex_doctor",
        "what it lacks",
        lacks,
        ["`codex debug models`", "nothing", "nothing"],
    ),
    Row(
        "codex_doctor",
        "models",
        models,
        ["not told", "gpt-5.5 and 4 more", "gpt-6.1-sol and 8 more"],
    ),
];

/// What is otherwise where an app-server is driven.
const OF_APP_SERVERS: &[(&str, [&str; 3])] = &[
    ("tokens of reasoning", ["told", "told", "told"]),
    ("a word in the middle of a turn", ["told", "told", "told"]),
];

struct World {
    scene: Scene,
    sidecar: Sidecar,
}

impl World {
    fn new(version: &'static str, backend: &str) -> World {
        let mut scene = Scene::new(&Codex::Real(version));
        scene.set("CODEX_BRIDGE_BACKEND", backend);
        let sidecar = scene.sidecar();
        World { scene, sidecar }
    }

    fn run(&mut self, prompt: &str, more: Value) -> Value {
        let run = self.sidecar.start_run_with(&self.scene, prompt, more);
        self.sidecar.wait_for_end(&run, LIMIT)
    }

    /// The next turn of a run or session.
    fn turn(&mut self, tool: &str, of: Value, more: Value) -> Value {
        let mut arguments = json!({"prompt": "MOCK:answer Again."});
        for (key, value) in [of, more].iter().filter_map(Value::as_object).flatten() {
            arguments[key] = value.clone();
        }
        let started = self.sidecar.call(tool, arguments).ok();
        let run = started["run_id"].as_str().expect("an id");
        self.sidecar.wait_for_end(run, LIMIT)
    }

    fn is_bound(&self) -> String {
        let requests = self.scene.model().requests();
        let schema = requests
            .last()
            .and_then(|request| request.output_schema().cloned());
        either(schema == Some(a_schema()), "bound", "not bound")
    }
}

fn either(is_so: bool, yes: &str, no: &str) -> String {
    if is_so { yes } else { no }.to_owned()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

fn a_schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false,
        "properties": {"verdict": {"type": "string"}}, "required": ["verdict"],
    })
}

fn own_model(world: &mut World) -> String {
    let file = world.scene.codex_home().join("config.toml");
    let with = std::fs::read_to_string(&file).expect("the configuration");
    let without: Vec<&str> = with
        .lines()
        .filter(|line| !line.starts_with("model ="))
        .collect();
    std::fs::write(&file, without.join("\n")).expect("the configuration");
    let ended = world.run("MOCK:answer", json!({}));
    std::fs::write(&file, with).expect("the configuration");
    word(&ended["applied"]["model"])
}

fn ultra(world: &mut World) -> String {
    let ended = world.run(
        "MOCK:answer",
        json!({"model": "gpt-5.5", "effort": "ultra"}),
    );
    match &ended["error"] {
        Value::Null => word(&ended["state"]),
        error => word(&error["code"]),
    }
}

fn unknown_model(world: &mut World) -> String {
    let ended = world.run("MOCK:answer", json!({"model": "no-such-model"}));
    let events = world.sidecar.all_events(&word(&ended["run_id"]));
    either(
        of_kind(&events, "warning").is_empty(),
        "no word",
        "a warning",
    )
}

fn cut_answer(world: &mut World) -> String {
    let before = world.scene.model().requests().len();
    let ended = world.run("MOCK:incomplete", json!({}));
    assert_eq!(ended["error"]["code"], "stream_cut", "{ended}");
    let asked = world.scene.model().requests().len() - before;
    either(asked > 1, "tried again", "failed")
}

fn plan(world: &mut World) -> String {
    let ended = world.run("MOCK:plan", json!({}));
    let events = world.sidecar.all_events(&word(&ended["run_id"]));
    either(of_kind(&events, "plan").is_empty(), "none", "shown")
}

fn schema(world: &mut World) -> String {
    world.run("MOCK:answer", json!({"output_schema": a_schema()}));
    world.is_bound()
}

fn applied(world: &mut World) -> String {
    let ended = world.run("MOCK:answer", json!({"model": "gpt-5.5", "effort": "low"}));
    let checks = ended["checks"].as_object().expect("the checks");
    either(
        checks.values().all(|check| check == "confirmed"),
        "confirmed",
        &ended["checks"].to_string(),
    )
}

fn reasoning(world: &mut World) -> String {
    let ended = world.run("MOCK:answer", json!({}));
    either(ended["usage"]["reasoning_tokens"] == 0, "not told", "told")
}

fn command(world: &mut World) -> String {
    let ended = world.run("MOCK:shell echo seen", json!({}));
    let events = world.sidecar.all_events(&word(&ended["run_id"]));
    let commands = of_kind(&events, "command");
    let is_shown = |event: &&Value| word(&event["command"]).contains("echo seen");
    either(commands.iter().any(is_shown), "shown", "none")
}

fn sessions(world: &mut World) -> String {
    let ended = world.run("MOCK:answer", json!({}));
    let page = world
        .sidecar
        .call("codex_list_runs", json!({"source": "codex"}))
        .ok();
    let sessions = page["sessions"].as_array().expect("sessions");
    let is_it = |session: &Value| session["session_id"] == ended["thread_id"];
    either(sessions.iter().any(is_it), "listed", "missing")
}

fn steer(world: &mut World) -> String {
    let held = "MOCK:shell until [ -e go ]; do sleep 0.05; done";
    let run = world.sidecar.start_run(&world.scene, held);
    let is_command = |event: &Value| event["kind"] == "command";
    world.sidecar.wait_for_event(&run, LIMIT, is_command);
    let said = json!({"run_id": run, "message": "MOCK:answer Aye."});
    let answer = world.sidecar.call("codex_steer_run", said);
    let code = answer.is_error.then(|| answer.code().to_owned());
    std::fs::write(world.scene.work().join("go"), "").expect("a file");
    let ended = world.sidecar.wait_for_end(&run, LIMIT);
    code.unwrap_or_else(|| either(ended["message"] == "Aye.", "told", "not told"))
}

fn cancel(world: &mut World) -> String {
    let run = world
        .sidecar
        .start_run(&world.scene, "MOCK:shell sleep 600");
    let is_command = |event: &Value| event["kind"] == "command";
    world.sidecar.wait_for_event(&run, LIMIT, is_command);
    let ended = world
        .sidecar
        .call("codex_cancel_run", json!({"run_id": run}))
        .ok();
    word(&ended["state"])
}

fn next_turn(world: &mut World) -> String {
    let first = world.run("MOCK:answer", json!({}));
    let of = json!({"run_id": first["run_id"]});
    let next = world.turn("codex_continue_run", of, json!({}));
    either(
        next["thread_id"] == first["thread_id"],
        "same thread",
        "another",
    )
}

fn next_schema(world: &mut World) -> String {
    let first = world.run("MOCK:answer", json!({}));
    let of = json!({"run_id": first["run_id"]});
    world.turn(
        "codex_continue_run",
        of,
        json!({"output_schema": a_schema()}),
    );
    world.is_bound()
}

fn resumed(world: &mut World) -> String {
    let first = world.run("MOCK:answer", json!({}));
    let of = json!({"session_id": first["thread_id"], "working_dir": world.scene.work()});
    let next = world.turn("codex_resume_session", of, json!({}));
    either(
        next["thread_id"] == first["thread_id"],
        "same thread",
        "another",
    )
}

/// A run that leaves a new file in a copy of the repository.
fn worktree(world: &mut World, name: &str) -> Value {
    repository(&world.scene);
    let asked = json!({"sandbox": "workspace-write", "workspace": "worktree"});
    let ended = world.run(&format!("MOCK:patch {name} hello"), asked);
    assert_eq!(ended["workspace"]["mode"], "worktree", "{ended}");
    assert_eq!(ended["checks"]["working_dir"], "confirmed", "{ended}");
    ended
}

fn changes(world: &mut World) -> String {
    let ended = worktree(world, "changed.txt");
    let of = json!({"run_id": ended["run_id"]});
    let page = world.sidecar.call("codex_get_changes", of).ok();
    let file = &page["files"][0];
    let is_it = file["path"] == "changed.txt" && word(&file["patch"]).contains("+hello");
    either(is_it, "a patch", &page.to_string())
}

fn finish(world: &mut World) -> String {
    let ended = worktree(world, "finished.txt");
    let asked = json!({
        "run_id": ended["run_id"], "action": "apply", "diff_hash": ended["changes"]["diff_hash"],
    });
    let answer = world.sidecar.call("codex_finish_run", asked);
    let text = std::fs::read_to_string(world.scene.work().join("finished.txt"));
    let is_there = text.is_ok_and(|text| text.trim() == "hello");
    either(is_there, "in the folder", &answer.content.to_string())
}

fn review(world: &mut World) -> String {
    repository(&world.scene);
    let finding = json!({
        "title": "Wrong total", "body": "It is always 2.", "confidence_score": 0.9, "priority": 1,
        "code_location": {
            "absolute_file_path": world.scene.work().join("shop.rs"),
            "line_range": {"start": 1, "end": 1},
        },
        "suggested_fix": null,
    });
    let answer = json!({
        "findings": [finding], "overall_correctness": "patch is incorrect",
        "overall_explanation": "One thing is wrong.", "overall_confidence_score": 0.9,
    });
    let asked = json!({
        "working_dir": world.scene.work(), "instructions": format!("MOCK:json {answer}"),
    });
    let started = world.sidecar.call("codex_review_repo", asked).ok();
    let ended = world.sidecar.wait_for_end(&word(&started["run_id"]), LIMIT);
    match ended["review"]["findings"].as_array().map(Vec::len) {
        Some(1) => "a finding".to_owned(),
        found => format!("{found:?} findings, {}", ended["state"]),
    }
}

fn lacks(world: &mut World) -> String {
    let report = world.sidecar.call("codex_doctor", json!({})).ok();
    let lacks = report["codex"]["lacks"].as_array().expect("a list");
    let short = |lack: &Value| {
        let what = word(lack);
        let what = what.split(": ").next().unwrap_or_default();
        what.trim_start_matches("there is no ").to_owned()
    };
    match lacks.as_slice() {
        [] => "nothing".to_owned(),
        some => some.iter().map(short).collect::<Vec<_>>().join(", "),
    }
}

fn models(world: &mut World) -> String {
    let report = world.sidecar.call("codex_doctor", json!({})).ok();
    let models = report["codex"]["models"].as_array().expect("a list");
    match models.as_slice() {
        [] => "not told".to_owned(),
        [first, more @ ..] => {
            assert_eq!(first["is_default"], true);
            assert!(more.iter().all(|model| model["is_default"] == false));
            format!("{} and {} more", word(&first["name"]), more.len())
        }
    }
}

#[test]
fn what_differs_between_versions_is_what_the_table_says() {
    for backend in BACKENDS {
        check_table(backend);
    }
}

fn check_table(backend: &str) {
    let columns: Vec<Vec<String>> = std::thread::scope(|scope| {
        let looking = VERSIONS.map(|version| {
            scope.spawn(move || {
                let mut world = World::new(version, backend);
                DIFFERENCES.iter().map(|row| row.2(&mut world)).collect()
            })
        });
        looking
            .map(|looking| looking.join().expect("a column"))
            .into()
    });
    let mut wrong = Vec::new();
    println!(
        "{:<22}{:<36}{}",
        "tool",
        format!("what ({backend})"),
        VERSIONS.map(|version| format!("{version:<24}")).concat()
    );
    for (at, Row(tool, what, _, expected)) in DIFFERENCES.iter().enumerate() {
        let seen: Vec<&str> = columns.iter().map(|column| column[at].as_str()).collect();
        let cells: String = seen.iter().map(|cell| format!("{cell:<24}")).collect();
        println!("{tool:<22}{what:<36}{cells}");
        let other = OF_APP_SERVERS.iter().find(|row| row.0 == *what);
        let expected = other
            .filter(|_| backend == "app-server")
            .map_or(expected, |row| &row.1);
        if seen != expected {
            wrong.push(format!("{tool}, {what}: {seen:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every tool that starts or shows something of Codex has a row.
#[test]
fn each_tool_is_in_the_table() {
    let scene = Scene::new(&Codex::Missing);
    let answer = scene.sidecar().request("tools/list", json!({}));
    let tools = answer["result"]["tools"]
        .as_array()
        .expect("the tools")
        .clone();
    for tool in tools {
        let name = word(&tool["name"]);
        assert!(DIFFERENCES.iter().any(|row| row.0 == name), "{name}");
    }
}
