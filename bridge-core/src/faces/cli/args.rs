//! The command line of `codex-bridge-mcp`: what can be typed, and the help that explains it.

mod audit;
mod clients;
mod config;
mod finish;
mod review;
mod run;
mod scrub;
mod steer;
mod turn;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

pub(super) use crate::faces::cli::args::audit::AuditArgs;
pub(super) use crate::faces::cli::args::clients::{
    ClientsAction, ClientsArgs, HowArgs, InstallArgs,
};
pub(super) use crate::faces::cli::args::config::{
    ApiKeyAction, ApiKeyArgs, ConfigAction, ConfigArgs, PauseArgs,
};
pub(super) use crate::faces::cli::args::finish::{ActionName, ChangesArgs, FinishArgs};
pub(super) use crate::faces::cli::args::review::ReviewArgs;
pub(super) use crate::faces::cli::args::run::{RunArgs, SandboxName, WorkspaceName};
pub(super) use crate::faces::cli::args::scrub::ScrubArgs;
pub(super) use crate::faces::cli::args::steer::{AnswerArgs, SteerArgs};
pub(super) use crate::faces::cli::args::turn::{ContinueArgs, ResumeArgs, TurnArgs};

const ABOUT: &str =
    "Lets an MCP client, or you, delegate work to the locally installed OpenAI Codex CLI";

const LONG_ABOUT: &str = "\
Lets an MCP client, or you, delegate work to the locally installed OpenAI Codex CLI.

Without a command it is the MCP server that a client such as Claude Desktop, Claude Code or opencode starts: it speaks \
MCP on standard input and output. The commands are for people: they start, follow and cancel the same runs and say what \
is wrong.";

const AFTER_HELP: &str = "\
First steps:
  codex-bridge-mcp doctor                     what is installed, logged in and allowed
  codex-bridge-mcp self-test                  proves the whole chain, without an account
  codex-bridge-mcp install                    puts it into Claude, Cursor and the like
  codex-bridge-mcp roots add ~/code           allows Codex to work below a folder
  codex-bridge-mcp run \"explain this repo\"    delegates a task and shows it live

Exit codes:
  0  it worked; for a run: it succeeded
  1  it failed
  2  the command line is wrong
  3  the run was cancelled, reached a time limit, or was lost
  130  you left with Ctrl-C before the run was over

Environment:
  CODEX_BRIDGE_CONFIG                   the configuration file
  CODEX_BRIDGE_LOG                      what is logged to standard error, e.g. debug (default: warn)
  CODEX_BIN                             the Codex program
  CODEX_HOME                            Codex's own folder (default: ~/.codex)
  CODEX_CLI_MCP_ALLOWED_ROOTS           folders that are allowed, separated by colons
  CODEX_CLI_MCP_STATE_DIR               where runs are kept
  CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE  worktree or in_place
  NO_COLOR                              no colours";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "codex-bridge-mcp",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_long_help = AFTER_HELP,
    after_help = "More with --help; of a command with `codex-bridge-mcp <command> --help`.",
    infer_subcommands = true,
    disable_help_subcommand = false,
    max_term_width = 100
)]
pub struct Cli {
    /// The configuration file to use
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Global options")]
    pub config: Option<PathBuf>,

