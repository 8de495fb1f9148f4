//! The steps between the first handshake and the last: each needs what the one before it yields.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::adapters::scripted_model::SELF_TEST_OUTPUT;
use crate::use_cases::self_test::log::{Done, Log};
use crate::use_cases::self_test::sidecar::{Era, Sidecar, text};
use crate::use_cases::self_test::stage::{HELD_COMMAND, Stage};
use crate::use_cases::self_test::trouble::Trouble;
use crate::use_cases::self_test::{Against, News, Seen, StepName};

/// The longest that the delegated run may take.
const RUN: Duration = Duration::from_secs(180);
/// The longest until the command that is to be cancelled lives.
const UNTIL_HELD: Duration = Duration::from_secs(90);
/// Prints what the answer has to quote; it does not stand in the command, nor in the prompt.
const COMMAND: &str = r"printf '%s-%s\n' codex-bridge self-test";
/// The tools that the test calls.
const NEEDED: [&str; 6] = [
    "codex_run_task",
    "codex_get_run",
    "codex_get_run_updates",
    "codex_cancel_run",
    "codex_list_runs",
    "codex_doctor",
];

/// The delegated run as the client that followed it knows it.
pub(super) struct Followed {
    run: String,
    events: u64,
    message: String,
}

/// Goes through the steps; ends at the first that fails.
pub(super) async fn run<T: FnMut(News<'_>)>(stage: &mut Stage, log: &mut Log<'_, T>) -> Option<()> {
    log.begin(StepName::Connect);
    let connected = connect(stage, Era::Handshake).await;
    let first = log.end(connected)?;

    log.begin(StepName::Doctor);
    let examined = doctor(stage, &first).await;
    log.end(examined)?;

    log.begin(StepName::Delegate);
    let prompt = format!("Run the shell command `{COMMAND}` and answer with what it printed.");
    let delegated = delegate(stage, &first, &prompt).await;
    let run = log.end(delegated)?;

    log.begin(StepName::Follow);
    let followed = follow(&first, &run, log).await;
    let followed = log.end(followed)?;
    first.close().await;

    log.begin(StepName::ReadBack);
    let read = read_back(stage, &followed).await;
    let second = log.end(read)?;

    log.begin(StepName::Cancel);
    let cancelled = cancel(stage, &second).await;
    log.end(cancelled)?;
    second.close().await;
    Some(())
}

async fn connect(stage: &Stage, era: Era) -> Result<Done<Sidecar>, Trouble> {
    let began = Instant::now();
    let sidecar = stage.sidecar(era).await?;
    let answered = began.elapsed();
    let tools = sidecar.tools().await?;
    if let Some(missing) = NEEDED
        .iter()
        .find(|name| !tools.iter().any(|tool| tool == *name))
    {
        return Err(Trouble::Unexpected(format!(
            "the tool `{missing}` is missing"
        )));
    }
    let detail = format!(
        "{} tools; answered after {} ms",
        tools.len(),
        answered.as_millis()
    );
    Ok(Done::new(sidecar, detail))
}

async fn doctor(stage: &Stage, sidecar: &Sidecar) -> Result<Done<()>, Trouble> {
    let report = sidecar.call("codex_doctor", json!({})).await?;
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    // The scripted model wants no login.
    let counts = |finding: &Value| stage.against == Against::Account || finding["about"] != "login";
    if let Some(fault) = findings
        .iter()
        .find(|finding| finding["level"] == "fault" && counts(finding))
    {
        return Err(Trouble::Fault {
            what: text(fault, "/what"),
            remedy: text(fault, "/remedy"),
        });
    }
    let detail = format!(
        "Codex {} at {}",
        text(&report, "/codex/version"),
        text(&report, "/codex/path")
    );
    Ok(Done::new((), detail))
}

async fn delegate(
    stage: &mut Stage,
    sidecar: &Sidecar,
    prompt: &str,
) -> Result<Done<String>, Trouble> {
    let task = json!({
        "prompt": prompt,
        "working_dir": stage.work(),
        "workspace": "in_place",
        "sandbox": "read-only",
        "title": "Codex Bridge self-test",
        "timeout_s": RUN.as_secs(),
    });
    let run = sidecar.call("codex_run_task", task).await?;
    let id = text(&run, "/run_id");
    if id.is_empty() {
        return Err(Trouble::Unexpected("the run has no id".to_owned()));
    }
    stage.started(&id);
    let detail = id.clone();
    Ok(Done::new(id, detail))
}

async fn follow<T: FnMut(News<'_>)>(
    sidecar: &Sidecar,
    run: &str,
    log: &mut Log<'_, T>,
) -> Result<Done<Followed>, Trouble> {
    let watching = watch(sidecar, run, log);
    tokio::time::timeout(RUN, watching)
        .await
        .map_err(|_| Trouble::TooLong {
            what: "the run",
            limit: RUN,
        })?
}

