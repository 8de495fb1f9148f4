//! The rows of runs: made, changed, and read as a whole.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, named_params, params};

use crate::adapters::store::error::{Fault, StoreError};
use crate::adapters::store::events;
use crate::adapters::store::live;
use crate::adapters::store::outcome::Keepsake;
use crate::adapters::store::record::{AskedDoc, FoundDoc, MessageDoc, RunDoc};
use crate::adapters::store::review_doc::ReviewDoc;
use crate::adapters::store::words::{signed, state_of, state_words, unsigned};
use crate::domain::id::RunId;
use crate::domain::live::LiveChange;
use crate::domain::run::{Fate, Progress, Recorded, Run};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::RunState;

/// What decides whether and how a run's row may change.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) n: i64,
    pub(super) state: RunState,
    pub(super) last_seq: i64,
    pub(super) recorded: Recorded,
}

impl Head {
    /// The same when events up to `seq` were answered for: if the row knows of fewer, it comes from a database that
    /// was damaged, and a number that a client has seen must not come again.
    pub(super) fn after(mut self, seq: i64) -> Head {
        let lost = (seq - self.last_seq).max(0);
        self.last_seq += lost;
        self.recorded.left_out += unsigned(lost);
        self
    }
}

/// The run's number and state, or the refusal that it is unknown.
pub(super) fn head(conn: &Connection, id: &RunId) -> Result<Head, Fault> {
    let found = conn
        .prepare_cached(
            "SELECT n, state, detail, last_seq, events, bytes, left_out FROM runs WHERE id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            let (word, detail): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            let state = state_of(&word, detail.as_deref());
            let recorded = Recorded {
                events: unsigned(row.get(4)?),
                bytes: unsigned(row.get(5)?),
                left_out: unsigned(row.get(6)?),
            };
            Ok((row.get(0)?, state, row.get(3)?, recorded))
        })
        .optional()?;
    let (n, state, last_seq, recorded) = found.ok_or_else(|| StoreError::UnknownRun(id.clone()))?;
    let state = state.ok_or_else(|| StoreError::Unreadable {
        of: id.to_string(),
        what: "state".to_owned(),
    })?;
    Ok(Head {
        n,
        state,
        last_seq,
        recorded,
    })
}

/// The same for a run that may still change.
pub(super) fn live_head(conn: &Connection, id: &RunId) -> Result<Head, Fault> {
    let head = head(conn, id)?;
    if head.state.is_final() {
        return Err(StoreError::RunEnded(id.clone()).into());
    }
    Ok(head)
}

/// Adds a run's row and texts. `n` is its number and `last_seq` that of its last event, where it had them before.
pub(super) fn add(
    conn: &Connection,
    doc: &RunDoc,
    fingerprint: &str,
    n: Option<i64>,
    last_seq: i64,
) -> Result<i64, Fault> {
    let is_final = is_final(doc);
    conn.prepare_cached(
        "INSERT INTO runs (n, id, kind, state, detail, is_final, title, client, folder, request_id, fingerprint,
             created, started, ended, activity, asked, found, last_seq, events, bytes, left_out, text_bytes)
         VALUES (:n, :id, :kind, :state, :detail, :is_final, :title, :client, :folder, :request_id, :fingerprint,
             :created, :started, :ended, :activity, :asked, :found, :last_seq, :events, :bytes, :left_out, :text_bytes)",
    )?
    .execute(named_params! {
        ":n": n,
        ":id": doc.id,
        ":kind": doc.kind,
        ":state": doc.state,
        ":detail": doc.detail,
        ":is_final": is_final,
        ":title": doc.title,
        ":client": doc.client,
        ":folder": doc.folder,
        ":request_id": doc.request_id,
        ":fingerprint": fingerprint,
        ":created": doc.created,
        ":started": doc.started,
        ":ended": doc.ended,
        ":activity": doc.activity,
        ":asked": to_json(&doc.id, &doc.asked)?,
        ":found": to_json(&doc.id, &doc.found)?,
        ":last_seq": last_seq,
        ":events": doc.events,
        ":bytes": doc.bytes,
        ":left_out": doc.left_out,
        ":text_bytes": 0,
    })?;
    let n = conn.last_insert_rowid();
    conn.prepare_cached("INSERT INTO prompts (run, text) VALUES (?1, ?2)")?
        .execute(params![n, doc.prompt])?;
    if let Some(message) = &doc.message {
        put_message(conn, n, message)?;
    }
    if let Some(review) = &doc.review {
        put_review(conn, &doc.id, n, review)?;
    }
    weigh_texts(conn, n)?;
    Ok(n)
}

