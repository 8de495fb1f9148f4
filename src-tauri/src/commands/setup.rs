//! What the person sets up: settings, roots, Codex, the key, and the test of all.

use std::path::Path;

use bridge_core::faces::wire::app::ApiKeyDto;
use bridge_core::faces::wire::doctor::MendedDto;
use bridge_core::faces::wire::preferences::{CandidateDto, RootDto, SettingDto};
use bridge_core::faces::wire::self_test::{SelfTestDto, SelfTestStepDto};
use bridge_core::use_cases::bridge::Bridge;
use bridge_core::use_cases::doctor::Mending;
use bridge_core::use_cases::self_test::{Against, News, run_self_test};
use serde::Deserialize;
use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;

use crate::app::App;
use crate::fault::{Answer, internal, told};
use crate::text::short;

/// No title of a dialog is longer.
const TITLE: usize = 80;

#[derive(Deserialize)]
pub(super) struct SetSetting {
    key: String,
    value: Value,
}

#[derive(Deserialize)]
pub(super) struct RootPath {
    path: String,
    #[serde(default)]
    insist: bool,
}

#[derive(Deserialize)]
pub(super) struct PickFolder {
    title: String,
}

#[derive(Deserialize)]
pub(super) struct PickCodex {
    path: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Key {
    key: String,
}

#[derive(Deserialize)]
pub(super) struct Fix {
    key: Option<String>,
}

/// Everything in the configuration.
#[tauri::command]
pub(super) async fn settings(app: State<'_, App>) -> Answer<Vec<SettingDto>> {
    let preferences = app.bridge.preferences().map_err(told(&app.bridge))?;
    Ok(preferences.iter().map(Into::into).collect())
}

/// Sets one; a null puts the default back.
#[tauri::command]
pub(super) async fn set_setting(app: State<'_, App>, args: SetSetting) -> Answer<Vec<SettingDto>> {
    set(&app.bridge, &args.key, &args.value)?;
    app.look_again();
    settings(app).await
}

pub(super) fn set(bridge: &Bridge, key: &str, value: &Value) -> Answer<()> {
    bridge.set_preference(key, value).map_err(told(bridge))
}

/// The folders below which Codex may work.
#[tauri::command]
pub(super) async fn roots(app: State<'_, App>) -> Answer<Vec<RootDto>> {
    let roots = app.bridge.roots().await.map_err(told(&app.bridge))?;
    Ok(roots.iter().map(Into::into).collect())
}

/// Allows a folder.
#[tauri::command]
pub(super) async fn add_root(app: State<'_, App>, args: RootPath) -> Answer<Vec<RootDto>> {
    allow(&app.bridge, &args.path, args.insist)?;
    app.look_again();
    roots(app).await
}

pub(super) fn allow(bridge: &Bridge, path: &str, insist: bool) -> Answer<()> {
    let added = bridge.add_root(Path::new(path), insist);
    added.map(drop).map_err(told(bridge))
}

/// Allows a folder no more.
#[tauri::command]
pub(super) async fn remove_root(app: State<'_, App>, args: RootPath) -> Answer<Vec<RootDto>> {
    let removed = app.bridge.remove_root(Path::new(&args.path));
    removed.map_err(told(&app.bridge))?;
    app.look_again();
    roots(app).await
}

/// Lets the person choose a folder.
#[tauri::command]
pub(super) async fn pick_folder(
    app: State<'_, App>,
    handle: AppHandle,
    args: PickFolder,
) -> Answer<Option<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let title = short(&args.title, TITLE);
    let dialog = handle.dialog().file().set_title(title);
    let dialog = dialog.set_directory(app.folder_to_choose_from());
    dialog.pick_folder(move |folder| drop(tell.send(folder)));
    let Some(folder) = told.await.ok().flatten() else {
        return Ok(None);
    };
    if let Some(path) = folder.as_path() {
        app.chose(path);
    }
    Ok(Some(folder.to_string()))
}

/// Files that may be Codex.
#[tauri::command]
pub(super) async fn codex_candidates(app: State<'_, App>) -> Answer<Vec<CandidateDto>> {
    let found = app.bridge.codex_candidates().await;
    let found = found.map_err(told(&app.bridge))?;
    Ok(found.iter().map(Into::into).collect())
}

/// Takes one of them; without a path the bridge finds it itself.
#[tauri::command]
pub(super) async fn pick_codex(app: State<'_, App>, args: PickCodex) -> Answer<Vec<CandidateDto>> {
    let path = args.path.map_or(Value::Null, Value::String);
    set(&app.bridge, "codex.bin", &path)?;
    app.look_again();
    codex_candidates(app).await
}

/// Whether there is a key.
#[tauri::command]
pub(super) async fn api_key(app: State<'_, App>) -> Answer<ApiKeyDto> {
    Ok(match app.bridge.has_api_key().await {
        Ok(stored) => ApiKeyDto {
            stored,
            problem: None,
        },
        Err(error) => ApiKeyDto {
            stored: false,
            problem: Some(told(&app.bridge)(error)),
        },
    })
}

/// Keeps a key.
#[tauri::command]
pub(super) async fn set_api_key(app: State<'_, App>, args: Key) -> Answer<ApiKeyDto> {
    let kept = app.bridge.set_api_key(&args.key).await;
    kept.map_err(told(&app.bridge))?;
    api_key(app).await
}

/// Throws it away.
#[tauri::command]
pub(super) async fn clear_api_key(app: State<'_, App>) -> Answer<ApiKeyDto> {
    let cleared = app.bridge.clear_api_key().await;
    cleared.map_err(told(&app.bridge))?;
    api_key(app).await
}

/// Mends what has this key, as the doctor of this moment sees it; without one all that can be mended without loss.
#[tauri::command]
pub(super) async fn fix_finding(app: State<'_, App>, args: Fix) -> Answer<MendedDto> {
    let mended = mend(&app.bridge, args.key).await;
    app.look_again();
    Ok(mended)
}

pub(super) async fn mend(bridge: &Bridge, key: Option<String>) -> MendedDto {
    let mending = Mending {
        unasked: key.is_none(),
        named: key.into_iter().collect(),
        dry_run: false,
    };
    MendedDto::from(&bridge.mend(&mending).await)
}

/// Proves the whole chain, against the model that the program carries.
#[tauri::command]
pub(super) async fn self_test(
    app: State<'_, App>,
    channel: Channel<SelfTestStepDto>,
) -> Answer<SelfTestDto> {
    let (bridge, closing) = (app.bridge.clone(), app.closing.clone());
    let running = tauri::async_runtime::spawn(async move {
        let stop = closing.cancelled();
        let (against, scrubber) = (Against::ScriptedModel, bridge.scrubber());
        let verdict = run_self_test(bridge.host(), &scrubber, against, stop, |news| {
            if let News::Step(step) = news {
                // Whoever closed the window wants to hear no more.
                drop(channel.send(step.into()));
            }
        });
        SelfTestDto::from(&verdict.await)
    });
    running.await.map_err(|error| internal(&app.bridge, &error))
}
