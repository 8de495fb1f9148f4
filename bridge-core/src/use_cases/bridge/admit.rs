//! From what a client asks to a task: each part is checked here, once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::adapters::config::Config;
use crate::domain::policy::{Refusal, Wish, WorkDir, check_spelling};
use crate::domain::run::WorkspaceMode;
use crate::domain::task::{
    Effort, InvalidTask, Job, ModelName, Prompt, Sandbox, Task, WorkspaceWish,
};
use crate::platform::open_dir::{self, OpenDirError};
use crate::use_cases::bridge::request::TaskRequest;
use crate::use_cases::error::Error;

/// The most images that go with a prompt.
const MOST_IMAGES: usize = 16;
/// The largest image, in bytes.
const LARGEST_IMAGE: u64 = 32 * 1024 * 1024;
/// The largest output schema, in bytes of JSON.
const LARGEST_SCHEMA: usize = 256 * 1024;
/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// Checks a request against the configuration.
pub(super) fn admit(request: &TaskRequest, config: &Config) -> Result<Task, Error> {
    let prompt = Prompt::new(request.prompt.clone()).map_err(invalid("prompt"))?;
    if let Some(title) = &request.title
        && title.chars().count() > LONGEST_TITLE
    {
        return Err(Error::argument(
            "title",
            format!("it has more than {LONGEST_TITLE} characters"),
        ));
    }
    let named = |name: &Option<String>| name.as_deref().map(ModelName::parse).transpose();
    let model = named(&request.model)
        .map_err(invalid("model"))?
        .or_else(|| config.defaults.model.clone());
    let effort = request
        .effort
        .as_deref()
        .map(Effort::parse)
        .transpose()
        .map_err(invalid("effort"))?
        .or_else(|| config.defaults.effort.clone());
    let timeout = request.timeout.unwrap_or(config.run.total);
    if timeout < Duration::from_secs(1) {
        return Err(Error::argument(
            "timeout_s",
            "it has to be at least 1".into(),
        ));
    }
    let sandbox = request.sandbox.unwrap_or(config.defaults.sandbox);
    // Codex has no network for a read-only sandbox. A default counts where it can; a wish that can't be met is refused.
    let network = request
        .network
        .unwrap_or(config.defaults.network && sandbox != Sandbox::ReadOnly);
    let web_search = request.web_search.unwrap_or(config.defaults.web_search);
    config.ceilings.check(&Wish {
        sandbox,
        network,
        web_search,
        model: model.as_ref(),
        effort: effort.as_ref(),
        timeout,
    })?;
    if network && sandbox == Sandbox::ReadOnly {
        return Err(Error::argument(
            "network",
            "commands in a read-only sandbox have none; leave it out or ask for sandbox \
             `workspace-write`"
                .into(),
        ));
    }
    let workspace = workspace(request, sandbox, config)?;
    let work_dir = work_dir(request.working_dir.as_deref(), config)?;
    let images = images(&request.images, config)?;
    let output_schema = request.output_schema.as_ref().map(schema).transpose()?;
    Ok(Task {
        job: Job::Task,
        prompt,
        work_dir,
        workspace,
        sandbox,
        network,
        web_search,
        model,
        effort,
        images,
        output_schema,
        timeout,
        persist: request.persist,
    })
}

fn invalid(parameter: &'static str) -> impl Fn(InvalidTask) -> Error {
    move |error| Error::argument(parameter, error.to_string())
}

/// What may write works in a copy, unless the request or the person says otherwise.
fn workspace(
    request: &TaskRequest,
    sandbox: Sandbox,
    config: &Config,
) -> Result<WorkspaceWish, Error> {
    let defaults = &config.defaults;
    let usual = match sandbox {
        Sandbox::WorkspaceWrite => WorkspaceMode::Worktree,
        Sandbox::ReadOnly => WorkspaceMode::InPlace,
    };
    // A copy is a thing on the disk, which a run that leaves none can't have.
    let default = match request.persist {
        true => defaults.workspace.unwrap_or(usual),
        false => WorkspaceMode::InPlace,
    };
    if !request.persist && request.workspace == Some(WorkspaceMode::Worktree) {
        let reason = "a run with persist `false` writes nothing to disk, so it can have no copy";
        return Err(Error::argument("workspace", reason.into()));
    }
    match request.workspace.unwrap_or(default) {
        WorkspaceMode::InPlace if request.carry_changes == Some(true) => {
            let reason = "only a worktree can take uncommitted changes along; a run in the folder \
                          itself sees them anyway";
            Err(Error::argument("carry_changes", reason.into()))
        }
        WorkspaceMode::InPlace => Ok(WorkspaceWish::InPlace),
        WorkspaceMode::Worktree => Ok(WorkspaceWish::Worktree {
            by_name: request.workspace.is_some(),
            carry_changes: request.carry_changes.unwrap_or(defaults.carry_changes),
        }),
    }
}

