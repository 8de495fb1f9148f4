//! The Codex CLI: where it is, what it can do, how it is started, and what its output means.

pub mod app_server;
pub mod args;
pub mod capabilities;
pub mod conversation;
pub mod environment;
pub mod failure;
pub mod lines;
pub mod locate;
pub mod login;
pub mod memory;
pub mod models;
pub mod own_config;
pub mod parse;
mod quota;
pub mod review;
pub mod session_log;
pub mod sessions;
#[cfg(test)]
mod testing;
pub mod version;
