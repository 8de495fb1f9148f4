//! What Codex writes: lines come out whole whatever the pieces, none is too long, and none breaks the parser.
#![no_main]

use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{cell::OnceCell, io};

use bridge_core::adapters::codex::lines::{Line, LineReader};
use bridge_core::adapters::codex::parse::Parser;
use bridge_core::domain::bounds::RunBounds;
use bridge_core::domain::scrub::Scrubber;
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::runtime::{Builder, Runtime};

const LIMIT: usize = 512;

/// A pipe that gives what was written piece by piece.
struct Pieces<I>(I);

impl<'a, I: Iterator<Item = &'a [u8]> + Unpin> AsyncRead for Pieces<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(piece) = self.0.next() {
            assert!(
                piece.len() <= out.remaining(),
                "there is room for what a pipe holds"
            );
            out.put_slice(piece);
        }
        Poll::Ready(Ok(()))
    }
}

fuzz_target!(|input: &[u8]| {
    thread_local!(static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() });
    let pieces: Vec<&[u8]> = input
        .split(|byte| *byte == 0)
        .filter(|piece| !piece.is_empty())
        .collect();
    RUNTIME.with(|runtime| {
        let runtime =
            runtime.get_or_init(|| Builder::new_current_thread().build().expect("a runtime"));
        runtime.block_on(read(&pieces));
    });
});

async fn read(pieces: &[&[u8]]) {
    let output = pieces.concat();
    let pipe = Pieces(pieces.iter().copied());
    let mut reader = LineReader::with_limit(pipe, LIMIT);
    let mut parser = Parser::new(Scrubber::builtin(), RunBounds::DEFAULT, PathBuf::from("/w"));
    let mut expected = output.split(|byte| *byte == b'\n');
    while reader.fill().await.expect("the pipe gives no error") {
        while let Some(line) = reader.ready() {
            let raw = expected.next().expect("no line that was not there");
            match line {
                Line::TooLong { bytes } => assert_eq!(bytes, raw.len() as u64),
                Line::Whole(text) | Line::Partial(text) => {
                    assert!(raw.len() <= LIMIT);
                    let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
                    assert_eq!(text, String::from_utf8_lossy(raw));
                    let _ = parser.line(&text);
                }
            }
        }
    }
    assert_eq!(
        expected.map(<[u8]>::len).sum::<usize>(),
        0,
        "no line is lost"
    );
}
