//! What was done, to look at and to keep.

use std::io::Write as _;
use std::path::PathBuf;

use bridge_core::faces::wire::app::TextDto;
use bridge_core::faces::wire::audit::{AuditEntryDto, AuditPageDto};
use bridge_core::faces::wire::run::{RunDto, RunView};
use bridge_core::use_cases::bridge::{AuditFilter, AuditQuery, Bridge};
use serde::Deserialize;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt as _, FilePath};

use crate::app::App;
use crate::fault::{Answer, internal, invalid, run_id, told};

/// Entries of one page.
const PAGE: usize = 200;
/// The longest text to look for.
const FILTER: usize = 1000;
/// The longest text of which a preview is made.
const PREVIEW: usize = 64 * 1024;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Audit {
    pub(super) client: Option<String>,
    pub(super) action: Option<String>,
    pub(super) text: Option<String>,
    pub(super) before: Option<u64>,
    pub(super) limit: Option<usize>,
}

#[derive(Deserialize)]
pub(super) struct OneRun {
    pub(super) run_id: String,
}

#[derive(Deserialize)]
pub(super) struct Text {
    text: String,
}

/// The audit log, newest first, page by page.
#[tauri::command]
pub(super) async fn audit_log(app: State<'_, App>, args: Audit) -> Answer<AuditPageDto> {
    page(&app.bridge, args).await
}

pub(super) async fn page(bridge: &Bridge, args: Audit) -> Answer<AuditPageDto> {
    let asked = [&args.client, &args.action, &args.text];
    if asked.into_iter().flatten().any(|text| text.len() > FILTER) {
        return Err(invalid(
            "a filter is longer than 1,000 bytes",
            "Look for a part of it.",
        ));
    }
    let words = match args.before {
        None => Some(bridge.audit_words().await.map_err(told(bridge))?),
        Some(_) => None,
    };
    let filter = AuditFilter {
        client: args.client,
        action: args.action,
        text: args.text,
        before: args.before,
        limit: args.limit.unwrap_or(PAGE).clamp(1, PAGE),
    };
    let page = bridge.audit_page(filter).await.map_err(told(bridge))?;
    Ok(AuditPageDto::new(&page, words.as_ref()))
}

/// Writes the audit log, oldest first, to a file that the person chooses.
#[tauri::command]
pub(super) async fn export_audit(app: State<'_, App>, handle: AppHandle) -> Answer<Option<String>> {
    let all = AuditQuery {
        client: None,
        limit: usize::MAX,
    };
    let rows = app
        .bridge
        .audit_log(&all)
        .await
        .map_err(told(&app.bridge))?;
    let mut lines = Vec::new();
    for row in &rows {
        serde_json::to_writer(&mut lines, &AuditEntryDto::new(row))
            .map_err(|error| internal(&app.bridge, &error))?;
        lines.push(b'\n');
    }
    export(&app.bridge, &handle, "codex-bridge-activity.jsonl", lines).await
}

/// Writes one run to a file that the person chooses.
#[tauri::command]
pub(super) async fn export_run(
    app: State<'_, App>,
    handle: AppHandle,
    args: OneRun,
) -> Answer<Option<String>> {
    let id = run_id(&app.bridge, &args.run_id)?;
    let run = app.bridge.run(&id).await.map_err(told(&app.bridge))?;
    let run = RunDto::new(&run, &RunView::whole((app.bridge.host().now)()));
    let text = serde_json::to_vec_pretty(&run).map_err(|error| internal(&app.bridge, &error))?;
    export(&app.bridge, &handle, &format!("{id}.json"), text).await
}

async fn export(
    bridge: &Bridge,
    handle: &AppHandle,
    name: &str,
    text: Vec<u8>,
) -> Answer<Option<String>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let dialog = handle.dialog().file().set_file_name(name);
    dialog.save_file(move |file| drop(tell.send(file)));
    let Some(Ok(path)) = told.await.ok().flatten().map(FilePath::into_path) else {
        return Ok(None);
    };
    let written = tauri::async_runtime::spawn_blocking(move || write(path, &text)).await;
    match written {
        Ok(Ok(path)) => Ok(Some(path.to_string_lossy().into_owned())),
        Ok(Err(error)) => Err(internal(bridge, &error)),
        Err(error) => Err(internal(bridge, &error)),
    }
}

fn write(path: PathBuf, text: &[u8]) -> std::io::Result<PathBuf> {
    let mut file = std::fs::File::create(&path)?;
    file.write_all(text)?;
    file.sync_all()?;
    Ok(path)
}

/// What is to be known to help somebody, without secrets.
#[tauri::command]
pub(super) async fn diagnostics(app: State<'_, App>) -> Answer<String> {
    Ok(report(&app.bridge).await)
}

pub(super) async fn report(bridge: &Bridge) -> String {
    let report = bridge.doctor().await;
    report.markdown(bridge).as_str().to_owned()
}

/// What would be left of a text.
#[tauri::command]
pub(super) async fn scrub_preview(app: State<'_, App>, args: Text) -> Answer<TextDto> {
    preview(&app.bridge, &args.text)
}

pub(super) fn preview(bridge: &Bridge, text: &str) -> Answer<TextDto> {
    if text.len() > PREVIEW {
        return Err(invalid("`text` is longer than 64 KiB", "Try a part of it."));
    }
    let text = bridge.scrubber().scrub(text);
    Ok(TextDto {
        text: text.as_str().to_owned(),
    })
}
