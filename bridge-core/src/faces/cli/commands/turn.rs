//! `continue` and `resume`: the next turn of a run or of a Codex session.

use crate::faces::cli::args::{ContinueArgs, ResumeArgs, SandboxName, TurnArgs};
use crate::faces::cli::commands::run::{Show, absolute, caller, images, present, prompt, schema};
use crate::faces::cli::fault::{Exit, Fault};
use crate::use_cases::bridge::{Bridge, ContinueRequest, ResumeRequest, TurnRequest};

/// Goes on with a run.
pub(super) async fn go_on(bridge: &Bridge, args: ContinueArgs) -> Result<Exit, Fault> {
    let show = Show::of(args.turn.detach, args.turn.json);
    let request = ContinueRequest {
        run: bridge.find_run(&args.run).await?,
        turn: turn(args.turn, args.prompt)?,
    };
    let started = bridge.continue_run(caller(), request).await?;
    present(bridge, started.run, show).await
}

/// Goes on with a session.
pub(super) async fn resume(bridge: &Bridge, args: ResumeArgs) -> Result<Exit, Fault> {
    let show = Show::of(args.turn.detach, args.turn.json);
    let request = ResumeRequest {
        session: args.session,
        working_dir: args.dir.as_deref().map(absolute).transpose()?,
        turn: turn(args.turn, args.prompt)?,
    };
    let started = bridge.resume_session(caller(), request).await?;
    present(bridge, started.run, show).await
}

fn turn(args: TurnArgs, words: Option<String>) -> Result<TurnRequest, Fault> {
    let yes = |flag: bool| flag.then_some(true);
    Ok(TurnRequest {
        prompt: prompt(words.unwrap_or_else(|| "-".to_owned()))?,
        sandbox: args.sandbox.map(SandboxName::sandbox),
        network: yes(args.network),
        web_search: yes(args.web_search),
        model: args.model,
        effort: args.effort,
        images: images(&args.image)?,
        output_schema: args.output_schema.as_deref().map(schema).transpose()?,
        timeout: args.timeout,
        title: args.title,
        request_id: None,
    })
}
