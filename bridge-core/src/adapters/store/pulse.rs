//! Marks of what changes, for those who watch: equal marks, equal contents.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::glance;
use crate::adapters::store::words::signed;
use crate::domain::id::RunId;

/// The marks of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Anything about it.
    pub record: u64,
    /// Its events.
    pub events: u64,
    /// Its final message.
    pub message: u64,
    /// What was found out about it, and whether it is over.
    pub found: u64,
    /// Whether it is over.
    pub is_final: bool,
}

/// The marks of all runs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListPulse {
    /// Which runs are the newest.
    pub newest: u64,
    /// How they stand.
    pub rows: u64,
    /// Which runs wait and which are under way, and whether new ones have to wait.
    pub live: u64,
    /// Whether any does.
    pub is_live: bool,
}

impl Store {
    /// The marks of a run.
    pub async fn pulse(&self, id: &RunId) -> Result<Pulse, StoreError> {
        let id = id.clone();
        self.read("look at a run", move |conn| pulse(conn, &id))
            .await
    }

    /// The marks of the first `rows` runs of a list, and of which are its first `newest`.
    pub async fn list_pulse(&self, newest: usize, rows: usize) -> Result<ListPulse, StoreError> {
        self.read("look at the runs", move |conn| {
            list_pulse(conn, newest, rows)
        })
        .await
    }
}

fn pulse(conn: &Connection, id: &RunId) -> Result<Pulse, Fault> {
    let found = conn
        .prepare_cached(
            "SELECT last_seq, is_final, found, octet_length(m.text), m.left_out,
                 state, detail, started, ended, activity, events, bytes, r.left_out
             FROM runs r LEFT JOIN messages m ON m.run = r.n WHERE r.id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            let is_final: bool = row.get(1)?;
            Ok(Pulse {
                record: mark(row, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])?,
                events: mark(row, &[0, 1])?,
                message: mark(row, &[1, 3, 4])?,
                found: mark(row, &[1, 2])?,
                is_final,
            })
        })
        .optional()?;
    found.ok_or_else(|| StoreError::UnknownRun(id.clone()).into())
}

fn list_pulse(conn: &Connection, newest: usize, rows: usize) -> Result<ListPulse, Fault> {
    let mut newest_of = DefaultHasher::new();
    let mut rows_of = DefaultHasher::new();
    let mut statement = conn.prepare_cached(
        "SELECT n, state, detail, started, ended, activity, found FROM runs ORDER BY n DESC LIMIT ?1",
    )?;
    let mut found = statement.query([signed(rows.max(newest) as u64)])?;
    let mut count = 0;
    while let Some(row) = found.next()? {
        if count < newest {
            mark(row, &[0])?.hash(&mut newest_of);
        }
        if count < rows {
            mark(row, &[0, 1, 2, 3, 4, 5, 6])?.hash(&mut rows_of);
        }
        count += 1;
    }
    let mut live_of = DefaultHasher::new();
    glance::is_paused(conn)?.hash(&mut live_of);
    let mut is_live = false;
    let mut statement =
        conn.prepare_cached("SELECT n, state = 'queued' FROM runs WHERE is_final = 0")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        is_live = true;
        mark(row, &[0, 1])?.hash(&mut live_of);
    }
    Ok(ListPulse {
        newest: newest_of.finish(),
        rows: rows_of.finish(),
        live: live_of.finish(),
        is_live,
    })
}

/// A mark of some columns.
fn mark(row: &Row<'_>, columns: &[usize]) -> rusqlite::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for column in columns {
        match row.get_ref(*column)? {
            ValueRef::Null => 0_u8.hash(&mut hasher),
            ValueRef::Integer(number) => (1_u8, number).hash(&mut hasher),
            ValueRef::Real(number) => (2_u8, number.to_bits()).hash(&mut hasher),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => (3_u8, bytes).hash(&mut hasher),
        }
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{
        ROOMY, block_on, ending, full_run, id, message, run, scrubbed,
    };
    use crate::domain::run::{Message, Progress};
    use crate::domain::state::RunState;

    /// Which marks differ.
    fn moved(before: &Pulse, after: &Pulse) -> String {
        let pairs = [
            ("record", before.record, after.record),
            ("events", before.events, after.events),
            ("message", before.message, after.message),
            ("found", before.found, after.found),
        ];
        let moved = pairs.iter().filter(|(_, before, after)| before != after);
        moved.map(|(name, ..)| *name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_mark_moves_with_what_it_marks() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            store.insert_run(run(1), ROOMY, "f".into()).await.unwrap();
            let mut last = store.pulse(&id(1)).await.unwrap();
            let mut check = async |events, progress, expected: &str| {
                store.append(&id(1), events, progress).await.unwrap();
                let pulse = store.pulse(&id(1)).await.unwrap();
                assert_eq!(moved(&last, &pulse), expected);
                last = pulse;
            };
            check(vec![], Progress::default(), "").await;
            let progress = Progress {
                activity: Some(scrubbed("thinks")),
                ..Progress::default()
            };
            check(vec![], progress, "record").await;
            check(vec![message("a")], Progress::default(), "record events").await;
            let progress = Progress {
                thread: full_run(2).thread,
                ..Progress::default()
            };
            check(vec![], progress, "record found").await;
            let progress = Progress {
                message: Some(Message {
                    text: scrubbed("so far"),
                    left_out: 0,
                }),
                ..Progress::default()
            };
            check(vec![], progress, "record message").await;
            check(vec![], ending(), "record events message found").await;
            assert!(last.is_final);
            let unknown = store.pulse(&id(9)).await;
            assert!(matches!(unknown, Err(StoreError::UnknownRun(_))));
        });
    }

    #[test]
    fn the_marks_of_the_list_move_with_what_they_mark() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            let pulse = async || store.list_pulse(2, 3).await.unwrap();
            let none = pulse().await;
            assert!(!none.is_live);
            for n in 1..=4 {
                store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
            }
            let four = pulse().await;
            assert!(four.is_live && four.newest != none.newest && four.live != none.live);
            // The oldest is on no page.
            let progress = |text| Progress {
                activity: Some(scrubbed(text)),
                ..Progress::default()
            };
            store.append(&id(1), vec![], progress("a")).await.unwrap();
            assert_eq!(pulse().await, four);
            store.append(&id(4), vec![], progress("a")).await.unwrap();
            let busy = pulse().await;
            assert_eq!((busy.newest, busy.live), (four.newest, four.live));
            assert_ne!(busy.rows, four.rows);
            store.claim_turn(&id(4), 9).await.unwrap();
            assert_ne!(pulse().await.live, busy.live);
            let state = Some(RunState::Running);
            let running = Progress {
                state,
                ..Progress::default()
            };
            let live = pulse().await.live;
            store.append(&id(4), vec![], running).await.unwrap();
            assert_eq!(pulse().await.live, live);
        });
    }
}
