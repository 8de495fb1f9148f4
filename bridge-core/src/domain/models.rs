//! Which models and efforts Codex offers: in its own words, never in ours.

use crate::domain::scrub::Scrubbed;
use crate::domain::task::{Effort, ModelName};

/// The models that Codex offers, in the order in which it offers them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    models: Vec<Model>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name to ask for.
    pub name: ModelName,
    /// What Codex says of it.
    pub about: Option<Scrubbed>,
    /// The efforts that it takes.
    pub efforts: Vec<Effort>,
    /// The effort that it has when none is asked for.
    pub default_effort: Option<Effort>,
    /// Whether Codex shows it to people who choose; others can still be named.
    pub is_listed: bool,
}

impl Catalogue {
    /// Takes them in their order.
    pub fn new(models: Vec<Model>) -> Catalogue {
        Catalogue { models }
    }

    /// All, also those that are not listed.
    pub fn all(&self) -> &[Model] {
        &self.models
    }

    /// Those that people choose from. Codex takes the first unless its configuration or a request names another.
    pub fn listed(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(|model| model.is_listed)
    }

    /// The one of that name.
    pub fn find(&self, name: &ModelName) -> Option<&Model> {
        self.models.iter().find(|model| model.name == *name)
    }
}
