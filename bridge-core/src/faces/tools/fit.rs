//! Makes answers fit: what is too long is cut or left for the next page, and says so.

use crate::domain::review::Review;
use crate::domain::run::{Run, Timestamp};
use crate::faces::tools::answer::{MAX_RESULT, affordable, cost};
use crate::faces::wire::TextWindow;
use crate::faces::wire::diff::{ChangesPageDto, FinishedDto};
use crate::faces::wire::doctor::DoctorDto;
use crate::faces::wire::event::EventDto;
use crate::faces::wire::page::{RunPageDto, UpdatesDto};
use crate::faces::wire::review::{FindingDto, ReviewDto, ReviewWindow};
use crate::faces::wire::run::{RunDto, RunView};
use crate::use_cases::bridge::{ChangesPage, Finished, RunPage, SessionList, Updates, cursor};
use crate::use_cases::doctor::Report;

/// Titles, activities, error texts and hints are sentences; longer ones are not read.
const SIDE_TEXT: usize = 1_000;
/// The prompt is shown so that it is recognised.
const PROMPT: usize = 1_000;
/// So many of the files that a review did not look at are named; the others are counted.
const UNCOVERED: usize = 10;

/// Where in the long parts of a run to begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    /// In the final message, in bytes.
    pub(crate) message: u64,
    /// In the findings of a review.
    pub(crate) findings: u64,
}
/// A part of a patch that is shorter is left for the next page.
const SHORTEST_PATCH: usize = 1_000;

/// A run with as much of its message, from `offset` on, as fits.
pub(crate) fn run(run: &Run, offset: u64, now: Timestamp) -> RunDto {
    let from = Offsets {
        message: offset,
        findings: 0,
    };
    run_from(run, from, now)
}

/// A run with as much of its message and of its findings as fits.
pub(crate) fn run_from(run: &Run, from: Offsets, now: Timestamp) -> RunDto {
    let view = |prompt_max, max, findings| RunView {
        now,
        prompt_max,
        message: TextWindow {
            offset: from.message,
            max,
        },
        review: ReviewWindow {
            offset: from.findings,
            count: findings,
            uncovered: UNCOVERED,
        },
    };
    let shape = |view: &RunView| {
        let mut dto = RunDto::new(run, view);
        dto.abridge(SIDE_TEXT);
        dto
    };
    let frame = cost(&shape(&view(PROMPT, 0, 0)));
    let room = MAX_RESULT.saturating_sub(frame);
    // The message of a review says once more in short what the findings say.
    let all = RunDto::new(run, &view(0, usize::MAX, usize::MAX));
    let wanted = all.review.map_or(Vec::new(), |review| review.findings);
    let (findings, spent) = findings(wanted, room / 4 * 3);
    let room = room - spent;
    let max = affordable(all.message.as_deref().unwrap_or_default(), room);
    // A message that is cut anyway needs no more than one character to go on.
    let mut dto = shape(&view(PROMPT, max.max(1), findings.len()));
    if let Some(review) = &mut dto.review {
        review.findings = findings;
    }
    dto
}

/// What a review found, from `offset` on, with as many findings as fit.
pub(crate) fn review(review: &Review, offset: u64) -> ReviewDto {
    let view = |count| {
        let uncovered = 10 * UNCOVERED;
        let window = ReviewWindow {
            offset,
            count,
            uncovered,
        };
        let mut dto = ReviewDto::new(review, window);
        dto.abridge(SIDE_TEXT / 5);
        dto
    };
    let room = MAX_RESULT.saturating_sub(cost(&view(0)));
    let (findings, _) = findings(view(usize::MAX).findings, room);
    ReviewDto {
        findings: findings.clone(),
        ..view(findings.len())
    }
}

