//! What a run, an event, a task and a policy are. No I/O, no async, no clock, no serde.

pub mod scrub;
