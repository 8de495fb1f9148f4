//! The popover at the icon: a panel that takes the keyboard without making the app the active one, so that what the
//! person works in stays where it is. Type-checked for macOS, not run there yet.
#![allow(
    unsafe_code,
    missing_docs,
    unused_imports,
    reason = "the panel's class is made by a macro"
)]

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tauri::async_runtime::spawn;
use tauri::{
    AppHandle, LogicalPosition, LogicalSize, Manager as _, Monitor, Rect, WebviewUrl,
    WebviewWindow, WebviewWindowBuilder,
};
use tauri_nspanel::{
    CollectionBehavior, ManagerExt as _, PanelHandle, PanelLevel, StyleMask, WebviewWindowExt as _,
    tauri_panel,
};
use tokio::time::sleep;

use crate::platform::place::{Area, Display, SIZE, Toggle, place, toggle as decide};
use crate::window::POPOVER;

/// So long its page is kept when it is not shown. A page that is only hidden takes as much memory as one that is not.
const KEPT: Duration = Duration::from_secs(15);

tauri_panel! {
    panel!(PopoverPanel {
        config: {
            can_become_key_window: true,
            can_become_main_window: false,
            is_floating_panel: true,
            hides_on_deactivate: false
        }
    })
}

/// What is remembered of it.
#[derive(Default)]
struct Memory {
    blurred: Option<Instant>,
    /// Counts how often it was shown, so that a page that is shown again is not thrown away.
    shown: u64,
}

type Remembered = Mutex<Memory>;

/// Makes ready for it.
pub(crate) fn prepare(app: &AppHandle) {
    app.manage(Remembered::default());
}

/// Shows or hides it, as the icon was clicked.
pub(crate) fn clicked(app: &AppHandle, icon: Rect) {
    let panel = app.get_webview_panel(POPOVER).ok();
    let is_shown = panel.as_ref().is_some_and(|panel| panel.is_visible());
    let since = with_memory(app, |memory| memory.blurred.map(|at| at.elapsed()));
    match decide(is_shown, since) {
        Toggle::Stay => {}
        Toggle::Hide => hide(app),
        Toggle::Show => {
            if let Err(error) = show(app, panel, icon) {
                tracing::error!(%error, "the popover can't be shown");
            }
        }
    }
}

/// It lost the keyboard: the person clicked elsewhere.
pub(crate) fn blurred(app: &AppHandle) {
    with_memory(app, |memory| memory.blurred = Some(Instant::now()));
    hide(app);
}

/// Hides it, and throws its page away if it is not shown again soon.
pub(crate) fn hide(app: &AppHandle) {
    let app = app.clone();
    let queued = app.clone().run_on_main_thread(move || {
        let Ok(panel) = app.get_webview_panel(POPOVER) else {
            return;
        };
        panel.hide();
        let shown = with_memory(&app, |memory| memory.shown);
        spawn(async move {
            sleep(KEPT).await;
            let closing = app.clone();
            let queued = app.run_on_main_thread(move || {
                if with_memory(&closing, |memory| memory.shown) == shown {
                    throw_away(&closing);
                }
            });
            if let Err(error) = queued {
                tracing::debug!(%error, "the app is ending");
            }
        });
    });
    if let Err(error) = queued {
        tracing::debug!(%error, "the app is ending");
    }
}

/// A panel that is closed as one ends the process: it has to become a window again first.
fn throw_away(app: &AppHandle) {
    let Ok(panel) = app.get_webview_panel(POPOVER) else {
        return;
    };
    if let Some(window) = panel.to_window()
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "the popover's page stays");
    }
}

fn show(app: &AppHandle, panel: Option<PanelHandle<tauri::Wry>>, icon: Rect) -> tauri::Result<()> {
    let panel = match panel {
        Some(panel) => panel,
        None => make(app)?,
    };
    with_memory(app, |memory| memory.shown += 1);
    let displays: Vec<Display> = app.available_monitors()?.iter().map(display).collect();
    if let (Some(area), Some(window)) = (
        place(pixels(icon), &displays),
        app.get_webview_window(POPOVER),
    ) {
        window.set_size(LogicalSize::new(area.width, area.height))?;
        window.set_position(LogicalPosition::new(area.x, area.y))?;
    }
    panel.show_and_make_key();
    Ok(())
}

fn make(app: &AppHandle) -> tauri::Result<PanelHandle<tauri::Wry>> {
    let window: WebviewWindow =
        WebviewWindowBuilder::new(app, POPOVER, WebviewUrl::App("popover.html".into()))
            .title("Codex Bridge")
            .inner_size(SIZE.0, SIZE.1)
            .decorations(false)
            .resizable(false)
            .visible(false)
            .focused(false)
            .accept_first_mouse(true)
            .build()?;
    let panel = window.to_panel::<PopoverPanel<tauri::Wry>>()?;
    if let Err(error) = panel.add_style_mask(StyleMask::empty().nonactivating_panel().into()) {
        tracing::warn!(%error, "the popover makes the app the active one");
    }
    panel.set_level(PanelLevel::PopUpMenu.into());
    let everywhere = CollectionBehavior::new()
        .can_join_all_spaces()
        .stationary()
        .full_screen_auxiliary()
        .ignores_cycle();
    panel.set_collection_behavior(everywhere.into());
    panel.set_corner_radius(10.0);
    panel.set_has_shadow(true);
    Ok(panel)
}

fn display(monitor: &Monitor) -> Display {
    let free = monitor.work_area();
    Display {
        whole: area(monitor.position().cast(), monitor.size().cast()),
        free: area(free.position.cast(), free.size.cast()),
        scale: monitor.scale_factor(),
    }
}

fn pixels(rect: Rect) -> Area {
    // The tray tells pixels; the scale counts for points alone.
    area(rect.position.to_physical(1.0), rect.size.to_physical(1.0))
}

fn area(position: tauri::PhysicalPosition<f64>, size: tauri::PhysicalSize<f64>) -> Area {
    Area {
        x: position.x,
        y: position.y,
        width: size.width,
        height: size.height,
    }
}

fn with_memory<T>(app: &AppHandle, what: impl FnOnce(&mut Memory) -> T) -> T {
    let memory = app.state::<Remembered>();
    let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
    what(&mut memory)
}