/// Admits a folder to work in.
pub(super) fn work_dir(asked: Option<&str>, config: &Config) -> Result<WorkDir, Error> {
    let roots = config.roots.roots();
    let asked = match (asked, roots) {
        (Some(path), _) => PathBuf::from(path),
        (None, [only]) => only.clone(),
        (None, []) => return Err(Error::NoRoots),
        (None, several) => {
            let names: Vec<_> = several
                .iter()
                .map(|root| root.display().to_string())
                .collect();
            let reason = format!(
                "it is needed, since several roots are allowed: {}",
                names.join(", ")
            );
            return Err(Error::argument("working_dir", reason));
        }
    };
    config
        .roots
        .admit(&asked, open_dir::resolve)
        .map_err(refused("working_dir"))
}

pub(super) fn refused(parameter: &'static str) -> impl Fn(Refusal<OpenDirError>) -> Error {
    move |refusal| match refusal {
        Refusal::NoRoots => Error::NoRoots,
        Refusal::Malformed { .. } => Error::argument(parameter, refusal.to_string()),
        Refusal::Unusable { .. } => Error::Folder(refusal),
        Refusal::Outside { .. } | Refusal::TooBroad { .. } => Error::OutsideRoots(refusal),
    }
}

/// Codex silently ignores an image that is not there, so each is looked at here.
fn images(asked: &[String], config: &Config) -> Result<Vec<PathBuf>, Error> {
    if asked.len() > MOST_IMAGES {
        return Err(Error::argument(
            "images",
            format!("{} are too many; {MOST_IMAGES} is the most", asked.len()),
        ));
    }
    asked
        .iter()
        .map(|image| admit_image(image, config))
        .collect()
}

fn admit_image(asked: &str, config: &Config) -> Result<PathBuf, Error> {
    let bad = |reason: String| Error::argument("images", format!("`{asked}`: {reason}"));
    let path = Path::new(asked);
    check_spelling(path).map_err(|reason| bad(reason.into()))?;
    let (Some(folder), Some(_)) = (path.parent(), path.file_name()) else {
        return Err(bad("it names no file".into()));
    };
    let admit = |folder| {
        let admitted = config.roots.admit_file(folder, open_dir::resolve);
        admitted.map_err(|refusal| match refusal {
            // What was asked for is the file, not the folder that it would lie in.
            Refusal::Outside { .. } => Error::OutsideRoots(Refusal::Outside {
                path: path.to_owned(),
            }),
            Refusal::Unusable { source, .. } => bad(source.to_string()),
            other => refused("images")(other),
        })
    };
    // The file may itself be a symlink: its target is what has to lie below a root.
    let target = match std::fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) => {
            admit(folder)?;
            return Err(bad(error.to_string()));
        }
    };
    // Asked first: what lies elsewhere is refused without a word about what it is.
    admit(target.parent().unwrap_or(Path::new("/")))?;
    if target.as_os_str().as_encoded_bytes().contains(&b',') {
        return Err(bad("Codex can't take a path with a comma".into()));
    }
    let meta = std::fs::metadata(&target).map_err(|error| bad(error.to_string()))?;
    if !meta.is_file() {
        return Err(bad("it is no regular file".into()));
    }
    if meta.len() > LARGEST_IMAGE {
        return Err(bad(format!(
            "it is larger than {} MiB",
            LARGEST_IMAGE >> 20
        )));
    }
    Ok(target)
}

fn schema(schema: &serde_json::Map<String, serde_json::Value>) -> Result<String, Error> {
    let text = serde_json::Value::Object(schema.clone()).to_string();
    if text.len() > LARGEST_SCHEMA {
        let most = LARGEST_SCHEMA / 1024;
        return Err(Error::argument(
            "output_schema",
            format!("it has more than {most} KiB"),
        ));
    }
    Ok(text)
}
