//! `finish`: ends a run's worktree.

use std::io::{self, IsTerminal as _, Write as _};

use crate::domain::run::Caller;
use crate::domain::scrub::Scrubbed;
use crate::faces::cli::args::{ActionName, FinishArgs};
use crate::faces::cli::commands::changes::summary;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::time::Clock;
use crate::faces::cli::{screen, text};
use crate::faces::wire::diff::FinishedDto;
use crate::faces::wire::run::RunView;
use crate::use_cases::bridge::{Bridge, ChangesWanted, FinishAction, Finished};

/// Ends a worktree. On a terminal the person sees the changes and is asked first.
pub(super) async fn finish(bridge: &Bridge, args: FinishArgs) -> Result<Exit, Fault> {
    let id = bridge.find_run(&args.run).await?;
    let ask = !args.yes && !args.json;
    if args.action != ActionName::Branch && (args.name.is_some() || args.message.is_some()) {
        return Err(Fault::Usage {
            message: "--name and --message are only for `branch`".to_owned(),
            hint: "Leave them out, or finish the run with `branch`.",
        });
    }
    let mut diff_hash = args.diff_hash;
    if diff_hash.is_none() && args.action != ActionName::Discard || ask {
        let wanted = ChangesWanted {
            bytes: 0,
            diff_hash: diff_hash.clone(),
            ..ChangesWanted::default()
        };
        let page = bridge.changes(&id, wanted).await?;
        if ask {
            let look = Look::of(&io::stderr(), bridge.host());
            screen::Screen::new(io::stderr().lock(), false).lines(&summary(&page, look))?;
        }
        diff_hash = Some(page.hash.as_str().to_owned());
    }
    if ask && !agreed(args.action)? {
        return Ok(Exit::Failed);
    }
    let action = match (args.action, diff_hash) {
        (ActionName::Apply, diff_hash) => FinishAction::Apply {
            diff_hash: diff_hash.unwrap_or_default(),
        },
        (ActionName::Branch, diff_hash) => FinishAction::Branch {
            name: args.name,
            message: args.message,
            diff_hash,
        },
        (ActionName::Discard, _) => FinishAction::Discard,
    };
    let caller = Caller {
        client: Scrubbed::literal("cli"),
        version: None,
        session: None,
    };
    let finished = bridge.finish_run(caller, &id, action).await?;
    if args.json {
        let view = RunView::whole(Clock::of(bridge.host()).now());
        screen::print_json(&FinishedDto::new(&finished, &view))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    screen::print(&said(&finished, args.action, look))?;
    Ok(Exit::Fine)
}

/// Asks on the terminal. Without one, somebody has to have said yes before.
fn agreed(action: ActionName) -> Result<bool, Fault> {
    if !io::stdin().is_terminal() {
        return Err(Fault::Usage {
            message: "nobody can be asked here".to_owned(),
            hint: "Say --yes to do it without a question.",
        });
    }
    let question = match action {
        ActionName::Apply => "Bring these changes into the folder?",
        ActionName::Branch => "Make a branch of these changes?",
        ActionName::Discard => "Throw these changes away?",
    };
    let mut out = io::stderr().lock();
    write!(out, "{question} [y/N] ").map_err(Fault::Output)?;
    out.flush().map_err(Fault::Output)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Fault::Input)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn said(finished: &Finished, action: ActionName, look: Look) -> Vec<String> {
    let run = &finished.run.id;
    let folder = text::one_line(finished.run.workspace.folder.as_str());
    let done = match (action, &finished.branch) {
        (ActionName::Apply, _) => {
            let files = text::count(finished.changed, "file");
            format!("✔ {files} changed in {folder}; nothing is staged")
        }
        (ActionName::Branch, Some((branch, commit))) => {
            format!(
                "✔ {} is {}",
                text::one_line(branch.as_str()),
                commit.as_str()
            )
        }
        (ActionName::Branch, None) => format!("✔ {run} is finished"),
        (ActionName::Discard, _) => format!("✔ the changes of {run} are gone"),
    };
    let mut lines = vec![look.paint(Tone::Good, &done)];
    if finished.already_there > 0 {
        let files = text::count(finished.already_there, "file");
        lines.push(format!("{files} had these changes already"));
    }
    lines.extend(
        finished
            .notes
            .iter()
            .map(|note| text::one_line(note.as_str())),
    );
    lines
}
