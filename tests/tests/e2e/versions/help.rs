//! The help texts that the unit tests and the stand-in go by are those of the real programs.

use std::path::PathBuf;
use std::process::{Command, Output};

use codex_bridge_tests::scene::{Codex, Scene, VERSIONS, real_codex, workspace};

/// The pages, and how Codex is asked for them.
const PAGES: [(&str, &[&str]); 6] = [
    ("codex", &[]),
    ("exec", &["exec"]),
    ("exec_resume", &["exec", "resume"]),
    ("exec_review", &["exec", "review"]),
    ("app-server", &["app-server"]),
    ("debug", &["debug"]),
];

fn ask(version: &str, words: &[&str]) -> Output {
    let scene = Scene::new(&Codex::Real("0.169.0"));
    Command::new(real_codex(version))
        .args(words)
        .env_clear()
        .envs(scene.env())
        .current_dir(scene.work())
        .output()
        .expect("Codex can be asked")
}

fn kept(version: &str, page: &str) -> String {
    let path: PathBuf = workspace()
        .join("bridge-core/src/adapters/codex/fixtures/help")
        .join(version)
        .join(format!("{page}.txt"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_kept_help_texts_are_what_the_programs_print() {
    for version in VERSIONS {
        for (page, words) in PAGES {
            let words = [words, &["--help"]].concat();
            let printed = ask(version, &words).stdout;
            let printed = String::from_utf8(printed).expect("text");
            assert_eq!(printed, kept(version, page), "{page} of {version}");
        }
    }
}

/// Without this, a test that a command line is accepted would prove nothing.
#[test]
fn a_command_line_that_a_version_does_not_know_is_told_from_one_that_it_does() {
    let check = |version: &str, words: &[&str], is_known: bool| {
        let answer = ask(version, words);
        assert_eq!(
            answer.status.code() != Some(2),
            is_known,
            "{words:?} {version}"
        );
    };
    for version in VERSIONS {
        check(version, &["exec", "--no-such-option", "-"], false);
        check(version, &["exec", "--help"], true);
        // `resume` takes no sandbox of its own, in no version.
        let resume = ["exec", "resume", "--sandbox", "read-only", "x", "-"];
        check(version, &resume, false);
    }
    // Why the schema stands before the word `resume`.
    let schema = ["exec", "resume", "--output-schema", "/none", "--help"];
    check("0.118.0", &schema, false);
    check("0.140.0", &schema, true);
}
