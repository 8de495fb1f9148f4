//! Who stands at the socket, asked without an act.

use std::io;

use rustix::process::geteuid;
use tokio::io::BufReader;
use tokio::net::UnixStream;

use crate::adapters::ipc::guest::GREETING;
use crate::adapters::ipc::{Greeting, MAX_MESSAGE, PROTOCOL, Place, line};
use crate::platform::lock::{self, FileLock};

/// Who stands at the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is no socket.
    Nobody,
    /// There is a socket, and whoever made it is gone.
    Stale,
    /// An app that serves.
    Serves,
    /// An app that speaks another version of the protocol.
    OtherVersion,
    /// An app with other settings: it has another environment.
    OtherSettings,
    /// Somebody who does not greet, and why.
    Silent(String),
}

/// Looks who stands at the socket of a place. `mark` stands for our own settings.
pub async fn look(place: &Place, mark: &str) -> Standing {
    let silent = |why: &dyn ToString| Standing::Silent(why.to_string());
    let connecting = UnixStream::connect(place.socket());
    let stream = match tokio::time::timeout(GREETING, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) if is_absence(&error) => return Standing::Nobody,
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            // Between two words of a host that is just starting nobody listens either.
            return match lock::is_held(&place.lock()) {
                Ok(false) => Standing::Stale,
                Ok(true) | Err(_) => Standing::Nobody,
            };
        }
        Ok(Err(error)) => return silent(&error),
        Err(_) => return silent(&"it takes too long"),
    };
    let is_own = stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == geteuid().as_raw());
    if !is_own {
        return silent(&"it is somebody else's");
    }
    let mut input = BufReader::new(stream);
    match line::receive::<Greeting>(&mut input, MAX_MESSAGE, GREETING).await {
        Err(error) => silent(&error),
        Ok(greeting) if greeting.protocol != PROTOCOL => Standing::OtherVersion,
        Ok(greeting) if greeting.mark != mark => Standing::OtherSettings,
        Ok(_) => Standing::Serves,
    }
}

/// Where a file stands in the way of the folder there is no socket either.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Removes a socket that nobody listens at any more; says whether there was one.
///
/// # Errors
/// If the system does not let us.
pub async fn remove_stale(place: &Place) -> io::Result<bool> {
    // Whoever wants to host waits for this lock meanwhile.
    let Some(_lock) = FileLock::try_acquire(&place.lock()).map_err(io::Error::other)? else {
        return Ok(false);
    };
    let socket = place.socket();
    match UnixStream::connect(&socket).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(&socket)?;
            Ok(true)
        }
        Ok(_) | Err(_) => Ok(false),
    }
}
