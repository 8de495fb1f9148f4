//! Asks Codex which models and efforts it offers: `codex debug models`, which 0.140 to 0.169 have.
//!
//! With a ChatGPT login Codex asks its service first, for 5 s at most, and then shows what its program brings along. It
//! prints up to 0.8 MB, most of it the instructions of each model.

use std::ffi::OsString;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::adapters::codex::capabilities::Capabilities;
use crate::adapters::codex::locate::CodexBin;
use crate::adapters::codex::version::Version;
use crate::domain::models::{Catalogue, Model};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::task::{Effort, ModelName};
use crate::platform::probe::{self, ProbeError, Question};

/// Codex itself gives its service 5 s.
const LIMIT: Duration = Duration::from_secs(10);
/// What it brings along it shows in 50 ms.
const BUNDLED_LIMIT: Duration = Duration::from_secs(5);
/// The most that is read of its answer.
const MAX_OUTPUT: usize = 16 * 1024 * 1024;
/// The most models that are kept, and the most efforts of each.
const MOST: usize = 100;
/// The longest text about a model, in bytes.
const LONGEST_TEXT: usize = 300;

/// Why it is not known which models there are.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// This version does not tell.
    #[error("Codex {version} does not tell which models it has: it has no `codex debug models`")]
    Lacks {
        /// The version of Codex.
        version: Version,
    },
    /// It was not answered.
    #[error("Codex does not tell which models it has")]
    Probe(#[from] ProbeError),
    /// The answer is none.
    #[error("Codex does not tell which models it has: {said}")]
    Unreadable {
        /// What Codex said of it.
        said: Scrubbed,
    },
}

/// Asks Codex. Where it can't tell what the account has, it tells what its program brings along.
///
/// # Errors
/// If this version has no such command, or gives no answer that can be read.
pub async fn ask(
    bin: &CodexBin,
    capabilities: &Capabilities,
    env: &[(OsString, OsString)],
    scrubber: &Scrubber,
) -> Result<Catalogue, ModelsError> {
    if !capabilities.has_models {
        let version = capabilities.version.clone();
        return Err(ModelsError::Lacks { version });
    }
    match ask_with(bin, &[], LIMIT, env, scrubber).await {
        Ok(catalogue) => Ok(catalogue),
        Err(error) => {
            tracing::info!(%error, "asking for the models that come with the program");
            ask_with(bin, &["--bundled"], BUNDLED_LIMIT, env, scrubber).await
        }
    }
}

async fn ask_with(
    bin: &CodexBin,
    options: &[&str],
    limit: Duration,
    env: &[(OsString, OsString)],
    scrubber: &Scrubber,
) -> Result<Catalogue, ModelsError> {
    let words = ["debug", "models"].iter().chain(options);
    let question = Question {
        program: bin.path().to_owned(),
        args: words.map(OsString::from).collect(),
        env: env.to_vec(),
        limit,
        max_output: MAX_OUTPUT,
    };
    let answer = probe::run_bounded(&question).await?;
    read(&answer.stdout, scrubber).ok_or_else(|| {
        let said = String::from_utf8_lossy(&answer.stderr);
        let line = said.lines().find(|line| !line.trim().is_empty());
        let mut said = scrubber.scrub(line.unwrap_or("its answer can't be understood"));
        said.truncate(LONGEST_TEXT);
        ModelsError::Unreadable { said }
    })
}

/// Reads what Codex printed. A model that is not understood is left out; `None` where there is no list at all.
fn read(json: &[u8], scrubber: &Scrubber) -> Option<Catalogue> {
    let printed: Value = serde_json::from_slice(json).ok()?;
    let entries = printed["models"].as_array().or(printed.as_array())?;
    let mut found: Vec<(i64, Model)> = entries
        .iter()
        .filter_map(|entry| {
            let priority = entry["priority"].as_i64().unwrap_or(i64::MAX);
            Some((priority, model(entry, scrubber)?))
        })
        .take(MOST)
        .collect();
    found.sort_by_key(|(priority, _)| *priority);
    Some(Catalogue::new(
        found.into_iter().map(|(_, model)| model).collect(),
    ))
}

fn model(entry: &Value, scrubber: &Scrubber) -> Option<Model> {
    let effort = |value: &Value| Effort::parse(value.as_str()?).ok();
    let levels = entry["supported_reasoning_levels"].as_array();
    let about = entry["description"].as_str().map(|text| {
        let mut text = scrubber.scrub(text);
        text.truncate(LONGEST_TEXT);
        text
    });
    Some(Model {
        name: ModelName::parse(entry["slug"].as_str()?).ok()?,
        about: about.filter(|text| !text.is_empty()),
        efforts: levels
            .into_iter()
            .flatten()
            .filter_map(|level| effort(&level["effort"]))
            .take(MOST)
            .collect(),
        default_effort: effort(&entry["default_reasoning_level"]),
        is_listed: entry["visibility"] == "list",
    })
}

