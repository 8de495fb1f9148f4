use std::path::Path;
use std::time::Duration;

use super::*;
use crate::adapters::codex::capabilities::HelpTexts;
use crate::domain::id::ThreadId;
use crate::domain::policy::{AllowedRoots, FileId, Resolved, WorkDir};
use crate::domain::task::{Effort, Job, ModelName, Prompt, WorkspaceWish};

pub(super) const MARKER: (&str, &str) = ("CODEX_BRIDGE_RUN", "run_x");

const EXEC_HELP: &str = "Usage: codex exec [OPTIONS] [PROMPT]\n\nOptions:\n  \
    -i, --image <FILE>...\n  -m, --model <MODEL>\n  -s, --sandbox <SANDBOX_MODE>\n      \
    --dangerously-bypass-approvals-and-sandbox\n      --full-auto\n      --trust\n      --add-dir <DIR>\n  \
    -C, --cd <DIR>\n      --skip-git-repo-check\n      --ephemeral\n      --output-schema <FILE>\n      \
    --color <COLOR>\n      --json\n";

fn capabilities(help: &str) -> Capabilities {
    let help = HelpTexts {
        exec: help.to_owned(),
        ..HelpTexts::default()
    };
    Capabilities::of_help(Version::new(0, 169, 0), &help)
}

fn work_dir() -> WorkDir {
    AllowedRoots::new(vec!["/w".into()])
        .admit(Path::new("/w"), |path| {
            Ok::<_, ()>(Resolved {
                path: path.to_owned(),
                chain: vec![FileId { dev: 1, ino: 1 }],
            })
        })
        .unwrap()
}

pub(super) fn task() -> Task {
    Task {
        job: Job::Task,
        prompt: Prompt::new("--dangerously-bypass-approvals-and-sandbox".into()).unwrap(),
        work_dir: work_dir(),
        workspace: WorkspaceWish::InPlace,
        sandbox: Sandbox::ReadOnly,
        network: false,
        web_search: false,
        model: None,
        effort: None,
        images: Vec::new(),
        output_schema: None,
        timeout: Duration::from_secs(60),
        persist: true,
    }
}

fn line(task: &Task, files: &RunFiles) -> Result<String, ArgsError> {
    let args = exec_args(task, &capabilities(EXEC_HELP), MARKER, files)?;
    let args: Vec<_> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
    Ok(args.join(" "))
}

const SETTINGS: &str = "-c shell_environment_policy.inherit=\"core\" \
    -c shell_environment_policy.ignore_default_excludes=false \
    -c shell_environment_policy.include_only=[] -c shell_environment_policy.set.CODEX_BRIDGE_RUN=\"run_x\"";

#[test]
fn a_plain_task_may_read_and_nothing_else() {
    let expected = format!(
        "exec --json --color never --skip-git-repo-check --sandbox read-only \
         -c sandbox_workspace_write.network_access=false -c web_search=\"disabled\" {SETTINGS} -- -"
    );
    assert_eq!(line(&task(), &RunFiles::default()), Ok(expected));
}

#[test]
fn a_task_with_everything_has_everything() {
    let task = Task {
        sandbox: Sandbox::WorkspaceWrite,
        network: true,
        web_search: true,
        model: Some(ModelName::parse("gpt-6-sol").unwrap()),
        effort: Some(Effort::parse("high").unwrap()),
        persist: false,
        ..task()
    };
    let files = RunFiles {
        schema: Some("/t/schema.json".into()),
        images: vec!["/w/a.png".into(), "/w/b c.png".into()],
    };
    let expected = format!(
        "exec --json --color never --skip-git-repo-check --image /w/a.png --image /w/b c.png \
         --sandbox workspace-write --model gpt-6-sol -c sandbox_workspace_write.network_access=true \
         -c web_search=\"live\" {SETTINGS} -c model_reasoning_effort=\"high\" --ephemeral \
         --output-schema /t/schema.json -- -"
    );
    assert_eq!(line(&task, &files), Ok(expected));
}