async fn watch<T: FnMut(News<'_>)>(
    sidecar: &Sidecar,
    run: &str,
    log: &mut Log<'_, T>,
) -> Result<Done<Followed>, Trouble> {
    let mut cursor = 0;
    loop {
        let page = updates(sidecar, run, cursor, 20).await?;
        for event in events(&page) {
            if let Some(seen) = seen(event, log) {
                log.saw(&seen);
            }
        }
        cursor = page["next_cursor"].as_u64().unwrap_or(cursor);
        if page["is_final"] == true && page["more"] != true {
            break;
        }
    }
    let record = sidecar
        .call("codex_get_run", json!({ "run_id": run }))
        .await?;
    let message = text(&record, "/message");
    if text(&record, "/state") != "succeeded" {
        return Err(Trouble::Run {
            state: text(&record, "/state"),
            message: text(&record, "/error/message"),
            hint: text(&record, "/error/hint"),
        });
    }
    if !message.contains(SELF_TEST_OUTPUT) {
        return Err(Trouble::NoOutput(message));
    }
    let followed = Followed {
        run: run.to_owned(),
        events: cursor,
        message,
    };
    Ok(Done::new(followed, format!("succeeded; {cursor} events")))
}

async fn read_back(stage: &Stage, followed: &Followed) -> Result<Done<Sidecar>, Trouble> {
    let sidecar = stage.sidecar(Era::Discovery).await?;
    let about = json!({ "run_id": followed.run });
    let record = sidecar.call("codex_get_run", about).await?;
    if text(&record, "/state") != "succeeded" || text(&record, "/message") != followed.message {
        let what = "the run reads differently from what the first client saw";
        return Err(Trouble::Unexpected(what.to_owned()));
    }
    let mut count = 0;
    let mut cursor = 0;
    loop {
        let page = updates(&sidecar, &followed.run, cursor, 0).await?;
        count += events(&page).len() as u64;
        cursor = page["next_cursor"].as_u64().unwrap_or(cursor);
        if page["more"] != true {
            break;
        }
    }
    if (count, cursor) != (followed.events, followed.events) {
        let what = format!("{} events were seen, {count} are kept", followed.events);
        return Err(Trouble::Unexpected(what));
    }
    Ok(Done::new(
        sidecar,
        format!("all {count} events, word for word"),
    ))
}

async fn cancel(stage: &mut Stage, sidecar: &Sidecar) -> Result<Done<()>, Trouble> {
    let prompt = format!("Run the shell command `{HELD_COMMAND}` and wait until it has ended.");
    let run = delegate(stage, sidecar, &prompt).await?.value;
    let held = async {
        tokio::select! {
            held = stage.witness.held() => held,
            ended = early_end(sidecar, &run) => Err(ended),
        }
    };
    tokio::time::timeout(UNTIL_HELD, held)
        .await
        .map_err(|_| Trouble::TooLong {
            what: "the start of the command",
            limit: UNTIL_HELD,
        })??;
    let began = Instant::now();
    let record = sidecar.cancel(&run).await?;
    let took = began.elapsed();
    if stage.witness.is_held()? {
        let what = format!("the run counts as over, and `{HELD_COMMAND}` still lives");
        return Err(Trouble::Unexpected(what));
    }
    let state = text(&record, "/state");
    if state != "cancelled" {
        return Err(Trouble::Unexpected(format!(
            "the cancelled run is `{state}`"
        )));
    }
    let detail = format!("dead after {} ms, with its command", took.as_millis());
    Ok(Done::new((), detail))
}

/// Resolves when the run is over before its time.
async fn early_end(sidecar: &Sidecar, run: &str) -> Trouble {
    let mut cursor = 0;
    loop {
        let page = match updates(sidecar, run, cursor, 20).await {
            Ok(page) => page,
            Err(trouble) => return trouble,
        };
        cursor = page["next_cursor"].as_u64().unwrap_or(cursor);
        if page["is_final"] == true {
            return Trouble::Run {
                state: format!("ended too early, as {}", text(&page, "/state")),
                message: text(&page, "/error/message"),
                hint: text(&page, "/error/hint"),
            };
        }
    }
}

async fn updates(sidecar: &Sidecar, run: &str, cursor: u64, wait_s: u64) -> Result<Value, Trouble> {
    let about = json!({ "run_id": run, "cursor": cursor, "wait_s": wait_s });
    sidecar.call("codex_get_run_updates", about).await
}

fn events(page: &Value) -> &[Value] {
    page["events"].as_array().map_or(&[], Vec::as_slice)
}

/// What a person wants to see of an event.
fn seen<T: FnMut(News<'_>)>(event: &Value, log: &Log<'_, T>) -> Option<Seen> {
    let field = |pointer| log.scrub(&text(event, pointer));
    match event["kind"].as_str()? {
        "state" => Some(Seen::State(field("/state"))),
        "message" => Some(Seen::Message(field("/text"))),
        "command" if event["phase"] == "completed" => Some(Seen::Command {
            line: field("/command"),
            output: field("/output"),
            exit_code: event["exit_code"].as_i64(),
        }),
        _ => None,
    }
}
