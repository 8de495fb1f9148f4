//! How output looks: its width and its colours.

use std::os::fd::AsFd;

use anstyle::{AnsiColor, Style};

use crate::use_cases::host::Host;

/// The width where none is known.
const DEFAULT_WIDTH: usize = 100;
/// Lines longer than this are hard to read, however wide the window is.
const MAX_WIDTH: usize = 140;

/// How output looks on the stream that it goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Whether text has colours.
    pub(crate) colour: bool,
    /// How many columns a line may have.
    pub(crate) width: usize,
    /// Whether a line can be drawn anew.
    pub(crate) live: bool,
}

/// What a piece of text is, which decides on its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Ordinary text.
    Plain,
    /// Of less interest.
    Dim,
    /// Of more interest.
    Strong,
    /// A name of something.
    Accent,
    /// It worked.
    Good,
    /// It needs a look.
    Warn,
    /// It failed.
    Bad,
}

impl Look {
    /// The look that suits a stream; `--color` and the usual variables have been heeded.
    pub(crate) fn of<S: AsFd + anstream::stream::RawStream>(stream: &S, host: &Host) -> Look {
        let dumb = host.var("TERM").is_some_and(|term| term == "dumb");
        Look {
            colour: anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
            width: window_width(stream).unwrap_or(DEFAULT_WIDTH).min(MAX_WIDTH),
            live: anstream::stream::IsTerminal::is_terminal(stream) && !dumb,
        }
    }

    /// Plain text of a fixed width.
    #[cfg(test)]
    pub(crate) fn plain(width: usize) -> Look {
        Look {
            colour: false,
            width,
            live: false,
        }
    }

    /// Gives a text its colour.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        let style = tone.style();
        if self.colour && style != Style::new() && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// How many columns the window has, if the stream is one.
pub(crate) fn window_width(stream: &impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

impl Tone {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Tone::Plain => Style::new(),
            Tone::Dim => Style::new().dimmed(),
            Tone::Strong => Style::new().bold(),
            Tone::Accent => colour(AnsiColor::Cyan),
            Tone::Good => colour(AnsiColor::Green),
            Tone::Warn => colour(AnsiColor::Yellow),
            Tone::Bad => colour(AnsiColor::Red).bold(),
        }
    }
}
