//! What the bridge can do, one method or function per thing a person or client can ask.

mod api_key;
pub mod bridge;
pub mod candidates;
pub mod clients;
mod codex;
pub mod doctor;
pub mod error;
pub mod host;
mod models;
mod nested;
pub mod preferences;
pub(crate) mod quota;
mod reaper;
pub mod review;
pub mod self_test;
mod settings;
mod state_dir;
pub mod status;
pub mod supervisor;
mod thread_lock;
pub mod workspace;
