//! Checks `tauri.conf.json` and the capabilities, and makes them known to the program.

fn main() {
    tauri_build::build();
}
