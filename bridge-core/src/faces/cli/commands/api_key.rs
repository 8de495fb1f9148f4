//! `api-key`: the key that Codex gets, in the system's keychain.

use std::io::{self, Read as _};

use crate::faces::cli::args::{ApiKeyAction, ApiKeyArgs};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen;
use crate::use_cases::bridge::Bridge;

/// More than any key has.
const LONGEST: u64 = 4_096;

/// Says whether there is a key, keeps one, or throws it away.
pub(super) async fn api_key(bridge: &Bridge, args: &ApiKeyArgs) -> Result<Exit, Fault> {
    let line = match args.action.as_ref().unwrap_or(&ApiKeyAction::Status) {
        ApiKeyAction::Status => match bridge.has_api_key().await? {
            true => "Codex gets the API key in the keychain.",
            false => "There is no API key: Codex uses its own login.",
        },
        ApiKeyAction::Set => {
            let mut key = String::new();
            io::stdin()
                .take(LONGEST)
                .read_to_string(&mut key)
                .map_err(Fault::Input)?;
            bridge.set_api_key(&key).await?;
            "✔ the key is in the keychain; new runs get it"
        }
        ApiKeyAction::Clear => {
            bridge.clear_api_key().await?;
            "✔ the key is gone"
        }
    };
    let look = Look::of(&io::stdout(), bridge.host());
    screen::print(&[look.paint(Tone::Good, line)])?;
    Ok(Exit::Fine)
}
