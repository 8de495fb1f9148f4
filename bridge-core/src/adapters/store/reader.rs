//! The thread that reads, and that notices what other processes write while somebody waits for it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::session::Session;
use crate::adapters::store::worker::{Job, Order, Shared};

/// How often it looks for what others wrote, while somebody waits. A look takes some 10 µs; half of this is what an
/// event waits on average.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Takes jobs and does them, until nobody can send any.
pub(super) fn read(mut session: Session, inbox: &Receiver<Order>, shared: &Arc<Shared>) {
    let mut seen = None;
    let mut looked = Instant::now();
    loop {
        let order = if shared.is_watched() {
            inbox.recv_timeout(LOOK_EVERY.saturating_sub(looked.elapsed()))
        } else {
            inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match order {
            Ok(Order::Do(job)) => answer(&mut session, job),
            Ok(Order::Mark(mark)) => {
                mark.send(()).ok();
            }
            Ok(Order::Look) | Err(RecvTimeoutError::Timeout) => {
                looked = Instant::now();
                look(&mut session, &mut seen, shared);
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn answer(session: &mut Session, mut job: Box<dyn Job>) {
    let done = session.with(job.doing(), |conn, _| {
        // One snapshot for all that a job reads.
        conn.execute_batch("BEGIN")?;
        let ran = job.run(conn);
        let ended = conn.execute_batch("COMMIT");
        ran?;
        ended.map_err(Fault::from)
    });
    job.answer(done.err());
}

fn look(session: &mut Session, seen: &mut Option<i64>, shared: &Arc<Shared>) {
    // Another file has other numbers, which is news as well.
    match session.with("look for changes", |conn, _| Ok(data_version(conn)?)) {
        Ok(version) if *seen == Some(version) => {}
        Ok(version) => {
            *seen = Some(version);
            shared.changed();
        }
        // Whoever waits finds out when he reads.
        Err(StoreError::Locked { .. }) => {}
        Err(_) => shared.changed(),
    }
}

fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))
}
