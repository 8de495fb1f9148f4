//! JSON-RPC messages as lines: the transport below rmcp, which nothing that a client writes can end or stall.
//!
//! rmcp's own transport drops what it can't read without an answer, and its start-up ends the session at a first
//! message that is no request. Here, whoever sent a readable id gets an error with that id, and what comes before the
//! handshake and is no request is passed over.

use std::io;
use std::sync::{Arc, LazyLock};

use regex::bytes::Regex;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, ErrorData, GetMeta, ProtocolVersion,
    RequestId, ServerJsonRpcMessage,
};
use rmcp::service::RoleServer;
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::faces::mcp::in_flight::InFlight;

/// The longest line that is read: four times the longest prompt.
const MAX_LINE: usize = 16 * 1024 * 1024;
/// Of a longer line, so much of the beginning and of the end is kept to find the id in.
const REMNANT: usize = 512;

/// Reads and writes one message per line.
pub(crate) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    /// The line is longer than may be; what `line` keeps of it is its end.
    oversized: Option<Vec<u8>>,
    /// Whether the client has begun a session, so that any message may come.
    opened: bool,
    /// An error that is still to be sent. Kept here because `receive` may be dropped at any `.await`.
    reply: Option<ServerJsonRpcMessage>,
    output: mpsc::Sender<Outgoing>,
    writer: Option<JoinHandle<()>>,
    in_flight: Arc<InFlight>,
    closing: CancellationToken,
}

struct Outgoing {
    line: Vec<u8>,
    written: Option<oneshot::Sender<io::Result<()>>>,
}

impl<R: AsyncRead + Send + Unpin> Lines<R> {
    /// Reads from `input` and writes to `output`. The end of the input cancels `closing`, and the other way round.
    pub(crate) fn new<W>(input: R, output: W, closing: CancellationToken) -> Lines<R>
    where
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, receiver) = mpsc::channel(16);
        Lines {
            input: BufReader::with_capacity(64 * 1024, input),
            line: Vec::new(),
            oversized: None,
            opened: false,
            reply: None,
            output: sender,
            writer: Some(tokio::spawn(write_lines(output, receiver))),
            in_flight: Arc::default(),
            closing,
        }
    }

    /// The next line, once there is room for what it may ask. A client that takes no answers has gone for all we know.
    async fn next_line_with_room(&mut self) -> Option<Line> {
        if self.in_flight.room().await {
            self.next_line().await
        } else {
            tracing::warn!("the client does not read its answers: the session ends");
            None
        }
    }

    /// The next line in `self.line`, or `None` at the end of the input.
    async fn next_line(&mut self) -> Option<Line> {
        loop {
            let available = match self.input.fill_buf().await {
                Ok([]) => return None,
                Ok(available) => available,
                Err(error) => {
                    tracing::warn!(%error, "the input can't be read");
                    return None;
                }
            };
            let newline = available.iter().position(|byte| *byte == b'\n');
            let taken = newline.map_or(available.len(), |at| at + 1);
            self.line.extend_from_slice(&available[..taken]);
            // From here to the end of the turn nothing awaits: a dropped read loses no byte.
            self.input.consume(taken);
            if self.line.len() > MAX_LINE && self.oversized.is_none() {
                self.oversized = Some(self.line[..REMNANT].to_vec());
            }
            if self.oversized.is_some() && self.line.len() > REMNANT {
                let surplus = self.line.len() - REMNANT;
                self.line.drain(..surplus);
                self.line.shrink_to(REMNANT);
            }
            if newline.is_some() {
                let line = std::mem::take(&mut self.line);
                return Some(match self.oversized.take() {
                    Some(head) => Line::Oversized { head, tail: line },
                    None => Line::Whole(line),
                });
            }
        }
    }

    /// The message of a line, if there is one for rmcp. Otherwise there may be a reply.
    fn take_in(&mut self, line: &[u8]) -> Option<ClientJsonRpcMessage> {
        match parse(line) {
            Parsed::Message(message) if self.opened || opens_or_asks(&message) => {
                self.opened = self.opened || opens(&message);
                self.count(&message);
                Some(*message)
            }
            Parsed::Message(_) => {
                tracing::debug!("a message before the handshake was passed over");
                None
            }
            Parsed::Faulty { error, id } => {
                self.reply = Some(ServerJsonRpcMessage::error(error, id));
                None
            }
            Parsed::Nothing => None,
        }
    }

    /// Keeps count of what is still to be answered. rmcp does not answer what was cancelled.
    fn count(&self, message: &ClientJsonRpcMessage) {
        match message {
            ClientJsonRpcMessage::Request(request) => self.in_flight.begin(request.id.clone()),
            ClientJsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.in_flight.end(id);
                }
            }
            ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_) => {}
        }
    }
}

