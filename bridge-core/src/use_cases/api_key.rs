//! The optional API key: kept in the keychain, given to Codex alone. While the setting is off, nothing asks the keychain.

use serde_json::Value;

use crate::adapters::secrets::{Keychain, Secret, SecretError};
use crate::domain::scrub::Extras;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::error::Error;
use crate::use_cases::settings::Settings;

/// The setting that says that there is one.
const SETTING: &str = "codex.api_key";

impl Bridge {
    /// Whether there is a key that Codex gets.
    pub async fn has_api_key(&self) -> Result<bool, Error> {
        if !self.settings()?.config.api_key {
            return Ok(false);
        }
        Ok(Keychain::of_system().read().await?.is_some())
    }

    /// Keeps a key, and gives it to Codex from now on.
    pub async fn set_api_key(&self, key: &str) -> Result<(), Error> {
        let key = Secret::parse(key)?;
        Keychain::of_system().store(key).await?;
        self.set_preference(SETTING, &Value::Bool(true))
    }

    /// Throws the key away.
    pub async fn clear_api_key(&self) -> Result<(), Error> {
        // First, so that no run asks for what is just going.
        self.set_preference(SETTING, &Value::Null)?;
        Ok(Keychain::of_system().clear().await?)
    }
}

/// The settings with a scrubber that knows the key: for what is asked of a run. A key that can't be had is told at
/// once, and not only by the run's failure.
pub(crate) async fn known(settings: &Settings) -> Result<Settings, Error> {
    let mut settings = settings.clone();
    for_run(&mut settings).await?;
    Ok(settings)
}

/// The key for a run, if the person wants Codex to have one; from then on the scrubber of these settings knows it.
pub(crate) async fn for_run(settings: &mut Settings) -> Result<Option<Secret>, Error> {
    if !settings.config.api_key {
        return Ok(None);
    }
    let Some(key) = Keychain::of_system().read().await? else {
        return Err(Error::NoApiKey);
    };
    let mut extras: Extras = settings.extras.clone();
    extras.known_values.push(key.expose().to_owned());
    let scrubber = crate::domain::scrub::Scrubber::new(extras);
    settings.scrubber = scrubber.map_err(|error| Error::Bug(error.to_string()))?;
    Ok(Some(key))
}

impl From<SecretError> for Error {
    fn from(error: SecretError) -> Error {
        match error {
            SecretError::NoKey(why) => Error::argument("key", why.to_owned()),
            other => Error::Secret(other),
        }
    }
}
