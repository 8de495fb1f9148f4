//! How Codex is asked for a review, and how its answer is read.
//!
//! The question is always our own, put to `codex exec`; Codex's own `codex exec review` is not used. Seen with 0.118,
//! 0.140 and 0.169:
//!
//! * what it prints has neither its verdict nor its confidence in a finding, though the model was asked for both;
//!   `--output-schema` is accepted by `exec review` since 0.140, and never reaches the model;
//! * its usage is always 0, and its record of the thread does not tell which model and sandbox were used;
//! * it takes no instructions together with a target, and no part of a change;
//! * a base that does not exist is no error to it: the name goes to the model, inside of a shell command;
//! * what is asked next in its thread is asked of somebody who has not seen the change.
//!
//! `codex exec` has none of that in any version. The fields of the answer have the names that Codex's own reviewer
//! uses, so that the model knows them.

mod answer;
mod prompt;
mod rendered;
mod schema;
#[cfg(test)]
mod tests;

pub use answer::read;
pub use prompt::{Brief, BriefFile, review_prompt};
pub use schema::ANSWER_SCHEMA;
