//! The HTTP side: takes connections, reads requests, asks the script, remembers what was asked.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::adapters::scripted_model::body::{InFlight, StepBody};
use crate::adapters::scripted_model::{Counters, Reply, Request};

/// A 4 MiB command output and a long history fit in; an endless body does not.
const MAX_BODY: usize = 64 << 20;
const MAX_REMEMBERED: usize = 256;
const MAX_REMEMBERED_WEIGHT: usize = 64 << 20;

type Script = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

/// What the thread of the server and the owner of the model share.
pub(super) struct Shared {
    script: Script,
    seen: Mutex<Seen>,
    counters: watch::Sender<Counters>,
}

#[derive(Default)]
struct Seen {
    number: u64,
    requests: VecDeque<Arc<Request>>,
    weight: usize,
    others: Vec<String>,
}

impl Shared {
    pub(super) fn new(
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> (Shared, watch::Receiver<Counters>) {
        let (sender, receiver) = watch::channel(Counters::default());
        let shared = Shared {
            script: Box::new(script),
            seen: Mutex::default(),
            counters: sender,
        };
        (shared, receiver)
    }

    pub(super) fn requests(&self) -> Vec<Arc<Request>> {
        self.seen().requests.iter().cloned().collect()
    }

    pub(super) fn other_requests(&self) -> Vec<String> {
        self.seen().others.clone()
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Counters)) {
        self.counters.send_modify(change);
    }

    fn remember(&self, headers: Vec<(String, String)>, body: Value) -> Arc<Request> {
        let mut seen = self.seen();
        seen.number += 1;
        let request = Arc::new(Request::new(seen.number, headers, body));
        seen.weight += request.weight();
        seen.requests.push_back(Arc::clone(&request));
        while seen.requests.len() > MAX_REMEMBERED || seen.weight > MAX_REMEMBERED_WEIGHT {
            let Some(oldest) = seen.requests.pop_front() else {
                break;
            };
            seen.weight -= oldest.weight();
        }
        request
    }

    fn remember_other(&self, line: String) {
        let mut seen = self.seen();
        if seen.others.len() < MAX_REMEMBERED {
            seen.others.push(line);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// Serves until told to stop; what is still open then is closed.
pub(super) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<()>,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the scripted model could not listen");
            return;
        }
    };
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "the script of the scripted model panicked");
                }
                continue;
            }
            _ = &mut stopped => return,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, Arc::clone(&shared)));
            }
            Err(error) => {
                tracing::warn!(%error, "the scripted model could not accept a connection");
                // Out of file descriptors, most likely: trying again at once would spin.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, shared: Arc<Shared>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = service_fn(|request| answer(request, Arc::clone(&shared)));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection to the scripted model ended early");
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<StepBody>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if head.method != Method::POST || !path.ends_with("/responses") {
        shared.remember_other(format!("{} {path}", head.method));
        return Ok(aside(&head.method, path));
    }
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => return Ok(refusal(StatusCode::BAD_REQUEST, &error.to_string())),
    };
    if let Some(encoding) = head.headers.get(CONTENT_ENCODING) {
        let why = format!("the scripted model reads no content encoding, but got {encoding:?}");
        return Ok(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, &why));
    }
    let body = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return Ok(refusal(StatusCode::BAD_REQUEST, &error.to_string())),
    };
    let request = shared.remember(readable(&head.headers), body);
    let in_flight = InFlight::begin(&shared);
    match (shared.script)(&request) {
        Reply::Status {
            code,
            headers,
            body,
        } => Ok(status(code, &headers, body, in_flight)),
        Reply::Stream(steps) => Ok(stream(StepBody::stream(steps, in_flight))),
        Reply::Silence => {
            let _in_flight = in_flight;
            std::future::pending().await
        }
    }
}

fn stream(body: StepBody) -> Response<StepBody> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn status(
    code: u16,
    headers: &[(String, String)],
    body: String,
    in_flight: InFlight,
) -> Response<StepBody> {
    let mut builder = Response::builder().status(code);
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        builder = builder.header(CONTENT_TYPE, "application/json");
    }
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    match builder.body(StepBody::whole(body, Some(in_flight))) {
        Ok(response) => response,
        Err(error) => refusal(
            StatusCode::NOT_IMPLEMENTED,
            &format!("the script's reply is no HTTP: {error}"),
        ),
    }
}

/// What needs no script: the list of models, and everything that is not there.
fn aside(method: &Method, path: &str) -> Response<StepBody> {
    if method == Method::GET && path.ends_with("/models") {
        let none = json!({"object": "list", "data": [], "models": []});
        return plain(StatusCode::OK, &none);
    }
    refusal(StatusCode::NOT_FOUND, &format!("no such path: {path}"))
}

fn refusal(code: StatusCode, why: &str) -> Response<StepBody> {
    plain(code, &json!({"error": {"message": why}}))
}

fn plain(code: StatusCode, body: &Value) -> Response<StepBody> {
    let mut response = Response::new(StepBody::whole(body.to_string(), None));
    *response.status_mut() = code;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The headers as text, with no more of a credential than its kind and first letters.
fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| match name {
            &AUTHORIZATION => (name.to_string(), format!("{:.12}…", text(value))),
            _ => (name.to_string(), text(value)),
        })
        .collect()
}
