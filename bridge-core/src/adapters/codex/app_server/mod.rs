//! The conversation with `codex app-server`: JSON-RPC in lines without the member `jsonrpc`, one process and one turn
//! per run. Pure: a line comes in, what it tells and the lines that answer it come out.

mod asked;
mod orders;
mod pieces;
mod translate;

use serde_json::{Value, json};

use crate::adapters::codex::app_server::asked::Patch;
use crate::adapters::codex::parse::{News, Parser, Seen};
use crate::adapters::codex::quota;
use crate::domain::live::LiveKind;
use crate::domain::quota::Window;
use crate::domain::scrub::Scrubbed;

pub use asked::Asked;
pub use orders::Orders;
pub use pieces::Piece;

/// A conversation, as far as it has come.
#[derive(Debug)]
pub struct Dialogue {
    parser: Parser,
    orders: Orders,
    stage: Stage,
    /// What the thread has cost so far, as Codex told it last.
    usage: Value,
    /// Whether Codex has opened a thread.
    has_thread: bool,
    /// The patch that began last, which a question may be about.
    patch: Option<Patch>,
}

/// What is waited for.
#[derive(Debug)]
enum Stage {
    /// The answer to the greeting.
    Greeting,
    /// The thread.
    Opening,
    /// The turn, in this thread.
    Turning { thread: String },
    /// The end of the turn.
    Working { thread: String, turn: String },
    /// Nothing more.
    Over,
}

/// What a line came to.
#[derive(Debug, Default)]
pub struct Step {
    /// What it told, in order.
    pub seen: Vec<Seen>,
    /// What is to be written to Codex, a line each.
    pub send: Vec<String>,
    /// What it asks, and waits for the answer.
    pub asked: Option<Asked>,
    /// What it asked and was refused, by the name of the request.
    pub refused: Option<Scrubbed>,
    /// What it told of an item that is being written.
    pub piece: Option<Piece>,
    /// What it told of the account's limits.
    pub limits: Option<Vec<Window>>,
}

/// The ids of our requests.
const GREET: u64 = 1;
const OPEN: u64 = 2;
const TURN: u64 = 3;
const STEER: u64 = 4;

impl Dialogue {
    /// `parser` reads what `codex exec` writes; what an app-server tells is put into the same words for it.
    pub fn new(parser: Parser, orders: Orders) -> Dialogue {
        Dialogue {
            parser,
            orders,
            stage: Stage::Greeting,
            usage: Value::Null,
            has_thread: false,
            patch: None,
        }
    }

    /// The first line, which Codex waits for.
    pub fn greeting(&self) -> String {
        request(GREET, "initialize", &orders::greeting())
    }

