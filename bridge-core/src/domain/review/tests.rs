use super::*;

fn finding(
    severity: Severity,
    title: &'static str,
    file: &'static str,
    lines: (u32, u32),
) -> Finding {
    Finding {
        title: Scrubbed::literal(title),
        body: Scrubbed::literal("because"),
        severity,
        confidence: Confidence::new(0.5),
        place: Place {
            file: Scrubbed::literal(file),
            lines: Lines::new(lines.0, lines.1),
            check: PlaceCheck::Verified { changed: true },
        },
        suggested_fix: None,
        reports: 1,
    }
}

fn shown(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let lines = finding.place.lines.map_or("-".to_owned(), |lines| {
                format!("{}-{}", lines.start(), lines.end())
            });
            format!(
                "{} {} {}:{lines} x{}",
                finding.severity.as_str(),
                finding.title,
                finding.place.file,
                finding.reports
            )
        })
        .collect()
}

#[test]
fn findings_that_say_the_same_are_one() {
    let joined = join(vec![
        finding(Severity::Medium, "Off by one in the loop", "a.rs", (3, 5)),
        finding(Severity::Low, "Rename the loop variable", "a.rs", (3, 5)),
        finding(Severity::High, "Loop is off by one", "a.rs", (5, 6)),
        finding(Severity::Medium, "Off by one in the loop", "b.rs", (3, 5)),
        finding(Severity::Medium, "Off by one in the loop", "a.rs", (30, 31)),
    ]);
    assert_eq!(
        shown(&joined),
        [
            "high Loop is off by one a.rs:3-6 x2",
            "low Rename the loop variable a.rs:3-5 x1",
            "medium Off by one in the loop b.rs:3-5 x1",
            "medium Off by one in the loop a.rs:30-31 x1",
        ]
    );
}

#[test]
fn without_lines_only_the_same_title_makes_one() {
    let whole_file = |title| finding(Severity::Low, title, "a.rs", (0, 0));
    let joined = join(vec![
        whole_file("No tests"),
        whole_file("No tests at all"),
        finding(Severity::Low, "no tests!", "a.rs", (2, 2)),
    ]);
    assert_eq!(
        shown(&joined),
        ["low No tests a.rs:2-2 x2", "low No tests at all a.rs:- x1"]
    );
}

#[test]
fn what_the_severe_one_lacks_is_taken_from_the_other() {
    let fix = Finding {
        suggested_fix: Some(Scrubbed::literal("i < n")),
        confidence: Confidence::new(0.9),
        ..finding(Severity::Low, "Off by one", "a.rs", (1, 1))
    };
    let joined = join(vec![
        finding(Severity::Critical, "Off by one", "a.rs", (1, 1)),
        fix,
    ]);
    assert_eq!(joined.len(), 1);
    assert_eq!(joined[0].severity, Severity::Critical);
    assert_eq!(joined[0].suggested_fix, Some(Scrubbed::literal("i < n")));
    assert_eq!(joined[0].confidence, Confidence::new(0.9));
}

#[test]
fn the_worst_comes_first() {
    let mut findings = vec![
        finding(Severity::Unrated, "e", "a", (1, 1)),
        finding(Severity::Low, "d", "a", (1, 1)),
        Finding {
            confidence: Confidence::new(0.2),
            ..finding(Severity::High, "c", "a", (1, 1))
        },
        finding(Severity::High, "b", "z", (1, 1)),
        finding(Severity::High, "a", "b", (9, 9)),
        finding(Severity::Critical, "0", "z", (1, 1)),
    ];
    sort(&mut findings);
    let titles: Vec<_> = findings.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["0", "a", "b", "c", "d", "e"]);
}

#[test]
fn one_part_that_needs_work_spoils_the_whole() {
    use VerdictWord::{Correct, NeedsWork, Unknown};
    let check = |parts: &[VerdictWord], expected: VerdictWord| {
        let parts = parts
            .iter()
            .map(|word| Verdict {
                word: *word,
                ..Verdict::unknown()
            })
            .collect();
        assert_eq!(Verdict::of_parts(parts).word, expected);
    };
    check(&[], Unknown);
    check(&[Correct], Correct);
    check(&[Correct, Correct], Correct);
    check(&[Correct, Unknown], Unknown);
    check(&[Unknown, NeedsWork, Correct], NeedsWork);
}

#[test]
fn lines_are_in_order_and_within_the_file() {
    assert_eq!(Lines::new(5, 3), Lines::new(3, 5));
    assert_eq!(Lines::new(0, 3), None);
    let lines = Lines::new(3, 9).unwrap();
    assert_eq!(lines.within(20), lines);
    assert_eq!(Some(lines.within(5)), Lines::new(3, 5));
    assert_eq!(Some(lines.within(2)), Lines::new(2, 2));
    assert_eq!(Some(lines.within(0)), Lines::new(1, 1));
}

#[test]
fn confidence_is_a_share() {
    let check = |share: f64, expected: Option<u16>| {
        assert_eq!(Confidence::new(share).map(Confidence::per_mille), expected);
    };
    check(0.0, Some(0));
    check(0.875, Some(875));
    check(1.0, Some(1000));
    check(1.1, None);
    check(-0.1, None);
    check(f64::NAN, None);
}
