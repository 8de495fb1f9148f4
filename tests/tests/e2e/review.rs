//! Reviews of real repositories by the real Codex, whose model is scripted.

mod code;
mod command_line;
mod large;
mod refused;
mod targets;
mod unreadable;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bridge_core::adapters::scripted_model::{Answer, Reply, Request, Usage, message};
use codex_bridge_tests::model::{self, Scenario};
use codex_bridge_tests::scene::Scene;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::{Value, json};

/// How long a review may take for which no time is promised.
const LIMIT: Duration = Duration::from_secs(90);
/// All versions of the real Codex that the tests have.
const VERSIONS: [&str; 3] = ["0.118.0", "0.140.0", "0.169.0"];

/// A repository of the person.
struct Repo {
    top: PathBuf,
    home: PathBuf,
}

impl Repo {
    fn new(scene: &Scene, name: &str) -> Repo {
        let repo = Repo {
            top: scene.folder(name),
            home: scene.path().join("home"),
        };
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"])
            .args(args)
            .current_dir(&self.top)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .output()
            .expect("git runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {text}{said}");
        text.trim().to_owned()
    }

    fn write(&self, path: &str, text: &str) -> &Repo {
        let path = self.top.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}

/// A model that reviews: `opinion` makes its answer from the prompt. One that has a marker is played as everywhere.
fn reviewer(
    opinion: impl Fn(&str) -> Value + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let play = model::scenarios(Scenario::greeting());
    move |request| {
        let prompt = request.last_user_text();
        if prompt.contains("MOCK:") {
            return play(request);
        }
        let answer = opinion(&prompt).to_string();
        Answer::to(request)
            .item(message(&answer))
            .completed(Usage::SMALL)
    }
}

/// A finding as the model reports it.
fn finding(title: &str, file: &str, lines: (u32, u32), priority: u32) -> Value {
    json!({
        "title": title, "body": format!("{title}, because."), "confidence_score": 0.9,
        "priority": priority,
        "code_location": {
            "absolute_file_path": file, "line_range": {"start": lines.0, "end": lines.1},
        },
        "suggested_fix": "mend it",
    })
}

fn opinion(findings: &[Value]) -> Value {
    let correct = findings.is_empty();
    json!({
        "findings": findings,
        "overall_correctness": if correct { "patch is correct" } else { "patch is incorrect" },
        "overall_explanation": "I have looked.", "overall_confidence_score": 0.8,
    })
}

/// The files that a prompt lists.
fn listed(prompt: &str) -> Vec<&str> {
    let lines = prompt.lines();
    lines
        .filter_map(|line| line.strip_prefix("* \"")?.split('"').next())
        .collect()
}

/// Starts a review; gives its id.
fn start(sidecar: &mut Sidecar, folder: &Path, more: Value) -> String {
    let mut arguments = json!({"working_dir": folder});
    let Value::Object(more) = more else {
        panic!("no parameters: {more}");
    };
    for (key, value) in more {
        arguments[key] = value;
    }
    let started = sidecar.call("codex_review_repo", arguments).ok();
    assert_eq!(started["kind"], "review", "{started}");
    started["run_id"].as_str().expect("an id").to_owned()
}

/// A review to its end, which has to be a success.
fn review(sidecar: &mut Sidecar, folder: &Path, more: Value) -> Value {
    let run = start(sidecar, folder, more);
    let ended = sidecar.wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
    ended
}

/// What the model was told, one prompt per Codex process.
fn prompts(scene: &Scene) -> Vec<String> {
    let requests = scene.model().requests();
    requests
        .iter()
        .map(|request| request.last_user_text())
        .collect()
}

/// Each finding in a line.
fn lines(run: &Value) -> Vec<String> {
    let findings = run["review"]["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|finding| {
            format!(
                "{} {}:{}-{} {} {}",
                finding["severity"].as_str().expect("a severity"),
                finding["file"].as_str().expect("a file"),
                finding["start_line"],
                finding["end_line"],
                finding["place"].as_str().expect("a place"),
                finding["title"].as_str().expect("a title"),
            )
        })
        .collect()
}
