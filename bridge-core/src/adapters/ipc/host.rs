//! The side that acts.

use std::fs::Permissions;
use std::future::Future;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::geteuid;
use tokio::io::BufReader;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::adapters::ipc::line::{self, LineError};
use crate::adapters::ipc::{Answer, Greeting, MAX_MESSAGE, PROTOCOL, Place, Reply, Request};
use crate::platform::lock::{FileLock, LockError};
use crate::platform::private_dir::PrivateDirError;

/// What guests may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once.
    pub connections: usize,
    /// Acts that may be asked for at once, after a pause.
    pub burst: u32,
    /// Acts per second in the long run.
    pub per_second: u32,
    /// How long a request may take to come.
    pub request: Duration,
    /// How long an answer may take to go.
    pub answer: Duration,
}

impl Bounds {
    /// Enough for a dozen clients, and not enough to keep the app from anything.
    pub const DEFAULT: Bounds = Bounds {
        connections: 64,
        burst: 40,
        per_second: 20,
        request: Duration::from_secs(5),
        answer: Duration::from_secs(5),
    };
}

/// Why nobody is hosted.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// There is a host already.
    #[error("another app hosts already")]
    Taken,
    /// The folder is not ours alone.
    #[error("the socket's folder can't be used")]
    Folder(#[from] PrivateDirError),
    /// The lock can't be taken.
    #[error("the socket's lock can't be taken")]
    Lock(#[from] LockError),
    /// Nobody can wait for the lock.
    #[error("no thread could be started that waits for the socket's lock")]
    Thread(#[source] io::Error),
    /// The socket can't be made.
    #[error("can't listen at `{}`", path.display())]
    Listen {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A host that can be reached. Until it serves, guests wait for a moment and then act by themselves.
#[derive(Debug)]
pub struct Listening {
    listener: UnixListener,
    path: PathBuf,
    greeting: Vec<u8>,
    bounds: Bounds,
    /// One host at a time: who holds this may take the socket's place.
    _lock: FileLock,
}

impl Listening {
    /// Opens the socket. `mark` stands for the state folder and the settings that count.
    pub fn open(place: &Place, mark: &str, bounds: Bounds) -> Result<Listening, HostError> {
        place.ensure()?;
        let lock = FileLock::try_acquire(&place.lock())?.ok_or(HostError::Taken)?;
        Self::with(lock, place, mark, bounds)
    }

    /// As [`Listening::open`], but waits for as long as another process hosts. Nobody looks again and again: a thread
    /// sleeps until the system gives it the lock. Whoever gives up waiting leaves it asleep, and it lets go at once.
    pub async fn open_in_turn(
        place: &Place,
        mark: &str,
        bounds: Bounds,
    ) -> Result<Listening, HostError> {
        place.ensure()?;
        let (tell, told) = oneshot::channel();
        let path = place.lock();
        std::thread::Builder::new()
            .name("host-lock".to_owned())
            .spawn(move || drop(tell.send(FileLock::acquire(&path))))
            .map_err(HostError::Thread)?;
        // A thread that died without a word took nothing.
        let lock = told.await.map_err(|_| HostError::Taken)??;
        Self::with(lock, place, mark, bounds)
    }

    fn with(
        lock: FileLock,
        place: &Place,
        mark: &str,
        bounds: Bounds,
    ) -> Result<Listening, HostError> {
        let path = place.socket();
        let failed = |source| HostError::Listen {
            path: path.clone(),
            source,
        };
        // What a host that was killed left behind.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
        let greeting = Greeting {
            protocol: PROTOCOL,
            mark: mark.to_owned(),
        };
        let greeting =
            line::line(&greeting, MAX_MESSAGE).map_err(|error| failed(io::Error::other(error)))?;
        Ok(Listening {
            listener,
            path,
            greeting,
            bounds,
            _lock: lock,
        })
    }

    /// Serves until `closing`. An act that was begun goes on when its guest leaves; the token that it gets then says
    /// that nobody waits for its answer.
    pub async fn serve<F, A>(self, closing: CancellationToken, act: A)
    where
        A: Fn(Request, CancellationToken) -> F + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let act = Arc::new(act);
        let places = Arc::new(Semaphore::new(self.bounds.connections));
        let mut rate = Rate::new(self.bounds);
        let mut guests = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(ended) = guests.join_next(), if !guests.is_empty() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a guest's task died");
                    }
                    continue;
                }
                () = closing.cancelled() => break,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a guest could not be let in");
                    // Too many open files, most of all: to try at once would only spin.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            if !is_own(&stream) {
                tracing::warn!("somebody else's process was turned away");
                continue;
            }
            // A guest that gets no greeting acts by itself.
            let Ok(permit) = Arc::clone(&places).try_acquire_owned() else {
                continue;
            };
            if !rate.admits() {
                continue;
            }
            let visit = Visit {
                stream,
                greeting: self.greeting.clone(),
                bounds: self.bounds,
                closing: closing.clone(),
                act: Arc::clone(&act),
            };
            guests.spawn(async move {
                if let Err(error) = visit.take().await {
                    tracing::debug!(%error, "a guest was not served");
                }
                drop(permit);
            });
        }
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket stays");
        }
        guests.shutdown().await;
    }
}

