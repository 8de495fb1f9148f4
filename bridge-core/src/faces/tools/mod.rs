//! The tools as data: name, description, hints, schemas, and the function behind each. They know nothing of a session:
//! the MCP server, the app's socket and its window call the same ones.

pub(crate) mod answer;
pub(crate) mod arguments;
mod cancel_run;
mod continue_run;
mod doctor;
mod finish_run;
pub(crate) mod fit;
mod get_changes;
mod get_run;
mod get_run_updates;
mod list_runs;
mod resume_session;
mod review_repo;
mod run_task;
pub(crate) mod started;
mod steer_run;
#[cfg(test)]
mod tests;
mod turn;
pub(crate) mod wait;

pub(crate) use get_run_updates::READ;
pub(crate) use list_runs::page as page_of_runs;
#[cfg(test)]
pub(crate) use started::StartedDto;

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::domain::error::ErrorCode;
use crate::domain::id::RunId;
use crate::domain::run::{Caller, Timestamp};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::faces::tools::answer::{Answer, Object};
use crate::faces::tools::arguments::Refused;
use crate::faces::tools::wait::Wait;
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::{Act, Bridge, Error};

/// The largest number that every client can write: beyond it, JavaScript rounds.
const MAX_NUMBER: u64 = 9_007_199_254_740_991;

/// One tool.
pub(crate) struct Tool {
    /// What clients are told of it.
    pub(crate) listed: rmcp::model::Tool,
    run: Function,
    gate: Gate,
}

type Gate = fn(&Map<String, Value>, Map<String, Value>) -> Result<(), Refused>;

type Function = Box<
    dyn Fn(Call, Map<String, Value>) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync,
>;

/// What a function behind a tool has besides its parameters.
pub(crate) struct Call {
    /// The bridge.
    pub(crate) bridge: Bridge,
    /// Who asks.
    pub(crate) caller: Caller,
    /// For texts that come from the client.
    pub(crate) scrubber: Scrubber,
    /// How to wait.
    pub(crate) wait: Wait,
}

/// What is said of a tool.
struct About {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    hints: Hints,
}

/// All four hints; clients assume the worst where one is missing.
struct Hints {
    read_only: bool,
    destructive: bool,
    idempotent: bool,
    open_world: bool,
}

impl Hints {
    const READS: Hints = Hints {
        read_only: true,
        destructive: false,
        idempotent: true,
        open_world: false,
    };
    /// A run may change files and reaches a model.
    const STARTS: Hints = Hints {
        read_only: false,
        destructive: true,
        idempotent: false,
        open_world: true,
    };
}

/// Calls a tool, named with or without its `codex_`, and gives the object that it answers: for those who have no MCP
/// session. What does not fit is refused in the same words.
pub async fn call(
    bridge: &Bridge,
    caller: Caller,
    name: &str,
    arguments: Value,
) -> Result<Value, ErrorDto> {
    let call = Call {
        bridge: bridge.clone(),
        caller,
        scrubber: bridge.scrubber(),
        wait: Wait::quiet(),
    };
    Ok(call_with(call, name, arguments).await?.into_value())
}

/// The same for those who know how to wait.
pub(crate) async fn call_with(call: Call, name: &str, arguments: Value) -> Answer {
    let refused = |parameter: &str, reason: String| {
        let refused = Refused {
            parameter: parameter.to_owned(),
            reason,
        };
        refused.failure(&call.scrubber)
    };
    let Some(tool) = find(name) else {
        return Err(refused("name", format!("is none of the tools: `{name}`")));
    };
    let arguments = match arguments {
        Value::Null => Map::new(),
        Value::Object(arguments) => arguments,
        _ => return Err(refused("arguments", "has to be an object".to_owned())),
    };
    tool.call(call, arguments).await
}

/// The tool of this name, with or without its `codex_`.
pub(crate) fn find(name: &str) -> Option<&'static Tool> {
    let is_it = |tool: &&Tool| tool.listed.name == name || tool.short_name() == name;
    all().iter().find(is_it)
}

