//! The form in which a run's record is kept: columns and JSON in the database, one JSON document in its outcome file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::adapters::store::error::StoreError;
use crate::adapters::store::question_doc::QuestionDoc;
use crate::adapters::store::review_doc::ReviewDoc;
use crate::adapters::store::words::{driver_of, kind_of, signed, state_of, state_words, unsigned};
use crate::adapters::store::workspace_doc::{ChangesDoc, WorkspaceDoc};
use crate::domain::changes::Changes;
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::{RequestId, RunId, ThreadId};
use crate::domain::question::QuestionChange;
use crate::domain::run::{
    Applied, Caller, CodexIdentity, Exit, Fate, Message, Progress, Recorded, Requested, Run, Times,
    Timestamp, Usage, Workspace,
};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::RunState;
use crate::domain::task::{Effort, ModelName, Sandbox};

/// A run's record as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RunDoc {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) detail: Option<String>,
    pub(super) title: String,
    pub(super) prompt: String,
    pub(super) client: String,
    pub(super) folder: String,
    pub(super) request_id: Option<String>,
    pub(super) created: i64,
    pub(super) started: Option<i64>,
    pub(super) ended: Option<i64>,
    pub(super) activity: Option<String>,
    pub(super) message: Option<MessageDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) review: Option<ReviewDoc>,
    pub(super) asked: AskedDoc,
    pub(super) found: FoundDoc,
    pub(super) events: i64,
    pub(super) bytes: i64,
    pub(super) left_out: i64,
}

/// The model's last message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MessageDoc {
    pub(super) text: String,
    pub(super) left_out: i64,
}

/// What of a record never changes and is never searched for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AskedDoc {
    client_version: Option<String>,
    client_session: Option<String>,
    /// The workspace as it was asked for.
    #[serde(flatten)]
    workspace: WorkspaceDoc,
    sandbox: String,
    network: bool,
    web_search: bool,
    model: Option<String>,
    effort: Option<String>,
    timeout_ms: u64,
    persist: bool,
    images: u32,
    output_schema: bool,
    continues: Option<String>,
}

/// What becomes known while the run goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FoundDoc {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    codex: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    driver: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit: Option<ExitDoc>,
    /// The workspace as it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workspace: Option<WorkspaceDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changes: Option<ChangesDoc>,
    /// What Codex waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<QuestionDoc>,
}

