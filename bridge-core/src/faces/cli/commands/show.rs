//! `show`: one run, from what was asked to how it ended.

use std::io;
use std::time::Duration;

use crate::domain::run::Run;
use crate::faces::cli::args::ShowArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::follow::{Audience, OnInterrupt, follow};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen::{self, Screen};
use crate::faces::cli::time::Clock;
use crate::faces::cli::view::{Answer, Fold, View};
use crate::faces::wire::run::{RunDto, RunView};
use crate::use_cases::bridge::{Bridge, EventsWanted};

/// Events that are read at once.
const PAGE: EventsWanted = EventsWanted {
    after: 0,
    count: 500,
    bytes: 1024 * 1024,
    wait: Duration::ZERO,
    live: None,
};

/// Shows a run.
pub(super) async fn show(bridge: &Bridge, args: &ShowArgs) -> Result<Exit, Fault> {
    let id = bridge.find_run(&args.run).await?;
    let run = bridge.run(&id).await?;
    let clock = Clock::of(bridge.host());
    if args.json {
        return show_json(bridge, run, args.follow).await;
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let fold = if args.full { Fold::Nothing } else { Fold::Long };
    let mut view = View::new(look, fold, &run);
    let mut screen = Screen::new(io::stdout(), look.live && args.follow);
    screen.lines(&view.heading(&run, &clock))?;
    screen.lines(&view.prompt(&run))?;
    if args.follow {
        let mut audience =
            Audience::person(&mut view, &mut screen, "Ctrl-C leaves, the run goes on");
        let last = follow(bridge, run, OnInterrupt::Leave, &mut audience).await?;
        screen.lines(&view.end(&last.run, Answer::Shown))?;
        return Ok(Exit::of(last.run.state));
    }
    let mut wanted = PAGE;
    let run = loop {
        let updates = bridge.updates(&id, wanted).await?;
        for event in &updates.events {
            screen.lines(&view.event(event))?;
        }
        wanted.after = updates.next_cursor;
        if !updates.more {
            break updates.run;
        }
    };
    screen.lines(&view.end(&run, Answer::Shown))?;
    if !run.state.is_final() {
        let line = format!("It is {}; see it live with --follow.", run.state.as_str());
        screen.lines(&[look.paint(Tone::Dim, &line)])?;
    }
    Ok(Exit::Fine)
}

async fn show_json(bridge: &Bridge, run: Run, live: bool) -> Result<Exit, Fault> {
    let dto = |run: &Run| RunDto::new(run, &RunView::whole(Clock::of(bridge.host()).now()));
    if !live {
        screen::print_json(&dto(&run))?;
        return Ok(Exit::Fine);
    }
    let last = follow(bridge, run, OnInterrupt::Leave, &mut Audience::Script).await?;
    screen::print_json_line(&dto(&last.run))?;
    Ok(Exit::of(last.run.state))
}
