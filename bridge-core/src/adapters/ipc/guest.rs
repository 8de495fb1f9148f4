//! The side that asks.

use std::time::Duration;

use rustix::process::geteuid;
use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use crate::adapters::ipc::line::{self, LineError};
use crate::adapters::ipc::{Answer, Greeting, MAX_MESSAGE, PROTOCOL, Place, Reply, Request};

/// How long a host may take to greet. One that hangs is none.
pub(super) const GREETING: Duration = Duration::from_secs(1);
/// How long a request may take to go.
const SENDING: Duration = Duration::from_secs(2);

/// A host that greeted and has not been asked yet.
#[derive(Debug)]
pub struct Guest {
    input: BufReader<OwnedReadHalf>,
    output: OwnedWriteHalf,
}

/// Why a host did not act.
#[derive(Debug, thiserror::Error)]
pub enum NotServed {
    /// There is none, or none that we can speak with. Nothing was asked.
    #[error("no app serves here: {0}")]
    NoHost(String),
    /// It was asked and said that it did not begin.
    #[error("the app does not serve: {0}")]
    Refused(String),
    /// It was asked, and nobody knows what came of it.
    #[error("the app was asked and did not answer: {0}")]
    Unknown(String),
}

impl Guest {
    /// Looks for a host at a place, with this mark. Costs one system call where there is none.
    pub async fn find(place: &Place, mark: &str) -> Result<Guest, NotServed> {
        let none = |why: &str| NotServed::NoHost(why.to_owned());
        let connecting = UnixStream::connect(place.socket());
        let stream = match tokio::time::timeout(GREETING, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(none(&error.to_string())),
            Err(_) => return Err(none("it takes too long")),
        };
        let is_own = stream
            .peer_cred()
            .is_ok_and(|peer| peer.uid() == geteuid().as_raw());
        if !is_own {
            return Err(none("it is somebody else's"));
        }
        let (input, output) = stream.into_split();
        let mut input = BufReader::new(input);
        let greeting: Greeting = line::receive(&mut input, MAX_MESSAGE, GREETING)
            .await
            .map_err(|error| none(&error.to_string()))?;
        if greeting.protocol != PROTOCOL {
            return Err(none("it is of another version"));
        }
        if greeting.mark != mark {
            return Err(none("it has other settings"));
        }
        Ok(Guest { input, output })
    }

    /// Asks for an act, and waits for its end.
    ///
    /// # Errors
    /// Only after [`NotServed::Unknown`] may something have been done.
    pub async fn ask(mut self, request: &Request, limit: Duration) -> Result<Reply, NotServed> {
        let unknown = |error: &LineError| NotServed::Unknown(error.to_string());
        let refused = |error: &LineError| NotServed::Refused(error.to_string());
        let line = line::line(request, MAX_MESSAGE).map_err(|error| refused(&error))?;
        line::send(&mut self.output, &line, SENDING)
            .await
            .map_err(|error| unknown(&error))?;
        let answer: Answer = line::receive(&mut self.input, 4 * MAX_MESSAGE, limit)
            .await
            .map_err(|error| unknown(&error))?;
        match answer.reply {
            Reply::NotServed(why) => Err(NotServed::Refused(why)),
            _ if answer.id != request.id => {
                Err(NotServed::Unknown("it answered another request".to_owned()))
            }
            reply => Ok(reply),
        }
    }
}
