//! `steer` and `answer`: say something to a run while it works.

use std::io;

use crate::domain::id::RunId;
use crate::domain::question::Decision;
use crate::domain::run::Speaker;
use crate::domain::scrub::Scrubbed;
use crate::faces::cli::args::{AnswerArgs, SteerArgs};
use crate::faces::cli::commands::run::caller;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen;
use crate::faces::wire::steered::SteeredDto;
use crate::use_cases::bridge::{Act, Bridge, Told};

/// Tells the model, and says whether Codex took it.
pub(super) async fn steer(bridge: &Bridge, args: &SteerArgs) -> Result<Exit, Fault> {
    let id = bridge.find_run(&args.run).await?;
    let text = args.message.join(" ");
    let steered = bridge.steer_run(&id, &text, Speaker::Person).await?;
    note(bridge, "steer_run", &id).await;
    if args.json {
        screen::print_json(&SteeredDto::new(&steered))?;
    } else {
        let look = Look::of(&io::stdout(), bridge.host());
        let mut lines = vec![match &steered.fate {
            Told::Yes => look.paint(Tone::Good, &format!("✔ {id}: the model is told")),
            Told::No(why) => look.paint(Tone::Warn, why.as_str()),
            Told::NotYet => look.paint(Tone::Warn, &format!("{id}: Codex has not answered yet")),
        }];
        if steered.hidden {
            lines.push("What looked like a secret was taken out of it.".to_owned());
        }
        screen::print(&lines)?;
    }
    Ok(match steered.fate {
        Told::Yes | Told::NotYet => Exit::Fine,
        Told::No(_) => Exit::Failed,
    })
}

/// Answers what the run asks.
pub(super) async fn answer(bridge: &Bridge, args: &AnswerArgs) -> Result<Exit, Fault> {
    let id = bridge.find_run(&args.run).await?;
    let decision = Decision::from(args.answer);
    let run = bridge
        .answer_run(&id, args.question, decision, Speaker::Person)
        .await?;
    note(bridge, "answer_run", &id).await;
    if args.json {
        screen::print_json(&SteeredDto::answered(&run))?;
    } else {
        let look = Look::of(&io::stdout(), bridge.host());
        let sentence = match decision {
            Decision::AllowOnce => "allowed",
            Decision::AllowForRun => "allowed for this run",
            Decision::Decline => "declined",
            Decision::Stop => "declined; the run is being stopped",
        };
        screen::print(&[look.paint(Tone::Good, &format!("✔ {id}: {sentence}"))])?;
    }
    Ok(Exit::Fine)
}

async fn note(bridge: &Bridge, name: &'static str, id: &RunId) {
    let act = Act {
        name,
        subject: bridge.scrubber().scrub(id.as_str()),
        outcome: Scrubbed::literal("ok"),
        detail: Scrubbed::default(),
    };
    bridge.note(&caller(), act).await;
}
