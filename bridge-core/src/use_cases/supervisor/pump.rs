//! Reads what Codex writes and hands it to the store, both at their own pace.

pub(super) mod asking;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdout};
use tokio::time::{sleep, timeout};

use crate::adapters::codex::conversation::Conversation;
use crate::adapters::codex::lines::{Line, LineReader};
use crate::adapters::codex::parse::{News, Seen};
use crate::adapters::store::{Store, StoreError};
use crate::domain::bounds::{Clip, RunBounds};
use crate::domain::event::{EventBody, Notice};
use crate::domain::id::RunId;
use crate::domain::live::LiveChange;
use crate::domain::run::{Message, Speaker, Timestamp, Usage};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::task::Sandbox;
use crate::platform::clock::Moment;
use crate::use_cases::supervisor::clock::RunClock;
use crate::use_cases::supervisor::heard::Heard;
use crate::use_cases::supervisor::ledger::{Entry, Ledger};
use crate::use_cases::supervisor::live::{Shown, Writing as Live};
use crate::use_cases::supervisor::mouth::Mouth;
use crate::use_cases::supervisor::pump::asking::Asking;

/// While so many events wait to be written, nothing more is read: Codex waits, memory does not grow.
const MOST_WAITING: usize = 2_000;
/// How long to wait before writing is tried again, after the database refused.
const RETRY: Duration = Duration::from_secs(1);
/// How much of standard error is kept for the explanation of a failure, in bytes.
const STDERR_TAIL: usize = 16 * 1024;
/// How many complaints of Codex are kept for the explanation of a failure.
const LAST_ERRORS: usize = 8;

type Writing = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

enum Read {
    Stdout(bool),
    Stderr(bool),
}

/// What somebody says to the model in the middle of its turn.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) text: Scrubbed,
    pub(super) by: Speaker,
}

/// The way from Codex's output into the store.
pub(super) struct Pump {
    store: Store,
    run: RunId,
    scrubber: Scrubber,
    bounds: RunBounds,
    pub(super) talk: Conversation,
    mouth: Option<Mouth>,
    clock: RunClock,
    pub(super) ledger: Ledger,
    pub(super) heard: Heard,
    live: Live,
    stdout: Option<LineReader<ChildStdout>>,
    stderr: Option<LineReader<ChildStderr>>,
    writing: Option<Writing>,
    in_flight: Option<Entry>,
    refused: Option<StoreError>,
    /// What was said to the model and has not been taken note of by Codex.
    said: VecDeque<Remark>,
    asking: Asking,
    /// What the processes before the present one cost.
    spent: Usage,
}

impl Pump {
    pub(super) fn new(
        store: Store,
        run: RunId,
        talk: Conversation,
        ledger: Ledger,
        scrubber: Scrubber,
        bounds: RunBounds,
        clock: RunClock,
    ) -> Pump {
        Pump {
            store,
            run,
            live: Live::new(scrubber.clone()),
            scrubber,
            bounds,
            talk,
            mouth: None,
            clock,
            ledger,
            heard: Heard::default(),
            stdout: None,
            stderr: None,
            writing: None,
            in_flight: None,
            refused: None,
            said: VecDeque::new(),
            asking: Asking::new(Duration::ZERO, Sandbox::ReadOnly),
            spent: Usage::default(),
        }
    }

    /// How questions are asked.
    #[must_use]
    pub(super) fn asking(self, asking: Asking) -> Pump {
        Pump { asking, ..self }
    }

    /// Another process follows, which has said nothing yet.
    pub(super) fn begin_leg(&mut self, talk: Conversation) {
        let again = self.heard.again();
        let before = std::mem::replace(&mut self.heard, again);
        self.spent = self.spent.and(before.usage);
        self.talk = talk;
        self.begin_asking();
        let over = self.live.end();
        self.show(over, None);
    }

    /// Begins to read a child's output, and says to it what it waits for.
    pub(super) fn attach(&mut self, child: &mut Child) {
        self.stdout = child.stdout.take().map(LineReader::new);
        self.stderr =
            (child.stderr.take()).map(|source| LineReader::with_limit(source, STDERR_TAIL));
        self.mouth = child.stdin.take().map(Mouth::of);
        self.say(self.talk.opening());
    }

    /// Nothing more is said to the child.
    pub(super) fn detach(&mut self) {
        self.mouth = None;
        while let Some(remark) = self.said.pop_front() {
            self.not_told(&remark, "the turn was over before");
        }
    }

    /// Says something to the model in the middle of its turn.
    pub(super) fn steer(&mut self, remark: Remark) {
        match self.talk.steer(remark.text.as_str()) {
            Some(line) => {
                self.say(line + "\n");
                self.said.push_back(remark);
            }
            None => self.not_told(&remark, "there is no turn at this moment"),
        }
    }

