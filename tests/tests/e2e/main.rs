//! End-to-end tests through the real sidecar.

mod cancel;
mod ephemeral;
mod queue;
mod runs;
mod survive;
mod tidy;
