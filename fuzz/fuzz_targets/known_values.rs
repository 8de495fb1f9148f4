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
    // What a mark says is no leak.
    if "[redacted:known-value]".contains(line) || line.contains("[redacted:") {
        return;
    }
    let gone = |text: &str, form: &str| {
        let out = scrubber.scrub(text);
        let marks_apart = out.as_str().replace("[redacted:known-value]", "\u{0}");
        assert!(!marks_apart.contains(form), "{form:?} is left in {out}");
    };
    gone(&format!("{before}{line}{after}"), line);
    let json = serde_json::to_string(&format!("{before} {line} {after}")).unwrap_or_default();
    let form = serde_json::to_string(line).unwrap_or_default();
    gone(&json, &form[1..form.len() - 1]);
});
