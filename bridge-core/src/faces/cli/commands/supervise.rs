//! `supervise`: the process that owns one run. People don't call it.

use crate::domain::id::RunId;
use crate::faces::cli::Inherited;
use crate::faces::cli::args::SuperviseArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::supervisor::run_supervisor;

/// Supervises a run to its end.
pub(super) async fn supervise(
    bridge: &Bridge,
    args: &SuperviseArgs,
    inherited: Inherited,
) -> Result<Exit, Fault> {
    let id = RunId::parse(&args.run).map_err(|error| Fault::Usage {
        message: format!("`{}` is {error}", args.run),
        hint: "The bridge itself starts this command.",
    })?;
    let Some(assignment) = inherited.0 else {
        return Err(Fault::Usage {
            message: "there is no run to supervise".into(),
            hint: "The bridge itself starts this command.",
        });
    };
    run_supervisor(bridge.host().clone(), &id, assignment?).await?;
    Ok(Exit::Fine)
}
