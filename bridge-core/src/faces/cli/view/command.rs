//! The lines of a command: what is run, what it prints, how it ends.

use crate::domain::event::{CommandEvent, Phase};
use crate::domain::run::Timestamp;
use crate::faces::cli::look::Tone;
use crate::faces::cli::view::item::{aside, of};
use crate::faces::cli::view::{Fold, Mark, View};
use crate::faces::cli::{text, time};

/// Output longer than this is folded to its first and its last lines.
const OUTPUT_LINES: usize = 12;
const FIRST_LINES: usize = 4;
const LAST_LINES: usize = 6;
/// A command line longer than this is folded as well.
const COMMAND_LINES: usize = 6;

const PROMPT: Mark = Mark {
    sign: "$",
    tone: Tone::Accent,
    text: Tone::Strong,
};

impl View {
    pub(super) fn command(&mut self, at: Timestamp, command: &CommandEvent) -> Vec<String> {
        let began = self.track(command, at);
        match command.phase {
            Phase::Started => {
                self.doing = Some(command_line(command));
                self.open = Some(command.item.clone());
                self.opening(at, command)
            }
            Phase::Updated => {
                self.doing = Some(command_line(command));
                Vec::new()
            }
            Phase::Completed => {
                let mut lines = Vec::new();
                if self.open.as_ref() != Some(&command.item) {
                    lines.extend(self.opening(at, command));
                }
                lines.extend(self.output(command));
                lines.push(self.closing(command, at, began));
                self.commands.remove(&command.item);
                self.open = None;
                self.doing = None;
                lines
            }
        }
    }

    fn opening(&self, at: Timestamp, command: &CommandEvent) -> Vec<String> {
        let shown = without_shell(command.command.text().as_str());
        let mut lines = self.block(at, PROMPT, &shown);
        let more = lines.len().saturating_sub(COMMAND_LINES);
        if self.fold == Fold::Long && more > 1 {
            lines.truncate(COMMAND_LINES);
            lines.push(self.below(aside(" "), &format!("… {more} more lines")));
        }
        lines
    }

    fn output(&self, command: &CommandEvent) -> Vec<String> {
        let output = text::harmless(command.output.text().as_str());
        let all: Vec<&str> = output.trim_end().lines().collect();
        let bar = aside("│");
        let mut lines = Vec::new();
        if self.fold == Fold::Nothing || all.len() <= OUTPUT_LINES {
            lines.extend(all.iter().map(|line| self.output_line(line)));
        } else {
            let (first, rest) = all.split_at(FIRST_LINES);
            let (folded, last) = rest.split_at(rest.len() - LAST_LINES);
            lines.extend(first.iter().map(|line| self.output_line(line)));
            lines.push(self.below(bar, &format!("… {} more lines", folded.len())));
            lines.extend(last.iter().map(|line| self.output_line(line)));
        }
        lines.extend(self.cut(command.output.left_out()));
        lines
    }

    fn output_line(&self, line: &str) -> String {
        match self.fold {
            Fold::Long => self.below(aside("│"), line),
            Fold::Nothing => {
                let bar = self.look.paint(Tone::Dim, "│");
                format!("{}{bar} {line}", self.gutter(None))
                    .trim_end()
                    .to_owned()
            }
        }
    }

    fn closing(&self, command: &CommandEvent, at: Timestamp, began: Timestamp) -> String {
        let took = time::spoken(at.since(began));
        let (tone, fate) = match (command.exit_code, command.status.as_ref()) {
            (Some(0), _) => (Tone::Good, "exit 0".to_owned()),
            (Some(code), _) => (Tone::Bad, format!("exit {code}")),
            (None, Some(status)) => (Tone::Warn, text::one_line(status.as_str())),
            (None, None) => (Tone::Warn, "ended".to_owned()),
        };
        let corner = self.look.paint(Tone::Dim, "└");
        let took = self.look.paint(Tone::Dim, &format!("· {took}"));
        format!(
            "{}{corner} {} {took}",
            self.gutter(None),
            self.look.paint(of(tone, "└").tone, &fate)
        )
    }
}

fn command_line(command: &CommandEvent) -> String {
    let shown = text::one_line(&without_shell(command.command.text().as_str()));
    format!("$ {shown}")
}

/// The command itself, where Codex hands it to a shell: `/bin/bash -lc 'cargo test'` is `cargo test`.
pub(crate) fn without_shell(line: &str) -> String {
    let Some((program, rest)) = line.split_once(' ') else {
        return line.to_owned();
    };
    let name = program.rsplit('/').next().unwrap_or(program);
    let script = rest
        .strip_prefix("-lc ")
        .or_else(|| rest.strip_prefix("-c "));
    match script {
        Some(script) if matches!(name, "bash" | "zsh" | "sh") => {
            unquoted(script).unwrap_or_else(|| line.to_owned())
        }
        Some(_) | None => line.to_owned(),
    }
}

/// One shell word without its quotes; nothing if it is more than one word.
fn unquoted(word: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => loop {
                match chars.next()? {
                    '\'' => break,
                    c => out.push(c),
                }
            },
            '"' => loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => match chars.next()? {
                        c @ ('"' | '\\' | '$' | '`') => out.push(c),
                        c => out.extend(['\\', c]),
                    },
                    c => out.push(c),
                }
            },
            '\\' => out.push(chars.next()?),
            c if c.is_whitespace() => return None,
            c => out.push(c),
        }
    }
    Some(out)
}
