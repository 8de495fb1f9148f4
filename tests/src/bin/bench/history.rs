//! Reads while there is a long history, beside the same reads while there is a short one.

use codex_bridge_tests::scene::{Codex, Scene};
use serde_json::{Value, json};

use crate::Effort;
use crate::figures::Figures;
use crate::fill;
use crate::peer::{self, Peer};
use crate::report::{Table, with_tail};

const SHORT: usize = 10;
const LONG: usize = 10_000;

/// The arguments of a call, about a run.
type Arguments = fn(&str) -> Value;

struct Side {
    _scene: Scene,
    peer: Peer,
    runs: Vec<String>,
}

impl Side {
    fn new(count: usize) -> Side {
        let scene = Scene::new(&Codex::Fake);
        let ids = fill::history(&scene, count);
        Side {
            peer: peer::sidecar(&scene),
            runs: ids.iter().map(ToString::to_string).collect(),
            _scene: scene,
        }
    }
}

/// Asks both sides and the echo server in turn.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(500, 3000);
    let mut sides = [Side::new(SHORT), Side::new(LONG)];
    let scene = Scene::new(&Codex::Fake);
    let mut echo = peer::echo(&scene);
    let calls: [(&str, Arguments); 3] = [
        ("codex_get_run", |run| json!({"run_id": run})),
        ("codex_list_runs", |_| json!({})),
        ("codex_list_runs text", |_| json!({"text": "part 7 of"})),
    ];
    let mut figures = [(); 3].map(|()| [Figures::default(), Figures::default()]);
    let mut bare = Figures::default();
    for round in 0..rounds + 50 {
        let warm = round >= 50;
        let took = echo.time_call("echo", &json!({"text": "x"}));
        if warm {
            bare.push_ms(took);
        }
        for ((name, arguments), figures) in calls.iter().zip(&mut figures) {
            let tool = name.split(' ').next().unwrap_or(name);
            for (side, figures) in sides.iter_mut().zip(figures) {
                let run = &side.runs[round * 7919 % side.runs.len()];
                let took = side.peer.time_call(tool, &arguments(run));
                if warm {
                    figures.push_ms(took);
                }
            }
        }
    }
    let title =
        format!("history: reads with {LONG} runs beside {SHORT} runs ({rounds} calls each)");
    let mut table = Table::new(title, &["ms", "p25–p75", "p99"]);
    table.row("echo of the bare rmcp server", with_tail(&bare));
    for ((name, _), [short, long]) in calls.iter().zip(&figures) {
        table.row(format!("{name}, {SHORT} runs"), with_tail(short));
        table.row(format!("{name}, {LONG} runs"), with_tail(long));
    }
    // The third is told without an aim: it looks into the text of all prompts.
    for ((name, _), [_, long]) in calls.iter().zip(&figures).take(2) {
        table.at_most(format!("{name}, {LONG} runs, p99 ms"), long.p99(), 5.0);
    }
    table
}
