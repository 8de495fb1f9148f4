//! The MCP clients of this computer, and what is changed in their files.

use bridge_core::faces::wire::clients::{ClientChangeDto, ClientListDto};
use bridge_core::use_cases::bridge::Bridge;
use bridge_core::use_cases::clients::{Act, ClientRequest};
use serde::Deserialize;
use tauri::State;

use crate::app::App;
use crate::fault::{Answer, told};

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
    while_running: bool,
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
        };
        ClientRequest {
            client: args.client,
            act,
            dry_run: args.dry_run,
            while_running: args.while_running,
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
    let changed = bridge.change_client(args.into()).await;
    let changed = changed.map_err(told(bridge))?;
    Ok(ClientChangeDto::from(&changed))
}
