//! One MCP session, from the first line to the last.

use std::future::Future;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::{RoleServer, Service};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::faces::mcp::lines::Lines;
use crate::faces::mcp::server::Server;
use crate::faces::mcp::session::Session;
use crate::faces::mcp::subscriptions::Subscriptions;
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
    let subscriptions = Subscriptions::new(bridge.clone(), closing.clone());
    let server = Server::new(bridge.clone(), closing.clone(), subscriptions.clone());
    let session = async {
        session(Session::new(server), input, output, closing.clone()).await;
        closing.cancel();
    };
    tokio::join!(session, subscriptions.tell_session());
    bridge.close().await;
}

/// Serves until the input ends or a signal comes, and a moment longer for answers that are ready. Cancels `closing`.
async fn session<S, R, W>(server: S, input: R, output: W, closing: CancellationToken)
where
    S: Service<RoleServer>,
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let transport = Lines::new(input, output, closing.clone());
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

#[cfg(test)]
mod tests {
    use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult};
    use rmcp::service::RequestContext;
    use rmcp::{ErrorData, ServerHandler};
    use serde_json::{Value, json};
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
    use tokio::task::JoinHandle;
    use tokio::time::Instant;

    use super::*;
    use crate::faces::mcp::progress;
    use crate::faces::tools::wait::{Look, Wait};

    /// A server with a tool `wait`, which waits 45 s for news that never come, and one that listens to nobody.
    struct Slow(CancellationToken);

    impl ServerHandler for Slow {
        async fn call_tool(
            &self,
            request: CallToolRequestParams,
            context: RequestContext<RoleServer>,
        ) -> Result<CallToolResponse, ErrorData> {
            if request.name == "deaf" {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            let wait = Wait {
                call: context.ct.clone(),
                closing: self.0.clone(),
                tell: (context.meta.get_progress_token())
                    .map(|token| progress::tell(context.peer.clone(), token)),
            };
            let look = async |step| -> Result<Look<()>, ErrorData> {
                tokio::time::sleep(step).await;
                Ok(Look {
                    seen: (),
                    is_news: false,
                    activity: "working".to_owned(),
                    is_live: false,
                })
            };
            let seen = wait.for_news(Duration::from_secs(45), look).await?;
            Ok(CallToolResult::structured(json!({ "seen": seen.is_some() })).into())
        }
    }

    struct Client {
        input: WriteHalf<DuplexStream>,
        output: BufReader<ReadHalf<DuplexStream>>,
        server: JoinHandle<()>,
    }

    impl Client {
        async fn started() -> Client {
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            let (output, input) = tokio::io::split(ours);
            let (server_input, server_output) = tokio::io::split(theirs);
            let closing = CancellationToken::new();
            let server = Slow(closing.clone());
            let mut client = Client {
                input,
                output: BufReader::new(output),
                server: tokio::spawn(session(server, server_input, server_output, closing)),
            };
            let info = json!({"name": "test", "version": "1"});
            let params =
                json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info});
            client.ask(1, "initialize", &params).await;
            client.message().await;
            client
        }

        async fn send(&mut self, message: &Value) {
            let line = format!("{message}\n");
            self.input.write_all(line.as_bytes()).await.unwrap();
        }

        async fn ask(&mut self, id: u32, method: &str, params: &Value) {
            let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
            self.send(&request).await;
        }

        async fn call(&mut self, tool: &str) {
            let params = json!({"name": tool, "_meta": {"progressToken": "p"}});
            self.ask(2, "tools/call", &params).await;
        }

        async fn message(&mut self) -> Value {
            let mut line = String::new();
            self.output.read_line(&mut line).await.unwrap();
            serde_json::from_str(&line).unwrap()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_client_hears_of_the_run_at_least_every_ten_seconds() {
        let mut client = Client::started().await;
        let begun = Instant::now();
        client.call("wait").await;
        let mut heard = begun;
        let mut progress = 0.0;
        loop {
            let message = client.message().await;
            assert!(heard.elapsed() <= Duration::from_secs(10));
            heard = Instant::now();
            if message["id"] == 2 {
                assert_eq!(message["result"]["structuredContent"]["seen"], true);
                break;
            }
            assert_eq!(message["method"], "notifications/progress");
            assert_eq!(message["params"]["progressToken"], "p");
            assert_eq!(message["params"]["message"], "working");
            let next = message["params"]["progress"].as_f64().unwrap();
            assert!(next > progress);
            progress = next;
        }
        assert!(progress > 30.0);
        assert!(begun.elapsed() <= Duration::from_secs(46));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_call_stops_waiting_and_is_not_answered() {
        let mut client = Client::started().await;
        client.call("wait").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}});
        client.send(&cancelled).await;
        client.ask(3, "ping", &json!({})).await;
        assert_eq!(client.message().await["id"], 3);
        let more = tokio::time::timeout(Duration::from_secs(60), client.message());
        assert!(more.await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_answered_when_the_input_ends() {
        let mut client = Client::started().await;
        client.call("wait").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        client.input.shutdown().await.unwrap();
        assert_eq!(client.message().await["id"], 2);
        client.server.await.unwrap();
        assert!(begun.elapsed() <= Duration::from_millis(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_listens_to_nobody_does_not_hold_up_the_end() {
        let mut client = Client::started().await;
        client.call("deaf").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        client.input.shutdown().await.unwrap();
        client.server.await.unwrap();
        assert!(begun.elapsed() <= Duration::from_millis(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_does_not_hold_up_the_end() {
        let mut client = Client::started().await;
        // The answers name the method: together they are more than the pipe holds.
        let method = format!("no/such/{}", "x".repeat(2_000));
        for id in 10..110 {
            client.ask(id, &method, &json!({})).await;
        }
        client.input.shutdown().await.unwrap();
        let begun = Instant::now();
        client.server.await.unwrap();
        assert!(begun.elapsed() <= Duration::from_millis(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_on_and_reads_nothing_is_given_up_after_a_minute() {
        let mut client = Client::started().await;
        let begun = Instant::now();
        let method = format!("no/such/{}", "x".repeat(2_000));
        let request = json!({"jsonrpc": "2.0", "id": 9, "method": method, "params": {}});
        let line = format!("{request}\n").repeat(3_000);
        tokio::select! {
            _ = client.input.write_all(line.as_bytes()) => panic!("all of it was read"),
            ended = client.server => ended.unwrap(),
        }
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_secs(60) && took <= Duration::from_secs(61),
            "{took:?}"
        );
    }
}
