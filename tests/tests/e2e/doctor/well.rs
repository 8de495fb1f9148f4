//! What is well gives no alarm, and what is told of it is fit to hand on.

use codex_bridge_tests::scene::{Codex, VERSIONS};
use serde_json::json;

use super::Patient;

#[test]
fn a_healthy_set_up_gives_no_finding_with_any_version_of_codex() {
    for version in VERSIONS {
        let patient = Patient::new(&Codex::Real(version));
        patient.is_well();
        patient.say(&["install", "claude-desktop", "cursor", "gemini-cli"]);
        patient.is_well();
        let (done, left) = patient.fix(&[]);
        assert!(done.is_empty() && left.is_empty(), "{version}: {left:?}");
    }
}

#[test]
fn the_tool_and_the_command_line_find_the_same() {
    let patient = Patient::healthy();
    patient.configure_roots(&[&patient.scene.path().join("gone")], "");
    let found = patient.finds("root_missing", "take it off");
    let mut sidecar = patient.scene.sidecar();
    let report = sidecar.call("codex_doctor", json!({})).ok();
    let told = super::ills_of(&report);
    assert_eq!(told, [found]);
}

#[test]
fn a_finding_that_nobody_knows_is_refused() {
    let patient = Patient::healthy();
    let (said, code) = patient.say(&["doctor", "--fix", "root_mising"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("there is no finding `root_mising`"), "{said}");
}

#[test]
fn the_report_to_hand_on_has_no_secrets() {
    let patient = Patient::healthy();
    let token = ["ghp", "_0123456789abcdefghijABCDEFGHIJ012345"].concat();
    patient.configure_roots(&[&patient.scene.path().join(&token)], "");
    let (report, code) = patient.say(&["doctor", "--report"]);
    assert_eq!(code, Some(0), "{report}");
    assert!(
        report.starts_with("# Codex Bridge: diagnostics\n"),
        "{report}"
    );
    assert!(report.contains("* `root_missing`: "), "{report}");
    assert!(!report.contains(&token), "{report}");
}

#[test]
fn a_person_reads_what_was_done_and_what_remains() {
    let patient = Patient::healthy();
    patient.configure_roots(
        &[&patient.scene.work(), &patient.scene.path().join("gone")],
        "",
    );
    super::chmod(&patient.scene.config(), 0o666);
    let (said, code) = patient.say(&["doctor", "--fix"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("✔ config_open: "), "{said}");
    assert!(said.contains("What remains:"), "{said}");
    assert!(
        said.contains("codex-bridge-mcp doctor --fix root_missing"),
        "{said}"
    );
}
