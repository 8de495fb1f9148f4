//! What is said to a Codex process and what it answers, however it is driven.

use crate::adapters::codex::app_server::{Dialogue, Step};
use crate::adapters::codex::parse::Parser;

/// One process's conversation.
#[derive(Debug)]
pub enum Conversation {
    /// `codex exec`: it reads its prompt to the end, then only writes.
    Exec {
        /// What reads its output.
        parser: Box<Parser>,
        /// What the model is told.
        prompt: String,
    },
    /// `codex app-server`: it is spoken to until its turn is over.
    AppServer(Box<Dialogue>),
}

impl Conversation {
    /// What Codex is to read first.
    pub fn opening(&self) -> String {
        match self {
            Conversation::Exec { prompt, .. } => prompt.clone(),
            Conversation::AppServer(dialogue) => dialogue.greeting() + "\n",
        }
    }

    /// Takes a line of Codex's.
    pub fn line(&mut self, line: &str) -> Step {
        match self {
            Conversation::Exec { parser, .. } => Step {
                seen: vec![parser.line(line)],
                ..Step::default()
            },
            Conversation::AppServer(dialogue) => dialogue.line(line),
        }
    }

    /// Whether nothing more will be said to Codex, which ends when it sees the end of its input.
    pub fn is_over(&self) -> bool {
        match self {
            Conversation::Exec { .. } => true,
            Conversation::AppServer(dialogue) => dialogue.is_over(),
        }
    }

    /// Whether Codex has not yet answered a greeting, which takes it no time.
    pub fn is_unanswered(&self) -> bool {
        match self {
            Conversation::Exec { .. } => false,
            Conversation::AppServer(dialogue) => dialogue.is_unanswered(),
        }
    }

    /// Whether Codex never came so far as to open a thread, so that another way to drive it may be tried.
    pub fn never_began(&self) -> bool {
        match self {
            Conversation::Exec { .. } => false,
            Conversation::AppServer(dialogue) => dialogue.never_began(),
        }
    }

    /// What tells the model something in the middle of its turn; `None` where that can't be done.
    pub fn steer(&self, text: &str) -> Option<String> {
        match self {
            Conversation::Exec { .. } => None,
            Conversation::AppServer(dialogue) => dialogue.steer(text),
        }
    }
}
