//! `runs`: the list of recent runs.

use std::io;

use crate::faces::cli::args::{RunsArgs, SourceName, StateName};
use crate::faces::cli::commands::run::absolute;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::time::Clock;
use crate::faces::cli::{screen, table};
use crate::faces::wire::page::RunPageDto;
use crate::use_cases::bridge::{Bridge, Error, RunPage, RunQuery, SessionQuery};

/// Lists runs, newest first.
pub(super) async fn runs(bridge: &Bridge, args: RunsArgs) -> Result<Exit, Fault> {
    if args.source == SourceName::Codex {
        return sessions(bridge, args).await;
    }
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

/// Lists sessions of Codex, the last begun first.
async fn sessions(bridge: &Bridge, args: RunsArgs) -> Result<Exit, Fault> {
    if !args.state.is_empty() || args.client.is_some() {
        return Err(Fault::Usage {
            message: "sessions of Codex have no state and no client".into(),
            hint: "Filter them with --folder and --text.",
        });
    }
    let mut query = SessionQuery {
        folder: args.folder.as_deref().map(absolute).transpose()?,
        text: args.text,
        limit: usize::from(args.limit),
        cursor: None,
    };
    let mut list = bridge.list_sessions(query.clone()).await?;
    while let Some(next) = list.next
        && list.sessions.len() < usize::from(args.limit)
    {
        query.limit = usize::from(args.limit) - list.sessions.len();
        query.cursor = Some(next);
        let more = bridge.list_sessions(query.clone()).await?;
        list.sessions.extend(more.sessions);
        list.next = more.next;
        list.skipped += more.skipped;
    }
    if args.json {
        screen::print_json(&RunPageDto::of_sessions(&list))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let clock = Clock::of(bridge.host());
    let home = bridge.host().home.as_path();
    let mut lines = match list.sessions.as_slice() {
        [] => vec!["No sessions.".to_owned()],
        sessions => table::sessions(sessions, &clock, look, home),
    };
    if list.next.is_some() {
        let more = "There are older ones; see them with a higher --limit.";
        lines.push(look.paint(Tone::Dim, more));
    }
    let skipped = match list.skipped {
        0 => None,
        1 => Some("1 file could not be read as a session.".to_owned()),
        count => Some(format!("{count} files could not be read as sessions.")),
    };
    lines.extend(skipped.map(|skipped| look.paint(Tone::Dim, &skipped)));
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
