//! The self-test as a person sees it: its steps, and the delegated run between them.

use std::time::Duration;

use crate::domain::scrub::Scrubbed;
use crate::faces::cli::fault::Fault;
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen::Screen;
use crate::faces::cli::view::{FRAMES, without_shell};
use crate::faces::cli::{text, time};
use crate::use_cases::self_test::{Against, News, Seen, Step, StepState, Verdict};

/// Columns of the longest title.
const TITLES: usize = 40;
/// So many lines of a command's output and of a message are shown.
const LINES: usize = 8;

/// The steps on a screen.
pub(crate) struct Board<'a> {
    look: Look,
    screen: Screen<'a>,
    current: Option<&'static str>,
    turn: usize,
    trouble: Option<Fault>,
}

impl<'a> Board<'a> {
    /// An empty board with its heading.
    pub(crate) fn new(look: Look, screen: Screen<'a>, against: Against) -> Board<'a> {
        let mut board = Board {
            look,
            screen,
            current: None,
            turn: 0,
            trouble: None,
        };
        let with = match against {
            Against::ScriptedModel => {
                "the real Codex and the model inside this program; no account, no tokens"
            }
            Against::Account => {
                "the real Codex with your account and model; spends a few hundred tokens"
            }
        };
        let lines = [
            look.paint(Tone::Strong, "Codex Bridge self-test"),
            look.paint(Tone::Dim, with),
            String::new(),
        ];
        board.lines(&lines);
        board
    }

    /// Shows what is told.
    pub(crate) fn tell(&mut self, news: &News<'_>) {
        let lines = match news {
            News::Step(step) => {
                self.current = matches!(step.state, StepState::Running).then(|| step.name.title());
                step_lines(step, self.look)
            }
            News::Seen(seen) => seen_lines(seen, self.look),
        };
        self.lines(&lines);
    }

    /// Moves the status line.
    pub(crate) fn tick(&mut self, elapsed: Duration) {
        let Some(title) = self.current else {
            return;
        };
        self.turn += 1;
        let frame = self
            .look
            .paint(Tone::Accent, FRAMES[self.turn % FRAMES.len()]);
        let elapsed = self.look.paint(Tone::Dim, &time::counted(elapsed));
        let drawn = self.screen.status(format!("{frame} {title} {elapsed}"));
        self.keep(drawn);
    }

    /// Shows how it ended.
    pub(crate) fn end(&mut self, verdict: &Verdict) -> Result<(), Fault> {
        self.current = None;
        let cleared = self.screen.clear();
        self.keep(cleared);
        let took = time::spoken(verdict.took);
        let line = if verdict.passed() {
            let count = verdict.steps.len();
            let line = format!("✔ All {count} steps passed in {took}: the whole chain works.");
            self.look.paint(Tone::Good, &line)
        } else {
            let line = format!("✖ The self-test failed after {took}.");
            self.look.paint(Tone::Bad, &line)
        };
        self.lines(&[String::new(), line]);
        self.trouble.take().map_or(Ok(()), Err)
    }

    fn lines(&mut self, lines: &[String]) {
        let written = self.screen.lines(lines);
        self.keep(written);
    }

    /// The test goes on and cleans up even where nobody reads its output any more.
    fn keep(&mut self, result: Result<(), Fault>) {
        if let Err(fault) = result {
            self.trouble.get_or_insert(fault);
        }
    }
}

fn step_lines(step: &Step, look: Look) -> Vec<String> {
    let title = text::pad(step.name.title(), TITLES);
    let took = look.paint(Tone::Dim, &format!("{:>8}", time::spoken(step.took)));
    match &step.state {
        StepState::Running => Vec::new(),
        StepState::Passed { detail } => {
            let room = look.width.saturating_sub(TITLES + 14);
            let detail = text::shorten(&text::one_line(detail.as_str()), room);
            let sign = look.paint(Tone::Good, "✔");
            vec![format!(
                "{sign} {title} {took}  {}",
                look.paint(Tone::Dim, &detail)
            )]
        }
        StepState::Failed { what, remedy } => {
            let sign = look.paint(Tone::Bad, "✖");
            let mut lines = vec![format!("{sign} {title} {took}")];
            let words = [
                (Tone::Plain, text::one_line(what.as_str())),
                (
                    Tone::Accent,
                    format!("→ {}", text::one_line(remedy.as_str())),
                ),
            ];
            for (tone, words) in words {
                for line in text::wrap(&words, look.width.saturating_sub(4)) {
                    lines.push(format!("    {}", look.paint(tone, &line)));
                }
            }
            lines
        }
    }
}

fn seen_lines(seen: &Seen, look: Look) -> Vec<String> {
    match seen {
        Seen::State(state) => vec![inner(look, Tone::Dim, "·", &text::one_line(state.as_str()))],
        Seen::Command {
            line,
            output,
            exit_code,
        } => {
            let command = text::one_line(&without_shell(line.as_str()));
            let mut lines = vec![inner(look, Tone::Accent, "$", &command)];
            lines.extend(
                first_lines(output)
                    .iter()
                    .map(|line| inner(look, Tone::Dim, "│", line)),
            );
            let code = exit_code.map_or_else(|| "ended".to_owned(), |code| format!("exit {code}"));
            lines.push(inner(look, Tone::Dim, "└", &code));
            lines
        }
        Seen::Message(message) => first_lines(message)
            .iter()
            .enumerate()
            .map(|(index, line)| {
                inner(look, Tone::Accent, if index == 0 { "●" } else { " " }, line)
            })
            .collect(),
    }
}

fn inner(look: Look, tone: Tone, sign: &str, words: &str) -> String {
    let room = look.width.saturating_sub(6);
    let line = format!(
        "    {} {}",
        look.paint(tone, sign),
        text::shorten(words, room)
    );
    line.trim_end().to_owned()
}

fn first_lines(words: &Scrubbed) -> Vec<String> {
    let words = text::harmless(words.as_str());
    words
        .trim_end()
        .lines()
        .take(LINES)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::cli::tests::scrubbed;
    use crate::use_cases::self_test::StepName;

    #[test]
    fn the_steps_and_the_run_between_them_are_shown() {
        let mut out = Vec::new();
        let look = Look::plain(80);
        let mut board = Board::new(look, Screen::new(&mut out, false), Against::ScriptedModel);
        let step = |name, state| Step {
            name,
            state,
            took: Duration::from_millis(120),
        };
        let connected = StepState::Passed {
            detail: scrubbed("6 tools"),
        };
        let failed = StepState::Failed {
            what: scrubbed("the run failed: no login"),
            remedy: scrubbed("Log in."),
        };
        let steps = vec![
            step(StepName::Connect, StepState::Running),
            step(StepName::Connect, connected),
            step(StepName::Follow, StepState::Running),
        ];
        for step in &steps {
            board.tell(&News::Step(step));
        }
        board.tell(&News::Seen(&Seen::Command {
            line: scrubbed("/bin/bash -lc 'echo hi'"),
            output: scrubbed("hi\n"),
            exit_code: Some(0),
        }));
        board.tell(&News::Seen(&Seen::Message(scrubbed("It said:\nhi"))));
        let end = step(StepName::Follow, failed);
        board.tell(&News::Step(&end));
        let verdict = Verdict {
            steps: vec![end],
            took: Duration::from_secs(4),
        };
        board.end(&verdict).unwrap();
        drop(board);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "Codex Bridge self-test
the real Codex and the model inside this program; no account, no tokens

✔ connect an MCP client to the server         0.1 s  6 tools
    $ echo hi
    │ hi
    └ exit 0
    ● It said:
      hi
✖ follow it to its end                        0.1 s
    the run failed: no login
    → Log in.

✖ The self-test failed after 4.0 s.
"
        );
    }
}