    /// Whether the turn is over, so that nothing more will be said to Codex.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Whether Codex has not yet answered at all.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.stage, Stage::Greeting)
    }

    /// Whether Codex never opened a thread: it failed before anything was done.
    pub fn never_began(&self) -> bool {
        !self.has_thread
    }

    /// What tells the model something in the middle of its turn; `None` while there is no turn.
    pub fn steer(&self, text: &str) -> Option<String> {
        let Stage::Working { thread, turn } = &self.stage else {
            return None;
        };
        let params = json!({
            "threadId": thread,
            "expectedTurnId": turn,
            "input": [{ "type": "text", "text": text }],
        });
        Some(request(STEER, "turn/steer", &params))
    }

    /// Takes a line of Codex's.
    pub fn line(&mut self, line: &str) -> Step {
        let Ok(message @ Value::Object(_)) = serde_json::from_str(line) else {
            let seen = self.parser.line(line);
            return Step {
                seen: vec![seen],
                ..Step::default()
            };
        };
        let id = message.get("id").filter(|id| !id.is_null());
        match (message["method"].as_str(), id) {
            (Some(method), Some(id)) => self.asked(method, id, &message["params"]),
            (Some(method), None) => self.told(method, &message["params"]),
            (None, Some(id)) => self.answered(id.as_u64(), &message),
            (None, None) => self.hear(vec![translate::unknown("message", &message)]),
        }
    }

    /// A request of Codex's.
    fn asked(&self, method: &str, id: &Value, params: &Value) -> Step {
        let asks = self.orders.asks;
        let asked = Asked::of(method, id, params, self.patch.as_ref(), &self.parser);
        match asked.filter(|_| asks) {
            Some(asked) => Step {
                asked: Some(asked),
                ..Step::default()
            },
            None => Step {
                send: vec![asked::refusal(id, method)],
                refused: Some(self.parser.cleaned(method)),
                ..Step::default()
            },
        }
    }

    /// The answer to a request of ours.
    fn answered(&mut self, id: Option<u64>, message: &Value) -> Step {
        if id == Some(STEER) {
            let refused = message.get("error").map(|error| self.parser.said_of(error));
            return Step {
                seen: vec![Seen {
                    news: Some(News::Steered(refused.map_or(Ok(()), Err))),
                    ..Seen::default()
                }],
                ..Step::default()
            };
        }
        if let Some(error) = message.get("error") {
            return match id {
                Some(GREET | OPEN) => {
                    self.stage = Stage::Over;
                    self.hear(vec![translate::complaint(error)])
                }
                Some(TURN) => {
                    self.stage = Stage::Over;
                    self.hear(vec![translate::failed(error)])
                }
                _ => self.hear(vec![translate::complaint(error)]),
            };
        }
        let result = &message["result"];
        match (id, &self.stage) {
            (Some(GREET), Stage::Greeting) => {
                self.stage = Stage::Opening;
                let (method, params) = self.orders.opening();
                let send = vec![
                    json!({ "method": "initialized" }).to_string(),
                    request(OPEN, method, &params),
                ];
                Step {
                    send,
                    ..Step::default()
                }
            }
            (Some(OPEN), Stage::Opening) => {
                let thread = text(&result["thread"]["id"]);
                let params = self.orders.turn(&thread);
                let opened = translate::thread_started(&thread);
                self.has_thread = true;
                self.stage = Stage::Turning { thread };
                Step {
                    send: vec![request(TURN, "turn/start", &params)],
                    ..self.hear(vec![opened])
                }
            }
            (Some(TURN), Stage::Turning { thread }) => {
                let (thread, turn) = (thread.clone(), text(&result["turn"]["id"]));
                self.stage = Stage::Working { thread, turn };
                Step::default()
            }
            _ => Step::default(),
        }
    }

    /// What Codex tells by itself.
    fn told(&mut self, method: &str, params: &Value) -> Step {
        // Agents of Codex's own work in threads of their own.
        let about = params["threadId"].as_str();
        if about.is_some_and(|about| self.thread().is_some_and(|ours| ours != about)) {
            return Step::default();
        }
        match method {
            "thread/tokenUsage/updated" => {
                self.usage = params["tokenUsage"]["total"].clone();
                Step::default()
            }
            "account/rateLimits/updated" => Step {
                limits: quota::windows(&params["rateLimits"]),
                ..Step::default()
            },
            "turn/completed" => {
                if let Stage::Working { turn, .. } = &self.stage
                    && params["turn"]["id"].as_str() != Some(turn)
                {
                    return Step::default();
                }
                self.stage = Stage::Over;
                let end = translate::turn_completed(&params["turn"], &self.usage);
                self.hear(vec![end])
            }
            _ if pieces::is_piece(method) => Step {
                seen: vec![Seen::going_on()],
                piece: self.piece(method, params),
                ..Step::default()
            },
            _ => {
                if method == "item/started" {
                    self.patch = Patch::of(&params["item"]).or(self.patch.take());
                }
                let lines = translate::notification(method, params);
                Step {
                    piece: self.piece(method, params),
                    ..self.hear(lines.into_iter().collect())
                }
            }
        }
    }

    fn piece(&self, method: &str, params: &Value) -> Option<Piece> {
        let piece = pieces::piece(method, params)?;
        let is_message = matches!(&piece, Piece::More { kind, .. } if *kind == LiveKind::Message);
        // What a reviewer answers is JSON, which is put into words when it is there.
        (!is_message || !self.parser.reads_reviews()).then_some(piece)
    }

    fn thread(&self) -> Option<&str> {
        match &self.stage {
            Stage::Turning { thread } | Stage::Working { thread, .. } => Some(thread),
            Stage::Greeting | Stage::Opening | Stage::Over => None,
        }
    }

    fn hear(&mut self, lines: Vec<Value>) -> Step {
        let hear = |line: Value| self.parser.line(&line.to_string());
        Step {
            seen: lines.into_iter().map(hear).collect(),
            ..Step::default()
        }
    }
}

fn request(id: u64, method: &str, params: &Value) -> String {
    json!({ "id": id, "method": method, "params": params }).to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
