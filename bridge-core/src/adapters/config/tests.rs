use std::time::Duration;

use super::*;

fn resolve(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect();
    Config::resolve(
        Path::new("/c/config.toml"),
        text,
        Surroundings {
            env: &env,
            home: Path::new("/home/me"),
            state_dir: Path::new("/state"),
        },
    )
}

fn check_fault(text: &str, env: &[(&str, &str)], expected: &str) {
    let fault = resolve(text, env)
        .map(|_| "no fault")
        .map_err(|e| e.to_string());
    assert_eq!(fault, Err(expected.to_owned()));
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let config = resolve("", &[]).unwrap();
    assert_eq!(config.roots.roots(), AllowedRoots::default().roots());
    assert_eq!(config.codex_home, Path::new("/home/me/.codex"));
    assert_eq!(config.state_dir, Path::new("/state"));
    assert_eq!(config.run, RunBounds::DEFAULT);
    assert_eq!(config.defaults.sandbox, Sandbox::ReadOnly);
    assert!(!config.ceilings.network);
}

#[test]
fn the_environment_ranks_above_the_file() {
    let file = "allowed_roots = [\"/file\"]\n[codex]\nbin = \"/file/codex\"\nhome = \"~/other\"\n";
    let config = resolve(file, &[]).unwrap();
    assert_eq!(config.roots.roots(), [PathBuf::from("/file")]);
    assert_eq!(config.codex_home, Path::new("/home/me/other"));
    let env = [
        ("CODEX_CLI_MCP_ALLOWED_ROOTS", "/a::~/b"),
        ("CODEX_BIN", "/env/codex"),
        ("CODEX_HOME", "/env/home"),
        ("CODEX_CLI_MCP_STATE_DIR", "/env/state"),
        ("CODEX_CLI_MCP_DEFAULT_WORKSPACE_MODE", "worktree"),
    ];
    let config = resolve(file, &env).unwrap();
    assert_eq!(
        config.roots.roots(),
        [PathBuf::from("/a"), PathBuf::from("/home/me/b")]
    );
    assert_eq!(config.codex_home, Path::new("/env/home"));
    assert_eq!(config.state_dir, Path::new("/env/state"));
    assert_eq!(config.defaults.workspace, Some(WorkspaceMode::Worktree));
    let chosen = ChosenBin {
        path: PathBuf::from("/env/codex"),
        by: ChosenBy::Environment,
    };
    assert_eq!(config.codex_bin, Some(chosen));
}

#[test]
fn a_fault_names_the_key_the_reason_and_the_place() {
    check_fault(
        "allowed_roots = [\"src\"]",
        &[],
        "`allowed_roots` in `/c/config.toml`: `src` is not an absolute path",
    );
    check_fault(
        "",
        &[("CODEX_CLI_MCP_ALLOWED_ROOTS", "src")],
        "the environment variable CODEX_CLI_MCP_ALLOWED_ROOTS: `src` is not an absolute path",
    );
    check_fault(
        "[ceilings]\nsandbox = \"danger-full-access\"",
        &[],
        "`ceilings.sandbox` in `/c/config.toml`: `danger-full-access` is none of read-only, workspace-write",
    );
    check_fault(
        "# roots\nallowed_roots = 3",
        &[],
        "`/c/config.toml`, line 2: `allowed_roots`: invalid type: integer `3`, expected a sequence",
    );
    check_fault(
        "[limits]\nrunning = 0",
        &[],
        "`/c/config.toml`, line 2: `limits.running`: invalid value: integer `0`, expected a nonzero u32",
    );
}

#[test]
fn a_key_that_means_nothing_is_reported() {
    let config = resolve("allowed_rots = []\n[limits]\nruning = 2\n", &[]).unwrap();
    assert_eq!(config.unknown_keys, ["allowed_rots", "limits.runing"]);
}

#[test]
fn the_default_time_limit_stays_below_the_ceiling() {
    let config = resolve("[defaults]\nminutes = 90\n[ceilings]\nminutes = 30", &[]).unwrap();
    assert_eq!(config.run.total, Duration::from_secs(30 * 60));
}

#[test]
fn an_edit_keeps_comments_and_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let before = "# mine\nallowed_roots = [\n  \"/a\", # work\n]\n\n[limits] # few\nrunning = 2\n";
    std::fs::write(&file, before).unwrap();
    assert!(add_root(&file, Roots::Allowed, Path::new("/b")).unwrap());
    assert!(!add_root(&file, Roots::Allowed, Path::new("/b")).unwrap());
    let with_b = std::fs::read_to_string(&file).unwrap();
    assert!(with_b.contains("# mine") && with_b.contains("# work") && with_b.contains("# few"));
    assert_eq!(
        resolve(&with_b, &[]).unwrap().roots.roots(),
        [PathBuf::from("/a"), PathBuf::from("/b")]
    );
    assert!(remove_root(&file, Path::new("/b")).unwrap());
    assert!(!remove_root(&file, Path::new("/b")).unwrap());
}

#[test]
fn an_edit_of_a_broken_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "allowed_roots = [").unwrap();
    assert!(matches!(
        add_root(&file, Roots::Allowed, Path::new("/b")),
        Err(EditError::Syntax { .. })
    ));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "allowed_roots = [");
}

#[test]
fn silence_is_said_in_minutes_or_in_seconds_and_not_in_both() {
    let silence = |text: &str| resolve(text, &[]).unwrap().run.silence;
    assert_eq!(
        silence("[limits]\nsilence_minutes = 2"),
        Duration::from_secs(120)
    );
    assert_eq!(
        silence("[limits]\nsilence_seconds = 5"),
        Duration::from_secs(5)
    );
    check_fault(
        "[limits]\nsilence_minutes = 2\nsilence_seconds = 5",
        &[],
        "`limits.silence_seconds` in `/c/config.toml`: `limits.silence_minutes` says it already; keep one of them",
    );
}

#[test]
fn a_root_that_holds_what_says_what_is_allowed_admits_nothing_unless_insisted() {
    let config = |text: &str, env: &[(&str, &str)]| resolve(text, env).unwrap().roots;
    let text = "allowed_roots = [\"/home/me\", \"/w\"]";
    assert_eq!(
        config(text, &[]).roots(),
        [Path::new("/home/me"), Path::new("/w")]
    );
    let insisted = "allowed_roots = [\"/w\"]\nbroad_roots = [\"~\", \"/w\"]";
    assert_eq!(
        config(insisted, &[]).roots(),
        [Path::new("/w"), Path::new("/home/me")]
    );
    // The environment's list stands in the stead of the file's; what is insisted on only counts there.
    let env = [("CODEX_CLI_MCP_ALLOWED_ROOTS", "/x")];
    assert_eq!(config(insisted, &env).roots(), [Path::new("/x")]);
    check_fault(
        "broad_roots = [\"x\"]",
        &[],
        "`broad_roots` in `/c/config.toml`: `x` is not an absolute path",
    );
}

#[test]
fn own_secrets_are_taken_word_for_word_unless_they_are_everywhere() {
    let config = resolve("[scrub]\nvalues = [\"correct horse\"]\n", &[]).unwrap();
    assert_eq!(config.scrub.known_values, ["correct horse"]);
    let short = "[scrub]\nvalues = [\"correct horse\", \"abc\"]\n";
    let fault = resolve(short, &[]).unwrap_err().to_string();
    assert!(
        fault.contains("scrub.values") && !fault.contains("horse"),
        "{fault}"
    );
}
