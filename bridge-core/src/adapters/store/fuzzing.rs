//! The way back from an outcome file, for the fuzz targets alone.

use std::cell::OnceCell;

use rusqlite::Connection;

use crate::adapters::store::connection;
use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::outcome::Keepsake;
use crate::adapters::store::run_rows;
use crate::domain::id::RunId;

/// Makes a run's row again from a file with this content, and reads the run back.
pub fn adopt(json: &[u8]) {
    thread_local!(static CONNECTION: OnceCell<Connection> = const { OnceCell::new() });
    let Ok(keepsake) = serde_json::from_slice::<Keepsake>(json) else {
        return;
    };
    let Ok(id) = RunId::parse(&keepsake.run.id) else {
        return;
    };
    CONNECTION.with(|connection| {
        let connection = connection
            .get_or_init(|| connection::open_in_memory().unwrap_or_else(|error| panic!("{error}")));
        let read = || -> Result<(), Fault> {
            let tx = connection.unchecked_transaction()?;
            run_rows::restore(&tx, &keepsake)?;
            run_rows::get_doc(&tx, &id)?.into_run()?;
            Ok(())
        };
        match read() {
            Ok(()) | Err(Fault::Refused(StoreError::Unreadable { .. })) => {}
            Err(Fault::Refused(error)) => panic!("{error:?}"),
            Err(Fault::Moved) => {}
            Err(Fault::Sql(error)) => panic!("{error:?}"),
        }
    });
}
