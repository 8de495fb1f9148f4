//! Every Codex binary that the search finds, for the person to choose from.

use crate::adapters::codex::capabilities::Capabilities;
use crate::adapters::codex::locate::{self, Asking, CodexBin, Listed, Origin};
use crate::adapters::codex::login::{self, Login};
use crate::adapters::codex::memory::Memory;
use crate::domain::scrub::Scrubbed;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::codex::{self, Search};
use crate::use_cases::error::{Error, chain};

/// A file that may be the Codex binary, and what became of it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where it is.
    pub path: Scrubbed,
    /// Who says so.
    pub source: &'static str,
    /// Its version, if it told one.
    pub version: Option<Scrubbed>,
    /// What this version can't do, a sentence each.
    pub lacks: Vec<Scrubbed>,
    /// Whether it is the one that runs use.
    pub chosen: bool,
    /// Whether it has a login.
    pub login: LoginState,
    /// What is wrong with it; one with nothing wrong can be used.
    pub problem: Option<Scrubbed>,
}

/// Whether there is a login. That it is still valid, only a run shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginState {
    /// There is one.
    LoggedIn,
    /// There is none.
    NotLoggedIn,
    /// It did not tell.
    Unknown,
}

impl Bridge {
    /// Every Codex binary that can be found, in the order in which they are believed. Asks each for its version, which
    /// may take a second for one that was never asked before.
    pub async fn codex_candidates(&self) -> Result<Vec<Candidate>, Error> {
        let settings = self.settings()?;
        let store = self.store().await.ok();
        let search = Search {
            host: self.host(),
            settings: &settings,
            store: store.as_ref(),
            run: None,
        };
        let mut listing = codex::Listing::of(search).await;
        let listed = listing.list(search).await;
        let mut candidates = Vec::new();
        let named = listed
            .iter()
            .any(|listed| listed.candidate.origin.is_named());
        let mut has_chosen = false;
        for Listed { candidate, verdict } in listed {
            let stands = !named || (candidate.origin.is_named() && candidates.is_empty());
            let mut entry = Candidate {
                path: settings.scrubber.scrub(&candidate.path.to_string_lossy()),
                source: source(candidate.origin),
                version: None,
                lacks: Vec::new(),
                chosen: false,
                login: LoginState::Unknown,
                problem: None,
            };
            match verdict {
                Ok(bin) => {
                    entry.version = Some(settings.scrubber.scrub(&bin.version().to_string()));
                    listing.look_closer(search, &bin, &mut entry).await;
                    entry.chosen = stands && !has_chosen;
                    has_chosen |= entry.chosen;
                }
                Err(error) => {
                    let text = format!("{}. {}", chain(&error), error.hint());
                    entry.problem = Some(settings.scrubber.scrub(&text));
                }
            }
            candidates.push(entry);
        }
        listing.remember(search).await;
        Ok(candidates)
    }
}

impl codex::Listing {
    async fn list(&mut self, search: Search<'_>) -> Vec<Listed> {
        let login_path = codex::login_path(search.host, &self.env).await;
        let asking = Asking {
            env: &self.env,
            own_program: Some(&search.host.sidecar),
            scrubber: &search.settings.scrubber,
        };
        let places = codex::places(search.host, &search.settings.config);
        locate::list_candidates(&places, &asking, &mut self.memory, login_path).await
    }

    /// What a binary can do, and whether it has a login.
    async fn look_closer(&mut self, search: Search<'_>, bin: &CodexBin, entry: &mut Candidate) {
        let scrubber = &search.settings.scrubber;
        match capabilities(&mut self.memory, bin, &self.env).await {
            Ok(capabilities) => {
                for lack in capabilities.lacks() {
                    let sentence = scrubber.scrub(&format!("{}: {}", lack.what, lack.costs));
                    if lack.is_fatal && entry.problem.is_none() {
                        entry.problem = Some(sentence.clone());
                    }
                    entry.lacks.push(sentence);
                }
            }
            Err(error) => entry.problem = Some(scrubber.scrub(&chain(&error))),
        }
        entry.login = match login::login_status(bin, &self.env, scrubber).await {
            Ok(Login::ApiKey | Login::ChatGpt) => LoginState::LoggedIn,
            Ok(Login::LoggedOut) => LoginState::NotLoggedIn,
            Ok(Login::Unknown(_)) | Err(_) => LoginState::Unknown,
        };
    }
}

async fn capabilities(
    memory: &mut Memory,
    bin: &CodexBin,
    env: &[(std::ffi::OsString, std::ffi::OsString)],
) -> Result<Capabilities, crate::platform::probe::ProbeError> {
    if let Some(known) = memory.capabilities(bin) {
        return Ok(known);
    }
    let capabilities = Capabilities::probe(bin, env).await?;
    memory.remember_capabilities(bin, &capabilities);
    Ok(capabilities)
}

/// Who says where it is, in words short enough for a list.
fn source(origin: Origin) -> &'static str {
    match origin {
        Origin::Variable => "CODEX_BIN",
        Origin::Setting => "setting",
        Origin::Path => "PATH",
        Origin::LoginShell => "login shell",
        Origin::KnownPlace => "usual place",
        Origin::AppBundle => "app",
    }
}
