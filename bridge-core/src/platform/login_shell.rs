//! Learns the PATH that the person's terminal has: programs opened from the desktop get a much shorter one.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use crate::platform::probe::{self, ProbeError, Question};
use crate::platform::spawn::Membership;

/// Start-up files that take longer than this are not waited for.
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(5);
/// Start-up files may print a lot before it is our turn.
const MAX_OUTPUT: usize = 1 << 20;

/// Starts the person's shell as a terminal would and asks it for PATH; nothing if it is a shell we don't know, or it
/// never came to answer.
///
/// The shell gets a session of its own: an interactive one would stop itself if it saw our terminal.
///
/// # Errors
/// If the shell doesn't start, or its start-up files take longer than `limit`; it is then killed with its group.
pub async fn login_path(
    shell: &Path,
    env: &[(OsString, OsString)],
    limit: Duration,
) -> Result<Option<OsString>, ProbeError> {
    let fence = format!("codex-bridge-{}", Uuid::new_v4().simple());
    let Some(args) = arguments(shell, &fence) else {
        return Ok(None);
    };
    let question = Question {
        program: shell.to_path_buf(),
        args,
        env: with_quiet_start(env),
        limit,
        max_output: MAX_OUTPUT,
    };
    let answer = probe::run_in(&question, Membership::OwnSession).await?;
    Ok(between(&answer.stdout, fence.as_bytes()))
}

/// What makes each kind of shell read all its start-up files, and print PATH with a fence on either side.
fn arguments(shell: &Path, fence: &str) -> Option<Vec<OsString>> {
    let posix = format!("command printf '%s%s%s' {fence} \"$PATH\" {fence}");
    let list: Vec<String> = match shell.file_name()?.to_str()? {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "mksh" | "ash" => {
            vec!["-l".into(), "-i".into(), "-c".into(), posix]
        }
        "fish" => {
            let fish = format!("printf '%s%s%s' {fence} (string join : -- $PATH) {fence}");
            vec!["-l".into(), "-i".into(), "-c".into(), fish]
        }
        "nu" => {
            let nu = format!("print -n $\"{fence}($env.PATH | str join ':'){fence}\"");
            vec!["-l".into(), "-c".into(), nu]
        }
        // These refuse -l beside other options.
        "csh" | "tcsh" => {
            let csh = format!("printf '%s%s%s' {fence} \"$PATH\" {fence}");
            vec!["-c".into(), csh]
        }
        _ => return None,
    };
    Some(list.into_iter().map(OsString::from).collect())
}

/// Keeps start-up files from asking questions, updating themselves or opening a terminal multiplexer.
fn with_quiet_start(env: &[(OsString, OsString)]) -> Vec<(OsString, OsString)> {
    let quiet = [
        ("DISABLE_AUTO_UPDATE", "true"),
        ("ZSH_TMUX_AUTOSTART", "false"),
        ("CODEX_BRIDGE_READS_PATH", "1"),
    ];
    let is_quiet = |key: &OsStr| quiet.iter().any(|(name, _)| key == OsStr::new(name));
    env.iter()
        .filter(|(key, _)| !is_quiet(key))
        .cloned()
        .chain(quiet.map(|(key, value)| (key.into(), value.into())))
        .collect()
}

fn between(output: &[u8], fence: &[u8]) -> Option<OsString> {
    let find = |bytes: &[u8]| bytes.windows(fence.len()).position(|part| part == fence);
    let rest = output.get(find(output)? + fence.len()..)?;
    let path = rest.get(..find(rest)?)?;
    (!path.is_empty()).then(|| OsString::from_vec(OsStr::from_bytes(path).as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    fn home_with(profile: &str) -> (tempfile::TempDir, Vec<(OsString, OsString)>) {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(".bash_profile"), profile).unwrap();
        let env = vec![
            ("HOME".into(), home.path().into()),
            ("PATH".into(), "/usr/bin:/bin".into()),
        ];
        (home, env)
    }

    fn shell(name: &str) -> Option<PathBuf> {
        ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
            .iter()
            .map(|folder| Path::new(folder).join(name))
            .find(|path| path.exists())
    }

    #[tokio::test]
    async fn the_path_of_the_start_up_files_is_found_in_their_noise() {
        let Some(bash) = shell("bash") else { return };
        let profile = "echo welcome; echo oops >&2; export PATH=\"/opt/x y/bin:$PATH\"\n\
                       test \"$DISABLE_AUTO_UPDATE\" = true || PATH=asked-to-update\n";
        let (_home, env) = home_with(profile);
        let path = login_path(&bash, &env, Duration::from_secs(30))
            .await
            .unwrap()
            .unwrap();
        let path = path.into_string().unwrap();
        assert!(path.starts_with("/opt/x y/bin:"), "{path}");
        assert!(
            !path.contains("welcome") && !path.contains("codex-bridge"),
            "{path}"
        );
    }

    #[tokio::test]
    async fn every_shell_that_is_installed_answers() {
        let (_home, env) = home_with("");
        for name in ["sh", "dash", "bash", "zsh", "fish", "nu", "tcsh"] {
            let Some(shell) = shell(name) else { continue };
            let path = login_path(&shell, &env, Duration::from_secs(30))
                .await
                .unwrap();
            assert!(
                path.is_some_and(|path| path.to_string_lossy().contains("/usr/bin")),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn start_up_files_that_hang_are_killed_at_the_limit() {
        let Some(bash) = shell("bash") else { return };
        let (_home, env) = home_with("sleep 60\n");
        let error = login_path(&bash, &env, Duration::from_millis(300))
            .await
            .unwrap_err();
        assert!(matches!(error, ProbeError::TimedOut { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_shell_we_do_not_know_is_not_asked() {
        let tmp = tempfile::tempdir().unwrap();
        let odd = tmp.path().join("oddsh");
        fs::write(&odd, "#!/bin/sh\ntouch \"$0.ran\"\n").unwrap();
        fs::set_permissions(&odd, fs::Permissions::from_mode(0o755)).unwrap();
        let answer = login_path(&odd, &[], DEFAULT_LIMIT).await.unwrap();
        assert_eq!(answer, None);
        assert!(!tmp.path().join("oddsh.ran").exists());
    }

    #[test]
    fn only_what_stands_between_two_fences_counts() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(
                between(text.as_bytes(), b"##"),
                expected.map(OsString::from),
                "{text}"
            );
        };
        check("noise ##/a:/b## noise", Some("/a:/b"));
        check("##/a", None);
        check("####", None);
        check("", None);
    }
}