    fn told(&mut self, remark: &Remark) {
        let sentence = format!(
            "the {} said to the model: {}",
            remark.by.as_str(),
            remark.text
        );
        let at = self.clock.now();
        self.ledger.notice(at, Notice::Steered, &sentence);
    }

    fn not_told(&mut self, remark: &Remark, why: &str) {
        let sentence = format!(
            "the model was not told what the {} said, since {why}: {}",
            remark.by.as_str(),
            remark.text
        );
        let at = self.clock.now();
        self.ledger.notice(at, Notice::NotSteered, &sentence);
    }

    fn say(&mut self, text: String) {
        if let Some(mouth) = &mut self.mouth {
            mouth.say(text);
        }
        self.listen_only_if_over();
    }

    fn listen_only_if_over(&mut self) {
        if self.talk.is_over()
            && let Some(mouth) = &mut self.mouth
        {
            mouth.close();
        }
    }

    /// Whether there is something left to read.
    fn is_reading(&self) -> bool {
        self.stdout.is_some() || self.stderr.is_some()
    }

    /// Why the store does not take what is written, if it doesn't.
    pub(super) fn refused(&self) -> Option<&StoreError> {
        self.refused.as_ref()
    }

    /// Reads or writes a little. Nothing is lost when the future is dropped. Waits for ever when there is nothing to do.
    pub(super) async fn step(&mut self) {
        if let Some(Shown { change, activity }) = self.live.next(Moment::now()) {
            self.show(Some(change), activity);
        }
        self.begin_writing();
        let room = self.ledger.waiting() < MOST_WAITING;
        let due = self.live.due(Moment::now());
        tokio::select! {
            () = sleep(due.unwrap_or_default()), if due.is_some() => {}
            result = poll(&mut self.writing) => self.written(result),
            more = fill(&mut self.stdout), if room => self.read_stdout(more),
            more = fill(&mut self.stderr), if room => self.read_stderr(more),
        }
    }

    /// Reads what is left in the pipes, whether or not it can be written by now: it is little, and it has the end of
    /// the story. Whoever else holds a pipe open is not waited for.
    pub(super) async fn drain(&mut self, quiet: Duration, most: Duration) {
        let end = Moment::now() + most;
        while self.is_reading() && !end.left().is_zero() {
            let more = async {
                tokio::select! {
                    more = fill(&mut self.stdout) => Read::Stdout(more),
                    more = fill(&mut self.stderr) => Read::Stderr(more),
                }
            };
            match timeout(quiet.min(end.left()), more).await {
                Ok(Read::Stdout(more)) => self.read_stdout(more),
                Ok(Read::Stderr(more)) => self.read_stderr(more),
                Err(_) => break,
            }
        }
        self.stdout = None;
        self.stderr = None;
    }

    /// Writes what waits. Returns when all is written or the store refuses.
    pub(super) async fn flush(&mut self) -> Result<(), StoreError> {
        loop {
            self.begin_writing();
            if self.writing.is_none() {
                return Ok(());
            }
            let result = poll(&mut self.writing).await;
            self.written(result);
            if let Some(error) = &self.refused {
                return Err(error.clone());
            }
        }
    }

    /// What is left to be written, for the run's last write.
    pub(super) fn into_ledger(mut self) -> Ledger {
        if let Some(entry) = self.in_flight.take() {
            self.ledger.put_back(entry);
        }
        self.ledger
    }

    fn begin_writing(&mut self) {
        if self.writing.is_some() {
            return;
        }
        if self.in_flight.is_none() {
            self.in_flight = self.ledger.take();
        }
        let Some(entry) = &self.in_flight else { return };
        let Entry { events, progress } = entry.clone();
        let (store, run) = (self.store.clone(), self.run.clone());
        let is_retry = self.refused.is_some();
        self.writing = Some(Box::pin(async move {
            if is_retry {
                tokio::time::sleep(RETRY).await;
            }
            store.append(&run, events, progress).await.map(drop)
        }));
    }

    fn written(&mut self, result: Result<(), StoreError>) {
        self.writing = None;
        match result {
            Ok(()) => {
                self.in_flight = None;
                self.refused = None;
            }
            Err(error) => {
                tracing::warn!(run = %self.run, %error, "could not write events; trying again");
                self.refused = Some(error);
            }
        }
    }

    fn read_stdout(&mut self, more: bool) {
        let Some(mut stdout) = self.stdout.take() else {
            return;
        };
        let at = self.clock.now();
        while let Some(line) = stdout.ready() {
            match line {
                Line::Whole(text) | Line::Partial(text) => self.hear(at, &text),
                Line::TooLong { bytes } => {
                    let sentence = format!("a line of {bytes} bytes was too long to be kept");
                    self.ledger.notice(at, Notice::Cut, &sentence);
                }
            }
        }
        if more {
            self.stdout = Some(stdout);
        }
    }

