//! What differs between systems.

use tauri::{App, Builder, RunEvent, Wry};

#[cfg(any(test, target_os = "macos"))]
mod place;
#[cfg(target_os = "macos")]
pub(crate) mod popover;

/// There is none here: the icon's menu does its job.
#[cfg(not(target_os = "macos"))]
pub(crate) mod popover {
    use tauri::{AppHandle, Rect};

    /// Makes ready for it.
    pub(crate) fn prepare(_app: &AppHandle) {}

    /// Where the icon tells of clicks, they open the window.
    pub(crate) fn clicked(app: &AppHandle, _icon: Rect) {
        crate::window::open(app, crate::link::Link::page("runs"));
    }

    /// It lost the keyboard.
    pub(crate) fn blurred(_app: &AppHandle) {}

    /// Hides it.
    pub(crate) fn hide(_app: &AppHandle) {}
}

/// Pictures that the system colours itself, or such as stand on any panel.
#[cfg(target_os = "macos")]
macro_rules! picture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../icons/tray/",
            $name,
            "@2x.png"
        ))
    };
}
#[cfg(not(target_os = "macos"))]
macro_rules! picture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../icons/tray/",
            $name,
            "-tile.png"
        ))
    };
}
pub(crate) use picture;

/// Whether a left click on the icon is told to us. Elsewhere the panel opens the menu by itself.
pub(crate) const TELLS_CLICKS: bool = cfg!(target_os = "macos");

/// Lets WebKit draw without a graphics card unless the person says otherwise. The window is words and lines: it is there
/// sooner so, by a second where there is no card, and takes less memory. Must be called before there are threads.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "WebKit reads this from the environment alone")]
pub(crate) fn draw_plainly() {
    const PLAIN: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
    if std::env::var_os(PLAIN).is_none() {
        // SAFETY: there is one thread yet, so nobody else reads the environment.
        unsafe { std::env::set_var(PLAIN, "1") };
    }
}

/// The system's web view draws as it does.
#[cfg(not(target_os = "linux"))]
pub(crate) fn draw_plainly() {}

/// Makes it an app of the menu bar alone.
#[cfg(target_os = "macos")]
pub(crate) fn stay_out_of_the_dock(app: &mut App) {
    app.set_activation_policy(tauri::ActivationPolicy::Accessory);
}

/// Makes it an app of the menu bar alone.
#[cfg(not(target_os = "macos"))]
pub(crate) fn stay_out_of_the_dock(_app: &mut App) {}

/// Makes it an app with a place in the Dock and a menu for as long as its window is there.
#[cfg(target_os = "macos")]
pub(crate) fn has_window(app: &tauri::AppHandle, has: bool) {
    let policy = if has {
        tauri::ActivationPolicy::Regular
    } else {
        tauri::ActivationPolicy::Accessory
    };
    if let Err(error) = app.set_activation_policy(policy) {
        tracing::warn!(%error, "the Dock does not know of the window");
    }
}

/// A window is all that is needed here.
#[cfg(not(target_os = "macos"))]
pub(crate) fn has_window(_app: &tauri::AppHandle, _has: bool) {}

/// Whether somebody starts what runs already. Elsewhere a second process tells of it.
#[cfg(target_os = "macos")]
pub(crate) fn is_opened_again(event: &RunEvent) -> bool {
    matches!(event, RunEvent::Reopen { .. })
}

/// Whether somebody starts what runs already. Elsewhere a second process tells of it.
#[cfg(not(target_os = "macos"))]
pub(crate) fn is_opened_again(_event: &RunEvent) -> bool {
    false
}

/// Adds what only this system needs: panels, a menu of our own, and pages that come back after the system took them.
#[cfg(target_os = "macos")]
pub(crate) fn at_home(builder: Builder<Wry>) -> Builder<Wry> {
    builder
        .plugin(tauri_nspanel::init())
        .menu(menu_bar)
        .on_web_content_process_terminate(|webview| {
            if let Err(error) = webview.reload() {
                tracing::warn!(%error, "a page stays empty");
            }
        })
}

