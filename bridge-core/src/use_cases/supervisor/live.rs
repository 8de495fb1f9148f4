//! What the run is writing at this moment: pieces are put together, scrubbed across their borders, and shown so many
//! times a second. Pure.

use std::time::Duration;

use crate::adapters::codex::app_server::Piece;
use crate::domain::live::{Live, LiveChange, LiveKind, MOST};
use crate::domain::scrub::{ScrubStream, Scrubbed, Scrubber};
use crate::platform::clock::Moment;

/// How long what was shown stays before it is replaced.
const SHOWN_FOR: Duration = Duration::from_millis(100);
/// How long the line stays that says what happens. Everybody who looks at lists is told of it.
const SAID_FOR: Duration = Duration::from_secs(1);
/// The longest such line, in bytes.
const LONGEST_LINE: usize = 100;
/// So many items are put together at once; of more, the oldest are not shown.
const MOST_ITEMS: usize = 8;
/// The longest id of an item that is kept, in bytes.
const LONGEST_ID: usize = 128;

/// The items that are being written.
#[derive(Debug)]
pub(super) struct Writing {
    scrubber: Scrubber,
    /// The one that grew last is at the end.
    items: Vec<Item>,
    seq: u64,
    /// What is shown, and since when.
    shown: Option<Live>,
    shown_at: Option<Moment>,
    said_at: Option<Moment>,
    /// Whether an item grew since something was shown.
    grew: bool,
}

#[derive(Debug)]
struct Item {
    id: String,
    kind: LiveKind,
    stream: ScrubStream,
    /// What is decided, its end.
    text: Scrubbed,
    left_out: u64,
}

/// What is to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) change: LiveChange,
    /// What happens, in a line, where that is to be said anew.
    pub(super) activity: Option<Scrubbed>,
}

impl Writing {
    pub(super) fn new(scrubber: Scrubber) -> Writing {
        Writing {
            scrubber,
            items: Vec::new(),
            seq: 0,
            shown: None,
            shown_at: None,
            said_at: None,
            grew: false,
        }
    }

    /// Takes a piece. `Over` where it ends what is shown: that is to be written together with the whole item.
    pub(super) fn hear(&mut self, piece: Piece) -> Option<LiveChange> {
        match piece {
            Piece::More { item, kind, text } => {
                self.grow(item, kind, &text);
                None
            }
            Piece::Whole { item } => {
                self.items.retain(|open| open.id != item);
                self.grew &= !self.items.is_empty();
                let item = self.named(&item);
                let ended = self.shown.take_if(|live| live.item == item);
                ended.map(|_| LiveChange::Over)
            }
        }
    }

    /// Codex has ended, and what it began will not come whole.
    pub(super) fn end(&mut self) -> Option<LiveChange> {
        self.items.clear();
        self.grew = false;
        self.shown.take().map(|_| LiveChange::Over)
    }

    /// How long it is until something is to be shown; `None` where there is nothing.
    pub(super) fn due(&self, now: Moment) -> Option<Duration> {
        let since = self.shown_at.map_or(SHOWN_FOR, |at| now.since(at));
        self.grew.then(|| SHOWN_FOR.saturating_sub(since))
    }

    /// What is to be shown by now.
    pub(super) fn next(&mut self, now: Moment) -> Option<Shown> {
        if self.due(now) != Some(Duration::ZERO) {
            return None;
        }
        self.grew = false;
        let item = self.items.last()?;
        let live = item.live(self.seq + 1, self.named(&item.id));
        let same = |shown: &Live| {
            (&shown.item, &shown.text, shown.left_out) == (&live.item, &live.text, live.left_out)
        };
        // What came may still become a secret, so that nothing more can be shown of it.
        if live.text.is_empty() || self.shown.as_ref().is_some_and(same) {
            return None;
        }
        self.seq += 1;
        self.shown_at = Some(now);
        self.shown = Some(live.clone());
        let activity = self.activity(&live, now);
        Some(Shown {
            change: LiveChange::Shows(live),
            activity,
        })
    }

    /// Of a command it is said which it is, not what it writes.
    fn activity(&mut self, live: &Live, now: Moment) -> Option<Scrubbed> {
        let since = self.said_at.map_or(SAID_FOR, |at| now.since(at));
        if live.kind == LiveKind::Output || since < SAID_FOR {
            return None;
        }
        self.said_at = Some(now);
        Some(live.line(LONGEST_LINE))
    }

    fn named(&self, id: &str) -> Scrubbed {
        let mut name = self.scrubber.scrub(id);
        name.truncate(LONGEST_ID);
        name
    }

    fn grow(&mut self, id: String, kind: LiveKind, text: &str) {
        let at = self.items.iter().position(|item| item.id == id);
        let mut item = match at {
            Some(at) => self.items.remove(at),
            None => Item {
                id,
                kind,
                stream: self.scrubber.stream(),
                text: Scrubbed::default(),
                left_out: 0,
            },
        };
        item.grow(text);
        if self.items.len() == MOST_ITEMS {
            self.items.remove(0);
        }
        self.items.push(item);
        self.grew = true;
    }
}

impl Item {
    fn grow(&mut self, text: &str) {
        let decided = self.stream.push(text);
        self.text.push(&decided);
        // Now and then, since all that stays is moved.
        if self.text.len() > 2 * MOST {
            self.left_out += self.text.skip(self.text.len() - MOST) as u64;
        }
    }

