//! Codex itself: which one, whether it works, what it lacks, and its own folder.

use std::fs;
use std::os::unix::fs::symlink;

use codex_bridge_tests::scene::{Codex, NEWEST, VERSIONS, real_codex, write_program};

use super::{Patient, chmod, give_away};

/// A set-up in which Codex is looked for.
fn searching() -> Patient {
    let mut patient = Patient::new(&Codex::Missing);
    patient.scene.unset("CODEX_BIN");
    patient
}

/// Writes a Codex of a model provider that wants no login.
fn without_login(patient: &Patient) {
    let config = "model_provider = \"own\"\n[model_providers.own]\nname = \"Own\"\nbase_url = \"http://127.0.0.1:9/v1\"\n\
                  wire_api = \"responses\"\n";
    fs::write(patient.scene.codex_home().join("config.toml"), config).unwrap();
}

#[test]
fn no_codex_at_all_is_named() {
    let patient = searching();
    patient.names("codex_missing", "npm install");
}

#[test]
fn a_setting_that_names_what_is_gone_goes_where_another_codex_is_there() {
    let patient = searching();
    without_login(&patient);
    symlink(
        real_codex(NEWEST),
        patient.scene.path().join("search/codex"),
    )
    .unwrap();
    patient.configure("[codex]\nbin = \"/nowhere/codex\"\n");
    let found = patient.finds("codex_setting_gone", "config unset codex.bin");
    assert!(
        found["what"].as_str().unwrap().contains(NEWEST),
        "{found:#}"
    );
    patient.mends("codex_setting_gone");
}

#[test]
fn a_setting_that_names_what_is_gone_stays_where_there_is_no_other() {
    let patient = searching();
    patient.configure("[codex]\nbin = \"/nowhere/codex\"\n");
    patient.names("codex_setting", "codex.bin");
}

#[test]
fn a_setting_that_names_what_does_not_work_goes_when_that_is_asked_for() {
    let patient = searching();
    without_login(&patient);
    symlink(
        real_codex(NEWEST),
        patient.scene.path().join("search/codex"),
    )
    .unwrap();
    let other = patient.scene.path().join("other");
    write_program(&other, "#!/bin/sh\necho something else\n");
    let setting = format!("[codex]\nbin = \"{}\"\n", other.display());
    patient.configure(&setting);
    patient.finds("codex_setting", "config unset codex.bin");
    patient.mends_asked("codex_setting");
}

#[test]
fn a_variable_that_names_what_is_gone_is_named() {
    let patient = Patient::new(&Codex::Missing);
    patient.names("codex_variable", "CODEX_BIN");
}

#[test]
fn a_codex_that_was_found_and_does_not_start_is_named() {
    let patient = searching();
    patient.on_path("codex", "#!/bin/sh\necho broken >&2\nexit 3\n");
    patient.names("codex_unusable", "nstall");
}

#[test]
fn a_codex_that_does_not_tell_what_it_can_do_is_named() {
    let patient = searching();
    let text = "#!/bin/sh\n[ \"$1\" != --version ] || { echo codex-cli 0.169.0; exit; }\nexit 3\n";
    patient.on_path("codex", text);
    patient.names("codex_silent", "codex exec --help");
}

#[test]
fn a_codex_before_a_newer_one_is_named_and_the_newer_is_taken_when_that_is_asked_for() {
    let mut patient = searching();
    without_login(&patient);
    let [older, _, newer] = VERSIONS;
    let mut path = Vec::new();
    for version in [older, newer] {
        let folder = patient.scene.path().join(version);
        fs::create_dir(&folder).unwrap();
        symlink(real_codex(version), folder.join("codex")).unwrap();
        path.push(folder.display().to_string());
    }
    path.push(patient.scene.path().join("search").display().to_string());
    patient.scene.set("PATH", &path.join(":"));
    let found = patient.finds("codex_older_first", "codex.bin");
    assert!(found["what"].as_str().unwrap().contains(newer), "{found:#}");
    let before = patient.files();
    let (done, left) = patient.fix(&[]);
    assert!(done.is_empty() && left == ["codex_older_first"], "{left:?}");
    assert_eq!(before, patient.files());
    patient.mends_by("codex_older_first", &["codex_older_first"]);
    let (report, _) = patient.json(&["doctor", "--json"]);
    assert_eq!(report["codex"]["version"], newer);
}

