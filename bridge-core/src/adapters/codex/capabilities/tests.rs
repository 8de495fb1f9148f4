use super::*;

macro_rules! help {
    ($version:literal) => {
        HelpTexts {
            top: include_str!(concat!("../fixtures/help/", $version, "/codex.txt")).to_owned(),
            exec: include_str!(concat!("../fixtures/help/", $version, "/exec.txt")).to_owned(),
            exec_resume: include_str!(concat!("../fixtures/help/", $version, "/exec_resume.txt"))
                .to_owned(),
            exec_review: include_str!(concat!("../fixtures/help/", $version, "/exec_review.txt"))
                .to_owned(),
            app_server: include_str!(concat!("../fixtures/help/", $version, "/app-server.txt"))
                .to_owned(),
        }
    };
}

fn of_0_118() -> Capabilities {
    Capabilities::of_help(Version::new(0, 118, 0), &help!("0.118.0"))
}

fn of_0_169() -> Capabilities {
    Capabilities::of_help(Version::new(0, 169, 0), &help!("0.169.0"))
}

fn names(flags: &BTreeSet<String>) -> String {
    flags.iter().cloned().collect::<Vec<_>>().join(" ")
}

fn lacks(capabilities: &Capabilities) -> Vec<&'static str> {
    capabilities.lacks().iter().map(|lack| lack.what).collect()
}

#[test]
fn the_options_of_0_118_are_found() {
    let found = of_0_118();
    assert_eq!(
        names(&found.exec_flags),
        "--add-dir --cd --color --config --dangerously-bypass-approvals-and-sandbox --disable --enable \
         --ephemeral --full-auto --help --image --json --local-provider --model --oss \
         --output-last-message --output-schema --profile --sandbox --skip-git-repo-check --version"
    );
    assert!(found.resume() && found.review() && found.has_app_server && found.has_mcp_server());
    assert_eq!(
        lacks(&found),
        [
            "`codex exec review` has no --output-schema",
            "`codex exec` has no --ignore-user-config",
        ]
    );
}

#[test]
fn later_versions_lack_nothing() {
    let of_0_140 = Capabilities::of_help(Version::new(0, 140, 0), &help!("0.140.0"));
    assert_eq!(lacks(&of_0_140), [""; 0]);
    assert_eq!(lacks(&of_0_169()), [""; 0]);
    assert!(!of_0_169().has_mcp_server());
    assert!(!of_0_169().exec_flags.contains("--full-auto"));
}

#[test]
fn the_help_of_the_level_above_is_no_help() {
    let top = help!("0.169.0").top;
    let help = HelpTexts {
        exec_resume: top.clone(),
        exec_review: help!("0.169.0").exec,
        app_server: top,
        ..help!("0.169.0")
    };
    let found = Capabilities::of_help(Version::new(0, 169, 0), &help);
    assert_eq!(found.resume_flags, BTreeSet::new());
    assert_eq!(found.review_flags, BTreeSet::new());
    assert!(!found.has_app_server);
    assert_eq!(
        lacks(&found),
        [
            "`codex exec` can't resume a session",
            "`codex exec` has no review",
            "there is no `codex app-server`",
        ]
    );
}

#[test]
fn the_cache_gives_back_what_it_got() {
    let found = of_0_169();
    assert_eq!(Capabilities::from_json(&found.to_json()), Some(found));
    for text in ["", "{}", "[]", r#"{"version":"x"}"#] {
        assert_eq!(Capabilities::from_json(text), None, "{text}");
    }
}

#[test]
fn a_replaced_file_has_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codex");
    std::fs::write(&file, "one").unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let before = CacheKey::of(&file).unwrap();
    assert_eq!(CacheKey::of(&link).unwrap(), before);
    std::fs::write(&file, "other").unwrap();
    assert_ne!(CacheKey::of(&file).unwrap(), before);
    assert!(CacheKey::of(&folder.path().join("none")).is_err());
}
