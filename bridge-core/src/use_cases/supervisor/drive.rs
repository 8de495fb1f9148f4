//! Decides how Codex is driven.

use crate::domain::task::Backend;

/// What the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// What the person wants.
    pub(super) backend: Backend,
    /// Whether this Codex has an app-server.
    pub(super) has_app_server: bool,
    /// Whether the run is to leave a record.
    pub(super) persist: bool,
    /// Whether Codex may ask for what goes beyond the sandbox.
    pub(super) asks: bool,
    /// Whether Codex is to use an API key of the environment or the keychain.
    pub(super) has_key: bool,
}

/// The way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drive {
    /// `codex app-server`.
    AppServer,
    /// `codex exec`; if the person wants the other, why it can't be had.
    Exec(Option<&'static str>),
}

/// Decides.
pub(super) fn choose(facts: Facts) -> Drive {
    match facts.backend {
        Backend::Exec if facts.asks => Drive::Exec(Some(
            "`codex exec` can't ask for what goes beyond the sandbox; `codex.backend` wants it",
        )),
        Backend::Exec => Drive::Exec(None),
        // Nobody asked for it in particular, so that nothing has to be said where it can't be had.
        Backend::Auto if !facts.asks => match choose(Facts {
            backend: Backend::AppServer,
            ..facts
        }) {
            Drive::Exec(_) => Drive::Exec(None),
            drive => drive,
        },
        Backend::Auto | Backend::AppServer if !facts.has_app_server => Drive::Exec(Some(
            "this Codex has no `codex app-server`, so `codex exec` drives it",
        )),
        // It keeps a log of its own (0.118).
        Backend::Auto | Backend::AppServer if !facts.persist => Drive::Exec(Some(
            "`codex app-server` leaves traces on the disk, so `codex exec` drives this run",
        )),
        // It takes a key by a login alone, which it would keep (0.118 and 0.169).
        Backend::Auto | Backend::AppServer if facts.has_key => Drive::Exec(Some(
            "`codex app-server` takes no API key, so `codex exec` drives this run",
        )),
        Backend::Auto | Backend::AppServer => Drive::AppServer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(facts: Facts, reason: Option<&str>) {
        match choose(facts) {
            Drive::AppServer => assert_eq!(reason, None),
            Drive::Exec(said) => {
                let said = said.unwrap_or("wanted");
                assert!(reason.is_some_and(|reason| said.contains(reason)), "{said}");
            }
        }
    }

    #[test]
    fn exec_drives_what_an_app_server_cant() {
        let wanted = Facts {
            backend: Backend::AppServer,
            has_app_server: true,
            persist: true,
            asks: false,
            has_key: false,
        };
        check(wanted, None);
        // Who may ask needs somebody to ask.
        let backend = Backend::Auto;
        let asks = true;
        check(
            Facts {
                backend,
                asks,
                ..wanted
            },
            None,
        );
        let backend = Backend::Exec;
        check(
            Facts {
                backend,
                asks,
                ..wanted
            },
            Some("can't ask"),
        );
        check(Facts { backend, ..wanted }, Some("wanted"));
        let has_app_server = false;
        check(
            Facts {
                has_app_server,
                ..wanted
            },
            Some("has no `codex app-server`"),
        );
        let persist = false;
        check(Facts { persist, ..wanted }, Some("leaves traces"));
        let has_key = true;
        check(Facts { has_key, ..wanted }, Some("takes no API key"));
    }

    #[test]
    fn without_a_wish_it_is_the_app_server_where_it_can_be_had() {
        let auto = Facts {
            backend: Backend::Auto,
            has_app_server: true,
            persist: true,
            asks: false,
            has_key: false,
        };
        check(auto, None);
        let exec = Some("wanted");
        let has_app_server = false;
        check(
            Facts {
                has_app_server,
                ..auto
            },
            exec,
        );
        let persist = false;
        check(Facts { persist, ..auto }, exec);
        let has_key = true;
        check(Facts { has_key, ..auto }, exec);
    }
}
