//! What the app holds, and the tasks that keep it true.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bridge_core::domain::run::Caller;
use bridge_core::domain::scrub::Scrubbed;
use bridge_core::faces::host::Host;
use bridge_core::faces::wire::status::StatusDto;
use bridge_core::use_cases::bridge::Bridge;
use tauri::async_runtime::{JoinHandle, spawn, spawn_blocking};
use tauri::{AppHandle, Manager as _};
use tokio::sync::{Notify, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::notices::{self, Told};
use crate::quit::{self, Live};
use crate::{platform, tray, window};

/// At most ten looks per second, however much happens.
const PACE: Duration = Duration::from_millis(100);
/// How often live runs are looked after: nobody else tells of a supervisor that was killed.
const CARE: Duration = Duration::from_secs(2);
/// How long until the socket is tried again that another process holds.
const RETRY: Duration = Duration::from_secs(30);

/// What the app holds.
pub(crate) struct App {
    /// The bridge.
    pub(crate) bridge: Bridge,
    /// How everything stands; nothing before the first look.
    pub(crate) status: watch::Sender<Option<StatusDto>>,
    /// Resolves when the app ends.
    pub(crate) closing: CancellationToken,
    again: Notify,
    watches: Mutex<Watches>,
}

#[derive(Default)]
struct Watches {
    last: u64,
    tasks: HashMap<u64, JoinHandle<()>>,
    order: VecDeque<u64>,
}

impl App {
    /// At most so many runs are watched at once; the oldest watch ends for a new one.
    const WATCHES: usize = 16;

    /// An app around a bridge.
    pub(crate) fn new(bridge: Bridge) -> App {
        App {
            bridge,
            status: watch::Sender::new(None),
            closing: CancellationToken::new(),
            again: Notify::new(),
            watches: Mutex::default(),
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

    /// The ids of the runs that are under way.
    pub(crate) fn live(&self) -> Vec<String> {
        let status = self.status.borrow();
        let status = status.iter();
        status
            .flat_map(|status| status.waiting.iter().chain(&status.running))
            .map(|run| run.run_id.clone())
            .collect()
    }

    /// Looks again: a setting has changed, of which the database tells nothing.
    pub(crate) fn look_again(&self) {
        self.bridge.look_again();
        self.again.notify_one();
    }

    /// Keeps a watch until it is ended.
    pub(crate) fn keep(&self, task: impl FnOnce(u64) -> JoinHandle<()>) -> u64 {
        let mut watches = self.watches();
        watches.last += 1;
        let number = watches.last;
        watches.tasks.insert(number, task(number));
        watches.order.push_back(number);
        if watches.order.len() > Self::WATCHES
            && let Some(oldest) = watches.order.pop_front()
            && let Some(task) = watches.tasks.remove(&oldest)
        {
            task.abort();
        }
        number
    }

    /// Ends a watch; one that has ended already is no error.
    pub(crate) fn end_watch(&self, number: u64) {
        let mut watches = self.watches();
        watches.order.retain(|other| *other != number);
        if let Some(task) = watches.tasks.remove(&number) {
            task.abort();
        }
    }

    fn watches(&self) -> std::sync::MutexGuard<'_, Watches> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts what runs as long as the app.
pub(crate) fn begin(app: &AppHandle) {
    platform::name_for_notices();
    spawn(follow(app.clone()));
    spawn(show(app.clone()));
    spawn(host(app.clone()));
    spawn(heed_signals(app.clone()));
}

/// Looks how everything stands after each change. Sleeps while nothing happens.
async fn follow(app: AppHandle) {
    let state = app.state::<App>();
    let mut listener = state.bridge.listener().await;
    loop {
        let now = (state.bridge.host().now)();
        let status = StatusDto::new(&state.bridge.status().await, now);
        let is_live = !status.running.is_empty() || !status.waiting.is_empty();
        state.status.send_if_modified(|old| {
            let differs = old.as_ref() != Some(&status);
            *old = Some(status);
            differs
        });
        sleep(PACE).await;
        tokio::select! {
            () = listener.changed() => {}
            () = state.again.notified() => {}
            () = state.closing.cancelled() => return,
            () = sleep(CARE), if is_live => {
                if let Err(error) = state.bridge.look_after_live_runs().await {
                    tracing::warn!(%error, "live runs can't be looked after");
                }
            }
        }
    }
}

/// Brings what was seen to the tray and to the person.
async fn show(app: AppHandle) {
    let state = app.state::<App>();
    let mut status = state.status.subscribe();
    let mut told = Told::default();
    while status.changed().await.is_ok() {
        let Some(seen) = status.borrow_and_update().clone() else {
            continue;
        };
        let news = told.news(&seen);
        tray::show(&app, &seen);
        if news.is_empty() || window::is_looked_at(&app) {
            continue;
        }
        let preferences = state.bridge.preferences().unwrap_or_default();
        let is_on = |switch: &str| {
            let setting = preferences.iter().find(|setting| setting.key == switch);
            setting.is_some_and(|setting| setting.value == serde_json::Value::Bool(true))
        };
        for notice in news.into_iter().filter(|notice| is_on(notice.switch)) {
            drop(spawn_blocking(move || notices::show(&notice)));
        }
    }
}

/// Acts for the servers of clients. Where another process does, it waits until that has ended.
async fn host(app: AppHandle) {
    let state = app.state::<App>();
    loop {
        match Host::open(&state.bridge).await {
            Ok(host) => {
                return host
                    .serve(state.bridge.clone(), state.closing.clone())
                    .await;
            }
            Err(error) => tracing::warn!(%error, "the socket is not ours"),
        }
        tokio::select! {
            () = sleep(RETRY) => {}
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
