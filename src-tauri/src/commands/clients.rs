//! The MCP clients of this computer, and what is changed in their files.

use std::time::Duration;

use bridge_core::domain::run::Timestamp;
use bridge_core::faces::wire::app::WatchDto;
use bridge_core::faces::wire::clients::{ClientChangeDto, ClientListDto, ProofDto};
use bridge_core::use_cases::bridge::Bridge;
use bridge_core::use_cases::clients::{Act, ClientRequest, IfRunning};
use serde::Deserialize;
use tauri::async_runtime::spawn;
use tauri::ipc::Channel;
use tauri::{Manager as _, State, WebviewWindow};

use crate::app::App;
use crate::commands::status::begin;
use crate::fault::{Answer, told};
use crate::watches::Subject;

/// How long a client that was started may take until it starts our server.
const PATIENCE: Duration = Duration::from_secs(60);

/// A wish about one client.
#[derive(Debug, Deserialize)]
pub(super) struct ChangeClient {
    client: String,
    act: Wanted,
    /// The backup's name; only where one is to be restored.
    #[serde(default)]
    backup: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    if_running: IfRuns,
}

/// What is done where the client runs and would write over its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum IfRuns {
    #[default]
    Refuse,
    Insist,
    Restart,
    WhenQuit,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Install,
    Repair,
    Remove,
    Undo,
    Restore,
    TakeOver,
    Leave,
}

#[derive(Debug, Deserialize)]
pub(super) struct OneClient {
    client: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct AwaitClient {
    client: String,
    /// Milliseconds since 1970.
    since: i64,
}

impl From<ChangeClient> for ClientRequest {
    fn from(args: ChangeClient) -> ClientRequest {
        let act = match args.act {
            Wanted::Install => Act::Install,
            Wanted::Repair => Act::Repair,
            Wanted::Remove => Act::Remove,
            Wanted::Undo => Act::Undo,
            Wanted::Restore => Act::Restore {
                backup: args.backup,
            },
            Wanted::TakeOver => Act::TakeOver,
            Wanted::Leave => Act::Leave,
        };
        ClientRequest {
            client: args.client,
            act,
            dry_run: args.dry_run,
            if_running: match args.if_running {
                IfRuns::Refuse => IfRunning::Refuse,
                IfRuns::Insist => IfRunning::Insist,
                IfRuns::Restart => IfRunning::Restart,
                IfRuns::WhenQuit => IfRunning::WhenQuit,
            },
        }
    }
}

/// The clients, those that were found first.
#[tauri::command]
pub(super) async fn clients(app: State<'_, App>) -> Answer<ClientListDto> {
    let list = app.bridge.clients().await.map_err(told(&app.bridge))?;
    Ok(ClientListDto::from(&list))
}

/// Changes a client's files, or says what would change.
#[tauri::command]
pub(super) async fn change_client(
    app: State<'_, App>,
    args: ChangeClient,
) -> Answer<ClientChangeDto> {
    let changed = change(&app.bridge, args).await;
    app.look_again();
    changed
}

pub(super) async fn change(bridge: &Bridge, args: ChangeClient) -> Answer<ClientChangeDto> {
    let waits = args.if_running == IfRuns::WhenQuit && !args.dry_run;
    let mut request = ClientRequest::from(args);
    // What waits is only looked at now, so that what is refused is refused at once; the follower does it.
    request.dry_run |= waits;
    let (client, act) = (request.client.clone(), request.act.clone());
    let changed = bridge.change_client(request).await;
    let changed = changed.map_err(told(bridge))?;
    if waits {
        bridge
            .change_client_later(&client, &act)
            .map_err(told(bridge))?;
    }
    Ok(ClientChangeDto::from(&changed))
}

/// What was to be done once the client has been quit is not to be done.
#[tauri::command]
pub(super) async fn forget_client_wish(app: State<'_, App>, args: OneClient) -> Answer<Option<()>> {
    let forgotten = app.bridge.forget_client_wish(&args.client);
    forgotten.map_err(told(&app.bridge))?;
    app.look_again();
    Ok(None)
}

/// Starts a client that does not run.
#[tauri::command]
pub(super) async fn start_client(app: State<'_, App>, args: OneClient) -> Answer<Option<()>> {
    let started = app.bridge.start_client(&args.client);
    started.map_err(told(&app.bridge))?;
    Ok(None)
}

/// Waits until a client that was started has started our server, or its log says why it can't.
#[tauri::command]
pub(super) async fn await_client(app: State<'_, App>, args: AwaitClient) -> Answer<ProofDto> {
    let since = Timestamp(args.since);
    let proof = app.bridge.await_client(&args.client, since, PATIENCE).await;
    let proof = proof.map_err(told(&app.bridge))?;
    Ok(ProofDto::from(&proof))
}

/// Tells the clients now and whenever something of them changes, as long as its window is there.
#[tauri::command]
pub(super) async fn watch_clients(
    app: State<'_, App>,
    window: WebviewWindow,
    channel: Channel<ClientListDto>,
) -> Answer<WatchDto> {
    let watch = begin(&app, &window, Subject::Clients);
    let (bridge, mut news, end) = (app.bridge.clone(), app.clients(), watch.end.clone());
    spawn(async move {
        let mut told = None;
        loop {
            news.borrow_and_update();
            match bridge.clients().await {
                Ok(list) => {
                    let list = Some(ClientListDto::from(&list));
                    if told != list {
                        told.clone_from(&list);
                        if list.is_some_and(|list| channel.send(list).is_err()) {
                            break;
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "the clients can't be looked at"),
            }
            tokio::select! {
                changed = news.changed() => if changed.is_err() { break },
                () = bridge.a_client_quits() => {}
                () = end.cancelled() => break,
            }
        }
        window.state::<App>().watches().end(watch.number);
    });
    Ok(WatchDto {
        watch: watch.number,
    })
}
