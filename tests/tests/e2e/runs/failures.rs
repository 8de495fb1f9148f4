//! Whatever goes wrong between Codex and its service has a code, a reason and a way out.

use serde_json::Value;

use crate::runs::{whole_run, with_each_version};

/// Scenario, code, words of the message, words of the hint.
const FAILURES: &[(&str, &str, &str, &str)] = &[
    ("http 401", "logged_out", "401", "codex login"),
    ("http 403", "logged_out", "403", "account"),
    ("http 400", "model_unavailable", "does not exist", "model"),
    ("http 429", "rate_limited", "429", "Wait"),
    (
        "http 429 usage_limit",
        "usage_limit",
        "usage limit",
        "Try again at",
    ),
    ("http 500", "service_error", "high demand", "later"),
    (
        "failed server_error",
        "service_error",
        "mock failed",
        "later",
    ),
    (
        "failed context_length_exceeded",
        "context_full",
        "ran out of room",
        "new run",
    ),
    ("failed insufficient_quota", "usage_limit", "uota", "limit"),
    ("cut", "stream_cut", "disconnected", "again"),
    ("abort", "stream_cut", "disconnected", "again"),
    ("incomplete", "stream_cut", "ncomplete", ""),
];

#[test]
fn every_failure_has_its_code_and_a_way_out() {
    with_each_version(|scene, sidecar, version| {
        let mut wrong = Vec::new();
        for (scenario, code, said, hint) in FAILURES {
            let prompt = format!("MOCK:{scenario}");
            let (_, ended) = whole_run(sidecar, scene, &prompt, Value::Null);
            let error = &ended["error"];
            let has = |name: &str, words: &str| {
                error[name]
                    .as_str()
                    .is_some_and(|text| !text.is_empty() && text.contains(words))
            };
            let fits = ended["state"] == "failed"
                && error["code"] == *code
                && has("message", said)
                && has("hint", hint);
            if !fits {
                wrong.push(format!("{version}, {scenario}: {} {error}", ended["state"]));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_bad_event_of_the_service_does_not_end_a_run() {
    with_each_version(|scene, sidecar, _| {
        let (_, ended) = whole_run(sidecar, scene, "MOCK:badsse", Value::Null);
        assert_eq!(ended["state"], "succeeded", "{ended}");
        assert_eq!(ended["message"], "survived a bad SSE line");
    });
}

#[test]
fn an_error_that_passes_does_not_fail_a_run() {
    with_each_version(|scene, sidecar, _| {
        let (_, ended) = whole_run(sidecar, scene, "MOCK:http_once 500 1", Value::Null);
        assert_eq!(ended["state"], "succeeded", "{ended}");
        assert_eq!(ended["error"], Value::Null, "{ended}");
    });
}