/// Whether the process on the other side is one of ours.
fn is_own(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == geteuid().as_raw())
}

struct Visit<A> {
    stream: UnixStream,
    greeting: Vec<u8>,
    bounds: Bounds,
    closing: CancellationToken,
    act: Arc<A>,
}

impl<A, F> Visit<A>
where
    A: Fn(Request, CancellationToken) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    async fn take(self) -> Result<(), LineError> {
        let (input, mut output) = self.stream.into_split();
        let mut input = BufReader::new(input);
        line::send(&mut output, &self.greeting, self.bounds.answer).await?;
        let request = line::receive(&mut input, MAX_MESSAGE, self.bounds.request).await;
        let answer = match request {
            Ok(request) => {
                let request: Request = request;
                let id = request.id.clone();
                let left = self.closing.child_token();
                // A task of its own: what was begun is not left half done because its guest went.
                let mut acting = tokio::spawn((self.act)(request, left.clone()));
                let mut byte = [0];
                let reply = tokio::select! {
                    reply = &mut acting => reply,
                    // A guest says nothing more: it can only have gone.
                    _ = tokio::io::AsyncReadExt::read(&mut input, &mut byte) => {
                        left.cancel();
                        return Ok(());
                    }
                };
                let reply = reply.unwrap_or_else(|error| {
                    tracing::error!(%error, "an act broke the bridge");
                    Reply::NotServed("broken".to_owned())
                });
                Answer { id, reply }
            }
            Err(LineError::Gone) => return Ok(()),
            Err(error) => Answer {
                id: String::new(),
                reply: Reply::NotServed(error.to_string()),
            },
        };
        // An answer may be somewhat longer than a request: a tool's result is bounded by itself.
        let sent = line::line(&answer, 4 * MAX_MESSAGE)?;
        line::send(&mut output, &sent, self.bounds.answer).await?;
        Ok(timeout(
            self.bounds.answer,
            tokio::io::AsyncWriteExt::shutdown(&mut output),
        )
        .await
        .unwrap_or(Ok(()))?)
    }
}

/// How many acts may be asked for now.
struct Rate {
    bounds: Bounds,
    left: f64,
    since: Instant,
}

impl Rate {
    fn new(bounds: Bounds) -> Rate {
        Rate {
            bounds,
            left: bounds.burst.into(),
            since: Instant::now(),
        }
    }

    fn admits(&mut self) -> bool {
        let now = Instant::now();
        let passed = now.duration_since(self.since).as_secs_f64();
        self.since = now;
        let full = f64::from(self.bounds.burst);
        self.left = (self.left + passed * f64::from(self.bounds.per_second)).min(full);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}
