//! Reads the command line as strictly as Codex does, by the flags in its own help texts.

use std::collections::BTreeMap;

use crate::version::{Page, Version};

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Version,
    Help(&'static str),
    LoginStatus,
    Models,
    Exec,
    AppServer,
    Other(String),
}

/// A command line that Codex would accept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) command: Command,
    /// The prompt, if it is not to be read from stdin alone.
    pub(crate) prompt: Option<String>,
    /// The session that `exec resume` goes on with.
    pub(crate) session: Option<String>,
    /// Where the last message goes.
    pub(crate) last_message_file: Option<String>,
}

/// A flag, by its long name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Flag {
    long: String,
    takes: Takes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    One,
    Many,
}

/// One level of the command line: flags, then a subcommand or positional arguments.
#[derive(Debug, Default)]
struct Level {
    given: Vec<(String, Option<String>)>,
    positionals: Vec<String>,
}

impl Arguments {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(version: &Version, args: &[String]) -> Result<Arguments, String> {
        let mut rest = args.iter().map(String::as_str).collect();
        let mut page = Page::Codex;
        let mut levels = Vec::new();
        loop {
            let (level, subcommand) = Level::read(version.help(page), page, &mut rest)?;
            if level.has("--help") {
                return Ok(Arguments::only(Command::Help(version.help(page))));
            }
            if level.has("--version") {
                return Ok(Arguments::only(Command::Version));
            }
            levels.push(level);
            page = match subcommand {
                Some(next) => next,
                None => break,
            };
        }
        let given: Vec<_> = levels.iter().flat_map(|level| &level.given).collect();
        let last_message_file = given
            .iter()
            .rev()
            .find(|(long, _)| long == "--output-last-message")
            .and_then(|(_, value)| value.clone());
        let mut positionals = levels.pop().unwrap_or_default().positionals.into_iter();
        let session = match page {
            Page::Resume => positionals.next(),
            Page::Codex | Page::Exec | Page::Review | Page::AppServer | Page::Debug => None,
        };
        let command = match page {
            Page::Codex => return Ok(Arguments::only(top_level(positionals.as_slice(), version))),
            Page::Debug => return Ok(Arguments::only(debug(positionals.as_slice(), version)?)),
            Page::AppServer => Command::AppServer,
            Page::Exec | Page::Resume | Page::Review => Command::Exec,
        };
        let prompt = positionals.next().filter(|prompt| prompt != "-");
        if let Some(extra) = positionals.next() {
            return Err(unexpected(&extra, version.help(page)));
        }
        Ok(Arguments {
            command,
            prompt,
            session,
            last_message_file,
        })
    }

    fn only(command: Command) -> Arguments {
        Arguments {
            command,
            prompt: None,
            session: None,
            last_message_file: None,
        }
    }
}

impl Level {
    fn read(
        help: &str,
        page: Page,
        rest: &mut std::collections::VecDeque<&str>,
    ) -> Result<(Level, Option<Page>), String> {
        let flags = flags(help);
        let mut level = Level::default();
        while let Some(arg) = rest.pop_front() {
            if arg == "--" {
                level.positionals.extend(rest.drain(..).map(str::to_owned));
            } else if arg.len() > 1 && arg.starts_with('-') {
                level.flag(arg, &flags, rest, help)?;
            } else if let Some(next) = subcommand(page, arg).filter(|_| level.is_at_start()) {
                return Ok((level, Some(next)));
            } else {
                level.positionals.push(arg.to_owned());
                if page == Page::Codex {
                    // Another subcommand, whose flags are not known.
                    level.positionals.extend(rest.drain(..).map(str::to_owned));
                }
            }
        }
        Ok((level, None))
    }

    fn flag(
        &mut self,
        arg: &str,
        flags: &BTreeMap<String, Flag>,
        rest: &mut std::collections::VecDeque<&str>,
        help: &str,
    ) -> Result<(), String> {
        let (name, attached) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (arg, None),
        };
        let flag = flags.get(name).ok_or_else(|| unexpected(name, help))?;
        let value = match (flag.takes, attached) {
            (Takes::Nothing, None) => None,
            (Takes::Nothing, Some(value)) => {
                return Err(format!(
                    "error: unexpected value '{value}' for '{name}' found"
                ));
            }
            (Takes::One | Takes::Many, Some(value)) => Some(value.to_owned()),
            (Takes::One | Takes::Many, None) => {
                let next = rest.pop_front_if(|next| !is_flag(next));
                let missing =
                    || format!("error: a value is required for '{name}' but none was supplied");
                Some(next.ok_or_else(missing)?.to_owned())
            }
        };
        self.given.push((flag.long.clone(), value));
        if flag.takes == Takes::Many && attached.is_none() {
            while let Some(more) = rest.pop_front_if(|next| !is_flag(next)) {
                self.given.push((flag.long.clone(), Some(more.to_owned())));
            }
        }
        Ok(())
    }

    fn has(&self, long: &str) -> bool {
        self.given.iter().any(|(given, _)| given == long)
    }

    fn is_at_start(&self) -> bool {
        self.positionals.is_empty()
    }
}

fn subcommand(page: Page, arg: &str) -> Option<Page> {
    match (page, arg) {
        (Page::Codex, "exec" | "e") => Some(Page::Exec),
        (Page::Codex, "app-server") => Some(Page::AppServer),
        (Page::Codex, "debug") => Some(Page::Debug),
        (Page::Exec, "resume") => Some(Page::Resume),
        (Page::Exec, "review") => Some(Page::Review),
        (
            Page::Codex | Page::Exec | Page::Resume | Page::Review | Page::AppServer | Page::Debug,
            _,
        ) => None,
    }
}

