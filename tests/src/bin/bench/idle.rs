//! What servers do while nobody asks them anything.

use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::json;

use crate::Effort;
use crate::peer;
use crate::report::{Cell, Table};
use crate::usage::Work;

/// What a start leaves to do is over by then: idle threads of the runtime live for 10 s, and take their figures along.
const SETTLE: Duration = Duration::from_secs(12);

/// All at once, for the same time.
pub(crate) fn measure(effort: Effort) -> Table {
    let seconds = effort.pick(10, 60);
    let scene = Scene::new(&Codex::Fake);
    let mut used = peer::sidecar(&scene);
    used.ask("tools/list", &json!({}));
    let task = json!({"prompt": "hello", "working_dir": scene.work()});
    let run = used.call("codex_run_task", &task);
    used.follow(run["run_id"].as_str().unwrap(), |_| {});
    let mut listened = peer::sidecar(&scene);
    listened.ask("resources/list", &json!({}));
    listened.ask("resources/subscribe", &json!({"uri": "codex://runs"}));
    let peers = [
        ("bare rmcp echo server", peer::echo(&scene)),
        ("codex-bridge-mcp, just started", peer::sidecar(&scene)),
        ("codex-bridge-mcp, after a run", used),
        ("codex-bridge-mcp, listened to", listened),
        ("TypeScript server on node", peer::type_script(&scene)),
    ];
    std::thread::sleep(SETTLE);
    let look = || peers.each_ref().map(|(_, peer)| Work::of(peer.pid()));
    let before = look();
    std::thread::sleep(Duration::from_secs(seconds as u64));
    let after = look();
    let title = format!("idle: what each did in {seconds} s without a request");
    let mut table = Table::new(title, &["CPU ms", "wake-ups"]);
    let mut worst: Option<Work> = None;
    for (((label, _), before), after) in peers.iter().zip(before).zip(after) {
        let work = after.zip(before).map(|(after, before)| after.since(before));
        let cells = match work {
            Some(work) => vec![Cell::Number(work.cpu_ms), Cell::Number(work.sleeps)],
            None => vec![Cell::Unknown, Cell::Unknown],
        };
        table.row(*label, cells);
        if label.starts_with("codex-bridge-mcp") {
            worst = work
                .filter(|work| worst.is_none_or(|w| w.cpu_ms <= work.cpu_ms))
                .or(worst);
        }
    }
    if let Some(work) = worst {
        table.at_most("CPU of an idle sidecar, ms", work.cpu_ms, 0.0);
        table.at_most("wake-ups of an idle sidecar", work.sleeps, 0.0);
    }
    table
}
