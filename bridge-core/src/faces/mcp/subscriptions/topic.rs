//! What can be watched, and the mark that moves when it changes.

use crate::domain::error::ErrorCode;
use crate::domain::id::RunId;
use crate::faces::mcp::resources::{Address, NoAddress, RECENT};
use crate::use_cases::bridge::{Bridge, Error, RunQuery};

/// Something that can be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// The runs, as their first page tells of them.
    Runs,
    /// Which runs wait and which are under way. What else a status tells is not watched: it would have to be asked
    /// of Codex again and again.
    Status,
    /// Something of one run.
    Run {
        /// The run.
        id: RunId,
        /// What of it.
        aspect: Aspect,
    },
}

/// What of a run is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// All.
    Record,
    /// Its events.
    Events,
    /// Its message.
    Message,
    /// What came of it: its changes, its findings.
    Outcome,
}

/// How something stands. Another mark, other contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// What moves.
    pub(crate) value: u64,
    /// Whether it is of a run that is over, and so hardly ever moves again.
    pub(crate) is_final: bool,
}

impl Mark {
    /// Of what is not there any more.
    const GONE: Mark = Mark {
        value: 0,
        is_final: true,
    };
}

/// Why an address can't be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoTopic {
    /// It is none.
    NoAddress(NoAddress),
    /// It is one page of something.
    Page,
}

impl Topic {
    /// What an address names.
    pub(crate) fn parse(uri: &str) -> Result<Topic, NoTopic> {
        let address = Address::parse(uri).map_err(NoTopic::NoAddress)?;
        if uri.contains('?') {
            return Err(NoTopic::Page);
        }
        let of = |id, aspect| Topic::Run { id, aspect };
        Ok(match address {
            Address::Runs { .. } => Topic::Runs,
            Address::Status => Topic::Status,
            Address::Run(id) => of(id, Aspect::Record),
            Address::Events { id, .. } => of(id, Aspect::Events),
            Address::Message { id, .. } => of(id, Aspect::Message),
            Address::Diff { id, .. } | Address::Review { id, .. } => of(id, Aspect::Outcome),
        })
    }

    /// How it stands.
    pub(crate) async fn mark(&self, bridge: &Bridge) -> Result<Mark, Error> {
        let (id, aspect) = match self {
            Topic::Runs | Topic::Status => {
                let list = bridge.list_pulse(RECENT, RunQuery::DEFAULT_LIMIT).await?;
                let value = match self {
                    Topic::Runs => list.rows,
                    _ => list.live,
                };
                let is_final = !list.is_live;
                return Ok(Mark { value, is_final });
            }
            Topic::Run { id, aspect } => (id, aspect),
        };
        let pulse = bridge.pulse(id).await?;
        let value = match aspect {
            Aspect::Record => pulse.record,
            Aspect::Events => pulse.events,
            Aspect::Message => pulse.message,
            Aspect::Outcome => pulse.found,
        };
        let is_final = pulse.is_final;
        Ok(Mark { value, is_final })
    }

    /// The same of something that was there: it may be gone since.
    pub(super) async fn mark_again(&self, bridge: &Bridge) -> Result<Mark, Error> {
        match self.mark(bridge).await {
            Err(error) if error.code() == ErrorCode::UnknownRun => Ok(Mark::GONE),
            mark => mark,
        }
    }
}

/// The mark of which runs are listed.
pub(crate) async fn list_mark(bridge: &Bridge) -> Result<u64, Error> {
    Ok(bridge.list_pulse(RECENT, 0).await?.newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "run_01k9x2m4q7abcdefgh";

    fn check(uri: &str, expected: &Result<Option<Aspect>, NoTopic>) {
        let topic = Topic::parse(uri).map(|topic| match topic {
            Topic::Runs | Topic::Status => None,
            Topic::Run { id, aspect } => {
                assert_eq!(id.as_str(), ID);
                Some(aspect)
            }
        });
        assert_eq!(&topic, expected, "{uri}");
    }

    #[test]
    fn whole_resources_can_be_watched() {
        check("codex://runs", &Ok(None));
        check("codex://status", &Ok(None));
        let of_run = |rest: &str| format!("codex://runs/{ID}{rest}");
        check(&of_run(""), &Ok(Some(Aspect::Record)));
        check(&of_run("/events"), &Ok(Some(Aspect::Events)));
        check(&of_run("/message"), &Ok(Some(Aspect::Message)));
        check(&of_run("/diff"), &Ok(Some(Aspect::Outcome)));
        check(&of_run("/review"), &Ok(Some(Aspect::Outcome)));
        check("codex://runs?cursor=1", &Err(NoTopic::Page));
        check(&of_run("/events?cursor=0"), &Err(NoTopic::Page));
        let unknown = Err(NoTopic::NoAddress(NoAddress::Unknown));
        check("file:///etc/passwd", &unknown);
    }
}