    fn hear(&mut self, at: Timestamp, line: &str) {
        let step = self.talk.line(line);
        for text in step.send {
            self.say(text + "\n");
        }
        for seen in step.seen {
            self.take(at, seen);
        }
        if let Some(asked) = step.asked {
            self.asked(asked);
        }
        if let Some(request) = step.refused {
            self.refused_to_ask(request);
        }
        if let Some(piece) = step.piece.filter(|_| !self.heard.is_astray()) {
            let over = self.live.hear(piece);
            self.show(over, None);
        }
        self.heard.limits = step.limits.or(self.heard.limits.take());
        self.listen_only_if_over();
    }

    /// Changes with the next write what is shown of what is being written.
    fn show(&mut self, change: Option<LiveChange>, activity: Option<Scrubbed>) {
        let progress = self.ledger.progress();
        progress.live = change.or(progress.live.take());
        progress.activity = activity.or(progress.activity.take());
    }

    fn take(&mut self, at: Timestamp, seen: Seen) {
        if self.heard.is_astray() {
            return;
        }
        if seen.progress {
            self.heard.last_progress = Some(Moment::now());
        }
        let tells_thread = matches!(seen.news, Some(News::ThreadStarted(_)));
        if let Some(body) = seen.event {
            let is_mark = matches!(
                body,
                EventBody::ThreadStarted { .. }
                    | EventBody::TurnStarted
                    | EventBody::TurnCompleted { .. }
            );
            if is_mark && !tells_thread {
                self.heard.has_to_have_told(&self.scrubber);
            }
            self.heard.command_began |= matches!(body, EventBody::Command(_));
            self.ledger.push(at, body);
        }
        if self.heard.is_astray() {
            return;
        }
        if let Some(activity) = seen.activity {
            self.ledger.progress().activity = Some(activity);
        }
        match seen.news {
            Some(News::ThreadStarted(thread)) => {
                self.heard.thread_started(thread, &self.scrubber);
                self.ledger.progress().thread = self.heard.thread.clone();
            }
            Some(News::FinalMessage(message)) => self.spoke(message),
            Some(News::Opinion(message, opinion)) => {
                self.spoke(message);
                self.heard.opinion = Some(opinion);
            }
            Some(News::TurnCompleted(usage)) => {
                self.heard.usage = usage;
                self.ledger.progress().usage = Some(self.spent.and(usage));
                self.heard.completed = true;
            }
            Some(News::TurnFailed(failure)) => self.heard.failed = Some(failure),
            Some(News::LastError(message)) => {
                if self.heard.errors.len() == LAST_ERRORS {
                    self.heard.errors.remove(0);
                }
                self.heard.errors.push(message);
            }
            Some(News::Steered(answer)) => {
                if let Some(remark) = self.said.pop_front() {
                    match answer {
                        Ok(()) => self.told(&remark),
                        Err(why) => self.not_told(&remark, &format!("Codex refused it ({why})")),
                    }
                }
            }
            None => {}
        }
    }

    fn spoke(&mut self, message: Message) {
        self.heard.said = Some(message.clone());
        self.ledger.progress().message = Some(message);
    }

    fn read_stderr(&mut self, more: bool) {
        let Some(mut stderr) = self.stderr.take() else {
            return;
        };
        let mut text = String::new();
        while let Some(line) = stderr.ready() {
            match line {
                Line::Whole(line) | Line::Partial(line) => text.push_str(&line),
                Line::TooLong { bytes } => text.push_str(&format!("[line of {bytes} bytes]")),
            }
            text.push('\n');
        }
        if !text.trim().is_empty() {
            let clean = self.scrubber.scrub(text.trim_end());
            self.heard.stderr.push_str(clean.as_str());
            self.heard.stderr.push('\n');
            keep_tail(&mut self.heard.stderr);
            let text = Clip::new(clean, self.bounds.event_text);
            self.ledger
                .push(self.clock.now(), EventBody::Stderr { text });
        }
        if more {
            self.stderr = Some(stderr);
        }
    }
}

fn keep_tail(text: &mut String) {
    if text.len() > 2 * STDERR_TAIL {
        let mut cut = text.len() - STDERR_TAIL;
        while !text.is_char_boundary(cut) {
            cut += 1;
        }
        text.drain(..cut);
    }
}

async fn poll(writing: &mut Option<Writing>) -> Result<(), StoreError> {
    match writing {
        Some(writing) => writing.await,
        None => std::future::pending().await,
    }
}

/// Reads a little; `false` at the end. What can't be read any more is at its end, too.
async fn fill<R: tokio::io::AsyncRead + Unpin>(reader: &mut Option<LineReader<R>>) -> bool {
    match reader {
        Some(reader) => reader.fill().await.unwrap_or(false),
        None => std::future::pending().await,
    }
}
