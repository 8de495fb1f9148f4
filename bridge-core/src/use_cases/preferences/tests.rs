use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::domain::run::Timestamp;
use crate::use_cases::host::Host;

fn bridge(folder: &Path, env: &[(&str, &str)]) -> Bridge {
    let env: BTreeMap<OsString, OsString> = env
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect();
    Bridge::new(Host {
        env,
        home: folder.to_owned(),
        config_dir: folder.join("config"),
        state_dir: folder.join("state"),
        sidecar: PathBuf::from("/nowhere/codex-bridge-mcp"),
        now: || Timestamp(0),
        random: || 7,
    })
}

fn one(bridge: &Bridge, key: &str) -> Preference {
    let all = bridge.preferences().unwrap();
    all.into_iter().find(|found| found.key == key).unwrap()
}

fn file(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("config/config.toml")).unwrap_or_default()
}

#[test]
fn every_key_of_the_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let bridge = bridge(folder.path(), &[]);
    // A file that sets each key to its default is the same configuration, and has no key that means nothing.
    for preference in bridge.preferences().unwrap() {
        assert_eq!(preference.value, preference.default, "{}", preference.key);
        assert_eq!(preference.source, Source::Default, "{}", preference.key);
        let is_path = preference.kind == Kind::Path;
        let is_silence = preference.key == "limits.silence_seconds";
        let is_root = preference.group == Group::Roots;
        if !preference.default.is_null() && !is_path && !is_silence && !is_root {
            bridge
                .set_preference(preference.key, &preference.default)
                .unwrap();
            assert_eq!(one(&bridge, preference.key).source, Source::File);
        }
    }
    let config = bridge.settings().unwrap().config;
    assert_eq!(config.unknown_keys, Vec::<String>::new());
    for preference in bridge.preferences().unwrap() {
        assert_eq!(preference.value, preference.default, "{}", preference.key);
    }
}

#[test]
fn a_value_acts_at_once_and_goes_back_to_its_default() {
    let folder = tempfile::tempdir().unwrap();
    let bridge = bridge(folder.path(), &[]);
    bridge.set_preference("limits.running", &json!(2)).unwrap();
    assert_eq!(bridge.settings().unwrap().config.queue.running, 2);
    assert_eq!(one(&bridge, "limits.running").value, json!(2));
    bridge
        .set_preference("limits.running", &Value::Null)
        .unwrap();
    assert_eq!(one(&bridge, "limits.running").value, json!(4));
    assert_eq!(file(folder.path()), "[limits]\n");
}

#[test]
fn a_bad_value_says_why_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let bridge = bridge(folder.path(), &[]);
    let check = |key: &str, value: Value, expected: &str| {
        let error = bridge.set_preference(key, &value).unwrap_err();
        assert_eq!(error.code().as_str(), "invalid_argument");
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(file(folder.path()), "");
    };
    check("limits.running", json!(0), "a whole number from 1 to 64");
    check("limits.running", json!("4"), "a whole number from 1 to 64");
    check(
        "defaults.sandbox",
        json!("danger-full-access"),
        "one of read-only, workspace-write",
    );
    check("defaults.network", json!("yes"), "true or false");
    check("defaults.model", json!("-c"), "defaults.model");
    check("defaults.model", json!(" "), "must not be empty");
    check("codex.bin", json!("codex"), "absolute");
    check("codex.bin", json!("/"), "has to be a file");
    check("codex.bin", json!("/no/such/file"), "No such file");
    check("scrub.patterns", json!(["("]), "scrub.patterns");
    check("scrub.patterns", json!("a"), "a list");
    check("allowed_roots", json!(["/"]), "one by one");
    check("codex.free", json!(1), "there is no key");
}

#[test]
fn a_key_that_says_the_same_gives_way() {
    let folder = tempfile::tempdir().unwrap();
    let bridge = bridge(folder.path(), &[]);
    bridge
        .set_preference("limits.silence_minutes", &json!(3))
        .unwrap();
    bridge
        .set_preference("limits.silence_seconds", &json!(90))
        .unwrap();
    assert_eq!(one(&bridge, "limits.silence_seconds").value, json!(90));
    assert_eq!(
        one(&bridge, "limits.silence_minutes").source,
        Source::Default
    );
    assert_eq!(file(folder.path()), "[limits]\nsilence_seconds = 90\n");
}

#[test]
fn a_variable_that_overrides_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let set = [("CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE", "in_place")];
    let bridge = bridge(folder.path(), &set);
    bridge
        .set_preference("defaults.workspace", &json!("worktree"))
        .unwrap();
    let workspace = one(&bridge, "defaults.workspace");
    assert_eq!(workspace.value, json!("in_place"));
    assert_eq!(workspace.source, Source::Environment);
    assert_eq!(workspace.overridden_by, Some(set[0].0));
}

#[tokio::test]
async fn a_root_is_really_opened_and_a_broad_one_needs_insistence() {
    let folder = tempfile::tempdir().unwrap();
    let home = std::fs::canonicalize(folder.path()).unwrap();
    let bridge = bridge(&home, &[]);
    let code = home.join("code");
    std::fs::create_dir_all(code.join("shop")).unwrap();
    assert!(bridge.add_root(&code, false).unwrap());
    assert!(!bridge.add_root(&code, false).unwrap());
    let refused = bridge.add_root(&home, false).unwrap_err();
    assert_eq!(refused.code().as_str(), "broad_root");
    assert!(bridge.add_root(&home, true).unwrap());
    std::fs::remove_dir_all(&code).unwrap();
    let roots = bridge.roots().await.unwrap();
    let shown: Vec<_> = roots
        .iter()
        .map(|root| (root.path.as_str(), root.is_readable, root.broad.is_some()))
        .collect();
    let (code, home) = (code.to_str().unwrap(), home.to_str().unwrap());
    assert_eq!(shown, [(code, false, false), (home, true, false)]);
    assert!(
        roots[1].access.as_str().starts_with("can be read; "),
        "{:?}",
        roots[1]
    );
    assert!(bridge.remove_root(Path::new(code)).unwrap());
    assert!(!bridge.remove_root(Path::new(code)).unwrap());
    assert_eq!(bridge.roots().await.unwrap().len(), 1);
}