/// The first findings that cost no more than `room`, and what they cost. The first one always fits: it is cut.
fn findings(wanted: Vec<FindingDto>, room: usize) -> (Vec<FindingDto>, usize) {
    let mut fitting: Vec<FindingDto> = Vec::new();
    let mut spent = 0;
    for mut finding in wanted {
        let mut max = room;
        while fitting.is_empty() && cost(&finding) > room && max > 0 {
            max /= 2;
            finding.abridge(max);
        }
        let price = cost(&finding);
        if spent + price > room {
            break;
        }
        spent += price;
        fitting.push(finding);
    }
    (fitting, spent)
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

/// As much of the patches as fits; at least a part of one.
pub(crate) fn changes(page: &ChangesPage) -> ChangesPageDto {
    let mut dto = ChangesPageDto::new(page);
    let files = std::mem::take(&mut dto.files);
    let mut room = MAX_RESULT.saturating_sub(cost(&dto));
    for mut file in files {
        let whole = file.end();
        if cost(&file) > room {
            let patch = std::mem::take(&mut file.patch);
            let max = affordable(&patch, room.saturating_sub(cost(&file)));
            file.patch = patch;
            // A few lines of a patch help nobody, unless there is nothing else on the page.
            if max < SHORTEST_PATCH && !dto.files.is_empty() {
                dto.next_cursor = Some(cursor(file.index, file.patch_offset));
                break;
            }
            file.shorten(max.max(1));
        }
        let end = file.end();
        room = room.saturating_sub(cost(&file));
        let index = file.index;
        dto.files.push(file);
        if end < whole {
            dto.next_cursor = Some(cursor(index, end));
            break;
        }
    }
    dto
}

/// How a worktree ended, with as much of the run's message as fits.
pub(crate) fn finished(finished: &Finished, now: Timestamp) -> FinishedDto {
    let mut dto = FinishedDto::new(finished, &RunView::whole(now));
    let whole = run(&finished.run, 0, now);
    // The message was read before; what is of interest here is what became of the changes.
    let view = RunView {
        now,
        prompt_max: 0,
        message: TextWindow {
            offset: 0,
            max: whole.message.as_ref().map_or(0, |text| text.len() / 2),
        },
        review: ReviewWindow::WHOLE,
    };
    dto.run = RunDto::new(&finished.run, &view);
    dto.run.abridge(SIDE_TEXT);
    dto
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

/// The page of sessions if it fits, else how many of them would.
pub(crate) fn sessions(list: &SessionList) -> Result<RunPageDto, usize> {
    let mut dto = RunPageDto::of_sessions(list);
    let mut room = MAX_RESULT;
    for (count, session) in dto.sessions.iter_mut().flatten().enumerate() {
        session.abridge(300);
        match room.checked_sub(cost(session)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bounds::Clip;
    use crate::domain::error::{ErrorCode, Failure};
    use crate::domain::event::{CommandEvent, Event, EventBody, FileChange, Phase, PlanStep};
    use crate::domain::review::Finding;
    use crate::domain::run::{Message, RunSummary};
    use crate::faces::tools::answer::{Object, result};
    use crate::faces::wire::samples::{self, NOW, scrubbed};

    /// The size of the whole result, as it goes over the wire.
    fn size(shape: &impl serde::Serialize) -> usize {
        let result = result(Object::new(shape));
        serde_json::to_vec(&result).unwrap().len()
    }

    fn check_size(shape: &impl serde::Serialize) {
        let size = size(shape);
        assert!(size <= MAX_RESULT, "{size}");
    }

    fn saying(text: &str) -> Run {
        Run {
            message: Some(Message {
                text: scrubbed(text),
                left_out: 0,
            }),
            ..samples::run()
        }
    }

    #[test]
    fn a_message_of_any_kind_is_read_to_its_end_in_parts_that_fit() {
        for piece in ["plain words ", "\"quoted\\\"\n", "ä€😀", "\u{1}"] {
            let text = piece.repeat(200_000 / piece.len());
            let saying = saying(&text);
            let mut read = String::new();
            let mut offset = Some(0);
            while let Some(at) = offset {
                let dto = run(&saying, at, NOW);
                check_size(&dto);
                assert_eq!(dto.message_offset, at);
                read.push_str(&dto.message.unwrap());
                offset = dto.message_next_offset;
            }
            assert!(read == text, "{piece:?}");
        }
    }

    #[test]
    fn a_message_that_fits_comes_whole() {
        let text = "A line of an answer.\n".repeat(700);
        let dto = run(&saying(&text), 0, NOW);
        assert_eq!(dto.message.as_deref(), Some(text.as_str()));
        assert!(!dto.message_truncated);
    }

    #[test]
    fn a_run_fits_even_if_everything_in_it_is_long() {
        let long = || scrubbed(&"\"long\" ".repeat(10_000));
        let path = || scrubbed(&format!("/{}", "p".repeat(2_000)));
        let mut longest = saying(&"m".repeat(100_000));
        longest.title = long();
        longest.prompt = long();
        longest.activity = Some(long());
        longest.workspace.folder = path();
        longest.workspace.path = path();
        longest.workspace.fell_back = Some(long());
        longest.failure = Some(Failure {
            code: ErrorCode::Internal,
            message: long(),
            hint: long(),
        });
        check_size(&run(&longest, 0, NOW));
    }

    #[test]
    fn findings_are_read_to_their_end_in_parts_that_fit() {
        let large = |n: usize| Finding {
            title: scrubbed(&format!("finding {n}")),
            body: scrubbed(&"\"quoted\"\n".repeat(800)),
            suggested_fix: Some(scrubbed(&"\tcode\n".repeat(100 * (n % 12)))),
            ..samples::review().findings.remove(0)
        };
        let review = Review {
            findings: (0..30).map(large).collect(),
            ..samples::review()
        };
        let reviewing = Run {
            review: Some(review.clone()),
            ..saying(&"m".repeat(100_000))
        };
        let of_run = |findings| {
            let dto = run_from(
                &reviewing,
                Offsets {
                    message: 0,
                    findings,
                },
                NOW,
            );
            check_size(&dto);
            dto.review.unwrap()
        };
        let alone = |findings| {
            let dto = super::review(&review, findings);
            check_size(&dto);
            dto
        };
        let read_all = |part: &dyn Fn(u64) -> ReviewDto| {
            let mut titles = Vec::new();
            let mut next = Some(0);
            while let Some(at) = next {
                let dto = part(at);
                assert_eq!(dto.findings_offset, at);
                titles.extend(dto.findings.into_iter().map(|finding| finding.title));
                next = dto.findings_next_offset;
            }
            titles
        };
        let expected: Vec<_> = (0..30).map(|n| format!("finding {n}")).collect();
        assert_eq!(read_all(&of_run), expected);
        assert_eq!(read_all(&alone), expected);
    }

    fn page(events: Vec<Event>) -> Updates {
        Updates {
            run: samples::run(),
            next_cursor: events.last().map_or(0, |event| event.seq),
            events,
            more: false,
            live: None,
        }
    }

    #[test]
    fn events_are_read_to_their_end_in_pages_that_fit() {
        let text = Clip::new(scrubbed(&"\tsome output\n".repeat(1_000)), 16 * 1024);
        let all: Vec<_> = (1..=100)
            .map(|seq| samples::event(seq, EventBody::Stderr { text: text.clone() }))
            .collect();
        let mut seen = Vec::new();
        let mut cursor = 0;
        loop {
            let rest = all.iter().filter(|event| event.seq > cursor).cloned();
            let page = updates(&page(rest.collect()), 2_048);
            check_size(&page);
            seen.extend(page.events.iter().map(|event| event.seq));
            cursor = page.next_cursor;
            if !page.more {
                break;
            }
        }
        assert_eq!(seen, (1..=100).collect::<Vec<_>>());
    }

    #[test]
    fn an_event_larger_than_a_page_is_cut_and_says_so() {
        let control = || Clip::new(scrubbed(&"\u{1}".repeat(16 * 1024)), 16 * 1024);
        let command = EventBody::Command(CommandEvent {
            item: scrubbed("item_1"),
            phase: Phase::Completed,
            command: control(),
            output: control(),
            exit_code: None,
            status: None,
        });
        let change = FileChange {
            path: scrubbed(&"p/".repeat(100)),
            kind: scrubbed("add"),
        };
        let changes = EventBody::FileChange {
            item: scrubbed("item_2"),
            phase: Phase::Completed,
            status: None,
            changes: vec![change; 1_000],
        };
        let step = PlanStep {
            text: scrubbed("do it"),
            done: false,
        };
        let plan = EventBody::Plan {
            steps: vec![step; 5_000],
        };
        for body in [command, changes, plan] {
            let page = updates(&page(vec![samples::event(1, body)]), 16 * 1024);
            check_size(&page);
            let [event] = page.events.as_slice() else {
                panic!("{page:?}");
            };
            let cut = event.output_left_out + event.changes_left_out + event.steps_left_out;
            assert!(cut > 0);
            assert_eq!((page.next_cursor, page.more), (1, false));
        }
    }

    #[test]
    fn a_page_of_runs_that_is_too_large_says_how_many_fit() {
        let mut long = samples::run();
        long.title = scrubbed(&"\"t\"".repeat(1_000));
        let page = |count| RunPage {
            runs: vec![RunSummary::of(&long); count],
            next: Some(1),
            paused: false,
        };
        let fitting = runs(&page(100), NOW).unwrap_err();
        assert!((5..100).contains(&fitting), "{fitting}");
        check_size(&runs(&page(fitting), NOW).unwrap());
    }

    #[test]
    fn twenty_ordinary_runs_fit_on_a_page() {
        let page = RunPage {
            runs: vec![RunSummary::of(&samples::run()); 20],
            next: None,
            paused: false,
        };
        check_size(&runs(&page, NOW).unwrap());
    }

    #[test]
    fn a_report_with_long_lists_fits() {
        let report = Report {
            bridge_version: "0",
            codex: None,
            roots: vec![scrubbed(&"r".repeat(4_000)); 200],
            quota: None,
            running: 0,
            queued: 0,
            findings: Vec::new(),
        };
        check_size(&doctor(&report));
    }
}
