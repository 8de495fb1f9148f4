//! Which runs worked in which Codex thread, and what was answered to a request before.

use std::collections::HashMap;

use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::run_rows::{self, run_id};
use crate::adapters::store::{Inserted, Store};
use crate::domain::id::{RequestId, RunId, ThreadId};
use crate::domain::scrub::Scrubbed;

impl Store {
    /// The latest run of each of these threads that has one.
    pub async fn runs_of_threads(
        &self,
        threads: Vec<ThreadId>,
    ) -> Result<HashMap<ThreadId, RunId>, StoreError> {
        self.read("look for the runs of threads", move |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT id, found ->> '$.thread' AS thread FROM runs WHERE thread IS NOT NULL ORDER BY n",
            )?;
            let mut rows = statement.query([])?;
            let mut found = HashMap::new();
            while let Some(row) = rows.next()? {
                let (id, thread): (String, String) = (row.get(0)?, row.get(1)?);
                if let Some(thread) = threads.iter().find(|asked| asked.as_str() == thread) {
                    found.insert(thread.clone(), run_id(&id)?);
                }
            }
            Ok::<_, Fault>(found)
        })
        .await
    }

    /// What [`Store::insert_run`] would answer to a request that came before; `None` if it did not.
    pub async fn answer_before(
        &self,
        client: &Scrubbed,
        request: &RequestId,
        fingerprint: String,
    ) -> Result<Option<Inserted>, StoreError> {
        let (client, request) = (client.clone(), request.clone());
        self.read("look for a request", move |conn| {
            let before = run_rows::by_request(conn, client.as_str(), request.as_str())?;
            Ok::<_, Fault>(match before {
                None => None,
                Some((id, known)) if known == fingerprint => {
                    Some(Inserted::Existing(Box::new(run_rows::get(conn, &id)?)))
                }
                Some((id, _)) => Some(Inserted::Conflict(id)),
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, run};

    fn thread(number: u32) -> ThreadId {
        ThreadId::parse(&format!("01a20439-0000-7000-8000-{number:012}")).unwrap()
    }

    #[test]
    fn the_latest_run_of_a_thread_is_found() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            for (number, of) in [(1, Some(7)), (2, None), (3, Some(7)), (4, Some(8))] {
                let mut run = run(number);
                run.thread = of.map(thread);
                store.insert_run(run, ROOMY, "f".into()).await.unwrap();
            }
            let found = store.runs_of_threads(vec![thread(7), thread(9)]).await;
            assert_eq!(found.unwrap(), HashMap::from([(thread(7), run(3).id)]));
        });
    }

    #[test]
    fn a_request_that_came_before_is_known_without_a_new_run() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            let mut run = run(1);
            let request = RequestId::parse("r").unwrap();
            run.request_id = Some(request.clone());
            let ask = async |fingerprint: &str| {
                let client = &run.caller.client;
                let answer = store.answer_before(client, &request, fingerprint.into());
                answer.await.unwrap()
            };
            assert_eq!(ask("f").await, None);
            let insert = store.insert_run(run.clone(), ROOMY, "f".into());
            assert_eq!(insert.await.unwrap(), Inserted::New);
            let existing = Inserted::Existing(Box::new(run.clone()));
            assert_eq!(ask("f").await, Some(existing));
            assert_eq!(ask("g").await, Some(Inserted::Conflict(run.id.clone())));
        });
    }
}