macro_rules! real {
    ($version:literal) => {
        Capabilities::of_help(
            Version::parse($version).unwrap(),
            &HelpTexts {
                exec: include_str!(concat!("../fixtures/help/", $version, "/exec.txt")).to_owned(),
                exec_resume: include_str!(concat!(
                    "../fixtures/help/",
                    $version,
                    "/exec_resume.txt"
                ))
                .to_owned(),
                ..HelpTexts::default()
            },
        )
    };
}

#[test]
fn a_session_is_gone_on_with_under_the_same_rules_as_a_task() {
    let thread = "01a20356-e3eb-7f92-962b-08a749c63f25";
    let task = Task {
        job: Job::Resume {
            thread: ThreadId::parse(thread).unwrap(),
        },
        sandbox: Sandbox::WorkspaceWrite,
        model: Some(ModelName::parse("gpt-6-sol").unwrap()),
        effort: Some(Effort::parse("high").unwrap()),
        ..task()
    };
    let files = RunFiles {
        schema: Some("/t/schema.json".into()),
        images: vec!["/w/a.png".into()],
    };
    let expected = format!(
        "exec --json --color never --skip-git-repo-check --image /w/a.png --sandbox workspace-write \
         --model gpt-6-sol -c sandbox_workspace_write.network_access=false -c web_search=\"disabled\" \
         {SETTINGS} -c model_reasoning_effort=\"high\" --output-schema /t/schema.json \
         resume -- {thread} -"
    );
    for version in [real!("0.118.0"), real!("0.140.0"), real!("0.169.0")] {
        let args = exec_args(&task, &version, MARKER, &files).unwrap();
        let args: Vec<_> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
        assert_eq!(args.join(" "), expected, "{}", version.version);
    }
    assert_eq!(
        exec_args(&task, &capabilities(EXEC_HELP), MARKER, &files)
            .unwrap_err()
            .to_string(),
        "Codex 0.169.0 can't go on with a session: it has no `exec resume`"
    );
}

