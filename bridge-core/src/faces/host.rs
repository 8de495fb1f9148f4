//! Acts for the processes at the clients' sides: what the app does while it runs.

use tokio_util::sync::CancellationToken;

pub use crate::adapters::ipc::HostError;
use crate::adapters::ipc::{Bounds, CallerOnWire, Listening, Reply, Request};
use crate::domain::run::Caller;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::faces::mcp::caller::one_line;
use crate::faces::tools::wait::Wait;
use crate::faces::tools::{self, Call};
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::Bridge;

/// A host whose socket is open.
#[derive(Debug)]
pub struct Host(Listening);

impl Host {
    /// Opens the socket of the bridge's state folder, which is made where it is not there.
    ///
    /// # Errors
    /// [`HostError::Taken`] if another process hosts already.
    pub async fn open(bridge: &Bridge) -> Result<Host, HostError> {
        Self::make_ready(bridge).await;
        let (place, mark) = bridge.app();
        Ok(Host(Listening::open(&place, &mark, Bounds::DEFAULT)?))
    }

    /// As [`Host::open`], but sleeps for as long as another process hosts.
    ///
    /// # Errors
    /// If the socket can't be had by waiting either: its folder or the file system refuses.
    pub async fn open_in_turn(bridge: &Bridge) -> Result<Host, HostError> {
        Self::make_ready(bridge).await;
        let (place, mark) = bridge.app();
        let listening = Listening::open_in_turn(&place, &mark, Bounds::DEFAULT);
        Ok(Host(listening.await?))
    }

    async fn make_ready(bridge: &Bridge) {
        if let Err(error) = bridge.store().await {
            tracing::warn!(%error, "the host begins without a database");
        }
    }

    /// Serves until `closing`. Runs that live in this process alone end with [`Bridge::close`], not here.
    pub async fn serve(self, bridge: Bridge, closing: CancellationToken) {
        let session = closing.clone();
        self.0
            .serve(closing, move |request, left| {
                act(bridge.clone(), request, left, session.clone())
            })
            .await;
    }
}

/// Does what a guest asks, as if it had been asked here.
async fn act(
    bridge: Bridge,
    request: Request,
    left: CancellationToken,
    closing: CancellationToken,
) -> Reply {
    let scrubber = bridge.scrubber();
    let call = Call {
        caller: caller(&request.caller, &scrubber),
        bridge,
        scrubber,
        wait: Wait {
            call: left,
            closing,
            tell: None,
        },
    };
    match tools::call_with(call, &request.act, request.arguments).await {
        Ok(object) => Reply::Done(object.into_text()),
        Err(error) => failed(&error),
    }
}

fn failed(error: &ErrorDto) -> Reply {
    match serde_json::to_string(error) {
        Ok(text) => Reply::Failed(text),
        Err(error) => Reply::NotServed(error.to_string()),
    }
}

fn caller(asks: &CallerOnWire, scrubber: &Scrubber) -> Caller {
    let line = |text: &Option<String>| text.as_deref().and_then(|text| one_line(text, scrubber));
    Caller {
        client: one_line(&asks.client, scrubber).unwrap_or(Scrubbed::literal("unknown")),
        version: line(&asks.version),
        session: line(&asks.session),
    }
}
