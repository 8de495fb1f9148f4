//! The doctor's look at Codex: which one it is, what it can't do, its login and its models.

use std::time::Duration;

use crate::adapters::codex::capabilities::{Capabilities, Lack};
use crate::adapters::codex::locate::{self, Asking, Listed, LocateError, Origin};
use crate::adapters::codex::login::{self, Login};
use crate::adapters::codex::models::ModelsError;
use crate::adapters::codex::own_config::OwnConfig;
use crate::adapters::codex::version::{Age, Version};
use crate::adapters::config::ChosenBin;
use crate::domain::models::{Catalogue, Model};
use crate::domain::scrub::Scrubbed;
use crate::platform::probe::ProbeError;
use crate::use_cases::codex::{self, Codex, CodexError, Listing, Search};
use crate::use_cases::doctor::catalogue::{Ill, Mends};
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::doctor::fix::Fix;
use crate::use_cases::doctor::{CodexFound, Exam, memory};
use crate::use_cases::error::{Error, chain};
use crate::use_cases::models;
use crate::use_cases::settings::Settings;

/// How long all other binaries together may take to tell their versions.
const OTHERS_LIMIT: Duration = Duration::from_secs(3);
/// So many options are named that came or went.
const NAMED: usize = 8;

impl Exam<'_> {
    pub(super) async fn codex(&self) -> (Findings, Option<CodexFound>) {
        let mut found = self.findings();
        let Ok(settings) = &self.settings else {
            return (found, None);
        };
        let search = self.search(settings);
        self.codex_home(settings, &mut found);
        let codex = match codex::find(search).await {
            Ok(codex) => codex,
            Err(error) => {
                self.no_codex(settings, error, &mut found).await;
                return (found, None);
            }
        };
        let shown = codex.bin.found_as().display();
        let origin = codex.bin.origin().as_str();
        let version = codex.bin.version();
        found.well(
            "codex",
            &format!("Codex {version} is `{shown}`, from {origin}"),
        );
        age(&mut found, version);
        let lacks = self.lacks(&codex.capabilities, &mut found);
        let env = codex::env(search.host, &settings.config, codex::PROBE);
        let (login, catalogue, others, change) = tokio::join!(
            login::login_status(&codex.bin, &env, &self.scrubber),
            models::models(search, &codex),
            tokio::time::timeout(OTHERS_LIMIT, others(search)),
            self.change(&codex.capabilities),
        );
        if let Ok(others) = others {
            several(&mut found, &codex, &others);
        }
        if let Some(change) = change {
            news(&mut found, version, &change);
        }
        let login = self.login(settings, login, &mut found);
        let models = told_models(&mut found, catalogue);
        let codex = CodexFound {
            path: self.scrubber.scrub(&codex.bin.path().to_string_lossy()),
            origin: self.scrubber.scrub(origin),
            version: self.scrubber.scrub(&version.to_string()),
            login: self.scrubber.scrub(&login),
            lacks,
            models,
        };
        (found, Some(codex))
    }

    fn search<'a>(&'a self, settings: &'a Settings) -> Search<'a> {
        Search {
            host: self.bridge.host(),
            settings,
            store: self.store.as_ref(),
            run: None,
        }
    }

    /// Says which of the reasons it is; where the setting names what is not there, also whether another one is.
    async fn no_codex(&self, settings: &Settings, error: CodexError, found: &mut Findings) {
        let error = Error::Codex(error);
        let (what, hint) = (chain(&error), error.hint());
        let Error::Codex(CodexError::Locate(LocateError::Unusable { origin, fault, .. })) = &error
        else {
            let ill = match error {
                Error::Codex(CodexError::Probe(_)) => Ill::CodexSilent,
                _ => Ill::CodexMissing,
            };
            return found.ill_with(ill, &what, &hint);
        };
        match origin {
            Origin::Variable => found.ill_with(Ill::CodexVariable, &what, &hint),
            Origin::Setting => {
                let mut without = settings.clone();
                let was = without.config.codex_bin.take();
                let other = codex::find(self.search(&without)).await.ok();
                let is_gone = matches!(fault, locate::Fault::Missing);
                self.setting(found, &what, &hint, was, other.as_ref(), is_gone);
            }
            Origin::Path | Origin::LoginShell | Origin::KnownPlace | Origin::AppBundle => {
                found.ill_with(Ill::CodexUnusable, &what, &hint);
            }
        }
    }

    fn setting(
        &self,
        found: &mut Findings,
        what: &str,
        hint: &str,
        was: Option<ChosenBin>,
        other: Option<&Codex>,
        is_gone: bool,
    ) {
        let (Some(was), Some(other)) = (was, other) else {
            return found.ill_with(Ill::CodexSetting, what, hint);
        };
        let what = format!(
            "{what}; Codex {} is there as `{}`",
            other.bin.version(),
            other.bin.found_as().display()
        );
        let (ill, mends) = match is_gone {
            true => (Ill::CodexSettingGone, Mends::Unasked),
            false => (Ill::CodexSetting, Mends::Asked),
        };
        found.ill(ill, &what);
        found.fixed_by(Fix::ClearCodexBin(was.path), mends);
    }

    async fn change(&self, capabilities: &Capabilities) -> Option<memory::Change> {
        let store = self.store.as_ref()?;
        let now = (self.bridge.host().now)();
        memory::compare(store, &self.scrubber, now, capabilities).await
    }

    fn lacks(&self, capabilities: &Capabilities, found: &mut Findings) -> Vec<Scrubbed> {
        let lacks = capabilities.lacks();
        let sentence = |lack: &Lack| format!("{}: {}", lack.what, lack.costs);
        let told = lacks
            .iter()
            .map(|lack| self.scrubber.scrub(&sentence(lack)));
        let told = told.collect();
        if capabilities.exec_flags.is_empty() {
            found.ill(Ill::CodexSilent, "`codex exec --help` names no options");
            return told;
        }
        let is_useless = lacks.iter().any(|lack| lack.is_fatal);
        // What an older version never had is no fault of this installation.
        let is_older = capabilities.version < Version::NEWEST_TESTED;
        for lack in &lacks {
            match (lack.is_fatal, is_useless, is_older) {
                (true, _, _) => found.ill(Ill::CodexLacksNeeded, &sentence(lack)),
                // Nobody misses it where no run starts.
                (false, true, _) => {}
                (false, false, true) => found.well("capabilities", &sentence(lack)),
                (false, false, false) => found.ill(Ill::CodexLacks, &sentence(lack)),
            }
        }
        told
    }

    fn login(
        &self,
        settings: &Settings,
        answer: Result<Login, ProbeError>,
        found: &mut Findings,
    ) -> String {
        let login = match answer {
            Ok(login) => login,
            Err(error) => {
                let what = format!("Codex does not tell its login: {}", chain(&error));
                found.ill_with(
                    Ill::LoginDamaged,
                    &what,
                    "Run `codex login status` in a terminal.",
                );
                return what;
            }
        };
        let sentence = login.sentence();
        let own = OwnConfig::read(&settings.config.codex_home).unwrap_or_default();
        match (&login, own.provider_without_login) {
            (Login::LoggedOut, Some(provider)) => {
                let what =
                    format!("Codex has no login, and its model provider `{provider}` needs none");
                found.well("login", &what);
                return what;
            }
            (Login::LoggedOut, None) if settings.config.api_key => {
                let what = "Codex has no login of its own; it gets the API key in the keychain";
                found.well("login", what);
                return what.to_owned();
            }
            (Login::LoggedOut, None) => {
                found.ill(Ill::LoginMissing, &sentence);
                found.by_hand("Log in", "codex login");
            }
            (Login::Unknown(said), _) if said.as_str().starts_with("Error") => {
                found.ill(Ill::LoginDamaged, &sentence);
                found.by_hand("Log in", "codex login");
            }
            (Login::ApiKey | Login::ChatGpt | Login::Unknown(_), _) => {
                found.well("login", &sentence);
            }
        }
        sentence
    }
}

