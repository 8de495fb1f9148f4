//! Lets the app act where it runs, and acts here where it does not.
//!
//! On some systems the app may go where a process that a client started may not. Only what touches the person's
//! folders or starts a process is asked of it; what can be read from the database is read here, and so is all waiting
//! done here. Nothing is done twice: a request that starts a run has a name, and where it is not known what became of
//! it, it is asked again under the same name.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::adapters::ipc::{CallerOnWire, Guest, NotServed, Reply, Request};
use crate::domain::id::{Persistence, RunId};
use crate::domain::scrub::Scrubbed;
use crate::faces::tools::answer::{Answer, Object, bug};
use crate::faces::tools::wait::Wait;
use crate::faces::tools::{Call, Tool, fit, now, started};
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::{Finished, Started};

/// How long the app may take for an act. Every call answers within 45 s.
const LIMIT: Duration = Duration::from_secs(40);

/// Which part of a tool's work the app does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It starts a run.
    Start,
    /// It ends a run's worktree.
    Finish,
    /// It looks at the person's folders.
    Look,
    /// It does everything, since the run is its own.
    Owns,
    /// Nothing.
    None,
}

/// Calls a tool: here, or in the app.
pub(crate) async fn call(tool: &Tool, call: Call, arguments: Map<String, Value>) -> Answer {
    let mut arguments = arguments;
    // Models write null for what they leave out.
    arguments.retain(|_, value| !value.is_null());
    let part = part(tool, &call, &arguments).await;
    // What does not fit is refused here, and needs nobody.
    if part == Part::None || tool.admits(arguments.clone()).is_err() {
        return tool.call(call, arguments).await;
    }
    let (place, mark) = call.bridge.app();
    let guest = match Guest::find(&place, &mark).await {
        Ok(guest) => guest,
        Err(error) => {
            tracing::debug!(%error, "acts by itself");
            return tool.call(call, arguments).await;
        }
    };
    // The app does not stand below a run: it would start what must not be started from here.
    if call.bridge.refuse_nested().await.is_err() {
        return tool.call(call, arguments).await;
    }
    match part {
        Part::Start => start(tool, call, arguments, guest).await,
        Part::Finish => finish(tool, call, arguments, guest).await,
        Part::Look | Part::Owns => match ask(tool, &call, &arguments, guest).await {
            Ok(answer) => answer,
            Err(error) => here(tool, call, arguments, &error).await,
        },
        Part::None => tool.call(call, arguments).await,
    }
}

async fn part(tool: &Tool, call: &Call, arguments: &Map<String, Value>) -> Part {
    let run = arguments.get("run_id").and_then(Value::as_str);
    if let Some(Ok(run)) = run.map(RunId::parse)
        && run.persistence() == Persistence::Ephemeral
        && !call.bridge.owns(&run).await
    {
        return Part::Owns;
    }
    match tool.short_name() {
        "run_task" | "continue_run" | "resume_session" | "review_repo" => Part::Start,
        "finish_run" => Part::Finish,
        "get_changes" => Part::Look,
        _ => Part::None,
    }
}