/// What a turn cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UsageDoc {
    input: u64,
    cached_input: u64,
    output: u64,
    reasoning: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FailureDoc {
    code: String,
    message: String,
    hint: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExitDoc {
    Code(i32),
    Signal(i32),
}

impl RunDoc {
    /// The record as it is kept.
    pub(super) fn of(run: &Run) -> RunDoc {
        let (state, detail) = state_words(run.state);
        RunDoc {
            id: run.id.as_str().to_owned(),
            kind: run.kind.as_str().to_owned(),
            state: state.to_owned(),
            detail: detail.map(str::to_owned),
            title: text(&run.title),
            prompt: text(&run.prompt),
            client: text(&run.caller.client),
            folder: text(&run.workspace.folder),
            request_id: run.request_id.as_ref().map(|id| id.as_str().to_owned()),
            created: run.times.created.0,
            started: run.times.started.map(|at| at.0),
            ended: run.times.ended.map(|at| at.0),
            activity: run.activity.as_ref().map(text),
            message: run.message.as_ref().map(MessageDoc::of),
            review: run.review.as_ref().map(ReviewDoc::of),
            asked: AskedDoc::of(run),
            found: FoundDoc::of(run),
            events: signed(run.recorded.events),
            bytes: signed(run.recorded.bytes),
            left_out: signed(run.recorded.left_out),
        }
    }

    /// The run that the record is of.
    pub(super) fn into_run(self) -> Result<Run, StoreError> {
        let of = self.id;
        let bad = |what: &str| StoreError::Unreadable {
            of: of.clone(),
            what: what.to_owned(),
        };
        let asked = self.asked;
        let found = self.found;
        Ok(Run {
            id: RunId::parse(&of).map_err(|_| bad("id"))?,
            kind: kind_of(&self.kind).ok_or_else(|| bad("kind"))?,
            state: state_of(&self.state, self.detail.as_deref()).ok_or_else(|| bad("state"))?,
            title: Scrubbed::from_store(self.title),
            prompt: Scrubbed::from_store(self.prompt),
            caller: asked.caller(self.client),
            request_id: (self.request_id.as_deref())
                .map(RequestId::parse)
                .transpose()
                .map_err(|_| bad("request id"))?,
            workspace: workspace(&asked, &found, self.folder).ok_or_else(|| bad("workspace"))?,
            requested: asked.requested().ok_or_else(|| bad("request"))?,
            applied: found.applied(),
            continues: asked.continued().map_err(|()| bad("continued run"))?,
            thread: found.thread().map_err(|()| bad("thread"))?,
            codex: found.codex(),
            driver: found.driver.as_deref().and_then(driver_of),
            times: Times {
                created: Timestamp(self.created),
                started: self.started.map(Timestamp),
                ended: self.ended.map(Timestamp),
            },
            activity: self.activity.map(Scrubbed::from_store),
            message: self.message.map(MessageDoc::into_message),
            question: (found.question.clone()).and_then(QuestionDoc::into_question),
            usage: found.usage(),
            changes: found.changes().map_err(|()| bad("changes"))?,
            review: (self.review)
                .map(|doc| doc.into_review().ok_or_else(|| bad("review")))
                .transpose()?,
            failure: found.failure().map_err(|()| bad("failure"))?,
            exit: found.exit(),
            recorded: Recorded {
                events: unsigned(self.events),
                bytes: unsigned(self.bytes),
                left_out: unsigned(self.left_out),
            },
        })
    }
}

impl MessageDoc {
    pub(super) fn of(message: &Message) -> MessageDoc {
        MessageDoc {
            text: text(&message.text),
            left_out: signed(message.left_out),
        }
    }

    fn into_message(self) -> Message {
        Message {
            text: Scrubbed::from_store(self.text),
            left_out: unsigned(self.left_out),
        }
    }
}

impl AskedDoc {
    fn of(run: &Run) -> AskedDoc {
        AskedDoc {
            client_version: run.caller.version.as_ref().map(text),
            client_session: run.caller.session.as_ref().map(text),
            workspace: WorkspaceDoc::of(&run.workspace),
            sandbox: run.requested.sandbox.as_str().to_owned(),
            network: run.requested.network,
            web_search: run.requested.web_search,
            model: (run.requested.model.as_ref()).map(|model| model.as_str().to_owned()),
            effort: (run.requested.effort.as_ref()).map(|effort| effort.as_str().to_owned()),
            timeout_ms: u64::try_from(run.requested.timeout.as_millis()).unwrap_or(u64::MAX),
            persist: run.requested.persist,
            images: run.requested.images,
            output_schema: run.requested.output_schema,
            continues: run.continues.as_ref().map(|id| id.as_str().to_owned()),
        }
    }

    /// Who asked.
    pub(super) fn caller(&self, client: String) -> Caller {
        Caller {
            client: Scrubbed::from_store(client),
            version: self.client_version.clone().map(Scrubbed::from_store),
            session: self.client_session.clone().map(Scrubbed::from_store),
        }
    }

    /// The run whose thread this one goes on with.
    pub(super) fn continued(&self) -> Result<Option<RunId>, ()> {
        let id = self.continues.as_deref();
        id.map(RunId::parse).transpose().map_err(|_| ())
    }

    fn requested(&self) -> Option<Requested> {
        Some(Requested {
            sandbox: Sandbox::parse(&self.sandbox)?,
            network: self.network,
            web_search: self.web_search,
            model: match &self.model {
                Some(name) => Some(ModelName::parse(name).ok()?),
                None => None,
            },
            effort: match &self.effort {
                Some(word) => Some(Effort::parse(word).ok()?),
                None => None,
            },
            timeout: Duration::from_millis(self.timeout_ms),
            persist: self.persist,
            images: self.images,
            output_schema: self.output_schema,
        })
    }
}

impl FoundDoc {
    fn of(run: &Run) -> FoundDoc {
        let mut doc = FoundDoc {
            thread: run.thread.as_ref().map(|id| id.as_str().to_owned()),
            usage: run.usage.map(UsageDoc::of),
            ..FoundDoc::default()
        };
        doc.set_applied(&run.applied);
        doc.codex = run.codex.as_ref().map(codex_doc);
        doc.driver = run.driver.map(|driver| driver.as_str().to_owned());
        doc.failure = run.failure.as_ref().map(FailureDoc::of);
        doc.exit = run.exit.map(ExitDoc::of);
        doc.changes = run.changes.as_ref().map(ChangesDoc::of);
        doc.question = run.question.as_ref().map(QuestionDoc::of);
        doc
    }

    /// Takes over what a supervisor found out.
    pub(super) fn take(&mut self, progress: &Progress) {
        if let Some(applied) = &progress.applied {
            self.set_applied(applied);
        }
        if let Some(thread) = &progress.thread {
            self.thread = Some(thread.as_str().to_owned());
        }
        if let Some(codex) = &progress.codex {
            self.codex = Some(codex_doc(codex));
        }
        if let Some(driver) = progress.driver {
            self.driver = Some(driver.as_str().to_owned());
        }
        if let Some(usage) = progress.usage {
            self.usage = Some(UsageDoc::of(usage));
        }
        if let Some(failure) = &progress.failure {
            self.failure = Some(FailureDoc::of(failure));
        }
        if let Some(exit) = progress.exit {
            self.exit = Some(ExitDoc::of(exit));
        }
        if let Some(workspace) = &progress.workspace {
            self.workspace = Some(WorkspaceDoc::of(workspace));
        }
        if let Some(changes) = &progress.changes {
            self.changes = Some(ChangesDoc::of(changes));
        }
        self.question = match &progress.question {
            // Who is dead waits for nothing.
            _ if progress.state.is_some_and(RunState::is_final) => None,
            Some(QuestionChange::Asked(question)) => Some(QuestionDoc::of(question)),
            Some(QuestionChange::Settled) => None,
            None => self.question.take(),
        };
    }

    /// Takes over what became of the run's copy.
    pub(super) fn set_fate(&mut self, asked: &AskedDoc, fate: &Fate) {
        self.workspace
            .get_or_insert_with(|| asked.workspace.clone())
            .set_fate(fate);
    }

    fn changes(&self) -> Result<Option<Changes>, ()> {
        let doc = self.changes.clone();
        doc.map(|doc| doc.into_changes().ok_or(())).transpose()
    }

    fn set_applied(&mut self, applied: &Applied) {
        self.model = applied.model.as_ref().map(text);
        self.effort = applied.effort.as_ref().map(text);
        self.sandbox = applied.sandbox.as_ref().map(text);
        self.network = applied.network;
        self.folder = applied.folder.as_ref().map(text);
    }

    fn applied(&self) -> Applied {
        Applied {
            model: self.model.clone().map(Scrubbed::from_store),
            effort: self.effort.clone().map(Scrubbed::from_store),
            sandbox: self.sandbox.clone().map(Scrubbed::from_store),
            network: self.network,
            folder: self.folder.clone().map(Scrubbed::from_store),
        }
    }

    fn thread(&self) -> Result<Option<ThreadId>, ()> {
        let id = self.thread.as_deref();
        id.map(ThreadId::parse).transpose().map_err(|_| ())
    }

    fn codex(&self) -> Option<CodexIdentity> {
        let (path, version) = self.codex.clone()?;
        Some(CodexIdentity {
            path: Scrubbed::from_store(path),
            version: Scrubbed::from_store(version),
        })
    }

    /// What it cost.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.usage.map(UsageDoc::into_usage)
    }

    /// What went wrong.
    pub(super) fn failure(&self) -> Result<Option<Failure>, ()> {
        let Some(failure) = &self.failure else {
            return Ok(None);
        };
        Ok(Some(Failure {
            code: ErrorCode::parse(&failure.code).ok_or(())?,
            message: Scrubbed::from_store(failure.message.clone()),
            hint: Scrubbed::from_store(failure.hint.clone()),
        }))
    }

    fn exit(&self) -> Option<Exit> {
        self.exit.map(|exit| match exit {
            ExitDoc::Code(code) => Exit::Code(code),
            ExitDoc::Signal(signal) => Exit::Signal(signal),
        })
    }
}

