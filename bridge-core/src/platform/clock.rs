//! A clock for time limits: it counts while the machine sleeps, and setting the wall clock does not move it.

use std::ops::Add;
use std::time::Duration;

use tokio::time::sleep;

/// tokio's timers stand still while the machine sleeps, so after waking a limit is noticed with this delay at most.
const LONGEST_NAP: Duration = Duration::from_secs(5);

/// A moment since the machine was started, good for this boot only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Duration);

impl Moment {
    /// The present one.
    pub fn now() -> Self {
        Self(since_boot())
    }

    /// How much time passed from `earlier` to this moment; nothing if it lies behind.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// How much time is left from now until this moment; nothing once it has passed.
    pub fn left(self) -> Duration {
        self.since(Self::now())
    }

    /// Waits until this moment has come, however long the machine sleeps meanwhile.
    pub async fn come(self) {
        loop {
            let left = self.left();
            if left.is_zero() {
                return;
            }
            sleep(left.min(LONGEST_NAP)).await;
        }
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time))
    }
}

#[cfg(target_os = "linux")]
fn since_boot() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    // CLOCK_MONOTONIC stands still during suspend on Linux.
    let time = clock_gettime(ClockId::Boottime);
    duration(time.tv_sec, time.tv_nsec)
}

#[cfg(target_os = "macos")]
#[allow(unsafe_code, reason = "rustix does not offer this clock on macOS")]
fn since_boot() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // `mach_continuous_time` in nanoseconds. Here it is CLOCK_UPTIME_RAW (and std's Instant) that stands still during
    // sleep, and CLOCK_MONOTONIC that is bent by corrections of the wall clock.
    // SAFETY: the struct outlives the call, which can't fail for a clock that exists since 10.12.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_RAW, &raw mut time) };
    duration(time.tv_sec, time.tv_nsec)
}

fn duration(seconds: i64, nanoseconds: i64) -> Duration {
    let nanoseconds = u32::try_from(nanoseconds).unwrap_or(0);
    Duration::new(u64::try_from(seconds).unwrap_or(0), nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_never_go_back_and_differences_are_never_negative() {
        let first = Moment::now();
        let second = Moment::now();
        assert!(first <= second);
        assert_eq!(first.since(first + Duration::from_secs(9)), Duration::ZERO);
        assert_eq!(
            (first + Duration::from_secs(9)).since(first),
            Duration::from_secs(9)
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_is_the_time_since_boot_and_not_since_the_epoch() {
        let text = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = text.split(' ').next().unwrap().parse().unwrap();
        let difference = (Moment::now().0.as_secs_f64() - uptime).abs();
        assert!(difference < 60.0, "{difference}");
    }

    #[tokio::test]
    async fn a_moment_comes_no_earlier_than_it_should() {
        let then = Moment::now() + Duration::from_millis(30);
        then.come().await;
        assert!(Moment::now() >= then);
        then.come().await;
    }
}
