//! The optional API key for Codex, in the system's keychain and nowhere else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use keyring_core::{Entry, Error as StoreError};

use crate::platform::keychain;

/// Under which names the key is kept.
const SERVICE: &str = "codex-bridge";
const USER: &str = "codex-api-key";
/// How long the system may take: it may have to ask the person.
const LIMIT: Duration = Duration::from_secs(60);

/// Something that is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The system's keychain.
#[derive(Clone)]
pub struct Keychain {
    entry: Arc<dyn Fn() -> Result<Entry, StoreError> + Send + Sync>,
    limit: Duration,
}

/// Why the keychain was of no use.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is none.
    #[error("this session has no keychain: {0}")]
    NoService(String),
    /// It is closed, or does not let us.
    #[error("the keychain is locked, or refuses: {0}")]
    Locked(String),
    /// It, or the person, does not answer.
    #[error("the keychain did not answer in time")]
    TooLate,
    /// Anything else.
    #[error("the keychain failed: {0}")]
    Failed(String),
    /// Our own thread died.
    #[error("the keychain could not be asked: {0}")]
    Thread(String),
    /// It is no key.
    #[error("that is no API key: {0}")]
    NoKey(&'static str),
}

impl Secret {
    /// Takes a key: one word of printable letters.
    pub fn parse(text: &str) -> Result<Secret, SecretError> {
        let text = text.trim();
        if !(8..=1_024).contains(&text.len()) {
            return Err(SecretError::NoKey("it has 8 to 1024 letters"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::NoKey("it is one word of plain letters"));
        }
        Ok(Secret(text.to_owned()))
    }

    /// The secret itself, for the one that it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for Keychain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keychain")
    }
}

impl SecretError {
    /// What the person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            SecretError::NoService(_) => {
                "Install and start a keyring such as gnome-keyring or KWallet, or log Codex in with `codex login`."
            }
            SecretError::Locked(_) | SecretError::TooLate => {
                "Unlock the keychain, allow Codex Bridge to use it, and try again."
            }
            SecretError::Failed(_) | SecretError::Thread(_) => {
                "Try again; if it stays, clear the key and log Codex in with `codex login`."
            }
            SecretError::NoKey(_) => "Copy the whole key, without spaces.",
        }
    }
}

impl Keychain {
    /// The system's. Touches nothing before it is asked.
    pub fn of_system() -> Keychain {
        Keychain {
            entry: Arc::new(|| keychain::entry(SERVICE, USER)),
            limit: LIMIT,
        }
    }

    /// The key, if there is one.
    pub async fn read(&self) -> Result<Option<Secret>, SecretError> {
        self.ask(|entry| match entry.get_password() {
            Ok(text) => Ok(Some(Secret(text))),
            Err(StoreError::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// Keeps a key instead of the one that was there.
    pub async fn store(&self, secret: Secret) -> Result<(), SecretError> {
        self.ask(move |entry| entry.set_password(secret.expose()))
            .await
    }

    /// Throws the key away; there need be none.
    pub async fn clear(&self) -> Result<(), SecretError> {
        self.ask(|entry| match entry.delete_credential() {
            Ok(()) | Err(StoreError::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
        .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(Entry) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let entry = Arc::clone(&self.entry);
        let asking = tokio::task::spawn_blocking(move || {
            let entry = entry().map_err(|error| unavailable(&error))?;
            ask(entry).map_err(|error| failure(&error))
        });
        match tokio::time::timeout(self.limit, asking).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(fault)) => Err(SecretError::Thread(fault.to_string())),
            Err(_) => Err(SecretError::TooLate),
        }
    }
}

/// Why there is no way to it.
fn unavailable(error: &StoreError) -> SecretError {
    match failure(error) {
        SecretError::Failed(why) => SecretError::NoService(why),
        other => other,
    }
}

/// Its own words carry their causes already, and no part of a secret.
fn failure(error: &StoreError) -> SecretError {
    match error {
        StoreError::NoDefaultStore => SecretError::NoService("there is no service".to_owned()),
        StoreError::NoStorageAccess(why) => SecretError::Locked(why.to_string()),
        other => SecretError::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::mock;

    use super::*;

    fn with(entry: impl Fn() -> Result<Entry, StoreError> + Send + Sync + 'static) -> Keychain {
        Keychain {
            entry: Arc::new(entry),
            limit: Duration::from_secs(5),
        }
    }

    #[tokio::test]
    async fn a_key_is_kept_read_and_thrown_away() {
        let store = mock::Store::new().unwrap();
        let keychain = with(move || store.build(SERVICE, USER, None));
        let key = Secret::parse(" sk-kestrel-quarry \n").unwrap();
        assert_eq!(keychain.read().await.unwrap(), None);
        keychain.store(key.clone()).await.unwrap();
        assert_eq!(keychain.read().await.unwrap(), Some(key));
        keychain.clear().await.unwrap();
        keychain.clear().await.unwrap();
        assert_eq!(keychain.read().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_keychain_that_comes_later_is_found() {
        let store = mock::Store::new().unwrap();
        let is_there = Arc::new(AtomicBool::new(false));
        let there = Arc::clone(&is_there);
        let keychain = with(move || match there.load(Ordering::Relaxed) {
            true => store.build(SERVICE, USER, None),
            false => Err(StoreError::NoDefaultStore),
        });
        let none = keychain.read().await.unwrap_err();
        assert!(matches!(none, SecretError::NoService(_)), "{none:?}");
        assert!(none.hint().contains("gnome-keyring"));
        is_there.store(true, Ordering::Relaxed);
        assert_eq!(keychain.read().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_locked_keychain_says_what_to_do() {
        let keychain = with(|| Err(StoreError::NoStorageAccess("locked".into())));
        let locked = keychain.read().await.unwrap_err();
        assert!(matches!(locked, SecretError::Locked(_)), "{locked:?}");
        assert!(locked.hint().starts_with("Unlock"));
    }

    #[test]
    fn what_is_no_key_is_not_taken_and_a_key_is_not_shown() {
        for text in [
            "",
            "short",
            "two words here",
            "kestrel\u{7}quarry",
            &"x".repeat(2_000),
        ] {
            assert!(Secret::parse(text).is_err(), "{text}");
        }
        let key = Secret::parse("sk-kestrel-quarry").unwrap();
        assert_eq!(format!("{key:?}"), "Secret(…)");
    }
}
