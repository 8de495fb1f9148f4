//! Settings, roots and Codex binaries as the app and `config --json` show them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::use_cases::candidates::{Candidate, LoginState};
use crate::use_cases::preferences::{Group, Kind, Preference, Root, Source};

/// One key of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SettingDto {
    /// The key as the file has it, dotted.
    pub key: String,
    /// Where it belongs.
    pub group: GroupDto,
    /// Its name for people.
    pub title: String,
    /// What it is for, in a sentence or two.
    pub meaning: String,
    /// What it takes.
    pub kind: SettingKindDto,
    /// What it is where nobody set it; null where there is nothing.
    pub default: Value,
    /// What it is now; null where there is nothing.
    pub value: Value,
    /// Who set it.
    pub source: SourceDto,
    /// The variable of the environment that overrides the file right now.
    pub overridden_by: Option<String>,
}

/// Where a setting belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupDto {
    /// What a request gets that does not say.
    Defaults,
    /// What no request passes.
    Ceilings,
    /// How much may run at once, and for how long.
    Limits,
    /// How much is kept.
    History,
    /// The program.
    Codex,
    /// The folders.
    Roots,
    /// What is known to be secret.
    Scrub,
    /// The app.
    App,
}

/// What a setting takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SettingKindDto {
    /// Yes or no.
    Bool,
    /// A whole number.
    Number {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// What it counts.
        unit: Option<String>,
    },
    /// A line of text.
    Text,
    /// A path.
    Path,
    /// One of some words.
    Choice {
        /// The words.
        options: Vec<String>,
    },
    /// Lines of text.
    List,
}

/// Who set a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceDto {
    /// Nobody.
    Default,
    /// The configuration file.
    File,
    /// A variable of the environment.
    Environment,
}

/// A folder below which Codex may work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RootDto {
    /// The folder.
    pub path: String,
    /// Who allowed it.
    pub source: SourceDto,
    /// Whether this program can read it.
    pub access: AccessDto,
    /// Why it needs insistence, if it does.
    pub broad: Option<String>,
}

/// What came of opening and listing a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccessDto {
    /// Whether it went well.
    pub ok: bool,
    /// What was seen, or what the system said.
    pub text: String,
}

/// A file that may be the Codex binary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CandidateDto {
    /// Where it is.
    pub path: String,
    /// Who says so.
    pub source: String,
    /// Its version; null if it did not tell.
    pub version: Option<String>,
    /// Whether runs can use it.
    pub usable: bool,
    /// What this version can't do, a sentence each.
    pub lacks: Vec<String>,
    /// Whether it is the one that runs use.
    pub chosen: bool,
    /// Whether it has a login.
    pub login: LoginDto,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// Whether Codex has a login; whether that is still valid, only a run shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginDto {
    /// There is one.
    LoggedIn,
    /// There is none.
    NotLoggedIn,
    /// It did not tell.
    Unknown,
}

impl From<&Preference> for SettingDto {
    fn from(preference: &Preference) -> SettingDto {
        SettingDto {
            key: preference.key.to_owned(),
            group: preference.group.into(),
            title: preference.title.to_owned(),
            meaning: preference.meaning.to_owned(),
            kind: (&preference.kind).into(),
            default: preference.default.clone(),
            value: preference.value.clone(),
            source: preference.source.into(),
            overridden_by: preference.overridden_by.map(str::to_owned),
        }
    }
}

impl From<Group> for GroupDto {
    fn from(group: Group) -> GroupDto {
        match group {
            Group::Defaults => GroupDto::Defaults,
            Group::Ceilings => GroupDto::Ceilings,
            Group::Limits => GroupDto::Limits,
            Group::History => GroupDto::History,
            Group::Codex => GroupDto::Codex,
            Group::Roots => GroupDto::Roots,
            Group::Scrub => GroupDto::Scrub,
            Group::App => GroupDto::App,
        }
    }
}

impl From<&Kind> for SettingKindDto {
    fn from(kind: &Kind) -> SettingKindDto {
        match kind {
            Kind::Bool => SettingKindDto::Bool,
            Kind::Number { min, max, unit } => SettingKindDto::Number {
                min: *min,
                max: *max,
                unit: unit.map(str::to_owned),
            },
            Kind::Text => SettingKindDto::Text,
            Kind::Path => SettingKindDto::Path,
            Kind::Choice { options } => SettingKindDto::Choice {
                options: options.iter().map(ToString::to_string).collect(),
            },
            Kind::List => SettingKindDto::List,
        }
    }
}

impl From<Source> for SourceDto {
    fn from(source: Source) -> SourceDto {
        match source {
            Source::Default => SourceDto::Default,
            Source::File => SourceDto::File,
            Source::Environment => SourceDto::Environment,
        }
    }
}

impl From<&Root> for RootDto {
    fn from(root: &Root) -> RootDto {
        RootDto {
            path: root.path.as_str().to_owned(),
            source: root.source.into(),
            access: AccessDto {
                ok: root.is_readable,
                text: root.access.as_str().to_owned(),
            },
            broad: root.broad.as_ref().map(|why| why.as_str().to_owned()),
        }
    }
}

impl From<&Candidate> for CandidateDto {
    fn from(candidate: &Candidate) -> CandidateDto {
        let text = |text: &crate::domain::scrub::Scrubbed| text.as_str().to_owned();
        CandidateDto {
            path: text(&candidate.path),
            source: candidate.source.to_owned(),
            version: candidate.version.as_ref().map(text),
            usable: candidate.problem.is_none(),
            lacks: candidate.lacks.iter().map(text).collect(),
            chosen: candidate.chosen,
            login: candidate.login.into(),
            problem: candidate.problem.as_ref().map(text),
        }
    }
}

impl From<LoginState> for LoginDto {
    fn from(login: LoginState) -> LoginDto {
        match login {
            LoginState::LoggedIn => LoginDto::LoggedIn,
            LoginState::NotLoggedIn => LoginDto::NotLoggedIn,
            LoginState::Unknown => LoginDto::Unknown,
        }
    }
}
