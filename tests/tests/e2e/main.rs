//! End-to-end tests through the real sidecar.

mod cancel;
mod runs;
mod tidy;
