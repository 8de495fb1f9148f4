//! Options of `steer`.

use clap::Args;

pub(super) const STEER_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp steer run_01jd2 \"leave the public API as it is\"
  codex-bridge-mcp steer 7w9x0y \"the tests are in tests/, not in src/\"

The model is told before its next step, in the same turn. That works for runs that `codex app-server` drives; see
`codex.backend`. What looks like a secret is taken out. Exit codes: 0 told, 1 not told.";

/// Options of `steer`.
#[derive(Args, Debug)]
pub struct SteerArgs {
    /// The run's id, or its beginning or end
    #[arg(value_name = "RUN")]
    pub run: String,
    /// What the model is told
    #[arg(value_name = "MESSAGE", required = true)]
    pub message: Vec<String>,
    /// Prints what became of it as one JSON object
    #[arg(long)]
    pub json: bool,
}
