//! End-to-end tests through the real sidecar.

mod command_line;
mod tidy;
