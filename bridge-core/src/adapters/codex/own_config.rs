//! Codex's own `config.toml`, as far as it decides whether Codex can work at all.

use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike};

/// What Codex's own configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnConfig {
    /// A model provider besides Codex's own that wants no login of OpenAI.
    pub provider_without_login: Option<String>,
}

/// Why it can't be read.
#[derive(Debug, thiserror::Error)]
pub enum OwnConfigError {
    /// It is there and can't be read.
    #[error("can't read `{}`", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no TOML.
    #[error("`{}`, line {line}: {reason}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
}

impl OwnConfig {
    /// Reads it from Codex's own folder; there need be none.
    ///
    /// # Errors
    /// If Codex itself can't read it either.
    pub fn read(codex_home: &Path) -> Result<OwnConfig, OwnConfigError> {
        let file = codex_home.join("config.toml");
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if is_absence(&error) => return Ok(OwnConfig::default()),
            Err(source) => return Err(OwnConfigError::Read { file, source }),
        };
        OwnConfig::parse(&file, &text)
    }

    fn parse(file: &Path, text: &str) -> Result<OwnConfig, OwnConfigError> {
        let document = text.parse::<Document<String>>().map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            OwnConfigError::Syntax {
                file: file.to_owned(),
                line: 1 + text.bytes().take(start).filter(|b| *b == b'\n').count(),
                reason: error.message().trim_end().replace('\n', ", "),
            }
        })?;
        let name = document.get("model_provider").and_then(Item::as_str);
        let provider = |name: &str| -> Option<bool> {
            let providers = document.get("model_providers")?.as_table_like()?;
            let provider = providers.get(name)?.as_table_like()?;
            Some(wants_no_login(provider))
        };
        Ok(OwnConfig {
            provider_without_login: name
                .filter(|name| provider(name) == Some(true))
                .map(ToOwned::to_owned),
        })
    }
}

fn wants_no_login(provider: &dyn TableLike) -> bool {
    let wants = provider.get("requires_openai_auth").and_then(Item::as_bool);
    wants != Some(true)
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_of_its_own_needs_no_login_unless_it_says_so() {
        let check = |text: &str, expected: &str| {
            let read = OwnConfig::parse(Path::new("/c"), text);
            let told = match read {
                Ok(config) => config
                    .provider_without_login
                    .unwrap_or_else(|| "none".to_owned()),
                Err(error) => error.to_string(),
            };
            assert!(told.starts_with(expected), "{text}: {told}");
        };
        let mine = "model_provider = \"mine\"\n";
        check("", "none");
        check(mine, "none");
        check(
            &format!("{mine}[model_providers.mine]\nname = \"x\"\n"),
            "mine",
        );
        check(
            &format!("{mine}[model_providers.mine]\nrequires_openai_auth = true\n"),
            "none",
        );
        check("[model_providers.mine]\nname = \"x\"\n", "none");
        check("a = 1\nb =\n", "`/c`, line 2: ");
    }
}
