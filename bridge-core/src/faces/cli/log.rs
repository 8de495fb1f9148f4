//! Logs go to standard error, and none of them, nor a panic, past the scrubber.

use std::cell::Cell;
use std::io::{self, Write};
use std::sync::OnceLock;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::domain::scrub::Scrubber;
use crate::use_cases::bridge::Bridge;

/// The variable that says what is logged.
pub(crate) const LOG_VAR: &str = "CODEX_BRIDGE_LOG";
const DEFAULT_FILTER: &str = "warn";

thread_local! {
    /// Making the scrubber may itself log; that line must not wait for it.
    static MAKING: Cell<bool> = const { Cell::new(false) };
}

/// Sends the logs of this process to standard error, scrubbed; a panic too.
pub(crate) fn install(bridge: &Bridge) {
    let wanted = bridge.host().var(LOG_VAR);
    let wanted = wanted.map_or(DEFAULT_FILTER.into(), |filter| filter.to_string_lossy());
    let filter = EnvFilter::try_new(&wanted).unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let writer = ScrubbingWriter::new(Source::Bridge(bridge.clone()), io::stderr);
    // Fails where a subscriber is set already, as in a test: then that one decides.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .try_init();
    scrub_panics(bridge.clone());
}

/// Where the scrubber comes from.
enum Source {
    /// The bridge, which reads the person's additions from the configuration.
    Bridge(Bridge),
    /// One that is there.
    #[cfg(test)]
    Ready(Scrubber),
}

/// Scrubs each log line. The scrubber is made for the first line, so that a start without any costs nothing.
struct ScrubbingWriter<O> {
    source: Source,
    scrubber: OnceLock<Scrubber>,
    out: O,
}

impl<O> ScrubbingWriter<O> {
    fn new(source: Source, out: O) -> ScrubbingWriter<O> {
        ScrubbingWriter {
            source,
            scrubber: OnceLock::new(),
            out,
        }
    }

    fn scrub(&self, line: &str) -> String {
        if MAKING.get() {
            return match &self.source {
                Source::Bridge(bridge) => bridge.plain_scrubber().scrub(line).into_string(),
                #[cfg(test)]
                Source::Ready(scrubber) => scrubber.scrub(line).into_string(),
            };
        }
        let scrubber = self.scrubber.get_or_init(|| {
            MAKING.set(true);
            let scrubber = match &self.source {
                Source::Bridge(bridge) => bridge.scrubber(),
                #[cfg(test)]
                Source::Ready(scrubber) => scrubber.clone(),
            };
            MAKING.set(false);
            scrubber
        });
        scrubber.scrub(line).into_string()
    }
}

impl<'a, O: Fn() -> W + 'a, W: Write + 'a> MakeWriter<'a> for ScrubbingWriter<O> {
    type Writer = Line<'a, O, W>;

    fn make_writer(&'a self) -> Self::Writer {
        Line {
            owner: self,
            bytes: Vec::new(),
            out: (self.out)(),
        }
    }
}

/// One log line; it is written when it is whole, because a secret may lie across two writes.
struct Line<'a, O, W: Write> {
    owner: &'a ScrubbingWriter<O>,
    bytes: Vec<u8>,
    out: W,
}

impl<O, W: Write> Write for Line<'_, O, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<O, W: Write> Drop for Line<'_, O, W> {
    fn drop(&mut self) {
        let line = String::from_utf8_lossy(&self.bytes);
        // A log line that can't be written has nobody to be told of.
        let _ = self.out.write_all(self.owner.scrub(&line).as_bytes());
    }
}

fn scrub_panics(bridge: Bridge) {
    std::panic::set_hook(Box::new(move |info| {
        let reason = info.payload_as_str().unwrap_or("no reason given");
        let place = info.location().map_or_else(String::new, |place| {
            format!(" at {}:{}", place.file(), place.line())
        });
        let text = format!("codex-bridge-mcp: a fault in the bridge itself{place}: {reason}\n");
        let text = bridge.plain_scrubber().scrub(&text);
        let _ = io::stderr().write_all(text.as_str().as_bytes());
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_log_line_goes_through_the_scrubber() {
        let secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD";
        let sink = Sink::default();
        let out = sink.clone();
        let writer = ScrubbingWriter::new(Source::Ready(Scrubber::builtin()), move || out.clone());
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(writer)
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(key = secret, "the key was refused");
        });
        let logged = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        let line = format!(
            " WARN {}: the key was refused key=\"{secret}\"\n",
            module_path!()
        );
        assert_eq!(logged, Scrubber::builtin().scrub(&line).into_string());
    }
}
