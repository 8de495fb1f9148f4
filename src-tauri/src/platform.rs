//! What differs between systems.

use tauri::{App, Builder, RunEvent, Wry};

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

/// Makes it an app of the menu bar alone.
#[cfg(target_os = "macos")]
pub(crate) fn stay_out_of_the_dock(app: &mut App) {
    app.set_activation_policy(tauri::ActivationPolicy::Accessory);
}

/// Makes it an app of the menu bar alone.
#[cfg(not(target_os = "macos"))]
pub(crate) fn stay_out_of_the_dock(_app: &mut App) {}

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

/// Adds what starts the app with the session.
#[cfg(target_os = "macos")]
pub(crate) fn login_item(builder: Builder<Wry>) -> Builder<Wry> {
    builder
}

/// Adds what starts the app with the session.
#[cfg(not(target_os = "macos"))]
pub(crate) fn login_item(builder: Builder<Wry>) -> Builder<Wry> {
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

/// What is shown as it stands. Elsewhere a notification's text is markup, in which a title could bring links and
/// pictures.
#[cfg(target_os = "macos")]
pub(crate) fn text_of_notice(text: &str) -> String {
    text.to_owned()
}

/// What is shown as it stands: the text is markup here, in which a title could bring links and pictures.
#[cfg(not(target_os = "macos"))]
pub(crate) fn text_of_notice(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
