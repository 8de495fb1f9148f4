//! JSON Schemas of the wire shapes: plain 2020-12 without references, which every client understands.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// The schema of what a tool takes.
pub fn of_input<T: JsonSchema>() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut schema = plain::<T>(settings);
    RecursiveTransform(without_null).transform(&mut schema);
    into_object(schema)
}

/// The schema of what a tool or `--json` gives.
pub fn of_output<T: JsonSchema>() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    into_object(plain::<T>(settings))
}

fn plain<T: JsonSchema>(mut settings: SchemaSettings) -> Schema {
    settings.inline_subschemas = true;
    // Validators of older drafts stop at a `$schema` that they do not know; without one they read on.
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(without_rust_formats).transform(&mut schema);
    RecursiveTransform(plain_enum).transform(&mut schema);
    schema.remove("title");
    schema
}

fn into_object(schema: Schema) -> Map<String, Value> {
    match Value::from(schema) {
        Value::Object(object) => object,
        // `true` and `false` are schemas too, but no shape of ours is one.
        _ => Map::new(),
    }
}

/// Drops `uint32`, `double` and the like: no standard knows them, and validators warn about each.
pub(super) fn without_rust_formats(schema: &mut Schema) {
    let is_standard = matches!(
        schema.get("format").and_then(Value::as_str),
        Some("date-time" | "uri" | "uuid") | None
    );
    if !is_standard {
        schema.remove("format");
    }
}

/// Turns documented variants, `oneOf` of constants, into the `enum` that all clients can read.
pub(super) fn plain_enum(schema: &mut Schema) {
    let Some(Value::Array(variants)) = schema.get("oneOf") else {
        return;
    };
    let names: Option<Vec<Value>> = variants
        .iter()
        .map(|variant| variant.get("const").cloned())
        .collect();
    if let Some(names) = names {
        schema.remove("oneOf");
        schema.insert("type".into(), json!("string"));
        schema.insert("enum".into(), Value::Array(names));
    }
}

/// Says of an optional parameter only what it is when it is there. `null` is taken all the same.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(names)) = schema.get_mut("enum") {
        names.retain(|name| !name.is_null());
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            for (key, value) in only {
                // The parameter's own description tells more than its type's.
                if schema.get(&key).is_none() {
                    schema.insert(key, value);
                }
            }
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    /// Shapes.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Sample {
        /// How many.
        #[schemars(range(min = 1, max = 9))]
        count: Option<u32>,
        /// Which.
        which: Option<Which>,
        /// Parts.
        parts: Vec<Which>,
    }

    /// One of two.
    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code)]
    enum Which {
        /// This.
        This,
        /// That.
        ThatOne,
    }

    #[test]
    fn an_input_schema_is_plain() {
        assert_eq!(
            Value::Object(of_input::<Sample>()),
            json!({
                "type": "object",
                "description": "Shapes.",
                "additionalProperties": false,
                "properties": {
                    "count": {"type": "integer", "description": "How many.", "minimum": 1, "maximum": 9},
                    "which": {"type": "string", "description": "Which.", "enum": ["this", "that_one"]},
                    "parts": {"type": "array", "description": "Parts.",
                        "items": {"type": "string", "description": "One of two.", "enum": ["this", "that_one"]}},
                },
                "required": ["parts"],
            })
        );
    }

    #[test]
    fn an_output_schema_names_every_field_and_says_what_may_be_null() {
        let schema = Value::Object(of_output::<Sample>());
        assert_eq!(schema["required"], json!(["count", "which", "parts"]));
        assert_eq!(
            schema["properties"]["count"]["type"],
            json!(["integer", "null"])
        );
        assert!(schema["properties"]["count"].get("format").is_none());
    }
}
