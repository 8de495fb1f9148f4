//! End-to-end tests through the real sidecar.

mod faults;
mod tidy;
