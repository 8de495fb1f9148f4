//! The options of `scrub`.

use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  codex-bridge-mcp scrub < build.log > build.clean.log
  make 2>&1 | codex-bridge-mcp scrub
  codex-bridge-mcp scrub --explain < .env        what would be taken out, without showing it

It does what happens to every text of a run: with the built-in rules, the values of secret-looking variables of your
environment, and `scrub.patterns` and `scrub.allow` of the configuration.

With --jsonl each line is an object with `id` and `chunks`, consecutive pieces of one stream, and is answered by an
object with `id` and `text`. With --explain the exit code is 1 if something was found.";

/// Options of `scrub`.
#[derive(Args, Debug)]
pub struct ScrubArgs {
    /// Reads JSON lines: objects with `id` and `chunks`
    #[arg(long, conflicts_with = "explain")]
    pub jsonl: bool,
    /// Says what would be taken out, where and by which rule, without showing it
    #[arg(long, visible_alias = "preview")]
    pub explain: bool,
    /// Prints one JSON object
    #[arg(long, requires = "explain")]
    pub json: bool,
}
