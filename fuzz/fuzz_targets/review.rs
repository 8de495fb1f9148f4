//! What a model answers to a review: whatever it is, it is read within bounds or kept as text, and nothing in it is
//! still to be scrubbed.
#![no_main]

use std::sync::LazyLock;

use bridge_core::adapters::codex::review;
use bridge_core::domain::review::join;
use bridge_core::domain::scrub::{Scrubbed, Scrubber};
use libfuzzer_sys::fuzz_target;

/// The texts of an opinion are cut at this, and at more.
const SHORTEST_BOUND: usize = 1024;

static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(Scrubber::builtin);

fuzz_target!(|input: &str| {
    let Some(opinion) = review::read(&codex_bridge_fuzz::expand(input), &SCRUBBER) else {
        return;
    };
    assert!(opinion.findings.len() <= 500);
    clean(&opinion.verdict.explanation);
    for finding in &opinion.findings {
        assert!(!finding.title.as_str().is_empty() || !finding.body.as_str().is_empty());
        clean(&finding.title);
        clean(&finding.body);
    }
    let count = opinion.findings.len();
    assert!(join(opinion.findings).len() <= count);
});

fn clean(text: &Scrubbed) {
    // What was cut off may be what showed that the rest is no secret.
    if text.as_str().len() >= SHORTEST_BOUND - '\u{10ffff}'.len_utf8() {
        return;
    }
    let again = SCRUBBER.scrub(text.as_str());
    assert_eq!(again.as_str(), text.as_str(), "scrubbed text stays as it is");
}
