//! What recent runs used, to suggest it again.

use rusqlite::Connection;

use crate::adapters::store::Store;
use crate::adapters::store::error::{Fault, StoreError};
use crate::domain::scrub::Scrubbed;

/// So many runs are looked at.
const RECENT: i64 = 200;

/// What recent runs used, each once, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Folders that were asked for.
    pub folders: Vec<Scrubbed>,
    /// Models, by the names under which they were asked for or used.
    pub models: Vec<Scrubbed>,
    /// Efforts.
    pub efforts: Vec<Scrubbed>,
}

impl Store {
    /// What recent runs used.
    pub async fn habits(&self) -> Result<Habits, StoreError> {
        self.read("look at what runs used", habits).await
    }
}

fn habits(conn: &Connection) -> Result<Habits, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT folder, asked ->> '$.model', found ->> '$.model', asked ->> '$.effort', found ->> '$.effort'
         FROM runs ORDER BY n DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([RECENT])?;
    let mut habits = Habits::default();
    while let Some(row) = rows.next()? {
        let used: [(&mut Vec<Scrubbed>, &[usize]); 3] = [
            (&mut habits.folders, &[0]),
            (&mut habits.models, &[1, 2]),
            (&mut habits.efforts, &[3, 4]),
        ];
        for (names, columns) in used {
            for column in columns {
                let name: Option<String> = row.get(*column)?;
                let name = name.map(Scrubbed::from_store);
                names.extend(name.filter(|name| !names.contains(name)));
            }
        }
    }
    Ok(habits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::store::testing::{ROOMY, block_on, run, scrubbed};
    use crate::domain::task::{Effort, ModelName};

    #[test]
    fn the_latest_comes_first_and_each_once() {
        block_on(async {
            let store = Store::in_memory().unwrap();
            assert_eq!(store.habits().await.unwrap(), Habits::default());
            let named = [("a", None), ("b", Some("o-1")), ("a", Some("o-2"))];
            for (n, (folder, model)) in (1..).zip(named) {
                let mut run = run(n);
                run.workspace.folder = scrubbed(folder);
                run.requested.model = model.map(|name| ModelName::parse(name).unwrap());
                run.requested.effort = Some(Effort::parse("high").unwrap());
                store.insert_run(run, ROOMY, "f".into()).await.unwrap();
            }
            let habits = store.habits().await.unwrap();
            let expected = Habits {
                folders: vec![scrubbed("a"), scrubbed("b")],
                models: vec![scrubbed("o-2"), scrubbed("o-1")],
                efforts: vec![scrubbed("high")],
            };
            assert_eq!(habits, expected);
        });
    }
}
