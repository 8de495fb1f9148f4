//! End-to-end tests through the real sidecar.

#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used)]

mod backends;
mod canary;
mod cancel;
mod cli;
mod clients;
mod command_line;
mod doctor;
mod ephemeral;
mod faults;
mod handshake;
mod inputs;
mod install;
mod ipc;
mod live;
mod paths;
mod prompts;
mod protocol;
mod questions;
mod queue;
mod quota;
mod resources;
mod review;
mod runs;
mod settings;
mod steer;
mod survive;
mod tidy;
mod traces;
mod turns;
mod versions;
mod worktrees;
