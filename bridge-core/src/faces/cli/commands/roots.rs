//! `roots`: the folders in which Codex may work.

use std::io;
use std::path::Path;

use crate::faces::cli::args::{RootsAction, RootsArgs};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::{screen, text};
use crate::platform::open_dir;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::host::Host;

/// The variable that ranks above the file.
const ROOTS_VAR: &str = "CODEX_CLI_MCP_ALLOWED_ROOTS";

/// Lists, adds or removes allowed folders.
pub(super) fn roots(bridge: &Bridge, args: RootsArgs) -> Result<Exit, Fault> {
    match args.action.unwrap_or(RootsAction::List { json: false }) {
        RootsAction::List { json } => list(bridge, json),
        RootsAction::Add { dir, force } => add(bridge, &dir, force),
        RootsAction::Remove { dir } => remove(bridge, &dir),
    }
}

fn list(bridge: &Bridge, json: bool) -> Result<Exit, Fault> {
    let host = bridge.host();
    let allowed = bridge.settings()?.config.roots;
    let roots = allowed.roots();
    if json {
        let roots: Vec<_> = roots.iter().map(|root| root.to_string_lossy()).collect();
        screen::print_json(&serde_json::json!({ "allowed_roots": roots }))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), host);
    let mut lines = Vec::new();
    for root in roots {
        let shown = text::one_line(&root.to_string_lossy());
        lines.push(match std::fs::metadata(root) {
            Ok(found) if found.is_dir() => match allowed.too_broad(root, open_dir::resolve) {
                None => format!("{} {shown}", look.paint(Tone::Good, "✔")),
                Some(why) => format!(
                    "{} {shown} admits nothing: {why}",
                    look.paint(Tone::Bad, "✖")
                ),
            },
            Ok(_) => format!("{} {shown} is no folder", look.paint(Tone::Bad, "✖")),
            Err(error) => format!("{} {shown}: {error}", look.paint(Tone::Bad, "✖")),
        });
    }
    if roots.is_empty() {
        lines.push("No folder is allowed, so no run is admitted.".to_owned());
        lines.push("Allow one with `codex-bridge-mcp roots add <folder>`.".to_owned());
    }
    lines.extend(overruled(host, look));
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

fn add(bridge: &Bridge, dir: &Path, force: bool) -> Result<Exit, Fault> {
    let host = bridge.host();
    let asked = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let is_new = bridge.add_root(&asked, force)?;
    let look = Look::of(&io::stdout(), host);
    let real = std::fs::canonicalize(&asked).unwrap_or(asked);
    let shown = text::one_line(&real.to_string_lossy());
    let mut lines = vec![match is_new {
        true => format!(
            "{} {shown} is allowed now, with everything below it",
            look.paint(Tone::Good, "✔")
        ),
        false => format!("{shown} was allowed already"),
    }];
    lines.extend(overruled(host, look));
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

fn remove(bridge: &Bridge, dir: &Path) -> Result<Exit, Fault> {
    let host = bridge.host();
    if !bridge.remove_root(dir)? {
        return Err(Fault::Usage {
            message: format!("`{}` is not on the list of allowed folders", dir.display()),
            hint: "`codex-bridge-mcp roots` shows the list.",
        });
    }
    let look = Look::of(&io::stdout(), host);
    let shown = text::one_line(&dir.to_string_lossy());
    let mut lines = vec![format!(
        "{} {shown} is not allowed any more",
        look.paint(Tone::Good, "✔")
    )];
    lines.extend(overruled(host, look));
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

/// The warning that the list in the file does not count.
fn overruled(host: &Host, look: Look) -> Option<String> {
    let warning =
        format!("! {ROOTS_VAR} is set: it ranks above the list in the configuration file.");
    host.var(ROOTS_VAR)
        .map(|_| look.paint(Tone::Warn, &warning))
}
