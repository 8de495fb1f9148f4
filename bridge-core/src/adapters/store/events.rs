//! The events of runs: numbered from 1 in each run, read page by page.

use rusqlite::{Connection, params};

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::event_doc;
use crate::adapters::store::run_rows;
use crate::adapters::store::words::{signed, unsigned};
use crate::domain::event::{Event, EventBody};
use crate::domain::id::RunId;
use crate::domain::run::Timestamp;

/// Events of one run, from a cursor on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventsPage {
    /// In order.
    pub events: Vec<Event>,
    /// Where the next page begins; the cursor that came in, if there is nothing after it.
    pub next_cursor: u64,
    /// Whether there are more events after these already.
    pub has_more: bool,
    /// Whether the run has ended.
    pub is_final: bool,
}

/// An event in the form in which it is kept.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    at: i64,
    pub(super) body: String,
}

/// An event's number has so many bits in its row's id; the rest is its run's number.
const SEQ_BITS: u32 = 24;

/// The id of the row of a run's event.
pub(super) fn row_id(n: i64, seq: i64) -> i64 {
    (n << SEQ_BITS) | seq
}

/// The greatest number that an event can have.
pub(super) const LAST_SEQ: i64 = (1 << SEQ_BITS) - 1;

/// Puts events into the form in which they are kept: work that needs no lock.
pub(super) fn prepare(events: &[(Timestamp, EventBody)]) -> Vec<Prepared> {
    let prepare = |(at, body): &(Timestamp, EventBody)| Prepared {
        at: at.0,
        body: event_doc::encode(body),
    };
    events.iter().map(prepare).collect()
}

/// Adds events after the one with the number `last_seq`.
pub(super) fn add(
    tx: &Connection,
    id: &RunId,
    n: i64,
    last_seq: i64,
    events: &[Prepared],
) -> Result<(), Fault> {
    if last_seq.saturating_add(signed(events.len() as u64)) > LAST_SEQ {
        return Err(StoreError::RunFull(id.clone()).into());
    }
    let mut statement =
        tx.prepare_cached("INSERT INTO events (id, at, body) VALUES (?1, ?2, ?3)")?;
    for (seq, event) in (last_seq + 1..).zip(events) {
        statement.execute(params![row_id(n, seq), event.at, event.body])?;
    }
    Ok(())
}

impl Store {
    /// The events after the one numbered `after`: at most `max_count`, and no more than fit into `max_bytes` as they
    /// are kept, but always one.
    pub async fn events(
        &self,
        id: &RunId,
        after: u64,
        max_count: usize,
        max_bytes: usize,
    ) -> Result<EventsPage, StoreError> {
        let id = id.clone();
        self.read("read events", move |conn| {
            page(conn, &id, after, max_count.max(1), max_bytes)
        })
        .await
    }
}

fn page(
    conn: &Connection,
    id: &RunId,
    after: u64,
    max_count: usize,
    max_bytes: usize,
) -> Result<EventsPage, Fault> {
    let head = run_rows::head(conn, id)?;
    let mut page = EventsPage {
        events: Vec::new(),
        next_cursor: after,
        has_more: false,
        is_final: head.state.is_final(),
    };
    let mut statement = conn
        .prepare_cached("SELECT id, at, body FROM events WHERE id > ?1 AND id <= ?2 ORDER BY id")?;
    let first = row_id(head.n, signed(after).min(LAST_SEQ));
    let mut rows = statement.query([first, row_id(head.n, LAST_SEQ)])?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let json = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        bytes += json.len();
        if page.events.len() >= max_count || (bytes > max_bytes && !page.events.is_empty()) {
            page.has_more = true;
            break;
        }
        let seq = unsigned(row.get::<_, i64>(0)? & LAST_SEQ);
        page.next_cursor = seq;
        page.events.push(Event {
            seq,
            at: Timestamp(row.get(1)?),
            body: event_doc::decode(json),
        });
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, id, message, run};
    use crate::domain::run::Progress;

    fn seqs(page: &EventsPage) -> Vec<u64> {
        page.events.iter().map(|event| event.seq).collect()
    }

    #[test]
    fn events_are_numbered_without_gaps_and_read_page_by_page() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            for n in [1, 2] {
                store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
            }
            for _ in 0..2 {
                for n in [1, 2] {
                    let two = vec![message("abc"), message("def")];
                    let added = store.append(&id(n), two, Progress::default()).await;
                    added.unwrap();
                }
            }
            let page = async |after, count, bytes| {
                let page = store.events(&id(1), after, count, bytes).await.unwrap();
                (seqs(&page), page.next_cursor, page.has_more)
            };
            assert_eq!(page(0, 10, 10_000).await, (vec![1, 2, 3, 4], 4, false));
            assert_eq!(page(0, 3, 10_000).await, (vec![1, 2, 3], 3, true));
            assert_eq!(page(3, 3, 10_000).await, (vec![4], 4, false));
            assert_eq!(page(4, 3, 10_000).await, (vec![], 4, false));
            assert_eq!(page(1, 10, 1).await, (vec![2], 2, true));
        });
    }
}
