//! The thread that writes. What is queued when it comes to it goes into one transaction.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use rusqlite::Connection;

use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::schema::{self, FORMAT};
use crate::adapters::store::session::Session;
use crate::adapters::store::worker::{Care, Job, Order, Ran, Shared};

/// Jobs in one transaction: no more, so that other processes get their turn.
const BATCH: usize = 64;

/// Takes jobs and does them, until nobody can send any.
pub(super) fn write(mut session: Session, inbox: &Receiver<Order>, shared: &Arc<Shared>) {
    while let Ok(first) = inbox.recv() {
        let mut batch: Vec<Box<dyn Job>> = Vec::new();
        let mut marks = Vec::new();
        let mut next = Some(first);
        while let Some(order) = next {
            match order {
                Order::Do(job) => batch.push(job),
                Order::Mark(mark) => marks.push(mark),
                Order::Look => {}
            }
            next = if batch.len() < BATCH {
                inbox.try_recv().ok()
            } else {
                None
            };
        }
        if !batch.is_empty() {
            write_batch(&mut session, batch, shared);
        }
        for mark in marks {
            mark.send(()).ok();
        }
    }
}

fn write_batch(session: &mut Session, mut batch: Vec<Box<dyn Job>>, shared: &Arc<Shared>) {
    let together = attempt(session, &mut batch);
    let alone = match &together {
        // Nothing was begun, so each job alone would fail in the same way, after the same wait.
        Err(error) => batch.len() > 1 && !matches!(error, StoreError::Locked { .. }),
        Ok(()) => false,
    };
    if alone {
        for job in batch {
            write_batch(session, vec![job], shared);
        }
        return;
    }
    if together.is_ok() {
        shared.changed();
    }
    for job in batch {
        job.answer(together.as_ref().err().cloned());
    }
}

fn attempt(session: &mut Session, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let doing = batch.first().map_or("write", |job| job.doing());
    let path = session.path();
    session.with(doing, |conn, is_current| {
        let synced = batch.iter().any(|job| job.care() == Care::Synced);
        if !synced {
            return transact(conn, is_current, &path, doing, batch);
        }
        conn.execute_batch("PRAGMA synchronous = FULL")?;
        let done = transact(conn, is_current, &path, doing, batch);
        conn.execute_batch("PRAGMA synchronous = NORMAL")?;
        if done.is_ok() {
            // From the log into the file itself. Readers may keep it from that: the next one does it then.
            if let Err(error) = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
                tracing::warn!(%error, "could not move the log into the database");
            }
        }
        done
    })
}

fn transact(
    conn: &Connection,
    is_current: &dyn Fn() -> bool,
    path: &Path,
    doing: &'static str,
    batch: &mut [Box<dyn Job>],
) -> Result<(), Fault> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = run_all(conn, is_current, path, doing, batch);
    let end = match done {
        Ok(Ran::Kept) => conn.execute_batch("COMMIT").map_err(Fault::from),
        Ok(Ran::Refused) => conn.execute_batch("ROLLBACK").map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    // After some errors SQLite has rolled back by itself.
    if end.is_err() && !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK").ok();
    }
    end
}

fn run_all(
    conn: &Connection,
    is_current: &dyn Fn() -> bool,
    path: &Path,
    doing: &'static str,
    batch: &mut [Box<dyn Job>],
) -> Result<Ran, Fault> {
    // Whoever replaces the database holds the old one's write lock meanwhile, so from here on this is certain.
    if !is_current() {
        return Err(Fault::Moved);
    }
    let found = schema::format_of(conn)?;
    if found > FORMAT {
        return Err(Fault::Refused(StoreError::Newer {
            doing,
            path: path.to_owned(),
            found,
            known: FORMAT,
        }));
    }
    if let [only] = batch {
        return only.run(conn);
    }
    for job in batch {
        conn.execute_batch("SAVEPOINT job")?;
        if job.run(conn)? == Ran::Refused {
            conn.execute_batch("ROLLBACK TO job")?;
        }
        conn.execute_batch("RELEASE job")?;
    }
    Ok(Ran::Kept)
}