/// All tools, the one to begin with first. Made when they are first looked at: the handshake needs no schemas.
pub(crate) fn all() -> &'static [Tool] {
    static ALL: OnceLock<Vec<Tool>> = OnceLock::new();
    ALL.get_or_init(made)
}

fn made() -> Vec<Tool> {
    vec![
        run_task::tool(),
        get_run_updates::tool(),
        get_run::tool(),
        review_repo::tool(),
        continue_run::tool(),
        resume_session::tool(),
        get_changes::tool(),
        finish_run::tool(),
        steer_run::tool(),
        cancel_run::tool(),
        list_runs::tool(),
        doctor::tool(),
    ]
}

impl Tool {
    fn new<P, R, F>(about: &About, run: fn(Call, P) -> F) -> Tool
    where
        P: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + JsonSchema + 'static,
        F: Future<Output = Result<R, ErrorDto>> + Send + 'static,
    {
        let input = Arc::new(arguments::schema::<P>());
        let hints = ToolAnnotations::with_title(about.title)
            .read_only(about.hints.read_only)
            .destructive(about.hints.destructive)
            .idempotent(about.hints.idempotent)
            .open_world(about.hints.open_world);
        let (name, acts) = (about.name, !about.hints.read_only);
        let listed = rmcp::model::Tool::new(about.name, about.description, input.clone())
            .with_title(about.title)
            .with_raw_output_schema(Arc::new(answer::schema::<R>()))
            .with_annotations(hints);
        Tool {
            listed,
            gate: |schema, arguments| arguments::parse::<P>(schema, arguments).map(drop),
            run: Box::new(move |call, arguments| {
                let parsed = arguments::parse::<P>(&input, arguments);
                Box::pin(async move {
                    let parameters = match parsed {
                        Ok(parameters) => parameters,
                        Err(refused) => return Err(refuse(&call, name, acts, &refused).await),
                    };
                    Object::new(&run(call, parameters).await?)
                })
            }),
        }
    }

    /// Its name without `codex_`.
    pub(crate) fn short_name(&self) -> &str {
        let name: &str = &self.listed.name;
        name.strip_prefix("codex_").unwrap_or(name)
    }

    /// Whether it takes these arguments.
    pub(crate) fn admits(&self, arguments: Map<String, Value>) -> Result<(), Refused> {
        (self.gate)(&self.listed.input_schema, arguments)
    }

    /// Calls it with arguments as they came.
    pub(crate) async fn call(&self, call: Call, arguments: Map<String, Value>) -> Answer {
        (self.run)(call, arguments).await
    }
}

/// What a client gets whose arguments do not fit. What would have acted is written down.
async fn refuse(call: &Call, name: &'static str, acts: bool, refused: &Refused) -> ErrorDto {
    if acts {
        let act = Act {
            name: name.strip_prefix("codex_").unwrap_or(name),
            subject: Scrubbed::default(),
            outcome: Scrubbed::literal(ErrorCode::InvalidArgument.as_str()),
            detail: refused.scrubbed(&call.scrubber),
        };
        call.bridge.note(&call.caller, act).await;
    }
    refused.failure(&call.scrubber)
}

/// A run id as a parameter.
pub fn run_id(text: &str, scrubber: &Scrubber) -> Result<RunId, ErrorDto> {
    RunId::parse(text).map_err(|error| {
        let refused = Refused {
            parameter: "run_id".to_owned(),
            reason: format!(
                "is {error}; codex_run_task gives it and codex_list_runs finds it again"
            ),
        };
        refused.failure(scrubber)
    })
}

/// A failure of the bridge as a client gets it.
fn failure(error: &Error, scrubber: &Scrubber) -> ErrorDto {
    let mut failure = ErrorDto::from(&error.failure(scrubber));
    failure.abridge(2_000);
    failure
}

/// The moment to which live durations count.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
