//! What is to be written next, within the bounds of the run. Pure.

use crate::domain::bounds::{Clip, RunBounds};
use crate::domain::event::{EventBody, Notice};
use crate::domain::run::{Progress, Timestamp};
use crate::domain::scrub::Scrubber;

/// Events and changes that wait to be written.
#[derive(Debug)]
pub(super) struct Ledger {
    bounds: RunBounds,
    scrubber: Scrubber,
    events: u64,
    bytes: u64,
    left_out: u64,
    pending: Vec<(Timestamp, EventBody)>,
    progress: Progress,
}

/// One write.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) events: Vec<(Timestamp, EventBody)>,
    pub(super) progress: Progress,
}

impl Ledger {
    pub(super) fn new(bounds: RunBounds, scrubber: Scrubber) -> Ledger {
        Ledger {
            bounds,
            scrubber,
            events: 0,
            bytes: 0,
            left_out: 0,
            pending: Vec::new(),
            progress: Progress::default(),
        }
    }

    /// Takes an event. Past the bounds only what is essential is kept, and what is missing is counted.
    pub(super) fn push(&mut self, at: Timestamp, body: EventBody) {
        let weight = body.weight();
        let fits =
            self.events < self.bounds.events && self.bytes + weight <= self.bounds.events_bytes;
        if !fits && !body.is_essential() {
            if self.left_out == 0 {
                self.notice(at, Notice::Cut, &self.cut_sentence());
            }
            self.left_out += 1;
            self.progress.left_out = Some(self.left_out);
            return;
        }
        self.events += 1;
        self.bytes += weight;
        self.pending.push((at, body));
    }

    /// The bridge itself has something to say.
    pub(super) fn notice(&mut self, at: Timestamp, about: Notice, sentence: &str) {
        let text = Clip::new(self.scrubber.scrub(sentence), self.bounds.event_text);
        self.push(at, EventBody::Notice { about, text });
    }

    /// What else changes with the next write.
    pub(super) fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    /// How many events wait.
    pub(super) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Takes what waits, if anything does.
    pub(super) fn take(&mut self) -> Option<Entry> {
        if self.pending.is_empty() && self.progress == Progress::default() {
            return None;
        }
        Some(Entry {
            events: std::mem::take(&mut self.pending),
            progress: std::mem::take(&mut self.progress),
        })
    }

    /// Takes back what could not be written, to go with the next write.
    pub(super) fn put_back(&mut self, entry: Entry) {
        let Entry { events, progress } = entry;
        let later = std::mem::replace(&mut self.pending, events);
        self.pending.extend(later);
        self.progress = std::mem::take(&mut self.progress).after(progress);
    }

    fn cut_sentence(&self) -> String {
        format!(
            "from here on events are counted and not kept: a run keeps {} events and {} MiB",
            self.bounds.events,
            self.bounds.events_bytes / (1024 * 1024)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scrub::Scrubbed;
    use crate::domain::state::RunState;

    const AT: Timestamp = Timestamp(0);

    fn ledger(events: u64, events_bytes: u64) -> Ledger {
        let bounds = RunBounds {
            events,
            events_bytes,
            ..RunBounds::DEFAULT
        };
        Ledger::new(bounds, Scrubber::builtin())
    }

    fn noise(text: &'static str) -> EventBody {
        EventBody::Noise {
            text: Clip::new(Scrubbed::literal(text), 100),
        }
    }

    fn kinds(ledger: &mut Ledger) -> Vec<&'static str> {
        let entry = ledger.take().unwrap();
        entry.events.iter().map(|(_, body)| body.kind()).collect()
    }

    #[test]
    fn what_does_not_fit_is_counted_and_said_once() {
        let mut ledger = ledger(2, 1 << 20);
        for _ in 0..5 {
            ledger.push(AT, noise("x"));
        }
        assert_eq!(ledger.progress().left_out, Some(3));
        assert_eq!(kinds(&mut ledger), ["noise", "noise", "notice"]);
    }

    #[test]
    fn what_is_essential_is_kept_past_the_bounds() {
        let mut ledger = ledger(0, 0);
        ledger.push(AT, noise("x"));
        ledger.push(AT, EventBody::State(RunState::Running));
        assert_eq!(kinds(&mut ledger), ["notice", "state"]);
    }

    #[test]
    fn what_could_not_be_written_goes_before_what_came_since() {
        let mut ledger = ledger(9, 1 << 20);
        ledger.push(AT, EventBody::TurnStarted);
        ledger.progress().started = Some(Timestamp(1));
        ledger.progress().left_out = Some(1);
        let entry = ledger.take().unwrap();
        ledger.push(AT, noise("x"));
        ledger.progress().left_out = Some(2);
        ledger.put_back(entry);
        let entry = ledger.take().unwrap();
        let kinds: Vec<_> = entry.events.iter().map(|(_, body)| body.kind()).collect();
        assert_eq!(kinds, ["turn_started", "noise"]);
        assert_eq!(entry.progress.started, Some(Timestamp(1)));
        assert_eq!(entry.progress.left_out, Some(2));
    }

    #[test]
    fn nothing_new_is_no_write() {
        let mut ledger = ledger(9, 9);
        assert!(ledger.take().is_none());
    }
}
