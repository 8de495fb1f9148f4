//! What the bridge can do, one method or function per thing a person or client can ask.

pub mod bridge;
pub mod doctor;
pub mod host;
pub mod self_test;
