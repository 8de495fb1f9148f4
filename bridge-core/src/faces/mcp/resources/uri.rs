//! The addresses of resources.

use crate::domain::id::RunId;

/// Something that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The runs, newest first, from a cursor on.
    Runs {
        /// The cursor of the page before.
        cursor: Option<u64>,
    },
    /// The doctor's report.
    Status,
    /// One run.
    Run(RunId),
    /// A run's events after a cursor.
    Events {
        /// The run.
        id: RunId,
        /// The number of the last event seen.
        cursor: u64,
    },
    /// A run's final message from an offset on.
    Message {
        /// The run.
        id: RunId,
        /// In bytes.
        offset: u64,
    },
    /// What a run changed, from a cursor on.
    Diff {
        /// The run.
        id: RunId,
        /// The cursor of the part before.
        cursor: u64,
    },
    /// What a review found, from an offset on.
    Review {
        /// The run.
        id: RunId,
        /// In findings.
        offset: u64,
    },
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoAddress {
    /// There is nothing of that form.
    Unknown,
    /// There is, but what follows the `?` is wrong.
    Query {
        /// The only parameter that there is.
        accepted: &'static str,
    },
}

impl Address {
    /// Reads an address.
    pub(crate) fn parse(uri: &str) -> Result<Address, NoAddress> {
        let rest = uri.strip_prefix("codex://").ok_or(NoAddress::Unknown)?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let run = |id| RunId::parse(id).map_err(|_| NoAddress::Unknown);
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["runs"] => Ok(Address::Runs {
                cursor: number(query, "cursor")?,
            }),
            ["status"] => none(query, Address::Status),
            ["runs", id] => none(query, Address::Run(run(id)?)),
            ["runs", id, "events"] => Ok(Address::Events {
                id: run(id)?,
                cursor: number(query, "cursor")?.unwrap_or(0),
            }),
            ["runs", id, "message"] => Ok(Address::Message {
                id: run(id)?,
                offset: number(query, "offset")?.unwrap_or(0),
            }),
            ["runs", id, "diff"] => Ok(Address::Diff {
                id: run(id)?,
                cursor: number(query, "cursor")?.unwrap_or(0),
            }),
            ["runs", id, "review"] => Ok(Address::Review {
                id: run(id)?,
                offset: number(query, "offset")?.unwrap_or(0),
            }),
            _ => Err(NoAddress::Unknown),
        }
    }
}

/// The value of the only parameter that a query may have.
fn number(query: Option<&str>, name: &'static str) -> Result<Option<u64>, NoAddress> {
    let Some(query) = query else {
        return Ok(None);
    };
    query
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('='))
        .and_then(|digits| digits.parse().ok())
        .map(Some)
        .ok_or(NoAddress::Query { accepted: name })
}

fn none(query: Option<&str>, address: Address) -> Result<Address, NoAddress> {
    match query {
        None => Ok(address),
        Some(_) => Err(NoAddress::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "run_01k9x2m4q7abcdefgh";

    fn check(uri: &str, expected: &Result<Address, NoAddress>) {
        assert_eq!(&Address::parse(uri), expected, "{uri}");
    }

    #[test]
    fn an_address_names_one_thing() {
        let id = || RunId::parse(ID).unwrap();
        check("codex://runs", &Ok(Address::Runs { cursor: None }));
        check(
            "codex://runs?cursor=7",
            &Ok(Address::Runs { cursor: Some(7) }),
        );
        check("codex://status", &Ok(Address::Status));
        check(&format!("codex://runs/{ID}"), &Ok(Address::Run(id())));
        check(
            &format!("codex://runs/{ID}/events"),
            &Ok(Address::Events {
                id: id(),
                cursor: 0,
            }),
        );
        check(
            &format!("codex://runs/{ID}/events?cursor=12"),
            &Ok(Address::Events {
                id: id(),
                cursor: 12,
            }),
        );
        check(
            &format!("codex://runs/{ID}/message?offset=9"),
            &Ok(Address::Message {
                id: id(),
                offset: 9,
            }),
        );
        check(
            &format!("codex://runs/{ID}/diff?cursor=3"),
            &Ok(Address::Diff {
                id: id(),
                cursor: 3,
            }),
        );
        check(
            &format!("codex://runs/{ID}/review"),
            &Ok(Address::Review {
                id: id(),
                offset: 0,
            }),
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for uri in [
            "",
            "codex://",
            "codex:runs",
            "file:///etc/passwd",
            "codex://runs/",
            "codex://runs/../status",
            "codex://runs/run_1",
            "codex://runs/run_01k9x2m4q7abcdefgh/",
            "codex://status/x",
            "codex://status?x=1",
            "codex://runs/run_01k9x2m4q7abcdefgh/diffs",
            "CODEX://runs",
        ] {
            check(uri, &Err(NoAddress::Unknown));
        }
        check(
            "codex://runs?cursor=-1",
            &Err(NoAddress::Query { accepted: "cursor" }),
        );
        check(
            "codex://runs?limit=1",
            &Err(NoAddress::Query { accepted: "cursor" }),
        );
        check(
            &format!("codex://runs/{ID}/message?cursor=1"),
            &Err(NoAddress::Query { accepted: "offset" }),
        );
    }
}
