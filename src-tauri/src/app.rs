//! What the app holds, and the tasks that keep it true.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bridge_core::domain::run::{Caller, RunSummary};
use bridge_core::domain::scrub::Scrubbed;
use bridge_core::faces::host::Host;
use bridge_core::faces::wire::run::RunSummaryDto;
use bridge_core::faces::wire::status::StatusDto;
use bridge_core::use_cases::bridge::Bridge;
use tauri::async_runtime::{spawn, spawn_blocking};
use tauri::{AppHandle, Manager as _};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::quit::{self, Live};
use crate::watches::Watches;
use crate::{clients, notices, platform, tray, window};

/// At most ten looks per second, however much happens.
const PACE: Duration = Duration::from_millis(100);
/// How often live runs are looked after: nobody else tells of a supervisor that was killed.
const CARE: Duration = Duration::from_secs(2);

/// What the app holds.
pub(crate) struct App {
    /// The bridge.
    pub(crate) bridge: Bridge,
    /// How everything stands; nothing before the first look.
    pub(crate) status: watch::Sender<Option<StatusDto>>,
    /// Resolves when the app ends.
    pub(crate) closing: CancellationToken,
    /// Marked as changed by each act of the person of which the database may tell nothing.
    acts: watch::Sender<()>,
    /// Marked as changed by what happens to the files of clients.
    clients: watch::Sender<()>,
    watches: Mutex<Watches>,
    /// Whether the person is being asked whether to quit.
    asking: AtomicBool,
    /// Beside which folder the person chose the last one.
    chosen_at: Mutex<Option<PathBuf>>,
}

impl App {
    /// An app around a bridge.
    pub(crate) fn new(bridge: Bridge) -> App {
        App {
            bridge,
            status: watch::Sender::new(None),
            closing: CancellationToken::new(),
            acts: watch::Sender::new(()),
            clients: watch::Sender::new(()),
            watches: Mutex::default(),
            asking: AtomicBool::new(false),
            chosen_at: Mutex::default(),
        }
    }

    /// The person in front of the app.
    pub(crate) fn person() -> Caller {
        Caller {
            client: Scrubbed::literal("Codex Bridge"),
            version: Some(Scrubbed::literal(env!("CARGO_PKG_VERSION"))),
            session: None,
        }
    }

    /// Looks again: the person did something, such as to change a setting, of which the database tells nothing.
    pub(crate) fn look_again(&self) {
        self.bridge.look_again();
        self.acts.send_replace(());
    }

    /// Tells of each act of the person from now on.
    pub(crate) fn acts(&self) -> watch::Receiver<()> {
        self.acts.subscribe()
    }

    /// Something happened to the files of clients.
    pub(crate) fn clients_changed(&self) {
        self.clients.send_replace(());
    }

    /// Tells of what happens to the files of clients from now on.
    pub(crate) fn clients(&self) -> watch::Receiver<()> {
        self.clients.subscribe()
    }

    /// Who is told news.
    pub(crate) fn watches(&self) -> MutexGuard<'_, Watches> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a chooser of folders begins: beside the last one that was chosen, else at home.
    pub(crate) fn folder_to_choose_from(&self) -> PathBuf {
        let last = self
            .chosen_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last.clone()
            .unwrap_or_else(|| self.bridge.host().home.clone())
    }

    /// The person chose a folder.
    pub(crate) fn chose(&self, folder: &Path) {
        *self
            .chosen_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = folder.parent().map(Path::to_owned);
    }

    /// Begins to ask whether to quit; says no where that is being asked already.
    pub(crate) fn begin_question(&self) -> bool {
        !self.asking.swap(true, Ordering::AcqRel)
    }

    /// It was answered.
    pub(crate) fn end_question(&self) {
        self.asking.store(false, Ordering::Release);
    }
}

/// Starts what runs as long as the app.
pub(crate) fn begin(app: &AppHandle) {
    platform::name_for_notices();
    spawn(follow(app.clone()));
    spawn(show(app.clone()));
    spawn(host(app.clone()));
    spawn(clients::follow(app.clone()));
    spawn(heed_signals(app.clone()));
}

/// Looks how everything stands after each change. Sleeps while nothing happens.
async fn follow(app: AppHandle) {
    let state = app.state::<App>();
    let mut acts = state.acts.subscribe();
    let mut clients = state.clients.subscribe();
    let mut listener = state.bridge.listener().await;
    let mut moves = state.bridge.moves().await;
    loop {
        let now = (state.bridge.host().now)();
        let status = StatusDto::new(&state.bridge.status().await, now);
        let is_live = !status.running.is_empty() || !status.waiting.is_empty();
        state.status.send_if_modified(|old| {
            let differs = old.as_ref() != Some(&status);
            *old = Some(status);
            differs
        });
        match moves.next().await {
            Ok(moved) => tell(&app, &moved),
            Err(error) => tracing::warn!(%error, "what moved can't be told"),
        }
        sleep(PACE).await;
        tokio::select! {
            () = listener.changed() => {}
            // The sender lives as long as the app.
            _ = acts.changed() => {}
            _ = clients.changed() => {}
            () = state.closing.cancelled() => return,
            () = sleep(CARE), if is_live => {
                if let Err(error) = state.bridge.look_after_live_runs().await {
                    tracing::warn!(%error, "live runs can't be looked after");
                }
            }
        }
    }
}

/// Brings what was seen to the tray.
async fn show(app: AppHandle) {
    let mut status = app.state::<App>().status.subscribe();
    while status.changed().await.is_ok() {
        if let Some(seen) = status.borrow_and_update().as_ref() {
            tray::show(&app, seen);
        }
    }
}

/// Tells the person what became of runs.
fn tell(app: &AppHandle, moved: &[RunSummary]) {
    if moved.is_empty() {
        return;
    }
    let bridge = &app.state::<App>().bridge;
    let now = (bridge.host().now)();
    let moved: Vec<_> = moved
        .iter()
        .map(|run| RunSummaryDto::new(run, now))
        .collect();
    let preferences = bridge.preferences().unwrap_or_default();
    let is_on = |switch: &str| {
        let setting = preferences.iter().find(|setting| setting.key == switch);
        setting.is_some_and(|setting| setting.value == serde_json::Value::Bool(true))
    };
    let notices = notices::notices(&moved, &window::sight(app), is_on);
    if !notices.is_empty() {
        drop(spawn_blocking(move || notices::show(&notices)));
    }
}

/// Acts for the servers of clients. Where another process does, it sleeps until that has ended.
async fn host(app: AppHandle) {
    let state = app.state::<App>();
    let mut acts = state.acts.subscribe();
    loop {
        let opened = tokio::select! {
            opened = Host::open_in_turn(&state.bridge) => opened,
            () = state.closing.cancelled() => return,
        };
        match opened {
            Ok(host) => {
                let served = host.serve(state.bridge.clone(), state.closing.clone());
                return served.await;
            }
            Err(error) => tracing::warn!(%error, "the socket is not ours"),
        }
        // Nothing tells when a folder is mended. What the person does next may have mended it.
        tokio::select! {
            _ = acts.changed() => {}
            () = state.closing.cancelled() => return,
        }
    }
}

/// The end of the session is the end of the app. Runs go on.
async fn heed_signals(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let both = signal(SignalKind::terminate())
        .and_then(|term| Ok((term, signal(SignalKind::interrupt())?)));
    let (mut term, mut interrupt) = match both {
        Ok(both) => both,
        Err(error) => return tracing::warn!(%error, "signals end the app without a word"),
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    quit::now(&app, Live::Leave);
}
