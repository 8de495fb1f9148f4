//! Any JSON, JSONC and YAML: our entry comes and goes, and nothing else changes.

use proptest::prelude::*;

use crate::adapters::clients::table::find;
use crate::adapters::clients::text::tests::{MOVED, PROGRAM, put, take};

/// A key that is not ours.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        Just("mcpServer".to_owned()),
        Just("é😀".to_owned()),
        Just("a b".to_owned()),
    ]
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => Just(" ".to_owned()),
        2 => Just("\n  ".to_owned()),
        1 => Just("\r\n\t".to_owned()),
        1 => Just("\n\n".to_owned()),
    ]
}

fn trivia() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => blank(),
        1 => Just(" // c, \"x\": {\n".to_owned()),
        1 => Just(" /* } \n */ ".to_owned()),
        1 => Just("/**/".to_owned()),
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("\"{ \\\" // \\\\\"".to_owned()),
        Just("\"\\u00e9 /* é */\"".to_owned()),
        Just("\"\"".to_owned()),
    ]
}

/// A value, with what `gap` puts between all its parts, and commas behind the last where `trailing` is true.
fn value(gap: BoxedStrategy<String>, trailing: bool) -> BoxedStrategy<String> {
    let leaf = scalar().boxed();
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let list = proptest::collection::vec((gap.clone(), inner.clone(), gap.clone()), 0..4);
        let list = (list, gap.clone(), any::<bool>()).prop_map(move |(items, end, comma)| {
            let items: Vec<_> = items.iter().map(|(a, b, c)| format!("{a}{b}{c}")).collect();
            let comma = if trailing && comma && !items.is_empty() {
                ","
            } else {
                ""
            };
            format!("[{}{comma}{end}]", items.join(","))
        });
        prop_oneof![list, object(gap.clone(), trailing, inner)]
    })
    .boxed()
}

fn object(
    gap: BoxedStrategy<String>,
    trailing: bool,
    inner: BoxedStrategy<String>,
) -> BoxedStrategy<String> {
    let member = (key(), gap.clone(), gap.clone(), inner, gap.clone());
    let members = proptest::collection::vec((gap.clone(), member), 0..4);
    (members, gap, any::<bool>())
        .prop_map(move |(members, end, comma)| {
            let mut seen = std::collections::BTreeSet::new();
            let members: Vec<_> = members
                .iter()
                .filter(|(_, (key, ..))| seen.insert(key.clone()))
                .map(|(a, (key, b, c, value, d))| format!("{a}\"{key}\"{b}:{c}{value}{d}"))
                .collect();
            let comma = if trailing && comma && !members.is_empty() {
                ","
            } else {
                ""
            };
            format!("{{{}{comma}{end}}}", members.join(","))
        })
        .boxed()
}

/// A file: with servers at some place among other keys, or without.
fn file(gap: BoxedStrategy<String>, trailing: bool, home: &'static str) -> BoxedStrategy<String> {
    let any_value = value(gap.clone(), trailing);
    let servers = object(
        gap.clone(),
        trailing,
        object(gap.clone(), trailing, any_value.clone()),
    );
    let others = proptest::collection::vec((gap.clone(), any_value, gap.clone()), 0..3);
    let servers = proptest::option::of((gap.clone(), gap.clone(), servers, gap.clone()));
    (gap.clone(), others, servers, 0..4usize, gap.clone(), gap)
        .prop_map(move |(start, others, servers, at, inner, end)| {
            let mut members: Vec<_> = others
                .iter()
                .enumerate()
                .map(|(n, (a, value, b))| format!("{a}\"k{n}\":{value}{b}"))
                .collect();
            if let Some((a, b, servers, c)) = servers {
                let at = at.min(members.len());
                members.insert(at, format!("{a}\"{home}\"{b}:{servers}{c}"));
            }
            format!("{start}{{{}{inner}}}{end}", members.join(","))
        })
        .boxed()
}

fn round_trip(client: &str, text: &str) -> Result<(), TestCaseError> {
    let client = find(client).unwrap();
    let installed = put(text, client, PROGRAM);
    let installed = installed.map_err(|fault| TestCaseError::fail(format!("{fault:?}")))?;
    let installed = installed.ok_or(TestCaseError::fail("nothing changed"))?;
    prop_assert_eq!(put(&installed, client, PROGRAM), Ok(None));
    let moved = put(&installed, client, MOVED).unwrap().unwrap();
    let back = put(&moved, client, PROGRAM).unwrap().unwrap();
    prop_assert_eq!(&back, &installed);
    // What is taken away and put back again is the same: nothing grows.
    let removed = take(&installed, client, false).unwrap();
    let again = put(&removed, client, PROGRAM).unwrap().unwrap();
    let twice = take(&again, client, false).unwrap();
    prop_assert_eq!(&twice, &removed);
    // All that is no blank is as it was, and in its order.
    let solid = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
    let (before, after) = (solid(text), solid(&removed));
    let home = client.homes.last().unwrap().path.join("");
    if text.contains(&format!("\"{home}\"")) || text.contains(&format!("{home}:")) {
        prop_assert_eq!(before, after);
    }
    Ok(())
}

