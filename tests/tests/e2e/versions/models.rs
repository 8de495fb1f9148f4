//! Which models there are, Codex says, and nobody else.

use std::process::Command;

use codex_bridge_tests::scene::{Codex, Scene, program, real_codex, write_program};
use serde_json::{Value, json};

use crate::runs::LIMIT;

/// The versions that tell.
const TELLING: [&str; 2] = ["0.140.0", "0.169.0"];

fn doctor(scene: &Scene) -> Value {
    scene.sidecar().call("codex_doctor", json!({})).ok()
}

fn names(report: &Value) -> Vec<&str> {
    let models = report["codex"]["models"].as_array().expect("the models");
    let name = |model: &'_ Value| model["name"].as_str().map(ToOwned::to_owned);
    assert!(models.iter().all(|model| name(model).is_some()), "{report}");
    models
        .iter()
        .filter_map(|model| model["name"].as_str())
        .collect()
}

fn finding<'a>(report: &'a Value, about: &str) -> &'a Value {
    let findings = report["findings"].as_array().expect("the findings");
    let found = findings.iter().find(|finding| finding["about"] == about);
    found.unwrap_or_else(|| panic!("no finding about {about} in {report}"))
}

#[test]
fn the_doctor_shows_what_codex_prints() {
    for version in TELLING {
        let scene = Scene::new(&Codex::Real(version));
        let printed = Command::new(real_codex(version))
            .args(["debug", "models"])
            .env_clear()
            .envs(scene.env())
            .output()
            .expect("Codex can be asked");
        let printed: Value = serde_json::from_slice(&printed.stdout).expect("JSON");
        let mut listed: Vec<&Value> = printed["models"]
            .as_array()
            .expect("models")
            .iter()
            .filter(|model| model["visibility"] == "list")
            .collect();
        listed.sort_by_key(|model| model["priority"].as_i64());
        let report = doctor(&scene);
        let expected: Vec<_> = listed
            .iter()
            .map(|model| model["slug"].as_str().expect("a name"))
            .collect();
        assert_eq!(names(&report), expected, "{version}");
        let first = &report["codex"]["models"][0];
        let efforts: Vec<&Value> = listed[0]["supported_reasoning_levels"]
            .as_array()
            .expect("efforts")
            .iter()
            .map(|level| &level["effort"])
            .collect();
        assert_eq!(first["efforts"], json!(efforts), "{version}");
        assert_eq!(
            first["default_effort"],
            listed[0]["default_reasoning_level"]
        );
        let shown = scene.cli(&["doctor"]).output().expect("the doctor");
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(shown.contains(&format!("{}*: ", expected[0])), "{shown}");
    }
}

#[test]
fn a_model_or_effort_that_was_refused_brings_those_that_there_are() {
    for version in TELLING {
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        let mut check = |asked: Value, expected: &str| {
            let run = sidecar.start_run_with(&scene, "MOCK:http 400", asked);
            let ended = sidecar.wait_for_end(&run, LIMIT);
            assert_eq!(
                ended["error"]["code"], "model_unavailable",
                "{version}: {ended}"
            );
            let hint = ended["error"]["hint"].as_str().expect("a hint");
            assert!(hint.contains(expected), "{version}: {hint}");
        };
        check(json!({"model": "gpt-9"}), "Codex offers gpt-");
        check(json!({}), "Codex offers gpt-");
        let asked = json!({"model": "gpt-5.5", "effort": "ultra"});
        check(
            asked,
            "`gpt-5.5` takes the efforts low, medium, high, xhigh.",
        );
    }
}

#[test]
fn a_model_that_is_not_in_the_list_is_not_refused() {
    for version in TELLING {
        let scene = Scene::new(&Codex::Real(version));
        let mut sidecar = scene.sidecar();
        let asked = json!({"model": "our-own-model"});
        let run = sidecar.start_run_with(&scene, "MOCK:answer", asked);
        let ended = sidecar.wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{version}: {ended}");
        assert_eq!(ended["checks"]["model"], "confirmed");
        assert_eq!(
            scene.model().requests().last().expect("a request").model(),
            "our-own-model"
        );
    }
}

/// A stand-in that writes down whenever it is asked for its models, and answers with these lines of shell.
fn telling(scene: &mut Scene, lines: &str) {
    let script = scene.path().join("telling-codex");
    let text = format!(
        "#!/bin/sh\nif [ \"$1 $2\" = 'debug models' ]; then\necho \"$*\" >>'{}'\n{lines}\nfi\nexec '{}' \"$@\"\n",
        scene.path().join("asked").display(),
        program("fake-codex").display(),
    );
    write_program(&script, &text);
    scene.set("CODEX_BIN", &script.display().to_string());
}

