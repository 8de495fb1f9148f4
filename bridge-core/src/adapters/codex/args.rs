//! The command line of `codex exec`, as a pure function. What would switch Codex's sandbox or its questions off
//! has no place in it.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::adapters::codex::capabilities::Capabilities;
use crate::adapters::codex::version::Version;
use crate::domain::task::{Job, Sandbox, Task};

/// Files that were made or admitted for one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFiles {
    /// The JSON Schema of the answer.
    pub schema: Option<PathBuf>,
    /// The images, each of which exists: Codex ignores a missing one silently.
    pub images: Vec<PathBuf>,
}

/// Why a task can't be put into a command line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgsError {
    /// This version has no such option.
    #[error("Codex {version} can't {what}: it has no {flag}")]
    Lacks {
        /// The version of Codex.
        version: Version,
        /// What was to be done.
        what: &'static str,
        /// The option.
        flag: &'static str,
    },
    /// A read-only sandbox of Codex has no network, and no option for it.
    #[error(
        "commands in a read-only sandbox have no network; ask for `workspace-write` or no network"
    )]
    NetworkNeedsWrite,
    /// Codex takes a comma for the end of one image and the beginning of the next.
    #[error("the path of the image `{}` has a comma, which Codex can't take", path.display())]
    CommaInImage {
        /// The image.
        path: PathBuf,
    },
    /// The marker's name is no name of an environment variable in capitals.
    #[error("`{name}` can't be the name of the run's marker")]
    Marker {
        /// The name.
        name: String,
    },
}

/// The only keys that are ever given to `-c`.
#[derive(Clone, Copy)]
enum Key<'a> {
    Effort,
    Network,
    WebSearch,
    EnvironmentInherit,
    EnvironmentKeepSecrets,
    EnvironmentOnly,
    EnvironmentMarker(&'a str),
}

enum Value<'a> {
    Flag(bool),
    Text(&'a str),
    EmptyList,
}

/// The arguments of `codex` for a task. The prompt goes to standard input, the folder is the child's own.
///
/// All options stand before a subcommand: `resume` has no `--sandbox` and `--color` of its own, and 0.118 no
/// `--output-schema`, but what `exec` was given counts for it in each version.
///
/// `marker` is a variable that each command of the model carries: Codex gives its commands an environment of their
/// own, so that what is set for Codex alone does not reach them.
pub fn exec_args(
    task: &Task,
    capabilities: &Capabilities,
    marker: (&str, &str),
    files: &RunFiles,
) -> Result<Vec<OsString>, ArgsError> {
    let option = |flag: &'static str, what: &'static str| {
        if capabilities.exec_flags.contains(flag) {
            Ok(OsString::from(flag))
        } else {
            let version = capabilities.version.clone();
            Err(ArgsError::Lacks {
                version,
                what,
                flag,
            })
        }
    };
    let task = &*bound(task)?;

    if matches!(task.job, Job::Resume { .. }) && !capabilities.resume() {
        return Err(ArgsError::Lacks {
            version: capabilities.version.clone(),
            what: "go on with a session",
            flag: "`exec resume`",
        });
    }

    let mut args: Vec<OsString> = vec!["exec".into()];
    args.push(option("--json", "report its events")?);
    args.extend([option("--color", "leave colours out")?, "never".into()]);
    // The bridge has its own list of allowed folders, so a folder need not be a repository.
    args.push(option(
        "--skip-git-repo-check",
        "work outside of a repository",
    )?);
    // `--image` takes every word up to the next option, so another option follows.
    for image in &files.images {
        if image.as_os_str().as_encoded_bytes().contains(&b',') {
            let path = image.clone();
            return Err(ArgsError::CommaInImage { path });
        }
        args.push(option("--image", "take images")?);
        args.push(image.into());
    }
    args.push(option("--sandbox", "choose a sandbox")?);
    args.push(task.sandbox.as_str().into());
    if let Some(model) = &task.model {
        args.push(option("--model", "choose a model")?);
        args.push(model.as_str().into());
    }
    args.extend(overrides(task, marker)?);
    if !task.persist {
        args.push(option(
            "--ephemeral",
            "run without leaving a trace on the disk",
        )?);
    }
    if let Some(schema) = &files.schema {
        args.push(option("--output-schema", "bind its answer to a schema")?);
        args.push(schema.into());
    }
    match &task.job {
        Job::Task | Job::Review { .. } => args.push("--".into()),
        Job::Resume { thread } => {
            args.extend(["resume".into(), "--".into(), thread.as_str().into()]);
        }
    }
    args.push("-".into());
    Ok(args)
}

