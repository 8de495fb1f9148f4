//! How everything stands, and what is told without being asked for again.

use std::time::Duration;

use bridge_core::domain::id::RunId;
use bridge_core::faces::wire::app::WatchDto;
use bridge_core::faces::wire::run::{RunDto, RunView};
use bridge_core::faces::wire::status::{RunBatchDto, StatusDto};
use bridge_core::use_cases::bridge::{Bridge, Error, EventsWanted};
use serde::Deserialize;
use tauri::async_runtime::spawn;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _, State};

use crate::app::App;
use crate::fault::{Answer, told};

/// Between two batches of one run.
const BATCH: Duration = Duration::from_millis(80);
/// Events of one batch.
const EVENTS: usize = 200;
/// Bytes of one batch.
const BYTES: usize = 256 * 1024;
/// How long one look waits for news.
const LOOK: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
pub(super) struct WatchRun {
    run_id: String,
    cursor: u64,
}

#[derive(Deserialize)]
pub(super) struct Unwatch {
    watch: u64,
}

#[derive(Deserialize)]
pub(super) struct Pause {
    paused: bool,
}

/// How everything stands.
#[tauri::command]
pub(super) async fn status(app: State<'_, App>) -> Answer<StatusDto> {
    let now = (app.bridge.host().now)();
    Ok(StatusDto::new(&app.bridge.status().await, now))
}

/// Tells how everything stands, now and after each change, as long as somebody hears it.
#[tauri::command]
pub(super) async fn watch_status(
    app: State<'_, App>,
    channel: Channel<StatusDto>,
) -> Answer<Option<()>> {
    let mut status = app.status.subscribe();
    let closing = app.closing.clone();
    app.keep(|_| {
        spawn(async move {
            loop {
                let seen = status.borrow_and_update().clone();
                if seen.is_some_and(|seen| channel.send(seen).is_err()) {
                    return;
                }
                tokio::select! {
                    changed = status.changed() => if changed.is_err() { return },
                    () = closing.cancelled() => return,
                }
            }
        })
    });
    Ok(None)
}

/// Tells the news of one run until it has ended.
#[tauri::command]
pub(super) async fn watch_run(
    app: State<'_, App>,
    handle: AppHandle,
    args: WatchRun,
    channel: Channel<RunBatchDto>,
) -> Answer<WatchDto> {
    let bridge = app.bridge.clone();
    let id = RunId::parse(&args.run_id).map_err(|_| Error::UnknownRun(args.run_id));
    let id = id.map_err(told(&bridge))?;
    bridge.run(&id).await.map_err(told(&bridge))?;
    let watch = app.keep(|watch| {
        spawn(async move {
            if let Err(error) = tell(&bridge, &id, args.cursor, &channel).await {
                tracing::warn!(run = %id, %error, "a run is watched no more");
            }
            handle.state::<App>().end_watch(watch);
        })
    });
    Ok(WatchDto { watch })
}

async fn tell(
    bridge: &Bridge,
    id: &RunId,
    mut cursor: u64,
    channel: &Channel<RunBatchDto>,
) -> Result<(), Error> {
    let mut first = true;
    loop {
        let wanted = EventsWanted {
            after: cursor,
            count: EVENTS,
            bytes: BYTES,
            wait: if first { Duration::ZERO } else { LOOK },
        };
        let updates = bridge.updates(id, wanted).await?;
        let is_final = updates.run.state.is_final() && !updates.more;
        if first || is_final || !updates.events.is_empty() {
            let view = RunView::whole((bridge.host().now)());
            let batch = RunBatchDto {
                run: RunDto::new(&updates.run, &view),
                events: updates.events.iter().map(Into::into).collect(),
                next_cursor: updates.next_cursor,
                is_final,
            };
            if channel.send(batch).is_err() || is_final {
                return Ok(());
            }
        }
        first = false;
        cursor = updates.next_cursor;
        tokio::time::sleep(BATCH).await;
    }
}

/// Ends a watch.
#[tauri::command]
pub(super) async fn unwatch(app: State<'_, App>, args: Unwatch) -> Answer<Option<()>> {
    app.end_watch(args.watch);
    Ok(None)
}

/// Keeps new runs in the queue, or lets them go on.
#[tauri::command]
pub(super) async fn set_paused(app: State<'_, App>, args: Pause) -> Answer<Option<()>> {
    let done = app.bridge.set_paused(args.paused).await;
    done.map_err(told(&app.bridge))?;
    app.look_again();
    Ok(None)
}