enum Line {
    Whole(Vec<u8>),
    Oversized { head: Vec<u8>, tail: Vec<u8> },
}

impl<R: AsyncRead + Send + Unpin> Transport<RoleServer> for Lines<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        item: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let output = self.output.clone();
        let id = match &item {
            ServerJsonRpcMessage::Response(response) => Some(&response.id),
            ServerJsonRpcMessage::Error(error) => error.id.as_ref(),
            ServerJsonRpcMessage::Request(_) | ServerJsonRpcMessage::Notification(_) => None,
        };
        let answering = id.map(|id| self.in_flight.answering(id.clone()));
        async move {
            let _answering = answering;
            let (sender, written) = oneshot::channel();
            let outgoing = Outgoing {
                line: to_line(&item)?,
                written: Some(sender),
            };
            output.send(outgoing).await.map_err(|_| closed())?;
            written.await.map_err(|_| closed())?
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            if self.reply.is_some() {
                let permit = self.output.reserve().await.ok()?;
                if let Some(line) = self.reply.take().and_then(|reply| to_line(&reply).ok()) {
                    permit.send(Outgoing {
                        line,
                        written: None,
                    });
                }
            }
            let closing = self.closing.clone();
            let line = tokio::select! {
                line = self.next_line_with_room() => line,
                // Told to stop: for rmcp that is the end of the input.
                () = closing.cancelled() => None,
            };
            match line {
                Some(Line::Whole(line)) => {
                    if let Some(message) = self.take_in(&line) {
                        return Some(message);
                    }
                }
                Some(Line::Oversized { head, tail }) => {
                    let text = format!("a message has at most {MAX_LINE} bytes; this one has more");
                    let error = ErrorData::invalid_request(text, None);
                    let id = id_in_remnants(&head, &tail);
                    self.reply = Some(ServerJsonRpcMessage::error(error, id));
                }
                None => {
                    self.closing.cancel();
                    return None;
                }
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        // The writer ends when the last sender is gone.
        self.output = mpsc::channel(1).0;
        if let Some(writer) = self.writer.take() {
            writer.await.map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// Owns the output, so that no message is ever half written because somebody stopped waiting for it.
async fn write_lines<W: AsyncWrite + Unpin>(mut output: W, mut lines: mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing { line, written }) = lines.recv().await {
        let result = match output.write_all(&line).await {
            Ok(()) => output.flush().await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            tracing::debug!(%error, "the output can't be written");
        }
        if let Some(written) = written {
            // Whoever asked may have gone; the line is out all the same.
            let _ = written.send(result);
        }
    }
}

fn to_line(message: &ServerJsonRpcMessage) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the output is closed")
}

/// Whether rmcp may see the message before the session has begun: it ends at anything but a request.
fn opens_or_asks(message: &ClientJsonRpcMessage) -> bool {
    matches!(message, ClientJsonRpcMessage::Request(_))
}

/// Whether the message begins a session, by the same rule as rmcp.
fn opens(message: &ClientJsonRpcMessage) -> bool {
    let ClientJsonRpcMessage::Request(request) = message else {
        return false;
    };
    match &request.request {
        ClientRequest::InitializeRequest(_) => true,
        ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_) => false,
        other => {
            let meta = other.get_meta();
            let is_whole = meta
                .missing_required_keys(&ProtocolVersion::V_2026_07_28)
                .is_empty();
            let is_known = meta
                .protocol_version()
                .is_some_and(|version| ProtocolVersion::KNOWN_VERSIONS.contains(&version));
            is_whole && is_known
        }
    }
}