impl UsageDoc {
    pub(super) fn of(usage: Usage) -> UsageDoc {
        UsageDoc {
            input: usage.input,
            cached_input: usage.cached_input,
            output: usage.output,
            reasoning: usage.reasoning,
        }
    }

    pub(super) fn into_usage(self) -> Usage {
        Usage {
            input: self.input,
            cached_input: self.cached_input,
            output: self.output,
            reasoning: self.reasoning,
        }
    }
}

impl FailureDoc {
    fn of(failure: &Failure) -> FailureDoc {
        FailureDoc {
            code: failure.code.as_str().to_owned(),
            message: text(&failure.message),
            hint: text(&failure.hint),
        }
    }
}

impl ExitDoc {
    fn of(exit: Exit) -> ExitDoc {
        match exit {
            Exit::Code(code) => ExitDoc::Code(code),
            Exit::Signal(signal) => ExitDoc::Signal(signal),
        }
    }
}

/// Where Codex works: as it was made, else as it was asked for.
pub(super) fn workspace(asked: &AskedDoc, found: &FoundDoc, folder: String) -> Option<Workspace> {
    let doc = found.workspace.as_ref().unwrap_or(&asked.workspace);
    doc.clone().into_workspace(folder)
}

fn text(text: &Scrubbed) -> String {
    text.as_str().to_owned()
}

fn codex_doc(codex: &CodexIdentity) -> (String, String) {
    (text(&codex.path), text(&codex.version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing;

    #[test]
    fn a_record_reads_back_as_itself() {
        for run in [testing::run(1), testing::full_run(2)] {
            let json = serde_json::to_string(&RunDoc::of(&run)).unwrap();
            let doc: RunDoc = serde_json::from_str(&json).unwrap();
            assert_eq!(doc.into_run().unwrap(), run);
        }
    }

    #[test]
    fn a_record_with_a_word_of_another_version_says_which() {
        let mut doc = RunDoc::of(&testing::run(1));
        doc.kind = "dream".to_owned();
        let error = doc.into_run().unwrap_err().to_string();
        assert!(error.ends_with("is unreadable: kind"), "{error}");
    }
}
