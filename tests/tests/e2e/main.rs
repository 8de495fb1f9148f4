//! End-to-end tests through the real sidecar.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod handshake;
mod inputs;
mod paths;
mod prompts;
mod protocol;
mod tidy;
mod traces;
