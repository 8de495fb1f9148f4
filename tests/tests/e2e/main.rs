//! End-to-end tests through the real sidecar.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod cancel;
mod command_line;
mod ephemeral;
mod faults;
mod queue;
mod runs;
mod survive;
mod tidy;
