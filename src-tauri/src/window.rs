//! The window: made when it is first opened, gone when it is closed.

use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Emitter as _, Manager as _, WebviewUrl, WebviewWindowBuilder};

use crate::app::App;
use crate::link::Link;
use crate::platform;
use crate::sight::Sight;

/// Its label.
pub(crate) const MAIN: &str = "main";
/// The label of the popover at the icon.
pub(crate) const POPOVER: &str = "popover";

/// Shows the window, on this page.
pub(crate) fn open(app: &AppHandle, link: Option<Link>) {
    // One after another: who asked while the window was being made would make a second one.
    let handle = app.clone();
    if let Err(error) = app.run_on_main_thread(move || open_now(&handle, link)) {
        tracing::debug!(%error, "the app is ending");
    }
}

fn open_now(app: &AppHandle, link: Option<Link>) {
    let shown = match app.get_webview_window(MAIN) {
        Some(window) => window
            .unminimize()
            .and_then(|()| window.show())
            .and_then(|()| window.set_focus())
            .and_then(|()| match link {
                Some(link) => app.emit_to(MAIN, "navigate", link),
                None => Ok(()),
            }),
        None => make(app, link),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window can't be shown");
    }
}

/// What the person looks at.
pub(crate) fn sight(app: &AppHandle) -> Sight {
    let focused = app.webview_windows().into_values().find(|window| {
        let shown = window.is_visible().unwrap_or(false);
        shown && window.is_focused().unwrap_or(false)
    });
    match focused {
        // The popover shows all that runs, and what ended last.
        Some(window) if window.label() != MAIN => Sight::Runs,
        Some(window) => match window.url() {
            Ok(url) => Sight::of(url.fragment()),
            Err(_) => Sight::Elsewhere,
        },
        None => Sight::Elsewhere,
    }
}

/// A window, or the popover, is gone.
pub(crate) fn closed(app: &AppHandle, label: &str) {
    app.state::<App>().watches().end_of(label);
    if label == MAIN {
        platform::has_window(app, false);
    }
}

fn make(app: &AppHandle, link: Option<Link>) -> tauri::Result<()> {
    // A page that does not listen yet reads where to begin from its address.
    let place = match link {
        Some(Link {
            page,
            run_id: Some(id),
        }) => format!("index.html#/{page}/{id}"),
        Some(Link { page, .. }) => format!("index.html#/{page}"),
        None => "index.html".to_owned(),
    };
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(place.into()))
        .title("Codex Bridge")
        .inner_size(1100.0, 740.0)
        .min_inner_size(720.0, 480.0)
        .zoom_hotkeys_enabled(true)
        // Who heard news for a page hears nothing for the next one.
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                let app = window.state::<App>();
                app.watches().end_of(window.label());
            }
        })
        .build()?;
    platform::has_window(app, true);
    Ok(())
}
