//! The scrubber: it never panics, twice is once (but for lines that it looks at in pieces), pieces come out as the whole,
//! what is shown early is how the whole goes on, JSON stays JSON, and lines stay lines.
#![no_main]

use bridge_core::domain::scrub::{LONGEST_LINE, Scrubber};
use codex_bridge_fuzz::pieces;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let pieces = pieces(input);
    let text = pieces.concat();
    let scrubber = Scrubber::builtin();
    let whole = scrubber.scrub(&text);
    if text.lines().all(|line| line.len() < LONGEST_LINE) {
        assert_eq!(scrubber.scrub(whole.as_str()), whole, "twice is once");
    }
    let mut stream = scrubber.stream();
    let mut joined = String::new();
    for piece in &pieces {
        joined.push_str(stream.push(piece).as_str());
        let early = format!("{joined}{}", stream.ahead());
        assert!(
            whole.as_str().starts_with(&early),
            "what is shown early is how the whole goes on: {early}"
        );
    }
    joined.push_str(stream.finish().as_str());
    assert_eq!(joined, whole.as_str(), "pieces come out as the whole");
    let breaks = |text: &str| text.matches('\n').count();
    assert_eq!(breaks(&text), breaks(whole.as_str()), "lines stay lines");
    if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
        let after = serde_json::from_str::<serde_json::Value>(whole.as_str());
        after.unwrap_or_else(|error| panic!("JSON stays JSON: {error}: {whole}"));
    }
});
