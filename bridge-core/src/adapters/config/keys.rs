//! Sets and removes single keys of the configuration file. Its comments and its order stay.

use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use super::edit::{self, EditError, TextError};

/// One key that is to be changed.
#[derive(Clone, Debug)]
pub struct KeyEdit {
    /// The key, with at most one dot.
    pub key: &'static str,
    /// Its new value; `None` takes it out.
    pub value: Option<NewValue>,
    /// A key that is taken out when this one is set.
    pub instead_of: Option<&'static str>,
}

/// A value as the file takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewValue {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
    /// Texts.
    List(Vec<String>),
}

/// Changes a key if `fits` has nothing against what comes of it; says whether the file changed.
pub fn set_key(
    file: &Path,
    edit: &KeyEdit,
    fits: impl Fn(&str) -> Result<(), String>,
) -> Result<bool, EditError> {
    edit::change(file, |text| {
        let Some(changed) = with_key(text, edit)? else {
            return Ok(None);
        };
        fits(&changed).map_err(TextError::Refused)?;
        Ok(Some(changed))
    })
}

/// Whether a file with this text sets a key.
pub fn has_key(text: &str, key: &str) -> bool {
    let Ok(document) = text.parse::<DocumentMut>() else {
        return false;
    };
    match key.split_once('.') {
        None => document.contains_key(key),
        Some((section, name)) => document
            .get(section)
            .and_then(Item::as_table_like)
            .is_some_and(|section| section.contains_key(name)),
    }
}

/// The file's text with the key changed; `None` where nothing changes.
fn with_key(text: &str, edit: &KeyEdit) -> Result<Option<String>, TextError> {
    let mut document: DocumentMut = text.parse().map_err(TextError::Syntax)?;
    match &edit.value {
        None => take_out(&mut document, edit.key)?,
        Some(value) => {
            if let Some(other) = edit.instead_of {
                take_out(&mut document, other)?;
            }
            put_in(&mut document, edit.key, value)?;
        }
    }
    let changed = document.to_string();
    Ok((changed != text).then_some(changed))
}

fn put_in(
    document: &mut DocumentMut,
    key: &'static str,
    value: &NewValue,
) -> Result<(), TextError> {
    let (section, name): (&mut dyn TableLike, _) = match key.split_once('.') {
        None => (document.as_table_mut(), key),
        Some((section, name)) => {
            let section = document
                .entry(section)
                .or_insert(Item::Table(Table::new()))
                .as_table_like_mut()
                .ok_or(TextError::NotATable(key))?;
            (section, name)
        }
    };
    let Some(item) = section.get_mut(name) else {
        section.insert(name, Item::Value(plain(value)));
        return Ok(());
    };
    let Some(old) = item.as_value_mut() else {
        return Err(TextError::NotAValue(key));
    };
    if let (NewValue::List(wanted), Some(list)) = (value, old.as_array_mut())
        && fill(list, wanted)
    {
        return Ok(());
    }
    let mut new = plain(value);
    *new.decor_mut() = old.decor().clone();
    *old = new;
    Ok(())
}

fn plain(value: &NewValue) -> Value {
    match value {
        NewValue::Bool(value) => Value::from(*value),
        NewValue::Number(number) => Value::from(i64::try_from(*number).unwrap_or(i64::MAX)),
        NewValue::Text(text) => Value::from(text.as_str()),
        NewValue::List(texts) => Value::Array(texts.iter().map(String::as_str).collect()),
    }
}

/// Brings a list to the wanted entries one by one, so that the comments of the others stay. `false` where their order
/// stands against it.
fn fill(list: &mut Array, wanted: &[String]) -> bool {
    for index in (0..list.len()).rev() {
        let text = list.get(index).and_then(Value::as_str);
        if text.is_none_or(|text| !wanted.iter().any(|wanted| wanted == text)) {
            edit::take_out(list, index);
        }
    }
    for (index, text) in wanted.iter().enumerate() {
        if index == list.len() {
            list.push(text.as_str());
        }
        if list.get(index).and_then(Value::as_str) != Some(text) {
            return false;
        }
    }
    list.len() == wanted.len()
}

