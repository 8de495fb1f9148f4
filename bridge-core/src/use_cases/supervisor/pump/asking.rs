//! What Codex asks: one question at a time is open, the others wait behind it.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use crate::adapters::codex::app_server::Asked;
use crate::domain::bounds::Clip;
use crate::domain::event::{EventBody, Notice};
use crate::domain::question::{Decision, Question, QuestionChange, QuestionKind};
use crate::domain::run::{Speaker, Timestamp};
use crate::domain::scrub::Scrubbed;
use crate::domain::state::{RunState, Signal};
use crate::domain::task::Sandbox;
use crate::platform::clock::Moment;
use crate::use_cases::supervisor::life::step;
use crate::use_cases::supervisor::pump::Pump;

/// The longest line about what a run does now, in bytes. The question itself has all.
const LONGEST_ACTIVITY: usize = 400;

/// The questions of a run.
#[derive(Debug)]
pub(in crate::use_cases::supervisor) struct Asking {
    limit: Duration,
    /// The sandbox that what is asked for would leave.
    sandbox: Sandbox,
    count: u64,
    open: Option<Open>,
    /// Whether nothing is asked any more: Codex ends, or is being ended.
    is_over: bool,
    waiting: VecDeque<Asked>,
    /// What is allowed for the whole run.
    allowed: HashSet<String>,
    /// What the audit log is still to be told.
    noted: Vec<Noted>,
}

#[derive(Debug)]
struct Open {
    question: Question,
    asked: Asked,
    since: Moment,
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::use_cases::supervisor) enum Answerer {
    /// Somebody.
    Speaker(Speaker),
    /// Nobody, in time.
    Nobody,
    /// Who allowed the same before.
    Before,
}

/// What the audit log is told of a question.
#[derive(Clone, Debug)]
pub(in crate::use_cases::supervisor) struct Noted {
    pub(in crate::use_cases::supervisor) at: Timestamp,
    /// The name of the act.
    pub(in crate::use_cases::supervisor) action: &'static str,
    /// `asked`, or the decision.
    pub(in crate::use_cases::supervisor) outcome: &'static str,
    pub(in crate::use_cases::supervisor) detail: Scrubbed,
}

impl Asking {
    pub(in crate::use_cases::supervisor) fn new(limit: Duration, sandbox: Sandbox) -> Asking {
        Asking {
            limit,
            sandbox,
            count: 0,
            open: None,
            is_over: false,
            waiting: VecDeque::new(),
            allowed: HashSet::new(),
            noted: Vec::new(),
        }
    }
}

impl Pump {
    /// Whether Codex waits for an answer.
    pub(in crate::use_cases::supervisor) fn is_asking(&self) -> bool {
        self.asking.open.is_some()
    }

    /// What the audit log is to be told.
    pub(in crate::use_cases::supervisor) fn take_noted(&mut self) -> Vec<Noted> {
        std::mem::take(&mut self.asking.noted)
    }

    /// Another process may ask.
    pub(super) fn begin_asking(&mut self) {
        self.asking.is_over = false;
    }

    /// Takes a question of Codex's.
    pub(super) fn asked(&mut self, asked: Asked) {
        if self.asking.is_over {
            // The run's state is that it stops, and stays that.
            self.say(asked.answer(Decision::Decline) + "\n");
            return;
        }
        self.asking.waiting.push_back(asked);
        self.open_next();
    }

    /// Says that Codex asked what nobody can answer here.
    pub(super) fn refused_to_ask(&mut self, request: Scrubbed) {
        let at = self.clock.now();
        let sentence = "Codex asked what can't be answered here, and was refused: ";
        let text = Scrubbed::concat(&[&Scrubbed::literal(sentence), &request]);
        let text = Clip::new(text, self.bounds.event_text);
        let about = Notice::Answered;
        self.ledger.push(at, EventBody::Notice { about, text });
        self.asking.noted.push(Noted {
            at,
            action: "ask",
            outcome: "refused",
            detail: request,
        });
    }

    /// Answers the open question if it has this number.
    pub(in crate::use_cases::supervisor) fn answer(
        &mut self,
        number: u64,
        decision: Decision,
        by: Answerer,
    ) {
        let Some(open) = (self.asking.open).take_if(|open| open.question.number == number) else {
            return;
        };
        if decision == Decision::AllowForRun && open.asked.kind == QuestionKind::Command {
            self.asking.allowed.insert(open.asked.exact.clone());
        }
        self.reply(&open.asked, decision, by);
        let state = step(RunState::WaitingForAnswer, Signal::Answered);
        let progress = self.ledger.progress();
        progress.question = Some(QuestionChange::Settled);
        progress.state = Some(state);
        progress.activity = Some(Scrubbed::literal("working"));
        self.ledger.push(self.clock.now(), EventBody::State(state));
        match decision {
            Decision::AllowOnce | Decision::AllowForRun | Decision::Decline => self.open_next(),
            Decision::Stop => self.stop_asking(),
        }
    }

