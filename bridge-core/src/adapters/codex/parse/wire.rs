//! Reads one JSON object of Codex's, forgiving everything that versions differ in.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON object whose values are looked at only when asked for.
///
/// A key may come twice, as `id` does in a `web_search` item (0.118 to 0.169): the first one counts. A value of
/// another type than expected is as good as none.
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads a text that is one JSON object.
    pub(super) fn parse(text: &'a str) -> Option<Object<'a>> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        let whole = self.read::<Text<'a>>(key).map(|text| text.0);
        whole.or_else(|| self.read::<Lossy>(key).map(|text| Cow::Owned(text.0)))
    }

    pub(super) fn natural(&self, key: &str) -> Option<u64> {
        self.read(key)
    }

    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.read(key)
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.read(key)
    }

    pub(super) fn object(&self, key: &str) -> Option<Object<'a>> {
        self.read(key)
    }

    /// The objects in a list; what is no object is left out.
    pub(super) fn objects(&self, key: &str) -> Vec<Object<'a>> {
        let list: Vec<&'a RawValue> = self.read(key).unwrap_or_default();
        list.into_iter()
            .filter_map(|value| Object::parse(value.get()))
            .collect()
    }

    fn read<T: Deserialize<'a>>(&self, key: &str) -> Option<T> {
        let (_, value) = self.0.iter().find(|(name, _)| name == key)?;
        serde_json::from_str(value.get()).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<'a>, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    pairs.push((key.0, map.next_value()?));
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A string that is borrowed where it has no escapes, which `Cow` alone is not.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A string in which half a surrogate pair is replaced. As text such a string can't be had, only as bytes.
struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Lossy, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lossy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_keys_counts() {
        let object = Object::parse(r#"{"id":"item_0","type":"web_search","id":"ws_1"}"#).unwrap();
        assert_eq!(object.text("id").as_deref(), Some("item_0"));
    }

    #[test]
    fn a_value_of_another_type_is_as_good_as_none() {
        let object = Object::parse(r#"{"a":null,"b":1.5,"c":{"d":[{},2,{"e":"\n"}]}}"#).unwrap();
        assert_eq!(object.text("a"), None);
        assert_eq!(object.natural("b"), None);
        let list = object.object("c").unwrap().objects("d");
        assert_eq!(list.len(), 2);
        assert_eq!(list[1].text("e").as_deref(), Some("\n"));
    }

    #[test]
    fn a_string_without_escapes_is_not_copied() {
        let object = Object::parse(r#"{"a":"plain"}"#).unwrap();
        assert!(matches!(object.text("a"), Some(Cow::Borrowed("plain"))));
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in ["", "3", "[]", "\"a\"", "{", "{} {}", "null", r#"{"a":}"#] {
            assert!(Object::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_costs_no_more_than_itself() {
        let object = Object::parse(r#"{"text":"a\ud83d b\u20ac","list":[1],"n":1}"#).unwrap();
        let text = object.text("text").unwrap();
        assert!(text.starts_with('a') && text.ends_with(" b€"), "{text}");
        assert_eq!(object.text("list"), None);
        assert_eq!(object.text("n"), None);
    }
}
