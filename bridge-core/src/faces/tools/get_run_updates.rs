//! `codex_get_run_updates`: what happened in a run since the last look, and the way to wait for it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::faces::tools::answer::bug;
use crate::faces::tools::fit;
use crate::faces::tools::wait::{Heard, Look, MAX_WAIT_S, activity};
use crate::faces::tools::{About, Call, Hints, MAX_NUMBER, Tool, failure, run_id};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::page::UpdatesDto;
use crate::use_cases::bridge::{Error, EventsWanted, Updates};

/// Each text of an event is cut to this many bytes here; the events resource has more of it.
pub(crate) const EVENT_TEXT: usize = 2 * 1024;
/// So much is read for one page; what does not fit after cutting comes on the next.
pub(crate) const READ: usize = 256 * 1024;

const DESCRIPTION: &str = "\
Shows what happened in a Codex run after `cursor`, and waits for it: with wait_s it answers as soon as there is news, \
or after that time with no events. Call it with the next_cursor of the answer before until is_final is true, then read \
the answer with codex_get_run. `live` is the end of what is being written at this moment, where Codex tells it; the whole \
comes as an event. Long texts are cut; *_left_out says by how many bytes.

Examples:
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"wait_s\": 40}
{\"run_id\": \"run_01k9x2m4q7abcdefgh\", \"cursor\": 12, \"wait_s\": 40}";

/// What `codex_get_run_updates` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    /// The run's id.
    run_id: String,
    /// next_cursor of the answer before. Default: 0, from the beginning.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_NUMBER))]
    cursor: u64,
    /// Wait up to so many seconds for news. Default: 0, answer at once.
    #[serde(default)]
    #[schemars(range(min = 0, max = MAX_WAIT_S))]
    wait_s: u32,
    /// At most so many events. Default: 50.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: u32,
}

fn default_limit() -> u32 {
    50
}

pub(super) fn tool() -> Tool {
    let about = About {
        name: "codex_get_run_updates",
        title: "Follow a Codex run",
        description: DESCRIPTION,
        hints: Hints::READS,
    };
    Tool::new(&about, run)
}

async fn run(call: Call, parameters: Parameters) -> Result<UpdatesDto, ErrorDto> {
    let id = run_id(&parameters.run_id, &call.scrubber)?;
    let limit = Duration::from_secs(parameters.wait_s.into());
    let wanted = |wait| EventsWanted {
        after: parameters.cursor,
        count: usize::try_from(parameters.limit).unwrap_or(usize::MAX),
        bytes: READ,
        wait,
        live: None,
    };
    let heard = Heard::default();
    let look = |step| {
        // Only a client that is told of progress is woken for what is being written.
        let live = call.wait.tell.is_some().then(|| heard.seq());
        let looked = call.bridge.updates(
            &id,
            EventsWanted {
                live,
                ..wanted(step)
            },
        );
        async {
            let updates = looked.await?;
            let news = heard.news(updates.live.as_ref());
            Ok(Look {
                is_news: updates.run.state.is_final() || !updates.events.is_empty(),
                is_live: news.is_some(),
                activity: news.unwrap_or_else(|| activity(&updates.run)),
                seen: updates,
            })
        }
    };
    let seen: Result<Option<Updates>, Error> = call.wait.for_news(limit, look).await;
    let seen = match seen {
        // Nobody waits for the answer any more; it only has to be one.
        Ok(None) => call
            .bridge
            .updates(&id, wanted(Duration::ZERO))
            .await
            .map(Some),
        seen => seen,
    };
    match seen {
        Ok(Some(updates)) => Ok(fit::updates(&updates, EVENT_TEXT)),
        Ok(None) => Err(bug("the run could not be looked at")),
        Err(error) => Err(failure(&error, &call.scrubber)),
    }
}
