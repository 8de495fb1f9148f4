//! The doctor's look at Codex: which one it is, what it can't do, its login and its models.

use crate::adapters::codex::capabilities::Capabilities;
use crate::adapters::codex::login::{self, Login};
use crate::adapters::codex::models::ModelsError;
use crate::adapters::codex::version::{Age, Version};
use crate::domain::models::{Catalogue, Model};
use crate::domain::scrub::Scrubbed;
use crate::platform::probe::ProbeError;
use crate::use_cases::codex::{self, Search};
use crate::use_cases::doctor::CodexFound;
use crate::use_cases::doctor::looks::Exam;
use crate::use_cases::error::{Error, chain};
use crate::use_cases::models;

impl Exam<'_> {
    pub(super) async fn codex(&mut self) {
        let Ok(settings) = &self.settings else { return };
        let settings = settings.clone();
        let store = self.store.clone();
        let search = Search {
            host: self.bridge.host(),
            settings: &settings,
            store: store.as_ref(),
            run: None,
        };
        let found = match codex::find(search).await {
            Ok(found) => found,
            Err(error) => {
                let error = Error::Codex(error);
                return self.fault("codex", &chain(&error), &error.hint());
            }
        };
        let shown = found.bin.found_as().display();
        let origin = found.bin.origin().as_str();
        let version = found.bin.version();
        self.ok(
            "codex",
            &format!("Codex {version} is `{shown}`, from {origin}"),
        );
        self.version(version);
        let lacks = self.lacks(&found.capabilities);
        let env = codex::env(search.host, &settings.config, codex::PROBE);
        let (login, catalogue) = tokio::join!(
            login::login_status(&found.bin, &env, &self.scrubber),
            models::models(search, &found)
        );
        let login = self.login(login);
        let models = self.models(catalogue);
        self.report.codex = Some(CodexFound {
            path: self.scrubber.scrub(&found.bin.path().to_string_lossy()),
            origin: self.scrubber.scrub(origin),
            version: self.scrubber.scrub(&version.to_string()),
            login: self.scrubber.scrub(&login),
            lacks,
            models,
        });
    }

    /// What it means that a version was not tested. It is no fault: what it can do was asked.
    fn version(&mut self, version: &Version) {
        let id = "codex_version";
        match version.age() {
            Age::Tested => {}
            Age::NewerThanTested => {
                let what = format!(
                    "Codex {version} is newer than {}, the newest that this bridge is tested with: what it can do is \
                     read from its own help, and what it says in a new way is kept as it is; if runs fail for no clear \
                     reason, look for a newer Codex Bridge",
                    Version::NEWEST_TESTED
                );
                self.ok(id, &what);
            }
            Age::OlderThanTested => {
                let what = format!(
                    "Codex {version} is older than {}, the oldest that this bridge is tested with: it may fail where \
                     others don't, and not know a setting that keeps your credentials from the model's commands",
                    Version::OLDEST_TESTED
                );
                self.warn(id, &what, "Update Codex.");
            }
            Age::BuiltFromSource => {
                let what = "this Codex was built from source and does not tell its version: what it can do is read \
                            from its own help";
                self.ok(id, what);
            }
        }
    }

    fn lacks(&mut self, capabilities: &Capabilities) -> Vec<Scrubbed> {
        let mut told = Vec::new();
        for lack in capabilities.lacks() {
            let sentence = format!("{}: {}", lack.what, lack.costs);
            match lack.is_fatal {
                true => self.fault("capabilities", &sentence, "Update Codex."),
                false => self.warn("capabilities", &sentence, "Update Codex."),
            }
            told.push(self.scrubber.scrub(&sentence));
        }
        told
    }

    fn login(&mut self, answer: Result<Login, ProbeError>) -> String {
        match answer {
            Ok(login) => {
                let sentence = login.sentence();
                match login {
                    Login::LoggedOut => self.warn(
                        "login",
                        &sentence,
                        "Run `codex login` in a terminal; a Codex with a model provider of its own needs none.",
                    ),
                    Login::ApiKey | Login::ChatGpt | Login::Unknown(_) => self.ok("login", &sentence),
                }
                sentence
            }
            Err(error) => {
                let what = format!("Codex does not tell its login: {}", chain(&error));
                self.warn("login", &what, "Run `codex login status` in a terminal.");
                what
            }
        }
    }

    fn models(&mut self, answer: Result<Catalogue, ModelsError>) -> Vec<Model> {
        match answer {
            Ok(catalogue) => {
                let models: Vec<Model> = catalogue.listed().cloned().collect();
                let what = match models.first() {
                    Some(first) => format!(
                        "Codex offers {} models, and takes {} unless its configuration or a request names another",
                        models.len(),
                        first.name.as_str()
                    ),
                    None => "Codex offers no models to choose from".to_owned(),
                };
                self.ok("models", &what);
                models
            }
            // One of the things that it lacks.
            Err(ModelsError::Lacks { .. }) => Vec::new(),
            Err(error) => {
                let error = Error::Models(error);
                self.warn("models", &chain(&error), &error.hint());
                Vec::new()
            }
        }
    }
}
