//! Who is told news. A watch ends with its window, with its run, or for a newer one; nothing lingers.

use std::collections::BTreeMap;

use tokio_util::sync::CancellationToken;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// How everything stands.
    Status,
    /// The MCP clients.
    Clients,
    /// The news of one run.
    Run,
}

/// One that began.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    /// By which it is ended.
    pub(crate) number: u64,
    /// Resolves when it ends.
    pub(crate) end: CancellationToken,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    last: u64,
    kept: BTreeMap<u64, Kept>,
}

#[derive(Debug)]
struct Kept {
    window: String,
    subject: Subject,
    end: CancellationToken,
}

impl Watches {
    /// A window watches at most so many runs at once; the oldest watch ends for a new one.
    const RUNS: usize = 16;

    /// Begins one for a window. Its status is told to a window once.
    pub(crate) fn begin(&mut self, window: &str, subject: Subject) -> Watch {
        let alike = self
            .kept
            .iter()
            .filter(|(_, kept)| kept.window == window && kept.subject == subject);
        let alike: Vec<u64> = alike.map(|(number, _)| *number).collect();
        let room = match subject {
            Subject::Status | Subject::Clients => 1,
            Subject::Run => Self::RUNS,
        };
        for number in alike.iter().take((alike.len() + 1).saturating_sub(room)) {
            self.end(*number);
        }
        self.last += 1;
        let watch = Watch {
            number: self.last,
            end: CancellationToken::new(),
        };
        let kept = Kept {
            window: window.to_owned(),
            subject,
            end: watch.end.clone(),
        };
        self.kept.insert(watch.number, kept);
        watch
    }

    /// Ends one; one that has ended already is no error.
    pub(crate) fn end(&mut self, number: u64) {
        if let Some(kept) = self.kept.remove(&number) {
            kept.end.cancel();
        }
    }

    /// Ends all of a window that is gone, or whose page is loaded anew.
    pub(crate) fn end_of(&mut self, window: &str) {
        self.kept.retain(|_, kept| {
            let stays = kept.window != window;
            if !stays {
                kept.end.cancel();
            }
            stays
        });
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(watches: &[Watch]) -> Vec<bool> {
        watches
            .iter()
            .map(|watch| watch.end.is_cancelled())
            .collect()
    }

    #[test]
    fn a_window_that_is_gone_takes_all_of_its_watches_with_it() {
        let mut all = Watches::default();
        let begun = [
            all.begin("main", Subject::Status),
            all.begin("main", Subject::Run),
            all.begin("popover", Subject::Status),
        ];
        all.end_of("main");
        assert_eq!(ended(&begun), [true, true, false]);
        assert_eq!(all.count(), 1);
    }

    #[test]
    fn a_watch_that_ended_is_kept_no_more() {
        let mut all = Watches::default();
        let run = all.begin("main", Subject::Run);
        all.end(run.number);
        all.end(run.number);
        assert!(run.end.is_cancelled());
        assert_eq!(all.count(), 0);
    }

    #[test]
    fn a_page_that_is_loaded_again_hears_its_status_once() {
        let mut all = Watches::default();
        let begun = [
            all.begin("main", Subject::Status),
            all.begin("popover", Subject::Status),
            all.begin("main", Subject::Status),
        ];
        assert_eq!(ended(&begun), [true, false, false]);
    }

    #[test]
    fn the_status_takes_no_place_of_a_run_and_the_oldest_run_makes_room() {
        let mut all = Watches::default();
        let status = all.begin("main", Subject::Status);
        let runs: Vec<Watch> = (0..Watches::RUNS)
            .map(|_| all.begin("main", Subject::Run))
            .collect();
        assert!(!ended(&runs).contains(&true));
        all.begin("main", Subject::Run);
        assert!(runs[0].end.is_cancelled());
        assert!(!runs[1].end.is_cancelled());
        assert!(!status.end.is_cancelled());
        assert_eq!(all.count(), Watches::RUNS + 1);
    }
}
