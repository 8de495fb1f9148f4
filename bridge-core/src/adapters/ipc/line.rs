//! One JSON object on a line, of a bounded length and in a bounded time.

use std::io;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
};

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    /// The other side went.
    #[error("the other side went")]
    Gone,
    /// It is longer than it may be.
    #[error("the message is too long")]
    TooLong,
    /// It took too long.
    #[error("the other side took too long")]
    TooLate,
    /// It is something else.
    #[error("the message can't be read")]
    Malformed(#[source] serde_json::Error),
    /// The system said no.
    #[error("the socket failed")]
    Io(#[from] io::Error),
}

/// The message as it is sent.
pub(super) fn line(message: &impl Serialize, max: usize) -> Result<Vec<u8>, LineError> {
    let mut line = serde_json::to_vec(message).map_err(LineError::Malformed)?;
    line.push(b'\n');
    match line.len() > max {
        true => Err(LineError::TooLong),
        false => Ok(line),
    }
}

/// Sends a line.
pub(super) async fn send(
    output: &mut (impl AsyncWrite + Unpin),
    line: &[u8],
    limit: Duration,
) -> Result<(), LineError> {
    match tokio::time::timeout(limit, output.write_all(line)).await {
        Ok(sent) => Ok(sent?),
        Err(_) => Err(LineError::TooLate),
    }
}

/// Reads a message.
pub(super) async fn receive<T: DeserializeOwned>(
    input: &mut (impl AsyncBufRead + Unpin),
    max: usize,
    limit: Duration,
) -> Result<T, LineError> {
    let mut line = Vec::new();
    let mut bounded = input.take(max as u64);
    let read = bounded.read_until(b'\n', &mut line);
    match tokio::time::timeout(limit, read).await {
        Ok(read) => read?,
        Err(_) => return Err(LineError::TooLate),
    };
    match line.last() {
        Some(b'\n') => serde_json::from_slice(&line).map_err(LineError::Malformed),
        Some(_) if line.len() >= max => Err(LineError::TooLong),
        Some(_) | None => Err(LineError::Gone),
    }
}
