//! `host`: acts for the servers of clients, as the app does. People don't call it.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::screen;
use crate::faces::host::{Host, HostError};
use crate::use_cases::bridge::Bridge;

/// Hosts until it is told to stop.
pub(super) async fn host(bridge: &Bridge) -> Result<Exit, Fault> {
    let host = Host::open(bridge).await.map_err(|error| Fault::Usage {
        message: crate::use_cases::error::chain(&error),
        hint: match error {
            HostError::Taken => "Quit the other one first.",
            _ => "The state folder has to be on a local disk and belong to you alone.",
        },
    })?;
    let system = |source| Fault::System {
        what: "be told to stop",
        source,
    };
    let mut interrupted = signal(SignalKind::interrupt()).map_err(system)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(system)?;
    let closing = CancellationToken::new();
    let told = closing.clone();
    screen::print(&["ready".to_owned()])?;
    let stop = async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        told.cancel();
    };
    tokio::join!(host.serve(bridge.clone(), closing), stop);
    Ok(Exit::Fine)
}