/// What it means that a version was not tested. It is no fault: what it can do was asked.
fn age(found: &mut Findings, version: &Version) {
    let about = "codex_version";
    match version.age() {
        Age::Tested => {}
        Age::NewerThanTested => {
            let what = format!(
                "Codex {version} is newer than {}, the newest that this bridge is tested with: what it can do is \
                 read from its own help, and what it says in a new way is kept as it is; if runs fail for no clear \
                 reason, look for a newer Codex Bridge",
                Version::NEWEST_TESTED
            );
            found.well(about, &what);
        }
        Age::OlderThanTested => {
            let what = format!(
                "Codex {version} is older than {}, the oldest that this bridge is tested with",
                Version::OLDEST_TESTED
            );
            found.ill(Ill::CodexOld, &what);
        }
        Age::BuiltFromSource => {
            let what = "this Codex was built from source and does not tell its version: what it can do is read \
                        from its own help";
            found.well(about, what);
        }
    }
}

/// All binaries that can be found without asking the login shell, which may take seconds.
async fn others(search: Search<'_>) -> Vec<Listed> {
    let mut listing = Listing::of(search).await;
    let asking = Asking {
        env: &listing.env,
        own_program: Some(&search.host.sidecar),
        scrubber: &search.settings.scrubber,
    };
    let places = codex::places(search.host, &search.settings.config);
    locate::list_candidates(&places, &asking, &mut listing.memory, None).await
}

