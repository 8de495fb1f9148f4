//! The tools, for the window. Arguments, bounds, answers and errors are those of the tools.

use bridge_core::domain::id::RunId;
use bridge_core::domain::run::Speaker;
use bridge_core::domain::scrub::Scrubbed;
use bridge_core::domain::state::Canceller;
use bridge_core::faces::tools;
use bridge_core::faces::wire::question::DecisionDto;
use bridge_core::faces::wire::review::ReviewCodeDto;
use bridge_core::faces::wire::steered::SteeredDto;
use bridge_core::use_cases::bridge::{Act, Error};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::State;

use crate::app::App;
use crate::commands::history::OneRun;
use crate::fault::{Answer, run_id, told};

macro_rules! tool {
    ($name:ident) => {
        #[doc = concat!("The tool `codex_", stringify!($name), "`.")]
        #[tauri::command]
        pub(super) async fn $name(app: State<'_, App>, args: Value) -> Answer<Value> {
            tools::call(&app.bridge, App::person(), stringify!($name), args).await
        }
    };
}

tool!(run_task);
tool!(continue_run);
tool!(resume_session);
tool!(review_repo);
tool!(get_run);
tool!(get_run_updates);
tool!(list_runs);
tool!(get_changes);
tool!(finish_run);
tool!(doctor);

/// The lines that the findings of a review speak of.
#[tauri::command]
pub(super) async fn review_code(app: State<'_, App>, args: OneRun) -> Answer<ReviewCodeDto> {
    let id = run_id(&app.bridge, &args.run_id)?;
    let code = app.bridge.review_code(&id).await;
    code.map(Into::into).map_err(told(&app.bridge))
}

/// The tool `codex_cancel_run`; the run says that the person did it.
#[tauri::command]
pub(super) async fn cancel_run(app: State<'_, App>, args: Value) -> Answer<Value> {
    let id = args.get("run_id").and_then(Value::as_str);
    if let Some(id) = id.and_then(|id| RunId::parse(id).ok()) {
        let cancelled = app.bridge.cancel_run(&id, Canceller::Person).await;
        cancelled.map_err(told(&app.bridge))?;
        let args = json!({ "run_id": id.to_string() });
        return tools::call(&app.bridge, App::person(), "get_run", args).await;
    }
    tools::call(&app.bridge, App::person(), "cancel_run", args).await
}

/// What the person says to the model in the middle of its turn.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remark {
    run_id: String,
    message: String,
}

/// The person's answer to what a run asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenAnswer {
    run_id: String,
    question: u64,
    answer: DecisionDto,
}

/// Says something to the model in the middle of its turn.
#[tauri::command]
pub(super) async fn steer_run(app: State<'_, App>, args: Remark) -> Answer<SteeredDto> {
    let id = run_id(&app.bridge, &args.run_id)?;
    let steered = app.bridge.steer_run(&id, &args.message, Speaker::Person);
    let steered = steered.await;
    note(&app, "steer_run", &id, steered.as_ref().err()).await;
    let steered = steered.map_err(told(&app.bridge))?;
    Ok(SteeredDto::new(&steered))
}

/// Answers what a run asks.
#[tauri::command]
pub(super) async fn answer_run(app: State<'_, App>, args: GivenAnswer) -> Answer<SteeredDto> {
    let id = run_id(&app.bridge, &args.run_id)?;
    let (question, decision) = (Some(args.question), args.answer.into());
    let answered = app
        .bridge
        .answer_run(&id, question, decision, Speaker::Person);
    let answered = answered.await;
    note(&app, "answer_run", &id, answered.as_ref().err()).await;
    let run = answered.map_err(told(&app.bridge))?;
    Ok(SteeredDto::answered(&run))
}

async fn note(app: &App, name: &'static str, run: &RunId, error: Option<&Error>) {
    let act = Act {
        name,
        subject: app.bridge.scrubber().scrub(run.as_str()),
        outcome: Scrubbed::literal(error.map_or("ok", |error| error.code().as_str())),
        detail: Scrubbed::default(),
    };
    app.bridge.note(&App::person(), act).await;
}
