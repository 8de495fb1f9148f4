//! What the window's commands refuse, and in which words.

use bridge_core::faces::tools;
use bridge_core::faces::wire::error::ErrorDto;
use bridge_core::use_cases::bridge::Bridge;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::App;
use crate::commands::{clients, history, program, setup};
use crate::fault::{Answer, run_id};
use crate::testing;

const RUN: &str = "run_01k9x2m4q7abcdefgh";

struct House {
    bridge: Bridge,
    _folder: TempDir,
}

fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    House {
        bridge: testing::bridge(folder.path()),
        _folder: folder,
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// Every refusal has a code to go by, words, and a way out.
fn check<T: std::fmt::Debug>(answer: Answer<T>, code: &str) -> ErrorDto {
    let error = answer.expect_err("it should be refused");
    assert_eq!(error.code, code, "{error:?}");
    assert!(
        !error.message.is_empty() && !error.hint.is_empty(),
        "{error:?}"
    );
    assert!(error.message.len() < 1000, "{error:?}");
    error
}

fn tool(bridge: &Bridge, name: &str, arguments: Value) -> Answer<Value> {
    block_on(tools::call(bridge, App::person(), name, arguments))
}

#[test]
fn an_id_that_is_none_and_one_that_nobody_has_are_refused_as_by_the_tools() {
    let house = house();
    let long = "x".repeat(100_000);
    for odd in ["", "run_", "../../etc/passwd", "run_01\u{0}", long.as_str()] {
        let error = check(run_id(&house.bridge, odd), "invalid_argument");
        let by_tool = tool(&house.bridge, "get_run", json!({ "run_id": odd }));
        assert_eq!(by_tool, Err(error));
        let folder = program::RunFolder::of(odd, "folder");
        let refused = block_on(program::folder_of(&house.bridge, folder));
        check(refused, "invalid_argument");
    }
    for name in ["get_run", "get_run_updates", "cancel_run", "get_changes"] {
        check(
            tool(&house.bridge, name, json!({ "run_id": RUN })),
            "unknown_run",
        );
    }
    let folder = program::RunFolder::of(RUN, "folder");
    check(
        block_on(program::folder_of(&house.bridge, folder)),
        "unknown_run",
    );
}

#[test]
fn afolder_that_nobody_allowed_is_refused() {
    let house = house();
    for path in ["/etc", "/nowhere/at/all", "relative", "/w/../etc"] {
        let asked = json!({ "prompt": "Look.", "working_dir": path });
        let error = tool(&house.bridge, "run_task", asked).expect_err("it should be refused");
        assert!(!error.hint.is_empty(), "{error:?}");
        assert_ne!(error.code, "internal", "{error:?}");
    }
    check(
        setup::allow(&house.bridge, "relative", false),
        "invalid_argument",
    );
    check(
        setup::allow(&house.bridge, "/nowhere/at/all", false),
        "invalid_argument",
    );
    check(setup::allow(&house.bridge, "/", false), "broad_root");
    assert_eq!(block_on(house.bridge.roots()).unwrap().len(), 0);
}

#[test]
fn text_that_is_too_long_is_refused() {
    let house = house();
    let long = "x".repeat(64 * 1024 + 1);
    check(history::preview(&house.bridge, &long), "invalid_argument");
    let audit = history::Audit {
        text: Some(long),
        ..history::Audit::default()
    };
    check(
        block_on(history::page(&house.bridge, audit)),
        "invalid_argument",
    );
    let request = "x".repeat(4 * 1024 * 1024);
    let task = json!({ "prompt": "Look.", "working_dir": "/w", "request_id": request });
    check(tool(&house.bridge, "run_task", task), "invalid_argument");
}

#[test]
fn a_setting_that_is_none_and_a_value_that_does_not_fit_are_refused() {
    let house = house();
    let set = |key: &str, value: Value| setup::set(&house.bridge, key, &value);
    check(set("nothing.of_ours", json!(1)), "invalid_argument");
    check(set("limits.running", json!(0)), "invalid_argument");
    check(set("limits.running", json!("many")), "invalid_argument");
    check(set("allowed_roots", json!(["/"])), "invalid_argument");
    assert!(set("limits.running", json!(2)).is_ok());
}

#[test]
fn a_page_that_is_none_is_refused() {
    let house = house();
    let link = |page: &str, run: Option<&str>| {
        program::link_to(&house.bridge, &program::Page::of(page, run))
    };
    check(link("https://example.org", None), "invalid_argument");
    check(link("runs", Some("../x")), "invalid_argument");
    assert!(link("runs", Some(RUN)).is_ok());
}

#[test]
fn the_first_page_of_the_audit_log_comes_with_its_words() {
    let house = house();
    let task = json!({ "prompt": "Look.", "working_dir": "/etc" });
    tool(&house.bridge, "run_task", task).expect_err("it should be refused");
    let first = block_on(history::page(&house.bridge, history::Audit::default())).unwrap();
    assert_eq!(first.entries.len(), 1, "{first:?}");
    assert_eq!(first.clients, Some(vec!["Codex Bridge".to_owned()]));
    let rest = history::Audit {
        before: Some(first.entries[0].n),
        ..history::Audit::default()
    };
    let rest = block_on(history::page(&house.bridge, rest)).unwrap();
    assert_eq!(
        (rest.entries.len(), rest.next, rest.clients),
        (0, None, None)
    );
}

#[test]
fn a_client_that_is_none_and_a_backup_that_nobody_kept_are_refused() {
    let house = house();
    let change = |args: Value| {
        let args = serde_json::from_value(args).unwrap();
        block_on(clients::change(&house.bridge, args))
    };
    for odd in ["", "nobody", "../../etc/passwd", "cursor\u{0}"] {
        let args = json!({ "client": odd, "act": "install", "dry_run": true });
        check(change(args), "invalid_argument");
    }
    for odd in ["", "..", "../../../etc/passwd", "1\u{0}"] {
        let args = json!({ "client": "cursor", "act": "restore", "backup": odd });
        check(change(args), "client_config");
    }
    let odd = json!({ "client": "cursor", "act": "overwrite" });
    assert!(serde_json::from_value::<clients::ChangeClient>(odd).is_err());
}

#[test]
fn a_finding_is_mended_by_its_key_alone_and_the_report_to_hand_on_names_what_is_left() {
    let house = house();
    let gone = house._folder.path().join("gone");
    std::fs::create_dir(&gone).unwrap();
    setup::allow(&house.bridge, &gone.to_string_lossy(), false).unwrap();
    std::fs::remove_dir(&gone).unwrap();
    let is_told = || block_on(history::report(&house.bridge)).contains("`root_missing`");
    assert!(is_told());
    // It may be meant so: nobody mends it unasked.
    let mended = block_on(setup::mend(&house.bridge, None));
    assert!(mended.done.iter().all(|deed| deed.id != "root_missing"));
    let nothing = block_on(setup::mend(
        &house.bridge,
        Some("remove_root:/x".to_owned()),
    ));
    assert!(nothing.done.is_empty() && is_told());
    let found = nothing.report.findings.iter();
    let mut actions = found.filter_map(|finding| finding.action.as_ref());
    let action = actions.find(|action| action.key.starts_with("remove_root:"));
    let key = action.unwrap().key.clone();
    let mended = block_on(setup::mend(&house.bridge, Some(key)));
    assert!(mended.done.iter().any(|deed| deed.said.is_some()));
    assert!(!is_told());
}
