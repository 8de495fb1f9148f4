//! Says things to Codex at Codex's own pace.

use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How much may wait until Codex reads it.
const MOST_WAITING: usize = 256;

/// The way into Codex's standard input. What is still to be written when it is dropped is lost.
#[derive(Debug)]
pub(super) struct Mouth {
    /// Gone when nothing more will be said.
    words: Option<mpsc::Sender<String>>,
    writing: JoinHandle<()>,
}

impl Mouth {
    /// Must be called inside a tokio runtime.
    pub(super) fn of(stdin: ChildStdin) -> Mouth {
        let (words, said) = mpsc::channel(MOST_WAITING);
        Mouth {
            words: Some(words),
            writing: tokio::spawn(write(stdin, said)),
        }
    }

    /// Codex that has not read for so long is not spoken to any more.
    pub(super) fn say(&mut self, text: String) {
        if let Some(words) = &self.words
            && words.try_send(text).is_err()
        {
            self.close();
        }
    }

    /// Nothing more will be said: Codex sees the end after the last word.
    pub(super) fn close(&mut self) {
        self.words = None;
    }
}

impl Drop for Mouth {
    fn drop(&mut self) {
        self.writing.abort();
    }
}

/// Ends when the last word is written, or with the pipe. One that reads no input is none of our faults.
async fn write(mut stdin: ChildStdin, mut words: mpsc::Receiver<String>) {
    while let Some(text) = words.recv().await {
        if let Err(error) = stdin.write_all(text.as_bytes()).await {
            tracing::info!(%error, "Codex did not read all that it was told");
            return;
        }
    }
}
