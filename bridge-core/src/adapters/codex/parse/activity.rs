//! What is happening right now, in a few words.

use std::path::Path;

/// The longest activity, in characters.
const MAX: usize = 100;

/// One short line: control characters and runs of blanks become one blank, and what is too long ends in `…`.
pub(super) fn short(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut blank = false;
    // A text of megabytes is not looked at to its end.
    for c in text.trim_start().chars() {
        if c.is_whitespace() || c.is_control() {
            blank = true;
            continue;
        }
        if length + 1 + usize::from(blank) > MAX {
            while length >= MAX {
                line.pop();
                length -= 1;
            }
            line.push('…');
            return line;
        }
        if std::mem::take(&mut blank) && length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push(c);
        length += 1;
    }
    line
}

/// The command that a person would have typed: `cargo test` for `/bin/bash -lc 'cargo test'`.
pub(super) fn inner_command(command: &str) -> String {
    let Some((shell, script)) = command
        .split_once(" -lc ")
        .or_else(|| command.split_once(" -c "))
    else {
        return command.to_owned();
    };
    if shell.contains(' ') || !shell.ends_with("sh") {
        return command.to_owned();
    }
    let inside = |quote: char| {
        script
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    if let Some(text) = inside('\'') {
        text.replace(r"'\''", "'").replace(r#"'"'"'"#, "'")
    } else if let Some(text) = inside('"') {
        text.replace("\\\"", "\"")
            .replace("\\$", "$")
            .replace(r"\\", r"\")
    } else {
        script.to_owned()
    }
}

/// The heading with which a summary of thoughts begins: `**Looking at the tests**`.
pub(super) fn heading(reasoning: &str) -> Option<&str> {
    let rest = reasoning.trim_start().strip_prefix("**")?;
    let (heading, _) = rest.split_once("**")?;
    (!heading.trim().is_empty() && !heading.contains('\n')).then_some(heading)
}

/// A path as it is seen from the folder in which Codex works.
pub(super) fn seen_from<'a>(folder: &Path, path: &'a str) -> &'a str {
    Path::new(path)
        .strip_prefix(folder)
        .ok()
        .and_then(Path::to_str)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activity_is_one_short_line() {
        let check = |text: &str, expected: &str| assert_eq!(short(text), expected);
        check("cargo test", "cargo test");
        check("  a\n\n  b\tc \u{7}", "a b c");
        check("", "");
        let hundred = "x".repeat(100);
        check(&hundred, &hundred);
        check(&"x".repeat(101), &format!("{}…", "x".repeat(99)));
        assert_eq!(short(&"ä b ".repeat(90)).chars().count(), 100);
    }

    #[test]
    fn the_shell_around_a_command_is_left_out() {
        let check = |text: &str, expected: &str| assert_eq!(inner_command(text), expected);
        check("/bin/bash -lc 'cargo test'", "cargo test");
        check("/bin/zsh -lc 'echo '\\''a'\\'''", "echo 'a'");
        check(r#"/bin/bash -lc "echo \"a\" \$HOME""#, r#"echo "a" $HOME"#);
        check("/bin/bash -lc ls", "ls");
        check("sh -c 'ls -a'", "ls -a");
        check("git commit -c x", "git commit -c x");
        check("gcc -c x.c", "gcc -c x.c");
        check("", "");
    }

    #[test]
    fn a_summary_of_thoughts_may_have_a_heading() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(heading(text), expected);
        check("**Looking**\n\nI look.", Some("Looking"));
        check("I look **closely**.", None);
        check("****", None);
        check("**a", None);
    }

    #[test]
    fn a_path_is_shown_from_the_working_folder() {
        let check = |path: &str, expected: &str| {
            assert_eq!(seen_from(Path::new("/w/a"), path), expected);
        };
        check("/w/a/src/lib.rs", "src/lib.rs");
        check("/w/ab/lib.rs", "/w/ab/lib.rs");
        check("src/lib.rs", "src/lib.rs");
        check("/w/a", "/w/a");
    }
}
