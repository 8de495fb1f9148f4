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
use tauri::{Manager as _, State, WebviewWindow};

use crate::app::App;
use crate::fault::{Answer, run_id, told};
use crate::watches::{Subject, Watch};

/// Between two batches of one run.
const BATCH: Duration = Duration::from_millis(80);
/// Events of one batch.
const EVENTS: usize = 200;
/// Bytes of one batch.
const BYTES: usize = 256 * 1024;
/// Bytes of the prompt, and of the message, that come with each batch. The rest is read when it is asked for.
const TEXT: usize = 32 * 1024;
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

/// Tells how everything stands, now and after each change, as long as its window is there.
#[tauri::command]
pub(super) async fn watch_status(
    app: State<'_, App>,
    window: WebviewWindow,
    channel: Channel<StatusDto>,
) -> Answer<WatchDto> {
    let watch = begin(&app, &window, Subject::Status);
    let mut status = app.status.subscribe();
    let end = watch.end.clone();
    spawn(async move {
        loop {
            let seen = status.borrow_and_update().clone();
            if seen.is_some_and(|seen| channel.send(seen).is_err()) {
                break;
            }
            tokio::select! {
                changed = status.changed() => if changed.is_err() { break },
                () = end.cancelled() => break,
            }
        }
        window.state::<App>().watches().end(watch.number);
    });
    Ok(WatchDto {
        watch: watch.number,
    })
}

/// Tells the news of one run until it has ended.
#[tauri::command]
pub(super) async fn watch_run(
    app: State<'_, App>,
    window: WebviewWindow,
    args: WatchRun,
    channel: Channel<RunBatchDto>,
) -> Answer<WatchDto> {
    let bridge = app.bridge.clone();
    let id = run_id(&bridge, &args.run_id)?;
    bridge.run(&id).await.map_err(told(&bridge))?;
    let watch = begin(&app, &window, Subject::Run);
    spawn(async move {
        tokio::select! {
            told = tell(&bridge, &id, args.cursor, &channel) => if let Err(error) = told {
                tracing::warn!(run = %id, %error, "a run is watched no more");
            },
            () = watch.end.cancelled() => {}
        }
        window.state::<App>().watches().end(watch.number);
    });
    Ok(WatchDto {
        watch: watch.number,
    })
}

pub(super) fn begin(app: &App, window: &WebviewWindow, subject: Subject) -> Watch {
    let watch = app.watches().begin(window.label(), subject);
    // The window may have gone before its watch began; nobody would end that.
    if window.get_webview_window(window.label()).is_none() {
        app.watches().end(watch.number);
    }
    watch
}

async fn tell(
    bridge: &Bridge,
    id: &RunId,
    mut cursor: u64,
    channel: &Channel<RunBatchDto>,
) -> Result<(), Error> {
    let mut first = true;
    let mut seen = 0;
    loop {
        let wanted = EventsWanted {
            after: cursor,
            count: EVENTS,
            bytes: BYTES,
            wait: if first { Duration::ZERO } else { LOOK },
            live: Some(seen),
        };
        let updates = bridge.updates(id, wanted).await?;
        let is_final = updates.run.state.is_final() && !updates.more;
        let writing = updates.live.as_ref().map_or(0, |live| live.seq);
        if first || is_final || !updates.events.is_empty() || writing != seen {
            let view = RunView::beginning((bridge.host().now)(), TEXT);
            let batch = RunBatchDto {
                run: RunDto::new(&updates.run, &view),
                live: updates.live.as_ref().map(Into::into),
                events: updates.events.iter().map(Into::into).collect(),
                next_cursor: updates.next_cursor,
                is_final,
            };
            if channel.send(batch).is_err() || is_final {
                return Ok(());
            }
        }
        first = false;
        seen = writing;
        cursor = updates.next_cursor;
        tokio::time::sleep(BATCH).await;
    }
}

/// Ends a watch.
#[tauri::command]
pub(super) async fn unwatch(app: State<'_, App>, args: Unwatch) -> Answer<Option<()>> {
    app.watches().end(args.watch);
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