/// A Codex in front of the real one that says it is of this version, and leaves this out of its help.
fn pretends(patient: &Patient, version: &str, without: &str) {
    let real = real_codex(NEWEST);
    let real = real.display();
    let text = format!(
        "#!/bin/sh\n[ \"$1\" != --version ] || {{ echo codex-cli {version}; exit; }}\n\
         case \"$*\" in *--help*) \"{real}\" \"$@\" | /usr/bin/sed 's/{without}/--gone-by-now/g' ;; *) exec \"{real}\" \"$@\" ;; esac\n"
    );
    patient.on_path("codex", &text);
}

#[test]
fn a_codex_older_than_all_that_were_tested_is_named() {
    let patient = searching();
    without_login(&patient);
    pretends(&patient, "0.90.0", "--no-such");
    patient.names("codex_old", "Update Codex");
}

#[test]
fn what_codex_lacks_is_named_by_whether_runs_need_it() {
    let patient = searching();
    without_login(&patient);
    pretends(&patient, NEWEST, "--json");
    let found = patient.finds("codex_lacks_needed", "Update Codex");
    assert_eq!(found["level"], "fault");
    patient.leaves("codex_lacks_needed");
    pretends(&patient, NEWEST, "--output-schema");
    let found = patient.finds("codex_lacks", "Update Codex");
    assert!(
        found["what"].as_str().unwrap().contains("--output-schema"),
        "{found:#}"
    );
    patient.leaves("codex_lacks");
}

#[test]
fn a_codex_that_does_not_tell_its_models_is_named() {
    let patient = searching();
    without_login(&patient);
    let real = real_codex(NEWEST);
    let real = real.display();
    let text =
        format!("#!/bin/sh\n[ \"$*\" != 'debug models' ] || exit 3\nexec \"{real}\" \"$@\"\n");
    patient.on_path("codex", &text);
    patient.names("models_unknown", "codex debug models");
}

#[test]
fn what_an_update_took_away_is_named() {
    let patient = searching();
    without_login(&patient);
    pretends(&patient, NEWEST, "--no-such");
    patient.is_well();
    pretends(&patient, "0.170.0", "--output-schema");
    let found = patient.finds_with(
        &["codex_lacks"],
        "codex_lost",
        "Go back to the version before",
    );
    let what = found["what"].as_str().unwrap();
    assert!(
        what.contains("0.169.0") && what.contains("--output-schema"),
        "{what}"
    );
    patient.leaves("codex_lost");
}

#[test]
fn an_update_that_takes_nothing_away_is_told_and_is_no_alarm() {
    let mut patient = Patient::new(&Codex::Real(VERSIONS[0]));
    patient.is_well();
    let newest = real_codex(NEWEST).display().to_string();
    patient.scene.set("CODEX_BIN", &newest);
    patient.is_well();
    let (report, _) = patient.json(&["doctor", "--json"]);
    let told = report["findings"].to_string();
    assert!(
        told.contains("Codex was 0.118.0 not long ago and is 0.169.0 now"),
        "{told}"
    );
}

#[test]
fn a_folder_of_codex_that_is_named_and_not_there_is_named() {
    let mut patient = Patient::healthy();
    patient.scene.set("CODEX_HOME", "/nowhere/codex-home");
    patient.names("codex_home_missing", "CODEX_HOME");
}

#[test]
fn a_folder_of_codex_that_is_not_ours_or_not_writable_is_named() {
    let mut patient = Patient::healthy();
    patient.bound = true;
    let home = patient.scene.codex_home();
    chmod(&home, 0o500);
    patient.names("codex_home_unwritable", "writable for you");
    chmod(&home, 0o700);
    patient.bound = false;
    if give_away(&home) {
        patient.names("codex_home_foreign", "folder of your own");
    }
}

#[test]
fn a_configuration_of_codex_that_is_no_toml_is_named_with_its_line() {
    for version in VERSIONS {
        let patient = Patient::new(&Codex::Real(version));
        let file = patient.scene.codex_home().join("config.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("model = \n{text}")).unwrap();
        let ills = patient.ills();
        let found = ills.iter().find(|ill| ill["id"] == "codex_config_broken");
        let what = found.unwrap()["what"].as_str().unwrap();
        assert!(what.contains("line 1"), "{version}: {what}");
        patient.leaves("codex_config_broken");
    }
}

#[test]
fn codex_with_the_bridge_as_its_server_is_named() {
    let patient = Patient::healthy();
    let config = "[mcp_servers.me]\ncommand = \"/x/codex-bridge-mcp\"\n";
    fs::write(patient.scene.codex_home().join("config.toml"), config).unwrap();
    let found = patient.finds("codex_reference", "codex mcp remove me");
    assert_eq!(found["action"]["command"], "codex mcp remove me");
    patient.leaves("codex_reference");
}