/// What is set for each run by `-c`, whatever the person's configuration of Codex says; for `codex exec` and
/// `codex app-server` alike.
fn overrides(task: &Task, marker: (&str, &str)) -> Result<Vec<OsString>, ArgsError> {
    check_marker(marker.0)?;
    let mut args = Vec::new();
    for (key, value) in settings(task, marker) {
        args.push("-c".into());
        args.push(format!("{}={}", key.path(), value.toml()).into());
    }
    Ok(args)
}

/// The arguments of `codex` for a task that is told to an app-server. The effort is said here: in a request it would rank
/// above what an administrator forces upon Codex.
pub fn server_args(task: &Task, marker: (&str, &str)) -> Result<Vec<OsString>, ArgsError> {
    let task = &*bound(task)?;
    let mut args: Vec<OsString> = vec!["app-server".into()];
    args.extend(overrides(task, marker)?);
    Ok(args)
}

/// The task within its bounds: a review changes nothing, whatever the task says.
fn bound(task: &Task) -> Result<Cow<'_, Task>, ArgsError> {
    let task = match task.job {
        Job::Task | Job::Resume { .. } => Cow::Borrowed(task),
        Job::Review { .. } => Cow::Owned(Task {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            ..task.clone()
        }),
    };
    if task.network && task.sandbox == Sandbox::ReadOnly {
        return Err(ArgsError::NetworkNeedsWrite);
    }
    Ok(task)
}

fn settings<'a>(task: &'a Task, marker: (&'a str, &'a str)) -> Vec<(Key<'a>, Value<'a>)> {
    let web_search = if task.web_search { "live" } else { "disabled" };
    let mut settings = vec![
        (Key::Network, Value::Flag(task.network)),
        // All of 0.118 to 0.169 take this key; without it the model may search a cache of the web.
        (Key::WebSearch, Value::Text(web_search)),
        // HOME, PATH, SHELL, USER, TMPDIR and the like; not what Codex itself needs to reach its service.
        (Key::EnvironmentInherit, Value::Text("core")),
        // By default Codex passes *KEY*, *SECRET* and *TOKEN* on to commands (0.118 and 0.169).
        (Key::EnvironmentKeepSecrets, Value::Flag(false)),
        // A list of the person's here would take the marker away again (0.118 and 0.169).
        (Key::EnvironmentOnly, Value::EmptyList),
        (Key::EnvironmentMarker(marker.0), Value::Text(marker.1)),
    ];
    if let Some(effort) = &task.effort {
        settings.push((Key::Effort, Value::Text(effort.as_str())));
    }
    settings
}

fn check_marker(name: &str) -> Result<(), ArgsError> {
    let fits = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if fits {
        Ok(())
    } else {
        let name = name.to_owned();
        Err(ArgsError::Marker { name })
    }
}

impl Key<'_> {
    fn path(self) -> String {
        match self {
            Key::Effort => "model_reasoning_effort".to_owned(),
            Key::Network => "sandbox_workspace_write.network_access".to_owned(),
            Key::WebSearch => "web_search".to_owned(),
            Key::EnvironmentInherit => "shell_environment_policy.inherit".to_owned(),
            Key::EnvironmentKeepSecrets => {
                "shell_environment_policy.ignore_default_excludes".to_owned()
            }
            Key::EnvironmentOnly => "shell_environment_policy.include_only".to_owned(),
            Key::EnvironmentMarker(name) => format!("shell_environment_policy.set.{name}"),
        }
    }
}

impl Value<'_> {
    fn toml(&self) -> String {
        match self {
            Value::Flag(flag) => flag.to_string(),
            Value::EmptyList => "[]".to_owned(),
            Value::Text(text) => toml_edit::Value::from(*text).to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod version_tests;
