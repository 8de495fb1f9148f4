//! The gate for a tool's arguments: it lets through just what the schema that clients see allows.
#![no_main]

use std::sync::LazyLock;

use bridge_core::faces::mcp::fuzzing::{self, Gate};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

struct Tool {
    gate: Gate,
    validator: jsonschema::Validator,
}

static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
    fuzzing::gates()
        .into_iter()
        .map(|gate| Tool {
            validator: jsonschema::validator_for(&gate.schema()).expect("a schema"),
            gate,
        })
        .collect()
});

fuzz_target!(|input: &str| {
    // The first word is the tool, the others are its arguments.
    let (name, arguments) = input.split_once(' ').unwrap_or((input, ""));
    let Some(Tool { gate, validator }) = TOOLS.iter().find(|tool| tool.gate.name() == name) else {
        return;
    };
    let Ok(Value::Object(arguments)) = serde_json::from_str::<Value>(arguments) else {
        return;
    };
    let seen: Map<String, Value> = arguments
        .clone()
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let seen = Value::Object(seen);
    match gate.admits(arguments) {
        Ok(()) => assert!(
            validator.is_valid(&seen),
            "{} lets {seen} through",
            gate.name()
        ),
        Err(refusal) => {
            assert!(refusal.len() <= 1000, "a refusal is short: {refusal}");
            assert!(
                !validator.is_valid(&seen),
                "{} refuses {seen}: {refusal}",
                gate.name()
            );
        }
    }
});
