use serde_json::Value;

use super::*;

const RECORDED: [(&str, &str); 4] = [
    (
        "0.118.0",
        include_str!("../fixtures/failures-0.118.0.jsonl"),
    ),
    (
        "0.140.0",
        include_str!("../fixtures/failures-0.140.0.jsonl"),
    ),
    (
        "0.155.0",
        include_str!("../fixtures/failures-0.155.0.jsonl"),
    ),
    (
        "0.169.0",
        include_str!("../fixtures/failures-0.169.0.jsonl"),
    ),
];

/// What each recorded failure is, in every version that has it.
const EXPECTED: &[(&str, &str)] = &[
    ("approval", "unsupported"),
    ("badconfig", "codex_config"),
    ("badflag", "unsupported"),
    ("badprovider", "codex_config"),
    ("badsandbox", "unsupported"),
    ("cd_missing", "codex_failed"),
    ("cut", "stream_cut"),
    ("down", "network_down"),
    ("empty_stdin", "internal"),
    ("envkey", "logged_out"),
    ("failed_context_length_exceed", "context_full"),
    ("failed_insufficient_quota", "usage_limit"),
    ("failed_invalid_prompt", "request_rejected"),
    ("failed_rate_limit_exceeded", "rate_limited"),
    ("failed_server_error", "service_error"),
    ("fullauto", "unsupported"),
    ("http_400", "model_unavailable"),
    ("http_401", "logged_out"),
    ("http_403", "logged_out"),
    ("http_429", "rate_limited"),
    ("http_429_usage_limit", "usage_limit"),
    ("http_500", "service_error"),
    ("incomplete", "stream_cut"),
    ("nogit", "untrusted_folder"),
    ("olm_unwritable", "codex_failed"),
    ("profile", "codex_config"),
    ("schema_bad", "request_rejected"),
    ("schema_missing", "request_rejected"),
];

fn classified(errors: &[&str], stderr: &str, exit: Option<Exit>) -> Failure {
    let scrubber = Scrubber::builtin();
    let errors: Vec<_> = errors.iter().map(|error| scrubber.scrub(error)).collect();
    let evidence = Evidence {
        errors: &errors,
        stderr,
        exit,
    };
    classify(&evidence, &scrubber)
}

fn messages(events: &Value) -> Vec<String> {
    let events = events.as_array().unwrap();
    events
        .iter()
        .map(|event| serde_json::from_str::<Value>(event.as_str().unwrap()).unwrap())
        .filter_map(|event| match event["type"].as_str().unwrap() {
            "error" => event["message"].as_str().map(str::to_owned),
            "turn.failed" => event["error"]["message"].as_str().map(str::to_owned),
            _ => None,
        })
        .collect()
}

#[test]
fn every_recorded_failure_is_recognised() {
    let mut cases = 0;
    for (version, recorded) in RECORDED {
        for line in recorded.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let case = row["case"].as_str().unwrap();
            let errors = messages(&row["stdout"]);
            let errors: Vec<&str> = errors.iter().map(String::as_str).collect();
            let code = i32::try_from(row["rc"].as_i64().unwrap()).unwrap();
            let stderr = row["stderr"].as_str().unwrap();
            let failure = classified(&errors, stderr, Some(Exit::Code(code)));
            let (_, expected) = EXPECTED.iter().find(|(name, _)| *name == case).unwrap();
            let found = failure.code.as_str();
            assert_eq!(found, *expected, "{version} {case}: {failure:?}");
            assert!(!failure.hint.is_empty() && failure.message.len() < 1_200);
            cases += 1;
        }
    }
    assert_eq!(cases, 79);
}

#[track_caller]
fn check_error(message: &str, expected: &str) {
    let failure = classified(&[message], "", Some(Exit::Code(1)));
    assert_eq!(failure.code.as_str(), expected, "{message}");
}

