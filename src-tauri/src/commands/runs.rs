//! The tools, for the window. Arguments, bounds, answers and errors are those of the tools.

use bridge_core::domain::id::RunId;
use bridge_core::domain::state::Canceller;
use bridge_core::faces::tools;
use bridge_core::faces::wire::review::ReviewCodeDto;
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
