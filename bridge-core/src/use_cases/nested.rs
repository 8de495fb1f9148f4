//! A run must not start runs: that would be a chain without an end, which nobody asked for.

use crate::adapters::store::Store;
use crate::platform::process_table;
use crate::use_cases::error::Error;
use crate::use_cases::host::Host;

/// Refuses if this process was started by a run: by the marker in its environment, or, since Codex gives the MCP
/// servers that it starts an environment of its own, by a process above it that belongs to a run.
pub(crate) async fn refuse(host: &Host, store: Option<&Store>) -> Result<(), Error> {
    if let Some(run) = host.var(Host::RUN_VAR) {
        return Err(Error::Nested(run.to_string_lossy().into_owned()));
    }
    let Some(store) = store else { return Ok(()) };
    let above = process_table::ancestors(std::process::id());
    for run in store.live_runs().await? {
        let members = store.processes(&run.id).await?;
        let is_member = |pid: u32, started: &str| {
            members
                .iter()
                .any(|member| u32::try_from(member.pid) == Ok(pid) && member.started == started)
        };
        if above
            .iter()
            .any(|process| is_member(process.pid, &process.started.to_string()))
        {
            return Err(Error::Nested(run.id.as_str().to_owned()));
        }
    }
    Ok(())
}
