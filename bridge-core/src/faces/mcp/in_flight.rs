//! The requests that a client has sent and not been answered yet: no more than so many, so that a client that floods
//! or never reads fills its own pipe and not our memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::RequestId;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// So many requests are read before one of them has to be answered. Each takes up to some 200 KB, answer included.
const MOST: usize = 128;
/// Every call is answered within 45 s. Where none of so many was for longer, nobody reads the answers.
const STALLED: Duration = Duration::from_secs(60);

/// The requests whose answers are not written yet.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    /// How often each id is in use: a client may use one twice.
    ids: Mutex<HashMap<RequestId, usize>>,
    freed: Notify,
    /// Since when there is no room.
    full_since: Mutex<Option<Instant>>,
}

/// One that is over when this is dropped.
#[derive(Debug)]
pub(super) struct Answering {
    in_flight: Arc<InFlight>,
    id: RequestId,
}

impl InFlight {
    /// A request was read.
    pub(super) fn begin(&self, id: RequestId) {
        *lock(&self.ids).entry(id).or_default() += 1;
    }

    /// A request will not be answered any more: the client has cancelled it, or it has its answer.
    pub(super) fn end(&self, id: &RequestId) {
        let mut ids = lock(&self.ids);
        if let Some(count) = ids.get_mut(id) {
            *count -= 1;
            if *count == 0 {
                ids.remove(id);
            }
        }
        drop(ids);
        self.freed.notify_one();
    }

    /// The request is over when its answer is written, or can't be.
    pub(super) fn answering(self: &Arc<InFlight>, id: RequestId) -> Answering {
        Answering {
            in_flight: Arc::clone(self),
            id,
        }
    }

    /// Waits until there is room for one more. `false` says that there has been none for too long. Nothing is lost
    /// when the future is dropped, and it goes on to count from the same moment.
    pub(super) async fn room(&self) -> bool {
        loop {
            if lock(&self.ids).values().sum::<usize>() < MOST {
                *lock(&self.full_since) = None;
                return true;
            }
            let since = *lock(&self.full_since).get_or_insert_with(Instant::now);
            if timeout_at(since + STALLED, self.freed.notified())
                .await
                .is_err()
            {
                return false;
            }
            *lock(&self.full_since) = None;
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.in_flight.end(&self.id);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> RequestId {
        RequestId::Number(i64::try_from(number).unwrap())
    }

    async fn is_full(in_flight: &InFlight) -> bool {
        let short = Duration::from_millis(1);
        tokio::time::timeout(short, in_flight.room()).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_room_again_when_one_is_answered_or_cancelled() {
        let in_flight = Arc::new(InFlight::default());
        for number in 0..MOST {
            assert!(in_flight.room().await);
            in_flight.begin(id(number % 10));
        }
        assert!(is_full(&in_flight).await);
        drop(in_flight.answering(id(1)));
        assert!(in_flight.room().await);
        in_flight.begin(id(1000));
        assert!(is_full(&in_flight).await);
        in_flight.end(&id(4711));
        assert!(is_full(&in_flight).await);
        in_flight.end(&id(1000));
        assert!(in_flight.room().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_no_answer_for_too_long_is_given_up() {
        let in_flight = InFlight::default();
        for number in 0..MOST {
            in_flight.begin(id(number));
        }
        let begin = Instant::now();
        assert!(is_full(&in_flight).await);
        assert!(!in_flight.room().await);
        assert_eq!(begin.elapsed(), STALLED);
    }
}
