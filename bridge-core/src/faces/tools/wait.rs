//! Waiting inside a call: short steps, progress for clients that want it, and an early return when nobody waits any
//! more. Ending a wait never ends a run.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::live::Live;
use crate::domain::run::Run;

/// The longest wait. Some clients give up on a call after 60 s, whatever progress it makes.
pub(crate) const MAX_WAIT_S: u32 = 45;
/// How often a waiting client hears of the run; it has to be at least every 10 s.
const STEP: Duration = Duration::from_secs(8);
/// So much of what is being written is told, in bytes.
const LIVE_LINE: usize = 160;
/// A look that was over sooner did not wait.
const SHORT: Duration = Duration::from_millis(100);

/// What a call needs to know to wait.
pub(crate) struct Wait {
    /// Cancelled when the client cancels the call.
    pub(crate) call: CancellationToken,
    /// Cancelled when the session ends.
    pub(crate) closing: CancellationToken,
    /// Tells the client, if it asked for that.
    pub(crate) tell: Option<Tell>,
}

/// Tells a client how far its call is.
pub(crate) type Tell =
    Box<dyn Fn(Progress) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How far a call is.
pub(crate) struct Progress {
    /// How long it has waited.
    pub(crate) elapsed: Duration,
    /// How long it waits at most.
    pub(crate) limit: Duration,
    /// What is happening, in one line.
    pub(crate) activity: String,
}

/// What a look at the run brought.
pub(crate) struct Look<T> {
    /// What was seen.
    pub(crate) seen: T,
    /// Whether it is worth an answer.
    pub(crate) is_news: bool,
    /// What is happening, in one line.
    pub(crate) activity: String,
    /// Whether that is new, and the client is to be told at once.
    pub(crate) is_live: bool,
}

/// What of the text that is being written a waiting client has heard.
#[derive(Debug, Default)]
pub(crate) struct Heard(AtomicU64);

impl Heard {
    /// The number of the text that was heard last.
    pub(crate) fn seq(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// The end of the text in one line, where it is another one.
    pub(crate) fn news(&self, live: Option<&Live>) -> Option<String> {
        let now = live.map_or(0, |live| live.seq);
        let before = self.0.swap(now, Ordering::Relaxed);
        let live = live.filter(|live| live.seq != before)?;
        Some(live.line(LIVE_LINE).into_string())
    }
}

/// What a run is doing, in one line.
pub(crate) fn activity(run: &Run) -> String {
    match &run.activity {
        Some(activity) => activity.as_str().to_owned(),
        None => run.state.as_str().to_owned(),
    }
}

impl Wait {
    /// For those who want no progress and wait until the end of the process.
    pub(crate) fn quiet() -> Wait {
        Wait {
            call: CancellationToken::new(),
            closing: CancellationToken::new(),
            tell: None,
        }
    }

    /// Looks again and again, each time for as long as `look` is told, until there is news or the time is over.
    ///
    /// Looks at least once. `None` where the client or the session went before the first look was over.
    pub(crate) async fn for_news<T, E, F>(
        &self,
        limit: Duration,
        mut look: impl FnMut(Duration) -> F,
    ) -> Result<Option<T>, E>
    where
        F: Future<Output = Result<Look<T>, E>>,
    {
        let begun = Instant::now();
        let mut last = None;
        loop {
            let looking = Instant::now();
            let rest = limit.saturating_sub(begun.elapsed());
            let looked = tokio::select! {
                looked = look(rest.min(STEP)) => looked?,
                () = self.nobody_waits() => return Ok(last),
            };
            if looked.is_news || begun.elapsed() >= limit {
                return Ok(Some(looked.seen));
            }
            last = Some(looked.seen);
            if !looked.is_live && looking.elapsed() < SHORT {
                // Woken for something that is no news to this call: neither spin nor flood the client.
                tokio::time::sleep(SHORT).await;
            } else {
                self.tell(begun.elapsed(), limit, looked.activity).await;
            }
        }
    }

    /// Waits for something that can't be done in steps, and tells the client that it is still under way.
    ///
    /// `None` where it was not over in time or nobody waits any more. What has to go on then is a task of its own.
    pub(crate) async fn for_end<T>(
        &self,
        limit: Duration,
        activity: &str,
        end: impl Future<Output = T>,
    ) -> Option<T> {
        let begun = Instant::now();
        tokio::pin!(end);
        loop {
            let rest = limit.saturating_sub(begun.elapsed());
            if rest.is_zero() {
                return None;
            }
            tokio::select! {
                done = &mut end => return Some(done),
                () = self.nobody_waits() => return None,
                () = tokio::time::sleep(rest.min(STEP)) => {
                    self.tell(begun.elapsed(), limit, activity.to_owned()).await;
                }
            }
        }
    }

    async fn nobody_waits(&self) {
        tokio::select! {
            () = self.call.cancelled() => {}
            () = self.closing.cancelled() => {}
        }
    }

    async fn tell(&self, elapsed: Duration, limit: Duration, activity: String) {
        let Some(tell) = &self.tell else {
            return;
        };
        let progress = Progress {
            elapsed,
            limit,
            activity,
        };
        // At the end of the session nobody takes it any more, and it would wait for ever.
        tokio::select! {
            () = tell(progress) => {}
            () = self.nobody_waits() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    fn wait() -> Wait {
        Wait::quiet()
    }

    /// Looks that see their own number; the one with the number `news` has news.
    async fn watch(wait: &Wait, limit: u64, news: u32, early: bool) -> (Option<u32>, u32) {
        let looks = Cell::new(0);
        let look = async |step| -> Result<_, Infallible> {
            looks.set(looks.get() + 1);
            if !early {
                tokio::time::sleep(step).await;
            }
            Ok(Look {
                seen: looks.get(),
                is_news: looks.get() == news,
                activity: String::new(),
                is_live: false,
            })
        };
        let Ok(seen) = wait.for_news(Duration::from_secs(limit), look).await;
        (seen, looks.get())
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_looks_once_even_without_time() {
        assert_eq!(watch(&wait(), 0, 9, false).await, (Some(1), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_the_first_news() {
        let begun = Instant::now();
        assert_eq!(watch(&wait(), 45, 2, false).await, (Some(2), 2));
        assert_eq!(begun.elapsed(), 2 * STEP);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_its_time() {
        let begun = Instant::now();
        assert_eq!(watch(&wait(), 45, 99, false).await, (Some(6), 6));
        assert_eq!(begun.elapsed().as_secs(), 45);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_does_not_spin_when_it_is_woken_for_nothing() {
        let (_, looks) = watch(&wait(), 45, 9_999, true).await;
        assert!(looks <= 460, "{looks}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_when_nobody_waits_any_more() {
        let (cancelled, over) = (wait(), wait());
        let begun = Instant::now();
        let watching = async {
            tokio::join!(
                watch(&cancelled, 45, 99, false),
                watch(&over, 45, 99, false)
            )
        };
        let ending = async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            cancelled.call.cancel();
            over.closing.cancel();
        };
        let (seen, ()) = tokio::join!(watching, ending);
        assert_eq!(seen, ((Some(1), 2), (Some(1), 2)));
        assert_eq!(begun.elapsed().as_secs(), 10);
    }
}
