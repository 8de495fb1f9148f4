//! The doctor's look at our own configuration and at what started us.

use std::os::unix::fs::MetadataExt as _;

use crate::adapters::config::{ConfigError, variable};
use crate::use_cases::doctor::Exam;
use crate::use_cases::doctor::catalogue::{Ill, Mends};
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::doctor::fix::Fix;
use crate::use_cases::error::{Error, chain};
use crate::use_cases::host::Host;
use crate::use_cases::settings::SettingsError;

impl Exam<'_> {
    pub(super) fn configuration(&self) -> Findings {
        let mut found = self.findings();
        let host = self.bridge.host();
        let file = host.config_file();
        let shown = file.display();
        match &self.settings {
            Ok(settings) if settings.config.unknown_keys.is_empty() => {
                let what = match file.exists() {
                    true => format!("the configuration file is `{shown}`"),
                    false => format!(
                        "there is no configuration file `{shown}`: all settings are the defaults"
                    ),
                };
                found.well("config", &what);
            }
            Ok(settings) => {
                let keys = settings.config.unknown_keys.join(", ");
                let what = format!("`{shown}` has keys that mean nothing: {keys}");
                found.ill(Ill::ConfigUnknownKeys, &what);
            }
            Err(error) => found.ill(ill(error), &chain(error)),
        }
        if let Ok(seen) = std::fs::metadata(&file)
            && seen.is_file()
            && seen.mode() & 0o002 != 0
        {
            let what = format!(
                "everybody can write to `{shown}` (mode {:o})",
                seen.mode() & 0o777
            );
            found.ill(Ill::ConfigOpen, &what);
            found.fixed_by(Fix::CloseToWriters(file.clone()), Mends::Unasked);
        }
        let overriding = [
            variable::ROOTS,
            variable::STATE_DIR,
            variable::WORKSPACE,
            variable::CODEX_HOME,
            variable::CODEX_BIN,
        ];
        let set: Vec<&str> = overriding
            .into_iter()
            .filter(|name| host.var(name).is_some())
            .collect();
        if !set.is_empty() {
            let what = format!(
                "environment variables that outrank the configuration file are set: {}",
                set.join(", ")
            );
            found.well("environment", &what);
        }
        if let Some(run) = host.var(Host::RUN_VAR) {
            let run = run.to_string_lossy();
            let what =
                format!("this bridge was started by the run {run}: it starts no runs itself");
            found.ill(Ill::Nested, &what);
        }
        found
    }
}

fn ill(error: &Error) -> Ill {
    let Error::Settings(error) = error else {
        return Ill::ConfigUnreadable;
    };
    match error {
        SettingsError::Scrub { .. } => Ill::ScrubPattern,
        SettingsError::Config(error) => match **error {
            ConfigError::Read { .. } => Ill::ConfigUnreadable,
            ConfigError::Syntax { .. } => Ill::ConfigSyntax,
            ConfigError::Value { .. } => Ill::ConfigValue,
            ConfigError::Variable { .. } => Ill::VariableInvalid,
        },
    }
}
