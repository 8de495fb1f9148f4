//! The two ways to drive Codex side by side: the same runs of the real Codex with a scripted model, in turn, one at a time
//! and eight at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bridge_core::adapters::scripted_model::{Answer, Usage};
use codex_bridge_tests::processes;
use codex_bridge_tests::scene::{NEWEST, Scene};
use serde_json::{Value, json};

use crate::Effort;
use crate::figures::Figures;
use crate::peer::{self, Peer};
use crate::report::{Cell, Table, usual};
use crate::usage::Memory;

/// Words of an answer, and the time after each. What is shown is replaced every 100 ms.
const WORDS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(150);
/// Runs at once.
const MANY: usize = 8;
/// Between two looks at what a run's processes use.
const LOOK: Duration = Duration::from_millis(50);

/// When the model began to answer which prompt.
type Begun = Arc<Mutex<HashMap<String, Instant>>>;

/// One way, in a world of its own.
struct Way {
    name: &'static str,
    scene: Scene,
    begun: Begun,
    peers: Vec<Peer>,
    runs: usize,
}

/// What was measured of some runs.
#[derive(Default)]
struct Measured {
    first_event: Figures,
    first_text: Figures,
    word: Figures,
    own: Figures,
    proportional: Figures,
    whole: Figures,
}

/// Runs of each kind in turn.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(3, 12);
    let title = format!(
        "backends: Codex {NEWEST} and a model that says {WORDS} words, {} ms apart ({rounds} rounds each)",
        PAUSE.as_millis()
    );
    let columns = [
        "first event ms",
        "p25–p75",
        "first text ms",
        "word ms",
        "word p99",
        "own MiB",
        "PSS MiB",
        "whole ms",
        "p25–p75",
    ];
    let mut ways = ["exec", "app-server"].map(Way::new);
    let mut measured: [[Measured; 2]; 2] = Default::default();
    // The first round fills the caches.
    for round in 0..=rounds {
        for (way, measured) in ways.iter_mut().zip(&mut measured) {
            for (count, measured) in [1, MANY].into_iter().zip(measured) {
                let seen = way.at_once(count);
                if round > 0 {
                    seen.into_iter().for_each(|seen| measured.take(seen));
                }
            }
        }
    }
    let mut table = Table::new(title, &columns);
    for (at, count) in [(0, "1 run"), (1, "8 at once")] {
        for (way, measured) in ways.iter().zip(&measured) {
            table.row(format!("{}, {count}", way.name), measured[at].cells());
        }
    }
    let [_, [one, many]] = &measured;
    table.at_most("a word to the client, p99 ms", one.word.p99(), 150.0);
    table.at_most("the same with 8 at once", many.word.p99(), 150.0);
    table
}

impl Way {
    fn new(backend: &'static str) -> Way {
        let begun = Begun::default();
        let noted = Arc::clone(&begun);
        let mut scene = Scene::scripted(NEWEST, move |request| {
            let words: Vec<String> = (0..WORDS).map(|n| format!("n{n} ")).collect();
            let prompt = request.last_user_text();
            noted.lock().expect("a lock").insert(prompt, Instant::now());
            Answer::to(request)
                .growing_message(&words, PAUSE)
                .completed(Usage::SMALL)
        });
        scene.set("CODEX_BRIDGE_BACKEND", backend);
        scene.write_config(&format!("[limits]\nrunning = {MANY}\n"));
        let peers = (0..MANY).map(|_| peer::sidecar(&scene)).collect();
        Way {
            name: backend,
            scene,
            begun,
            peers,
            runs: 0,
        }
    }

    /// So many runs, each by a client of its own.
    fn at_once(&mut self, count: usize) -> Vec<Seen> {
        let (scene, begun) = (&self.scene, &self.begun);
        let first = self.runs;
        self.runs += count;
        std::thread::scope(|scope| {
            let run = |(at, peer)| scope.spawn(move || one(peer, scene, begun, first + at));
            let runs: Vec<_> = self
                .peers
                .iter_mut()
                .take(count)
                .enumerate()
                .map(run)
                .collect();
            let seen = runs.into_iter().map(|run| run.join().expect("a run"));
            seen.collect()
        })
    }
}

