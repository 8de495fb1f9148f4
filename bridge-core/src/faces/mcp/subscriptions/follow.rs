//! Tells a client of changes, no more often than it can use: one at a time, so that a client that does not read
//! makes us wait and not grow.

use std::collections::HashMap;
use std::time::Duration;

use rmcp::model::ResourceUpdatedNotificationParam;
use rmcp::service::{Peer, RoleServer, SubscriptionSink};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::faces::mcp::subscriptions::topic::{Mark, Topic, list_mark};
use crate::faces::mcp::subscriptions::wanted::{Asked, Wanted};
use crate::use_cases::bridge::{Bridge, Listener};

/// A client hears of a resource at most so often.
const PACE: Duration = Duration::from_millis(250);
/// The same of the list of resources, if it listens to nothing else.
const LIST_PACE: Duration = Duration::from_secs(1);
/// How often to look whether the supervisors of live runs live, while a client waits for news of them.
const LIVENESS: Duration = Duration::from_secs(5);

/// Where news go.
#[derive(Debug)]
pub(crate) enum Sink {
    /// To a session of the 2025 protocols.
    Session(Peer<RoleServer>),
    /// To one `subscriptions/listen`.
    Listen(SubscriptionSink),
}

/// The client takes no more news.
#[derive(Debug)]
struct Gone;

/// Follows what a client wants to be told of.
pub(crate) struct Follower {
    bridge: Bridge,
    wanted: watch::Receiver<Wanted>,
    sink: Sink,
    /// How each resource stood when the client last heard of it.
    told: HashMap<String, Mark>,
    list_told: Option<ListTold>,
}

/// The client heard of the list.
#[derive(Clone, Copy, Debug)]
struct ListTold {
    mark: u64,
    round: u64,
}

impl Follower {
    pub(crate) fn new(bridge: Bridge, wanted: watch::Receiver<Wanted>, sink: Sink) -> Follower {
        Follower {
            bridge,
            wanted,
            sink,
            told: HashMap::new(),
            list_told: None,
        }
    }

    /// Follows until nothing can be wanted or told any more. To be dropped at the end of the session.
    pub(crate) async fn follow(mut self) {
        if let Err(Gone) = self.follow_on().await {
            tracing::debug!("the client takes no more news");
        }
    }

    async fn follow_on(&mut self) -> Result<(), Gone> {
        let mut listener: Option<Listener> = None;
        let mut liveness = Instant::now() + LIVENESS;
        loop {
            let wanted = self.wanted.borrow_and_update().clone();
            let list = self.list_as_known(&wanted);
            if wanted.has_no_topics() && list.is_none() {
                listener = None;
                self.wanted.changed().await.map_err(|_| Gone)?;
                continue;
            }
            // It hears of what changes during the look.
            let listener = match &mut listener {
                Some(listener) => listener,
                none => none.insert(self.bridge.listener().await),
            };
            let is_live = self.look(&wanted).await?;
            if let Some(known) = list {
                self.look_at_list(&wanted, known).await?;
            }
            let pace = match wanted.has_no_topics() {
                true => LIST_PACE,
                false => PACE,
            };
            tokio::select! {
                () = sleep(pace) => {}
                changed = self.wanted.changed() => {
                    changed.map_err(|_| Gone)?;
                    continue;
                }
            }
            tokio::select! {
                () = listener.changed() => {}
                changed = self.wanted.changed() => changed.map_err(|_| Gone)?,
                () = sleep_until(liveness), if is_live => {
                    if let Err(error) = self.bridge.look_after_live_runs().await {
                        tracing::debug!(%error, "live runs can't be looked after");
                    }
                    liveness = Instant::now() + LIVENESS;
                }
            }
        }
    }

    /// Tells of what moved; says whether any of it is about to move again.
    async fn look(&mut self, wanted: &Wanted) -> Result<bool, Gone> {
        self.told.retain(|uri, _| wanted.has(uri));
        let mut is_live = false;
        for (uri, asked) in wanted.topics() {
            let mark = match asked.topic.mark_again(&self.bridge).await {
                Ok(mark) => mark,
                Err(error) => {
                    tracing::debug!(uri, %error, "a watched resource can't be looked at");
                    continue;
                }
            };
            is_live |= !mark.is_final;
            let told = self.told.insert(uri.clone(), mark);
            // It may not be wanted any more since the look began.
            if is_news(asked, told, mark) && self.wanted.borrow().has(uri) {
                self.sink.updated(uri).await?;
            }
        }
        Ok(is_live)
    }

    /// How the list stood when the client last heard of it, if it is to hear of it again.
    fn list_as_known(&self, wanted: &Wanted) -> Option<u64> {
        let list = wanted.list?;
        match self.list_told {
            Some(told) if told.round == list.round => (!list.once).then_some(told.mark),
            Some(_) | None => Some(list.mark),
        }
    }

    async fn look_at_list(&mut self, wanted: &Wanted, known: u64) -> Result<(), Gone> {
        let mark = match list_mark(&self.bridge).await {
            Ok(mark) => mark,
            Err(error) => {
                tracing::debug!(%error, "the list of resources can't be looked at");
                return Ok(());
            }
        };
        if mark != known
            && let Some(list) = wanted.list
        {
            let round = list.round;
            self.list_told = Some(ListTold { mark, round });
            self.sink.list_changed().await?;
        }
        Ok(())
    }
}

/// Whether the client has not heard of this mark. Of a run that was over before it asked, it hears once: it may have
/// read what there was before the end.
fn is_news(asked: &Asked, told: Option<Mark>, mark: Mark) -> bool {
    match told {
        Some(told) => told != mark,
        None => asked.mark != mark || (mark.is_final && matches!(asked.topic, Topic::Run { .. })),
    }
}

impl Sink {
    /// Returns when the client was told.
    async fn updated(&self, uri: &str) -> Result<(), Gone> {
        match self {
            Sink::Session(peer) => peer
                .notify_resource_updated(ResourceUpdatedNotificationParam::new(uri))
                .await
                .map_err(|_| Gone),
            Sink::Listen(sink) => sink.notify_resource_updated(uri).await.map_err(|_| Gone),
        }
    }

    async fn list_changed(&self) -> Result<(), Gone> {
        match self {
            Sink::Session(peer) => peer.notify_resource_list_changed().await.map_err(|_| Gone),
            Sink::Listen(sink) => sink.notify_resource_list_changed().await.map_err(|_| Gone),
        }
    }
}
