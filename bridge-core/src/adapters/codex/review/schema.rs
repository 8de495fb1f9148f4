//! The form of a review's answer.

/// The JSON Schema of the answer. Strict mode wants every property to be required: what may be absent may be `null`.
pub const ANSWER_SCHEMA: &str = r#"{
  "type": "object",
  "additionalProperties": false,
  "required": ["findings", "overall_correctness", "overall_explanation", "overall_confidence_score"],
  "properties": {
    "findings": {
      "type": "array",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["title", "body", "confidence_score", "priority", "code_location", "suggested_fix"],
        "properties": {
          "title": {"type": "string"},
          "body": {"type": "string"},
          "confidence_score": {"type": "number"},
          "priority": {"type": ["integer", "null"]},
          "code_location": {
            "type": "object",
            "additionalProperties": false,
            "required": ["absolute_file_path", "line_range"],
            "properties": {
              "absolute_file_path": {"type": "string"},
              "line_range": {
                "type": "object",
                "additionalProperties": false,
                "required": ["start", "end"],
                "properties": {"start": {"type": "integer"}, "end": {"type": "integer"}}
              }
            }
          },
          "suggested_fix": {"type": ["string", "null"]}
        }
      }
    },
    "overall_correctness": {"type": "string", "enum": ["patch is correct", "patch is incorrect"]},
    "overall_explanation": {"type": "string"},
    "overall_confidence_score": {"type": "number"}
  }
}
"#;
