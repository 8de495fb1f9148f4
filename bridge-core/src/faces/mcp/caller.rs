//! Who is asking: as the client introduced itself, in either era.

use rmcp::model::Implementation;

use crate::domain::run::Caller;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::host::Host;

/// Where Claude Code tells its session to the servers that it starts.
const SESSION_VAR: &str = "CLAUDE_CODE_SESSION_ID";
/// A name or version is no place for an essay.
const MAX: usize = 100;

/// The caller of a request.
pub(crate) fn caller(client: Option<Implementation>, host: &Host, scrubber: &Scrubber) -> Caller {
    let session = host.var(SESSION_VAR).map(|value| value.to_string_lossy());
    let (name, version) = match client {
        Some(client) => (client.name, Some(client.version)),
        None => (String::new(), None),
    };
    Caller {
        client: one_line(&name, scrubber).unwrap_or(Scrubbed::literal("unknown")),
        version: version.and_then(|version| one_line(&version, scrubber)),
        session: session.and_then(|session| one_line(&session, scrubber)),
    }
}

/// Printable text without secrets, or nothing. Names end up in terminals and menus.
pub(crate) fn one_line(text: &str, scrubber: &Scrubber) -> Option<Scrubbed> {
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    let mut scrubbed = scrubber.scrub(printable.trim());
    scrubbed.truncate(MAX);
    (!scrubbed.is_empty()).then_some(scrubbed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::OsString;
    use std::path::PathBuf;

    use super::*;

    fn host(session: &str) -> Host {
        Host {
            env: BTreeMap::from([(SESSION_VAR.into(), OsString::from(session))]),
            home: PathBuf::new(),
            config_dir: PathBuf::new(),
            state_dir: PathBuf::new(),
            sidecar: PathBuf::new(),
            now: || crate::domain::run::Timestamp(0),
            random: || 7,
        }
    }

    fn check(
        client: Option<(&str, &str)>,
        session: &str,
        expected: (&str, Option<&str>, Option<&str>),
    ) {
        let client = client.map(|(name, version)| Implementation::new(name, version));
        let caller = caller(client, &host(session), &Scrubber::builtin());
        let text = |text: &Option<Scrubbed>| text.as_ref().map(ToString::to_string);
        assert_eq!(
            (
                caller.client.as_str(),
                text(&caller.version).as_deref(),
                text(&caller.session).as_deref()
            ),
            expected
        );
    }

    #[test]
    fn the_client_is_named_as_it_introduced_itself() {
        check(
            Some(("claude-ai", "0.1.0")),
            "s-1",
            ("claude-ai", Some("0.1.0"), Some("s-1")),
        );
        check(None, "", ("unknown", None, None));
        check(Some(("", "")), "", ("unknown", None, None));
        check(
            Some(("a\u{1b}[31mb\n", "1")),
            "",
            ("a[31mb", Some("1"), None),
        );
    }
}
