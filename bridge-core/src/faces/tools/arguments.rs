//! The one gate for arguments: what a tool takes is what its schema says, and a refusal names the parameter, the
//! reason and what would be right.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::domain::error::ErrorCode;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::schema::of_input;
use crate::faces::wire::text::abridge;

/// The longest refusal: it may quote what the client sent.
const MAX_MESSAGE: usize = 500;

/// Why arguments were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The parameter, as a path such as `images[2]`.
    pub(crate) parameter: String,
    /// What is wrong with it and what it has to be.
    pub(crate) reason: String,
}

impl Refused {
    /// What was wrong, in one sentence, cut to a bounded length.
    pub(crate) fn scrubbed(&self, scrubber: &Scrubber) -> Scrubbed {
        let mut message = scrubber.scrub(&format!("`{}` {}", self.parameter, self.reason));
        message.truncate(MAX_MESSAGE);
        message
    }

    /// The refusal as the client gets it.
    pub(crate) fn failure(&self, scrubber: &Scrubber) -> ErrorDto {
        let mut message = scrubber
            .scrub(&format!("`{}` {}", self.parameter, self.reason))
            .into_string();
        abridge(&mut message, MAX_MESSAGE);
        ErrorDto {
            code: ErrorCode::InvalidArgument.as_str().to_owned(),
            message,
            hint: "Correct the parameter and call again; nothing was started or changed."
                .to_owned(),
        }
    }
}

/// The input schema of a tool that takes `P`.
pub(crate) fn schema<P: JsonSchema>() -> Map<String, Value> {
    let mut schema = of_input::<P>();
    // The type's own description is ours; clients show the tool's.
    schema.remove("description");
    schema
        .entry("properties")
        .or_insert_with(|| Value::Object(Map::new()));
    schema
}

/// Reads arguments that fit the schema.
pub(crate) fn parse<P: DeserializeOwned>(
    schema: &Map<String, Value>,
    mut arguments: Map<String, Value>,
) -> Result<P, Refused> {
    // Models write null for what they leave out.
    arguments.retain(|_, value| !value.is_null());
    let mut arguments = Value::Object(arguments);
    check("", schema, &mut arguments)?;
    serde_path_to_error::deserialize(arguments).map_err(|error| Refused {
        parameter: error.path().to_string(),
        reason: format!("can't be read: {}", error.inner()),
    })
}

/// Checks a value against the part of JSON Schema that our schemas use.
fn check(path: &str, schema: &Map<String, Value>, value: &mut Value) -> Result<(), Refused> {
    let refuse = |reason: String| {
        Err(Refused {
            parameter: path.to_owned(),
            reason,
        })
    };
    let wanted = schema.get("type").and_then(Value::as_str);
    if wanted == Some("integer") {
        whole(value);
    }
    let fits = match wanted {
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    let accepted = accepted(schema);
    if !fits {
        return refuse(format!("is {}, but has to be {accepted}", found(value)));
    }
    if !is_within(schema, value) {
        return refuse(format!("is {}, but has to be {accepted}", quote(value)));
    }
    match value {
        Value::Object(object) => check_object(path, schema, object),
        Value::Array(items) => match schema.get("items") {
            Some(Value::Object(of_items)) => items
                .iter_mut()
                .enumerate()
                .try_for_each(|(at, item)| check(&format!("{path}[{at}]"), of_items, item)),
            _ => Ok(()),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn check_object(
    path: &str,
    schema: &Map<String, Value>,
    object: &mut Map<String, Value>,
) -> Result<(), Refused> {
    let none = Map::new();
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    let inner = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    if schema.get("additionalProperties") == Some(&Value::Bool(false))
        && let Some(name) = object.keys().find(|name| !properties.contains_key(*name))
    {
        return Err(Refused {
            parameter: inner(name),
            reason: unknown(name, properties),
        });
    }
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            let of_it = properties.get(name).and_then(Value::as_object);
            return Err(Refused {
                parameter: inner(name),
                reason: format!(
                    "is missing; it has to be {}",
                    accepted(of_it.unwrap_or(&none))
                ),
            });
        }
    }
    for (name, value) in object.iter_mut() {
        if let Some(Value::Object(of_it)) = properties.get(name) {
            check(&inner(name), of_it, value)?;
        }
    }
    Ok(())
}

/// Takes 30.0 for 30: some clients have no whole numbers.
fn whole(value: &mut Value) {
    if let Some(float) = value.as_f64().filter(|_| value.is_f64())
        && float.fract() == 0.0
        && float.abs() <= 9_007_199_254_740_992.0
    {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole and within what a float can count"
        )]
        let number = Number::from(float as i64);
        *value = Value::Number(number);
    }
}

