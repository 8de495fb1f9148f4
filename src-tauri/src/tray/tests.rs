//! What the icon and the menu show.

use bridge_core::faces::wire::doctor::LevelDto;
use bridge_core::faces::wire::status::{HealthDto, MendedOnDto, StatusDto};

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
