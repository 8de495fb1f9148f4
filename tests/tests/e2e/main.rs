//! End-to-end tests through the real sidecar.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod command_line;
mod tidy;