/// Sentences that are in the binaries and were not provoked.
#[test]
fn sentences_that_were_not_seen_live_are_recognised() {
    check_error(
        "Your workspace is out of credits. Add credits to continue.",
        "usage_limit",
    );
    check_error(
        "You hit your spend cap set in your workspace.",
        "usage_limit",
    );
    check_error(
        "To use Codex with your ChatGPT plan, upgrade to Plus: …",
        "usage_limit",
    );
    check_error(
        "Your access token could not be refreshed. Please log out and sign in again.",
        "logged_out",
    );
    check_error(
        "Selected model is at capacity. Please try a different model.",
        "service_error",
    );
    check_error(
        "unexpected status 503 Service Unavailable: x, url: y",
        "service_error",
    );
    check_error(
        "exceeded retry limit, last status: 502 Bad Gateway",
        "service_error",
    );
    check_error(
        r#"{"detail":"The 'gpt-9' model is not supported when using Codex with a ChatGPT account."}"#,
        "model_unavailable",
    );
    check_error(
        "Invalid prompt: we've limited access to this content for safety reasons.",
        "request_rejected",
    );
    check_error(
        "This request has been flagged for possible cybersecurity risk.",
        "request_rejected",
    );
    check_error(
        "unexpected status 400 Bad Request: Invalid schema for response_format",
        "request_rejected",
    );
    check_error(
        "stream disconnected before completion: idle timeout waiting for SSE",
        "stream_cut",
    );
    check_error(
        "Reconnecting... 3/5 (stream disconnected before completion: failed to lookup address information: Name does not resolve)",
        "network_down",
    );
    check_error("Something nobody has seen", "codex_failed");
}

#[test]
fn what_codex_writes_before_it_gives_up_is_recognised() {
    let check = |stderr: &str, code: i32, expected: &str| {
        let failure = classified(&[], stderr, Some(Exit::Code(code)));
        assert_eq!(failure.code.as_str(), expected, "{stderr}");
    };
    let thread = "01a20356-e3eb-7f92-962b-08a749c63f25";
    check(
        &format!(
            "Error: thread/resume: thread/resume failed: no rollout found for thread id {thread} (code -32600)"
        ),
        1,
        "session_unavailable",
    );
    check(
        &format!("Error: thread {thread} already has an active writer"),
        1,
        "session_unavailable",
    );
    check(
        "Error loading config.toml:\n/home/me/.codex/config.toml:1:11: unclosed array, expected `]`\n  |\n",
        1,
        "codex_config",
    );
    check(
        "Error loading config.toml: unknown variant `bogus`, expected one of `none`, `low`\nin `model_reasoning_effort`\n",
        1,
        "unsupported",
    );
    check(
        "Error finding codex home: CODEX_HOME points to \"/x\", but that path does not exist\n",
        1,
        "codex_config",
    );
    check(
        "thread 'main' panicked at core/src/x.rs:1:2:\noh no\n",
        101,
        "crashed",
    );
    check(
        "error building bubblewrap command: x\n",
        1,
        "sandbox_refused",
    );
    check(
        "Error: No space left on device (os error 28)\n",
        1,
        "store_full",
    );
    check("", 101, "crashed");
    check("", 2, "unsupported");
    check("", 1, "no_result");
    check("", 0, "no_result");
    check("something went wrong", 1, "codex_failed");
}

#[test]
fn the_log_on_standard_error_decides_nothing() {
    let log = "2026-11-22T12:27:07.846849Z ERROR codex_core::tools::router: error=exec_command failed: \
        SandboxDenied: bwrap: no\n";
    let failure = classified(&[], log, Some(Exit::Code(0)));
    assert_eq!(failure.code.as_str(), "no_result");
}

#[test]
fn who_is_killed_while_it_tries_again_did_not_fail_for_that_reason() {
    let errors = ["Reconnecting... 2/5 (stream disconnected before completion: x)"];
    let killed = classified(&errors, "", Some(Exit::Signal(9)));
    assert_eq!(killed.code.as_str(), "crashed");
    assert_eq!(
        killed.message.as_str(),
        "Codex ended by a signal or a panic. It was SIGKILL."
    );
    let ended = classified(&errors, "", Some(Exit::Code(1)));
    assert_eq!(ended.code.as_str(), "stream_cut");
}

#[test]
fn a_failure_says_what_happened_and_what_to_do() {
    let check = |error: &str, message: &str, hint: &str| {
        let failure = classified(&[error], "", None);
        assert_eq!(failure.message.as_str(), message);
        assert_eq!(failure.hint.as_str(), hint);
    };
    check(
        "You’ve hit your usage limit. Upgrade to Pro or try again at 1:59 PM.",
        "The account's usage limit is reached. Codex says: You've hit your usage limit. Upgrade to Pro or \
         try again at 1:59 PM.",
        "Try again at 1:59 PM. Wait until the limit is renewed, add credits, or use another account.",
    );
    check(
        r#"{"error": {"message": "The requested model 'mock' does not exist.", "code": "model_not_found"}}"#,
        "The model does not exist or is not allowed for the account. Codex says: The requested model 'mock' \
         does not exist.",
        "Leave the model out to let Codex choose, or name one that this account has.",
    );
    let long = classified(&[&"x".repeat(5_000)], "", None);
    assert!(long.message.as_str().ends_with("x…"));
}
