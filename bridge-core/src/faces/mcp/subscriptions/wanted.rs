//! What a client wants to be told of, and how that stood when it asked.

use std::collections::BTreeMap;

use crate::faces::mcp::subscriptions::topic::{Mark, Topic};

/// The most resources that one subscription or session may watch.
pub(crate) const MOST: usize = 100;

/// What a client wants to be told of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    topics: BTreeMap<String, Asked>,
    pub(super) list: Option<ListAsked>,
}

/// A resource that is watched.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) topic: Topic,
    /// How it stood when it was asked for.
    pub(super) mark: Mark,
}

/// The list of resources is watched.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListAsked {
    /// How it stood when it was asked for.
    pub(super) mark: u64,
    /// How often it was asked for before.
    pub(super) round: u64,
    /// Whether to tell of one change only, until it is asked for again.
    pub(super) once: bool,
}

impl Wanted {
    /// Adds a resource. `false` if there are too many.
    #[must_use]
    pub(crate) fn add(&mut self, uri: String, topic: Topic, mark: Mark) -> bool {
        if self.topics.len() >= MOST && !self.topics.contains_key(&uri) {
            return false;
        }
        self.topics.insert(uri, Asked { topic, mark });
        true
    }

    /// Takes a resource away; says whether it was there.
    pub(crate) fn remove(&mut self, uri: &str) -> bool {
        self.topics.remove(uri).is_some()
    }

    /// Adds the list: every change is told.
    pub(crate) fn add_list(&mut self, mark: u64) {
        self.list = Some(ListAsked {
            mark,
            round: 0,
            once: false,
        });
    }

    /// Adds the list, or begins again with it: one change is told.
    pub(crate) fn add_list_once(&mut self, mark: u64) {
        let round = self.list.map_or(0, |list| list.round + 1);
        self.list = Some(ListAsked {
            mark,
            round,
            once: true,
        });
    }

    /// The resources.
    pub(super) fn topics(&self) -> impl Iterator<Item = (&String, &Asked)> {
        self.topics.iter()
    }

    /// Whether a resource is among them.
    pub(super) fn has(&self, uri: &str) -> bool {
        self.topics.contains_key(uri)
    }

    /// Whether there are no resources.
    pub(super) fn has_no_topics(&self) -> bool {
        self.topics.is_empty()
    }
}