/// Adds a run's row again after it was lost, with its old number if that is free.
pub(super) fn restore(conn: &Connection, keepsake: &Keepsake) -> Result<(), Fault> {
    let mut run = keepsake.run.clone();
    if let Some(request_id) = &run.request_id
        && by_request(conn, &run.client, request_id)?.is_some()
    {
        run.request_id = None;
    }
    let taken: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM runs WHERE n = ?1)")?
        .query_row([keepsake.n], |row| row.get(0))?;
    let n = (!taken && keepsake.n > 0).then_some(keepsake.n);
    let n = add(conn, &run, &keepsake.fingerprint, n, keepsake.last_seq)?;
    recount(conn, n)
}

/// Makes a run's row say how many events there really are; what is missing was left out.
pub(super) fn recount(conn: &Connection, n: i64) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE runs SET events = found.count, bytes = found.bytes,
             left_out = left_out + max(events - found.count, 0),
             last_seq = max(last_seq, found.last - ?2)
         FROM (SELECT count(*) AS count, coalesce(sum(octet_length(body)), 0) AS bytes,
                   coalesce(max(id), ?2) AS last
               FROM events WHERE id BETWEEN ?2 AND ?3) AS found
         WHERE n = ?1",
    )?
    .execute([n, events::row_id(n, 0), events::row_id(n, events::LAST_SEQ)])?;
    Ok(())
}

