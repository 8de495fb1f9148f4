//! The app on a desk of its own: start, rest, window, and many runs at once.

use std::time::{Duration, Instant};

use codex_bridge_tests::desk::{Area, Desk, LIMIT, Page, Tray, colours};
use codex_bridge_tests::processes::{self, wait_until};
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::fake_turn;
use codex_bridge_tests::sidecar::Sidecar;
use serde_json::Value;

use crate::Effort;
use crate::figures::Figures;
use crate::report::{Cell, Table};
use crate::usage::{Memory, Work};

/// A part of the window, where it has words as soon as it is drawn. A window stands in the middle of the desk.
const WORDS: Area = Area {
    x: 100,
    y: 65,
    width: 160,
    height: 30,
};
/// Where it has the names of its pages, once its own program runs.
const PAGES: Area = Area {
    x: 100,
    y: 105,
    width: 160,
    height: 100,
};
/// What a start leaves to do is over by then; threads that have nothing to do any more end after ten seconds.
const SETTLE: Duration = Duration::from_secs(15);
/// Runs at once.
const RUNS: usize = 8;
/// What each of them does: eight together say a thousand things per second, for half a minute, and then the next begins.
const BUSY: &str = "stamps 4000 0.0079";

const COLUMNS: [&str; 3] = ["median", "p95", "most"];

/// Its start, and then nothing happens.
pub(crate) fn rest(effort: Effort) -> Table {
    let mut table = Table::new("app-rest: the icon in the tray, without a window", &COLUMNS);
    start(effort, &mut table);
    idle(effort, &mut table);
    table
}

/// The window, and the text in it.
pub(crate) fn window(effort: Effort) -> Table {
    let mut table = Table::new("app-window: the window, and text in it", &COLUMNS);
    open_and_close(effort, &mut table);
    text(effort, &mut table);
    table
}

/// Many runs at once.
pub(crate) fn busy(effort: Effort) -> Table {
    let title = "app-busy: 8 runs that say 1,000 things per second together";
    let mut table = Table::new(title, &COLUMNS);
    busy_without_window(effort, &mut table);
    busy_looked_at(effort, &mut table);
    table
}

fn row(table: &mut Table, what: &str, figures: &Figures, most: Option<f64>) {
    let worst = figures.quantile(1.0);
    let cells = [figures.median(), figures.quantile(0.95), worst].map(Cell::Number);
    table.row(what, cells.into());
    if let Some(most) = most {
        table.at_most(format!("{what}, p95"), figures.quantile(0.95), most);
    }
}

fn one(table: &mut Table, what: &str, value: f64, most: Option<f64>) {
    table.row(
        what,
        vec![Cell::Number(value), Cell::Unknown, Cell::Unknown],
    );
    if let Some(most) = most {
        table.at_most(what, value, most);
    }
}

fn start(effort: Effort, table: &mut Table) {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let mut figures = Figures::default();
    for _ in 0..effort.pick(5, 20) {
        let begin = Instant::now();
        let mut app = desk.app();
        let _tray = Tray::wait(&desk);
        figures.push_ms(begin.elapsed());
        app.terminate(LIMIT);
        wait_until(LIMIT, "the icon is gone", || Tray::find(&desk).is_none());
    }
    row(table, "start to icon, ms", &figures, Some(200.0));
}

fn idle(effort: Effort, table: &mut Table) {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let app = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("All is well.");
    std::thread::sleep(SETTLE);
    let before = Usage::of(app.pid());
    std::thread::sleep(Duration::from_secs(effort.pick(20, 60) as u64));
    let after = Usage::of(app.pid());
    one(
        table,
        "at rest, CPU ms in all",
        after.app_ms - before.app_ms,
        Some(0.0),
    );
    one(
        table,
        "at rest, wake-ups in all",
        after.sleeps - before.sleeps,
        Some(0.0),
    );
    one(table, "at rest, PSS MiB", after.pss, Some(60.0));

    let mut sidecar = scene.sidecar();
    let appears = appearing(effort, &scene, &mut sidecar, &tray);
    row(table, "a client's run to menu, ms", &appears, Some(200.0));
}

/// From the answer to a client who started a run to its line in the menu.
fn appearing(effort: Effort, scene: &Scene, sidecar: &mut Sidecar, tray: &Tray) -> Figures {
    let mut appears = Figures::default();
    for number in 0..effort.pick(5, 20) {
        let title = format!("Number {number}.");
        let run = sidecar.start_run(scene, &format!("{title}\n{}", fake_turn(&["sleep 0.5"])));
        let started = Instant::now();
        tray.wait_until(&title, |entries| {
            let mut all = entries.iter();
            all.any(|entry| entry.label.contains(&title)).then_some(())
        });
        appears.push_ms(started.elapsed());
        sidecar.wait_for_end(&run, LIMIT);
    }
    appears
}

