//! What a client that started the server from a bundle (`.mcpb`) gave it: the folders that the person chose there. Where
//! nothing was chosen, some clients pass the name of the setting in its place.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::adapters::config::variable;
use crate::use_cases::host::Host;

/// The variables that a bundle or a client's entry may set.
const VARIABLES: [&str; 5] = [
    variable::ROOTS,
    variable::STATE_DIR,
    variable::WORKSPACE,
    variable::CODEX_HOME,
    variable::CODEX_BIN,
];

/// Takes the folders over, which then count in place of the configuration's. Says, a sentence each, what was left out.
pub(super) fn adjust(host: &mut Host, roots: &[PathBuf]) -> Vec<String> {
    let mut said = Vec::new();
    for name in VARIABLES {
        if host.var(name).is_some_and(is_placeholder) {
            host.env.remove(OsStr::new(name));
            said.push(format!(
                "{name} holds the name of a setting that the client did not fill in: it counts as not set"
            ));
        }
    }
    let (unfilled, chosen): (Vec<_>, Vec<_>) = roots
        .iter()
        .filter(|root| !root.as_os_str().is_empty())
        .partition(|root| is_placeholder(root.as_os_str()));
    if !unfilled.is_empty() {
        said.push(
            "--roots holds the name of a setting that the client did not fill in: the folders of the configuration count"
                .to_owned(),
        );
    }
    let (plain, odd): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .partition(|root| !root.as_os_str().as_encoded_bytes().contains(&b':'));
    if !odd.is_empty() {
        said.push("--roots: a folder with a colon in its path can't be allowed here".to_owned());
    }
    if !plain.is_empty()
        && let Ok(joined) = std::env::join_paths(&plain)
    {
        host.env.insert(OsString::from(variable::ROOTS), joined);
    }
    said
}

/// Whether a value is still the name of a setting, such as `${user_config.allowed_roots}`.
fn is_placeholder(value: &OsStr) -> bool {
    let text = value.to_string_lossy();
    let text = text.trim();
    text.starts_with("${") && text.ends_with('}') || text.contains("${user_config.")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::run::Timestamp;

    fn check(env: &[(&str, &str)], roots: &[&str], expected: Option<&str>, said: usize) {
        let pairs = env.iter().map(|(name, value)| (name.into(), value.into()));
        let mut host = Host {
            env: pairs.collect::<BTreeMap<OsString, OsString>>(),
            home: PathBuf::new(),
            config_dir: PathBuf::new(),
            state_dir: PathBuf::new(),
            sidecar: PathBuf::new(),
            now: || Timestamp(0),
            random: || 7,
        };
        let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
        let told = adjust(&mut host, &roots);
        let found = host.var(variable::ROOTS).map(OsStr::to_owned);
        assert_eq!(found, expected.map(OsString::from), "{env:?} {roots:?}");
        assert_eq!(told.len(), said, "{told:?}");
    }

    #[test]
    fn what_the_person_chose_counts_and_a_setting_without_a_value_is_none() {
        let set = variable::ROOTS;
        check(&[], &[], None, 0);
        check(&[(set, "/a")], &[], Some("/a"), 0);
        check(&[], &["/a", "/My Code/b"], Some("/a:/My Code/b"), 0);
        check(&[(set, "/a")], &["/b"], Some("/b"), 0);
        check(&[], &["${user_config.allowed_roots}"], None, 1);
        check(
            &[],
            &["", "${user_config.allowed_roots}", "/a"],
            Some("/a"),
            1,
        );
        check(&[(set, "${user_config.allowed_roots}")], &[], None, 1);
        check(&[(set, "/a:${user_config.allowed_roots}")], &[], None, 1);
        check(&[], &["/a:b", "/c"], Some("/c"), 1);
        // A folder may have odd letters.
        check(&[], &["/a/$HOME", "/{b}"], Some("/a/$HOME:/{b}"), 0);
    }
}