/// Names the others that work, and says if a newer one stands behind an older one.
fn several(found: &mut Findings, used: &Codex, others: &[Listed]) {
    let others: Vec<_> = others
        .iter()
        .filter_map(|listed| listed.verdict.as_ref().ok())
        .filter(|bin| bin.path() != used.bin.path())
        .collect();
    let Some(newest) = others.iter().max_by_key(|bin| bin.version()) else {
        return;
    };
    let names: Vec<String> = others
        .iter()
        .take(NAMED)
        .map(|bin| format!("{} is `{}`", bin.version(), bin.found_as().display()))
        .collect();
    let what = format!(
        "there are others besides Codex {} (`{}`): {}",
        used.bin.version(),
        used.bin.found_as().display(),
        names.join(", ")
    );
    if newest.version() > used.bin.version() && !used.bin.origin().is_named() {
        found.ill(Ill::CodexOlderFirst, &what);
        found.fixed_by(Fix::TakeCodex(newest.found_as().to_owned()), Mends::Asked);
    } else {
        found.well("codex_others", &what);
    }
}

/// What another version brought and took.
fn news(found: &mut Findings, version: &Version, change: &memory::Change) {
    let list = |title: &str, names: &[String]| match names {
        [] => String::new(),
        names => {
            let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
            let more = match names.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("; {title}: {}{more}", shown.join(", "))
        }
    };
    let what = format!(
        "Codex was {} not long ago and is {version} now{}{}",
        change.from,
        list("new", &change.gained),
        list("gone", &change.gone),
    );
    match change.lost.is_empty() {
        true => found.well("codex_changed", &what),
        false => {
            let lost = change.lost.join("; ");
            found.ill(Ill::CodexLost, &format!("{what}. Missed: {lost}"));
        }
    }
}

fn told_models(found: &mut Findings, answer: Result<Catalogue, ModelsError>) -> Vec<Model> {
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
            found.well("models", &what);
            models
        }
        // One of the things that it lacks.
        Err(ModelsError::Lacks { .. }) => Vec::new(),
        Err(error) => {
            let error = Error::Models(error);
            found.ill_with(Ill::ModelsUnknown, &chain(&error), &error.hint());
            Vec::new()
        }
    }
}
