//! The harness of the end-to-end tests.

pub mod disk;
pub mod model;
pub mod processes;
pub mod scene;
pub mod sidecar;