/// Whether a value of the right type is within the schema's bounds.
fn is_within(schema: &Map<String, Value>, value: &Value) -> bool {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let size = match value {
        Value::String(text) => {
            if let Some(Value::Array(words)) = schema.get("enum") {
                return words.contains(value);
            }
            // JSON Schema counts characters.
            Some(text.chars().count() as f64)
        }
        Value::Array(items) => Some(items.len() as f64),
        Value::Number(number) => number.as_f64(),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    };
    let (least, most) = match value {
        Value::String(_) => (bound("minLength"), bound("maxLength")),
        Value::Array(_) => (bound("minItems"), bound("maxItems")),
        _ => (bound("minimum"), bound("maximum")),
    };
    size.is_none_or(|size| {
        least.is_none_or(|least| size >= least) && most.is_none_or(|most| size <= most)
    })
}

/// What the schema takes, in words.
fn accepted(schema: &Map<String, Value>) -> String {
    let bounds = |least: &str, most: &str| match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(" from {least}"),
        (None, Some(most)) => format!(" up to {most}"),
        (None, None) => String::new(),
    };
    if let Some(Value::Array(words)) = schema.get("enum") {
        return format!("one of {}", list(words.iter().map(quote)));
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => match schema.get("maxLength") {
            Some(most) => format!("a string of at most {most} characters"),
            None => "a string".to_owned(),
        },
        Some("integer") => format!("a whole number{}", bounds("minimum", "maximum")),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => {
            let items = schema.get("items").and_then(Value::as_object);
            let of = items.map_or_else(String::new, |items| format!(", each {}", accepted(items)));
            match schema.get("maxItems") {
                Some(most) => format!("an array of at most {most} items{of}"),
                None => format!("an array{of}"),
            }
        }
        Some("object") => "an object".to_owned(),
        _ => "something else".to_owned(),
    }
}

fn unknown(name: &str, properties: &Map<String, Value>) -> String {
    if properties.is_empty() {
        return "is not a parameter of this tool; it takes none".to_owned();
    }
    let names = list(properties.keys().map(|name| format!("`{name}`")));
    match properties.keys().find(|known| is_like(name, known)) {
        Some(known) => format!("is not a parameter of this tool; `{known}` is. It takes {names}"),
        None => format!("is not a parameter of this tool; it takes {names}"),
    }
}

/// Whether a name is another one in other clothes: `workingDir` and `working_dir`, `prompts` and `prompt`.
fn is_like(name: &str, known: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let (name, known) = (plain(name), plain(known));
    let (short, long) = if name.len() < known.len() {
        (name, known)
    } else {
        (known, name)
    };
    short.len() > 2 && long.starts_with(&short)
}

/// What a value is, and the value itself where it is short.
fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => quote(value),
        Value::String(_) => format!("the string {}", quote(value)),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn quote(value: &Value) -> String {
    const MAX: usize = 60;
    match value {
        Value::Array(items) => format!("an array of {} items", items.len()),
        Value::String(text) if text.chars().count() > MAX => {
            format!("a string of {} characters", text.chars().count())
        }
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

fn list(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
