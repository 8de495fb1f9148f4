//! Whether Codex has a login: as far as it tells.

use std::ffi::OsString;
use std::time::Duration;

use crate::adapters::codex::locate::CodexBin;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::platform::probe::{self, ProbeError, Question};

/// `login status` takes 50 ms; with the keychain it may have to wait for the person.
const LIMIT: Duration = Duration::from_secs(20);

/// What `codex login status` tells. A login that is there may have expired: only a run shows whether it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// There is none.
    LoggedOut,
    /// An API key is stored.
    ApiKey,
    /// An account of ChatGPT is stored.
    ChatGpt,
    /// Something else: Codex's own words.
    Unknown(Scrubbed),
}

impl Login {
    /// One sentence for the person. It promises no more than is known.
    pub fn sentence(&self) -> String {
        match self {
            Login::LoggedOut => "Codex has no login: run `codex login` in a terminal.".to_owned(),
            Login::ApiKey => {
                "Codex has an API key; whether it is valid, the first run shows.".to_owned()
            }
            Login::ChatGpt => {
                "Codex has a ChatGPT login; whether it is still valid, the first run shows."
                    .to_owned()
            }
            Login::Unknown(said) if said.is_empty() => {
                "Codex did not say whether it has a login.".to_owned()
            }
            Login::Unknown(said) => format!("Codex says of its login: {said}"),
        }
    }
}

/// Asks Codex. Neither reads its credentials nor reaches the network.
///
/// # Errors
/// If it gave no answer in time.
pub async fn login_status(
    bin: &CodexBin,
    env: &[(OsString, OsString)],
    scrubber: &Scrubber,
) -> Result<Login, ProbeError> {
    let question = Question {
        program: bin.path().to_owned(),
        args: vec!["login".into(), "status".into()],
        env: env.to_vec(),
        limit: LIMIT,
        max_output: 64 * 1024,
    };
    let answer = probe::run_bounded(&question).await?;
    // 0.118 to 0.169 answer on standard error.
    let text = [answer.stdout, answer.stderr].concat();
    Ok(read_status(
        &String::from_utf8_lossy(&text),
        answer.status.success(),
        scrubber,
    ))
}

fn read_status(text: &str, success: bool, scrubber: &Scrubber) -> Login {
    let lines = || {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("WARNING: proceeding"))
    };
    let says = |words: &str| lines().any(|line| line.to_ascii_lowercase().contains(words));
    if says("not logged in") {
        return Login::LoggedOut;
    }
    if success && says("using chatgpt") {
        return Login::ChatGpt;
    }
    // `Logged in using an API key - sk-…` in 0.118, `API key configured - sk-…` in 0.169.
    if success && says("api key") {
        return Login::ApiKey;
    }
    let mut said = scrubber.scrub(lines().next_back().unwrap_or_default());
    said.truncate(300);
    Login::Unknown(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_every_version_is_understood() {
        let check = |text: &str, success: bool, expected: Login| {
            let scrubber = Scrubber::builtin();
            assert_eq!(read_status(text, success, &scrubber), expected, "{text}");
        };
        let noise = "WARNING: proceeding, even though we could not update PATH: …\n";
        check("Not logged in\n", false, Login::LoggedOut);
        check(&format!("{noise}Not logged in\n"), false, Login::LoggedOut);
        check("Logged in using ChatGPT\n", true, Login::ChatGpt);
        check(
            "Logged in using an API key - sk-fake-***fghij\n",
            true,
            Login::ApiKey,
        );
        check(
            "API key configured - sk-fake-***fghij\n",
            true,
            Login::ApiKey,
        );
        let broken = "Error checking login status: expected value at line 1 column 1";
        let unknown = Login::Unknown(Scrubber::builtin().scrub(broken));
        check(broken, false, unknown);
        check("", true, Login::Unknown(Scrubbed::literal("")));
    }

    #[test]
    fn a_login_that_is_there_is_not_called_valid() {
        assert!(
            Login::ChatGpt
                .sentence()
                .contains("whether it is still valid")
        );
    }
}
