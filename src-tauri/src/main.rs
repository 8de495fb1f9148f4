//! Codex Bridge in the menu bar: hosts the bridge, shows what runs, cancels it, and sets it all up.

mod app;
mod clients;
mod commands;
mod fault;
mod link;
mod notices;
mod platform;
mod quit;
mod sight;
#[cfg(test)]
mod testing;
mod text;
mod tray;
mod watches;
mod window;

use std::process::ExitCode;

use bridge_core::faces::cli::host_of_process;
use bridge_core::use_cases::bridge::Bridge;
use tauri::{Manager as _, RunEvent, WindowEvent};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::app::App;
use crate::link::Link;
use crate::quit::Live;

/// The name of the server beside this program.
const SIDECAR: &str = "codex-bridge-mcp";

fn main() -> ExitCode {
    platform::draw_plainly();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    let host = match host_of_process() {
        Ok(mut host) => {
            host.sidecar.set_file_name(SIDECAR);
            host
        }
        Err(error) => return refuse(&error.to_string()),
    };
    let bridge = Bridge::new(host);
    let built = platform::at_home(tauri::Builder::default())
        // First, so that a second one leaves before it has made anything.
        .plugin(tauri_plugin_single_instance::init(|app, args, _| {
            let link = args.iter().find_map(|arg| Link::parse(arg));
            window::open(app, link);
        }))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(
            tauri_plugin_window_state::Builder::default()
                .with_filter(|label| label == window::MAIN)
                .build(),
        )
        .invoke_handler(commands::handler())
        .setup(move |handle| {
            platform::stay_out_of_the_dock(handle);
            let handle = handle.handle();
            handle.manage(App::new(bridge));
            platform::popover::prepare(handle);
            tray::build(handle)?;
            app::begin(handle);
            let opener = handle.clone();
            handle.deep_link().on_open_url(move |event| {
                let link = event
                    .urls()
                    .iter()
                    .find_map(|url| Link::parse(url.as_str()));
                window::open(&opener, link);
            });
            // Where links are arguments, the one of this start is told to nobody.
            let urls = handle.deep_link().get_current()?.unwrap_or_default();
            let link = urls.iter().find_map(|url| Link::parse(url.as_str()));
            if link.is_some() {
                window::open(handle, link);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(error) => return refuse(&error.to_string()),
    };
    app.run(|handle, event| match event {
        // A menu-bar app lives on without windows. Its own end comes with a code.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => api.prevent_exit(),
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Destroyed,
            ..
        } => window::closed(handle, &label),
        RunEvent::WindowEvent {
            label,
            event: WindowEvent::Focused(false),
            ..
        } if label == window::POPOVER => platform::popover::blurred(handle),
        RunEvent::Exit => tauri::async_runtime::block_on(quit::clean_up(handle, Live::Leave)),
        event if platform::is_opened_again(&event) => window::open(handle, None),
        _ => {}
    });
    ExitCode::SUCCESS
}

#[allow(clippy::print_stderr)]
fn refuse(reason: &str) -> ExitCode {
    eprintln!("error: {reason}");
    ExitCode::FAILURE
}
