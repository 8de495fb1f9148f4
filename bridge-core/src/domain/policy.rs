//! What the person allows: the folders, and the ceilings that no request passes.

mod roots;

use std::time::Duration;

pub use crate::domain::policy::roots::{
    AllowedRoots, FileId, Guard, Refusal, Resolved, WorkDir, check_spelling,
};

use crate::domain::question::Approvals;
use crate::domain::task::{Effort, ModelName, Sandbox};

/// What only the person can raise. A request above is refused, never silently lowered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// The highest sandbox.
    pub sandbox: Sandbox,
    /// Whether commands may use the network.
    pub network: bool,
    /// Whether the model may search the web.
    pub web_search: bool,
    /// The models that may be asked for by name; empty for any.
    pub models: Vec<ModelName>,
    /// The highest effort that may be asked for.
    pub effort: Option<Effort>,
    /// The longest run.
    pub total: Duration,
    /// Who may allow what goes beyond a run's sandbox.
    pub approvals: Approvals,
}

/// What a request wants of the things that have a ceiling.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// The network.
    pub network: bool,
    /// The web.
    pub web_search: bool,
    /// The model.
    pub model: Option<&'a ModelName>,
    /// The effort.
    pub effort: Option<&'a Effort>,
    /// The time limit.
    pub timeout: Duration,
}

/// A wish above its ceiling.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} `{asked}` is above what is allowed here: {allowed}")]
pub struct AboveCeiling {
    /// The parameter's name on the wire.
    pub parameter: &'static str,
    /// What was asked for.
    pub asked: String,
    /// What is allowed.
    pub allowed: String,
}

impl Ceilings {
    /// Checks a wish; the first thing above its ceiling is the answer.
    pub fn check(&self, wish: &Wish<'_>) -> Result<(), AboveCeiling> {
        let above = |parameter, asked: &str, allowed: String| {
            Err(AboveCeiling {
                parameter,
                asked: asked.to_owned(),
                allowed,
            })
        };
        if wish.sandbox > self.sandbox {
            return above(
                "sandbox",
                wish.sandbox.as_str(),
                self.sandbox.as_str().to_owned(),
            );
        }
        if wish.network && !self.network {
            return above("network", "true", "false".to_owned());
        }
        if wish.web_search && !self.web_search {
            return above("web_search", "true", "false".to_owned());
        }
        if let Some(model) = wish.model
            && !self.models.is_empty()
            && !self.models.contains(model)
        {
            let names: Vec<_> = self.models.iter().map(ModelName::as_str).collect();
            return above("model", model.as_str(), names.join(", "));
        }
        if let (Some(effort), Some(most)) = (wish.effort, &self.effort)
            && !effort.is_within(most)
        {
            return above(
                "effort",
                effort.as_str(),
                format!("up to {}", most.as_str()),
            );
        }
        if wish.timeout > self.total {
            let asked = wish.timeout.as_secs().to_string();
            return above(
                "timeout_s",
                &asked,
                format!("up to {}", self.total.as_secs()),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_above_its_ceiling_is_named() {
        let ceilings = Ceilings {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            models: vec![ModelName::parse("gpt-6-sol").unwrap()],
            effort: Some(Effort::parse("medium").unwrap()),
            total: Duration::from_secs(60),
            approvals: Approvals::Nobody,
        };
        let model = ModelName::parse("other").unwrap();
        let effort = Effort::parse("high").unwrap();
        let wish = Wish {
            sandbox: Sandbox::ReadOnly,
            network: false,
            web_search: false,
            model: None,
            effort: None,
            timeout: Duration::from_secs(60),
        };
        let check = |wish: Wish<'_>, expected: &str| {
            let verdict = match ceilings.check(&wish) {
                Ok(()) => "ok".to_owned(),
                Err(above) => above.to_string(),
            };
            assert_eq!(verdict, expected);
        };
        check(wish.clone(), "ok");
        check(
            Wish {
                sandbox: Sandbox::WorkspaceWrite,
                ..wish.clone()
            },
            "sandbox `workspace-write` is above what is allowed here: read-only",
        );
        check(
            Wish {
                network: true,
                ..wish.clone()
            },
            "network `true` is above what is allowed here: false",
        );
        check(
            Wish {
                model: Some(&model),
                ..wish.clone()
            },
            "model `other` is above what is allowed here: gpt-6-sol",
        );
        check(
            Wish {
                effort: Some(&effort),
                ..wish.clone()
            },
            "effort `high` is above what is allowed here: up to medium",
        );
        check(
            Wish {
                timeout: Duration::from_secs(61),
                ..wish
            },
            "timeout_s `61` is above what is allowed here: up to 60",
        );
    }
}
