//! What a request asks for reaches Codex, and what Codex made of it is read back.

use serde_json::{Value, json};

use crate::runs::{success, with_each_version};

/// The smallest picture there is: one white point.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
    0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0x0f, 0x00, 0x01,
    0x01, 0x01, 0x00, 0xb1, 0x38, 0xf6, 0x14, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
    0x42, 0x60, 0x82,
];

#[test]
fn the_output_schema_reaches_the_model() {
    with_each_version(|scene, sidecar, _| {
        let schema = json!({
            "type": "object", "additionalProperties": false,
            "properties": {"verdict": {"type": "string"}}, "required": ["verdict"],
        });
        let asked = json!({"output_schema": schema});
        let (_, ended) = success(sidecar, scene, r#"MOCK:json {"verdict": "good"}"#, asked);
        let answer: Value = serde_json::from_str(ended["message"].as_str().unwrap()).unwrap();
        assert_eq!(answer, json!({"verdict": "good"}));
        assert_eq!(ended["requested"]["output_schema"], true);
        let requests = scene.model().requests();
        assert_eq!(requests.last().unwrap().output_schema(), Some(&schema));
    });
}

#[test]
fn images_reach_the_model() {
    with_each_version(|scene, sidecar, _| {
        let images = ["one.png", "two, with a space.png"].map(|name| scene.work().join(name));
        for image in &images {
            std::fs::write(image, PNG).unwrap();
        }
        let one = json!({"images": [images[0]]});
        let (_, ended) = success(sidecar, scene, "MOCK:answer A white point.", one);
        assert_eq!(ended["requested"]["images"], 1);
        let body = scene.model().requests().last().unwrap().body.to_string();
        assert!(
            body.contains("data:image/png;base64,"),
            "no image in the request"
        );

        let refused = sidecar.call(
            "codex_run_task",
            json!({"prompt": "MOCK:answer Never said.", "images": images}),
        );
        assert_eq!(refused.code(), "invalid_argument");
    });
}

#[test]
fn model_and_effort_are_read_back_from_codex() {
    with_each_version(|scene, sidecar, _| {
        let (_, ended) = success(sidecar, scene, "MOCK:answer", json!({}));
        assert_eq!(ended["requested"].get("model"), None);
        assert_eq!(ended["applied"]["model"], "gpt-5.4");

        let asked = json!({"model": "gpt-5.5", "effort": "high"});
        let (_, ended) = success(sidecar, scene, "MOCK:answer", asked);
        assert_eq!(ended["requested"]["model"], "gpt-5.5");
        assert_eq!(ended["requested"]["effort"], "high");
        assert_eq!(ended["applied"]["model"], "gpt-5.5");
        assert_eq!(ended["applied"]["effort"], "high");
        assert_eq!(scene.model().requests().last().unwrap().model(), "gpt-5.5");
    });
}

#[test]
fn a_request_repeated_is_one_run_and_another_under_its_name_is_refused() {
    with_each_version(|scene, sidecar, _| {
        let asked = |prompt: &str| json!({"prompt": prompt, "request_id": "r-1", "wait_s": 0});
        let first = sidecar
            .call("codex_run_task", asked("MOCK:answer Once."))
            .ok();
        assert_eq!(first["repeated"], false);
        // By another process while the run lives, and again when it is over.
        let mut other = scene.sidecar();
        let second = other
            .call("codex_run_task", asked("MOCK:answer Once."))
            .ok();
        assert_eq!(
            (&second["run_id"], &second["repeated"]),
            (&first["run_id"], &json!(true))
        );
        let run = first["run_id"].as_str().unwrap();
        sidecar.wait_for_end(run, crate::runs::LIMIT);
        let third = sidecar
            .call("codex_run_task", asked("MOCK:answer Once."))
            .ok();
        assert_eq!(
            (&third["run_id"], &third["repeated"]),
            (&first["run_id"], &json!(true))
        );
        assert_eq!(third["message"], "Once.");

        let conflict = sidecar.call("codex_run_task", asked("MOCK:answer Twice."));
        assert_eq!(conflict.code(), "request_conflict");
        let text = conflict.text_at("/message");
        assert!(
            text.contains(run),
            "the message does not name the run: {text}"
        );
        let listed = sidecar.call("codex_list_runs", json!({})).ok();
        assert_eq!(listed["runs"].as_array().map(Vec::len), Some(1));
        assert_eq!(scene.model().requests().len(), 1);
    });
}
