//! Versions of Codex differ: what the bridge believes of each is what the real program says and does.

mod accepted;
mod differences;
mod help;
mod models;