enum Parsed {
    Message(Box<ClientJsonRpcMessage>),
    Faulty {
        error: ErrorData,
        id: Option<RequestId>,
    },
    /// Nothing to act on and nobody to answer.
    Nothing,
}

fn parse(line: &[u8]) -> Parsed {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if line.trim_ascii().is_empty() {
        return Parsed::Nothing;
    }
    if let Ok(message) = serde_json::from_slice(line) {
        return match misread(&message) {
            Some((method, id)) => Parsed::Faulty {
                error: wrong_form(method),
                id: Some(id),
            },
            None => Parsed::Message(Box::new(message)),
        };
    }
    let Ok(value) = serde_json::from_slice::<Value>(line) else {
        // Nobody can tell whom to answer, and an answer to noise may come back as noise.
        tracing::debug!(bytes = line.len(), "a line that is no JSON was passed over");
        return Parsed::Nothing;
    };
    let invalid = |text: &'static str, id| Parsed::Faulty {
        error: ErrorData::invalid_request(text, None),
        id,
    };
    let Value::Object(message) = value else {
        return invalid(
            "send one JSON-RPC message per line; batches are not supported",
            None,
        );
    };
    let id = message
        .get("id")
        .and_then(|id| serde_json::from_value::<RequestId>(id.clone()).ok());
    match (message.get("method").and_then(Value::as_str), id) {
        (Some(_), Some(id)) if message.get("jsonrpc") != Some(&Value::from("2.0")) => {
            invalid("`jsonrpc` has to be \"2.0\"", Some(id))
        }
        (Some(method), Some(id)) => Parsed::Faulty {
            error: wrong_form(method),
            id: Some(id),
        },
        (Some(_), None) if message.contains_key("id") => {
            invalid("`id` has to be a string or a whole number", None)
        }
        // Notifications are never answered, and neither are responses.
        (Some(_), None) => Parsed::Nothing,
        (None, _) if message.contains_key("result") || message.contains_key("error") => {
            Parsed::Nothing
        }
        (None, id) => invalid("`method` is missing", id),
    }
}

/// A request of MCP whose parameters do not fit. rmcp takes it for one that it does not know, and would say so.
fn misread(message: &ClientJsonRpcMessage) -> Option<(&str, RequestId)> {
    const METHODS: [&str; 9] = [
        "initialize",
        "ping",
        "server/discover",
        "tools/list",
        "tools/call",
        "resources/list",
        "resources/read",
        "resources/templates/list",
        "subscriptions/listen",
    ];
    let ClientJsonRpcMessage::Request(request) = message else {
        return None;
    };
    let ClientRequest::CustomRequest(custom) = &request.request else {
        return None;
    };
    METHODS
        .contains(&custom.method.as_str())
        .then(|| (custom.method.as_str(), request.id.clone()))
}

fn wrong_form(method: &str) -> ErrorData {
    let message = format!("the parameters of `{method}` do not have the form that MCP gives them");
    ErrorData::invalid_params(message, None)
}

/// The id of a message of which only the beginning and the end are left: clients write it first or last.
fn id_in_remnants(head: &[u8], tail: &[u8]) -> Option<RequestId> {
    static HEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*(-?\d+|"[^"\\]*")\s*,"#)
            .ok()
    });
    static TAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#","id"\s*:\s*(-?\d+|"[^"\\]*")\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$"#)
            .ok()
    });
    let find = |regex: &Option<Regex>, text| {
        let found = regex.as_ref()?.captures(text)?.get(1)?;
        serde_json::from_slice(found.as_bytes()).ok()
    };
    find(&HEAD, head).or_else(|| find(&TAIL, tail))
}
