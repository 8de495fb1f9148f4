//! What every tool answers that starts a run.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::run::Run;
use crate::faces::tools::fit;
use crate::faces::tools::wait::{Heard, Look, activity};
use crate::faces::tools::{Call, failure, now};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::run::RunDto;
use crate::use_cases::bridge::{Error, Glimpse, Started};

/// The run that was started, as it stands now.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StartedDto {
    #[serde(flatten)]
    run: RunDto,
    /// Whether the same request_id had started this run before.
    repeated: bool,
}

/// The run as it stands, after up to `wait_s` seconds for its end.
pub(crate) async fn answer(
    call: &Call,
    started: Result<Started, Error>,
    wait_s: u32,
) -> Result<StartedDto, ErrorDto> {
    let Started { run, repeated } = started.map_err(|error| failure(&error, &call.scrubber))?;
    let limit = Duration::from_secs(wait_s.into());
    if limit.is_zero() || run.state.is_final() {
        return Ok(shape(&run, repeated));
    }
    let heard = Heard::default();
    let look = |step| {
        let seen = call.wait.tell.is_some().then(|| heard.seq());
        let looked = call.bridge.glimpse(&run.id, step, seen);
        async {
            let Glimpse { run, live } = looked.await?;
            let news = heard.news(live.as_ref());
            Ok(Look {
                is_news: run.state.is_final(),
                is_live: news.is_some(),
                activity: news.unwrap_or_else(|| activity(&run)),
                seen: run,
            })
        }
    };
    let seen: Result<Option<Run>, Error> = call.wait.for_news(limit, look).await;
    match seen {
        Ok(seen) => Ok(shape(seen.as_ref().unwrap_or(&run), repeated)),
        Err(error) => {
            // The run was started: an error here would make the client start it again.
            tracing::warn!(%error, run = %run.id, "the run could not be watched");
            Ok(shape(&run, repeated))
        }
    }
}

pub(super) fn shape(run: &Run, repeated: bool) -> StartedDto {
    StartedDto {
        run: fit::run(run, 0, now()),
        repeated,
    }
}
