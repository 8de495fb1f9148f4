//! Opens the database: looks before it writes, sets what each connection needs, and brings an older format up to date.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::adapters::store::error::{StoreError, classify, file_error};
use crate::adapters::store::place::{Place, sync_dir};
use crate::adapters::store::recover;
use crate::adapters::store::schema::{self, APPLICATION_ID, FORMAT};
use crate::domain::policy::FileId;

const DOING: &str = "open the database";

/// A connection, and the file that it is to: the path may name another one by now.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: Connection,
    pub(super) file: Option<FileId>,
}

impl Link {
    /// Whether to open the database anew: the path names another file by now, or the file could only be read, and
    /// nothing tells such a connection that this has changed.
    pub(super) fn is_stale(&self, place: &Place) -> bool {
        self.file != place.file() || self.conn.is_readonly(rusqlite::MAIN_DB).unwrap_or(true)
    }
}

/// What is found at the database's path.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A database that can be used as it is.
    Fit(Link),
    /// A database of an older version of the bridge.
    Older(Link),
    /// Something that can't be used, and why.
    Damaged(StoreError),
}

/// Opens the database; makes it, brings it up to date, or rebuilds it where it must.
pub(super) fn open(place: &Place) -> Result<Link, StoreError> {
    if let Found::Fit(link) = look(place)? {
        return Ok(link);
    }
    place.ensure()?;
    let lock = place.lock()?;
    // Another process may have done it while this one waited.
    match look(place)? {
        Found::Fit(link) => Ok(link),
        Found::Older(link) => {
            migrate(place, link.conn)?;
            recover::fit(place)
        }
        Found::Nothing if !place.leftovers() => {
            build(place, |new| {
                recover::fill_from_outcomes(place, new).map(drop)
            })?;
            publish(place)?;
            recover::fit(place)
        }
        Found::Nothing | Found::Damaged(_) => recover::rebuild(place, &lock),
    }
}

/// A database in memory, with the same tables.
pub(super) fn open_in_memory() -> Result<Connection, StoreError> {
    let wrap = |error| classify(DOING, Path::new(":memory:"), error);
    let mut conn = Connection::open_in_memory().map_err(wrap)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.pragma_update(None, "foreign_keys", true)
        .map_err(wrap)?;
    let tx = conn.transaction().map_err(wrap)?;
    schema::migrate(&tx).map_err(wrap)?;
    tx.commit().map_err(wrap)?;
    Ok(conn)
}

/// Looks what is there. Writes nothing, whatever it is.
pub(super) fn look(place: &Place) -> Result<Found, StoreError> {
    let path = place.db();
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(file_error("look at the database", path, error)),
        // For SQLite an empty file is a new database; ours are never born empty.
        Ok(meta) if meta.len() == 0 => {
            return Ok(Found::Damaged(damaged(place, "the file is empty")));
        }
        Ok(_) => {}
    }
    let file = place.file();
    match look_inside(place) {
        Ok((conn, Contents { application, .. })) if application != APPLICATION_ID => {
            drop(conn);
            Ok(Found::Damaged(damaged(
                place,
                "it is another program's database",
            )))
        }
        Ok((_, Contents { format, .. })) if format > FORMAT => Err(StoreError::Newer {
            doing: DOING,
            path: path.to_owned(),
            found: format,
            known: FORMAT,
        }),
        Ok((conn, Contents { format, .. })) => {
            let ready = format == FORMAT;
            match set_up(&conn) {
                Ok(()) if ready => Ok(Found::Fit(Link { conn, file })),
                Ok(()) => Ok(Found::Older(Link { conn, file })),
                Err(error) => sort(place, error),
            }
        }
        Err(error) => sort(place, error),
    }
}

fn sort(place: &Place, error: rusqlite::Error) -> Result<Found, StoreError> {
    match classify(DOING, place.db(), error) {
        damaged @ StoreError::Damaged { .. } => Ok(Found::Damaged(damaged)),
        // It was moved aside between two looks.
        StoreError::Unavailable { .. } if place.file().is_none() => Ok(Found::Nothing),
        other => Err(other),
    }
}

struct Contents {
    application: i64,
    format: i64,
}