    /// The folder in which runs are kept
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Global options")]
    pub state_dir: Option<PathBuf>,

    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, hide_possible_values = false, help_heading = "Global options")]
    pub color: Colour,

    /// What to do; `serve` if absent
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options of the server.
#[derive(Args, Debug, Default)]
pub struct ServeArgs {
    /// The folders that are allowed, in place of those of the configuration
    #[arg(long, value_name = "DIR", num_args = 0.., value_hint = ValueHint::DirPath)]
    pub roots: Vec<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Speaks MCP on standard input and output (what clients start; the default)
    Serve(ServeArgs),
    /// Says what is installed, logged in and allowed, and how to mend what is wrong
    #[command(
        after_help = DOCTOR_EXAMPLES
    )]
    Doctor(DoctorArgs),
    /// Lists recent runs, newest first
    #[command(visible_alias = "list", after_help = RUNS_EXAMPLES)]
    Runs(RunsArgs),
    /// Shows a run: what was asked, what happened, how it ended
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Delegates a task to Codex and shows it live
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Lets Codex review changes in a git repository: nothing is changed
    #[command(after_help = REVIEW_EXAMPLES)]
    Review(ReviewArgs),
    /// Goes on with a run that has ended, in the same session and place
    #[command(after_help = CONTINUE_EXAMPLES)]
    Continue(ContinueArgs),
    /// Goes on with any session of Codex, also one made outside the bridge
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(ResumeArgs),
    /// Says something to a run while it works: the model is told in the same turn
    #[command(after_help = steer::STEER_EXAMPLES)]
    Steer(SteerArgs),
    /// Answers what a run asks that waits for it
    #[command(after_help = steer::ANSWER_EXAMPLES)]
    Answer(AnswerArgs),
    /// Stops a run and everything it started; returns when it is really over
    Cancel(CancelArgs),
    /// Shows what a run changed, told by git
    #[command(after_help = finish::CHANGES_EXAMPLES)]
    Changes(ChangesArgs),
    /// Ends a run's worktree: applies its changes, makes a branch of them, or throws them away
    #[command(after_help = finish::FINISH_EXAMPLES)]
    Finish(FinishArgs),
    /// Lists, adds or removes the folders in which Codex may work
    #[command(after_help = ROOTS_EXAMPLES)]
    Roots(RootsArgs),
    /// Installs the bridge into MCP clients
    #[command(after_help = clients::INSTALL_HELP)]
    Install(InstallArgs),
    /// Takes the bridge out of MCP clients
    #[command(after_help = clients::UNINSTALL_HELP)]
    Uninstall(InstallArgs),
    /// Puts the bridge right in MCP clients that lost it
    #[command(after_help = clients::REPAIR_HELP)]
    Repair(InstallArgs),
    /// Lists MCP clients; undoes changes of their files
    #[command(after_help = clients::CLIENTS_HELP)]
    Clients(ClientsArgs),
    /// Lists, shows or changes settings
    #[command(after_help = config::EXAMPLES)]
    Config(ConfigArgs),
    /// Keeps an API key for Codex in the system's keychain
    #[command(after_help = config::API_KEY_HELP)]
    ApiKey(ApiKeyArgs),
    /// Keeps new runs in the queue, or lets them go on
    #[command(after_help = config::PAUSE_HELP)]
    Pause(PauseArgs),
    /// Proves the whole chain from an MCP client to Codex and back
    #[command(after_help = SELF_TEST_HELP)]
    SelfTest(SelfTestArgs),
    /// Says who asked for what, and what came of it
    #[command(after_help = audit::EXAMPLES)]
    Audit(AuditArgs),
    /// Takes secrets out of standard input, as out of every text of a run
    #[command(after_help = scrub::EXAMPLES)]
    Scrub(ScrubArgs),
    /// Prints the completions for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Acts for the servers of clients, as the app does
    #[command(hide = true)]
    Host,
    /// Supervises a run; started by the bridge itself
    #[command(hide = true)]
    Supervise(SuperviseArgs),
}

const RUNS_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp runs
  codex-bridge-mcp runs --state running,queued
  codex-bridge-mcp runs --folder . --text review --limit 10
  codex-bridge-mcp runs --source codex       sessions of Codex, also those made outside the bridge
  codex-bridge-mcp runs --json | jq -r '.runs[].run_id'";

const REVIEW_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp review
  codex-bridge-mcp review --base main \"look for races above all\"
  codex-bridge-mcp review --commit HEAD --json | jq '.review.findings[].title'

Codex reads and changes nothing, and has no network. A change too large for one go is reviewed in parts, one after
another. Ctrl-C cancels it. Exit codes are those of `run`, whatever the findings are.";

const CONTINUE_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp continue run_01jd2 \"now the same for the other file\"
  codex-bridge-mcp continue 7w9x0y --sandbox read-only \"why that way?\"
  echo \"and the tests?\" | codex-bridge-mcp continue run_01jd2

Codex knows what was said and done before. It works in the same place, may do no more than the run before, and is a run
of its own. Ctrl-C cancels it. Exit codes are those of `run`.";

const RESUME_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp runs --source codex
  codex-bridge-mcp resume 01a20356-e3eb-7f92-962b-08a749c63f25 \"what is left to do?\"

Codex works in the folder in which the session was begun, which has to be allowed. Ctrl-C cancels the run. Exit codes
are those of `run`.";

const SHOW_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp show run_01jd2            the run whose id begins or ends like this
  codex-bridge-mcp show run_01jd2 --follow   live, until it is over (Ctrl-C leaves; the run goes on)

With --follow the exit code is that of the run: 0 succeeded, 1 failed, 3 cancelled, timed out or lost.
With --json one object; with --follow one JSON object per line: each event, then the run at its end.";

const RUN_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp run \"what does this repository do?\"
  codex-bridge-mcp run --dir ~/code/app --sandbox workspace-write \"fix the failing test\"
  git diff | codex-bridge-mcp run - --title \"review my diff\"
  codex-bridge-mcp run \"summarise\" > summary.md     the answer alone goes to the file
  codex-bridge-mcp run --detach \"a long task\"       prints the run's id and returns

Ctrl-C cancels the run and waits until it is over; a second Ctrl-C leaves at once.
Exit codes: 0 succeeded, 1 failed, 2 wrong usage, 3 cancelled, timed out or lost, 130 left before its end.";

const ROOTS_EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp roots
  codex-bridge-mcp roots add ~/code
  codex-bridge-mcp roots remove ~/code

