//! `pause`: keeps new runs in the queue.

use std::io;

use crate::domain::scrub::Scrubbed;
use crate::faces::cli::args::PauseArgs;
use crate::faces::cli::commands::run::caller;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen;
use crate::use_cases::bridge::{Act, Bridge};

/// Pauses new runs, or lets them go on.
pub(super) async fn pause(bridge: &Bridge, args: &PauseArgs) -> Result<Exit, Fault> {
    bridge.set_paused(!args.off).await?;
    let act = Act {
        name: "pause",
        subject: Scrubbed::default(),
        outcome: Scrubbed::literal("ok"),
        detail: Scrubbed::literal(if args.off { "off" } else { "on" }),
    };
    bridge.note(&caller(), act).await;
    let look = Look::of(&io::stdout(), bridge.host());
    let line = match args.off {
        true => look.paint(Tone::Good, "✔ new runs go on"),
        false => look.paint(Tone::Good, "✔ new runs wait in the queue"),
    };
    screen::print(&[line])?;
    Ok(Exit::Fine)
}
