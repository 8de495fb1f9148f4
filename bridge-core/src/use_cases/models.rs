//! Which models Codex offers here. What it said is remembered for a while, by the binary, its login and its configuration.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::adapters::codex::capabilities::CacheKey;
use crate::adapters::codex::models::{self, ModelsError};
use crate::domain::models::Catalogue;
use crate::domain::run::Timestamp;
use crate::domain::scrub::Scrubbed;
use crate::use_cases::codex::{self, Codex, Search};

/// Under which key the store remembers the models.
const MEMORY_KEY: &str = "models";
/// How long it is remembered what Codex said: its service may give an account new models at any time.
const FRESH_MS: i64 = 60 * 60 * 1000;
/// The files in Codex's own folder on which the answer depends.
const DEPENDS_ON: [&str; 2] = ["auth.json", "config.toml"];

#[derive(Deserialize, Serialize)]
struct Remembered {
    key: String,
    at: i64,
    models: Value,
}

/// The models of this Codex. Asks it, which takes up to 10 s where its service does not answer, unless it was asked
/// within the last hour.
pub(crate) async fn models(search: Search<'_>, codex: &Codex) -> Result<Catalogue, ModelsError> {
    let scrubber = &search.settings.scrubber;
    let key = scrubber.scrub(&key(search, codex));
    let now = (search.host.now)();
    if let Some(known) = recall(search, &key, now).await {
        return Ok(known);
    }
    let marker = codex::marker(search.run);
    let env = codex::env(search.host, &search.settings.config, marker);
    let catalogue = models::ask(&codex.bin, &codex.capabilities, &env, scrubber).await?;
    remember(search, &key, now, &catalogue).await;
    Ok(catalogue)
}

fn key(search: Search<'_>, codex: &Codex) -> String {
    let home = &search.settings.config.codex_home;
    let files = DEPENDS_ON.map(|name| home.join(name));
    let mut key = home.to_string_lossy().into_owned();
    for file in [codex.bin.path()]
        .into_iter()
        .chain(files.iter().map(AsRef::as_ref))
    {
        key.push('|');
        if let Ok(known) = CacheKey::of(file) {
            let path = known.path.display();
            key.push_str(&format!("{path}:{}:{}", known.size, known.modified_ns));
        }
    }
    key
}

async fn recall(search: Search<'_>, key: &Scrubbed, now: Timestamp) -> Option<Catalogue> {
    let text = match search.store?.cached_probe(MEMORY_KEY).await {
        Ok(text) => text?,
        Err(error) => {
            tracing::info!(%error, "can't recall which models Codex has");
            return None;
        }
    };
    let known: Remembered = serde_json::from_str(text.as_str()).ok()?;
    let is_fresh = (0..FRESH_MS).contains(&(now.0 - known.at));
    (is_fresh && known.key == key.as_str())
        .then(|| models::from_json(known.models, &search.settings.scrubber))?
}

async fn remember(search: Search<'_>, key: &Scrubbed, now: Timestamp, catalogue: &Catalogue) {
    let Some(store) = search.store else { return };
    let row = Remembered {
        key: key.as_str().to_owned(),
        at: now.0,
        models: models::to_json(catalogue),
    };
    let Ok(text) = serde_json::to_string(&row) else {
        return;
    };
    let text = search.settings.scrubber.scrub(&text);
    if let Err(error) = store.remember_probe(MEMORY_KEY, text).await {
        tracing::info!(%error, "could not remember which models Codex has");
    }
}