    /// Declines a question that nobody answered in time.
    pub(in crate::use_cases::supervisor) fn decline_if_late(&mut self) {
        let late = (self.asking.open.as_ref())
            .filter(|open| Moment::now().since(open.since) >= self.asking.limit)
            .map(|open| open.question.number);
        if let Some(number) = late {
            self.answer(number, Decision::Decline, Answerer::Nobody);
        }
    }

    /// Nothing is asked any more: Codex ends, or is being ended.
    pub(in crate::use_cases::supervisor) fn stop_asking(&mut self) {
        self.asking.is_over = true;
        self.asking.waiting.clear();
        if let Some(open) = self.asking.open.take() {
            self.ledger.progress().question = Some(QuestionChange::Settled);
            self.say_of(
                Notice::Answered,
                "nobody answered before the end",
                &open.asked,
            );
            self.note("answer", "ended", &open.asked);
        }
    }

    fn open_next(&mut self) {
        while self.asking.open.is_none()
            && let Some(asked) = self.asking.waiting.pop_front()
        {
            if !asked.exact.is_empty() && self.asking.allowed.contains(&asked.exact) {
                self.reply(&asked, Decision::AllowOnce, Answerer::Before);
                continue;
            }
            self.open(asked);
        }
    }

    fn open(&mut self, asked: Asked) {
        let at = self.clock.now();
        self.asking.count += 1;
        let limit = i64::try_from(self.asking.limit.as_millis()).unwrap_or(i64::MAX);
        let question = Question {
            number: self.asking.count,
            kind: asked.kind,
            subject: asked.subject.clone(),
            folder: asked.folder.clone(),
            reason: asked.reason.clone(),
            sandbox: self.asking.sandbox,
            asked: at,
            expires: Timestamp(at.0.saturating_add(limit)),
        };
        let state = step(RunState::Running, Signal::Asked);
        let progress = self.ledger.progress();
        progress.state = Some(state);
        progress.question = Some(QuestionChange::Asked(question.clone()));
        let mut activity = Scrubbed::concat(&[&Scrubbed::literal("asks: "), &asked.subject]);
        activity.truncate(LONGEST_ACTIVITY);
        progress.activity = Some(activity);
        self.say_of(Notice::Asked, "Codex asks to leave the sandbox", &asked);
        self.ledger.push(at, EventBody::State(state));
        self.note("ask", "asked", &asked);
        self.asking.open = Some(Open {
            question,
            asked,
            since: Moment::now(),
        });
    }

    fn reply(&mut self, asked: &Asked, decision: Decision, by: Answerer) {
        self.say(asked.answer(decision) + "\n");
        let sentence = match (decision, by) {
            (Decision::Decline, Answerer::Nobody) => "nobody answered in time, so it is declined",
            (_, Answerer::Before) => "allowed for this run before",
            (Decision::AllowOnce, Answerer::Speaker(Speaker::Person)) => "the person allowed it",
            (Decision::AllowOnce, _) => "the client allowed it",
            (Decision::AllowForRun, Answerer::Speaker(Speaker::Person)) => {
                "the person allowed it for this run"
            }
            (Decision::AllowForRun, _) => "the client allowed it for this run",
            (Decision::Decline, Answerer::Speaker(Speaker::Person)) => "the person declined it",
            (Decision::Decline, _) => "the client declined it",
            (Decision::Stop, Answerer::Speaker(Speaker::Person)) => {
                "the person declined it and stops the run"
            }
            (Decision::Stop, _) => "the client declined it and stops the run",
        };
        self.say_of(Notice::Answered, sentence, asked);
        let outcome = match by {
            Answerer::Nobody => "timed_out",
            Answerer::Before => "allowed_before",
            Answerer::Speaker(_) => decision.as_str(),
        };
        self.note("answer", outcome, asked);
    }

    fn say_of(&mut self, about: Notice, sentence: &'static str, asked: &Asked) {
        let text = Scrubbed::concat(&[
            &Scrubbed::literal(sentence),
            &Scrubbed::literal(": "),
            &asked.subject,
        ]);
        let text = Clip::new(text, self.bounds.event_text);
        let at = self.clock.now();
        self.ledger.push(at, EventBody::Notice { about, text });
    }

    fn note(&mut self, action: &'static str, outcome: &'static str, asked: &Asked) {
        self.asking.noted.push(Noted {
            at: self.clock.now(),
            action,
            outcome,
            detail: asked.subject.clone(),
        });
    }
}
