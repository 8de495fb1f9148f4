//! `run`: delegates a task and shows it live.

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::id::Persistence;
use crate::domain::run::{Caller, Run};
use crate::domain::scrub::Scrubbed;
use crate::faces::cli::args::{RunArgs, SandboxName, WorkspaceName};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::follow::{Audience, OnInterrupt, follow};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen::{self, Screen};
use crate::faces::cli::time::Clock;
use crate::faces::cli::view::{Answer, Fold, View, review_lines};
use crate::faces::wire::run::{RunDto, RunView};
use crate::use_cases::bridge::{Bridge, TaskRequest};

/// Delegates a task.
pub(super) async fn run(bridge: &Bridge, args: RunArgs) -> Result<Exit, Fault> {
    let show = Show::of(args.detach, args.json);
    let request = request(args)?;
    let run = bridge.start_task(caller(), request).await?.run;
    present(bridge, run, show).await
}

/// How a run is shown that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Show {
    detach: bool,
    json: bool,
}

impl Show {
    /// What the options say.
    pub(super) fn of(detach: bool, json: bool) -> Show {
        Show { detach, json }
    }
}

/// Shows a run that was started, to its end unless it is left alone.
pub(super) async fn present(bridge: &Bridge, run: Run, show: Show) -> Result<Exit, Fault> {
    let Show { detach, json } = show;
    if detach {
        if json {
            print_run(bridge, &run)?;
        } else {
            screen::print(&[run.id.to_string()])?;
        }
        return Ok(Exit::Fine);
    }
    if json {
        let last = follow(bridge, run, OnInterrupt::Cancel, &mut Audience::Nobody).await?;
        print_run(bridge, &last.run)?;
        return Ok(Exit::of(last.run.state));
    }
    if io::stdout().is_terminal() {
        let look = Look::of(&io::stdout(), bridge.host());
        let screen = Screen::new(io::stdout(), look.live);
        return watch(bridge, run, screen, look, Answer::Shown).await;
    }
    // The answer alone goes to the file or the pipe; what leads to it is for the person.
    let look = Look::of(&io::stderr(), bridge.host());
    let screen = Screen::new(io::stderr(), look.live);
    watch(bridge, run, screen, look, Answer::Elsewhere).await
}

async fn watch(
    bridge: &Bridge,
    run: Run,
    mut screen: Screen<'_>,
    look: Look,
    answer: Answer,
) -> Result<Exit, Fault> {
    let mut view = View::new(look, Fold::Long, &run);
    screen.lines(&view.heading(&run, &Clock::of(bridge.host())))?;
    let mut audience = Audience::person(&mut view, &mut screen, "Ctrl-C cancels");
    let last = follow(bridge, run, OnInterrupt::Cancel, &mut audience).await?;
    screen.lines(&view.end(&last.run, answer))?;
    if !last.run.state.is_final() {
        let id = &last.run.id;
        let line = match id.persistence() {
            Persistence::Stored => {
                format!("You left; see how it ends with `codex-bridge-mcp show {id}`.")
            }
            Persistence::Ephemeral => "You left; the run ends with this command.".to_owned(),
        };
        screen.lines(&[look.paint(Tone::Warn, &line)])?;
    } else if answer == Answer::Elsewhere
        && let Some(text) = spoken(&last.run, Look::of(&io::stdout(), bridge.host()))
    {
        let newline = if text.ends_with('\n') { "" } else { "\n" };
        let mut out = io::stdout().lock();
        write!(out, "{text}{newline}")
            .and_then(|()| out.flush())
            .map_err(Fault::Output)?;
    }
    Ok(Exit::of(last.run.state))
}

/// What goes to a file or a pipe: the answer, or the findings of a review and an answer that could not be read.
fn spoken(run: &Run, look: Look) -> Option<String> {
    let message = run.message.as_ref().map(|message| message.text.to_string());
    let Some(review) = &run.review else {
        return message;
    };
    let mut text = review_lines(review, look).join("\n");
    if let (true, Some(message)) = (review.coverage.is_unreadable(), message) {
        text.push_str("\n\n");
        text.push_str(&message);
    }
    Some(text)
}

fn print_run(bridge: &Bridge, run: &Run) -> Result<(), Fault> {
    let view = RunView::whole(Clock::of(bridge.host()).now());
    screen::print_json(&RunDto::new(run, &view))
}

/// Who asks.
pub(super) fn caller() -> Caller {
    Caller {
        client: Scrubbed::literal("cli"),
        version: Some(Scrubbed::literal(env!("CARGO_PKG_VERSION"))),
        session: None,
    }
}

fn request(args: RunArgs) -> Result<TaskRequest, Fault> {
    let here = PathBuf::from(".");
    let yes = |flag: bool| flag.then_some(true);
    Ok(TaskRequest {
        prompt: prompt(args.prompt)?,
        working_dir: Some(absolute(args.dir.as_deref().unwrap_or(&here))?),
        workspace: args.workspace.map(WorkspaceName::mode),
        carry_changes: yes(args.carry_changes),
        sandbox: args.sandbox.map(SandboxName::sandbox),
        network: yes(args.network),
        web_search: yes(args.web_search),
        model: args.model,
        effort: args.effort,
        images: images(&args.image)?,
        output_schema: args.output_schema.as_deref().map(schema).transpose()?,
        timeout: args.timeout,
        persist: !args.no_persist,
        title: args.title,
        request_id: None,
    })
}

/// The paths of images.
pub(super) fn images(asked: &[PathBuf]) -> Result<Vec<String>, Fault> {
    asked.iter().map(|image| absolute(image)).collect()
}

/// What Codex is told; `-` is read from standard input.
pub(super) fn prompt(argument: String) -> Result<String, Fault> {
    if argument != "-" {
        return Ok(argument);
    }
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .map_err(Fault::Input)?;
    Ok(text)
}

/// A JSON Schema from a file.
pub(super) fn schema(file: &Path) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
    let text = std::fs::read_to_string(file).map_err(|source| Fault::Path {
        path: file.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| Fault::Usage {
        message: format!("`{}` is no JSON object: {error}", file.display()),
        hint: "A schema is a file such as {\"type\": \"object\", \"properties\": {…}}.",
    })
}

/// An absolute path, as every face hands it to the bridge.
pub(super) fn absolute(path: &Path) -> Result<String, Fault> {
    let absolute = std::path::absolute(path).map_err(|source| Fault::Path {
        path: path.to_owned(),
        source,
    })?;
    match absolute.into_os_string().into_string() {
        Ok(text) => Ok(text),
        Err(text) => Err(Fault::Usage {
            message: format!("`{}` is not UTF-8", text.display()),
            hint: "Rename the file or folder.",
        }),
    }
}
