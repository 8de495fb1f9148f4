//! What the icon and the menu show.

use bridge_core::faces::wire::doctor::LevelDto;
use bridge_core::faces::wire::status::{HealthDto, MendedOnDto, StatusDto};
use bridge_core::faces::wire::word::StateDto;

use crate::testing::run;
use crate::tray::model::{Button, Click, IconClick, IconState, Row, TrayModel, icon_click};

fn quiet() -> StatusDto {
    StatusDto {
        paused: false,
        waiting: Vec::new(),
        running: Vec::new(),
        queued: 0,
        recent: Vec::new(),
        health: HealthDto {
            level: LevelDto::Ok,
            text: "All is well.".to_owned(),
            page: None,
        },
    }
}

fn ids(model: &TrayModel) -> Vec<&str> {
    let ids = model.rows.iter().map(|row| match row {
        Row::Line => "-",
        Row::Item { id, .. } => id,
    });
    ids.collect()
}

#[test]
fn at_rest_there_is_health_and_three_acts() {
    let model = TrayModel::of(&quiet());
    assert_eq!(model.icon, IconState::Idle);
    assert_eq!(model.count, None);
    assert_eq!(
        ids(&model),
        ["health", "-", "pause:on", "open:runs", "quit"]
    );
}

#[test]
fn a_fault_changes_the_shape_and_leads_to_where_it_is_mended() {
    let mut status = quiet();
    status.health.level = LevelDto::Fault;
    status.health.page = Some(MendedOnDto::Setup);
    let model = TrayModel::of(&status);
    assert_eq!(model.icon, IconState::Fault);
    assert_eq!(ids(&model)[0], "open:setup");
}

fn with(waiting: usize, running: usize) -> StatusDto {
    StatusDto {
        waiting: (0..waiting).map(|n| run(n, StateDto::Waiting)).collect(),
        running: (0..running)
            .map(|n| run(100 + n, StateDto::Running))
            .collect(),
        ..quiet()
    }
}

#[test]
fn the_shape_tells_the_most_urgent_thing_and_the_number_all_that_is_under_way() {
    let check = |waiting, running, level, icon, count, tooltip: &str| {
        let mut status = with(waiting, running);
        status.health.level = level;
        let model = TrayModel::of(&status);
        assert_eq!(
            (model.icon, model.count),
            (icon, count),
            "{waiting} {running}"
        );
        assert_eq!(model.tooltip, tooltip);
    };
    let (ok, fault) = (LevelDto::Ok, LevelDto::Fault);
    check(
        0,
        0,
        ok,
        IconState::Idle,
        None,
        "Codex Bridge: All is well.",
    );
    check(
        0,
        0,
        LevelDto::Warning,
        IconState::Idle,
        None,
        "Codex Bridge: All is well.",
    );
    check(
        0,
        3,
        ok,
        IconState::Running,
        Some(3),
        "Codex Bridge: 3 running",
    );
    check(
        0,
        3,
        fault,
        IconState::Fault,
        Some(3),
        "Codex Bridge: 3 running",
    );
    check(
        2,
        3,
        ok,
        IconState::NeedsYou,
        Some(5),
        "Codex Bridge: 2 waiting for you",
    );
    check(
        1,
        0,
        fault,
        IconState::NeedsYou,
        Some(1),
        "Codex Bridge: 1 waiting for you",
    );
}

#[test]
fn what_needs_the_person_comes_first_and_each_run_can_be_opened_and_cancelled() {
    let mut status = with(1, 1);
    status.queued = 2;
    status.recent = vec![run(200, StateDto::Failed)];
    let (asks, runs, ended) = (
        status.waiting[0].run_id.clone(),
        status.running[0].run_id.clone(),
        status.recent[0].run_id.clone(),
    );
    let model = TrayModel::of(&status);
    let expected = [
        "health".to_owned(),
        "-".to_owned(),
        "heading-Needs you".to_owned(),
        format!("run:{asks}"),
        format!("doing-{asks}"),
        format!("cancel:{asks}"),
        "-".to_owned(),
        "heading-Running".to_owned(),
        format!("run:{runs}"),
        format!("doing-{runs}"),
        format!("cancel:{runs}"),
        "queued".to_owned(),
        "-".to_owned(),
        "heading-recent".to_owned(),
        format!("run:{ended}"),
        "-".to_owned(),
        "pause:on".to_owned(),
        "open:runs".to_owned(),
        "quit".to_owned(),
    ];
    assert_eq!(ids(&model), expected);
    let texts: Vec<&str> = (model.rows.iter())
        .filter_map(|row| match row {
            Row::Item { text, .. } => Some(text.as_str()),
            Row::Line => None,
        })
        .collect();
    assert_eq!(texts[2], "?  run 0  ·  shop  ·  claude-code");
    assert_eq!(texts[6], "▶  run 100  ·  shop  ·  claude-code");
    assert!(texts.contains(&"✗  run 200  ·  shop  ·  claude-code"));
    assert!(texts.contains(&"2 waiting for their turn"));
}

#[test]
fn a_menu_stays_short_however_much_runs() {
    let model = TrayModel::of(&with(0, 40));
    let cancels = ids(&model)
        .iter()
        .filter(|id| id.starts_with("cancel:"))
        .count();
    assert_eq!(cancels, 12);
    let more = Row::Item {
        id: "open:runs".to_owned(),
        text: "28 more…".to_owned(),
        enabled: true,
    };
    assert!(model.rows.contains(&more));
}

#[test]
fn news_of_a_run_change_words_and_no_entry() {
    let (before, mut after) = (with(0, 1), with(0, 1));
    after.running[0].activity = Some("cargo test\nsecond line".to_owned());
    let (before, after) = (TrayModel::of(&before), TrayModel::of(&after));
    assert!(after.has_entries_of(&before));
    assert_ne!(after, before);
    let doing = Row::Item {
        id: "doing-run_01k9x2m4q700000100".to_owned(),
        text: "      cargo test".to_owned(),
        enabled: false,
    };
    assert!(after.rows.contains(&doing), "{:?}", after.rows);
}

#[test]
fn other_words_are_no_other_entries() {
    let (before, mut after) = (quiet(), quiet());
    after.health.text = "New runs are paused.".to_owned();
    assert!(TrayModel::of(&after).has_entries_of(&TrayModel::of(&before)));
    after.paused = true;
    assert!(!TrayModel::of(&after).has_entries_of(&TrayModel::of(&before)));
}

#[test]
fn a_click_means_what_its_entry_says() {
    assert_eq!(Click::of("cancel:x"), Some(Click::Cancel("x")));
    assert_eq!(Click::of("pause:off"), Some(Click::Pause(false)));
    assert_eq!(Click::of("quit"), Some(Click::Quit));
    assert_eq!(Click::of("heading-recent"), None);
}

#[test]
fn left_is_the_popover_and_right_the_menu() {
    assert_eq!(icon_click(Button::Left, true, false), IconClick::Popover);
    assert_eq!(icon_click(Button::Left, true, true), IconClick::Menu);
    assert_eq!(icon_click(Button::Right, true, false), IconClick::Menu);
    assert_eq!(icon_click(Button::Left, false, false), IconClick::Nothing);
}
