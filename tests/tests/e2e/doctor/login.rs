//! Codex's login and the account's limits, as far as they can be known without asking the service.

use std::fs;
use std::time::Duration;

use codex_bridge_tests::scene::{Codex, NEWEST, VERSIONS};

use super::{Patient, chmod};

const LIMIT: Duration = Duration::from_secs(60);
/// Codex's login with a key, none of the real ones.
const LOGIN: &str = "{\"auth_mode\": \"apikey\", \"OPENAI_API_KEY\": \"sk-not-a-real-one\"}";

/// A real Codex that needs a login.
fn wants_login(version: &'static str) -> Patient {
    let patient = Patient::new(&Codex::Real(version));
    fs::write(patient.scene.codex_home().join("config.toml"), "").unwrap();
    patient
}

fn write_login(patient: &Patient, text: &str) {
    let file = patient.scene.codex_home().join("auth.json");
    fs::write(&file, text).unwrap();
    chmod(&file, 0o600);
}

#[test]
fn a_login_that_is_missing_damaged_or_open_is_named_with_every_version() {
    for version in VERSIONS {
        let patient = wants_login(version);
        let found = patient.finds("login_missing", "codex login");
        assert_eq!(found["action"]["command"], "codex login", "{version}");
        patient.leaves("login_missing");
        write_login(&patient, "{ broken");
        patient.names("login_damaged", "codex login");
        write_login(&patient, LOGIN);
        patient.is_well();
        chmod(&patient.scene.codex_home().join("auth.json"), 0o644);
        let found = patient.finds("login_open", "chmod 600");
        let command = found["action"]["command"].as_str().unwrap();
        assert!(command.starts_with("chmod 600 '"), "{command}");
        patient.leaves("login_open");
    }
}

/// Starts a run that the service refuses.
fn fails(patient: &Patient, prompt: &str) {
    let mut sidecar = patient.scene.sidecar();
    let run = sidecar.start_run(&patient.scene, prompt);
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["state"], "failed");
}

#[test]
fn a_login_that_the_service_refused_is_named_until_a_run_succeeds() {
    let patient = Patient::new(&Codex::Real(NEWEST));
    fails(&patient, "MOCK:http 401");
    patient.names("login_refused", "codex login");
    let mut sidecar = patient.scene.sidecar();
    let run = sidecar.start_run(&patient.scene, "hello");
    assert_eq!(sidecar.wait_for_end(&run, LIMIT)["state"], "succeeded");
    patient.is_well();
}

#[test]
fn a_login_that_was_refused_is_no_finding_once_there_is_a_newer_one() {
    let patient = Patient::new(&Codex::Real(NEWEST));
    fails(&patient, "MOCK:http 401");
    patient.finds("login_refused", "codex login");
    write_login(&patient, LOGIN);
    patient.is_well();
}

#[test]
fn a_limit_of_the_account_is_named() {
    let patient = Patient::new(&Codex::Real(NEWEST));
    fails(&patient, "MOCK:http 429 usage_limit");
    patient.names("quota_spent", "Wait");
}
