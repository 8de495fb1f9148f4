//! One file for each command.

mod api_key;
mod audit;
mod cancel;
mod changes;
mod clients;
mod completions;
mod config;
mod doctor;
mod finish;
mod host;
mod install;
mod pause;
mod review;
mod roots;
mod run;
mod runs;
mod scrub;
mod self_test;
mod serve;
mod show;
mod steer;
mod supervise;
mod turn;

#[cfg(test)]
pub(crate) use crate::faces::cli::commands::completions::script as completions_script;

use crate::faces::cli::Inherited;
use crate::faces::cli::args::{Command, ConfigAction, RootsAction};
use crate::faces::cli::fault::{Exit, Fault};
use crate::use_cases::bridge::Bridge;

/// Does what a command asks. Boxed each: the server keeps no room on its stack for commands that it is not.
pub(crate) async fn dispatch(
    bridge: &Bridge,
    command: Command,
    inherited: Inherited,
) -> Result<Exit, Fault> {
    match command {
        Command::Serve(_) => Box::pin(serve::serve(bridge)).await,
        Command::Doctor(args) => Box::pin(doctor::doctor(bridge, &args)).await,
        Command::Runs(args) => Box::pin(runs::runs(bridge, args)).await,
        Command::Show(args) => Box::pin(show::show(bridge, &args)).await,
        Command::Run(args) => Box::pin(run::run(bridge, args)).await,
        Command::Review(args) => Box::pin(review::review(bridge, args)).await,
        Command::Continue(args) => Box::pin(turn::go_on(bridge, args)).await,
        Command::Resume(args) => Box::pin(turn::resume(bridge, args)).await,
        Command::Steer(args) => Box::pin(steer::steer(bridge, &args)).await,
        Command::Answer(args) => Box::pin(steer::answer(bridge, &args)).await,
        Command::Cancel(args) => Box::pin(cancel::cancel(bridge, &args)).await,
        Command::Changes(args) => Box::pin(changes::changes(bridge, &args)).await,
        Command::Finish(args) => Box::pin(finish::finish(bridge, args)).await,
        Command::Roots(args) => roots::roots(bridge, args),
        Command::Install(args) => Box::pin(install::install(bridge, args)).await,
        Command::Uninstall(args) => Box::pin(install::uninstall(bridge, args)).await,
        Command::Repair(args) => Box::pin(install::repair(bridge, args)).await,
        Command::Clients(args) => Box::pin(clients::clients(bridge, args)).await,
        Command::Config(args) => config::config(bridge, args),
        Command::ApiKey(args) => Box::pin(api_key::api_key(bridge, &args)).await,
        Command::Pause(args) => Box::pin(pause::pause(bridge, &args)).await,
        Command::Host => Box::pin(host::host(bridge)).await,
        Command::SelfTest(args) => Box::pin(self_test::self_test(bridge, &args)).await,
        Command::Audit(args) => Box::pin(audit::audit(bridge, &args)).await,
        Command::Scrub(args) => scrub::scrub(bridge, &args),
        Command::Completions(args) => completions::completions(&args),
        Command::Supervise(args) => Box::pin(supervise::supervise(bridge, &args, inherited)).await,
    }
}

impl Command {
    /// Whether a fault too is wanted as JSON.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Command::Doctor(args) => args.json,
            Command::Runs(args) => args.json,
            Command::Show(args) => args.json,
            Command::Run(args) => args.json,
            Command::Review(args) => args.json,
            Command::Continue(args) => args.turn.json,
            Command::Resume(args) => args.turn.json,
            Command::Steer(args) => args.json,
            Command::Answer(args) => args.json,
            Command::Cancel(args) => args.json,
            Command::Changes(args) => args.json,
            Command::Finish(args) => args.json,
            Command::SelfTest(args) => args.json,
            Command::Audit(args) => args.json,
            Command::Scrub(args) => args.json,
            Command::Install(args) | Command::Uninstall(args) | Command::Repair(args) => {
                args.how.json
            }
            Command::Clients(args) => args.wants_json(),
            Command::Roots(args) => {
                matches!(args.action, Some(RootsAction::List { json: true }))
            }
            Command::Config(args) => matches!(
                args.action,
                Some(ConfigAction::List { json: true } | ConfigAction::Get { json: true, .. })
            ),
            Command::Serve(_)
            | Command::Completions(_)
            | Command::ApiKey(_)
            | Command::Pause(_)
            | Command::Host
            | Command::Supervise(_) => false,
        }
    }
}
