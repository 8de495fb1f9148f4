//! The program itself: its window, its end, its start with the session.

use std::path::Path;

use bridge_core::domain::id::RunId;
use bridge_core::faces::wire::app::{AboutDto, LoginItemDto};
use bridge_core::use_cases::bridge::Error;
use serde::Deserialize;
use tauri::{AppHandle, State};

use crate::app::App;
use crate::fault::{Answer, internal, invalid, told};
use crate::link::Link;
use crate::quit::Live;
use crate::{platform, window};

#[derive(Deserialize)]
pub(super) struct RunFolder {
    run_id: String,
    which: Which,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Which {
    Folder,
    Worktree,
}

#[derive(Deserialize)]
pub(super) struct Enable {
    enabled: bool,
}

#[derive(Deserialize)]
pub(super) struct Page {
    page: Option<String>,
    run_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Quit {
    live: Live,
}

/// Shows a folder of a run in the file manager.
#[tauri::command]
pub(super) async fn open_run_folder(app: State<'_, App>, args: RunFolder) -> Answer<Option<()>> {
    let id = RunId::parse(&args.run_id).map_err(|_| Error::UnknownRun(args.run_id));
    let id = id.map_err(told(&app.bridge))?;
    let run = app.bridge.run(&id).await.map_err(told(&app.bridge))?;
    let path = match args.which {
        Which::Folder => run.workspace.folder,
        Which::Worktree => run.workspace.path,
    };
    let path = Path::new(path.as_str());
    // What is a file by now would be opened, that is run.
    if !path.is_dir() {
        return Err(invalid(
            "this folder is not there any more",
            "Look into the run's changes.",
        ));
    }
    let opened = tauri_plugin_opener::open_path(path, None::<&str>);
    opened.map_err(|error| internal(&app.bridge, &error))?;
    Ok(None)
}

/// Whether the app starts with the session.
#[tauri::command]
pub(super) async fn login_item(app: State<'_, App>, handle: AppHandle) -> Answer<LoginItemDto> {
    let found = platform::starts_with_session(&handle);
    let (enabled, note) = found.map_err(|error| internal(&app.bridge, &error))?;
    Ok(LoginItemDto { enabled, note })
}

/// Lets it, or no more.
#[tauri::command]
pub(super) async fn set_login_item(
    app: State<'_, App>,
    handle: AppHandle,
    args: Enable,
) -> Answer<LoginItemDto> {
    let set = platform::start_with_session(&handle, args.enabled);
    set.map_err(|error| internal(&app.bridge, &error))?;
    login_item(app, handle).await
}

/// Shows the window.
#[tauri::command]
pub(super) async fn open_window(handle: AppHandle, args: Page) -> Answer<Option<()>> {
    let run = args.run_id.as_deref().map(RunId::parse);
    let link = match (run, args.page.as_deref()) {
        (Some(Ok(id)), _) => Some(Link::run(&id)),
        (Some(Err(_)), _) => {
            return Err(invalid("`run_id` is no run's id", "Take it from a list."));
        }
        (None, Some(page)) => Some(
            Link::page(page)
                .ok_or_else(|| invalid("`page` is none of the pages", "Try `runs`."))?,
        ),
        (None, None) => None,
    };
    window::open(&handle, link);
    Ok(None)
}

/// Ends the app.
#[tauri::command]
pub(super) async fn quit(handle: AppHandle, args: Quit) -> Answer<Option<()>> {
    crate::quit::now(&handle, args.live);
    Ok(None)
}

/// What this program is.
#[tauri::command]
pub(super) async fn about(app: State<'_, App>) -> Answer<AboutDto> {
    let bridge = &app.bridge;
    let codex = bridge.codex_candidates().await.unwrap_or_default();
    let codex = codex.into_iter().find(|codex| codex.chosen);
    let scrubber = bridge.scrubber();
    let told = |path: &Path| scrubber.scrub(&path.to_string_lossy()).as_str().to_owned();
    Ok(AboutDto {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        codex: codex
            .and_then(|codex| codex.version)
            .map(|version| version.as_str().to_owned()),
        state_dir: told(&bridge.host().state_dir),
        config_path: told(&bridge.host().config_file()),
    })
}
