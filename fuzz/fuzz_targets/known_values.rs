//! Values that the scrubber was told of: gone from every text, plain and in the usual encodings.
#![no_main]

use bridge_core::domain::scrub::{Extras, Scrubber};
use codex_bridge_fuzz::pieces;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let pieces = pieces(input);
    let [value, before, after] = &pieces[..] else {
        return;
    };
    let line = value.trim();
    if line.len() < 6 || line.contains(['\n', '\r']) || line.contains('\u{1b}') {
        return;
    }
    let extras = Extras {
        known_values: vec![value.to_owned()],
        ..Extras::default()
    };
    let Ok(scrubber) = Scrubber::new(extras) else {
        return;
    };
    let gone = |text: &str, form: &str| {
        let out = scrubber.scrub(text);
        assert!(
            !without_marks(out.as_str()).contains(form),
            "{form:?} is left in {out}"
        );
    };
    gone(&format!("{before}{line}{after}"), line);
    let json = serde_json::to_string(&format!("{before} {line} {after}")).unwrap_or_default();
    let form = serde_json::to_string(line).unwrap_or_default();
    gone(&json, &form[1..form.len() - 1]);
});

/// The text with a NUL, which no value has, for each mark: what a mark says is no leak.
fn without_marks(text: &str) -> String {
    let mut parts = text.split("[redacted:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let word = part
            .bytes()
            .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
            .count();
        match part[word..].strip_prefix(']') {
            Some(rest) => out.extend(["\0", rest]),
            None => out.extend(["[redacted:", part]),
        }
    }
    out
}
