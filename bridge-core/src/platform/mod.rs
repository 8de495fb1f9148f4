//! What differs between operating systems: processes, locks, folders. The only place with `cfg(target_os)`.

pub mod apps;
pub mod attributes;
pub mod clock;
pub mod disk;
pub mod errand;
pub mod exit_watch;
pub mod family;
pub mod keychain;
pub mod ladder;
pub mod lock;
pub mod login_shell;
pub mod open_dir;
pub mod orphans;
pub mod private_dir;
pub mod probe;
pub mod process_table;
pub mod signal;
pub mod spawn;
pub mod system;
#[cfg(test)]
mod test_run;
pub mod tree_edit;
pub mod write_watch;

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
compile_error!("Codex Bridge runs on macOS and Linux");
