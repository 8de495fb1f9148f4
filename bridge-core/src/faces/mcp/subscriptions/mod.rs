//! Update notifications of both protocol eras: `resources/subscribe` of the 2025 protocols, `subscriptions/listen` of
//! 2026, and the changes of the list of resources.
//!
//! Nobody looks while nothing happens. A follower sleeps until the database is written, and listens at all only while
//! something is subscribed to.

mod follow;
mod topic;
mod wanted;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rmcp::model::{ErrorData, SubscriptionFilter};
use rmcp::service::{Peer, RoleServer, SubscriptionContext};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::faces::mcp::resources;
use crate::faces::mcp::subscriptions::follow::{Follower, Sink};
use crate::faces::mcp::subscriptions::topic::{Mark, NoTopic, Topic, list_mark};
use crate::faces::mcp::subscriptions::wanted::{MOST, Wanted};
use crate::use_cases::bridge::Bridge;

/// The most `subscriptions/listen` that a session may have open at a time.
const MOST_LISTENS: usize = 8;
/// Clients listen for the list as soon as they have started, and are not kept waiting for a database that is busy.
const LIST_LIMIT: Duration = Duration::from_millis(500);

/// The subscriptions of one session.
#[derive(Clone)]
pub(crate) struct Subscriptions {
    inner: Arc<Inner>,
}

struct Inner {
    bridge: Bridge,
    closing: CancellationToken,
    /// What a session of the 2025 protocols wants to be told of.
    session: watch::Sender<Wanted>,
    /// The client of that session.
    peer: OnceLock<Peer<RoleServer>>,
    /// How many `subscriptions/listen` are open.
    listens: Arc<AtomicUsize>,
}

/// What one `subscriptions/listen` wants to be told of.
#[derive(Debug)]
struct Listen {
    wanted: Wanted,
    _open: Open,
}

/// One of the few that may be open at a time.
#[derive(Debug)]
struct Open(Arc<AtomicUsize>);

impl Subscriptions {
    /// None yet. They end with `closing`.
    pub(crate) fn new(bridge: Bridge, closing: CancellationToken) -> Subscriptions {
        Subscriptions {
            inner: Arc::new(Inner {
                bridge,
                closing,
                session: watch::Sender::default(),
                peer: OnceLock::new(),
                listens: Arc::default(),
            }),
        }
    }

    /// Subscribes a session of the 2025 protocols to a resource.
    pub(crate) async fn subscribe(
        &self,
        uri: String,
        peer: &Peer<RoleServer>,
    ) -> Result<(), ErrorData> {
        let (topic, mark) = self.topic(&uri).await?;
        self.inner.peer.get_or_init(|| peer.clone());
        let mut fits = true;
        self.inner
            .session
            .send_modify(|wanted| fits = wanted.add(uri, topic, mark));
        if fits { Ok(()) } else { Err(too_many()) }
    }

    /// Ends such a subscription. That there is none is fine.
    pub(crate) fn unsubscribe(&self, uri: &str) {
        self.inner
            .session
            .send_if_modified(|wanted| wanted.remove(uri));
    }

    /// A client of the 2025 protocols is about to be told the list of resources. When it changes, the client is told
    /// so once, until it asks for the list again: one that does not care is left in peace.
    pub(crate) async fn list_asked(&self, peer: &Peer<RoleServer>) {
        let mark = self.list_mark().await;
        self.inner.peer.get_or_init(|| peer.clone());
        self.inner
            .session
            .send_modify(|wanted| wanted.add_list_once(mark));
    }

    /// Tells a session of the 2025 protocols what it subscribed to, until the session ends.
    pub(crate) async fn tell_session(&self) {
        let mut wanted = self.inner.session.subscribe();
        let follow = async {
            // The first wish brings the client along.
            let asked = wanted
                .wait_for(|_| self.inner.peer.get().is_some())
                .await
                .is_ok();
            if asked && let Some(peer) = self.inner.peer.get() {
                let sink = Sink::Session(peer.clone());
                let bridge = self.inner.bridge.clone();
                Follower::new(bridge, wanted, sink).follow().await;
            }
        };
        tokio::select! {
            () = follow => {}
            () = self.inner.closing.cancelled() => {}
        }
    }

    /// Checks what a `subscriptions/listen` asks for, before it is acknowledged.
    pub(crate) async fn prepare(
        &self,
        asked: &SubscriptionFilter,
    ) -> Result<impl Clone + Send + Sync + use<>, ErrorData> {
        let Some(open) = Open::one_of(&self.inner.listens) else {
            let text = format!(
                "{MOST_LISTENS} subscriptions are open, and that is the most; cancel one of them"
            );
            return Err(ErrorData::invalid_params(text, None));
        };
        let mut wanted = Wanted::default();
        for uri in asked.resource_subscriptions.iter().flatten() {
            let (topic, mark) = self.topic(uri).await?;
            if !wanted.add(uri.clone(), topic, mark) {
                return Err(too_many());
            }
        }
        if asked.resources_list_changed == Some(true) {
            wanted.add_list(self.list_mark().await);
        }
        Ok(Arc::new(Listen {
            wanted,
            _open: open,
        }))
    }

    /// Tells what a `subscriptions/listen` asks for, until it is cancelled or the session ends.
    pub(crate) async fn listen(&self, context: &SubscriptionContext) {
        let extensions = &context.request_context().extensions;
        let wanted = match extensions.get::<Arc<Listen>>() {
            Some(listen) => listen.wanted.clone(),
            None => Wanted::default(),
        };
        // Nothing is added to it, but the follower waits for that.
        let (_sender, wanted) = watch::channel(wanted);
        let sink = Sink::Listen(context.sink().clone());
        let follow = Follower::new(self.inner.bridge.clone(), wanted, sink).follow();
        tokio::select! {
            () = follow => {}
            () = context.cancelled() => {}
            () = self.inner.closing.cancelled() => {}
        }
    }

    async fn topic(&self, uri: &str) -> Result<(Topic, Mark), ErrorData> {
        let bridge = &self.inner.bridge;
        let topic = Topic::parse(uri).map_err(|error| match error {
            NoTopic::NoAddress(error) => resources::no_address(bridge, uri, &error),
            NoTopic::Page => {
                let text =
                    "pages can't be watched; subscribe to the address without what follows the `?`";
                ErrorData::invalid_params(text, None)
            }
        })?;
        let mark = topic.mark(bridge).await;
        let mark = mark.map_err(|error| resources::unreadable(bridge, uri, &error))?;
        Ok((topic, mark))
    }

    /// The mark of the list, or one that it never has: then its client is told once too often, and not too rarely.
    async fn list_mark(&self) -> u64 {
        match timeout(LIST_LIMIT, list_mark(&self.inner.bridge)).await {
            Ok(Ok(mark)) => mark,
            Ok(Err(_)) | Err(_) => 0,
        }
    }
}

fn too_many() -> ErrorData {
    let text = format!(
        "{MOST} resources can be watched at a time, and no more; codex://runs tells of all runs"
    );
    ErrorData::invalid_params(text, None)
}

impl Open {
    fn one_of(open: &Arc<AtomicUsize>) -> Option<Open> {
        let one = Open(Arc::clone(open));
        (open.fetch_add(1, Ordering::AcqRel) < MOST_LISTENS).then_some(one)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
