//! Writes lines, and on a terminal a status line below them that is drawn anew in place.

use std::io::{self, Write};

use crate::faces::cli::fault::Fault;

/// Goes to the first column and clears the line.
const CLEAR: &str = "\r\x1b[2K";

/// A stream that lines go to.
pub(crate) struct Screen<'a> {
    out: Box<dyn Write + 'a>,
    live: bool,
    status: String,
}

impl<'a> Screen<'a> {
    /// A screen; only a live one has a status line.
    pub(crate) fn new(out: impl Write + 'a, live: bool) -> Screen<'a> {
        Screen {
            out: Box::new(out),
            live,
            status: String::new(),
        }
    }

    /// Whether it has a status line.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// Writes lines above the status line.
    pub(crate) fn lines(&mut self, lines: &[String]) -> Result<(), Fault> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        if !self.status.is_empty() {
            text.push_str(CLEAR);
        }
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        // In one write with the lines, or it would flicker.
        text.push_str(&self.status);
        self.write(&text)
    }

    /// Draws the status line; the same one twice costs nothing.
    pub(crate) fn status(&mut self, line: String) -> Result<(), Fault> {
        if !self.live || line == self.status {
            return Ok(());
        }
        self.status = line;
        let text = format!("{CLEAR}{}", self.status);
        self.write(&text)
    }

    /// Takes the status line away.
    pub(crate) fn clear(&mut self) -> Result<(), Fault> {
        if self.status.is_empty() {
            return Ok(());
        }
        self.status.clear();
        self.write(CLEAR)
    }

    fn write(&mut self, text: &str) -> Result<(), Fault> {
        self.out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush())
            .map_err(Fault::Output)
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // The shell's prompt must not stand behind a half-finished line; nobody is left to tell of a failure.
        let _ = self.clear();
    }
}

/// Writes lines to standard output.
pub(crate) fn print(lines: &[String]) -> Result<(), Fault> {
    Screen::new(io::stdout().lock(), false).lines(lines)
}

/// Tells what is being waited for, beside what is printed as the result. Nobody is left to tell of a failure.
pub(crate) fn note(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// Writes an object as indented JSON to standard output.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Fault> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Fault::Output(e.into()))?;
    print(&[text])
}

/// Writes an object as one line of JSON to standard output.
pub(crate) fn print_json_line(value: &impl serde::Serialize) -> Result<(), Fault> {
    let text = serde_json::to_string(value).map_err(|e| Fault::Output(e.into()))?;
    print(&[text])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(live: bool, act: impl FnOnce(&mut Screen<'_>)) -> String {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, live);
        act(&mut screen);
        drop(screen);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_pipe_gets_plain_lines() {
        let text = written(false, |screen| {
            screen.status("busy".into()).unwrap();
            screen.lines(&["one".into(), "two".into()]).unwrap();
        });
        assert_eq!(text, "one\ntwo\n");
    }

    #[test]
    fn the_status_line_stays_below_and_goes_at_the_end() {
        let text = written(true, |screen| {
            screen.status("busy".into()).unwrap();
            screen.status("busy".into()).unwrap();
            screen.lines(&["one".into()]).unwrap();
        });
        assert_eq!(text, "\r\x1b[2Kbusy\r\x1b[2Kone\nbusy\r\x1b[2K");
    }
}
