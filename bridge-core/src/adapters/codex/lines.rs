//! Reads lines from a child's output, in bounded memory whatever the child writes.

use std::borrow::Cow;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest line that is kept. Codex cuts a command's output at about 1 MiB, but wrote one message of 2 MiB as
/// one line of 2.13 MB (0.118 and 0.169).
pub const MAX_LINE: usize = 8 * 1024 * 1024;

/// The capacity of a Linux pipe: more than this never comes at once.
const CHUNK: usize = 64 * 1024;

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A whole line. Bytes that are no UTF-8 are replaced.
    Whole(Cow<'a, str>),
    /// The last line, which the child did not finish.
    Partial(Cow<'a, str>),
    /// A line that was too long to be kept.
    TooLong {
        /// How many bytes it had.
        bytes: u64,
    },
}

/// Splits a stream into lines.
///
/// Use it in two loops, so that what is ready is taken without waiting:
/// `while reader.fill().await? { while let Some(line) = reader.ready() { … } }`
#[derive(Debug)]
pub struct LineReader<R> {
    source: R,
    limit: usize,
    buffer: Vec<u8>,
    /// What was read and not yet handed out is `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Up to here there is no line end.
    scanned: usize,
    /// How many bytes of the present line were thrown away.
    skipped: Option<u64>,
    ended: bool,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// Reads lines of up to [`MAX_LINE`].
    pub fn new(source: R) -> LineReader<R> {
        Self::with_limit(source, MAX_LINE)
    }

    /// Reads lines of up to `limit` bytes.
    pub fn with_limit(source: R, limit: usize) -> LineReader<R> {
        LineReader {
            source,
            limit,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            scanned: 0,
            skipped: None,
            ended: false,
        }
    }

    /// Waits for more. `false` says that all is read and handed out. Nothing is lost when the future is dropped.
    ///
    /// Take all that is [`ready`](Self::ready) before.
    pub async fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(self.start < self.end || self.skipped.is_some());
        }
        self.make_room();
        let read = self.source.read(&mut self.buffer[self.end..]).await?;
        self.end += read;
        self.ended = read == 0;
        Ok(!self.ended || self.start < self.end || self.skipped.is_some())
    }

    /// The next line, if all of it is there.
    pub fn ready(&mut self) -> Option<Line<'_>> {
        match memchr::memchr(b'\n', &self.buffer[self.scanned..self.end]) {
            Some(offset) => Some(self.take(self.scanned + offset, true)),
            None if self.ended && (self.start < self.end || self.skipped.is_some()) => {
                Some(self.take(self.end, false))
            }
            None => {
                self.scanned = self.end;
                if self.skipped.is_some() || self.end - self.start > self.limit {
                    let bytes = (self.end - self.start) as u64;
                    self.skipped = Some(self.skipped.unwrap_or(0) + bytes);
                    (self.start, self.end, self.scanned) = (0, 0, 0);
                }
                None
            }
        }
    }

    /// Hands out the line that ends at `line_end`, where there is a line feed or nothing more.
    fn take(&mut self, line_end: usize, whole: bool) -> Line<'_> {
        let line_start = self.start;
        self.start = if whole { line_end + 1 } else { line_end };
        self.scanned = self.start;
        let length = line_end - line_start;
        if let Some(skipped) = self.skipped.take() {
            return Line::TooLong {
                bytes: skipped + length as u64,
            };
        }
        if length > self.limit {
            return Line::TooLong {
                bytes: length as u64,
            };
        }
        let bytes = &self.buffer[line_start..line_end];
        let text = String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes));
        if whole {
            Line::Whole(text)
        } else {
            Line::Partial(text)
        }
    }

    /// Moves what is left to the front, and grows or shrinks the buffer as the present line needs.
    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.scanned -= self.start;
            self.start = 0;
        }
        if self.end + CHUNK <= self.buffer.len() {
            if self.end < CHUNK && self.buffer.len() > 4 * CHUNK {
                self.buffer.truncate(2 * CHUNK);
                self.buffer.shrink_to_fit();
            }
        } else if self.buffer.len() - self.end < CHUNK / 2 {
            let size = (self.buffer.len() * 2).min(self.limit + 2 * CHUNK);
            let size = size.max(self.end + CHUNK);
            self.buffer.reserve_exact(size - self.buffer.len());
            self.buffer.resize(size, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    /// Gives `pieces` one by one, as a pipe does.
    fn pipe(pieces: Vec<Vec<u8>>) -> impl AsyncRead + Unpin {
        struct Pieces(Vec<Vec<u8>>);
        impl AsyncRead for Pieces {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
                out: &mut tokio::io::ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                if let Some(piece) = self.0.first_mut() {
                    let size = piece.len().min(out.remaining());
                    out.put_slice(&piece[..size]);
                    piece.drain(..size);
                    if piece.is_empty() {
                        self.0.remove(0);
                    }
                }
                Poll::Ready(Ok(()))
            }
        }
        Pieces(pieces)
    }

    async fn read_all<R: AsyncRead + Unpin>(mut reader: LineReader<R>) -> Vec<String> {
        let mut lines = Vec::new();
        while reader.fill().await.unwrap() {
            while let Some(line) = reader.ready() {
                lines.push(match line {
                    Line::Whole(text) => text.into_owned(),
                    Line::Partial(text) => format!("partial {text}"),
                    Line::TooLong { bytes } => format!("too long {bytes}"),
                });
            }
        }
        lines
    }

    async fn check(pieces: &[&[u8]], expected: &[&str]) {
        let pieces = pieces.iter().map(|piece| piece.to_vec()).collect();
        let lines = read_all(LineReader::with_limit(pipe(pieces), 8)).await;
        assert_eq!(lines, expected);
    }

    #[tokio::test]
    async fn splits_at_line_ends_wherever_the_pieces_end() {
        check(&[b"one\ntwo\n"], &["one", "two"]).await;
        check(&[b"on", b"e\nt", b"wo", b"\n"], &["one", "two"]).await;
        check(&[b"one\r\n\ntwo\n"], &["one", "", "two"]).await;
        check(&[], &[]).await;
    }

    #[tokio::test]
    async fn a_last_line_without_an_end_is_partial() {
        check(&[b"one\ntw", b"o"], &["one", "partial two"]).await;
        check(&[b"one\n"], &["one"]).await;
    }

    #[tokio::test]
    async fn a_line_above_the_limit_is_skipped_and_counted() {
        check(&[b"12345678\n"], &["12345678"]).await;
        check(&[b"123456789\nok\n"], &["too long 9", "ok"]).await;
        check(
            &[b"123456789", b"123456789", b"1\nok\n"],
            &["too long 19", "ok"],
        )
        .await;
        check(&[b"123456789", b"123456789"], &["too long 18"]).await;
        check(&[b"123456789", b"\nok"], &["too long 9", "partial ok"]).await;
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_replaced() {
        check(&[b"a\xffb\n\xc3", b"\xa4\n"], &["a\u{fffd}b", "ä"]).await;
    }

    #[tokio::test]
    async fn a_line_as_long_as_allowed_comes_whole() {
        let mut text = vec![b'x'; MAX_LINE];
        text.extend(b"\nnext\n");
        let lines = read_all(LineReader::new(&text[..])).await;
        assert_eq!(
            lines.iter().map(String::len).collect::<Vec<_>>(),
            [MAX_LINE, 4]
        );
    }

    #[tokio::test]
    async fn an_endless_line_takes_no_more_memory_than_an_allowed_one() {
        let endless = tokio::io::repeat(b'x').take(5 * MAX_LINE as u64);
        let mut reader = LineReader::new(endless);
        let mut largest = 0;
        while reader.fill().await.unwrap() {
            largest = largest.max(reader.buffer.capacity());
            if let Some(line) = reader.ready() {
                let bytes = 5 * MAX_LINE as u64;
                assert_eq!(line, Line::TooLong { bytes });
            }
        }
        assert!(largest <= MAX_LINE + 2 * CHUNK, "{largest}");
        assert!(reader.buffer.capacity() <= 4 * CHUNK);
    }
}
