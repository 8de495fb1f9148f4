//! The harness of the end-to-end tests.

// A harness that can't do its work has to stop the test on the spot.
#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::unwrap_used
)]

#[cfg(target_os = "linux")]
pub mod desk;
pub mod disk;
pub mod model;
pub mod processes;
pub mod repo;
pub mod scene;
pub mod script;
pub mod sidecar;
