//! The icon in the menu bar and its menu, kept true.

mod model;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use bridge_core::domain::id::RunId;
use bridge_core::domain::state::Canceller;
use bridge_core::faces::wire::status::StatusDto;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, MenuItemKind, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Wry};

use crate::app::App;
use crate::link::Link;
use crate::tray::model::{Button, Click, IconClick, IconState, Row, TrayModel, icon_click};
use crate::{platform, quit, window};

struct Tray {
    icon: TrayIcon<Wry>,
    menu: Menu<Wry>,
    shown: Mutex<TrayModel>,
}

/// Makes the icon.
pub(crate) fn build(app: &AppHandle) -> tauri::Result<()> {
    let model = TrayModel::unknown();
    let menu = Menu::new(app)?;
    fill(app, &menu, &model)?;
    let icon = TrayIconBuilder::with_id("codex-bridge")
        .icon(picture(model.icon)?)
        .icon_as_template(platform::TELLS_CLICKS)
        .tooltip(&model.tooltip)
        .menu(&menu)
        .show_menu_on_left_click(!platform::TELLS_CLICKS)
        .on_menu_event(|app, event| clicked(app, event.id().as_ref()))
        .on_tray_icon_event(|tray, event| icon_clicked(tray.app_handle(), &event))
        .build(app)?;
    app.manage(Tray {
        icon,
        menu,
        shown: Mutex::new(model),
    });
    Ok(())
}

/// Shows a status; changes what differs and nothing else.
pub(crate) fn show(app: &AppHandle, status: &StatusDto) {
    let model = TrayModel::of(status);
    let handle = app.clone();
    let queued = app.run_on_main_thread(move || {
        if let Err(error) = apply(&handle, model) {
            tracing::warn!(%error, "the menu could not be brought up to date");
        }
    });
    if let Err(error) = queued {
        tracing::debug!(%error, "the app is ending");
    }
}

fn apply(app: &AppHandle, model: TrayModel) -> tauri::Result<()> {
    let tray = app.state::<Tray>();
    let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
    if *shown == model {
        return Ok(());
    }
    if shown.icon != model.icon {
        tray.icon.set_icon(Some(picture(model.icon)?))?;
        tray.icon.set_icon_as_template(platform::TELLS_CLICKS)?;
    }
    if shown.count != model.count {
        let count = model.count.map(|count| count.to_string());
        tray.icon.set_title(count)?;
    }
    if shown.tooltip != model.tooltip {
        tray.icon.set_tooltip(Some(&model.tooltip))?;
    }
    if model.has_entries_of(&shown) {
        reword(&tray.menu, &shown, &model)?;
    } else {
        while tray.menu.remove_at(0)?.is_some() {}
        fill(app, &tray.menu, &model)?;
    }
    *shown = model;
    Ok(())
}

fn reword(menu: &Menu<Wry>, shown: &TrayModel, model: &TrayModel) -> tauri::Result<()> {
    for ((entry, old), new) in menu.items()?.iter().zip(&shown.rows).zip(&model.rows) {
        if let (MenuItemKind::MenuItem(entry), Row::Item { text, enabled, .. }) = (entry, new)
            && old != new
        {
            entry.set_text(text)?;
            entry.set_enabled(*enabled)?;
        }
    }
    Ok(())
}

fn fill(app: &AppHandle, menu: &Menu<Wry>, model: &TrayModel) -> tauri::Result<()> {
    for row in &model.rows {
        match row {
            Row::Line => menu.append(&PredefinedMenuItem::separator(app)?)?,
            Row::Item { id, text, enabled } => {
                let none = None::<&str>;
                menu.append(&MenuItem::with_id(app, id, text, *enabled, none)?)?;
            }
        }
    }
    Ok(())
}

fn picture(state: IconState) -> tauri::Result<Image<'static>> {
    Image::from_bytes(match state {
        IconState::Idle => platform::picture!("idle"),
        IconState::Running => platform::picture!("running"),
        IconState::NeedsYou => platform::picture!("needs-you"),
        IconState::Fault => platform::picture!("fault"),
    })
}

fn icon_clicked(app: &AppHandle, event: &TrayIconEvent) {
    let TrayIconEvent::Click {
        button,
        button_state,
        rect,
        ..
    } = event
    else {
        return;
    };
    let button = match button {
        MouseButton::Left => Button::Left,
        MouseButton::Right => Button::Right,
        MouseButton::Middle => Button::Other,
    };
    match icon_click(button, *button_state == MouseButtonState::Up, false) {
        IconClick::Popover => platform::popover::clicked(app, *rect),
        // The system shows it by itself.
        IconClick::Menu | IconClick::Nothing => {}
    }
}

fn clicked(app: &AppHandle, id: &str) {
    match Click::of(id) {
        Some(Click::Open(page)) => window::open(app, Link::page(page)),
        Some(Click::Run(id)) => {
            if let Ok(id) = RunId::parse(id) {
                window::open(app, Some(Link::run(&id)));
            }
        }
        Some(Click::Cancel(id)) => cancel(app, id),
        Some(Click::Pause(paused)) => pause(app, paused),
        Some(Click::Quit) => quit::ask(app),
        None => {}
    }
}

fn cancel(app: &AppHandle, id: &str) {
    let Ok(id) = RunId::parse(id) else { return };
    let bridge = app.state::<App>().bridge.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = bridge.cancel_run(&id, Canceller::Person).await {
            tracing::warn!(run = %id, %error, "a run could not be cancelled");
        }
    });
}

fn pause(app: &AppHandle, paused: bool) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let state = app.state::<App>();
        if let Err(error) = state.bridge.set_paused(paused).await {
            tracing::warn!(%error, "the pause could not be written down");
        }
        state.look_again();
    });
}
