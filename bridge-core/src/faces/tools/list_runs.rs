//! `codex_list_runs`: recent runs.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::faces::tools::arguments::Refused;
use crate::faces::tools::fit;
use crate::faces::tools::{About, Call, Hints, MAX_NUMBER, Tool, failure, now};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::page::RunPageDto;
use crate::faces::wire::word::{KindDto, StateDto};
use crate::use_cases::bridge::{Bridge, Error, RunQuery, SessionQuery};

const DESCRIPTION: &str = "\
Lists Codex runs, newest first, also those of other clients and earlier sessions. For the next page, call again with \
the same filters and next_cursor as cursor.

Examples:
{}
{\"states\": [\"running\", \"waiting\"], \"folder\": \"/Users/ann/shop\"}
{\"source\": \"codex\", \"folder\": \"/Users/ann/shop\", \"limit\": 5}";

/// What `codex_list_runs` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// `bridge` for runs, `codex` for the sessions that Codex itself has kept, whoever began them, to go on with by
    /// codex_resume_session. Default: bridge.
    source: Option<Source>,
    /// Only runs in these states. Default: all.
    #[serde(default)]
    #[schemars(length(max = 10))]
    states: Vec<StateDto>,
    /// Only runs in this folder or below it: an absolute path.
    #[schemars(length(max = 4096))]
    folder: Option<String>,
    /// Only runs of this client, by the name in `client`.
    #[schemars(length(max = 100))]
    client: Option<String>,
    /// Only runs with this text in the title or the prompt; letter case does not count.
    #[schemars(length(max = 200))]
    text: Option<String>,
    /// Only runs of this kind.
    kind: Option<KindDto>,
    /// At most so many; a page may be shorter. Default: 20.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// next_cursor of the page before.
    #[schemars(range(min = 0, max = MAX_NUMBER))]
    cursor: Option<u64>,
}

/// Whose list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Source {
    /// Runs of the bridge.
    Bridge,
    /// Sessions of Codex.
    Codex,
}

fn default_limit() -> u32 {
    20
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_list_runs",
        title: "List Codex runs",
        description: DESCRIPTION,
        hints: Hints::READS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<RunPageDto, ErrorDto> {
    if parameters.source == Some(Source::Codex) {
        return sessions(&call, parameters).await;
    }
    let query = RunQuery {
        states: parameters
            .states
            .iter()
            .map(|state| state.as_str().to_owned())
            .collect(),
        folder: parameters.folder,
        client: parameters.client,
        text: parameters.text,
        kind: parameters.kind.map(Into::into),
        limit: usize::try_from(parameters.limit).unwrap_or(usize::MAX),
        cursor: parameters.cursor,
    };
    page(&call.bridge, query)
        .await
        .map_err(|error| failure(&error, &call.scrubber))
}

/// The same for sessions, of which less is known.
async fn sessions(call: &Call, parameters: Parameters) -> Result<RunPageDto, ErrorDto> {
    let only_runs = [
        ("states", !parameters.states.is_empty()),
        ("client", parameters.client.is_some()),
        ("kind", parameters.kind.is_some()),
    ];
    if let Some((name, _)) = only_runs.into_iter().find(|(_, given)| *given) {
        let refused = Refused {
            parameter: name.to_owned(),
            reason:
                "is only for runs of the bridge; sessions can be filtered by `folder` and `text`"
                    .to_owned(),
        };
        return Err(refused.failure(&call.scrubber));
    }
    let mut query = SessionQuery {
        folder: parameters.folder,
        text: parameters.text,
        limit: usize::try_from(parameters.limit).unwrap_or(usize::MAX),
        cursor: parameters.cursor,
    };
    loop {
        let listed = call.bridge.list_sessions(query.clone()).await;
        let list = listed.map_err(|error| failure(&error, &call.scrubber))?;
        match fit::sessions(&list) {
            Ok(page) => return Ok(page),
            Err(fitting) => query.limit = fitting,
        }
    }
}

/// A page that fits into an answer. Where the runs that were asked for do not, fewer are asked for, since only the
/// bridge knows the cursor between two runs.
pub(crate) async fn page(bridge: &Bridge, mut query: RunQuery) -> Result<RunPageDto, Error> {
    loop {
        let page = bridge.list_runs(query.clone()).await?;
        match fit::runs(&page, now()) {
            Ok(page) => return Ok(page),
            Err(fitting) => query.limit = fitting,
        }
    }
}
