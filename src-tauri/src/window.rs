//! The window: made when it is first opened, gone when it is closed.

use tauri::{AppHandle, Emitter as _, Manager as _, WebviewUrl, WebviewWindowBuilder};

use crate::link::Link;

/// Its label.
pub(crate) const MAIN: &str = "main";

/// Shows the window, on this page.
pub(crate) fn open(app: &AppHandle, link: Option<Link>) {
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

/// Whether the person looks at it.
pub(crate) fn is_looked_at(app: &AppHandle) -> bool {
    let window = app.get_webview_window(MAIN);
    window.is_some_and(|window| window.is_focused().unwrap_or(false))
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
        .build()?;
    Ok(())
}