/// What is kept of a run besides its events.
pub(super) fn keepsake(conn: &Connection, id: &RunId) -> Result<Keepsake, Fault> {
    let run = get_doc(conn, id)?;
    let (n, fingerprint, last_seq) = conn
        .prepare_cached("SELECT n, fingerprint, last_seq FROM runs WHERE id = ?1")?
        .query_row([id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    Ok(Keepsake {
        n,
        fingerprint,
        last_seq,
        run,
    })
}

/// Changes a run's row as its supervisor says.
pub(super) fn update(
    conn: &Connection,
    id: &RunId,
    head: &Head,
    progress: &Progress,
) -> Result<(), Fault> {
    let (state, detail) = state_words(progress.state.unwrap_or(head.state));
    let is_final = progress.state.is_some_and(RunState::is_final);
    conn.prepare_cached(
        "UPDATE runs SET state = :state, detail = :detail, is_final = :is_final,
             started = coalesce(:started, started), ended = coalesce(:ended, ended),
             activity = CASE WHEN :is_final THEN NULL ELSE coalesce(:activity, activity) END,
             last_seq = :last_seq, events = :events, bytes = :bytes, left_out = :left_out
         WHERE n = :n",
    )?
    .execute(named_params! {
        ":n": head.n,
        ":state": state,
        ":detail": detail,
        ":is_final": is_final,
        ":started": progress.started.map(|at| at.0),
        ":ended": progress.ended.map(|at| at.0),
        ":activity": progress.activity.as_ref().map(Scrubbed::as_str),
        ":last_seq": head.last_seq,
        ":events": signed(head.recorded.events),
        ":bytes": signed(head.recorded.bytes),
        ":left_out": signed(head.recorded.left_out),
    })?;
    match &progress.live {
        _ if is_final => live::clear(conn, head.n)?,
        Some(LiveChange::Over) => live::clear(conn, head.n)?,
        Some(LiveChange::Shows(live)) => live::put(conn, head.n, live)?,
        None => {}
    }
    if let Some(message) = &progress.message {
        put_message(conn, head.n, &MessageDoc::of(message))?;
    }
    if let Some(review) = &progress.review {
        put_review(conn, id.as_str(), head.n, &ReviewDoc::of(review))?;
    }
    if progress.message.is_some() || progress.review.is_some() {
        weigh_texts(conn, head.n)?;
    }
    update_found(conn, id, head.n, progress)
}

fn update_found(conn: &Connection, id: &RunId, n: i64, progress: &Progress) -> Result<(), Fault> {
    let Progress {
        applied,
        thread,
        codex,
        driver,
        usage,
        failure,
        exit,
        workspace,
        changes,
        question,
        state,
        started: _,
        ended: _,
        activity: _,
        live: _,
        message: _,
        review: _,
        left_out: _,
    } = progress;
    let anything = applied.is_some()
        || thread.is_some()
        || codex.is_some()
        || driver.is_some()
        || usage.is_some()
        || failure.is_some()
        || exit.is_some()
        || workspace.is_some()
        || changes.is_some()
        || question.is_some()
        || state.is_some_and(RunState::is_final);
    if !anything {
        return Ok(());
    }
    let json: String = conn
        .prepare_cached("SELECT found FROM runs WHERE n = ?1")?
        .query_row([n], |row| row.get(0))?;
    let mut found: FoundDoc = from_json(id.as_str(), "found", &json)?;
    found.take(progress);
    conn.prepare_cached("UPDATE runs SET found = ?2 WHERE n = ?1")?
        .execute(params![n, to_json(id.as_str(), &found)?])?;
    Ok(())
}

/// Writes down what became of the copy of a run that has ended.
pub(super) fn set_fate(conn: &Connection, id: &RunId, fate: &Fate) -> Result<(), Fault> {
    let head = head(conn, id)?;
    let (asked, found): (String, String) = conn
        .prepare_cached("SELECT asked, found FROM runs WHERE n = ?1")?
        .query_row([head.n], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let asked: AskedDoc = from_json(id.as_str(), "asked", &asked)?;
    let mut found: FoundDoc = from_json(id.as_str(), "found", &found)?;
    found.set_fate(&asked, fate);
    conn.prepare_cached("UPDATE runs SET found = ?2 WHERE n = ?1")?
        .execute(params![head.n, to_json(id.as_str(), &found)?])?;
    Ok(())
}

fn put_message(conn: &Connection, n: i64, message: &MessageDoc) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO messages (run, text, left_out) VALUES (?1, ?2, ?3)
         ON CONFLICT (run) DO UPDATE SET text = excluded.text, left_out = excluded.left_out",
    )?
    .execute(params![n, message.text, message.left_out])?;
    Ok(())
}

fn put_review(conn: &Connection, of: &str, n: i64, review: &ReviewDoc) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO reviews (run, doc) VALUES (?1, ?2)
         ON CONFLICT (run) DO UPDATE SET doc = excluded.doc",
    )?
    .execute(params![n, to_json(of, review)?])?;
    Ok(())
}

/// Makes a run's row say how large its texts are.
fn weigh_texts(conn: &Connection, n: i64) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE runs SET text_bytes = coalesce((SELECT octet_length(text) FROM prompts WHERE run = ?1), 0)
             + coalesce((SELECT octet_length(text) FROM messages WHERE run = ?1), 0)
             + coalesce((SELECT octet_length(doc) FROM reviews WHERE run = ?1), 0)
         WHERE n = ?1",
    )?
    .execute([n])?;
    Ok(())
}

const WHOLE: &str = "SELECT r.id, r.kind, r.state, r.detail, r.title, p.text, r.client, r.folder, r.request_id,
        r.created, r.started, r.ended, r.activity, m.text, m.left_out, r.asked, r.found, r.events, r.bytes,
        r.left_out, v.doc
    FROM runs r LEFT JOIN prompts p ON p.run = r.n LEFT JOIN messages m ON m.run = r.n
        LEFT JOIN reviews v ON v.run = r.n";

/// A run, as a whole.
pub(super) fn get(conn: &Connection, id: &RunId) -> Result<Run, Fault> {
    Ok(get_doc(conn, id)?.into_run()?)
}

