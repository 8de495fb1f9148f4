//! `runs`: the list of recent runs.

use std::io;

use crate::faces::cli::args::{RunsArgs, StateName};
use crate::faces::cli::commands::run::absolute;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::time::Clock;
use crate::faces::cli::{screen, table};
use crate::faces::wire::page::RunPageDto;
use crate::use_cases::bridge::{Bridge, Error, RunPage, RunQuery};

/// Lists runs, newest first.
pub(super) async fn runs(bridge: &Bridge, args: RunsArgs) -> Result<Exit, Fault> {
    let query = RunQuery {
        states: args
            .state
            .iter()
            .copied()
            .map(StateName::as_str)
            .map(str::to_owned)
            .collect(),
        folder: args.folder.as_deref().map(absolute).transpose()?,
        client: args.client,
        text: args.text,
        kind: None,
        limit: usize::from(args.limit),
        cursor: None,
    };
    let page = pages(bridge, query).await?;
    let clock = Clock::of(bridge.host());
    if args.json {
        screen::print_json(&RunPageDto::new(&page, clock.now()))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    if page.runs.is_empty() {
        screen::print(&["No runs.".to_owned()])?;
        return Ok(Exit::Fine);
    }
    let mut lines = table::runs(&page.runs, &clock, look, bridge.host().home.as_path());
    if page.next.is_some() {
        let more = "There are older ones; see them with a higher --limit.";
        lines.push(look.paint(Tone::Dim, more));
    }
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

/// As many runs as were asked for, which may be more than the bridge gives at once.
async fn pages(bridge: &Bridge, query: RunQuery) -> Result<RunPage, Error> {
    let mut page = bridge.list_runs(query.clone()).await?;
    while let Some(next) = page.next
        && page.runs.len() < query.limit
    {
        let rest = RunQuery {
            limit: query.limit - page.runs.len(),
            cursor: Some(next),
            ..query.clone()
        };
        let more = bridge.list_runs(rest).await?;
        page.runs.extend(more.runs);
        page.next = more.next;
    }
    Ok(page)
}
