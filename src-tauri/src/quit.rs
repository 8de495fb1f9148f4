//! The end of the app. Runs need no app, so they are left alone unless the person says otherwise.

use bridge_core::domain::id::RunId;
use bridge_core::domain::state::Canceller;
use serde::Deserialize;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogResult};

use crate::app::App;

/// What becomes of runs that are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Live {
    /// They go on.
    Leave,
    /// They are cancelled.
    Cancel,
}

const LEAVE: &str = "Leave them running";
const CANCEL: &str = "Cancel them";
const STAY: &str = "Don’t quit";

/// Quits; asks first if something runs.
pub(crate) fn ask(app: &AppHandle) {
    let live = app.state::<App>().live().len();
    if live == 0 {
        return now(app, Live::Leave);
    }
    let runs = if live == 1 {
        "1 run is under way. It needs".to_owned()
    } else {
        format!("{live} runs are under way. They need")
    };
    let quitting = app.clone();
    app.dialog()
        .message(format!("{runs} no app to go on."))
        .title("Quit Codex Bridge?")
        .buttons(MessageDialogButtons::YesNoCancelCustom(
            LEAVE.to_owned(),
            CANCEL.to_owned(),
            STAY.to_owned(),
        ))
        .show_with_result(move |answer| match answer {
            MessageDialogResult::Yes => now(&quitting, Live::Leave),
            MessageDialogResult::No => now(&quitting, Live::Cancel),
            MessageDialogResult::Custom(word) if word == LEAVE => now(&quitting, Live::Leave),
            MessageDialogResult::Custom(word) if word == CANCEL => now(&quitting, Live::Cancel),
            _ => {}
        });
}

/// Quits without a question.
pub(crate) fn now(app: &AppHandle, live: Live) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        clean_up(&app, live).await;
        app.exit(0);
    });
}

/// Ends what would outlive its owner. Can be asked twice.
pub(crate) async fn clean_up(app: &AppHandle, live: Live) {
    let state = app.state::<App>();
    state.closing.cancel();
    if live == Live::Cancel {
        for id in state.live() {
            let Ok(id) = RunId::parse(&id) else { continue };
            if let Err(error) = state.bridge.cancel_run(&id, Canceller::Person).await {
                tracing::warn!(run = %id, %error, "a run could not be cancelled");
            }
        }
    }
    state.bridge.close().await;
}
