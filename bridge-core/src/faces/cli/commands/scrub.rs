//! `scrub`: takes secrets out of standard input.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::scrub::{Removed, Scrubber};
use crate::faces::cli::args::ScrubArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::screen;
use crate::use_cases::bridge::Bridge;

/// What is read at once, if there is so much.
const CHUNK: usize = 256 * 1024;

/// Scrubs what comes in, as it comes.
pub(super) fn scrub(bridge: &Bridge, args: &ScrubArgs) -> Result<Exit, Fault> {
    let scrubber = bridge.settings()?.scrubber;
    let input = io::stdin().lock();
    if args.explain {
        return explain(bridge, &scrubber, input, args.json);
    }
    let out = BufWriter::new(io::stdout().lock());
    if args.jsonl {
        json_lines(&scrubber, BufReader::new(input), out)?;
    } else {
        filter(&scrubber, input, out)?;
    }
    Ok(Exit::Fine)
}

/// Writes what comes in without its secrets, a line as soon as it is decided.
fn filter(scrubber: &Scrubber, mut input: impl Read, mut out: impl Write) -> Result<(), Fault> {
    let mut stream = scrubber.stream();
    let mut buffer = vec![0; CHUNK];
    let mut held = 0;
    loop {
        let read = match input.read(&mut buffer[held..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(Fault::Input)?,
        };
        let end = held + read;
        let whole = if read == 0 {
            end
        } else {
            whole_characters(&buffer[..end])
        };
        // Almost all of it is UTF-8, and that is found out far faster than what is not is replaced.
        let scrubbed = match std::str::from_utf8(&buffer[..whole]) {
            Ok(text) => stream.push(text),
            Err(_) => stream.push(&String::from_utf8_lossy(&buffer[..whole])),
        };
        out.write_all(scrubbed.as_str().as_bytes())
            .and_then(|()| out.flush())
            .map_err(Fault::Output)?;
        if read == 0 {
            break;
        }
        buffer.copy_within(whole..end, 0);
        held = end - whole;
    }
    let rest = stream.finish();
    out.write_all(rest.as_str().as_bytes())
        .and_then(|()| out.flush())
        .map_err(Fault::Output)
}

/// How many bytes there are before a character that is not all there yet.
fn whole_characters(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(3);
    let start = bytes[from..]
        .iter()
        .rposition(|byte| *byte >= 0xC0)
        .map(|at| from + at);
    match start {
        Some(start) => match std::str::from_utf8(&bytes[start..]) {
            Err(error) if error.error_len().is_none() => start + error.valid_up_to(),
            _ => bytes.len(),
        },
        None => bytes.len(),
    }
}

#[derive(Deserialize)]
struct Pieces {
    id: Value,
    chunks: Vec<String>,
}

#[derive(Serialize)]
struct Whole {
    id: Value,
    text: String,
}

/// Answers each line, the pieces of one stream, with what is let through.
fn json_lines(scrubber: &Scrubber, input: impl BufRead, mut out: impl Write) -> Result<(), Fault> {
    for (number, line) in input.lines().enumerate() {
        let line = line.map_err(Fault::Input)?;
        if line.trim().is_empty() {
            continue;
        }
        let Pieces { id, chunks } = serde_json::from_str(&line).map_err(|error| Fault::Usage {
            message: format!("line {}: {error}", number + 1),
            hint: "Each line is an object with `id` and `chunks`, an array of strings.",
        })?;
        let mut stream = scrubber.stream();
        let mut text = String::new();
        for chunk in &chunks {
            text.push_str(stream.push(chunk).as_str());
        }
        text.push_str(stream.finish().as_str());
        serde_json::to_writer(&mut out, &Whole { id, text })
            .map_err(|error| Fault::Output(error.into()))?;
        out.write_all(b"\n").map_err(Fault::Output)?;
    }
    out.flush().map_err(Fault::Output)
}

/// Something that would be taken out.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct FoundDto {
    line: usize,
    column: usize,
    characters: usize,
    rule: &'static str,
}

fn explain(
    bridge: &Bridge,
    scrubber: &Scrubber,
    mut input: impl Read,
    json: bool,
) -> Result<Exit, Fault> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(Fault::Input)?;
    let text = String::from_utf8_lossy(&bytes);
    let (_, removed) = scrubber.explain(&text);
    let found = places(&text, &removed);
    if json {
        screen::print_json(&serde_json::json!({ "found": found }))?;
    } else {
        let look = Look::of(&io::stdout(), bridge.host());
        let mut lines: Vec<String> = found
            .iter()
            .map(|found| {
                let rule = look.paint(Tone::Warn, found.rule);
                let size = counted(found.characters, "character");
                format!(
                    "line {}, column {}: {rule}, {size}",
                    found.line, found.column
                )
            })
            .collect();
        lines.push(match found.len() {
            0 => "Nothing would be taken out.".to_owned(),
            count => format!("{} would be taken out.", counted(count, "place")),
        });
        screen::print(&lines)?;
    }
    Ok(if found.is_empty() {
        Exit::Fine
    } else {
        Exit::Failed
    })
}

fn counted(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// Where things stand in a text, as editors count.
fn places(text: &str, removed: &[Removed]) -> Vec<FoundDto> {
    let (mut line, mut line_start, mut seen) = (1, 0, 0);
    removed
        .iter()
        .map(|Removed { range, rule }| {
            let before = &text[seen..range.start];
            line += before.matches('\n').count();
            line_start = before.rfind('\n').map_or(line_start, |at| seen + at + 1);
            seen = range.start;
            FoundDto {
                line,
                column: text[line_start..range.start].chars().count() + 1,
                characters: text[range.clone()].chars().count(),
                rule,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(input: impl Read) -> String {
        let mut out = Vec::new();
        filter(&Scrubber::builtin(), input, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Gives one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            self.0.read(&mut buffer[..count])
        }
    }

    #[test]
    fn text_goes_through_however_it_comes() {
        let text = "gr\u{fc}n \u{6f22} \u{1f600}\nDB_PASSWORD=hunter2x\nlast";
        let expected = "gr\u{fc}n \u{6f22} \u{1f600}\nDB_PASSWORD=[redacted:password]\nlast";
        assert_eq!(filtered(text.as_bytes()), expected);
        assert_eq!(filtered(Slow(text.as_bytes())), expected);
        assert_eq!(filtered(&b"a\xff\xe6\xbc"[..]), "a\u{fffd}\u{fffd}");
        assert_eq!(filtered(Slow(b"a\xff\xe6\xbcb")), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn streams_are_answered_by_their_ids() {
        let input = "{\"id\":7,\"chunks\":[\"DB_PASS\",\"WORD=hun\",\"ter2x\"],\"more\":1}\n\n";
        let mut out = Vec::new();
        json_lines(&Scrubber::builtin(), input.as_bytes(), &mut out).unwrap();
        let expected = "{\"id\":7,\"text\":\"DB_PASSWORD=[redacted:password]\"}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let fault = json_lines(&Scrubber::builtin(), &b"{}"[..], Vec::new()).unwrap_err();
        assert!(fault.to_string().starts_with("line 1: missing field"));
    }

    #[test]
    fn places_are_counted_as_editors_do() {
        let text = "\u{fc}\nx password: hunter2x\n\u{fc} DB_PASSWORD=ab12!x";
        let (_, removed) = Scrubber::builtin().explain(text);
        let place = |line, column, characters| FoundDto {
            line,
            column,
            characters,
            rule: "password",
        };
        assert_eq!(places(text, &removed), [place(2, 13, 8), place(3, 15, 6)]);
    }
}
