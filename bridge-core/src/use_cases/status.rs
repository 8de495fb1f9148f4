//! How everything stands, cheaply enough to be asked after each change.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use crate::adapters::store::{Glance, Store};
use crate::domain::error::ErrorCode;
use crate::domain::quota::Quota;
use crate::domain::run::RunSummary;
use crate::domain::scrub::Scrubbed;
use crate::domain::state::RunState;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::codex::{self, Search};
use crate::use_cases::doctor::Level;
use crate::use_cases::error::{Error, chain};
use crate::use_cases::quota::moment;
use crate::use_cases::settings::Settings;

/// How many of the runs that ended last are shown.
const RECENT: usize = 5;
/// How long it is believed that Codex is there. To look again takes milliseconds; where it is found by the login shell
/// alone, seconds.
const BELIEVED: Duration = Duration::from_secs(60);

/// How everything stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// Whether new runs stay in the queue.
    pub paused: bool,
    /// Runs that wait for the person's answer, newest first.
    pub waiting: Vec<RunSummary>,
    /// Runs under way that need nothing, newest first.
    pub running: Vec<RunSummary>,
    /// How many runs wait for their turn.
    pub queued: u32,
    /// The runs that ended last, newest first.
    pub recent: Vec<RunSummary>,
    /// Whether all is well.
    pub health: Health,
}

/// Whether all is well, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How bad it is.
    pub level: Level,
    /// What is wrong, or that nothing is.
    pub text: Scrubbed,
    /// Where it is mended.
    pub page: Option<MendedOn>,
}

/// The part of the app in which a fault is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MendedOn {
    /// Codex, its login, the roots.
    Setup,
    /// The configuration.
    Settings,
}

/// What was last seen of Codex.
#[derive(Debug)]
pub(crate) struct CodexSeen {
    at: Instant,
    /// The file of the configuration by which it was looked for, as a whole.
    by: String,
    fault: Option<Scrubbed>,
}

impl Bridge {
    /// How everything stands. Always has an answer: what can't be read is told as a fault.
    pub async fn status(&self) -> Status {
        let (glance, fault) = match self.glance().await {
            Ok(glance) => (glance, None),
            Err(error) => (nothing(), Some(error)),
        };
        let (waiting, running) = (glance.live)
            .into_iter()
            .partition(|run| run.state == RunState::WaitingForAnswer);
        Status {
            paused: glance.paused,
            waiting,
            running,
            queued: glance.queued,
            recent: glance.recent,
            health: self
                .health(fault, glance.paused, self.known_quota().await)
                .await,
        }
    }

    /// Keeps new runs in the queue, or lets them go on. Kept until it is changed again.
    pub async fn set_paused(&self, paused: bool) -> Result<(), Error> {
        let store = self.store().await?;
        store.set_paused(paused).await?;
        Ok(())
    }

    async fn glance(&self) -> Result<Glance, Error> {
        let store = self.store().await?;
        let mut glance = store.glance(RECENT).await?;
        if let Some(ephemeral) = self.known_ephemeral_store() {
            let mut own = ephemeral.glance(RECENT).await?;
            own.live.append(&mut glance.live);
            own.recent.append(&mut glance.recent);
            own.recent
                .sort_by_key(|run| std::cmp::Reverse(run.times.ended.map(|ended| ended.0)));
            own.recent.truncate(RECENT);
            own.queued += glance.queued;
            own.paused = glance.paused;
            glance = own;
        }
        Ok(glance)
    }

    /// What is left of the account's limits, where Codex has told.
    async fn known_quota(&self) -> Option<Quota> {
        self.store().await.ok()?.quota().await.ok()?
    }

    async fn health(&self, fault: Option<Error>, paused: bool, quota: Option<Quota>) -> Health {
        let scrubber = self.scrubber();
        let bad = |level, text: &str, page| Health {
            level,
            text: scrubber.scrub(text),
            page,
        };
        let settings = match self.settings() {
            Ok(settings) => settings,
            Err(error) => {
                let page = Some(MendedOn::Settings);
                return bad(Level::Fault, &chain(&error), page);
            }
        };
        if let Some(error) = fault {
            // Where only the beginning is shown, that has to tell it.
            let text = if error.code() == ErrorCode::StoreNewer {
                format!("{} ({})", error.hint(), chain(&error))
            } else {
                format!("{}. {}", chain(&error), error.hint())
            };
            return bad(Level::Fault, &text, None);
        }
        if let Some(text) = self.codex_fault(&settings).await {
            return Health {
                level: Level::Fault,
                text,
                page: Some(MendedOn::Setup),
            };
        }
        if settings.config.roots.roots().is_empty() {
            let text = "No folder is allowed yet, so no run is admitted.";
            return bad(Level::Fault, text, Some(MendedOn::Setup));
        }
        let now = (self.host().now)();
        if let Some(until) = quota.as_ref().and_then(|quota| quota.closed_until(now)) {
            let text = format!("The account's limit is reached until {}.", moment(until));
            return bad(Level::Warning, &text, None);
        }
        if let Some(text) = self.client_fault() {
            return bad(Level::Warning, &text, Some(MendedOn::Setup));
        }
        if !settings.config.unknown_keys.is_empty() {
            let keys = settings.config.unknown_keys.join(", ");
            let text = format!("The configuration has keys that mean nothing: {keys}.");
            return bad(Level::Warning, &text, Some(MendedOn::Settings));
        }
        if paused {
            return bad(Level::Ok, "New runs are paused.", None);
        }
        match quota.and_then(|quota| quota.tightest(now)) {
            Some(window) => {
                let (left, name) = (window.left_percent(), window.name());
                let text = format!("All is well. {left} % of the {name} is left.");
                bad(Level::Ok, &text, None)
            }
            None => bad(Level::Ok, "All is well.", None),
        }
    }

    /// What is wrong with a client, where somebody follows them.
    fn client_fault(&self) -> Option<String> {
        let news = self.client_news().lock();
        let news = news.unwrap_or_else(PoisonError::into_inner);
        Some(format!("{}.", news.first()?.what()))
    }

    /// What is wrong with Codex; not asked again for a while where nothing is.
    async fn codex_fault(&self, settings: &Settings) -> Option<Scrubbed> {
        let by = format!("{:?} {:?}", settings.config.codex_bin, settings.config.file);
        {
            let seen = self.codex_seen().lock();
            let seen = seen.unwrap_or_else(PoisonError::into_inner);
            if let Some(seen) = seen.as_ref()
                && seen.by == by
                && seen.at.elapsed() < BELIEVED
            {
                return seen.fault.clone();
            }
        }
        let store: Option<Store> = self.store().await.ok();
        let search = Search {
            host: self.host(),
            settings,
            store: store.as_ref(),
            run: None,
        };
        let fault = match codex::find(search).await {
            Ok(_) => None,
            Err(error) => Some(settings.scrubber.scrub(&chain(&Error::Codex(error)))),
        };
        let seen = CodexSeen {
            at: Instant::now(),
            by,
            fault: fault.clone(),
        };
        *self
            .codex_seen()
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(seen);
        fault
    }

    /// Looks for Codex anew when the status is next asked for.
    pub fn look_again(&self) {
        *self
            .codex_seen()
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn nothing() -> Glance {
    Glance {
        paused: false,
        live: Vec::new(),
        queued: 0,
        recent: Vec::new(),
    }
}