fn asked(scene: &Scene) -> Vec<String> {
    let asked = std::fs::read_to_string(scene.path().join("asked")).unwrap_or_default();
    asked.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn codex_is_asked_again_when_its_login_or_configuration_changed() {
    let mut scene = Scene::new(&Codex::Fake);
    telling(&mut scene, "");
    let once = doctor(&scene);
    assert_eq!(names(&once), ["gpt-6-sol", "gpt-6-luna"]);
    assert_eq!(doctor(&scene)["codex"]["models"], once["codex"]["models"]);
    assert_eq!(asked(&scene), ["debug models"]);
    for (number, name) in ["auth.json", "config.toml"].into_iter().enumerate() {
        std::fs::write(scene.codex_home().join(name), "").expect("the file");
        doctor(&scene);
        assert_eq!(asked(&scene).len(), number + 2, "{name}");
    }
}

#[test]
fn what_the_program_brings_along_serves_where_the_account_can_not_be_asked() {
    let mut scene = Scene::new(&Codex::Fake);
    let bundled = r#"{"models": [{"slug": "gpt-brought-along", "visibility": "list"}]}"#;
    telling(
        &mut scene,
        &format!("[ \"$3\" = --bundled ] && echo '{bundled}' && exit\necho no service >&2; exit 1"),
    );
    let report = doctor(&scene);
    assert_eq!(names(&report), ["gpt-brought-along"]);
    assert_eq!(asked(&scene), ["debug models", "debug models --bundled"]);
}

#[test]
fn an_answer_that_is_none_is_a_warning_and_nothing_worse() {
    let mut scene = Scene::new(&Codex::Fake);
    telling(&mut scene, "echo '{\"models\": 7'; echo it broke >&2; exit");
    let report = doctor(&scene);
    assert_eq!(names(&report), [""; 0]);
    let models = finding(&report, "models");
    assert_eq!(models["level"], "warning");
    assert_eq!(
        models["what"],
        "Codex does not tell which models it has: it broke"
    );
    let run = scene.sidecar().start_run(&scene, "Hello.");
    let ended = scene.sidecar().wait_for_end(&run, LIMIT);
    assert_eq!(ended["state"], "succeeded", "{ended}");
}

/// A stand-in of this version.
fn of_version(version: &str) -> Scene {
    let mut scene = Scene::new(&Codex::Fake);
    let copy = scene.path().join(format!("fake-codex-{version}"));
    std::fs::copy(program("fake-codex"), &copy).expect("a copy");
    scene.set("CODEX_BIN", &copy.display().to_string());
    scene
}

#[test]
fn a_version_that_was_not_tested_is_no_fault_and_said() {
    let check = |version: &str, level: Option<&str>, words: &str| {
        let scene = of_version(version);
        let report = doctor(&scene);
        assert_eq!(report["codex"]["version"], version);
        let shown = scene.cli(&["doctor"]).output().expect("the doctor");
        let shown = String::from_utf8_lossy(&shown.stdout).replace("\n  ", " ");
        match level {
            Some(level) => {
                let said = finding(&report, "codex_version");
                assert_eq!(said["level"], level, "{said}");
                assert!(
                    said["what"]
                        .as_str()
                        .is_some_and(|what| what.contains(words)),
                    "{said}"
                );
                assert!(shown.contains(words), "{shown}");
            }
            None => assert!(!report.to_string().contains("codex_version"), "{report}"),
        }
        let run = scene.sidecar().start_run(&scene, "Hello.");
        let ended = scene.sidecar().wait_for_end(&run, LIMIT);
        assert_eq!(ended["state"], "succeeded", "{ended}");
    };
    check("0.117.0", Some("warning"), "older than 0.118.0");
    check("0.118.0", None, "");
    check("0.169.0", None, "");
    check("0.170.0", Some("ok"), "newer than 0.169.0");
}

#[test]
fn what_a_version_lacks_is_told_with_what_it_costs() {
    let scene = of_version("0.118.0");
    let report = doctor(&scene);
    let lacks = report["codex"]["lacks"].as_array().expect("a list");
    let said = finding(&report, "capabilities");
    assert_eq!(lacks.len(), 1, "{report}");
    assert_eq!(said["what"], lacks[0]);
    assert_eq!(said["level"], "ok", "an older version is no fault");
    let sentence = lacks[0].as_str().expect("a sentence");
    assert!(
        sentence.starts_with("there is no `codex debug models`: "),
        "{sentence}"
    );
    let shown = scene.cli(&["doctor"]).output().expect("the doctor");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("lacks   there is no `codex debug models`"),
        "{shown}"
    );
}
