//! Copies what can still be read of a damaged database.

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Statement, params_from_iter};

use crate::adapters::store::place::Place;

/// The tables, in an order in which what is pointed at comes first, and the column by which to walk through each.
const TABLES: &[(&str, Option<&str>)] = &[
    ("runs", Some("n")),
    ("prompts", Some("run")),
    ("messages", Some("run")),
    ("reviews", Some("run")),
    ("events", Some("id")),
    ("mail", Some("n")),
    ("processes", None),
    ("audit", Some("n")),
    ("probes", Some("n")),
];

/// A greater number of a run is damage: its events' ids would not fit.
const MOST_RUNS: i64 = 1 << 38;

/// Opens a damaged database to copy from it, and keeps others from writing to it as far as that is possible.
pub(super) fn open(place: &Place) -> Option<Connection> {
    // SQLite takes an empty file for a new database, and then removes the log beside it.
    if std::fs::metadata(place.db()).ok()?.len() == 0 {
        return None;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(place.db(), flags).ok()?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .ok()?;
    conn.busy_timeout(place.options.busy_timeout).ok()?;
    if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
        tracing::warn!(%error, "could not lock the damaged database");
    }
    Some(conn)
}

/// Copies all rows that can be read.
pub(super) fn copy(old: &Connection, new: &Connection) {
    for (table, key) in TABLES {
        let copied = match key {
            Some(key) => copy_by_key(old, new, table, key),
            None => copy_while_readable(old, new, &format!("SELECT * FROM {table}"), table),
        };
        match copied {
            Ok(()) => {}
            Err(error) => tracing::warn!(table, %error, "could not read all of a damaged table"),
        }
    }
}

fn copy_while_readable(
    old: &Connection,
    new: &Connection,
    sql: &str,
    table: &str,
) -> rusqlite::Result<()> {
    let mut last = i64::MIN;
    let from = old.prepare(sql)?;
    copy_rows(new, table, from, None, &mut last)
}

/// Walks through a table, jumps over what can't be read, and in the end comes from the other side as well.
fn copy_by_key(old: &Connection, new: &Connection, table: &str, key: &str) -> rusqlite::Result<()> {
    let forth = format!("SELECT * FROM {table} NOT INDEXED WHERE {key} > ?1 ORDER BY {key}");
    let mut last = 0;
    let mut jump: i64 = 1;
    let mut first_error = None;
    loop {
        let before = last;
        let from = old.prepare(&forth)?;
        let Err(error) = copy_rows(new, table, from, Some(last), &mut last) else {
            break;
        };
        first_error.get_or_insert(error);
        jump = if last > before {
            1
        } else {
            jump.saturating_mul(2)
        };
        last = last.saturating_add(jump);
        if last == i64::MAX {
            break;
        }
    }
    let Some(error) = first_error else {
        return Ok(());
    };
    let back = format!("SELECT * FROM {table} NOT INDEXED ORDER BY {key} DESC");
    copy_while_readable(old, new, &back, table).ok();
    Err(error)
}

fn copy_rows(
    new: &Connection,
    table: &str,
    mut from: Statement<'_>,
    after: Option<i64>,
    last: &mut i64,
) -> rusqlite::Result<()> {
    let columns: Vec<String> = from.column_names().map(str::to_owned).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    // An older format has fewer columns; what is new has a default or the row is not taken.
    let mut into = new.prepare(&format!(
        "INSERT OR IGNORE INTO {table} ({}) VALUES ({marks})",
        columns.join(", ")
    ))?;
    let mut rows = from.query(params_from_iter(after))?;
    while let Some(row) = rows.next()? {
        let values = (0..columns.len())
            .map(|column| row.get::<_, Value>(column))
            .collect::<rusqlite::Result<Vec<Value>>>()?;
        if let Some(Value::Integer(key)) = values.first() {
            *last = *key;
            if table == "runs" && !(1..MOST_RUNS).contains(key) {
                continue;
            }
        }
        // A row that does not fit was damaged, or belongs to a run that was lost.
        if let Err(error) = into.execute(params_from_iter(values)) {
            let full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
            if full {
                return Err(error);
            }
        }
    }
    Ok(())
}
