//! `config`: every setting, with its value, and how to change one.

use std::io;

use serde_json::Value;

use crate::faces::cli::args::{ConfigAction, ConfigArgs};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::{screen, text};
use crate::faces::wire::preferences::SettingDto;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::preferences::{Kind, Preference, Source};

/// Lists, shows or changes settings.
pub(super) fn config(bridge: &Bridge, args: ConfigArgs) -> Result<Exit, Fault> {
    match args.action.unwrap_or(ConfigAction::List { json: false }) {
        ConfigAction::List { json } => list(bridge, json),
        ConfigAction::Get { key, json } => get(bridge, &key, json),
        ConfigAction::Set { key, value } => {
            let value = match known(bridge, &key) {
                Some(preference) => read(preference.kind, &value),
                None => Value::String(value),
            };
            bridge.set_preference(&key, &value)?;
            get(bridge, &key, false)
        }
        ConfigAction::Unset { key } => {
            bridge.set_preference(&key, &Value::Null)?;
            get(bridge, &key, false)
        }
    }
}

fn list(bridge: &Bridge, json: bool) -> Result<Exit, Fault> {
    let preferences = bridge.preferences()?;
    if json {
        let settings: Vec<_> = preferences.iter().map(SettingDto::from).collect();
        screen::print_json(&serde_json::json!({ "settings": settings }))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let lines: Vec<_> = preferences
        .iter()
        .map(|preference| line(preference, look))
        .collect();
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

fn get(bridge: &Bridge, key: &str, json: bool) -> Result<Exit, Fault> {
    let preferences = bridge.preferences()?;
    let Some(preference) = preferences.iter().find(|preference| preference.key == key) else {
        return Err(Fault::Usage {
            message: format!("there is no setting `{}`", text::one_line(key)),
            hint: "`codex-bridge-mcp config` lists all of them.",
        });
    };
    if json {
        screen::print_json(&SettingDto::from(preference))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let takes = match preference.kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Number { min, max, unit } => {
            format!("{min} to {max} {}", unit.unwrap_or_default())
        }
        Kind::Text => "a text".to_owned(),
        Kind::Path => "a path".to_owned(),
        Kind::Choice { options } => options.join(", "),
        Kind::List => "a list".to_owned(),
    };
    screen::print(&[
        line(preference, look),
        look.paint(Tone::Dim, preference.meaning),
        look.paint(
            Tone::Dim,
            &format!(
                "It takes {}; the default is {}.",
                takes.trim_end(),
                shown(&preference.default)
            ),
        ),
    ])?;
    Ok(Exit::Fine)
}

fn line(preference: &Preference, look: Look) -> String {
    let by = match (preference.source, preference.overridden_by) {
        (_, Some(variable)) => look.paint(Tone::Warn, &format!("  from {variable}")),
        (Source::File | Source::Environment, None) => look.paint(Tone::Dim, "  set"),
        (Source::Default, None) => String::new(),
    };
    format!("{} = {}{by}", preference.key, shown(&preference.value))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(word) => text::one_line(word),
        other => text::one_line(&other.to_string()),
    }
}

fn known(bridge: &Bridge, key: &str) -> Option<Preference> {
    let preferences = bridge.preferences().ok()?;
    preferences
        .into_iter()
        .find(|preference| preference.key == key)
}

/// What was typed, as the setting takes it. What it does not take is refused by the one who sets it.
fn read(kind: Kind, typed: &str) -> Value {
    let plain = || Value::String(typed.to_owned());
    match kind {
        Kind::Bool | Kind::Number { .. } => serde_json::from_str(typed).unwrap_or_else(|_| plain()),
        Kind::List => match serde_json::from_str(typed) {
            Ok(Value::Array(items)) => Value::Array(items),
            Ok(_) | Err(_) => typed
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(Value::from)
                .collect(),
        },
        Kind::Text | Kind::Path | Kind::Choice { .. } => plain(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_typed_is_read_as_the_setting_takes_it() {
        let number = Kind::Number {
            min: 1,
            max: 9,
            unit: None,
        };
        assert_eq!(read(number, "3"), json!(3));
        assert_eq!(read(number, "three"), json!("three"));
        assert_eq!(read(Kind::Bool, "true"), json!(true));
        assert_eq!(read(Kind::Text, "true"), json!("true"));
        assert_eq!(read(Kind::List, "a, b"), json!(["a", "b"]));
        assert_eq!(read(Kind::List, "[\"a,b\"]"), json!(["a,b"]));
    }
}
