//! Every parameter of every tool, with values that are wrong for it.

use codex_bridge_tests::scene::Scene;
use serde_json::{Value, json};

use crate::inputs::{INVALID, NO_RUN, SESSION};

/// A value that is refused, and with which code.
pub(super) type Wrong = (Value, &'static str);

fn invalid(values: &[Value]) -> Vec<Wrong> {
    values
        .iter()
        .map(|value| (value.clone(), INVALID))
        .collect()
}

fn run_ids(of_ephemeral: &'static str) -> Vec<Wrong> {
    let mut wrong = invalid(&[
        json!(null),
        json!(""),
        json!(5),
        json!(-1),
        json!(true),
        json!([]),
        json!({}),
        json!([NO_RUN]),
        json!("../../etc/passwd"),
        json!("run_../../../../../etc"),
        json!("run_' OR 1=1; --aaaa"),
        json!("' UNION SELECT * FROM runs --"),
        json!("%"),
        json!("run_%"),
        json!("run_%%%%%%%%%%%%%%%%%%"),
        json!("RUN_000000000000000000"),
        json!("run_00000000000000000\u{0}"),
        json!("run_000000000000000000\n"),
        json!(" run_000000000000000000"),
        json!("-h"),
        json!("--dangerously-bypass-approvals-and-sandbox"),
        json!("x".repeat(100_000)),
    ]);
    wrong.push((json!(NO_RUN), "unknown_run"));
    wrong.push((json!("tmp_000000000000000000"), of_ephemeral));
    wrong
}

fn numbers(above: u64) -> Vec<Wrong> {
    invalid(&[
        json!(-1),
        json!(i64::MIN),
        json!(above),
        json!(u64::MAX),
        json!(1e300),
        json!(1.5),
        json!("1"),
        json!("1; DROP TABLE runs"),
        json!(true),
        json!([1]),
        json!({}),
    ])
}

/// Every parameter of every tool, with values that are wrong for it.
pub(super) fn table(scene: &Scene) -> Vec<(&'static str, &'static str, Vec<Wrong>)> {
    let injection = "x\"\nsandbox_mode=\"danger-full-access\"";
    let flags = invalid(&[json!("true"), json!(1), json!(0), json!([]), json!("")]);
    let image = |name: &str| json!([scene.work().join(name)]);
    let mut sandboxes = invalid(&[
        json!("danger-full-access"),
        json!(""),
        json!("READ-ONLY"),
        json!("workspace-write\"\nnetwork_access=true"),
        json!(["read-only"]),
        json!(2),
        json!(true),
    ]);
    sandboxes.push((json!("full-auto"), INVALID));
    let mut carry = flags.clone();
    carry.push((json!(true), INVALID));
    let mut images = invalid(&[
        json!("a.png"),
        json!({}),
        json!([5]),
        json!([null]),
        json!([""]),
        json!(["relative.png"]),
        json!(["-i"]),
        json!(["--add-dir=/"]),
        json!(["a\u{0}b"]),
        json!(["/a\nb.png"]),
        json!([format!("/{}", "x".repeat(5000))]),
        json!(["https://example.com/a.png"]),
        json!(vec!["/a.png"; 17]),
        image("missing.png"),
        image("folder"),
        image("a,b.png"),
        image("huge.png"),
    ]);
    images.push((json!(["/etc/passwd"]), "outside_roots"));
    let mut folders = invalid(&[
        json!(5),
        json!([]),
        json!(""),
        json!("src"),
        json!("-C"),
        json!("--add-dir"),
        json!("~/x"),
        json!("a\u{0}b"),
        json!("/a\nb"),
        json!(format!("/{}", "x".repeat(5000))),
    ]);
    folders.push((json!("/etc"), "outside_roots"));
    folders.push((json!("/no-such-folder"), "folder_unusable"));
    let mut all = vec![
        (
            "codex_run_task",
            "prompt",
            invalid(&[
                json!(null),
                json!(""),
                json!(" \n\t"),
                json!(5),
                json!(["a"]),
                json!({"text": "a"}),
                json!("a\u{0}b"),
                json!("x".repeat(4 * 1024 * 1024 + 1)),
            ]),
        ),
        ("codex_run_task", "working_dir", folders.clone()),
        ("codex_review_repo", "working_dir", folders),
        (
            "codex_run_task",
            "workspace",
            [
                invalid(&[json!("copy"), json!(""), json!(1), json!("in-place")]),
                // The scene lies in the repository of this project, far above the allowed root.
                vec![(json!("worktree"), "worktree_impossible")],
            ]
            .concat(),
        ),
        ("codex_run_task", "carry_changes", carry),
        ("codex_run_task", "sandbox", sandboxes),
        ("codex_run_task", "network", flags.clone()),
        (
            "codex_run_task",
            "model",
            invalid(&[
                json!(5),
                json!(""),
                json!("m".repeat(101)),
                json!("-c"),
                json!("--dangerously-bypass-approvals-and-sandbox"),
                json!(injection),
                json!("key=value"),
                json!("gpt 6"),
                json!("gpt-6\n"),
                json!("gpt\u{0}"),
                json!("gрt-6"),
                json!([]),
            ]),
        ),
        (
            "codex_run_task",
            "effort",
            invalid(&[
                json!(5),
                json!(""),
                json!("HIGH"),
                json!("-c"),
                json!("high\""),
                json!(injection),
                json!("low high"),
                json!("e".repeat(21)),
                json!(null_byte()),
            ]),
        ),
        ("codex_run_task", "images", images),
        (
            "codex_run_task",
            "output_schema",
            invalid(&[
                json!("{}"),
                json!(5),
                json!([]),
                json!(true),
                json!({"description": "x".repeat(300 * 1024)}),
            ]),
        ),
        (
            "codex_run_task",
            "web_search",
            [flags.clone(), invalid(&[json!("live")])].concat(),
        ),
        (
            "codex_run_task",
            "timeout_s",
            [numbers(604_801), invalid(&[json!(0)])].concat(),
        ),
        ("codex_run_task", "persist", flags.clone()),
        (
            "codex_run_task",
            "title",
            invalid(&[json!(5), json!([]), json!("t".repeat(201))]),
        ),
        (
            "codex_run_task",
            "request_id",
            invalid(&[
                json!(5),
                json!(""),
                json!("r".repeat(129)),
                json!("two words"),
                json!("ü"),
                json!("a\nb"),
                json!(null_byte()),
            ]),
        ),
        ("codex_run_task", "wait_s", numbers(46)),
        ("codex_get_run", "run_id", run_ids("unknown_run")),
        ("codex_get_run", "message_offset", numbers(1 << 53)),
        ("codex_get_run", "findings_offset", numbers(1 << 53)),
        ("codex_get_run_updates", "run_id", run_ids("unknown_run")),
        ("codex_get_run_updates", "cursor", numbers(1 << 53)),
        ("codex_get_run_updates", "wait_s", numbers(46)),
        (
            "codex_get_run_updates",
            "limit",
            [numbers(201), invalid(&[json!(0)])].concat(),
        ),
        ("codex_steer_run", "run_id", run_ids("unknown_run")),
        (
            "codex_steer_run",
            "message",
            invalid(&[json!(5), json!(""), json!(" "), json!("m".repeat(40_000))]),
        ),
        (
            "codex_steer_run",
            "answer",
            invalid(&[json!(5), json!("allow"), json!(""), json!("ALLOW_ONCE")]),
        ),
        ("codex_steer_run", "question", numbers(1 << 53)),
        ("codex_cancel_run", "run_id", run_ids("unknown_run")),
        ("codex_get_changes", "run_id", run_ids("unknown_run")),
        (
            "codex_get_changes",
            "path",
            invalid(&[json!(5), json!(""), json!([]), json!("p".repeat(5000))]),
        ),
        ("codex_get_changes", "cursor", numbers(1 << 53)),
        (
            "codex_get_changes",
            "diff_hash",
            invalid(&[json!(5), json!({}), json!("0".repeat(65))]),
        ),
        ("codex_get_changes", "patches", flags.clone()),
        ("codex_get_changes", "check_apply", flags.clone()),
        (
            "codex_review_repo",
            "target",
            invalid(&[json!("staged"), json!(""), json!(5), json!(["branch"])]),
        ),
        ("codex_review_repo", "base", names_of_commits()),
        ("codex_review_repo", "commit", names_of_commits()),
        (
            "codex_review_repo",
            "instructions",
            invalid(&[json!(5), json!([]), json!({}), json!("i".repeat(20_001))]),
        ),
        ("codex_review_repo", "persist", flags.clone()),
        ("codex_finish_run", "run_id", run_ids("unknown_run")),
        (
            "codex_finish_run",
            "action",
            invalid(&[
                json!(null),
                json!("merge"),
                json!(""),
                json!(5),
                json!(["apply"]),
            ]),
        ),
        (
            "codex_finish_run",
            "diff_hash",
            invalid(&[json!(5), json!({}), json!("0".repeat(65))]),
        ),
        (
            "codex_finish_run",
            "branch",
            invalid(&[json!(5), json!(""), json!([]), json!("b".repeat(201))]),
        ),
        (
            "codex_finish_run",
            "message",
            invalid(&[json!(5), json!(""), json!([]), json!("m".repeat(10_001))]),
        ),
        (
            "codex_list_runs",
            "states",
            invalid(&[
                json!("running"),
                json!(["dead"]),
                json!([""]),
                json!([5]),
                json!(["running' OR 1=1"]),
                json!(vec!["running"; 11]),
                json!({}),
            ]),
        ),
        (
            "codex_list_runs",
            "folder",
            invalid(&[
                json!(5),
                json!(""),
                json!("src"),
                json!("~"),
                json!("%"),
                json!(format!("/{}", "x".repeat(5000))),
            ]),
        ),
        (
            "codex_list_runs",
            "client",
            invalid(&[json!(5), json!([]), json!("c".repeat(101))]),
        ),
        (
            "codex_list_runs",
            "text",
            invalid(&[json!(5), json!({}), json!("t".repeat(201))]),
        ),
        (
            "codex_list_runs",
            "kind",
            invalid(&[json!("chat"), json!(""), json!(5), json!(["task"])]),
        ),
        (
            "codex_list_runs",
            "limit",
            [numbers(101), invalid(&[json!(0)])].concat(),
        ),
        ("codex_list_runs", "cursor", numbers(1 << 53)),
        (
            "codex_list_runs",
            "source",
            invalid(&[json!("Codex"), json!(""), json!(5), json!(["codex"])]),
        ),
        (
            "codex_resume_session",
            "session_id",
            invalid(&[
                json!(null),
                json!(5),
                json!([SESSION]),
                json!(""),
                json!("--last"),
                json!("my-thread"),
                json!("../../../etc/passwd"),
                json!("01a20356e3eb7f92962b08a749c63f25"),
                json!(format!("{SESSION}\n")),
                json!("x".repeat(100_000)),
            ]),
        ),
        (
            "codex_continue_run",
            "run_id",
            run_ids("session_unavailable"),
        ),
    ];
    let of_a_task: Vec<_> = all
        .iter()
        .filter(|(tool, parameter, _)| {
            let only_tasks = ["workspace", "carry_changes", "persist"];
            *tool == "codex_run_task" && !only_tasks.contains(parameter)
        })
        .cloned()
        .collect();
    for (_, parameter, wrong) in of_a_task {
        if parameter != "working_dir" {
            // What is wrong for other reasons than its type comes after the run, which is none here.
            let of_type = |(value, _): &Wrong| !value.is_string() && !value.is_array();
            let mut wrong = wrong.clone();
            wrong.retain(|wrong| of_type(wrong) && !wrong.0.is_object());
            let of_all = [
                "model",
                "effort",
                "timeout_s",
                "title",
                "request_id",
                "wait_s",
            ];
            if of_all.contains(&parameter) {
                all.push(("codex_review_repo", parameter, wrong.clone()));
            }
            all.push(("codex_continue_run", parameter, wrong));
        }
        all.push(("codex_resume_session", parameter, wrong));
    }
    all
}

fn names_of_commits() -> Vec<Wrong> {
    invalid(&[
        json!(5),
        json!(""),
        json!([]),
        json!({}),
        json!("n".repeat(256)),
    ])
}

fn null_byte() -> &'static str {
    "a\u{0}"
}
