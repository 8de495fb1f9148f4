//! One method for each thing that a client or a person can ask. Every face calls these, and so does the app.

mod error;
mod request;

use std::sync::Arc;
use std::time::Duration;

pub use error::Error;
pub use request::{EventsWanted, RunPage, RunQuery, Started, TaskRequest, Updates};

use crate::domain::id::RunId;
use crate::domain::run::{Caller, Run};
use crate::domain::scrub::Scrubber;
use crate::domain::state::Canceller;
use crate::use_cases::doctor::Report;
use crate::use_cases::host::Host;

/// The bridge. Cheap to make and to clone: nothing is opened before it is needed.
#[derive(Clone)]
pub struct Bridge {
    inner: Arc<Inner>,
}

struct Inner {
    host: Host,
}

impl Bridge {
    /// Makes a bridge. Touches neither disk nor network.
    pub fn new(host: Host) -> Bridge {
        Bridge {
            inner: Arc::new(Inner { host }),
        }
    }

    /// The surroundings it was made with.
    pub fn host(&self) -> &Host {
        &self.inner.host
    }

    /// The scrubber with the person's additions; the built-in one where the configuration can't be read.
    pub fn scrubber(&self) -> Scrubber {
        Scrubber::builtin()
    }

    /// Starts a task and returns at once; `Started::repeated` says that the same request came before.
    pub async fn start_task(&self, caller: Caller, request: TaskRequest) -> Result<Started, Error> {
        let _ = (caller, request);
        todo!()
    }

    /// One run.
    pub async fn run(&self, id: &RunId) -> Result<Run, Error> {
        let _ = id;
        todo!()
    }

    /// The run as soon as it is over, or as it is after `limit`.
    pub async fn run_at_end(&self, id: &RunId, limit: Duration) -> Result<Run, Error> {
        let _ = (id, limit);
        todo!()
    }

    /// Events after a cursor; waits up to `wanted.wait` for the first new one.
    pub async fn updates(&self, id: &RunId, wanted: EventsWanted) -> Result<Updates, Error> {
        let _ = (id, wanted);
        todo!()
    }

    /// Stops a run and everything that it started; answers when it is over.
    pub async fn cancel_run(&self, id: &RunId, by: Canceller) -> Result<Run, Error> {
        let _ = (id, by);
        todo!()
    }

    /// Recent runs, newest first.
    pub async fn list_runs(&self, query: RunQuery) -> Result<RunPage, Error> {
        let _ = query;
        todo!()
    }

    /// The one run whose id begins like this, as a person types it.
    pub async fn find_run(&self, beginning: &str) -> Result<RunId, Error> {
        let _ = beginning;
        todo!()
    }

    /// What is installed, logged in and allowed, and what is wrong.
    pub async fn doctor(&self) -> Report {
        todo!()
    }

    /// Ends what lives only in this process: ephemeral runs. Stored runs go on.
    pub async fn close(&self) {}
}