/// The catalogue as JSON, for a cache.
pub fn to_json(catalogue: &Catalogue) -> Value {
    let rows: Vec<ModelRow> = catalogue
        .all()
        .iter()
        .map(|model| ModelRow {
            name: model.name.as_str().to_owned(),
            about: model.about.as_ref().map(|text| text.as_str().to_owned()),
            efforts: model.efforts.iter().map(word).collect(),
            default_effort: model.default_effort.as_ref().map(word),
            is_listed: model.is_listed,
        })
        .collect();
    serde_json::to_value(rows).unwrap_or_default()
}

/// Reads what [`to_json`] gave. `None` where another version of the bridge wrote it.
pub fn from_json(json: Value, scrubber: &Scrubber) -> Option<Catalogue> {
    let rows: Vec<ModelRow> = serde_json::from_value(json).ok()?;
    let effort = |word: &String| Effort::parse(word).ok();
    let models = rows.into_iter().map(|row| {
        Some(Model {
            name: ModelName::parse(&row.name).ok()?,
            about: row.about.map(|text| scrubber.scrub(&text)),
            efforts: row.efforts.iter().map(effort).collect::<Option<_>>()?,
            default_effort: match &row.default_effort {
                Some(word) => Some(effort(word)?),
                None => None,
            },
            is_listed: row.is_listed,
        })
    });
    Some(Catalogue::new(models.collect::<Option<_>>()?))
}

#[derive(Deserialize, Serialize)]
struct ModelRow {
    name: String,
    about: Option<String>,
    efforts: Vec<String>,
    default_effort: Option<String>,
    is_listed: bool,
}

fn word(effort: &Effort) -> String {
    effort.as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What 0.169 prints, but for the instructions.
    const PRINTED: &str = r#"{"models": [
        {"slug": "gpt-6-sol", "display_name": "GPT-6-Sol", "description": "For most work.",
         "default_reasoning_level": "medium",
         "supported_reasoning_levels": [
            {"effort": "low", "description": "Fast"}, {"effort": "ultra", "description": "Slow"}],
         "visibility": "list", "priority": 3, "supported_in_api": true, "base_instructions": "You are"},
        {"slug": "codex-auto-review", "visibility": "hide", "priority": 43},
        {"slug": "gpt-6.1-sol", "description": "", "default_reasoning_level": "low",
         "supported_reasoning_levels": [{"effort": "low"}, {"effort": "no word"}, "high", null],
         "visibility": "list", "priority": 1},
        {"slug": "--oss", "visibility": "list", "priority": 0},
        {"name": "none", "visibility": "list"}, 7, null]}"#;

    fn shown(catalogue: &Catalogue) -> Vec<String> {
        let show = |model: &Model| {
            let efforts: Vec<_> = model.efforts.iter().map(Effort::as_str).collect();
            format!(
                "{} [{}] {} {}{}",
                model.name.as_str(),
                efforts.join(" "),
                model.default_effort.as_ref().map_or("-", Effort::as_str),
                model.about.as_ref().map_or("-", Scrubbed::as_str),
                if model.is_listed { "" } else { " (not listed)" },
            )
        };
        catalogue.all().iter().map(show).collect()
    }

    #[test]
    fn what_is_understood_is_kept_in_the_order_of_codex() {
        let catalogue = read(PRINTED.as_bytes(), &Scrubber::builtin()).unwrap();
        assert_eq!(
            shown(&catalogue),
            [
                "gpt-6.1-sol [low] low -",
                "gpt-6-sol [low ultra] medium For most work.",
                "codex-auto-review [] - - (not listed)",
            ]
        );
        let listed: Vec<_> = catalogue
            .listed()
            .map(|model| model.name.as_str())
            .collect();
        assert_eq!(listed, ["gpt-6.1-sol", "gpt-6-sol"]);
        let bare = br#"[{"slug": "gpt-7"}]"#;
        let catalogue = read(bare, &Scrubber::builtin()).unwrap();
        assert_eq!(shown(&catalogue), ["gpt-7 [] - - (not listed)"]);
    }

    #[test]
    fn what_is_no_list_is_no_answer() {
        for printed in [
            "",
            "{}",
            "{\"models\": 1}",
            "null",
            "error",
            "{\"models\": [",
        ] {
            assert!(
                read(printed.as_bytes(), &Scrubber::builtin()).is_none(),
                "{printed}"
            );
        }
    }

    #[test]
    fn the_cache_gives_back_what_it_got() {
        let scrubber = Scrubber::builtin();
        let catalogue = read(PRINTED.as_bytes(), &scrubber).unwrap();
        let again = from_json(to_json(&catalogue), &scrubber);
        assert_eq!(again, Some(catalogue));
        assert_eq!(from_json(Value::Null, &scrubber), None);
    }

    #[test]
    fn a_long_list_is_cut() {
        let long = "x".repeat(10_000);
        let entries: Vec<Value> = (0..1_000)
            .map(|n| serde_json::json!({"slug": format!("m{n}"), "description": long}))
            .collect();
        let json = serde_json::to_vec(&entries).unwrap();
        let catalogue = read(&json, &Scrubber::builtin()).unwrap();
        assert_eq!(catalogue.all().len(), MOST);
        let text = catalogue.all()[0].about.as_ref().unwrap();
        assert!(text.len() <= LONGEST_TEXT + 10, "{}", text.len());
    }
}