/// Takes a key out; a comment of its own goes to whatever follows.
fn take_out(document: &mut DocumentMut, key: &'static str) -> Result<(), TextError> {
    let (section, name) = match key.split_once('.') {
        None => (None, key),
        Some((section, name)) => (Some(section), name),
    };
    let table: &mut dyn TableLike = match section {
        None => document.as_table_mut(),
        Some(section) => match document.get_mut(section) {
            None => return Ok(()),
            Some(item) => item.as_table_like_mut().ok_or(TextError::NotATable(key))?,
        },
    };
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    let Some(at) = names.iter().position(|found| found == name) else {
        return Ok(());
    };
    let comments = comments_of(table, name);
    table.remove(name);
    if comments.is_empty() {
        return Ok(());
    }
    match names.get(at + 1).and_then(|next| table.key_mut(next)) {
        Some(mut next) => {
            let decor = next.leaf_decor_mut();
            let before = decor.prefix().and_then(|text| text.as_str());
            let before = comments + before.unwrap_or_default();
            decor.set_prefix(before);
        }
        None => {
            let trailing = document.trailing().as_str().unwrap_or_default();
            let trailing = format!("{trailing}{comments}");
            document.set_trailing(trailing);
        }
    }
    Ok(())
}

/// The comments above a key and beside its value, as whole lines.
fn comments_of(table: &dyn TableLike, name: &str) -> String {
    let above = table
        .key(name)
        .and_then(|key| key.leaf_decor().prefix())
        .and_then(|text| text.as_str())
        .unwrap_or_default();
    let beside = table
        .get(name)
        .and_then(Item::as_value)
        .and_then(|value| value.decor().suffix())
        .and_then(|text| text.as_str())
        .unwrap_or_default();
    let mut comments = String::new();
    if above.contains('#') {
        comments.push_str(above);
    }
    if beside.contains('#') {
        comments.push_str(beside.trim());
        comments.push('\n');
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, key: &'static str, value: Option<NewValue>) -> Option<String> {
        let instead_of = None;
        let edit = KeyEdit {
            key,
            value,
            instead_of,
        };
        with_key(text, &edit).unwrap()
    }

    fn check(text: &str, key: &'static str, value: Option<NewValue>, expected: &str) {
        assert_eq!(edited(text, key, value).as_deref(), Some(expected));
    }

    #[test]
    fn a_key_is_set_where_it_stands_or_in_its_section() {
        let number = |number| Some(NewValue::Number(number));
        check("", "limits.running", number(3), "[limits]\nrunning = 3\n");
        let text = "# top\n[limits] # bounds\n# how many\nrunning = 4 # few\nqueued = 5\n";
        let three = "# top\n[limits] # bounds\n# how many\nrunning = 3 # few\nqueued = 5\n";
        check(text, "limits.running", number(3), three);
        check(
            "limits = { queued = 5 }\n",
            "limits.running",
            number(3),
            "limits = { queued = 5 , running = 3 }\n",
        );
        assert_eq!(edited(text, "limits.running", number(4)), None);
    }

    #[test]
    fn a_key_goes_and_its_comments_stay() {
        let text = "[limits]\n# how many\nrunning = 4 # few\nqueued = 5\n\n[history]\nruns = 9\n";
        let rest = "[limits]\n# how many\n# few\nqueued = 5\n\n[history]\nruns = 9\n";
        check(text, "limits.running", None, rest);
        let text = "[limits]\n# how many\nrunning = 4 # few\n";
        check(
            text,
            "limits.running",
            None,
            "[limits]\n# how many\n# few\n",
        );
        assert_eq!(edited("a = 1\n", "limits.running", None), None);
    }

    #[test]
    fn a_list_keeps_the_comments_of_what_stays() {
        let text = "[scrub]\nallow = [\n  \"a\", # first\n  \"b\", # second\n]\n";
        let list = |texts: &[&str]| {
            let texts = texts.iter().map(ToString::to_string).collect();
            Some(NewValue::List(texts))
        };
        let without = edited(text, "scrub.allow", list(&["b"])).unwrap();
        assert!(
            without.contains("# second") && !without.contains("\"a\""),
            "{without}"
        );
        let swapped = edited(text, "scrub.allow", list(&["b", "a"])).unwrap();
        assert!(swapped.contains("[\"b\", \"a\"]"), "{swapped}");
        check(
            "[scrub]\nallow = [\"a\"]\n",
            "scrub.allow",
            list(&["a", "b"]),
            "[scrub]\nallow = [\"a\", \"b\"]\n",
        );
    }

    #[test]
    fn what_sets_a_key_is_seen_in_every_spelling() {
        for text in [
            "[limits]\nrunning = 1",
            "limits.running = 1",
            "limits = { running = 1 }",
        ] {
            assert!(has_key(text, "limits.running"), "{text}");
            assert!(!has_key(text, "limits.queued"), "{text}");
        }
    }
}
