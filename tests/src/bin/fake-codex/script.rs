//! The steps of a run, and how a line of text names one.

use std::time::Duration;

use rustix::process::Signal;

use crate::leftover::Shape;

const PREFIX: &str = "FAKE: ";

/// What to do, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
}

/// One thing to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    Line(String),
    Bytes(Vec<u8>),
    PartialLine,
    FloodNoNewline(usize),
    LongLine(usize),
    Events { count: usize, size: usize },
    Stamps { count: usize, apart: Duration },
    Every { pause: Duration, line: String },
    Stderr(usize),
    Thread(Option<String>),
    Turn,
    Message(String),
    Complete,
    Fail(String),
    Cwd,
    Argv,
    Env,
    Write { file: String, text: String },
    WaitFor(String),
    Sleep(Duration),
    Hang,
    CloseStdout,
    StdinCloseEarly,
    StdinNeverRead,
    IgnoreSignals,
    Spawn { shape: Shape, seconds: Duration },
    Exit(i32),
    Die(Signal),
}

impl Script {
    /// Reads a script that is a file of its own; the prefix may be left out.
    pub(crate) fn parse_file(text: &str) -> Result<Script, String> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        Script::of(lines.map(|line| line.strip_prefix(PREFIX).unwrap_or(line)))
    }

    /// Reads the script within a prompt, or else makes up a plain run.
    pub(crate) fn parse_prompt(text: &str) -> Result<Script, String> {
        let script = Script::of(text.lines().filter_map(|line| line.strip_prefix(PREFIX)))?;
        if script.steps.is_empty() {
            let hello = Step::Message("Hello from the fake Codex.".to_owned());
            let steps = vec![Step::Thread(None), Step::Turn, hello, Step::Complete];
            return Ok(Script { steps });
        }
        Ok(script)
    }

    fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Script, String> {
        let steps = lines.map(|line| {
            Step::parse(line).ok_or_else(|| format!("fake-codex: no such step: {line}"))
        });
        Ok(Script {
            steps: steps.collect::<Result<_, _>>()?,
        })
    }
}

impl Step {
    fn parse(line: &str) -> Option<Step> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line.trim_end(), ""));
        let mut words = argument.split_whitespace();
        Some(match verb {
            "event" | "raw" => Step::Line(argument.to_owned()),
            "bytes" => Step::Bytes(unhex(argument.trim())?),
            "partial-line" => Step::PartialLine,
            "flood-no-newline" => Step::FloodNoNewline(size(words.next()?)?),
            "long-line" => Step::LongLine(size(words.next()?)?),
            "events" => Step::Events {
                count: words.next()?.parse().ok()?,
                size: words.next().map_or(Some(0), size)?,
            },
            "stamps" => Step::Stamps {
                count: words.next()?.parse().ok()?,
                apart: seconds(words.next()?)?,
            },
            "every" => {
                let (pause, line) = argument.split_once(' ')?;
                Step::Every {
                    pause: seconds(pause)?,
                    line: line.to_owned(),
                }
            }
            "stderr" => Step::Stderr(size(words.next()?)?),
            "thread" => Step::Thread(words.next().map(str::to_owned)),
            "turn" => Step::Turn,
            "message" => Step::Message(argument.to_owned()),
            "complete" => Step::Complete,
            "fail" => Step::Fail(argument.to_owned()),
            "cwd" => Step::Cwd,
            "argv" => Step::Argv,
            "env" => Step::Env,
            "write" => {
                let (file, text) = argument.split_once(' ').unwrap_or((argument, ""));
                Step::Write {
                    file: file.to_owned(),
                    text: text.to_owned(),
                }
            }
            "wait-for" => Step::WaitFor(argument.to_owned()),
            "sleep" => Step::Sleep(seconds(words.next()?)?),
            "hang" => Step::Hang,
            "close-stdout" => Step::CloseStdout,
            "stdin-close-early" => Step::StdinCloseEarly,
            "stdin-never-read" => Step::StdinNeverRead,
            "ignore-signals" => Step::IgnoreSignals,
            "spawn" => Step::Spawn {
                shape: Shape::parse(words.next()?)?,
                seconds: seconds(words.next()?)?,
            },
            "exit" => Step::Exit(words.next()?.parse().ok()?),
            "signal" => Step::Die(signal(words.next()?)?),
            _ => return None,
        })
    }
}

/// A number of seconds, also a broken one.
pub(crate) fn seconds(word: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(word.parse().ok()?).ok()
}

fn size(word: &str) -> Option<usize> {
    let (digits, factor) = match word.strip_suffix('k') {
        Some(digits) => (digits, 1 << 10),
        None => match word.strip_suffix('M') {
            Some(digits) => (digits, 1 << 20),
            None => (word, 1),
        },
    };
    digits.parse::<usize>().ok()?.checked_mul(factor)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.map(byte).collect()
}

fn signal(name: &str) -> Option<Signal> {
    let name = name.to_ascii_uppercase();
    Some(match name.strip_prefix("SIG").unwrap_or(&name) {
        "ABRT" => Signal::ABORT,
        "HUP" => Signal::HUP,
        "INT" => Signal::INT,
        "KILL" => Signal::KILL,
        "QUIT" => Signal::QUIT,
        "SEGV" => Signal::SEGV,
        "STOP" => Signal::STOP,
        "TERM" => Signal::TERM,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Step]) {
        assert_eq!(Script::parse_prompt(text).unwrap().steps, expected);
    }

    #[test]
    fn a_prompt_without_steps_is_a_plain_run() {
        let hello = Step::Message("Hello from the fake Codex.".to_owned());
        check(
            "do it",
            &[Step::Thread(None), Step::Turn, hello, Step::Complete],
        );
    }

    #[test]
    fn steps_are_the_lines_with_the_prefix() {
        check(
            "please\nFAKE: raw  two  words \nFAKE: bytes 00fF\nthanks\nFAKE: long-line 2k",
            &[
                Step::Line(" two  words ".to_owned()),
                Step::Bytes(vec![0, 255]),
                Step::LongLine(2048),
            ],
        );
        check(
            "FAKE: events 3 1M\nFAKE: events 2\nFAKE: signal SIGKILL\nFAKE: spawn double-fork 0.5",
            &[
                Step::Events {
                    count: 3,
                    size: 1 << 20,
                },
                Step::Events { count: 2, size: 0 },
                Step::Die(Signal::KILL),
                Step::Spawn {
                    shape: Shape::DoubleFork,
                    seconds: Duration::from_millis(500),
                },
            ],
        );
    }

    #[test]
    fn a_step_that_is_not_understood_is_an_error() {
        fn check(step: &str) {
            let error = Script::parse_prompt(&format!("FAKE: {step}")).unwrap_err();
            assert_eq!(error, format!("fake-codex: no such step: {step}"));
        }
        check("dance");
        check("sleep");
        check("sleep -1");
        check("long-line 1G");
        check("spawn sideways 3");
        check("bytes 0g");
    }
}
