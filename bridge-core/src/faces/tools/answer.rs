//! What a tool answers: the same object as structured content and as text, and how large that is.

use rmcp::model::{CallToolResult, ContentBlock};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::error::ErrorCode;
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::schema::of_output;

/// The most that a whole result takes on the wire, in bytes. At about 50 KB clients begin to put results into files
/// that a model has to go and read.
pub(crate) const MAX_RESULT: usize = 40_000;
/// What a result takes besides the object that is in it twice.
const FRAME: usize = 300;

/// What came of a call: the object, or what went wrong.
pub(crate) type Answer = Result<Object, ErrorDto>;

/// An object that is ready to be sent, in both of its forms.
#[derive(Debug)]
pub(crate) struct Object {
    value: Value,
    text: String,
}

impl Object {
    /// Takes any wire shape. The text keeps the order of its fields, most important first.
    pub(crate) fn new(shape: &impl Serialize) -> Answer {
        match (serde_json::to_value(shape), serde_json::to_string(shape)) {
            (Ok(value), Ok(text)) => Ok(Object { value, text }),
            (Err(error), _) | (_, Err(error)) => Err(bug(&error.to_string())),
        }
    }

    /// An object that came as text.
    pub(crate) fn from_text(text: String) -> Answer {
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Object { value, text }),
            Err(error) => Err(bug(&error.to_string())),
        }
    }

    /// The object as text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The object.
    pub(crate) fn into_value(self) -> Value {
        self.value
    }
}

/// The result of a tool. Clients show their model either the structured content or the text, so both say the same.
pub(crate) fn result(answer: Answer) -> CallToolResult {
    let (object, is_error) = match answer {
        Ok(object) => (Ok(object), false),
        Err(error) => (Object::new(&error), true),
    };
    match object {
        Ok(Object { value, text }) => {
            let mut result = CallToolResult::structured(value);
            result.content = vec![ContentBlock::text(text)];
            result.is_error = Some(is_error);
            result
        }
        Err(error) => CallToolResult::error(vec![ContentBlock::text(error.message)]),
    }
}

/// The schema of what a tool answers: `T`, or what went wrong. Some clients check a failure against it too, and throw
/// away what does not fit.
pub(crate) fn schema<T: JsonSchema>() -> Map<String, Value> {
    let mut schema = of_output::<T>();
    let mut error = of_output::<ErrorDto>();
    let required = |schema: &mut Map<String, Value>| json!({ "required": schema.remove("required").unwrap_or_else(|| json!([])) });
    let either = json!([required(&mut schema), required(&mut error)]);
    schema.insert("anyOf".to_owned(), either);
    if let (Some(Value::Object(properties)), Some(Value::Object(of_error))) =
        (schema.get_mut("properties"), error.remove("properties"))
    {
        for (name, property) in of_error {
            properties.entry(name).or_insert(property);
        }
    }
    schema
}

/// How many bytes a shape takes in a result: once as it is, once more inside a string.
pub(crate) fn cost(shape: &impl Serialize) -> usize {
    match serde_json::to_string(shape) {
        Ok(json) => FRAME + json.len() + quoted_len(&json),
        Err(_) => usize::MAX,
    }
}

/// How many bytes a text takes in a result.
pub(crate) fn text_cost(text: &str) -> usize {
    text.chars().map(char_cost).sum()
}

/// The longest beginning of `text` that costs at most `room` in a result, in bytes.
pub(crate) fn affordable(text: &str, room: usize) -> usize {
    let mut spent = 0;
    for (at, c) in text.char_indices() {
        spent += char_cost(c);
        if spent > room {
            return at;
        }
    }
    text.len()
}

/// A fault of our own, as the client gets it.
pub(crate) fn bug(message: &str) -> ErrorDto {
    ErrorDto {
        code: ErrorCode::Internal.as_str().to_owned(),
        message: message.to_owned(),
        hint: "This is a fault in the bridge. Try again; if it stays, report it with the log."
            .to_owned(),
    }
}

/// The length of ASCII-escaped JSON inside a JSON string: it has no raw control characters left.
fn quoted_len(json: &str) -> usize {
    json.len()
        + json
            .bytes()
            .filter(|byte| matches!(byte, b'"' | b'\\'))
            .count()
}

/// What a character of a text costs: escaped once in the structured form, twice in the text form.
fn char_cost(c: char) -> usize {
    match c {
        '"' | '\\' => 2 + 4,
        '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2 + 3,
        c if c < ' ' => 6 + 7,
        c => 2 * c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_text_is_what_it_adds_to_a_result() {
        let size = |text: &str| {
            let object = Object::new(&serde_json::json!({ "text": text })).unwrap();
            serde_json::to_vec(&result(Ok(object))).unwrap().len()
        };
        for text in [
            "abc",
            "\"quoted\"",
            "back\\slash",
            "line\nbreak\t",
            "\u{1}\u{1f}",
            "ö€😀",
            "\u{7f}",
        ] {
            let cost: usize = text.chars().map(char_cost).sum();
            assert_eq!(size(text) - size(""), cost, "{text:?}");
        }
    }

    #[test]
    fn the_cost_of_a_shape_is_not_less_than_its_result() {
        let shape = serde_json::json!({ "text": "\"a\"\n", "list": [1, 2, {"b": null}] });
        let object = Object::new(&shape).unwrap();
        let size = serde_json::to_vec(&result(Ok(object))).unwrap().len();
        assert!(size <= cost(&shape), "{size} > {}", cost(&shape));
    }

    #[test]
    fn what_is_affordable_ends_at_a_character() {
        assert_eq!(affordable("abc", 4), 2);
        assert_eq!(affordable("aö", 5), 1);
        assert_eq!(affordable("abc", 100), 3);
    }

    #[test]
    fn a_failure_is_marked_and_says_the_same_in_both_forms() {
        let result = result(Err(bug("it broke")));
        assert_eq!(result.is_error, Some(true));
        let text = result.content[0].as_text().unwrap().text.clone();
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            result.structured_content.unwrap()
        );
    }
}