/// What was seen of one run, times in milliseconds.
#[derive(Default)]
struct Seen {
    first_event: f64,
    first_text: Option<f64>,
    words: Vec<f64>,
    memory: Option<Memory>,
    whole: f64,
}

fn one(peer: &mut Peer, scene: &Scene, begun: &Begun, number: usize) -> Seen {
    let mut seen = Seen::default();
    let prompt = format!("prompt {number}");
    let begin = Instant::now();
    let task = json!({"prompt": prompt, "working_dir": scene.work(), "sandbox": "read-only"});
    let started = peer.call("codex_run_task", &task);
    let run = started["run_id"].as_str().expect("an id");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let memory = scope.spawn(|| most_memory(run, &over));
        let since = || {
            let begun = begun.lock().expect("a lock");
            let begun = begun.iter().find(|(told, _)| told.ends_with(&prompt));
            begun.map_or(f64::NAN, |(_, at)| ms(at.elapsed()))
        };
        peer.follow_live(run, |news| {
            if news["kind"] == "thread_started" {
                seen.first_event = ms(begin.elapsed());
            }
            let text = text_of(news);
            if text.contains("n0") {
                seen.first_text.get_or_insert_with(since);
            }
            if let Some(last) = last_word(&text).filter(|_| news["kind"].is_null()) {
                seen.words.push(since() - f64::from(last) * ms(PAUSE));
            }
        });
        seen.whole = ms(begin.elapsed());
        over.store(true, Ordering::Relaxed);
        seen.memory = memory.join().expect("a look at memory");
    });
    let ended = peer.call("codex_get_run", &json!({"run_id": run}));
    assert_eq!(ended["state"], "succeeded", "{ended}");
    seen
}

/// A message's text, or the line that a progress notification tells.
fn text_of(news: &Value) -> String {
    let text = match news["kind"].as_str() {
        Some("message") => &news["text"],
        Some(_) => &Value::Null,
        None => &news["message"],
    };
    text.as_str().unwrap_or_default().to_owned()
}

/// The number of the last word, such as 7 of `writing: n5 n6 n7`.
fn last_word(text: &str) -> Option<u32> {
    let word = text.strip_prefix("writing: ")?.split(' ').next_back()?;
    word.strip_prefix('n')?.parse().ok()
}

/// The most that the processes of a run have used together.
fn most_memory(run: &str, over: &AtomicBool) -> Option<Memory> {
    let mut most: Option<Memory> = None;
    while !over.load(Ordering::Relaxed) {
        let mut all = Memory {
            resident: 0.0,
            proportional: 0.0,
            own: 0.0,
        };
        for memory in processes::of_run(run).into_iter().filter_map(Memory::of) {
            all.resident += memory.resident;
            all.proportional += memory.proportional;
            all.own += memory.own;
        }
        if most.is_none_or(|most| most.own < all.own) {
            most = Some(all);
        }
        std::thread::sleep(LOOK);
    }
    most
}

impl Measured {
    fn take(&mut self, seen: Seen) {
        self.first_event.push(seen.first_event);
        self.whole.push(seen.whole);
        if let Some(text) = seen.first_text {
            self.first_text.push(text);
        }
        seen.words.into_iter().for_each(|word| self.word.push(word));
        if let Some(memory) = seen.memory {
            self.own.push(memory.own);
            self.proportional.push(memory.proportional);
        }
    }

    fn cells(&self) -> Vec<Cell> {
        let number = |figures: &Figures, value: fn(&Figures) -> f64| match figures.count() {
            0 => Cell::Unknown,
            _ => Cell::Number(value(figures)),
        };
        let mut cells: Vec<Cell> = usual(&self.first_event).into();
        cells.push(number(&self.first_text, Figures::median));
        cells.push(number(&self.word, Figures::median));
        cells.push(number(&self.word, Figures::p99));
        cells.push(number(&self.own, Figures::median));
        cells.push(number(&self.proportional, Figures::median));
        cells.extend(usual(&self.whole));
        cells
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
