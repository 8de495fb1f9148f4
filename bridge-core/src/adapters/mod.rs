//! How the bridge talks to Codex, to its database and to its files. Adapters do not know each other.

pub mod clients;
pub mod codex;
pub mod config;
pub mod git;
pub mod ipc;
pub mod scripted_model;
pub mod secrets;
pub mod store;
