//! What we wrote ourselves and a damaged disk or a foreign hand may have changed: orders and outcome files are read
//! whole or refused.
#![no_main]

use bridge_core::adapters::codex::session_log;
use bridge_core::adapters::store::fuzzing;
use bridge_core::domain::scrub::Scrubber;
use bridge_core::use_cases::supervisor::Order;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(order) = Order::from_json(input) {
        let json = order.to_json().expect("what was read can be written");
        let again = Order::from_json(&json).expect("what was written can be read");
        assert_eq!(format!("{order:?}"), format!("{again:?}"));
    }
    fuzzing::adopt(input);
    let mut record = tempfile::NamedTempFile::new().expect("a file");
    std::io::Write::write_all(&mut record, input).expect("it can be written");
    let _ = session_log::applied(record.path(), None, &Scrubber::builtin());
});