/// A run's record, as a whole.
pub(super) fn get_doc(conn: &Connection, id: &RunId) -> Result<RunDoc, Fault> {
    let mut statement = conn.prepare_cached(&format!("{WHOLE} WHERE r.id = ?1"))?;
    let mut rows = statement.query([id.as_str()])?;
    match rows.next()? {
        Some(row) => whole(row),
        None => Err(StoreError::UnknownRun(id.clone()).into()),
    }
}

/// All runs that have not ended, oldest first.
pub(super) fn live(conn: &Connection) -> Result<Vec<Run>, Fault> {
    let statement = conn.prepare_cached(&format!("{WHOLE} WHERE r.is_final = 0 ORDER BY r.n"))?;
    all(statement)
}

/// The run that a client made under a request id, with the request's fingerprint.
pub(super) fn by_request(
    conn: &Connection,
    client: &str,
    request_id: &str,
) -> Result<Option<(RunId, String)>, Fault> {
    let found: Option<(String, String)> = conn
        .prepare_cached("SELECT id, fingerprint FROM runs WHERE client = ?1 AND request_id = ?2")?
        .query_row([client, request_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, fingerprint)) = found else {
        return Ok(None);
    };
    Ok(Some((run_id(&id)?, fingerprint)))
}

fn all(mut statement: CachedStatement<'_>) -> Result<Vec<Run>, Fault> {
    let mut rows = statement.query([])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        // One unreadable record must not hide the others.
        match whole(row).and_then(|doc| Ok(doc.into_run()?)) {
            Ok(run) => runs.push(run),
            Err(Fault::Refused(error)) => tracing::error!(%error, "left out a run"),
            Err(fault) => return Err(fault),
        }
    }
    Ok(runs)
}

fn whole(row: &Row<'_>) -> Result<RunDoc, Fault> {
    let id: String = row.get(0)?;
    let message: Option<String> = row.get(13)?;
    let left_out: Option<i64> = row.get(14)?;
    let (asked, found): (String, String) = (row.get(15)?, row.get(16)?);
    let asked: AskedDoc = from_json(&id, "asked", &asked)?;
    let found: FoundDoc = from_json(&id, "found", &found)?;
    let review: Option<String> = row.get(20)?;
    let review = review.map(|json| from_json(&id, "review", &json));
    Ok(RunDoc {
        kind: row.get(1)?,
        state: row.get(2)?,
        detail: row.get(3)?,
        title: row.get(4)?,
        prompt: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
        client: row.get(6)?,
        folder: row.get(7)?,
        request_id: row.get(8)?,
        created: row.get(9)?,
        started: row.get(10)?,
        ended: row.get(11)?,
        activity: row.get(12)?,
        message: message.map(|text| MessageDoc {
            text,
            left_out: left_out.unwrap_or(0),
        }),
        review: review.transpose()?,
        asked,
        found,
        events: row.get(17)?,
        bytes: row.get(18)?,
        left_out: row.get(19)?,
        id,
    })
}

/// Whether a record says that the run is over.
pub(super) fn is_final(doc: &RunDoc) -> bool {
    state_of(&doc.state, doc.detail.as_deref()).is_some_and(RunState::is_final)
}

/// Reads a run's id as the database keeps it.
pub(super) fn run_id(text: &str) -> Result<RunId, StoreError> {
    RunId::parse(text).map_err(|_| StoreError::Unreadable {
        of: text.to_owned(),
        what: "id".to_owned(),
    })
}

/// Reads a JSON column.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(
    of: &str,
    column: &str,
    json: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::Unreadable {
        of: of.to_owned(),
        what: format!("{column}: {error}"),
    })
}

/// Writes a JSON column.
pub(super) fn to_json<T: serde::Serialize>(of: &str, doc: &T) -> Result<String, StoreError> {
    serde_json::to_string(doc).map_err(|error| StoreError::Unreadable {
        of: of.to_owned(),
        what: error.to_string(),
    })
}
