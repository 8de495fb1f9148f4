//! What came of a run besides its message: the diff and the findings, or why there are none.

use crate::domain::id::RunId;
use crate::domain::run::{Run, RunKind};
use crate::faces::tools::answer::{MAX_RESULT, affordable, text_cost};
use crate::use_cases::bridge::{ChangesPage, FilePatch, cursor};

/// Room for patches: in a resource a text is written once, where a tool writes it twice.
const ROOM: usize = 2 * MAX_RESULT - 4_000;

/// A part of a diff as one patch, as much of it as fits into an answer. What is said between brackets stands where a
/// patch may have any text.
pub(super) fn diff(id: &RunId, page: &ChangesPage) -> String {
    if page.total_files == 0 {
        return "[the run changed nothing]\n".to_owned();
    }
    let mut text = String::new();
    let mut room = ROOM;
    let mut next = page.next;
    for file in &page.files {
        let patch = file.patch.as_str();
        let notes = notes(file);
        let price = text_cost(patch) + text_cost(&notes);
        if price > room {
            let end = fitting(patch, room, text.is_empty());
            text.push_str(&patch[..end]);
            next = Some(cursor(file.index, file.offset + end as u64));
            break;
        }
        room -= price;
        text.push_str(patch);
        text.push_str(&notes);
    }
    match next {
        Some(next) => format!("[more: codex://runs/{id}/diff?cursor={next}]\n{text}"),
        None => text,
    }
}

/// What has to be said of a patch that is shown to its end.
fn notes(file: &FilePatch) -> String {
    let mut notes = String::new();
    if file.hidden {
        notes.push_str("[something is hidden in this patch; what is applied is exact]\n");
    }
    if file.cut && file.offset + file.patch.len() as u64 == file.patch_bytes {
        notes.push_str("[the rest of this patch is too much to show]\n");
    }
    notes
}

/// How much of a patch fits: whole lines, unless it is the first and has a line that is too long.
fn fitting(patch: &str, room: usize, is_first: bool) -> usize {
    let max = affordable(patch, room);
    match patch[..max].rfind('\n') {
        Some(at) => at + 1,
        None if is_first => max,
        None => 0,
    }
}

/// Why a run has no findings, as the end of a sentence about it.
pub(super) fn why_no_review(run: &Run) -> String {
    match run.kind {
        RunKind::Task | RunKind::Continue | RunKind::Resume => {
            format!("has no findings: it is a {}", run.kind.as_str())
        }
        RunKind::Review if !run.state.is_final() => format!(
            "is {}, and what a review found is known at its end",
            run.state.as_str()
        ),
        RunKind::Review => "has no findings: the review did not come to its end".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::changes::{Change, Entry, FileMode, LineCount, ObjectId};
    use crate::domain::state::{Outcome, RunState};
    use crate::faces::mcp::resources::Address;
    use crate::faces::wire::samples;

    fn page(patches: &[&str]) -> ChangesPage {
        let object = || ObjectId::parse(&"ab".repeat(20)).unwrap();
        let file = |(index, patch): (u64, &&str)| FilePatch {
            index,
            path: samples::scrubbed("a"),
            from: None,
            change: Change::Added {
                after: Entry {
                    mode: FileMode::Regular,
                    id: object(),
                },
            },
            lines: None,
            patch: samples::scrubbed(patch),
            offset: 0,
            patch_bytes: patch.len() as u64,
            cut: false,
            hidden: false,
        };
        let run = samples::run();
        ChangesPage {
            run: run.id,
            workspace: run.workspace,
            hash: object(),
            head: None,
            total_files: patches.len() as u64,
            lines: LineCount::default(),
            files: (0..).zip(patches).map(file).collect(),
            next: None,
            left_out: Vec::new(),
            left_out_more: 0,
            obstacles: None,
        }
    }

    fn check_size(text: &str) {
        let size = serde_json::to_string(text).unwrap().len();
        assert!(size <= MAX_RESULT, "{size}");
    }

    #[test]
    fn patches_follow_each_other_and_nothing_is_said_of_what_is_not() {
        let id = samples::run().id;
        assert_eq!(diff(&id, &page(&["+a\n", "+b\n"])), "+a\n+b\n");
        assert_eq!(diff(&id, &page(&[])), "[the run changed nothing]\n");
        let mut hiding = page(&["+a\n"]);
        hiding.files[0].hidden = true;
        hiding.files[0].cut = true;
        hiding.next = Some(9);
        assert_eq!(
            diff(&id, &hiding),
            format!(
                "[more: codex://runs/{id}/diff?cursor=9]\n+a\n\
                 [something is hidden in this patch; what is applied is exact]\n\
                 [the rest of this patch is too much to show]\n"
            )
        );
    }

    #[test]
    fn a_part_fits_and_says_where_the_next_one_is() {
        let id = samples::run().id;
        for line in [
            "+\"quoted\"\n",
            "+\u{1}\n",
            "+plain words\n",
            "+no end of the line ",
        ] {
            let long = line.repeat(60_000 / line.len());
            let many = [line; 20_000];
            let mut all = page(&many);
            all.files.iter_mut().for_each(|file| file.hidden = true);
            check_size(&diff(&id, &all));
            let text = diff(&id, &page(&["+first\n", &long]));
            check_size(&text);
            let (more, shown) = text.split_once('\n').unwrap();
            let uri = more.trim_start_matches("[more: ").trim_end_matches(']');
            let Ok(Address::Diff { cursor: next, .. }) = Address::parse(uri) else {
                panic!("{uri}");
            };
            let rest = shown.strip_prefix("+first\n").unwrap();
            assert!(long.starts_with(rest));
            assert_eq!(next, cursor(1, rest.len() as u64));
        }
    }

    #[test]
    fn it_is_said_why_there_are_no_findings() {
        let ended = || Run {
            state: RunState::Ended(Outcome::Succeeded),
            kind: RunKind::Task,
            ..samples::run()
        };
        let check = |run: &Run, expected: &str| assert_eq!(why_no_review(run), expected);
        check(&ended(), "has no findings: it is a task");
        let review = |run| Run {
            kind: RunKind::Review,
            ..run
        };
        check(
            &review(samples::queued_run()),
            "is queued, and what a review found is known at its end",
        );
        check(
            &review(ended()),
            "has no findings: the review did not come to its end",
        );
    }
}
