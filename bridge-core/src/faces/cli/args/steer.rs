//! Options of `steer` and `answer`.

use clap::{Args, ValueEnum};

use crate::domain::question::Decision;

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

pub(super) const ANSWER_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp answer run_01jd2 allow
  codex-bridge-mcp answer 7w9x0y decline --question 2

`show` tells what a run that is `waiting` asks. To allow something needs `ceilings.approvals` in the configuration. Exit
codes: 0 answered, 1 nothing is asked or not allowed.";

/// Options of `answer`.
#[derive(Args, Debug)]
pub struct AnswerArgs {
    /// The run's id, or its beginning or end
    #[arg(value_name = "RUN")]
    pub run: String,
    /// The answer
    #[arg(value_enum, value_name = "ANSWER")]
    pub answer: AnswerName,
    /// The number of the question that is meant; the open one if absent
    #[arg(long, value_name = "NUMBER")]
    pub question: Option<u64>,
    /// Prints where the run stands as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// An answer to what Codex asks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AnswerName {
    /// This once
    Allow,
    /// This, and the same command in the same folder again in this run
    AllowForRun,
    /// Not; the run goes on without it
    Decline,
    /// Not, and the run is cancelled
    Stop,
}

impl From<AnswerName> for Decision {
    fn from(name: AnswerName) -> Decision {
        match name {
            AnswerName::Allow => Decision::AllowOnce,
            AnswerName::AllowForRun => Decision::AllowForRun,
            AnswerName::Decline => Decision::Decline,
            AnswerName::Stop => Decision::Stop,
        }
    }
}
