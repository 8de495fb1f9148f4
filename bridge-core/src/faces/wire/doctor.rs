//! The doctor's report on the wire.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::models::Model;
use crate::domain::scrub::Scrubbed;
use crate::domain::task::Effort;
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::quota::QuotaDto;
use crate::faces::wire::text::{abridge, owned};
use crate::use_cases::doctor::{Action, CodexFound, Deed, Finding, Level, Mended, Report};

/// What is installed, logged in and allowed, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DoctorDto {
    /// The worst of all findings.
    pub level: LevelDto,
    /// The version of the bridge.
    pub bridge_version: String,
    /// The Codex binary that would be used; null if none was found.
    pub codex: Option<CodexFoundDto>,
    /// The folders below which Codex may work.
    pub allowed_roots: Vec<String>,
    /// What is left of the account's limits; null where Codex has not told.
    pub quota: Option<QuotaDto>,
    /// Runs under way.
    pub running: u32,
    /// Runs that wait for their turn.
    pub queued: u32,
    /// Every look, the good ones too.
    pub findings: Vec<FindingDto>,
}

/// The Codex binary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodexFoundDto {
    /// The program that is started.
    pub path: String,
    /// Where the path came from.
    pub origin: String,
    /// Its version.
    pub version: String,
    /// What is known of the login, which is no proof that it is valid.
    pub login: String,
    /// What this version can't do, and what that costs.
    pub lacks: Vec<String>,
    /// The models that it offers, in its own order; empty where it does not tell. Others may be named as well.
    pub models: Vec<ModelDto>,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModelDto {
    /// The name to ask for.
    pub name: String,
    /// Whether Codex takes it unless its configuration or a request names another.
    pub is_default: bool,
    /// The efforts that it takes.
    pub efforts: Vec<String>,
    /// The effort that it has when none is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_effort: Option<String>,
    /// What Codex says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// One look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LookDto")]
pub struct FindingDto {
    /// A stable name: what is wrong, such as `root_missing`, or what was looked at and is well, such as `roots`.
    pub id: String,
    /// What was looked at.
    pub about: String,
    /// How bad it is.
    pub level: LevelDto,
    /// What was seen.
    pub what: String,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What the person can do about it at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionDto>,
}

/// What can be done about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActionDto {
    /// Names it.
    pub key: String,
    /// What it does, in a few words.
    pub label: String,
    /// The command line that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Who can do it: `unasked` (`doctor --fix`), `asked` (`doctor --fix <id>`, or a button), `by_hand` (the person).
    pub mends: String,
}

/// What was mended, and how everything stands afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MendedDto {
    /// What was done, or would be.
    pub done: Vec<DeedDto>,
    /// How everything stands.
    pub report: DoctorDto,
}

/// Something that was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeedDto {
    /// The finding that it was done for.
    pub id: String,
    /// What was found.
    pub what: String,
    /// The action's name.
    pub key: String,
    /// What it does.
    pub label: String,
    /// What was done; null where it failed or was only to be said.
    pub said: Option<String>,
    /// Why it was not done.
    pub error: Option<ErrorDto>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LevelDto {
    /// All is well.
    Ok,
    /// Works, but something is missing.
    Warning,
    /// Runs will fail.
    Fault,
}

impl DoctorDto {
    /// Keeps each text below `max` bytes or so, and each list below `entries`.
    pub fn abridge(&mut self, max: usize, entries: usize) {
        if let Some(codex) = &mut self.codex {
            abridge(&mut codex.origin, max);
            abridge(&mut codex.version, max);
            abridge(&mut codex.login, max);
            abridge_list(&mut codex.lacks, max, entries);
            codex.models.truncate(entries);
            for model in &mut codex.models {
                model.efforts.truncate(entries);
                if let Some(about) = &mut model.about {
                    abridge(about, max);
                }
            }
        }
        abridge_list(&mut self.allowed_roots, max, entries);
        for finding in &mut self.findings {
            abridge(&mut finding.what, max);
            if let Some(remedy) = &mut finding.remedy {
                abridge(remedy, max);
            }
        }
        // A thousand open files are no thousand things to read.
        self.findings.truncate(entries.saturating_mul(4));
    }
}

