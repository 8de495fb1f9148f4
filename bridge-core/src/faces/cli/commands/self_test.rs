//! `self-test`: proves the whole chain, live.

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write as _};
use std::pin::pin;
use std::time::{Duration, Instant};

use crate::faces::cli::args::SelfTestArgs;
use crate::faces::cli::board::Board;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::Look;
use crate::faces::cli::screen::{self, Screen};
use crate::faces::wire::self_test::SelfTestDto;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::self_test::{Against, run_self_test};

const TICK: Duration = Duration::from_millis(100);

/// Proves the whole chain.
pub(super) async fn self_test(bridge: &Bridge, args: &SelfTestArgs) -> Result<Exit, Fault> {
    let against = if args.account {
        if !args.yes && !agreed()? {
            return Ok(Exit::Left);
        }
        Against::Account
    } else {
        Against::ScriptedModel
    };
    let look = Look::of(&io::stdout(), bridge.host());
    let board = (!args.json).then(|| {
        let screen = Screen::new(io::stdout(), look.live);
        RefCell::new(Board::new(look, screen, against))
    });
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let scrubber = bridge.scrubber();
    let began = Instant::now();
    let mut test = pin!(run_self_test(
        bridge.host(),
        &scrubber,
        against,
        stop,
        |news| {
            if let Some(board) = &board {
                board.borrow_mut().tell(&news);
            }
        }
    ));
    let mut ticks = tokio::time::interval(TICK);
    let verdict = loop {
        tokio::select! {
            verdict = &mut test => break verdict,
            _ = ticks.tick() => if let Some(board) = &board {
                board.borrow_mut().tick(began.elapsed());
            },
        }
    };
    match board.as_ref() {
        Some(board) => board.borrow_mut().end(&verdict)?,
        None => screen::print_json(&SelfTestDto::from(&verdict))?,
    }
    Ok(if verdict.passed() {
        Exit::Fine
    } else {
        Exit::Failed
    })
}

/// Asks whether tokens may be spent.
fn agreed() -> Result<bool, Fault> {
    if !io::stdin().is_terminal() {
        return Err(Fault::Usage {
            message: "--account spends tokens of your account, and nobody can be asked".to_owned(),
            hint: "Add --yes.",
        });
    }
    let question = "This spends a few hundred tokens of your own account. Go on? [y/N] ";
    let mut err = io::stderr().lock();
    err.write_all(question.as_bytes())
        .and_then(|()| err.flush())
        .map_err(Fault::Output)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Fault::Input)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
