//! Our own configuration, the environment and the keychain.

use std::fs;

use super::{Patient, chmod};

#[test]
fn a_configuration_that_says_nothing_clear_is_named_with_its_line() {
    let check = |text: &str, id: &str, what: &str, remedy: &str| {
        let patient = Patient::healthy();
        patient.scene.write_config(text);
        let found = patient.finds(id, remedy);
        assert!(found["what"].as_str().unwrap().contains(what), "{found:#}");
        patient.leaves(id);
    };
    check(
        "allowed_roots = [\n",
        "config_syntax",
        "line",
        "Correct the line",
    );
    check(
        "[limits]\nrunning = \"x\"\n",
        "config_syntax",
        "running",
        "Correct",
    );
    check(
        "[limits]\nsilence_minutes = 1\nsilence_seconds = 1\n",
        "config_value",
        "keep one of them",
        "Correct the value",
    );
    check(
        "[scrub]\npatterns = [\"(\"]\n",
        "scrub_pattern",
        "(",
        "pattern",
    );
}

#[test]
fn a_configuration_that_is_a_folder_is_named() {
    let patient = Patient::healthy();
    fs::remove_file(patient.scene.config()).unwrap();
    fs::create_dir(patient.scene.config()).unwrap();
    patient.names("config_unreadable", "a plain text file");
}

#[test]
fn keys_that_mean_nothing_are_named_and_left() {
    let patient = Patient::healthy();
    patient.configure("[limit]\nrunning = 1\n");
    patient.names("config_unknown_keys", "Correct their spelling");
}

#[test]
fn a_configuration_that_everybody_can_write_to_is_closed() {
    let patient = Patient::healthy();
    chmod(&patient.scene.config(), 0o666);
    patient.finds("config_open", "chmod go-w");
    patient.mends("config_open");
}

#[test]
fn a_variable_that_makes_no_sense_is_named() {
    let mut patient = Patient::healthy();
    patient
        .scene
        .set("CODEX_CLI_MCP_ALLOWED_ROOTS", "not/absolute");
    patient.names("variable_invalid", "unset it");
}

#[test]
fn a_bridge_below_a_run_is_named() {
    let mut patient = Patient::healthy();
    let run = "run_0123456789abcdef01";
    patient.scene.set("CODEX_BRIDGE_RUN", run);
    patient.names("nested", "Codex's own MCP servers");
}

#[test]
fn a_key_without_a_keychain_is_named_and_the_setting_goes_when_that_is_asked_for() {
    let mut patient = Patient::healthy();
    patient.configure("[codex]\napi_key = true\n");
    patient
        .scene
        .set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    patient.finds("keychain_unavailable", "");
    patient.mends_asked("keychain_unavailable");
}

#[test]
fn a_pause_is_named_and_ends_when_that_is_asked_for() {
    let patient = Patient::healthy();
    patient.say(&["pause"]);
    patient.finds("paused", "pause --off");
    patient.mends_asked("paused");
}
