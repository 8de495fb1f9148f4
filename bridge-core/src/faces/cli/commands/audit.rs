//! `audit`: who asked for what, and what came of it.

use std::io;

use crate::adapters::store::AuditRow;
use crate::faces::cli::args::AuditArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::time::Clock;
use crate::faces::cli::{screen, text};
use crate::faces::wire::audit::AuditEntryDto;
use crate::use_cases::bridge::{AuditQuery, Bridge};

/// Prints the newest entries, oldest first.
pub(super) async fn audit(bridge: &Bridge, args: &AuditArgs) -> Result<Exit, Fault> {
    let query = AuditQuery {
        client: args.client.clone(),
        limit: args.limit as usize,
    };
    let rows = bridge.audit_log(&query).await?;
    if args.json {
        for row in &rows {
            screen::print_json_line(&AuditEntryDto::new(row))?;
        }
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let clock = Clock::of(bridge.host());
    let mut lines: Vec<String> = rows.iter().map(|row| line(row, &clock, look)).collect();
    if lines.is_empty() {
        lines.push("Nobody has asked for anything.".to_owned());
    }
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

fn line(row: &AuditRow, clock: &Clock, look: Look) -> String {
    let entry = &row.entry;
    let tone = match entry.outcome.as_str() {
        "ok" | "repeated" => Tone::Good,
        _ => Tone::Bad,
    };
    let parts = [
        look.paint(Tone::Dim, &clock.short(entry.at)),
        text::one_line(entry.client.as_str()),
        text::one_line(entry.action.as_str()),
        look.paint(tone, &text::one_line(entry.outcome.as_str())),
        text::one_line(entry.subject.as_str()),
        look.paint(Tone::Dim, &text::one_line(entry.detail.as_str())),
    ];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join("  ")
}
