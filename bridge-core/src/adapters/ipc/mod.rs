//! The socket by which whoever stands at a client's side lets the app act in its stead.
//!
//! One connection carries one act. The host greets first: with the version of this protocol, and with a mark of the
//! state folder and of the settings that count for it. Only a guest for whom both are the same asks. A request has a
//! bounded size and has to come at once; the answer may take longer. Nothing of this is needed for the bridge to
//! work: a guest that is not served acts by itself.

mod guest;
mod host;
mod line;
mod look;
mod place;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::adapters::ipc::guest::{Guest, NotServed};
pub use crate::adapters::ipc::host::{Bounds, HostError, Listening};
pub use crate::adapters::ipc::look::{Standing, look, remove_stale};
pub use crate::adapters::ipc::place::Place;

/// The version of this protocol. Another one is not spoken with.
pub const PROTOCOL: u32 = 1;
/// The longest message, in bytes.
pub const MAX_MESSAGE: usize = 1024 * 1024;

/// What a host says first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Greeting {
    protocol: u32,
    /// Stands for the state folder and the settings that count.
    mark: String,
}

/// An act that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Names the request. The same name stands for the same act.
    pub id: String,
    /// What is to be done.
    pub act: String,
    /// Who asks.
    pub caller: CallerOnWire,
    /// With what.
    pub arguments: Value,
}

/// Who asks, in plain words: the host makes them harmless once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerOnWire {
    /// The client's name.
    pub client: String,
    /// Its version.
    pub version: Option<String>,
    /// Its session.
    pub session: Option<String>,
}

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It was done, or the question answered: an object, as JSON, since its fields have an order.
    Done(String),
    /// It was refused, or it failed: the error, as JSON.
    Failed(String),
    /// It was not even begun.
    NotServed(String),
}

/// A reply, and to which request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Answer {
    id: String,
    reply: Reply,
}
