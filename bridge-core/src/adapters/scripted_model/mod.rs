//! A small stand-in for OpenAI's Responses API on loopback: Codex runs whole turns against it, offline and for free.
//!
//! The self-test uses it to prove the way from a client to Codex and back without an account; the end-to-end tests use
//! it to make Codex do what they need. What it says is decided by a script: a function from a [`Request`] to a [`Reply`],
//! both plain data.

mod answer;
mod body;
mod items;
mod request;
mod self_test;
mod server;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{oneshot, watch};

pub use crate::adapters::scripted_model::answer::{Answer, Usage};
pub use crate::adapters::scripted_model::items::{message, reasoning, web_search};
pub use crate::adapters::scripted_model::request::{Request, Tools, UserMessage};
pub use crate::adapters::scripted_model::self_test::{SELF_TEST_OUTPUT, self_test_script};
use crate::adapters::scripted_model::server::Shared;

/// What the model sends back for one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A plain HTTP answer, for errors.
    Status {
        /// The HTTP status code.
        code: u16,
        /// Further headers; `content-type` is JSON unless given.
        headers: Vec<(String, String)>,
        /// The body as it is sent.
        body: String,
    },
    /// A stream of server-sent events, which ends in good order after the last step.
    Stream(Vec<Step>),
    /// Nothing at all, until the client goes away.
    Silence,
}

/// One step of a [`Reply::Stream`].
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A server-sent event, named after the `type` of this object; it gets a `sequence_number`.
    Event(Value),
    /// Bytes as they are, for what is no proper event.
    Raw(Vec<u8>),
    /// Silence for a while.
    Pause(Duration),
    /// Silence until the client goes away.
    Hang,
    /// Closes the connection in the middle of the HTTP message.
    Cut,
}

/// How many requests were asked, and how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests the script was asked about.
    pub asked: u64,
    /// Those that are not over.
    pub in_flight: u64,
    /// Those whose reply was sent to its end.
    pub answered: u64,
    /// Those whose client went away before.
    pub abandoned: u64,
}

/// Why a scripted model could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or there is no loopback.
    #[error("could not listen on 127.0.0.1:{port}")]
    Bind {
        /// The port that was asked for; 0 means any.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no thread, or no event queue for it.
    #[error("could not start the thread of the scripted model")]
    Thread(#[source] io::Error),
}

/// A running scripted model. It has a thread of its own, so it serves callers that block as well; dropping it ends it.
#[derive(Debug)]
pub struct ScriptedModel {
    port: u16,
    shared: Arc<Shared>,
    counters: watch::Receiver<Counters>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ScriptedModel {
    /// Starts a model on a free port of 127.0.0.1. The script is called on the model's thread and must not block.
    pub fn start(
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Result<ScriptedModel, Error> {
        ScriptedModel::start_on(0, script)
    }

    /// Starts a model on the given port of 127.0.0.1; 0 means any that is free.
    pub fn start_on(
        port: u16,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Result<ScriptedModel, Error> {
        let bind = |source| Error::Bind { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(bind)?;
        listener.set_nonblocking(true).map_err(bind)?;
        let port = listener.local_addr().map_err(bind)?.port();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Thread)?;
        let (shared, counters) = Shared::new(script);
        let shared = Arc::new(shared);
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("scripted-model".to_owned())
            .spawn(move || runtime.block_on(server::serve(listener, served, stopped)))
            .map_err(Error::Thread)?;
        Ok(ScriptedModel {
            port,
            shared,
            counters,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The `base_url` of a model provider that leads here.
    pub fn base_url(&self) -> String {
        base_url(self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the script was asked, oldest first; only the newest are kept.
    pub fn requests(&self) -> Vec<Arc<Request>> {
        self.shared.requests()
    }

    /// Method and path of every other request, such as `GET /v1/models`; only the first are kept.
    pub fn other_requests(&self) -> Vec<String> {
        self.shared.other_requests()
    }

    /// The counters, to look at or to wait on.
    pub fn counters(&self) -> watch::Receiver<Counters> {
        self.counters.clone()
    }
}

impl Drop for ScriptedModel {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only if the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(port = self.port, "the scripted model's thread panicked");
        }
    }
}

/// The text of a `config.toml` with which Codex talks to the scripted model on this port, and to nobody else.
///
/// It names no model, so Codex takes its own default and offers the tools that go with it; sandbox and approval policy are
/// left to the command line.
pub fn codex_config(port: u16) -> String {
    let base_url = base_url(port);
    format!(
        r#"model_provider = "scripted"
check_for_update_on_startup = false

[model_providers.scripted]
name = "Scripted model"
base_url = "{base_url}"
wire_api = "responses"
requires_openai_auth = false
request_max_retries = 1
stream_max_retries = 1
stream_idle_timeout_ms = 20000

[analytics]
enabled = false
"#
    )
}

fn base_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/v1")
}
