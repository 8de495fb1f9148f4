//! `cancel`: stops a run.

use std::io;

use crate::domain::scrub::Scrubbed;
use crate::domain::state::{Canceller, Outcome, RunState};
use crate::faces::cli::args::CancelArgs;
use crate::faces::cli::commands::run::caller;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen;
use crate::faces::cli::time::Clock;
use crate::faces::wire::run::{RunDto, RunView};
use crate::use_cases::bridge::{Act, Bridge};

/// Stops a run and waits until it is over.
pub(super) async fn cancel(bridge: &Bridge, args: &CancelArgs) -> Result<Exit, Fault> {
    let id = bridge.find_run(&args.run).await?;
    let run = bridge.cancel_run(&id, Canceller::Person).await?;
    let act = Act {
        name: "cancel_run",
        subject: bridge.scrubber().scrub(id.as_str()),
        outcome: Scrubbed::literal("ok"),
        detail: Scrubbed::default(),
    };
    bridge.note(&caller(), act).await;
    if args.json {
        let view = RunView::whole(Clock::of(bridge.host()).now());
        screen::print_json(&RunDto::new(&run, &view))?;
    } else {
        let look = Look::of(&io::stdout(), bridge.host());
        let line = match run.state {
            RunState::Ended(Outcome::Cancelled(_)) => look.paint(
                Tone::Good,
                &format!("✔ {id} is cancelled; nothing of it runs any more"),
            ),
            RunState::Ended(_) => format!("{id} was over before: {}", run.state.as_str()),
            RunState::Queued
            | RunState::Starting
            | RunState::Running
            | RunState::WaitingForAnswer
            | RunState::Stopping(_) => {
                look.paint(Tone::Warn, &format!("{id} is still being stopped"))
            }
        };
        screen::print(&[line])?;
    }
    Ok(if run.state.is_final() {
        Exit::Fine
    } else {
        Exit::Failed
    })
}
