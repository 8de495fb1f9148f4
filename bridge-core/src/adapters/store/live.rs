//! What runs are writing at this moment: a row for each that writes, and none else.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::words::{signed, unsigned};
use crate::domain::id::RunId;
use crate::domain::live::{Live, LiveKind};
use crate::domain::scrub::Scrubbed;

impl Store {
    /// What a run is writing at this moment, if anything.
    pub async fn live(&self, id: &RunId) -> Result<Option<Live>, StoreError> {
        let id = id.clone();
        self.read("read what is being written", move |conn| get(conn, &id))
            .await
    }

    /// The number of what a run is writing; 0 where it writes nothing.
    pub async fn live_seq(&self, id: &RunId) -> Result<u64, StoreError> {
        let id = id.clone();
        self.read("look whether anything is being written", move |conn| {
            let seq = conn
                .prepare_cached(
                    "SELECT seq FROM live WHERE run = (SELECT n FROM runs WHERE id = ?1)",
                )?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()?;
            Ok(seq.map_or(0, unsigned))
        })
        .await
    }
}

pub(super) fn put(conn: &Connection, n: i64, live: &Live) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO live (run, seq, item, kind, text, left_out) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        n,
        signed(live.seq),
        live.item.as_str(),
        live.kind.as_str(),
        live.text.as_str(),
        signed(live.left_out),
    ])?;
    Ok(())
}

pub(super) fn clear(conn: &Connection, n: i64) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM live WHERE run = ?1")?
        .execute([n])?;
    Ok(())
}

fn get(conn: &Connection, id: &RunId) -> Result<Option<Live>, Fault> {
    let found = conn
        .prepare_cached(
            "SELECT seq, item, kind, text, left_out FROM live WHERE run = (SELECT n FROM runs WHERE id = ?1)",
        )?
        .query_row([id.as_str()], |row| {
            let kind: String = row.get(2)?;
            let live = |kind| -> rusqlite::Result<Live> {
                Ok(Live {
                    seq: unsigned(row.get(0)?),
                    item: Scrubbed::from_store(row.get(1)?),
                    kind,
                    text: Scrubbed::from_store(row.get(3)?),
                    left_out: unsigned(row.get(4)?),
                })
            };
            kind_of(&kind).map(live).transpose()
        })
        .optional()?;
    Ok(found.flatten())
}

fn kind_of(word: &str) -> Option<LiveKind> {
    let kinds = [LiveKind::Message, LiveKind::Reasoning, LiveKind::Output];
    kinds.into_iter().find(|kind| kind.as_str() == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, ending, id, message, run, scrubbed};
    use crate::domain::live::LiveChange;
    use crate::domain::run::Progress;

    fn writes(seq: u64, kind: LiveKind) -> (Live, Progress) {
        let live = Live {
            seq,
            item: scrubbed("item_1"),
            kind,
            text: scrubbed("so far"),
            left_out: 3,
        };
        let progress = Progress {
            live: Some(LiveChange::Shows(live.clone())),
            ..Progress::default()
        };
        (live, progress)
    }

    #[test]
    fn what_is_being_written_is_replaced_and_goes() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            for n in 1..=2 {
                store.insert_run(run(n), ROOMY, "f".into()).await.unwrap();
            }
            assert_eq!(store.live(&id(1)).await.unwrap(), None);
            for (seq, kind) in [LiveKind::Message, LiveKind::Reasoning, LiveKind::Output]
                .into_iter()
                .enumerate()
            {
                let (live, progress) = writes(seq as u64, kind);
                let recorded = store.append(&id(1), vec![], progress).await.unwrap();
                assert_eq!(store.live_seq(&id(1)).await.unwrap(), live.seq);
                assert_eq!(store.live(&id(1)).await.unwrap(), Some(live));
                assert_eq!((recorded.events, recorded.bytes), (0, 0));
            }
            // Other changes leave it, and other runs have their own.
            store
                .append(&id(1), vec![message("a")], Progress::default())
                .await
                .unwrap();
            assert!(store.live(&id(1)).await.unwrap().is_some());
            assert_eq!(store.live(&id(2)).await.unwrap(), None);
            let over = Progress {
                live: Some(LiveChange::Over),
                ..Progress::default()
            };
            store.append(&id(1), vec![], over).await.unwrap();
            assert_eq!(store.live(&id(1)).await.unwrap(), None);
            assert_eq!(store.live(&id(9)).await.unwrap(), None);
        });
    }

    #[test]
    fn nothing_is_left_of_it_when_the_run_is_over() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            store.insert_run(run(1), ROOMY, "f".into()).await.unwrap();
            let (_, progress) = writes(1, LiveKind::Output);
            store.append(&id(1), vec![], progress).await.unwrap();
            store.append(&id(1), vec![], ending()).await.unwrap();
            assert_eq!(store.live(&id(1)).await.unwrap(), None);
        });
    }
}