Codex may work in these folders and everything below them, and nowhere else. Without any, no run is admitted. A folder
that is the whole disk, or holds your home folder, Codex's login or the bridge's own files, admits nothing unless you
insist: who may write there may change what is allowed.";

const SELF_TEST_HELP: &str = "\
A client starts this very program as a server, delegates a task to the real Codex program, follows it, reads it back \
through a second server, cancels another task, and checks that nothing is left. Everything happens in a private folder \
that is removed at the end. Codex talks to a small scripted model inside this program: no account is needed and no token \
is spent.

With --account it is your own login and model, which spends a few hundred tokens; it asks first, unless --yes is given.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  bash:  source <(codex-bridge-mcp completions bash)
  zsh:   codex-bridge-mcp completions zsh > ~/.zfunc/_codex-bridge-mcp
  fish:  codex-bridge-mcp completions fish > ~/.config/fish/completions/codex-bridge-mcp.fish";

const DOCTOR_EXAMPLES: &str = "\
Exit code: 0 if runs can work, 1 if something is at fault (with --fix: is still at fault, or could not be mended). \
Without --fix nothing is changed. No token is spent.

Examples:
  codex-bridge-mcp doctor --fix --dry-run        what --fix would do
  codex-bridge-mcp doctor --fix                  mends what can be mended without loss
  codex-bridge-mcp doctor --fix root_missing     that, too: takes folders that are gone off the list
  codex-bridge-mcp doctor --report               the report as Markdown, to hand on";

/// Options of `doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Prints one JSON object
    #[arg(long)]
    pub json: bool,
    /// Mends what can be mended without loss, and the findings that are named; then looks again
    #[arg(long, value_name = "FINDING", num_args = 0..)]
    pub fix: Option<Vec<String>>,
    /// With --fix: only says what would be done
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// Prints the report as Markdown without secrets, to hand on
    #[arg(long, conflicts_with_all = ["json", "fix"])]
    pub report: bool,
}

/// Options of `runs`.
#[derive(Args, Debug)]
pub struct RunsArgs {
    /// Whose: runs of the bridge, or sessions that Codex itself has kept
    #[arg(long, value_enum, value_name = "WHOSE", default_value_t = SourceName::Bridge)]
    pub source: SourceName,
    /// Only runs in these states, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STATE")]
    pub state: Vec<StateName>,
    /// Only runs in this folder or below
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: Option<PathBuf>,
    /// Only runs that this client asked for, e.g. claude-desktop or cli
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Only runs with this text in the title or the prompt
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// At most so many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
    /// Prints one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Whose list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SourceName {
    /// Runs of the bridge
    Bridge,
    /// Sessions of Codex, whoever began them; filtered by folder and text only
    Codex,
}

/// The states of a run, as they are called everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StateName {
    Queued,
    Starting,
    Running,
    Waiting,
    Stopping,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
    Lost,
}

/// Options of `show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The run's id, or its beginning or end
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Goes on until the run is over
    #[arg(long, short)]
    pub follow: bool,
    /// Shows all output of commands instead of its beginning and end
    #[arg(long, conflicts_with = "json")]
    pub full: bool,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `cancel`.
#[derive(Args, Debug)]
pub struct CancelArgs {
    /// The run's id, or its beginning or end
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Prints the run as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `roots`.
#[derive(Args, Debug)]
pub struct RootsArgs {
    /// What to do with them; `list` if absent
    #[command(subcommand)]
    pub action: Option<RootsAction>,
}

/// What to do with the allowed folders.
#[derive(Debug, Subcommand)]
pub enum RootsAction {
    /// Lists them
    List {
        /// Prints one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Allows a folder and everything below it
    Add {
        /// The folder
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// Allows it even if it is the whole disk, or holds your home folder or the bridge's own files
        #[arg(long)]
        force: bool,
    },
    /// Takes a folder off the list; runs under way go on
    Remove {
        /// The folder
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: PathBuf,
    },
}

/// Options of `self-test`.
#[derive(Args, Debug)]
pub struct SelfTestArgs {
    /// Uses your own login and model; spends a few hundred tokens
    #[arg(long)]
    pub account: bool,
    /// Does not ask before it spends them
    #[arg(long, requires = "account")]
    pub yes: bool,
    /// Prints one JSON object at the end
    #[arg(long)]
    pub json: bool,
}

/// Options of `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Options of `supervise`.
#[derive(Args, Debug)]
pub struct SuperviseArgs {
    /// The run's id
    #[arg(value_name = "RUN")]
    pub run: String,
}

impl StateName {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            StateName::Queued => "queued",
            StateName::Starting => "starting",
            StateName::Running => "running",
            StateName::Waiting => "waiting",
            StateName::Stopping => "stopping",
            StateName::Succeeded => "succeeded",
            StateName::Failed => "failed",
            StateName::Cancelled => "cancelled",
            StateName::TimedOut => "timed_out",
            StateName::Lost => "lost",
        }
    }
}