fn look_inside(place: &Place) -> rusqlite::Result<(Connection, Contents)> {
    let result = connect(place, OpenFlags::SQLITE_OPEN_READ_WRITE, place.db()).and_then(read);
    let Err(error) = &result else {
        return result;
    };
    // In a folder that can't be written, SQLite can't make the files it needs beside the database; what the main
    // file holds can be read all the same.
    let cannot = matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly)
    );
    if !cannot {
        return result;
    }
    let Some(uri) = immutable_uri(place.db()) else {
        return result;
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    match connect(place, flags, &uri).and_then(read) {
        Ok(opened) => Ok(opened),
        Err(_) => result,
    }
}

fn connect(
    place: &Place,
    flags: OpenFlags,
    path: impl AsRef<Path>,
) -> rusqlite::Result<Connection> {
    let mut conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Whoever only looks must not move the log into the file when it goes.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    be_patient(&mut conn, place.options.busy_timeout)?;
    Ok(conn)
}

fn read(conn: Connection) -> rusqlite::Result<(Connection, Contents)> {
    let application = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let format = schema::format_of(&conn)?;
    Ok((
        conn,
        Contents {
            application,
            format,
        },
    ))
}

fn immutable_uri(path: &Path) -> Option<String> {
    let mut uri = "file:".to_owned();
    for byte in path.to_str()?.bytes() {
        match byte {
            b'?' | b'#' | b'%' => uri.push_str(&format!("%{byte:02x}")),
            _ => uri.push(char::from(byte)),
        }
    }
    uri.push_str("?immutable=1");
    path.is_absolute()
        .then_some(uri)
        .filter(|uri| uri.is_ascii())
}

/// SQLite's own way of waiting sleeps for up to 100 ms at a time; with a dozen processes that is what a wait costs.
fn be_patient(conn: &mut Connection, most: Duration) -> rusqlite::Result<()> {
    let mut since = Instant::now();
    conn.busy_handler(Some(move |tries: i32| {
        if tries == 0 {
            since = Instant::now();
        }
        let step = Duration::from_micros(200 * u64::from(tries.clamp(1, 25).unsigned_abs()));
        if since.elapsed() + step > most {
            return false;
        }
        thread::sleep(step);
        true
    }))
}

const STATEMENTS: usize = 64;

/// Sets what SQLite forgets with each connection. None of it is written to the file.
fn set_up(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch(
        "PRAGMA synchronous = NORMAL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;",
    )?;
    // These answer with a row.
    for pragma in [
        "PRAGMA secure_delete = ON",
        "PRAGMA journal_size_limit = 16777216",
    ] {
        conn.query_row(pragma, [], |_| Ok(()))?;
    }
    // Reads the tables' definitions, so that a damaged one is found now.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn migrate(place: &Place, mut conn: Connection) -> Result<(), StoreError> {
    let wrap = |error| classify("bring the database up to date", place.db(), error);
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(wrap)?;
    schema::migrate(&tx).map_err(wrap)?;
    tx.commit().map_err(wrap)
}

const MAKE: &str = "make the database";

/// Makes a new database under another name, and lets `fill` put in what there is. The caller holds the lock.
pub(super) fn build(
    place: &Place,
    fill: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let unborn = place.unborn();
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut stale = unborn.clone().into_os_string();
        stale.push(suffix);
        fs::remove_file(stale).ok();
    }
    File::options()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&unborn)
        .map_err(|error| file_error(MAKE, &unborn, error))?;
    let wrap = |error| classify(MAKE, &unborn, error);
    let mut conn =
        Connection::open_with_flags(&unborn, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(wrap)?;
    // Must come before the first table, and before the log.
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")
        .map_err(wrap)?;
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        .map_err(wrap)?;
    set_up(&conn).map_err(wrap)?;
    let tx = conn.transaction().map_err(wrap)?;
    schema::migrate(&tx).map_err(wrap)?;
    fill(&tx)?;
    tx.commit().map_err(wrap)?;
    conn.close().map_err(|(_, error)| wrap(error))?;
    fs::rename(&unborn, place.ready()).map_err(|error| file_error(MAKE, &unborn, error))
}

/// Gives a new database its name. The caller holds the lock, and nothing bears the name.
pub(super) fn publish(place: &Place) -> Result<(), StoreError> {
    fs::rename(place.ready(), place.db())
        .and_then(|()| sync_dir(place.db()))
        .map_err(|error| file_error(MAKE, place.db(), error))
}

/// An error for what SQLite would not call damaged.
pub(super) fn damaged(place: &Place, why: &str) -> StoreError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    classify(
        DOING,
        place.db(),
        rusqlite::Error::SqliteFailure(code, Some(why.to_owned())),
    )
}