impl From<&Report> for DoctorDto {
    fn from(report: &Report) -> DoctorDto {
        DoctorDto {
            level: report.level().into(),
            bridge_version: report.bridge_version.to_owned(),
            codex: report.codex.as_ref().map(Into::into),
            allowed_roots: strings(&report.roots),
            quota: report.quota.as_ref().map(Into::into),
            running: report.running,
            queued: report.queued,
            findings: report.findings.iter().map(Into::into).collect(),
        }
    }
}

impl From<&CodexFound> for CodexFoundDto {
    fn from(codex: &CodexFound) -> CodexFoundDto {
        CodexFoundDto {
            path: codex.path.as_str().to_owned(),
            origin: codex.origin.as_str().to_owned(),
            version: codex.version.as_str().to_owned(),
            login: codex.login.as_str().to_owned(),
            lacks: strings(&codex.lacks),
            models: codex
                .models
                .iter()
                .enumerate()
                .map(|(place, model)| ModelDto::new(model, place == 0))
                .collect(),
        }
    }
}

impl ModelDto {
    fn new(model: &Model, is_default: bool) -> ModelDto {
        let word = |effort: &Effort| effort.as_str().to_owned();
        ModelDto {
            name: model.name.as_str().to_owned(),
            is_default,
            efforts: model.efforts.iter().map(word).collect(),
            default_effort: model.default_effort.as_ref().map(word),
            about: owned(model.about.as_ref()),
        }
    }
}

impl From<&Finding> for FindingDto {
    fn from(finding: &Finding) -> FindingDto {
        FindingDto {
            id: finding.id.to_owned(),
            about: finding.about.to_owned(),
            level: finding.level.into(),
            what: finding.what.as_str().to_owned(),
            why: finding.why.map(ToOwned::to_owned),
            remedy: owned(finding.remedy.as_ref()),
            action: finding.action.as_ref().map(Into::into),
        }
    }
}

impl From<&Action> for ActionDto {
    fn from(action: &Action) -> ActionDto {
        ActionDto {
            key: action.key.as_str().to_owned(),
            label: action.label.as_str().to_owned(),
            command: owned(action.command.as_ref()),
            mends: action.mends.as_str().to_owned(),
        }
    }
}

impl From<&Mended> for MendedDto {
    fn from(mended: &Mended) -> MendedDto {
        MendedDto {
            done: mended.done.iter().map(Into::into).collect(),
            report: (&mended.report).into(),
        }
    }
}

impl From<&Deed> for DeedDto {
    fn from(deed: &Deed) -> DeedDto {
        let (said, error) = match &deed.outcome {
            Some(Ok(said)) => (Some(said.as_str().to_owned()), None),
            Some(Err(failure)) => (None, Some(failure.into())),
            None => (None, None),
        };
        DeedDto {
            id: deed.id.to_owned(),
            what: deed.what.as_str().to_owned(),
            key: deed.key.as_str().to_owned(),
            label: deed.label.as_str().to_owned(),
            said,
            error,
        }
    }
}

impl From<Level> for LevelDto {
    fn from(level: Level) -> LevelDto {
        match level {
            Level::Ok => LevelDto::Ok,
            Level::Warning => LevelDto::Warning,
            Level::Fault => LevelDto::Fault,
        }
    }
}

fn strings(texts: &[Scrubbed]) -> Vec<String> {
    texts.iter().map(|text| text.as_str().to_owned()).collect()
}

fn abridge_list(list: &mut Vec<String>, max: usize, entries: usize) {
    if list.len() > entries {
        let cut = list.len() - entries;
        list.truncate(entries);
        list.push(format!("… ({cut} more)"));
    }
    for text in list {
        abridge(text, max);
    }
}
