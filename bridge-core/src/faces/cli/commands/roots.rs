//! `roots`: the folders in which Codex may work.

use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::config::{Config, Roots, Surroundings, add_root, remove_root};
use crate::faces::cli::args::{RootsAction, RootsArgs};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::{screen, text};
use crate::platform::open_dir;
use crate::use_cases::host::Host;

/// The variable that ranks above the file.
const ROOTS_VAR: &str = "CODEX_CLI_MCP_ALLOWED_ROOTS";

/// Lists, adds or removes allowed folders.
pub(super) fn roots(host: &Host, args: RootsArgs) -> Result<Exit, Fault> {
    match args.action.unwrap_or(RootsAction::List { json: false }) {
        RootsAction::List { json } => list(host, json),
        RootsAction::Add { dir, force } => add(host, &dir, force),
        RootsAction::Remove { dir } => remove(host, &dir),
    }
}

fn list(host: &Host, json: bool) -> Result<Exit, Fault> {
    let allowed = config(host)?.roots;
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

fn config(host: &Host) -> Result<Config, Fault> {
    let around = Surroundings {
        env: &host.env,
        home: &host.home,
        state_dir: &host.state_dir,
    };
    Ok(Config::load(&host.config_file(), around)?)
}

fn add(host: &Host, dir: &Path, force: bool) -> Result<Exit, Fault> {
    let unusable = |source| Fault::Path {
        path: dir.to_owned(),
        source,
    };
    // The real path: what a symlink points to tomorrow was not allowed today.
    let real = std::fs::canonicalize(dir).map_err(unusable)?;
    if !std::fs::metadata(&real).map_err(unusable)?.is_dir() {
        return Err(Fault::Path {
            path: dir.to_owned(),
            source: io::Error::from(io::ErrorKind::NotADirectory),
        });
    }
    let list = match config(host)?.roots.too_broad(&real, open_dir::resolve) {
        None => Roots::Allowed,
        Some(_) if force => Roots::Broad,
        Some(why) => {
            return Err(Fault::Usage {
                message: format!("`{}` is not allowed: {why}", real.display()),
                hint: "Allow the folders that you work in instead; or insist with --force.",
            });
        }
    };
    let look = Look::of(&io::stdout(), host);
    let file = host.config_file();
    let shown = text::one_line(&real.to_string_lossy());
    let mut lines = vec![if add_root(&file, list, &real)? {
        format!(
            "{} {shown} is allowed now, with everything below it",
            look.paint(Tone::Good, "✔")
        )
    } else {
        format!("{shown} was allowed already")
    }];
    lines.extend(overruled(host, look));
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

fn remove(host: &Host, dir: &Path) -> Result<Exit, Fault> {
    let file = host.config_file();
    let mut removed = None;
    for spelling in spellings(dir, &host.home) {
        if remove_root(&file, &spelling)? {
            removed = Some(spelling);
        }
    }
    let look = Look::of(&io::stdout(), host);
    let Some(removed) = removed else {
        return Err(Fault::Usage {
            message: format!("`{}` is not on the list of allowed folders", dir.display()),
            hint: "`codex-bridge-mcp roots` shows the list.",
        });
    };
    let shown = text::one_line(&removed.to_string_lossy());
    let mut lines = vec![format!(
        "{} {shown} is not allowed any more",
        look.paint(Tone::Good, "✔")
    )];
    lines.extend(overruled(host, look));
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

/// The ways in which the file may spell a folder.
fn spellings(dir: &Path, home: &Path) -> Vec<PathBuf> {
    let mut spellings = vec![dir.to_owned()];
    spellings.extend(std::path::absolute(dir));
    spellings.extend(std::fs::canonicalize(dir));
    let with_tilde: Vec<_> = spellings
        .iter()
        .filter_map(|path| path.strip_prefix(home).ok())
        .map(|rest| Path::new("~").join(rest))
        .collect();
    spellings.extend(with_tilde);
    spellings
}

/// The warning that the list in the file does not count.
fn overruled(host: &Host, look: Look) -> Option<String> {
    let warning =
        format!("! {ROOTS_VAR} is set: it ranks above the list in the configuration file.");
    host.var(ROOTS_VAR)
        .map(|_| look.paint(Tone::Warn, &warning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_however_the_file_spells_it() {
        let spellings = spellings(Path::new("/home/me/code"), Path::new("/home/me"));
        assert!(spellings.contains(&PathBuf::from("/home/me/code")));
        assert!(spellings.contains(&PathBuf::from("~/code")));
    }
}
