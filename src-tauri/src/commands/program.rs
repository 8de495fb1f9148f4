//! The program itself: its window, its end, its start with the session.

use std::path::{Path, PathBuf};

use bridge_core::faces::wire::app::{AboutDto, LoginItemDto};
use bridge_core::use_cases::bridge::Bridge;
use serde::Deserialize;
use tauri::{AppHandle, State};

use crate::app::App;
use crate::fault::{Answer, internal, invalid, run_id, told};
use crate::link::Link;
use crate::quit::Live;
use crate::{platform, window};

#[derive(Debug, Deserialize)]
pub(super) struct RunFolder {
    run_id: String,
    which: Which,
}

#[derive(Clone, Copy, Debug, Deserialize)]
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
    /// What becomes of runs that are under way; without it the person is asked.
    live: Option<Live>,
}

/// Shows a folder of a run in the file manager.
#[tauri::command]
pub(super) async fn open_run_folder(app: State<'_, App>, args: RunFolder) -> Answer<Option<()>> {
    let path = folder_of(&app.bridge, args).await?;
    let opened = tauri_plugin_opener::open_path(path, None::<&str>);
    opened.map_err(|error| internal(&app.bridge, &error))?;
    Ok(None)
}

/// Only a run's own folders are ever opened.
pub(super) async fn folder_of(bridge: &Bridge, args: RunFolder) -> Answer<PathBuf> {
    let id = run_id(bridge, &args.run_id)?;
    let run = bridge.run(&id).await.map_err(told(bridge))?;
    let path = match args.which {
        Which::Folder => run.workspace.folder,
        Which::Worktree => run.workspace.path,
    };
    let path = PathBuf::from(path.as_str());
    // What is a file by now would be opened, that is run.
    if !path.is_dir() {
        return Err(invalid(
            "this folder is not there any more",
            "Look into the run's changes.",
        ));
    }
    Ok(path)
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
pub(super) async fn open_window(
    app: State<'_, App>,
    handle: AppHandle,
    args: Page,
) -> Answer<Option<()>> {
    window::open(&handle, link_to(&app.bridge, &args)?);
    Ok(None)
}

pub(super) fn link_to(bridge: &Bridge, args: &Page) -> Answer<Option<Link>> {
    match (args.run_id.as_deref(), args.page.as_deref()) {
        (Some(id), _) => Ok(Some(Link::run(&run_id(bridge, id)?))),
        (None, Some(page)) => match Link::page(page) {
            Some(link) => Ok(Some(link)),
            None => Err(invalid("`page` is none of the pages", "Try `runs`.")),
        },
        (None, None) => Ok(None),
    }
}

/// Hides the popover.
#[tauri::command]
pub(super) async fn hide_popover(handle: AppHandle) -> Answer<Option<()>> {
    platform::popover::hide(&handle);
    Ok(None)
}

/// Ends the app.
#[tauri::command]
pub(super) async fn quit(handle: AppHandle, args: Quit) -> Answer<Option<()>> {
    match args.live {
        Some(live) => crate::quit::now(&handle, live),
        None => crate::quit::ask(&handle),
    }
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

#[cfg(test)]
impl RunFolder {
    /// As the window asks for it.
    pub(super) fn of(run_id: &str, which: &str) -> RunFolder {
        let asked = serde_json::json!({ "run_id": run_id, "which": which });
        serde_json::from_value(asked).unwrap()
    }
}

#[cfg(test)]
impl Page {
    /// As the window asks for it.
    pub(super) fn of(page: &str, run_id: Option<&str>) -> Page {
        let asked = serde_json::json!({ "page": page, "run_id": run_id });
        serde_json::from_value(asked).unwrap()
    }
}
