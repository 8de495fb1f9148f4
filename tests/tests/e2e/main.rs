//! End-to-end tests through the real sidecar.

mod runs;
mod tidy;
