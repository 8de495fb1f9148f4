//! What the tests of this program are made of.

use std::collections::BTreeMap;
use std::path::Path;

use bridge_core::domain::run::Timestamp;
use bridge_core::faces::wire::run::RunSummaryDto;
use bridge_core::faces::wire::word::{KindDto, StateDto};
use bridge_core::use_cases::bridge::Bridge;
use bridge_core::use_cases::host::Host;

/// A run of this number in a list.
pub(crate) fn run(n: usize, state: StateDto) -> RunSummaryDto {
    RunSummaryDto {
        run_id: format!("run_01k9x2m4q7{n:0>8}"),
        state,
        is_final: false,
        title: format!("run {n}"),
        kind: KindDto::Task,
        working_dir: "/w/shop".to_owned(),
        client: "claude-code".to_owned(),
        created_at: "2026-11-22T14:00:00Z".to_owned(),
        ended_at: None,
        duration_ms: None,
        activity: None,
        error: None,
    }
}

/// A bridge of which nothing lies outside of a folder.
pub(crate) fn bridge(folder: &Path) -> Bridge {
    Bridge::new(Host {
        env: BTreeMap::new(),
        home: folder.join("home"),
        config_dir: folder.join("config"),
        state_dir: folder.join("state"),
        sidecar: folder.join("codex-bridge-mcp"),
        now: || Timestamp(1_795_000_000_000),
        random: || 7,
    })
}
