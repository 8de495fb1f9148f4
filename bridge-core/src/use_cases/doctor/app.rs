//! The doctor's look at the app behind the socket, and at the keychain.

use std::time::Duration;

use crate::adapters::ipc::{self, Standing};
use crate::adapters::secrets::Keychain;
use crate::use_cases::doctor::Exam;
use crate::use_cases::doctor::catalogue::{Ill, Mends};
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::doctor::fix::Fix;
use crate::use_cases::error::chain;

/// How long the keychain may take. A run gives it longer, since it may have to ask the person.
const KEYCHAIN_LIMIT: Duration = Duration::from_secs(3);

impl Exam<'_> {
    pub(super) async fn app(&self) -> Findings {
        let mut found = self.findings();
        let ((), keychain) = tokio::join!(self.socket(&mut found), self.keychain());
        found.list.extend(keychain.list);
        found
    }

    async fn socket(&self, found: &mut Findings) {
        let (place, mark) = self.bridge.app();
        let socket = place.socket();
        let shown = socket.display();
        match ipc::look(&place, &mark).await {
            Standing::Nobody => found.well(
                "app",
                "the app does not run; runs have the rights of the client that asks",
            ),
            Standing::Serves => found.well("app", "the app runs, and acts for all clients"),
            Standing::OtherSettings => found.well(
                "app",
                "the app runs with other environment variables or another configuration; this program acts by itself",
            ),
            Standing::Stale => {
                let what = format!("nobody listens at the app's socket `{shown}`");
                found.ill(Ill::SocketStale, &what);
                found.fixed_by(Fix::RemoveSocket, Mends::Unasked);
            }
            Standing::OtherVersion => {
                let what = "the app speaks another version of the protocol than this program";
                found.ill(Ill::AppOtherVersion, what);
            }
            Standing::Silent(why) => {
                let what = format!("whoever listens at `{shown}` does not greet: {why}");
                found.ill(Ill::AppSilent, &what);
            }
        }
    }

    /// Asks the keychain only where the person keeps a key in it. The key itself is never shown.
    async fn keychain(&self) -> Findings {
        let mut found = self.findings();
        if !self.settings.as_ref().is_ok_and(|it| it.config.api_key) {
            return found;
        }
        match tokio::time::timeout(KEYCHAIN_LIMIT, Keychain::of_system().read()).await {
            Ok(Ok(Some(_))) => found.well("keychain", "the keychain has an API key for Codex"),
            Ok(Ok(None)) => {
                found.ill(
                    Ill::ApiKeyMissing,
                    "the keychain has no API key for Codex, although the setting codex.api_key is on",
                );
                found.fixed_by(Fix::SwitchApiKeyOff, Mends::Asked);
            }
            Ok(Err(error)) => {
                found.ill_with(Ill::KeychainUnavailable, &chain(&error), error.hint());
                found.fixed_by(Fix::SwitchApiKeyOff, Mends::Asked);
            }
            Err(_) => {
                found.ill(
                    Ill::KeychainUnavailable,
                    "the keychain does not answer; it may wait for you",
                );
                found.fixed_by(Fix::SwitchApiKeyOff, Mends::Asked);
            }
        }
        found
    }
}
