//! `supervise`: the process that owns one run. People don't call it.

use crate::domain::id::RunId;
use crate::faces::cli::args::SuperviseArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::use_cases::bridge::Bridge;

/// Supervises a run to its end.
pub(super) async fn supervise(bridge: &Bridge, args: &SuperviseArgs) -> Result<Exit, Fault> {
    let id = RunId::parse(&args.run).map_err(|error| Fault::Usage {
        message: format!("`{}` is {error}", args.run),
        hint: "The bridge itself starts this command.",
    })?;
    let _ = (bridge, id);
    Ok(Exit::Fine)
}
