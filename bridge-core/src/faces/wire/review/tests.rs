use super::*;
use crate::faces::wire::samples::review;

#[test]
fn a_review_has_its_verdict_its_findings_and_what_it_covered() {
    let dto = ReviewDto::new(&review(), ReviewWindow::WHOLE);
    assert_eq!(serde_json::to_string_pretty(&dto).unwrap(), REVIEW.trim());
}

#[test]
fn a_window_shows_some_of_the_findings_and_where_the_next_ones_are() {
    let window = |offset, count| {
        let window = ReviewWindow {
            offset,
            count,
            uncovered: 0,
        };
        let dto = ReviewDto::new(&review(), window);
        (
            dto.findings_offset,
            dto.findings.len(),
            dto.findings_next_offset,
            dto.coverage.uncovered_more,
        )
    };
    assert_eq!(window(0, 2), (0, 2, Some(2), 1));
    assert_eq!(window(2, 2), (2, 1, None, 1));
    assert_eq!(window(9, 2), (3, 0, None, 1));
}

const REVIEW: &str = r#"
{
  "verdict": "needs_work",
  "explanation": "One bug.",
  "confidence": 0.75,
  "subject": "the uncommitted changes",
  "before": "abababababababababababababababababababab",
  "findings_total": 3,
  "findings": [
    {
      "severity": "high",
      "title": "Loop reads past the end",
      "file": "src/cart.rs",
      "start_line": 12,
      "end_line": 14,
      "place": "verified",
      "in_change": true,
      "confidence": 0.9,
      "body": "With an empty list it reads past the end.",
      "suggested_fix": "for i in 0..n",
      "reports": 2
    },
    {
      "severity": "low",
      "title": "Total is never reset",
      "file": "src/total.rs",
      "start_line": 12,
      "end_line": 14,
      "place": "moved",
      "place_note": "the reviewer gave lines 90 to 91, which the file has not",
      "in_change": false,
      "confidence": 0.9,
      "body": "With an empty list it reads past the end.",
      "reports": 1
    },
    {
      "severity": "unrated",
      "title": "Test is missing",
      "file": "tests/none.rs",
      "start_line": 12,
      "end_line": 14,
      "place": "unverified",
      "place_note": "there is no such file",
      "in_change": false,
      "body": "With an empty list it reads past the end.",
      "reports": 1
    }
  ],
  "findings_offset": 0,
  "findings_next_offset": null,
  "coverage": {
    "files": 3,
    "covered": 2,
    "complete": false,
    "parts": [
      {
        "files": 2,
        "result": "reviewed"
      }
    ],
    "uncovered": [
      {
        "file": "logo.png",
        "why": "binary"
      }
    ]
  }
}
"#;
