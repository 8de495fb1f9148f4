//! `supervise`: the process that owns one run. People don't call it.

use crate::domain::id::RunId;
use crate::faces::cli::args::SuperviseArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::supervisor::run_supervisor;

/// Supervises a run to its end.
pub(super) async fn supervise(bridge: &Bridge, args: &SuperviseArgs) -> Result<Exit, Fault> {
    let id = RunId::parse(&args.run).map_err(|error| Fault::Usage {
        message: format!("`{}` is {error}", args.run),
        hint: "The bridge itself starts this command.",
    })?;
    let host = bridge.host().clone();
    let now = host.now;
    run_supervisor(host, id, now).await?;
    Ok(Exit::Fine)
}
