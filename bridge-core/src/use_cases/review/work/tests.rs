use super::*;
use crate::domain::review::{Finding, Lines, Place, PlaceCheck, Severity, Size, VerdictWord};
use crate::use_cases::review::{ChangedText, Existing};

const BOUNDS: PartBounds = PartBounds {
    files: 2,
    bytes: 1_000,
    parts: 2,
};

fn change(sizes: &[Size]) -> Change {
    let file = |(at, size): (usize, &Size)| ChangedText {
        path: RepoPath::new(format!("f{at}.rs").into()).unwrap(),
        change: "modified",
        lines: None,
        size: *size,
    };
    Change {
        what: "the uncommitted changes".into(),
        top: "/w/shop".into(),
        prefix: "".into(),
        before: None,
        after: None,
        filters: Default::default(),
        files: sizes.iter().enumerate().map(file).collect(),
    }
}

fn work(files: usize) -> ReviewWork {
    ReviewWork::new(change(&vec![Size::Text(10); files]), None, BOUNDS).unwrap()
}

fn opinion(word: VerdictWord, files: &[&str]) -> Opinion {
    let finding = |file: &&str| Finding {
        title: Scrubbed::literal("Off by one"),
        body: Scrubbed::literal("because"),
        severity: Severity::High,
        confidence: None,
        place: Place::unchecked(Scrubber::builtin().scrub(file), Lines::new(2, 3)),
        suggested_fix: None,
        reports: 1,
    };
    Opinion {
        verdict: Verdict {
            word,
            ..Verdict::unknown()
        },
        findings: files.iter().map(finding).collect(),
        findings_left_out: 0,
    }
}

fn said(text: &'static str) -> Option<Message> {
    Some(Message {
        text: Scrubbed::literal(text),
        left_out: 0,
    })
}

fn finish(work: ReviewWork) -> Reviewed {
    let scrubber = Scrubber::builtin();
    let existing = work.wanted(&scrubber);
    let existing = existing
        .into_iter()
        .map(|path| (path, Existing::File { lines: 9 }))
        .collect();
    work.finish(&scrubber, &existing)
}

#[test]
fn a_small_change_is_one_part_without_a_word_about_it() {
    let mut work = work(2);
    assert_eq!(work.notice(), None);
    assert!(work.prompt().contains("\"f1.rs\""));
    work.answered(Some(opinion(VerdictWord::Correct, &[])), None);
    assert!(!work.next());
    let reviewed = finish(work);
    assert_eq!(reviewed.review.verdict.word, VerdictWord::Correct);
    assert!(reviewed.review.coverage.is_complete());
    assert_eq!(
        reviewed.message.as_str(),
        "**The change is correct**.\n\nNo findings."
    );
}

#[test]
fn the_parts_of_a_large_change_come_one_after_another() {
    let mut work = work(5);
    assert_eq!(
        work.notice().as_deref(),
        Some(
            "4 of 5 files are reviewed, in 2 parts, the first of 2 files; left out: 1 are too many"
        )
    );
    assert!(work.prompt().contains("This is part 1"));
    assert!(!work.prompt().contains("\"f2.rs\""));
    work.answered(
        Some(opinion(VerdictWord::Correct, &["f0.rs", "f0.rs"])),
        None,
    );
    assert!(work.next());
    assert_eq!(work.notice().as_deref(), Some("part 2 of 2: 2 files"));
    assert!(work.prompt().contains("\"f2.rs\""));
    work.answered(Some(opinion(VerdictWord::NeedsWork, &["f3.rs"])), None);
    assert!(!work.next());
    let Reviewed { review, message } = finish(work);
    assert_eq!(review.verdict.word, VerdictWord::NeedsWork);
    let reports: Vec<_> = review.findings.iter().map(|one| one.reports).collect();
    assert_eq!(reports, [2, 1]);
    assert_eq!(
        review.findings[0].place.check,
        PlaceCheck::Verified { changed: true }
    );
    assert_eq!((review.coverage.covered(), review.coverage.files), (4, 5));
    assert_eq!(
        message.as_str(),
        "**The change needs work**.\n\n2 findings:\n\n\
         1. [high] Off by one – `f0.rs:2-3`\n\
         2. [high] Off by one – `f3.rs:2-3`\n\n\
         Looked at 4 of 5 files, in 2 parts. Left out: 1 (too many)."
    );
}

#[test]
fn an_answer_that_cant_be_read_is_kept_as_it_came() {
    let mut work = work(2);
    work.answered(None, said("I like it."));
    let Reviewed { review, message } = finish(work);
    assert_eq!(review.verdict.word, VerdictWord::Unknown);
    assert_eq!(review.coverage.parts[0].result, PartResult::Unreadable);
    assert!(
        message.as_str().ends_with(
            "The reviewer's answer could not be read as findings. It says:\n\nI like it."
        ),
        "{message}"
    );
}

#[test]
fn what_was_not_reached_is_not_correct() {
    let mut work = work(4);
    work.answered(Some(opinion(VerdictWord::Correct, &[])), None);
    assert!(work.next());
    let Reviewed { review, message } = finish(work);
    assert_eq!(review.verdict.word, VerdictWord::Unknown);
    assert_eq!(review.coverage.covered(), 2);
    assert!(
        message
            .as_str()
            .ends_with("Looked at 2 of 4 files, in 2 parts. Left out: 2 (not reached)."),
        "{message}"
    );
}

#[test]
fn a_change_without_text_can_not_be_reviewed() {
    let sizes = [Size::Binary, Size::Text(5_000)];
    assert!(ReviewWork::new(change(&sizes), None, BOUNDS).is_none());
}
