//! The app on a desk of its own: start, rest, window, and many runs at once.

use std::time::{Duration, Instant};

use codex_bridge_tests::desk::{App, Desk, LIMIT, Tray};
use codex_bridge_tests::processes::{self, wait_until};
use codex_bridge_tests::scene::{Codex, Scene};
use codex_bridge_tests::script::{fake, fake_turn};
use serde_json::Value;

use crate::Effort;
use crate::figures::Figures;
use crate::report::{Cell, Table};
use crate::usage::{Memory, Work};

/// Where the name of the app is drawn in a window that stands in the middle of the desk.
const NAME: &str = "140x14+106+72";
/// What a start leaves to do is over by then.
const SETTLE: Duration = Duration::from_secs(5);
/// Runs at once.
const RUNS: usize = 8;

/// Everything in turn.
pub(crate) fn measure(effort: Effort) -> Table {
    let mut table = Table::new(
        "app: what it takes and how fast it is",
        &["median", "p95", "most"],
    );
    start(effort, &mut table);
    rest_and_window(effort, &mut table);
    text(effort, &mut table);
    load(effort, &mut table);
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
    row(table, what, &std::iter::once(value).collect(), most);
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

fn rest_and_window(effort: Effort, table: &mut Table) {
    let scene = Scene::new(&Codex::Fake);
    let desk = Desk::new(&scene);
    let app = desk.app();
    let tray = Tray::wait(&desk);
    tray.wait_for("All is well.");
    std::thread::sleep(SETTLE);
    let seconds = effort.pick(20, 60) as u64;
    let (cpu, pss) = used(&app, Duration::from_secs(seconds));
    one(table, "at rest, CPU %", cpu, Some(0.0));
    one(table, "at rest, PSS MiB", pss, Some(60.0));

    let mut sidecar = scene.sidecar();
    let mut appears = Figures::default();
    for number in 0..effort.pick(5, 20) {
        let title = format!("Number {number}.");
        let begin = Instant::now();
        let run = sidecar.start_run(&scene, &format!("{title}\n{}", fake_turn(&["sleep 0.5"])));
        let started = begin.elapsed();
        tray.wait_until(&title, |entries| {
            let mut all = entries.iter();
            all.any(|entry| entry.label.contains(&title)).then_some(())
        });
        appears.push_ms(begin.elapsed().saturating_sub(started));
        sidecar.wait_for_end(&run, LIMIT);
    }
    row(table, "a client's run to menu, ms", &appears, Some(200.0));

    let [mut drawn, mut gone] = [(); 2].map(|()| Figures::default());
    let blank = look(&desk);
    for _ in 0..effort.pick(3, 10) {
        let begin = Instant::now();
        tray.click("Open Codex Bridge…");
        wait_until(LIMIT, "the window is drawn", || {
            let seen = look(&desk);
            seen != blank && seen.iter().any(|byte| *byte != seen[0])
        });
        drawn.push_ms(begin.elapsed());
        let window = desk.dialog("Codex Bridge");
        let begin = Instant::now();
        window.keys(&["alt+F4"]);
        wait_until(LIMIT, "the page is gone", || web_views(&app) == 0);
        gone.push_ms(begin.elapsed());
        window.wait_gone();
    }
    row(table, "window, click to drawn, ms", &drawn, Some(400.0));
    row(table, "window, closed to its process gone, ms", &gone, None);
    let (_, pss) = used(&app, Duration::from_secs(1));
    one(table, "window closed again, PSS MiB", pss, None);
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
    page.click("//*[@role='listbox']//*[.='Stamped']");
    page.find("//ol//li[contains(., 'begun')]");
    page.run(
        "window.ages = new Map();
         new MutationObserver(() => {
           const now = Date.now();
           for (const [all, s, ns] of document.body.textContent.matchAll(/(\\d+) s (\\d+) ns/g))
             if (!ages.has(all)) ages.set(all, now - s * 1000 - ns / 1e6);
         }).observe(document.body, { childList: true, subtree: true, characterData: true });",
    );
    std::fs::write(scene.work().join("go"), "").unwrap();
    sidecar.wait_for_end(&run, LIMIT);
    wait_until(LIMIT, "the page has the last one", || {
        page.has("//article[@aria-label='Answer']")
    });
    let ages = page.run("return [...ages.values()]");
    let ages = ages.as_array().into_iter().flatten();
    let figures: Figures = ages.filter_map(Value::as_f64).collect();
    row(
        table,
        "text, written to in the page, ms",
        &figures,
        Some(250.0),
    );
}

/// Many runs that say a thousand things per second each.
fn load(effort: Effort, table: &mut Table) {
    let scene = Scene::new(&Codex::Fake);
    scene.write_config(&format!("[limits]\nrunning = {RUNS}\n"));
    let desk = Desk::new(&scene);
    let app = desk.app();
    let tray = Tray::wait(&desk);
    let mut sidecar = scene.sidecar();
    let line = r#"{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"a line of a busy run"}}"#;
    let steps = fake(&["thread", "turn", &format!("every 0.001 {line}")]);
    for number in 0..RUNS {
        sidecar.start_run(&scene, &format!("Busy {number}\n{steps}"));
    }
    for number in 0..RUNS {
        tray.wait_for(&format!("▶  Busy {number}"));
    }
    std::thread::sleep(SETTLE);
    let before = used(&app, Duration::from_secs(1)).1;
    let time = Duration::from_secs(effort.pick(20, 180) as u64);
    let (cpu, pss) = used(&app, time);
    one(table, "8 busy runs, CPU %", cpu, Some(35.0));
    one(
        table,
        "8 busy runs, PSS MiB more at the end",
        pss - before,
        None,
    );
    tray.click("Busy 0");
    tray.click("▶  Busy 0");
    let _window = desk.dialog("Codex Bridge");
    std::thread::sleep(SETTLE);
    let before = used(&app, Duration::from_secs(1)).1;
    let (cpu, pss) = used(&app, time);
    one(table, "8 busy runs, one looked at, CPU %", cpu, Some(35.0));
    one(
        table,
        "8 busy runs, one looked at, PSS MiB more at the end",
        pss - before,
        None,
    );
    let begin = Instant::now();
    tray.click("Cancel “Busy 1”");
    tray.wait_without("Cancel “Busy 1”");
    one(
        table,
        "8 busy runs, one cancelled, s",
        begin.elapsed().as_secs_f64(),
        Some(5.0),
    );
}

/// Processor time in percent of a core over this time, and memory at its end, of the app and what draws for it; runs have
/// processes of their own.
fn used(app: &App, time: Duration) -> (f64, f64) {
    let own = || {
        let mut all = processes::below(app.pid());
        all.retain(|pid| processes::program_of(*pid).starts_with("WebKit"));
        all.push(app.pid());
        all
    };
    let cpu = |all: &[u32]| -> f64 {
        let work = all.iter().filter_map(|pid| Work::of(*pid));
        work.map(|work| work.cpu_ms).sum()
    };
    let all = own();
    let before = cpu(&all);
    let begin = Instant::now();
    std::thread::sleep(time);
    let spent = cpu(&all) - before;
    let memory = own().into_iter().filter_map(Memory::of);
    (
        spent / begin.elapsed().as_secs_f64() / 10.0,
        memory.map(|memory| memory.proportional).sum(),
    )
}

fn web_views(app: &App) -> usize {
    let all = processes::below(app.pid()).into_iter();
    all.filter(|pid| processes::program_of(*pid).starts_with("WebKitWebProc"))
        .count()
}

/// A part of the desk, as it looks.
fn look(desk: &Desk) -> Vec<u8> {
    let args = ["-window", "root", "-crop", NAME, "gray:-"];
    let seen = desk.command("import").args(args).output();
    seen.unwrap().stdout
}