#[test]
fn what_a_version_lacks_is_refused_by_name() {
    let check = |flag: &str, task: &Task, files: &RunFiles, expected: &str| {
        let help: String = EXEC_HELP
            .lines()
            .filter(|line| !line.contains(flag))
            .map(|line| format!("{line}\n"))
            .collect();
        let error = exec_args(task, &capabilities(&help), MARKER, files).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let ephemeral = Task {
        persist: false,
        ..task()
    };
    let none = RunFiles::default();
    check(
        "--ephemeral",
        &ephemeral,
        &none,
        "Codex 0.169.0 can't run without leaving a trace on the disk: it has no --ephemeral",
    );
    let files = RunFiles {
        schema: Some("/s".into()),
        ..RunFiles::default()
    };
    check(
        "--output-schema",
        &task(),
        &files,
        "Codex 0.169.0 can't bind its answer to a schema: it has no --output-schema",
    );
    check(
        "--json",
        &task(),
        &none,
        "Codex 0.169.0 can't report its events: it has no --json",
    );
}

#[test]
fn a_wish_that_codex_would_quietly_ignore_is_refused() {
    let network = Task {
        network: true,
        ..task()
    };
    let error = line(&network, &RunFiles::default()).unwrap_err();
    assert_eq!(error, ArgsError::NetworkNeedsWrite);
    let path = PathBuf::from("/w/a,b.png");
    let files = RunFiles {
        images: vec![path.clone()],
        ..RunFiles::default()
    };
    assert_eq!(line(&task(), &files), Err(ArgsError::CommaInImage { path }));
}

#[test]
fn a_marker_can_set_no_other_key() {
    for name in ["", "a", "X.y", "X=1", "1X", "X\n", "PATH\"", "Ä"] {
        let marker = (name, "run_x");
        let files = RunFiles::default();
        let error = exec_args(&task(), &capabilities(EXEC_HELP), marker, &files).unwrap_err();
        assert_eq!(error, ArgsError::Marker { name: name.into() });
    }
    let marker = ("X", "\"\nsandbox_mode=\"danger-full-access\"");
    let args = exec_args(
        &task(),
        &capabilities(EXEC_HELP),
        marker,
        &RunFiles::default(),
    );
    let value = args.unwrap()[18].to_str().unwrap().to_owned();
    let value = value
        .strip_prefix("shell_environment_policy.set.X=")
        .unwrap();
    let parsed: toml_edit::DocumentMut = format!("x = {value}").parse().unwrap();
    assert_eq!(parsed.iter().count(), 1);
    assert_eq!(parsed["x"].as_str(), Some(marker.1));
}

#[test]
fn no_task_can_switch_the_sandbox_or_the_questions_off() {
    let models = [
        "gpt-6-sol",
        "openai/gpt-6:free",
        "danger-full-access",
        "trust",
    ];
    let efforts = ["low", "dangerously", "trust"];
    let options = [
        "exec",
        "--json",
        "--color",
        "never",
        "--skip-git-repo-check",
        "--sandbox",
        "read-only",
        "workspace-write",
        "--model",
        "-c",
        "--ephemeral",
        "--output-schema",
        "--image",
        "--",
        "-",
    ];
    let mut tasks = vec![task()];
    let vary = |tasks: Vec<Task>, change: &dyn Fn(&Task) -> Vec<Task>| -> Vec<Task> {
        tasks.iter().flat_map(change).collect()
    };
    let flags = [false, true];
    tasks = vary(tasks, &|task| {
        [Sandbox::ReadOnly, Sandbox::WorkspaceWrite]
            .map(|sandbox| Task {
                sandbox,
                ..task.clone()
            })
            .into()
    });
    tasks = vary(tasks, &|task| {
        flags
            .map(|network| Task {
                network,
                ..task.clone()
            })
            .into()
    });
    tasks = vary(tasks, &|task| {
        flags
            .map(|web_search| Task {
                web_search,
                ..task.clone()
            })
            .into()
    });
    tasks = vary(tasks, &|task| {
        flags
            .map(|persist| Task {
                persist,
                ..task.clone()
            })
            .into()
    });
    tasks = vary(tasks, &|task| {
        let model = |text: &&str| Some(ModelName::parse(text).unwrap());
        models
            .iter()
            .map(|m| Task {
                model: model(m),
                ..task.clone()
            })
            .collect()
    });
    tasks = vary(tasks, &|task| {
        let effort = |text: &&str| Some(Effort::parse(text).unwrap());
        efforts
            .iter()
            .map(|e| Task {
                effort: effort(e),
                ..task.clone()
            })
            .collect()
    });
    let files = RunFiles {
        schema: Some("/t/--trust".into()),
        images: vec!["/w/--full-auto".into()],
    };
    let mut checked = 0;
    for task in &tasks {
        let Ok(args) = exec_args(task, &capabilities(EXEC_HELP), MARKER, &files) else {
            continue;
        };
        checked += 1;
        let mut before = "";
        for arg in args.iter().map(|arg| arg.to_str().unwrap()) {
            match before {
                "--model" => assert!(models.contains(&arg)),
                "-c" => assert!(
                    !arg.contains("approval") && !arg.starts_with("sandbox_mode"),
                    "{arg}"
                ),
                "--sandbox" => assert!(["read-only", "workspace-write"].contains(&arg)),
                "--output-schema" | "--image" => assert!(arg.starts_with('/')),
                _ => assert!(options.contains(&arg), "{arg}"),
            }
            before = arg;
        }
        let prompt = task.prompt.as_str();
        assert!(!args.iter().any(|arg| arg == prompt));
    }
    assert_eq!(checked, 144);
}