/// Has the app start a run, and waits for it here.
async fn start(tool: &Tool, call: Call, asked: Map<String, Value>, guest: Guest) -> Answer {
    let mut arguments = asked.clone();
    let is_stored = arguments.get("persist") != Some(&Value::Bool(false));
    // What lives in the app alone can only be waited for there.
    let wait_s = match is_stored {
        true => arguments.remove("wait_s").and_then(|value| whole(&value)),
        false => None,
    };
    let named = arguments.contains_key("request_id");
    if !named {
        let name = format!("app-{:016x}", (call.bridge.host().random)());
        arguments.insert("request_id".to_owned(), name.into());
    }
    let mut answer = ask(tool, &call, &arguments, guest).await;
    if !is_stored && matches!(answer, Err(NotServed::Unknown(_))) {
        // Only the app itself knows what became of it, as long as it lives.
        let (place, mark) = call.bridge.app();
        answer = match Guest::find(&place, &mark).await {
            Ok(guest) => ask(tool, &call, &arguments, guest).await,
            Err(error) => Err(error),
        };
    }
    let object = match answer {
        Ok(answer) => answer?,
        Err(NotServed::Unknown(_)) if !is_stored => {
            return Err(bug(
                "the app took the task and does not say what became of it",
            ));
        }
        Err(error @ (NotServed::NoHost(_) | NotServed::Refused(_))) => {
            return here(tool, call, asked, &error).await;
        }
        Err(error) => {
            tracing::warn!(%error, "asks here, under the same name");
            tool.call(without_wait(&call), arguments).await?
        }
    };
    if !is_stored {
        return Ok(object);
    }
    let value = object.into_value();
    let run = value
        .get("run_id")
        .and_then(Value::as_str)
        .map(RunId::parse);
    let Some(Ok(run)) = run else {
        return Err(bug("the app started a run without an id"));
    };
    // Under a name of ours nothing was asked for before.
    let repeated = named && value.get("repeated") == Some(&Value::Bool(true));
    let wait_s = u32::try_from(wait_s.unwrap_or(0)).unwrap_or(0);
    let started = match call.bridge.run(&run).await {
        Ok(run) => Ok(Started { run, repeated }),
        Err(error) => Err(error),
    };
    Object::new(&started::answer(&call, started, wait_s).await?)
}

/// Has the app end a worktree.
async fn finish(tool: &Tool, call: Call, arguments: Map<String, Value>, guest: Guest) -> Answer {
    let error = match ask(tool, &call, &arguments, guest).await {
        Ok(answer) => return answer,
        Err(error) => error,
    };
    let id = arguments.get("run_id").and_then(Value::as_str);
    if let (NotServed::Unknown(_), Some(Ok(id))) = (&error, id.map(RunId::parse))
        && let Ok(run) = call.bridge.run(&id).await
        && run.workspace.fate.is_some()
    {
        let finished = Finished {
            run,
            changed: 0,
            already_there: 0,
            branch: None,
            hidden: false,
            notes: vec![Scrubbed::literal(
                "The app did it and ended before it could say how many files it were.",
            )],
        };
        return Object::new(&fit::finished(&finished, now()));
    }
    here(tool, call, arguments, &error).await
}

/// Does it here after all.
async fn here(tool: &Tool, call: Call, arguments: Map<String, Value>, why: &NotServed) -> Answer {
    tracing::info!(%why, "acts by itself");
    tool.call(call, arguments).await
}

async fn ask(
    tool: &Tool,
    call: &Call,
    arguments: &Map<String, Value>,
    guest: Guest,
) -> Result<Answer, NotServed> {
    let request = Request {
        id: format!("{:016x}", (call.bridge.host().random)()),
        act: tool.short_name().to_owned(),
        caller: asks(call),
        arguments: Value::Object(arguments.clone()),
    };
    let waits = arguments.get("wait_s").and_then(whole).unwrap_or(0);
    let limit = LIMIT.max(Duration::from_secs(waits.min(45) + 2));
    Ok(match guest.ask(&request, limit).await? {
        Reply::Done(text) => Object::from_text(text),
        Reply::Failed(text) => {
            Err(serde_json::from_str::<ErrorDto>(&text)
                .unwrap_or_else(|error| bug(&error.to_string())))
        }
        Reply::NotServed(why) => return Err(NotServed::Refused(why)),
    })
}

/// A number of seconds. Some clients have no whole numbers; this one was found to be one.
fn whole(value: &Value) -> Option<u64> {
    let float = || value.as_f64().map(|seconds| seconds.max(0.0) as u64);
    value.as_u64().or_else(float)
}

fn asks(call: &Call) -> CallerOnWire {
    let text = |text: &Option<Scrubbed>| text.as_ref().map(|text| text.as_str().to_owned());
    CallerOnWire {
        client: call.caller.client.as_str().to_owned(),
        version: text(&call.caller.version),
        session: text(&call.caller.session),
    }
}

/// The same call without its wait.
fn without_wait(call: &Call) -> Call {
    Call {
        bridge: call.bridge.clone(),
        caller: call.caller.clone(),
        scrubber: call.scrubber.clone(),
        wait: Wait::quiet(),
    }
}
