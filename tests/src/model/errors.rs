//! The HTTP errors of the API, in its own words.

use std::time::{SystemTime, UNIX_EPOCH};

use bridge_core::adapters::scripted_model::Reply;
use serde_json::{Value, json};

/// The reply with this status and the body that the API gives it.
pub(in crate::model) fn http_error(code: u16) -> Reply {
    match code {
        400 => refused(
            code,
            &invalid(
                "model_not_found",
                "model",
                "The requested model 'mock' does not exist. (mock)",
            ),
        ),
        401 => refused(
            code,
            &invalid(
                "invalid_api_key",
                Value::Null,
                "Incorrect API key provided: mock-key. (mock)",
            ),
        ),
        429 => Reply::Status {
            code,
            headers: vec![("retry-after".to_owned(), "1".to_owned())],
            body: json!({"error": {
                "message": "Rate limit reached (mock). Please try again in 1s.",
                "type": "requests", "param": null, "code": "rate_limit_exceeded",
            }})
            .to_string(),
        },
        _ => refused(
            code,
            &json!({"error": {
                "message": format!("mock error {code}"),
                "type": "server_error", "param": null, "code": null,
            }}),
        ),
    }
}

/// The reply to an account that has used up what its plan gives, for another hour.
pub(in crate::model) fn usage_limit(code: u16) -> Reply {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    refused(
        code,
        &json!({"error": {
            "type": "usage_limit_reached", "message": "The usage limit has been reached",
            "plan_type": "plus", "resets_at": now.as_secs() + 3600, "resets_in_seconds": 3600,
        }}),
    )
}

fn invalid(code: &str, param: impl Into<Value>, message: &str) -> Value {
    json!({"error": {
        "message": message, "type": "invalid_request_error",
        "param": param.into(), "code": code,
    }})
}

fn refused(code: u16, body: &Value) -> Reply {
    Reply::Status {
        code,
        headers: Vec::new(),
        body: body.to_string(),
    }
}
