//! One MCP session, from the first line to the last.

use std::future::Future;
use std::time::Duration;

use rmcp::ServiceExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::faces::mcp::lines::Lines;
use crate::faces::mcp::server::Server;
use crate::use_cases::bridge::Bridge;

/// How long answers that are ready may still be written once the session is over. A client that closes its end
/// waits for the process to go, and rmcp alone would wait 5 s for calls in flight.
const GRACE: Duration = Duration::from_millis(300);

/// Serves one client until the input ends or the process is told to stop. Runs go on.
///
/// Opens nothing before the first call. Where the input is tokio's own standard input, a thread may still wait in a
/// read of it afterwards: end the runtime with `shutdown_background`.
pub async fn serve<R, W>(bridge: Bridge, input: R, output: W)
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let closing = CancellationToken::new();
    let transport = Lines::new(input, output, closing.clone());
    let server = Server::new(bridge.clone(), closing.clone());
    let session = async {
        match server.serve(transport).await {
            Ok(running) => {
                let reason = running.waiting().await;
                tracing::debug!(?reason, "the session is over");
            }
            Err(error) => tracing::debug!(%error, "the session ended before it began"),
        }
    };
    tokio::pin!(session);
    tokio::select! {
        () = &mut session => {}
        () = closing.cancelled() => finish(session).await,
        () = stop_signal() => {
            closing.cancel();
            finish(session).await;
        }
    }
    bridge.close().await;
}

async fn finish(session: impl Future<Output = ()>) {
    if tokio::time::timeout(GRACE, session).await.is_err() {
        tracing::debug!("calls were still in flight at the end of the session");
    }
}

/// Resolves when the process is asked to end; never where signals can't be listened to.
async fn stop_signal() {
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    match kinds.map(signal) {
        [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}