fn open_and_close(effort: Effort, table: &mut Table) {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let app = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("All is well.");
    let [mut drawn, mut ready, mut gone] = [(); 3].map(|()| Figures::default());
    for _ in 0..effort.pick(4, 12) {
        let begin = Instant::now();
        tray.click("Open Codex Bridge…");
        wait_until(LIMIT, "the window is drawn", || {
            colours(&desk.points(WORDS)) > 8
        });
        drawn.push_ms(begin.elapsed());
        wait_until(LIMIT, "the page is there", || {
            colours(&desk.points(PAGES)) > 8
        });
        ready.push_ms(begin.elapsed());
        let window = desk.dialog("Codex Bridge");
        let begin = Instant::now();
        window.keys(&["alt+F4"]);
        wait_until(LIMIT, "the page is gone", || web_views(app.pid()) == 0);
        gone.push_ms(begin.elapsed());
        window.wait_gone();
    }
    let first = "window, click to first paint, ms";
    row(table, first, &drawn, Some(400.0));
    row(table, "window, click to its page, ms", &ready, None);
    row(table, "window, closed to its process gone, ms", &gone, None);
    std::thread::sleep(SETTLE);
    let usage = Usage::of(app.pid());
    one(table, "window closed again, PSS MiB", usage.pss, None);
}

/// The age of text when the page has it: a message tells when it was written.
fn text(effort: Effort, table: &mut Table) {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    let count = effort.pick(40, 200);
    let mut sidecar = scene.sidecar();
    let stamps = format!("stamps {count} 0.05");
    let steps = fake_turn(&["message begun", "wait-for go", &stamps]);
    let run = sidecar.start_run(&scene, &format!("Stamped\n{steps}"));
    look_at(&page, "Stamped");
    page.find("//ol//li[contains(., 'begun')]");
    note_ages(&page);
    std::fs::write(scene.work().join("go"), "").unwrap();
    sidecar.wait_for_end(&run, LIMIT);
    wait_until(LIMIT, "the page has the last one", || {
        page.has("//article[@aria-label='Answer']")
    });
    let figures = ages(&page).into_iter().collect();
    row(
        table,
        "text, written to in the page, ms",
        &figures,
        Some(250.0),
    );
}

fn look_at(page: &Page, title: &str) {
    page.click(&format!("//*[@role='listbox']//*[.='{title}']"));
}

/// Lets the page note how old each stamp is when it comes into the timeline.
fn note_ages(page: &Page) {
    page.run(
        "window.ages = new Map();
         new MutationObserver((changes) => {
           const now = Date.now();
           for (const change of changes) for (const node of change.addedNodes) {
             const found = /(\\d+) s (\\d+) ns/.exec(node.textContent);
             if (found && !ages.has(found[0])) ages.set(found[0], now - found[1] * 1000 - found[2] / 1e6);
           }
         }).observe(document.querySelector('ol'), { childList: true });",
    );
}

fn ages(page: &Page) -> Vec<f64> {
    let ages = page.run("return [...ages.values()]");
    let ages = ages.as_array().into_iter().flatten();
    ages.filter_map(Value::as_f64).collect()
}

/// Eight runs that say a thousand things per second together, and of which each that ends is followed by another.
struct Busy<'a> {
    scene: &'a Scene,
    sidecar: Sidecar,
    live: Vec<String>,
    begun: usize,
}

