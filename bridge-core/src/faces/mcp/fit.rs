//! Makes answers fit: what is too long is cut or left for the next page, and says so.

use crate::domain::run::{Run, Timestamp};
use crate::faces::mcp::answer::{MAX_RESULT, affordable, cost};
use crate::faces::wire::TextWindow;
use crate::faces::wire::doctor::DoctorDto;
use crate::faces::wire::event::EventDto;
use crate::faces::wire::page::{RunPageDto, UpdatesDto};
use crate::faces::wire::run::{RunDto, RunView};
use crate::use_cases::bridge::{RunPage, Updates};
use crate::use_cases::doctor::Report;

/// Titles, activities, error texts and hints are sentences; longer ones are not read.
const SIDE_TEXT: usize = 1_000;
/// The prompt is shown so that it is recognised.
const PROMPT: usize = 1_000;

/// A run with as much of its message, from `offset` on, as fits.
pub(crate) fn run(run: &Run, offset: u64, now: Timestamp) -> RunDto {
    let view = |prompt_max, max| RunView {
        now,
        prompt_max,
        message: TextWindow { offset, max },
    };
    let shape = |view: &RunView| {
        let mut dto = RunDto::new(run, view);
        dto.abridge(SIDE_TEXT);
        dto
    };
    let frame = cost(&shape(&view(PROMPT, 0)));
    let room = MAX_RESULT.saturating_sub(frame);
    let all = RunDto::new(run, &view(0, usize::MAX));
    let max = affordable(all.message.as_deref().unwrap_or_default(), room);
    // A message that is cut anyway needs no more than one character to go on.
    shape(&view(PROMPT, max.max(1)))
}

/// As many of the events as fit, each of their texts below `text` bytes.
pub(crate) fn updates(updates: &Updates, text: usize) -> UpdatesDto {
    let mut page = UpdatesDto::from(updates);
    page.abridge(SIDE_TEXT);
    let events = std::mem::take(&mut page.events);
    let mut room = MAX_RESULT.saturating_sub(cost(&page));
    for mut event in events {
        event.shorten(text);
        if page.events.is_empty() {
            shorten_to(&mut event, room);
        }
        let Some(rest) = room.checked_sub(cost(&event)) else {
            page.more = true;
            break;
        };
        room = rest;
        page.events.push(event);
    }
    if page.events.len() < updates.events.len()
        && let Some(last) = page.events.last()
    {
        page.next_cursor = last.seq;
    }
    page
}

/// Shortens one event until it costs at most `room`, so that a page is never empty for want of room.
fn shorten_to(event: &mut EventDto, room: usize) {
    let mut max = room;
    while cost(event) > room && max > 0 {
        max /= 2;
        event.shorten(max);
    }
}

/// The page of runs if it fits, else how many of its runs would.
pub(crate) fn runs(page: &RunPage, now: Timestamp) -> Result<RunPageDto, usize> {
    let mut dto = RunPageDto::new(page, now);
    for run in &mut dto.runs {
        run.abridge(300);
    }
    let mut room = MAX_RESULT;
    for (count, run) in dto.runs.iter().enumerate() {
        match room.checked_sub(cost(run)) {
            Some(rest) => room = rest,
            None if count == 0 => break,
            None => return Err(count),
        }
    }
    Ok(dto)
}

/// The doctor's report, its long texts and lists cut.
pub(crate) fn doctor(report: &Report) -> DoctorDto {
    let mut dto = DoctorDto::from(report);
    let mut max = SIDE_TEXT;
    let mut entries = 50;
    dto.abridge(max, entries);
    while cost(&dto) > MAX_RESULT && max > 50 {
        max /= 2;
        entries /= 2;
        dto = DoctorDto::from(report);
        dto.abridge(max, entries);
    }
    dto
}
