//! What the window may ask for. Thin: what is checked is checked by the code behind the tools.

mod clients;
mod history;
mod program;
mod runs;
mod setup;
mod status;
#[cfg(test)]
mod tests;

use tauri::Wry;
use tauri::ipc::Invoke;

/// All of them.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        runs::run_task,
        runs::continue_run,
        runs::resume_session,
        runs::review_repo,
        runs::get_run,
        runs::get_run_updates,
        runs::steer_run,
        runs::answer_run,
        runs::cancel_run,
        runs::list_runs,
        runs::get_changes,
        runs::finish_run,
        runs::doctor,
        runs::review_code,
        status::status,
        status::watch_status,
        status::watch_run,
        status::unwatch,
        status::set_paused,
        setup::settings,
        setup::set_setting,
        setup::roots,
        setup::add_root,
        setup::remove_root,
        setup::pick_folder,
        setup::codex_candidates,
        setup::pick_codex,
        setup::api_key,
        setup::set_api_key,
        setup::clear_api_key,
        setup::self_test,
        setup::fix_finding,
        clients::clients,
        clients::watch_clients,
        clients::change_client,
        clients::forget_client_wish,
        clients::start_client,
        clients::await_client,
        history::audit_log,
        history::export_audit,
        history::export_run,
        history::diagnostics,
        history::scrub_preview,
        program::open_run_folder,
        program::login_item,
        program::set_login_item,
        program::open_window,
        program::hide_popover,
        program::quit,
        program::about,
    ]
}