/// A key and its value in YAML, with everything below.
fn yaml_value(depth: u32) -> BoxedStrategy<YamlValue> {
    let leaf = prop_oneof![
        "[a-z]{0,6}".prop_map(YamlValue::Inline),
        Just(YamlValue::Inline("'it''s: # x'".to_owned())),
        Just(YamlValue::Inline("\"é 😀 \\\" #\"".to_owned())),
        Just(YamlValue::Inline("{a: [1, {b: c}], d: }".to_owned())),
        Just(YamlValue::Inline("~ # nothing".to_owned())),
        Just(YamlValue::Block(
            "|",
            vec!["one: two".to_owned(), "# three".to_owned()]
        )),
        Just(YamlValue::Block(
            ">-",
            vec!["folded".to_owned(), "text".to_owned()]
        )),
        Just(YamlValue::Block(
            "",
            vec!["- a".to_owned(), "- b: c".to_owned()]
        )),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = proptest::collection::btree_map("[a-z]{1,5}", yaml_value(depth - 1), 1..4);
    prop_oneof![
        leaf,
        inner.prop_map(|members| YamlValue::Members(members.into_iter().collect()))
    ]
    .boxed()
}

#[derive(Clone, Debug)]
enum YamlValue {
    Inline(String),
    Block(&'static str, Vec<String>),
    Members(Vec<(String, YamlValue)>),
}

fn yaml(members: &[(String, YamlValue)], indent: usize, unit: usize, nl: &str, out: &mut String) {
    for (n, (key, value)) in members.iter().enumerate() {
        let pad = " ".repeat(indent);
        if n % 3 == 1 {
            out.push_str(&format!("{pad}# about {key}{nl}"));
        }
        match value {
            YamlValue::Inline(text) => out.push_str(&format!("{pad}{key}: {text}{nl}")),
            YamlValue::Block(sign, lines) => {
                out.push_str(&format!("{pad}{key}: {sign}{nl}"));
                for line in lines {
                    out.push_str(&format!("{pad}{}{line}{nl}", " ".repeat(unit)));
                }
            }
            YamlValue::Members(members) => {
                out.push_str(&format!("{pad}{key}:{nl}"));
                yaml(members, indent + unit, unit, nl, out);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json(text in file(blank().boxed(), false, "mcpServers")) {
        prop_assume!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        round_trip("claude-desktop", &text)?;
        let installed = put(&text, find("claude-desktop").unwrap(), PROGRAM).unwrap().unwrap();
        let mut after: serde_json::Value = serde_json::from_str(&installed).unwrap();
        let entry = after["mcpServers"].as_object_mut().unwrap().remove("codex-bridge");
        let expected = serde_json::json!({"command": PROGRAM, "args": []});
        prop_assert_eq!(entry, Some(expected));
    }

    #[test]
    fn any_json_with_comments(text in file(trivia().boxed(), true, "context_servers")) {
        round_trip("zed", &text)?;
    }

    #[test]
    fn any_yaml(
        before in proptest::collection::vec(("[A-Z]{1,5}", yaml_value(2)), 0..3),
        servers in proptest::option::of(proptest::collection::btree_map("[a-z]{1,5}", yaml_value(2), 1..4)),
        behind in proptest::collection::vec(("[a-z]{6,8}", yaml_value(2)), 0..3),
        unit in 1..5usize,
        crlf in any::<bool>(),
        open_end in any::<bool>(),
    ) {
        let mut members = before;
        if let Some(servers) = servers {
            members.push(("extensions".to_owned(), YamlValue::Members(servers.into_iter().collect())));
        }
        members.extend(behind);
        let mut seen = std::collections::BTreeSet::new();
        members.retain(|(key, _)| seen.insert(key.clone()));
        let mut text = String::new();
        yaml(&members, 0, unit, if crlf { "\r\n" } else { "\n" }, &mut text);
        if open_end {
            text = text.trim_end().to_owned();
        }
        round_trip("goose", &text)?;
    }

    #[test]
    fn no_text_breaks_it(text in "\\PC{0,60}") {
        for client in ["claude-desktop", "zed", "goose"] {
            let _ = put(&text, find(client).unwrap(), PROGRAM);
        }
    }
}
