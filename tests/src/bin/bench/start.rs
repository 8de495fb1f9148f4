//! From the start of a server to its first reply, and what it takes while it waits.

use std::time::Instant;

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use crate::Effort;
use crate::figures::Figures;
use crate::peer::{self, Peer};
use crate::report::{Cell, Table, usual};
use crate::usage::Memory;

#[derive(Default)]
struct Server {
    start: Figures,
    resident: Figures,
    proportional: Figures,
    own: Figures,
}

impl Server {
    fn take(&mut self, peer: &Peer) {
        self.start.push_ms(peer.first_reply);
        self.memory(peer);
    }

    fn memory(&mut self, peer: &Peer) {
        if let Some(memory) = Memory::of(peer.pid()) {
            self.resident.push(memory.resident);
            self.proportional.push(memory.proportional);
            self.own.push(memory.own);
        }
    }

    fn row(&self, table: &mut Table, label: &str) {
        let mut cells: Vec<Cell> = usual(&self.start).into();
        for memory in [&self.resident, &self.proportional, &self.own] {
            cells.push(match memory.count() {
                0 => Cell::Unknown,
                _ => Cell::Number(memory.median()),
            });
        }
        table.row(label, cells);
    }
}

/// Starts each in turn.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(10, 40);
    let scene = Scene::new(&Codex::Fake);
    let [mut echo, mut script, mut bridge, mut opened] = [(); 4].map(|()| Server::default());
    for round in 0..=rounds {
        let before = (round % 2 == 0).then(|| peer::echo(&scene));
        let mut ours = peer::sidecar(&scene);
        let plain = before.unwrap_or_else(|| peer::echo(&scene));
        // The first round fills the caches.
        if round == 0 {
            ours.call("codex_list_runs", &json!({}));
            continue;
        }
        echo.take(&plain);
        bridge.take(&ours);
        let begin = Instant::now();
        ours.call("codex_list_runs", &json!({}));
        opened.start.push_ms(ours.first_reply + begin.elapsed());
        opened.memory(&ours);
        // Last: node is busy for a while after its first reply.
        if round % 4 == 1 {
            script.take(&peer::type_script(&scene));
        }
    }
    let title =
        format!("start: from the start to the first reply, and idle memory ({rounds} starts each)");
    let mut table = Table::new(title, &["ms", "p25–p75", "RSS MiB", "PSS MiB", "own MiB"]);
    echo.row(&mut table, "bare rmcp echo server");
    bridge.row(&mut table, "codex-bridge-mcp");
    opened.row(&mut table, "codex-bridge-mcp, with a first codex_list_runs");
    script.row(&mut table, "TypeScript server on node");
    let times = |part: fn(&Server) -> &Figures| part(&bridge).median() / part(&echo).median();
    table.at_most("start, × echo server", times(|server| &server.start), 2.0);
    table.at_most(
        "idle RSS, × echo server",
        times(|server| &server.resident),
        2.0,
    );
    table
}
