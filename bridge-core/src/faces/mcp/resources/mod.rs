//! The resources: what the tools tell, at addresses that a person can attach and a client can watch. Each has a tool
//! twin, since most clients do not show resources to their model.

mod outcome;
mod template;
mod uri;

pub(crate) use template::{GAP, TEMPLATES};
pub(crate) use uri::{Address, NoAddress};

use std::time::Duration;

use rmcp::model::{ErrorData, Resource, ResourceContents, ResourceTemplate};
use serde::Serialize;
use serde_json::json;

use crate::domain::error::ErrorCode;
use crate::domain::id::RunId;
use crate::domain::run::Run;
use crate::faces::mcp::resources::template::{DIFF, JSON, MARKDOWN, Template};
use crate::faces::tools::answer::{MAX_RESULT, affordable};
use crate::faces::tools::fit;
use crate::faces::tools::{READ, now, page_of_runs};
use crate::faces::wire::TextWindow;
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::run::RunSummaryDto;
use crate::use_cases::bridge::{Bridge, ChangesWanted, Error, EventsWanted, RunQuery};

/// So many runs are listed; `codex://runs` has the others.
pub(crate) const RECENT: usize = 20;
/// Texts of events are shown up to this length; one page has room for two of them.
const EVENT_TEXT: usize = 8 * 1024;
/// Events of one page.
const EVENTS: usize = 500;

/// What there is to read: the fixed addresses and the most recent runs.
pub(crate) async fn list(bridge: &Bridge) -> Vec<Resource> {
    let mut resources = vec![
        Resource::new("codex://runs", "runs")
            .with_title("Codex runs")
            .with_description("The runs, newest first. For the next page: ?cursor=<next_cursor>.")
            .with_mime_type(JSON),
        Resource::new("codex://status", "status")
            .with_title("Codex status")
            .with_description("What is installed, logged in and allowed, and what is wrong.")
            .with_mime_type(JSON),
    ];
    let query = RunQuery {
        limit: RECENT,
        ..RunQuery::default()
    };
    match page_of_runs(bridge, query).await {
        Ok(page) => resources.extend(page.runs.iter().map(of_run)),
        // The fixed ones can be listed all the same, and say what is wrong when they are read.
        Err(error) => tracing::warn!(%error, "the runs can't be listed"),
    }
    resources
}

fn of_run(run: &RunSummaryDto) -> Resource {
    let state = run.state.as_str();
    Resource::new(format!("codex://runs/{}", run.run_id), run.run_id.clone())
        .with_title(run.title.clone())
        .with_description(format!(
            "{state}, in {}, for {}",
            run.working_dir, run.client
        ))
        .with_mime_type(JSON)
}

/// The addresses of every run.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    TEMPLATES.iter().map(Template::listed).collect()
}

/// Reads what is at an address.
pub(crate) async fn read(bridge: &Bridge, uri: &str) -> Result<ResourceContents, ErrorData> {
    let address = Address::parse(uri).map_err(|error| no_address(bridge, uri, &error))?;
    let contents = contents(bridge, address)
        .await
        .map_err(|error| unreadable(bridge, uri, &error))?;
    let (text, mime) = match contents {
        Contents::Json(json) => (json, JSON),
        Contents::Markdown(text) => (text, MARKDOWN),
        Contents::Diff(text) => (text, DIFF),
        Contents::Nothing { run, why } => return Err(nothing_there(bridge, &run, &why)),
    };
    Ok(ResourceContents::text(text, uri).with_mime_type(mime))
}

enum Contents {
    Json(String),
    Markdown(String),
    Diff(String),
    /// The run is there, and has nothing of that kind.
    Nothing {
        run: RunId,
        why: String,
    },
}

async fn contents(bridge: &Bridge, address: Address) -> Result<Contents, Error> {
    match address {
        Address::Runs { cursor } => {
            let query = RunQuery {
                cursor,
                ..RunQuery::default()
            };
            Ok(json(&page_of_runs(bridge, query).await?))
        }
        Address::Status => Ok(json(&fit::doctor(&bridge.doctor().await))),
        Address::Run(id) => Ok(json(&fit::run(&bridge.run(&id).await?, 0, now()))),
        Address::Events { id, cursor } => {
            let wanted = EventsWanted {
                after: cursor,
                count: EVENTS,
                bytes: READ,
                wait: Duration::ZERO,
                live: None,
            };
            let updates = bridge.updates(&id, wanted).await?;
            Ok(json(&fit::updates(&updates, EVENT_TEXT)))
        }
        Address::Message { id, offset } => {
            Ok(Contents::Markdown(message(&bridge.run(&id).await?, offset)))
        }
        Address::Diff { id, cursor } => {
            let wanted = ChangesWanted {
                cursor,
                bytes: MAX_RESULT,
                ..ChangesWanted::default()
            };
            let page = bridge.changes(&id, wanted).await?;
            Ok(Contents::Diff(outcome::diff(&id, &page)))
        }
        Address::Review { id, offset } => {
            let run = bridge.run(&id).await?;
            Ok(match &run.review {
                Some(review) => json(&fit::review(review, offset)),
                None => nothing(id, outcome::why_no_review(&run)),
            })
        }
    }
}

