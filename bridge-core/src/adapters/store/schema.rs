//! The tables, and how a database gets from one format to the next.

use rusqlite::Connection;

/// Says whose database it is, in the file's header: "CxBr".
pub(super) const APPLICATION_ID: i64 = 0x4378_4272;

/// What leads from one format to the next. A released one is never edited, only followed by another.
pub(super) const MIGRATIONS: &[&str] = &[
    // An event's id is its run's number times 2^24 plus its own number: one tree, in which a run's events lie
    // side by side, and in which no number can come twice. Prompts and messages have tables of their own, because
    // SQLite writes a row anew as a whole, and the rows of live runs change many times a second.
    "
    CREATE TABLE runs (
        n           INTEGER PRIMARY KEY AUTOINCREMENT,
        id          TEXT    NOT NULL UNIQUE,
        kind        TEXT    NOT NULL,
        state       TEXT    NOT NULL,
        detail      TEXT,
        is_final    INTEGER NOT NULL,
        title       TEXT    NOT NULL,
        client      TEXT    NOT NULL,
        folder      TEXT    NOT NULL,
        request_id  TEXT,
        fingerprint TEXT    NOT NULL,
        created     INTEGER NOT NULL,
        started     INTEGER,
        ended       INTEGER,
        activity    TEXT,
        asked       TEXT    NOT NULL,
        found       TEXT    NOT NULL,
        last_seq    INTEGER NOT NULL,
        events      INTEGER NOT NULL,
        bytes       INTEGER NOT NULL,
        left_out    INTEGER NOT NULL,
        text_bytes  INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX runs_request ON runs (client, request_id) WHERE request_id IS NOT NULL;
    CREATE INDEX runs_live   ON runs (n, state) WHERE is_final = 0;
    CREATE INDEX runs_ended  ON runs (ended, n) WHERE is_final = 1;
    CREATE INDEX runs_state  ON runs (state);
    CREATE INDEX runs_client ON runs (client);

    CREATE TABLE prompts (
        run  INTEGER PRIMARY KEY REFERENCES runs (n) ON DELETE CASCADE,
        text TEXT NOT NULL
    ) STRICT;
    CREATE TABLE messages (
        run      INTEGER PRIMARY KEY REFERENCES runs (n) ON DELETE CASCADE,
        text     TEXT    NOT NULL,
        left_out INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE events (
        id   INTEGER PRIMARY KEY,
        at   INTEGER NOT NULL,
        body TEXT    NOT NULL
    ) STRICT;
    CREATE TABLE mail (
        n    INTEGER PRIMARY KEY AUTOINCREMENT,
        run  INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
        body TEXT    NOT NULL
    ) STRICT;
    CREATE INDEX mail_run ON mail (run, n);
    CREATE TABLE processes (
        run     INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
        pid     INTEGER NOT NULL,
        started TEXT    NOT NULL,
        PRIMARY KEY (run, pid, started)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
        n       INTEGER PRIMARY KEY AUTOINCREMENT,
        at      INTEGER NOT NULL,
        client  TEXT    NOT NULL,
        action  TEXT    NOT NULL,
        subject TEXT    NOT NULL,
        outcome TEXT    NOT NULL,
        detail  TEXT    NOT NULL
    ) STRICT;
    CREATE TABLE probes (
        n     INTEGER PRIMARY KEY AUTOINCREMENT,
        key   TEXT    NOT NULL UNIQUE,
        value TEXT    NOT NULL
    ) STRICT;
    CREATE TABLE notes (
        key   TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    ",
    // What a review found.
    "
    CREATE TABLE reviews (
        run INTEGER PRIMARY KEY REFERENCES runs (n) ON DELETE CASCADE,
        doc TEXT NOT NULL
    ) STRICT;
    ",
    // What a run is writing at this moment: one row that is replaced, and gone at the run's end.
    "
    CREATE TABLE live (
        run      INTEGER PRIMARY KEY REFERENCES runs (n) ON DELETE CASCADE,
        seq      INTEGER NOT NULL,
        item     TEXT    NOT NULL,
        kind     TEXT    NOT NULL,
        text     TEXT    NOT NULL,
        left_out INTEGER NOT NULL
    ) STRICT;
    ",
];

/// The format that this version writes.
pub(super) const FORMAT: i64 = MIGRATIONS.len() as i64;

/// Brings a database to [`FORMAT`], in the transaction that the caller holds.
pub(super) fn migrate(tx: &Connection) -> rusqlite::Result<()> {
    let from = format_of(tx)?;
    for migration in MIGRATIONS
        .iter()
        .skip(usize::try_from(from).unwrap_or(usize::MAX))
    {
        tx.execute_batch(migration)?;
    }
    tx.pragma_update(None, "user_version", FORMAT)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)
}

/// The format of a database.
pub(super) fn format_of(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA user_version")?
        .query_row([], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use super::*;

    /// FNV-1a, because it has to give the same number for ever.
    #[derive(Clone, Copy)]
    struct Fnv(u64);

    impl Hasher for Fnv {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }

    #[test]
    fn a_released_migration_is_never_edited() {
        let hashes: Vec<u64> = MIGRATIONS
            .iter()
            .map(|sql| {
                let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
                hash.write(sql.as_bytes());
                hash.finish()
            })
            .collect();
        assert_eq!(hashes, RELEASED);
    }

    /// One for each migration, in order. A new migration adds its own; the others stay as they are.
    const RELEASED: &[u64] = &[
        0xa601_adde_e2dc_0ee6,
        0x4241_a612_29a6_0939,
        0x7a93_0b7a_263d_6fa9,
    ];

    #[test]
    fn a_new_database_has_the_newest_format() {
        let mut conn = Connection::open_in_memory().unwrap();
        let tx = conn.transaction().unwrap();
        migrate(&tx).unwrap();
        tx.commit().unwrap();
        assert_eq!(format_of(&conn).unwrap(), FORMAT);
    }
}
