//! Which Codex was seen last, so that an update can be told from what was always so.

use serde::{Deserialize, Serialize};

use crate::adapters::codex::capabilities::Capabilities;
use crate::adapters::store::Store;
use crate::domain::run::Timestamp;
use crate::domain::scrub::Scrubber;

/// Under which key the store remembers it.
const MEMORY_KEY: &str = "doctor.codex";
/// For so long a change is told.
const NEWS_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What is remembered of Codex.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Seen {
    version: String,
    capabilities: String,
    /// Since when it is this one.
    since: i64,
    /// The one before.
    before: Option<Before>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Before {
    version: String,
    capabilities: String,
}

/// What changed since another Codex was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The version before.
    pub(super) from: String,
    /// Options and commands that are there now.
    pub(super) gained: Vec<String>,
    /// Options and commands that are gone.
    pub(super) gone: Vec<String>,
    /// What it can't do any more, as a sentence each.
    pub(super) lost: Vec<String>,
}

/// Remembers this Codex, and says what changed since another one was there, if that is news.
pub(super) async fn compare(
    store: &Store,
    scrubber: &Scrubber,
    now: Timestamp,
    found: &Capabilities,
) -> Option<Change> {
    let known = store.cached_probe(MEMORY_KEY).await.ok().flatten();
    let known = known.and_then(|text| serde_json::from_str::<Seen>(text.as_str()).ok());
    let (seen, is_new) = follow(known, now, found);
    if is_new && let Ok(text) = serde_json::to_string(&seen) {
        let kept = store.remember_probe(MEMORY_KEY, scrubber.scrub(&text));
        if let Err(error) = kept.await {
            tracing::info!(%error, "could not remember which Codex was seen");
        }
    }
    let before = seen.before.filter(|_| now.0 - seen.since < NEWS_MS)?;
    let old = Capabilities::from_json(&before.capabilities)?;
    Some(difference(before.version, &old, found))
}

fn follow(known: Option<Seen>, now: Timestamp, found: &Capabilities) -> (Seen, bool) {
    let version = found.version.to_string();
    match known {
        Some(known) if known.version == version => (known, false),
        known => {
            let seen = Seen {
                version,
                capabilities: found.to_json(),
                since: now.0,
                before: known.map(|known| Before {
                    version: known.version,
                    capabilities: known.capabilities,
                }),
            };
            (seen, true)
        }
    }
}

fn difference(from: String, old: &Capabilities, new: &Capabilities) -> Change {
    let all = |one: &Capabilities| -> Vec<String> {
        let commands = one.commands.iter().map(|name| format!("codex {name}"));
        let flags = one.exec_flags.iter().map(|flag| format!("exec {flag}"));
        commands.chain(flags).collect()
    };
    let (had, has) = (all(old), all(new));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let missing = these.iter().filter(|one| !those.contains(one));
        missing.cloned().collect()
    };
    let lacked: Vec<String> = old.lacks().into_iter().map(|lack| lack.what).collect();
    let lost = (new.lacks().into_iter())
        .filter(|lack| !lacked.contains(&lack.what))
        .map(|lack| lack.what);
    Change {
        from,
        gained: only(&has, &had),
        gone: only(&had, &has),
        lost: lost.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::codex::version::Version;

    fn capabilities(version: Version, flags: &[&str], commands: &[&str]) -> Capabilities {
        let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Capabilities {
            version,
            commands: set(commands),
            exec_flags: set(flags),
            resume_flags: set(&["--json"]),
            review_flags: set(&[]),
            has_app_server: true,
            has_models: true,
        }
    }

    #[test]
    fn a_change_is_told_for_a_week_and_only_once_there_was_another() {
        let old = capabilities(Version::new(0, 118, 0), &["--json", "--a"], &["exec"]);
        let new = capabilities(Version::new(0, 169, 0), &["--json"], &["exec", "doctor"]);
        let (first, is_new) = follow(None, Timestamp(0), &old);
        assert!(is_new && first.before.is_none());
        let (same, is_new) = follow(Some(first), Timestamp(1), &old);
        assert!(!is_new);
        let (next, is_new) = follow(Some(same), Timestamp(2), &new);
        assert!(is_new);
        assert_eq!(next.before.unwrap().version, "0.118.0");
        let change = difference("0.118.0".to_owned(), &old, &new);
        assert_eq!(change.gained, ["codex doctor"]);
        assert_eq!(change.gone, ["exec --a"]);
    }
}