fn json(shape: &impl Serialize) -> Contents {
    // Our shapes have only string keys, so this can't fail; if it could, an empty object would be honest.
    Contents::Json(serde_json::to_string_pretty(shape).unwrap_or_else(|_| "{}".to_owned()))
}

fn nothing(run: RunId, why: String) -> Contents {
    Contents::Nothing { run, why }
}

/// A part of a run's message, and at its end where the next one is.
fn message(run: &Run, offset: u64) -> String {
    let Some(message) = &run.message else {
        let state = run.state.as_str();
        return format!("(The run is {state} and has no message.)");
    };
    let whole = message.text.as_str();
    let (start, rest) = TextWindow {
        offset,
        max: usize::MAX,
    }
    .cut(whole);
    // In a resource a text is written once, where a tool writes it twice: there is room for twice as much.
    let end = start + affordable(rest, 2 * MAX_RESULT - 2_000);
    let mut part = whole[start..end].to_owned();
    if end < whole.len() {
        let more = whole.len() - end;
        let next = next_part(&run.id, end);
        part.push_str(&format!("\n\n[{more} more bytes: {next}]"));
    } else if message.left_out > 0 {
        part.push_str(&format!(
            "\n\n[{} bytes were too much to keep]",
            message.left_out
        ));
    }
    part
}

fn next_part(id: &RunId, offset: usize) -> String {
    format!("codex://runs/{id}/message?offset={offset}")
}

/// The answer to an address that is none.
pub(crate) fn no_address(bridge: &Bridge, uri: &str, error: &NoAddress) -> ErrorData {
    let shown: String = uri.chars().take(200).collect();
    let shown = bridge.scrubber().scrub(&shown);
    match error {
        NoAddress::Unknown => {
            let failure = ErrorDto {
                code: ErrorCode::InvalidArgument.as_str().to_owned(),
                message: format!("there is no resource `{shown}`"),
                hint: format!(
                    "There are codex://runs, codex://status, {}; codex_list_runs has the ids.",
                    TEMPLATES.map(|template| template.uri).join(", ")
                ),
            };
            not_found(&failure)
        }
        NoAddress::Query { accepted } => {
            let message = format!(
                "`{shown}`: after the `?` comes only `{accepted}=` and a whole number from 0"
            );
            ErrorData::invalid_params(message, None)
        }
    }
}

/// The answer where what is at an address can't be read.
pub(crate) fn unreadable(bridge: &Bridge, uri: &str, error: &Error) -> ErrorData {
    let mut failure = ErrorDto::from(&error.failure(&bridge.scrubber()));
    failure.abridge(2_000);
    tracing::debug!(uri, code = failure.code, "a resource can't be read");
    match error.code() {
        ErrorCode::UnknownRun | ErrorCode::NoChanges | ErrorCode::NoWorktree => not_found(&failure),
        _ => ErrorData::internal_error(sentence(&failure), Some(json!(failure))),
    }
}

fn nothing_there(bridge: &Bridge, run: &RunId, why: &str) -> ErrorData {
    let mut failure = ErrorDto {
        code: ErrorCode::InvalidArgument.as_str().to_owned(),
        message: bridge
            .scrubber()
            .scrub(&format!("the run `{run}` {why}"))
            .into_string(),
        hint: format!(
            "Its answer is at codex://runs/{run}/message, all about it at codex://runs/{run}."
        ),
    };
    failure.abridge(2_000);
    not_found(&failure)
}

/// rmcp turns the code into the one of the client's era.
fn not_found(failure: &ErrorDto) -> ErrorData {
    ErrorData::resource_not_found(sentence(failure), Some(json!(failure)))
}

fn sentence(failure: &ErrorDto) -> String {
    format!("{}. {}", failure.message, failure.hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::Message;
    use crate::faces::wire::samples;

    #[test]
    fn a_long_message_is_read_to_its_end_from_address_to_address() {
        for piece in ["plain words ", "\"quoted\"\n", "ä€😀"] {
            let text = piece.repeat(150_000 / piece.len());
            let run = Run {
                message: Some(Message {
                    text: samples::scrubbed(&text),
                    left_out: 0,
                }),
                ..samples::run()
            };
            let mut read = String::new();
            let mut offset = 0;
            loop {
                let part = message(&run, offset);
                assert!(serde_json::to_string(&part).unwrap().len() <= MAX_RESULT);
                let Some((text, more)) = part.rsplit_once("\n\n[") else {
                    read.push_str(&part);
                    break;
                };
                read.push_str(text);
                let (_, uri) = more.trim_end_matches(']').split_once("bytes: ").unwrap();
                let Ok(Address::Message { offset: next, .. }) = Address::parse(uri) else {
                    panic!("{uri}");
                };
                offset = next;
            }
            assert!(read == text, "{piece:?}");
        }
    }

    #[test]
    fn a_message_says_why_there_is_none_and_what_was_not_kept() {
        assert_eq!(
            message(&samples::queued_run(), 0),
            "(The run is queued and has no message.)"
        );
        assert_eq!(
            message(&samples::run(), 0),
            "Three **tests** fail.\n\n[7 bytes were too much to keep]"
        );
    }
}
