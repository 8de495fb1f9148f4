use super::*;
use crate::adapters::codex::testing::{self, KNOWN, help};

fn of_0_169() -> Capabilities {
    testing::capabilities("0.169.0")
}

fn lacks(capabilities: &Capabilities) -> Vec<String> {
    let show = |lack: &Lack| {
        let fatal = if lack.is_fatal { "FATAL " } else { "" };
        format!("{fatal}{}: {}", lack.what, lack.costs)
    };
    capabilities.lacks().iter().map(show).collect()
}

/// What all versions have in one line, and a line with a mark for each version for what only some have.
fn table(name: &str, of: impl Fn(&Capabilities) -> &BTreeSet<String>) -> String {
    let versions = KNOWN.map(testing::capabilities);
    let all: BTreeSet<&String> = versions.iter().flat_map(&of).collect();
    let (common, some): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|word| versions.iter().all(|version| of(version).contains(*word)));
    let common: Vec<&str> = common.into_iter().map(String::as_str).collect();
    let mut table = format!("{name}: {}\n", common.join(" "));
    for word in some {
        let marks = versions
            .iter()
            .map(|version| if of(version).contains(word) { "x" } else { "." });
        let marks: Vec<&str> = marks.collect();
        table.push_str(&format!("  {}  {word}\n", marks.join(" ")));
    }
    table
}

/// What 0.118.0, 0.140.0, 0.155.0 and 0.169.0 have.
const WHAT_EACH_HAS: &str = "\
codex: app-server apply cloud completion debug exec features fork help login logout mcp resume review sandbox
  . . x x  agents
  . x x x  archive
  . x x x  delete
  . x x x  doctor
  . x x x  exec-server
  x x . .  mcp-server
  . . . x  migrate-nfs-db
  . . x x  migrate-rollouts
  . x x x  plugin
  . . x x  queue
  . x x x  remote-control
  . x x x  unarchive
  . x x x  update
codex exec: --add-dir --cd --color --config --dangerously-bypass-approvals-and-sandbox --disable --enable --ephemeral --help --image --json --local-provider --model --oss --output-last-message --output-schema --profile --sandbox --skip-git-repo-check --version
  . . x x  --approve-for-me
  . . . x  --cyber-access-program
  . x x x  --dangerously-bypass-hook-trust
  x . . .  --full-auto
  . x x x  --ignore-rules
  . x x x  --ignore-user-config
  . x x x  --strict-config
  . . x x  --thread-source
  . . . x  --trust
  . . x x  --worktree
codex exec resume: --all --config --dangerously-bypass-approvals-and-sandbox --disable --enable --ephemeral --help --image --json --last --model --output-last-message --skip-git-repo-check
  . . . x  --cyber-access-program
  . x x x  --dangerously-bypass-hook-trust
  x . . .  --full-auto
  . x x x  --ignore-rules
  . x x x  --ignore-user-config
  . x x x  --output-schema
  . x x x  --strict-config
  . . x x  --thread-source
  . . . x  --trust
  . . x x  --worktree
codex exec review: --base --commit --config --dangerously-bypass-approvals-and-sandbox --disable --enable --ephemeral --help --json --model --output-last-message --skip-git-repo-check --title --uncommitted
  . . . x  --cyber-access-program
  . x x x  --dangerously-bypass-hook-trust
  x . . .  --full-auto
  . x x x  --ignore-rules
  . x x x  --ignore-user-config
  . x x x  --output-schema
  . x x x  --strict-config
  . . x x  --thread-source
  . . . x  --trust
  . . x x  --worktree
";

#[test]
fn what_each_version_has() {
    let tables = [
        table("codex", |version| &version.commands),
        table("codex exec", |version| &version.exec_flags),
        table("codex exec resume", |version| &version.resume_flags),
        table("codex exec review", |version| &version.review_flags),
    ];
    assert_eq!(tables.concat(), WHAT_EACH_HAS);
}

#[test]
fn what_each_version_lacks() {
    let check = |version: &str, expected: &[&str]| {
        assert_eq!(
            lacks(&testing::capabilities(version)),
            expected,
            "{version}"
        );
    };
    check(
        "0.118.0",
        &[
            "there is no `codex debug models`: it is not known which models and efforts there are; those that you \
             name are passed on as they are",
        ],
    );
    check("0.140.0", &[]);
    check("0.155.0", &[]);
    check("0.169.0", &[]);
}

#[test]
fn each_lack_is_told_with_what_it_costs() {
    let help = HelpTexts {
        exec: "Usage: codex exec [OPTIONS]\n\nOptions:\n      --json\n".to_owned(),
        ..HelpTexts::default()
    };
    let found = Capabilities::of_help(Version::new(0, 50, 0), &help);
    assert_eq!(
        lacks(&found),
        [
            "FATAL `codex exec` has no --sandbox: no run can be started; update Codex",
            "FATAL `codex exec` has no --skip-git-repo-check: no run can be started; update Codex",
            "FATAL `codex exec` has no --color: no run can be started; update Codex",
            "`codex exec` has no --model: a model can't be chosen",
            "`codex exec` has no --image: images can't go with a prompt",
            "`codex exec` has no --output-schema: an answer can't be bound to a JSON Schema, and the findings of a \
             review are read from its text",
            "`codex exec` has no --ephemeral: runs that leave nothing on the disk are refused",
            "`codex exec` can't resume a session: a run can't be continued, and no session resumed",
            "there is no `codex debug models`: it is not known which models and efforts there are; those that you \
             name are passed on as they are",
            "there is no `codex app-server`: no live text, no steering, no questions to you while a run goes on",
        ]
    );
}

#[test]
fn the_help_of_the_level_above_is_no_help() {
    let top = help("0.169.0").top;
    let help = HelpTexts {
        exec_resume: top.clone(),
        exec_review: help("0.169.0").exec,
        app_server: top.clone(),
        debug: top,
        ..help("0.169.0")
    };
    let found = Capabilities::of_help(Version::new(0, 169, 0), &help);
    assert_eq!(found.resume_flags, BTreeSet::new());
    assert_eq!(found.review_flags, BTreeSet::new());
    assert!(!found.has_app_server);
    assert!(!found.has_models);
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