/// The menu that belongs to the window. Its Quit is our own: the system's would end the app without a question.
#[cfg(target_os = "macos")]
fn menu_bar(app: &tauri::AppHandle) -> tauri::Result<tauri::menu::Menu<Wry>> {
    use tauri::menu::{AboutMetadata, Menu, MenuItem, PredefinedMenuItem as Item, Submenu};
    let line = || Item::separator(app);
    let name = "Codex Bridge";
    let settings = MenuItem::with_id(app, "open:settings", "Settings…", true, Some("Cmd+,"))?;
    let quit = MenuItem::with_id(app, "quit", "Quit Codex Bridge", true, Some("Cmd+Q"))?;
    let own = Submenu::with_items(
        app,
        name,
        true,
        &[
            &Item::about(app, None, Some(AboutMetadata::default()))?,
            &line()?,
            &settings,
            &line()?,
            &Item::hide(app, None)?,
            &Item::hide_others(app, None)?,
            &line()?,
            &quit,
        ],
    )?;
    let edit = Submenu::with_items(
        app,
        "Edit",
        true,
        &[
            &Item::undo(app, None)?,
            &Item::redo(app, None)?,
            &line()?,
            &Item::cut(app, None)?,
            &Item::copy(app, None)?,
            &Item::paste(app, None)?,
            &Item::select_all(app, None)?,
        ],
    )?;
    let window = Submenu::with_items(
        app,
        "Window",
        true,
        &[&Item::minimize(app, None)?, &Item::close_window(app, None)?],
    )?;
    Menu::with_items(app, &[&own, &edit, &window])
}

/// Adds what only this system needs: what starts the app with the session.
#[cfg(not(target_os = "macos"))]
pub(crate) fn at_home(builder: Builder<Wry>) -> Builder<Wry> {
    builder.plugin(tauri_plugin_autostart::Builder::new().build())
}

/// Whether the app starts with the session, and what the person has to know of it.
#[cfg(target_os = "macos")]
pub(crate) fn starts_with_session(
    _app: &tauri::AppHandle,
) -> Result<(bool, Option<String>), String> {
    use smappservice_rs::{AppService, ServiceStatus, ServiceType};
    let status = AppService::new(ServiceType::MainApp).status();
    let note = matches!(status, ServiceStatus::RequiresApproval)
        .then(|| "Allow it in System Settings › General › Login Items.".to_owned());
    Ok((matches!(status, ServiceStatus::Enabled), note))
}

/// Whether the app starts with the session, and what the person has to know of it.
#[cfg(not(target_os = "macos"))]
pub(crate) fn starts_with_session(
    app: &tauri::AppHandle,
) -> Result<(bool, Option<String>), String> {
    use tauri_plugin_autostart::ManagerExt as _;
    let enabled = app
        .autolaunch()
        .is_enabled()
        .map_err(|error| error.to_string())?;
    Ok((enabled, None))
}

/// Starts the app with the session from now on, or no more.
#[cfg(target_os = "macos")]
pub(crate) fn start_with_session(_app: &tauri::AppHandle, enabled: bool) -> Result<(), String> {
    use smappservice_rs::{AppService, ServiceType};
    let service = AppService::new(ServiceType::MainApp);
    let done = if enabled {
        service.register()
    } else {
        service.unregister()
    };
    done.map_err(|error| error.to_string())
}

/// Starts the app with the session from now on, or no more.
#[cfg(not(target_os = "macos"))]
pub(crate) fn start_with_session(app: &tauri::AppHandle, enabled: bool) -> Result<(), String> {
    use tauri_plugin_autostart::ManagerExt as _;
    let launch = app.autolaunch();
    let done = if enabled {
        launch.enable()
    } else {
        launch.disable()
    };
    done.map_err(|error| error.to_string())
}

/// Without it the first notification on macOS asks which app speaks, and waits.
pub(crate) fn name_for_notices() {
    #[cfg(target_os = "macos")]
    if let Err(error) = notify_rust::set_application("io.github.codex-bridge") {
        tracing::warn!(%error, "notifications have no name");
    }
}

/// Whether a notification's text is markup, in which a title could bring links and pictures.
#[cfg(target_os = "macos")]
pub(crate) fn reads_markup() -> bool {
    false
}

/// Whether a notification's text is markup, in which a title could bring links and pictures.
#[cfg(not(target_os = "macos"))]
pub(crate) fn reads_markup() -> bool {
    let can = notify_rust::get_capabilities().unwrap_or_default();
    can.iter().any(|word| word == "body-markup")
}