    fn live(&self, seq: u64, item: Scrubbed) -> Live {
        let mut text = Scrubbed::concat(&[&self.text, &self.stream.ahead()]);
        let mut left_out = self.left_out;
        if text.len() > MOST {
            left_out += text.skip(text.len() - MOST) as u64;
        }
        Live {
            seq,
            item,
            kind: self.kind,
            text,
            left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_millis(100);

    struct Scene {
        writing: Writing,
        now: Moment,
    }

    impl Scene {
        fn new() -> Scene {
            Scene {
                writing: Writing::new(Scrubber::builtin()),
                now: Moment::now(),
            }
        }

        fn more(&mut self, item: &str, text: &str) {
            self.heard(item, LiveKind::Message, text);
        }

        fn heard(&mut self, item: &str, kind: LiveKind, text: &str) {
            let (item, text) = (item.to_owned(), text.to_owned());
            let over = self.writing.hear(Piece::More { item, kind, text });
            assert_eq!(over, None);
        }

        fn whole(&mut self, item: &str) -> Option<LiveChange> {
            let item = item.to_owned();
            self.writing.hear(Piece::Whole { item })
        }

        fn shown(&mut self) -> Option<Live> {
            match self.writing.next(self.now)?.change {
                LiveChange::Shows(live) => Some(live),
                LiveChange::Over => None,
            }
        }

        /// After the time for which something is shown.
        fn later(&mut self) -> Option<String> {
            self.now = self.now + WAIT;
            self.shown().map(|live| live.text.into_string())
        }
    }

    #[test]
    fn the_first_piece_is_shown_at_once_and_the_next_ones_together() {
        let mut scene = Scene::new();
        assert_eq!(scene.writing.due(scene.now), None);
        scene.more("a", "One two ");
        let live = scene.shown().unwrap();
        assert_eq!((live.seq, live.text.as_str()), (1, "One two"));
        scene.more("a", "three ");
        scene.more("a", "four ");
        assert_eq!(scene.shown(), None);
        assert_eq!(scene.writing.due(scene.now), Some(WAIT));
        assert_eq!(scene.later().as_deref(), Some("One two three four"));
        assert_eq!(scene.writing.due(scene.now), None);
        assert_eq!(scene.later(), None);
    }

    #[test]
    fn a_secret_that_a_border_cuts_is_never_shown_in_part() {
        let text = "Set it so: the password=hunter2x is in use.\nThen it went well, all of it. ";
        for size in 1..text.len() {
            let mut scene = Scene::new();
            let mut last = None;
            for piece in text.as_bytes().chunks(size) {
                scene.more("a", std::str::from_utf8(piece).unwrap());
                last = scene.later().or(last);
                let shown = last.as_deref().unwrap_or_default();
                assert!(!shown.contains("hun") && !shown.contains("r2x"), "{shown}");
            }
            let expected = "Set it so: the password=[redacted:password] is in use.\nThen it went well, all of it.";
            assert_eq!(last.as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_came_whole_is_shown_no_more() {
        let mut scene = Scene::new();
        scene.heard("cmd", LiveKind::Output, "line 1\n");
        assert_eq!(scene.shown().unwrap().kind, LiveKind::Output);
        scene.more("a", "One two ");
        assert_eq!(scene.later().as_deref(), Some("One two"));
        // It is not the one that is shown.
        assert_eq!(scene.whole("cmd"), None);
        assert_eq!(scene.whole("a"), Some(LiveChange::Over));
        assert_eq!(scene.whole("a"), None);
        scene.more("b", "Three four ");
        assert_eq!(scene.later().as_deref(), Some("Three four"));
        assert_eq!(scene.writing.end(), Some(LiveChange::Over));
        assert_eq!(scene.writing.end(), None);
        assert_eq!(scene.later(), None);
    }

    #[test]
    fn the_end_of_a_long_text_is_shown_and_what_is_missing_is_counted() {
        let mut scene = Scene::new();
        let line = format!("{}\n", "x y ".repeat(25));
        for _ in 0..1_000 {
            scene.more("a", &line);
        }
        scene.now = scene.now + WAIT;
        let live = scene.shown().unwrap();
        assert_eq!(live.text.len(), MOST);
        assert_eq!(live.left_out + MOST as u64, 1_000 * line.len() as u64);
    }

    #[test]
    fn what_happens_is_said_once_a_second() {
        let mut scene = Scene::new();
        let mut said = Vec::new();
        for _ in 0..25 {
            scene.more("a", "word and ");
            let shown = scene.writing.next(scene.now).unwrap();
            said.extend(shown.activity);
            scene.now = scene.now + WAIT;
        }
        assert_eq!(said.len(), 3);
        assert_eq!(said[0].as_str(), "writing: word and");
        scene.heard("cmd", LiveKind::Output, "line 1\n");
        scene.now = scene.now + SAID_FOR;
        assert_eq!(scene.writing.next(scene.now).unwrap().activity, None);
    }

    #[test]
    fn items_without_end_take_no_room_without_end() {
        let mut scene = Scene::new();
        for n in 0..100 {
            scene.more(&n.to_string(), "word ");
        }
        assert_eq!(scene.writing.items.len(), MOST_ITEMS);
        assert_eq!(scene.shown().unwrap().item.as_str(), "99");
    }
}
