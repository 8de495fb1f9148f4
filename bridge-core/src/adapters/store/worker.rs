//! The threads that own the connections: one writes, one reads. Jobs go in by a channel, answers come out by another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::adapters::store::error::{Fault, StoreError};

/// What all threads of a store know.
#[derive(Debug)]
pub(super) struct Shared {
    /// Counts changes of the database, as far as they were noticed.
    pub(super) version: watch::Sender<u64>,
    /// How many wait for a change.
    pub(super) watchers: AtomicUsize,
}

impl Shared {
    pub(super) fn new() -> Arc<Shared> {
        Arc::new(Shared {
            version: watch::Sender::new(0),
            watchers: AtomicUsize::new(0),
        })
    }

    /// Tells those who wait that something changed.
    pub(super) fn changed(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    pub(super) fn is_watched(&self) -> bool {
        self.watchers.load(Ordering::Acquire) > 0
    }
}

/// How a job wants to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// On the disk at some time soon; survives the end of any process.
    Usual,
    /// On the disk before the answer.
    Synced,
}

/// Something to do with a connection. It can be run again, on another connection, until it is answered.
pub(super) trait Job: Send {
    /// What it does, for errors.
    fn doing(&self) -> &'static str;
    /// How it wants to be committed.
    fn care(&self) -> Care;
    /// Does it and keeps the result. An error is SQLite's; a refusal of ours is a result.
    fn run(&mut self, conn: &Connection) -> Result<Ran, Fault>;
    /// Gives the result to whoever waits, or the error that undid it.
    fn answer(self: Box<Self>, undone: Option<StoreError>);
}

/// Whether what a job wrote is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ran {
    /// It is to stay.
    Kept,
    /// It was refused in the middle.
    Refused,
}

struct Call<T, F> {
    doing: &'static str,
    care: Care,
    work: F,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Call<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, Fault> + Send,
{
    fn doing(&self) -> &'static str {
        self.doing
    }

    fn care(&self) -> Care {
        self.care
    }

    fn run(&mut self, conn: &Connection) -> Result<Ran, Fault> {
        match (self.work)(conn) {
            Ok(value) => {
                self.result = Some(Ok(value));
                Ok(Ran::Kept)
            }
            Err(Fault::Refused(error)) => {
                self.result = Some(Err(error));
                Ok(Ran::Refused)
            }
            Err(fault @ (Fault::Sql(_) | Fault::Moved)) => Err(fault),
        }
    }

    fn answer(self: Box<Self>, undone: Option<StoreError>) {
        let result = match undone {
            Some(error) => Err(error),
            None => self.result.unwrap_or(Err(StoreError::Closed)),
        };
        // Whoever asked may have gone away.
        self.reply.send(result).ok();
    }
}

/// What a thread is sent.
pub(super) enum Order {
    /// Do this.
    Do(Box<dyn Job>),
    /// Say when you get here.
    Mark(oneshot::Sender<()>),
    /// Somebody waits for a change: look for one, again and again.
    Look,
}

/// A thread with a connection.
#[derive(Debug)]
pub(super) struct Worker {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. It ends when the worker is dropped and everything that was sent before is done.
    pub(super) fn start(
        name: &str,
        body: impl FnOnce(&Receiver<Order>) + Send + 'static,
    ) -> std::io::Result<Worker> {
        let (orders, inbox) = std::sync::mpsc::channel();
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || body(&inbox))?;
        Ok(Worker {
            orders: Some(orders),
            thread: Some(thread),
        })
    }

    /// Has something done and waits for the result.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        doing: &'static str,
        care: Care,
        work: impl FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Order::Do(Box::new(Call {
            doing,
            care,
            work,
            result: None,
            reply,
        })));
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Waits until all that was sent before is done.
    pub(super) async fn flush(&self) {
        let (reply, done) = oneshot::channel();
        self.send(Order::Mark(reply));
        done.await.ok();
    }

    /// Sends an order. A thread that died does not take any: whoever waits for an answer sees it.
    pub(super) fn send(&self, order: Order) {
        if let Some(orders) = &self.orders {
            orders.send(order).ok();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("a thread of the store died");
        }
    }
}
