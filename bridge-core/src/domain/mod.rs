//! What a run, an event, a task and a policy are. No I/O, no async, no clock, no serde.

pub mod applied;
pub mod bounds;
pub mod changes;
pub mod conflict;
pub mod error;
pub mod event;
pub mod id;
pub mod live;
pub mod models;
pub mod policy;
pub mod question;
pub mod quota;
pub mod review;
pub mod run;
pub mod scrub;
pub mod state;
pub mod task;
