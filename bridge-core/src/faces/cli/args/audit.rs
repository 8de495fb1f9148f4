//! The options of `audit`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp audit
  codex-bridge-mcp audit --client claude-desktop
  codex-bridge-mcp audit --limit 20000 --json > audit.jsonl

Each start, refusal, cancel and end of work is one entry, oldest first. Entries are only ever added; the newest 20,000
are kept. Of a run that leaves nothing on the disk, only a refusal is written down, without a word of what it was to do.
With --json each entry is one object on a line.";

/// Options of `audit`.
#[derive(Args, Debug)]
pub struct AuditArgs {
    /// Only what this client asked for, e.g. claude-desktop or cli
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// At most so many, the newest
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub limit: u32,
    /// Prints JSON lines
    #[arg(long)]
    pub json: bool,
}
