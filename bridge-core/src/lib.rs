//! Codex Bridge: lets an MCP client delegate work to the locally installed Codex CLI.
//!
//! The layers, top to bottom; each looks down only (see `ARCHITECTURE.md`).

pub mod adapters;
pub mod domain;
pub mod faces;
pub mod platform;
pub mod use_cases;
