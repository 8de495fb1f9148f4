//! The command line that each version is given, from what its own help texts say.

use super::tests::{MARKER, task};
use super::*;
use crate::adapters::codex::testing::{self, KNOWN};
use crate::domain::id::ThreadId;
use crate::domain::task::{Effort, Job, ModelName, ReviewTarget};

const THREAD: &str = "01a2039c-86d9-7af2-be83-ad2ae37a3592";

/// What each task sets, whatever is asked for.
const ALWAYS: &str = "-c shell_environment_policy.inherit=\"core\" \
                      -c shell_environment_policy.ignore_default_excludes=false \
                      -c shell_environment_policy.include_only=[] \
                      -c shell_environment_policy.set.CODEX_BRIDGE_RUN=\"run_x\"";

fn everything(job: Job) -> Task {
    Task {
        job,
        sandbox: Sandbox::WorkspaceWrite,
        network: true,
        web_search: true,
        model: Some(ModelName::parse("gpt-6-sol").unwrap()),
        effort: Some(Effort::parse("high").unwrap()),
        persist: false,
        ..task()
    }
}

fn resume() -> Job {
    Job::Resume {
        thread: ThreadId::parse(THREAD).unwrap(),
    }
}

fn review() -> Job {
    Job::Review {
        target: ReviewTarget::Uncommitted,
        instructions: None,
    }
}

/// The command line is the same for all versions, and each of them has every option in it.
fn check(task: &Task, files: &RunFiles, expected: &str) {
    let expected = expected.replace("ALWAYS", ALWAYS);
    for version in KNOWN {
        let capabilities = testing::capabilities(version);
        let args = exec_args(task, &capabilities, MARKER, files).unwrap();
        let args: Vec<&str> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
        assert_eq!(args.join(" "), expected, "{version}");
        let options = args.iter().take_while(|arg| **arg != "--");
        for option in options.filter(|arg| arg.starts_with("--")) {
            assert!(
                capabilities.exec_flags.contains(*option),
                "{option} {version}"
            );
        }
    }
}

#[test]
fn a_plain_task_is_the_same_for_all() {
    let none = RunFiles::default();
    let expected = "exec --json --color never --skip-git-repo-check --sandbox read-only \
                    -c sandbox_workspace_write.network_access=false -c web_search=\"disabled\" ALWAYS -- -";
    check(&task(), &none, expected);
    let reviewed = Task {
        job: review(),
        ..task()
    };
    check(&reviewed, &none, expected);
    let resumed = Task {
        job: resume(),
        ..task()
    };
    let expected = expected.replace("-- -", &format!("resume -- {THREAD} -"));
    check(&resumed, &none, &expected);
}

#[test]
fn a_task_with_everything_is_the_same_for_all() {
    let files = RunFiles {
        schema: Some("/t/schema.json".into()),
        images: vec!["/w/a.png".into(), "/w/b c.png".into()],
    };
    let expected = "exec --json --color never --skip-git-repo-check --image /w/a.png --image /w/b c.png \
                    --sandbox workspace-write --model gpt-6-sol \
                    -c sandbox_workspace_write.network_access=true -c web_search=\"live\" ALWAYS \
                    -c model_reasoning_effort=\"high\" --ephemeral --output-schema /t/schema.json";
    check(&everything(Job::Task), &files, &format!("{expected} -- -"));
    check(
        &everything(resume()),
        &files,
        &format!("{expected} resume -- {THREAD} -"),
    );
    // A review reads, whatever it is told.
    let reading = expected
        .replace("workspace-write", "read-only")
        .replace("network_access=true", "network_access=false")
        .replace("\"live\"", "\"disabled\"");
    check(&everything(review()), &files, &format!("{reading} -- -"));
}

#[test]
fn what_a_version_lacks_is_refused_by_its_name() {
    let files = RunFiles {
        schema: Some("/t/schema.json".into()),
        images: vec!["/w/a.png".into()],
    };
    let refusal = |flag: &str, job: Job| {
        let mut old = testing::capabilities("0.118.0");
        old.exec_flags.remove(flag);
        if flag == "resume" {
            old.resume_flags.clear();
        }
        exec_args(&everything(job), &old, MARKER, &files)
            .unwrap_err()
            .to_string()
    };
    let check = |flag: &str, expected: &str| assert_eq!(refusal(flag, Job::Task), expected);
    check(
        "--image",
        "Codex 0.118.0 can't take images: it has no --image",
    );
    check(
        "--model",
        "Codex 0.118.0 can't choose a model: it has no --model",
    );
    check(
        "--sandbox",
        "Codex 0.118.0 can't choose a sandbox: it has no --sandbox",
    );
    check(
        "--output-schema",
        "Codex 0.118.0 can't bind its answer to a schema: it has no --output-schema",
    );
    check(
        "--ephemeral",
        "Codex 0.118.0 can't run without leaving a trace on the disk: it has no --ephemeral",
    );
    assert_eq!(
        refusal("resume", resume()),
        "Codex 0.118.0 can't go on with a session: it has no `exec resume`"
    );
}