impl<'a> Busy<'a> {
    fn begin(scene: &'a Scene) -> Busy<'a> {
        let mut busy = Busy {
            scene,
            sidecar: scene.sidecar(),
            live: Vec::new(),
            begun: 0,
        };
        busy.fill();
        busy
    }

    fn fill(&mut self) {
        while self.live.len() < RUNS {
            let prompt = format!("Busy {}.\n{}", self.begun, fake_turn(&[BUSY]));
            self.live.push(self.sidecar.start_run(self.scene, &prompt));
            self.begun += 1;
        }
    }

    /// Keeps them going for this long.
    fn keep(&mut self, time: Duration) {
        let begin = Instant::now();
        while begin.elapsed() < time {
            std::thread::sleep(Duration::from_millis(500));
            let sidecar = &mut self.sidecar;
            self.live
                .retain(|run| sidecar.get_run(run)["is_final"] != true);
            self.fill();
        }
    }
}

fn busy_scene() -> Scene {
    let scene = Scene::new(&Codex::Fake);
    // One more than are busy.
    scene.write_config(&format!("[limits]\nrunning = {}\n", RUNS + 1));
    scene
}

fn busy_without_window(effort: Effort, table: &mut Table) {
    let scene = busy_scene();
    let desk = Desk::new(&scene);
    let app = desk.app();
    let tray = Tray::wait(&desk);
    let mut busy = Busy::begin(&scene);
    busy.keep(SETTLE);
    let before = Usage::of(app.pid());
    busy.keep(Duration::from_secs(effort.pick(20, 60) as u64));
    let after = Usage::of(app.pid());
    one(
        table,
        "no window: CPU %",
        after.app_percent(&before),
        Some(35.0),
    );
    let mut sidecar = scene.sidecar();
    let appears = appearing(Effort::Quick, &scene, &mut sidecar, &tray);
    row(
        table,
        "no window: a client's run to menu, ms",
        &appears,
        Some(200.0),
    );
    let title = format!("Busy {}.", busy.begun - 1);
    let run = busy.live.pop().unwrap();
    let begin = Instant::now();
    tray.click(&format!("Cancel “{title}”"));
    wait_until(LIMIT, "the run is dead", || {
        processes::of_run(&run).is_empty()
    });
    one(
        table,
        "no window: cancelled in the menu to dead, s",
        begin.elapsed().as_secs_f64(),
        Some(5.0),
    );
}

fn busy_looked_at(effort: Effort, table: &mut Table) {
    let scene = busy_scene();
    let desk = Desk::new(&scene);
    let (_, page) = desk.driven_app("Open Codex Bridge…");
    let app = page.app();
    let mut busy = Busy::begin(&scene);
    let minutes = effort.pick(1, 10);
    let mut memory = Vec::new();
    let [mut shell, mut drawing] = [(); 2].map(|()| Figures::default());
    let mut all = Vec::new();
    for minute in 0..=minutes {
        // The run that was looked at before has ended meanwhile.
        let newest = format!("Busy {}.", busy.begun - 1);
        look_at(&page, &newest);
        page.find("//ol//li[contains(., ' ns')]");
        busy.keep(Duration::from_secs(1));
        let before = Usage::of(app);
        busy.keep(Duration::from_secs(15));
        let after = Usage::of(app);
        note_ages(&page);
        busy.keep(Duration::from_secs(5));
        all.extend(ages(&page));
        busy.keep(Duration::from_secs(if minute == 0 { 4 } else { 39 }));
        shell.push(after.app_percent(&before));
        drawing.push(after.web_percent(&before));
        memory.push(Usage::of(app));
    }
    row(table, "one looked at: CPU %, app", &shell, Some(35.0));
    row(
        table,
        "one looked at: CPU %, WebKit's processes",
        &drawing,
        None,
    );
    row(
        table,
        "one looked at: text to the page, ms",
        &all.into_iter().collect(),
        Some(250.0),
    );
    for (what, of) in [
        ("app", (|usage| usage.app_pss) as fn(&Usage) -> f64),
        ("all processes", |usage| usage.pss),
    ] {
        let label = |when: &str| format!("one looked at: PSS MiB, {what}, {when}");
        let figures: Vec<f64> = memory.iter().map(of).collect();
        one(table, &label("after the first minute"), figures[0], None);
        let last = figures.last().copied().unwrap_or_default();
        one(table, &label(&format!("{minutes} min later")), last, None);
    }
}

/// What the app, and what draws for it, has used so far; runs have processes of their own.
struct Usage {
    at: Instant,
    app_ms: f64,
    web_ms: f64,
    sleeps: f64,
    app_pss: f64,
    pss: f64,
}

impl Usage {
    fn of(app: u32) -> Usage {
        let mut web = processes::below(app);
        web.retain(|pid| processes::program_of(*pid).starts_with("WebKit"));
        let pss = |pid: u32| Memory::of(pid).map_or(0.0, |memory| memory.proportional);
        let own = Work::of(app).expect("the app runs");
        let work = web.iter().filter_map(|pid| Work::of(*pid));
        let app_pss = pss(app);
        Usage {
            at: Instant::now(),
            app_ms: own.cpu_ms,
            web_ms: work.map(|work| work.cpu_ms).sum(),
            sleeps: own.sleeps,
            app_pss,
            pss: app_pss + web.into_iter().map(pss).sum::<f64>(),
        }
    }

    fn app_percent(&self, before: &Usage) -> f64 {
        (self.app_ms - before.app_ms) / self.ms_since(before) * 100.0
    }

    fn web_percent(&self, before: &Usage) -> f64 {
        (self.web_ms - before.web_ms) / self.ms_since(before) * 100.0
    }

    fn ms_since(&self, before: &Usage) -> f64 {
        (self.at - before.at).as_secs_f64() * 1e3
    }
}

fn web_views(app: u32) -> usize {
    let all = processes::below(app).into_iter();
    all.filter(|pid| processes::program_of(*pid).starts_with("WebKitWebProc"))
        .count()
}
