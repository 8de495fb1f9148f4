//! What the scrubber as a whole promises.

use crate::domain::scrub::{Extras, Scrubber};

fn check(text: &str, expected: &str) {
    let scrubber = Scrubber::builtin();
    let out = scrubber.scrub(text);
    assert_eq!(out.as_str(), expected);
    assert_eq!(scrubber.scrub(out.as_str()), out, "twice is once");
    for cut in (0..=text.len()).filter(|&cut| text.is_char_boundary(cut)) {
        let mut stream = scrubber.stream();
        let first = stream.push(&text[..cut]);
        let second = stream.push(&text[cut..]);
        let joined = [first, second, stream.finish()];
        assert_eq!(
            crate::domain::scrub::Scrubbed::concat(&[&joined[0], &joined[1], &joined[2]]).as_str(),
            expected,
            "cut at {cut}"
        );
    }
}

#[test]
fn known_values_go_in_every_encoding() {
    let extras = Extras {
        known_values: vec!["p4ss w/ord\"x".into()],
        ..Extras::default()
    };
    let scrubber = Scrubber::new(extras).unwrap();
    for text in [
        "p4ss w/ord\"x",
        r#"{"a":"p4ss w/ord\"x"}"#,
        "p4ss%20w%2Ford%22x",
        "cDRzcyB3L29yZCJ4",
        "eHA0c3Mgdy9vcmQieA==",
    ] {
        assert!(
            scrubber
                .scrub(text)
                .as_str()
                .contains("[redacted:known-value]"),
            "{text}"
        );
    }
}

#[test]
fn a_pattern_that_matches_nothing_much_is_refused() {
    let refused = |pattern: &str| {
        Scrubber::new(Extras {
            patterns: vec![pattern.into()],
            ..Extras::default()
        })
        .unwrap_err()
        .to_string()
    };
    assert_eq!(refused("a*"), "the pattern `a*` matches the empty text");
    assert_eq!(refused("("), "could not read the pattern `(`");
}

#[test]
fn what_a_text_becomes() {
    check("", "");
    check("nothing here\nat all", "nothing here\nat all");
    check(
        "DB_PASSWORD=hunter2x\nLANG=C\n",
        "DB_PASSWORD=[redacted:password]\nLANG=C\n",
    );
    check(
        "postgres://u:dkpztN@h/db",
        "postgres://u:[redacted:url-password]@h/db",
    );
}
