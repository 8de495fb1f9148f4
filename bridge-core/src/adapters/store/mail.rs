//! What is told to a run's supervisor, and what a supervisor started.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::adapters::store::Store;
use crate::adapters::store::error::StoreError;
use crate::adapters::store::run_rows::{self, to_json};
use crate::adapters::store::words::{canceller_of, speaker_of};
use crate::domain::id::RunId;
use crate::domain::question::Decision;
use crate::domain::run::{RecordedProcess, Speaker};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::Canceller;

/// Something that a run's supervisor is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToSupervisor {
    /// Stop the run.
    Cancel {
        /// Who wants it.
        by: Canceller,
    },
    /// Say something to the model in the middle of its turn.
    Steer {
        /// What.
        text: Scrubbed,
        /// Who says it.
        by: Speaker,
    },
    /// Answer a question.
    Answer {
        /// Its number.
        question: u64,
        /// The answer.
        decision: Decision,
        /// Whose it is.
        by: Speaker,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum MailDoc {
    Cancel {
        by: String,
    },
    Steer {
        text: String,
        by: String,
    },
    Answer {
        question: u64,
        decision: String,
        by: String,
    },
}

impl MailDoc {
    fn of(message: ToSupervisor) -> MailDoc {
        match message {
            ToSupervisor::Cancel { by } => MailDoc::Cancel {
                by: by.as_str().to_owned(),
            },
            ToSupervisor::Steer { text, by } => MailDoc::Steer {
                text: text.into_string(),
                by: by.as_str().to_owned(),
            },
            ToSupervisor::Answer {
                question,
                decision,
                by,
            } => MailDoc::Answer {
                question,
                decision: decision.as_str().to_owned(),
                by: by.as_str().to_owned(),
            },
        }
    }

    fn into_message(self) -> Option<ToSupervisor> {
        match self {
            MailDoc::Cancel { by } => Some(ToSupervisor::Cancel {
                by: canceller_of(&by)?,
            }),
            MailDoc::Steer { text, by } => Some(ToSupervisor::Steer {
                text: Scrubbed::from_store(text),
                by: speaker_of(&by)?,
            }),
            MailDoc::Answer {
                question,
                decision,
                by,
            } => Some(ToSupervisor::Answer {
                question,
                decision: Decision::parse(&decision)?,
                by: speaker_of(&by)?,
            }),
        }
    }
}

impl Store {
    /// Tells a run's supervisor something. It finds it at its next look, in order.
    pub async fn send(&self, id: &RunId, message: ToSupervisor) -> Result<(), StoreError> {
        let body = to_json(id.as_str(), &MailDoc::of(message))?;
        let id = id.clone();
        self.write("tell the supervisor", move |tx| {
            let head = run_rows::live_head(tx, &id)?;
            tx.prepare_cached("INSERT INTO mail (run, body) VALUES (?1, ?2)")?
                .execute(params![head.n, body])?;
            Ok(())
        })
        .await
    }

    /// What a run's supervisor was told since it last asked, in order. Each message is given once.
    pub async fn take_messages(&self, id: &RunId) -> Result<Vec<ToSupervisor>, StoreError> {
        // Asked at every change of the database: there is mostly nothing, and to find that out needs no lock.
        let run = id.clone();
        let any = self.read("look for messages", move |conn| {
            let sql =
                "SELECT EXISTS (SELECT 1 FROM mail WHERE run = (SELECT n FROM runs WHERE id = ?1))";
            Ok(conn
                .prepare_cached(sql)?
                .query_row([run.as_str()], |row| row.get::<_, bool>(0))?)
        });
        if !any.await? {
            return Ok(Vec::new());
        }
        let run = id.clone();
        self.write("take messages", move |tx| {
            let n = run_rows::head(tx, &run)?.n;
            let mut messages = Vec::new();
            let mut statement =
                tx.prepare_cached("SELECT body FROM mail WHERE run = ?1 ORDER BY n")?;
            let mut rows = statement.query([n])?;
            while let Some(row) = rows.next()? {
                let body: String = row.get(0)?;
                match read(&body) {
                    Some(message) => messages.push(message),
                    None => tracing::error!(run = %run, body, "a message of an unknown kind"),
                }
            }
            tx.prepare_cached("DELETE FROM mail WHERE run = ?1")?
                .execute([n])?;
            Ok(messages)
        })
        .await
    }

    /// Records processes that a run started, so that they can be ended if its supervisor dies.
    pub async fn record_processes(
        &self,
        id: &RunId,
        processes: &[RecordedProcess],
    ) -> Result<(), StoreError> {
        let id = id.clone();
        let processes = processes.to_vec();
        self.write("record processes", move |tx| {
            let n = run_rows::head(tx, &id)?.n;
            let mut statement = tx.prepare_cached(
                "INSERT OR IGNORE INTO processes (run, pid, started) VALUES (?1, ?2, ?3)",
            )?;
            for process in &processes {
                statement.execute(params![n, process.pid, process.started])?;
            }
            Ok(())
        })
        .await
    }

    /// The processes that a run started.
    pub async fn processes(&self, id: &RunId) -> Result<Vec<RecordedProcess>, StoreError> {
        let id = id.clone();
        self.read("read processes", move |conn| {
            let n = run_rows::head(conn, &id)?.n;
            let mut statement =
                conn.prepare_cached("SELECT pid, started FROM processes WHERE run = ?1")?;
            let rows = statement.query_map([n], |row| {
                Ok(RecordedProcess {
                    pid: row.get(0)?,
                    started: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn read(body: &str) -> Option<ToSupervisor> {
    serde_json::from_str::<MailDoc>(body).ok()?.into_message()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, ending, id, run};

    const CANCEL: ToSupervisor = ToSupervisor::Cancel {
        by: Canceller::Person,
    };

    fn with_run(check: impl AsyncFnOnce(Store)) {
        block_on(async {
            let store = Store::in_memory().unwrap();
            store.insert_run(run(1), ROOMY, "f".into()).await.unwrap();
            check(store).await;
        });
    }

    #[test]
    fn each_message_is_given_once_in_order() {
        with_run(async |store| {
            let by_client = ToSupervisor::Cancel {
                by: Canceller::Client,
            };
            store.send(&id(1), CANCEL).await.unwrap();
            store.send(&id(1), by_client.clone()).await.unwrap();
            let taken = store.take_messages(&id(1)).await.unwrap();
            assert_eq!(taken, [CANCEL, by_client]);
            assert_eq!(store.take_messages(&id(1)).await.unwrap(), []);
        });
    }

    #[test]
    fn a_run_that_has_ended_is_told_nothing() {
        with_run(async |store| {
            store.append(&id(1), vec![], ending()).await.unwrap();
            let error = store.send(&id(1), CANCEL).await.unwrap_err();
            assert!(matches!(error, StoreError::RunEnded(_)), "{error}");
        });
    }

    #[test]
    fn processes_are_recorded_once() {
        with_run(async |store| {
            let process = RecordedProcess {
                pid: 7,
                started: "123".into(),
            };
            for _ in 0..2 {
                let list = std::slice::from_ref(&process);
                store.record_processes(&id(1), list).await.unwrap();
            }
            assert_eq!(store.processes(&id(1)).await.unwrap(), [process]);
        });
    }
}
