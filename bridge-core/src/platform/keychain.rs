//! The place where the system keeps secrets: the keychain of macOS, the Secret Service of Linux.

use keyring_core::{Entry, Error};

/// An entry of the system's keychain. Blocks the thread, for as long as the system asks the person.
///
/// # Errors
/// If there is no keychain now; there may be one later.
pub fn entry(service: &str, user: &str) -> Result<Entry, Error> {
    match keyring::Entry::new(service, user) {
        Ok(entry) => Ok(entry.inner),
        // It looks for the service once in the life of a process and never again, but a session may get one later.
        Err(Error::NoDefaultStore) => anew(service, user),
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "linux")]
fn anew(service: &str, user: &str) -> Result<Entry, Error> {
    use keyring_core::api::CredentialStoreApi as _;
    zbus_secret_service_keyring_store::Store::new()?.build(service, user, None)
}

#[cfg(not(target_os = "linux"))]
fn anew(_: &str, _: &str) -> Result<Entry, Error> {
    Err(Error::NoDefaultStore)
}
