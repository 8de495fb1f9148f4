//! Changes one key of the configuration file, if what comes of it can be read.

use std::path::Path;

use serde_json::Value;

use crate::adapters::config::{self, KeyEdit, NewValue};
use crate::use_cases::error::{Error, chain};
use crate::use_cases::host::Host;
use crate::use_cases::preferences::Kind;
use crate::use_cases::preferences::catalogue::{Entry, entries};
use crate::use_cases::settings;

/// The longest text and the longest list that is taken.
const LONGEST_TEXT: usize = 4_096;
const LONGEST_LIST: usize = 500;

pub(super) fn set(host: &Host, key: &str, value: &Value) -> Result<(), Error> {
    let Some(entry) = entries().find(|entry| entry.key == key) else {
        let reason = format!("there is no key `{}`", key.escape_debug());
        return Err(Error::argument("key", reason));
    };
    if entry.one_by_one && !value.is_null() {
        let reason =
            "folders are added and removed one by one, so that each is looked at".to_owned();
        return Err(Error::argument("key", reason));
    }
    let refuse = |reason: String| Error::argument("value", format!("`{key}` {reason}"));
    let new = match value {
        Value::Null => None,
        value => Some(checked(entry, value, &host.home).map_err(refuse)?),
    };
    let edit = KeyEdit {
        key: entry.key,
        value: new,
        instead_of: entry.instead_of,
    };
    let file = host.config_file();
    // The same code that reads the file says whether it can be read.
    let fits = |text: &str| settings::check(host, &file, text).map_err(|error| chain(&error));
    match config::set_key(&file, &edit, fits) {
        Ok(_) => Ok(()),
        Err(config::EditError::Refused { reason }) => Err(Error::argument("value", reason)),
        Err(error) => Err(Error::ConfigEdit(error)),
    }
}

/// The value as the file takes it, if it is of the right kind.
fn checked(entry: &Entry, value: &Value, home: &Path) -> Result<NewValue, String> {
    match (entry.kind, value) {
        (Kind::Bool, Value::Bool(value)) => Ok(NewValue::Bool(*value)),
        (Kind::Bool, _) => Err("has to be true or false".to_owned()),
        (Kind::Number { min, max, .. }, value) => match value.as_u64() {
            Some(number) if (min..=max).contains(&number) => Ok(NewValue::Number(number)),
            _ => Err(format!("has to be a whole number from {min} to {max}")),
        },
        (Kind::Choice { options }, value) => match value.as_str() {
            Some(word) if options.contains(&word) => Ok(NewValue::Text(word.to_owned())),
            _ => Err(format!("has to be one of {}", options.join(", "))),
        },
        (Kind::Text, value) => Ok(NewValue::Text(line(value)?)),
        (Kind::Path, value) => {
            let text = line(value)?;
            let path = match Path::new(&text).strip_prefix("~") {
                Ok(rest) => home.join(rest),
                Err(_) => Path::new(&text).to_owned(),
            };
            if !path.is_absolute() {
                return Err("has to be an absolute path, or one that begins with ~/".to_owned());
            }
            match std::fs::metadata(&path) {
                Ok(found) if found.is_dir() == entry.is_folder => Ok(NewValue::Text(text)),
                Ok(_) if entry.is_folder => Err("has to be a folder".to_owned()),
                Ok(_) => Err("has to be a file".to_owned()),
                Err(error) => Err(format!("can't be used: {error}")),
            }
        }
        (Kind::List, Value::Array(items)) if items.len() <= LONGEST_LIST => {
            let items = items.iter().map(line).collect::<Result<_, _>>()?;
            Ok(NewValue::List(items))
        }
        (Kind::List, Value::Array(_)) => Err(format!("takes at most {LONGEST_LIST} entries")),
        (Kind::List, _) => Err("has to be a list of texts".to_owned()),
    }
}

/// A text of one line that is not blank.
fn line(value: &Value) -> Result<String, String> {
    match value.as_str() {
        None => Err("has to be text".to_owned()),
        Some(text) if text.trim().is_empty() => {
            Err("must not be empty; take it out to have the default".to_owned())
        }
        Some(text) if text.len() > LONGEST_TEXT || text.chars().any(char::is_control) => {
            Err(format!(
                "has to be one line of at most {LONGEST_TEXT} bytes, without control characters"
            ))
        }
        Some(text) => Ok(text.to_owned()),
    }
}