fn top_level(positionals: &[String], version: &Version) -> Command {
    let words: Vec<&str> = positionals.iter().map(String::as_str).collect();
    match words[..] {
        ["login", "status", ..] => Command::LoginStatus,
        // Codex shows this for what it does not know, and takes the word for a prompt.
        [.., "--help" | "-h"] => Command::Help(version.help(Page::Codex)),
        _ => Command::Other(positionals.join(" ")),
    }
}

fn debug(positionals: &[String], version: &Version) -> Result<Command, String> {
    let help = version.help(Page::Debug);
    match positionals {
        [word] if word == "models" && help.contains("  models ") => Ok(Command::Models),
        [] => Err(unexpected("", help)),
        [word, ..] => Err(format!("error: unrecognized subcommand '{word}'")),
    }
}

/// The flags of a help text, by their long and short names. Its lines read `  -i, --image <FILE>...`.
fn flags(help: &str) -> BTreeMap<String, Flag> {
    let mut flags = BTreeMap::new();
    for line in help.lines().map(str::trim_start) {
        if !line.starts_with('-') || line.starts_with("- ") {
            continue;
        }
        let names = line
            .split([' ', ','])
            .take_while(|name| !name.starts_with('<'));
        let names: Vec<&str> = names.filter(|name| name.starts_with('-')).take(2).collect();
        let Some(long) = names.iter().find(|name| name.starts_with("--")) else {
            continue;
        };
        let takes = match line.split_once('<') {
            None => Takes::Nothing,
            Some((_, value)) if value.contains(">...") => Takes::Many,
            Some(_) => Takes::One,
        };
        let long = (*long).to_owned();
        for name in names {
            flags.insert(
                name.to_owned(),
                Flag {
                    long: long.clone(),
                    takes,
                },
            );
        }
    }
    flags
}

fn is_flag(arg: &str) -> bool {
    arg.len() > 1 && arg.starts_with('-')
}

fn unexpected(arg: &str, help: &str) -> String {
    let usage = help.lines().find(|line| line.starts_with("Usage: "));
    let usage = usage.unwrap_or_default();
    format!(
        "error: unexpected argument '{arg}' found\n\n{usage}\n\nFor more information, try '--help'."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(version: &str, line: &str) -> Result<Arguments, String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Arguments::parse(&Version::parse(version).unwrap(), &args)
    }

    fn exec(prompt: Option<&str>) -> Arguments {
        Arguments {
            command: Command::Exec,
            prompt: prompt.map(str::to_owned),
            session: None,
            last_message_file: None,
        }
    }

    #[test]
    fn a_run_is_read_as_codex_reads_it() {
        fn check(line: &str, expected: Arguments) {
            assert_eq!(parse("0.169.0", line), Ok(expected));
        }
        check("exec --json -", exec(None));
        check("-c a=b exec -s read-only --json hello", exec(Some("hello")));
        check("exec --sandbox=read-only -- --json", exec(Some("--json")));
        check("exec -i a.png b.png -- hello", exec(Some("hello")));
        check("exec review --uncommitted --json", exec(None));
        check(
            "exec -s read-only resume -o last.txt some-id -",
            Arguments {
                session: Some("some-id".to_owned()),
                last_message_file: Some("last.txt".to_owned()),
                ..exec(None)
            },
        );
    }

    #[test]
    fn what_this_version_does_not_know_is_a_usage_error() {
        fn check(version: &str, line: &str, expected: &str) {
            let error = parse(version, line).unwrap_err();
            assert_eq!(error.lines().next(), Some(expected));
        }
        check(
            "0.169.0",
            "exec --full-auto -",
            "error: unexpected argument '--full-auto' found",
        );
        check(
            "0.118.0",
            "exec resume --sandbox x",
            "error: unexpected argument '--sandbox' found",
        );
        check(
            "0.118.0",
            "exec review --output-schema f",
            "error: unexpected argument '--output-schema' found",
        );
        check(
            "0.118.0",
            "exec --json a b",
            "error: unexpected argument 'b' found",
        );
        check(
            "0.118.0",
            "exec -s",
            "error: a value is required for '-s' but none was supplied",
        );
        assert_eq!(parse("0.118.0", "exec --full-auto -"), Ok(exec(None)));
        assert!(parse("0.140.0", "exec review --output-schema f").is_ok());
    }

    #[test]
    fn models_are_told_by_versions_that_have_the_command() {
        let parse = |version| parse(version, "debug models").map(|arguments| arguments.command);
        assert_eq!(parse("0.140.0"), Ok(Command::Models));
        let error = "error: unrecognized subcommand 'models'".to_owned();
        assert_eq!(parse("0.118.0"), Err(error));
    }

    #[test]
    fn help_is_that_of_the_page_asked_for() {
        fn check(line: &str, page: Page) {
            let help = Version::NEWEST.help(page);
            assert_eq!(parse("0.169.0", line).unwrap().command, Command::Help(help));
        }
        check("--help", Page::Codex);
        check("exec --help", Page::Exec);
        check("exec resume --help", Page::Resume);
        check("exec review --help", Page::Review);
        check("app-server --help", Page::AppServer);
        check("debug --help", Page::Debug);
        check("mcp-server --help", Page::Codex);
    }
}
