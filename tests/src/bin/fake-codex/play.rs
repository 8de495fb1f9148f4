//! Does what the script says.

use std::fs::{self, File};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use serde_json::{Map, Value};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use uuid::Uuid;

use crate::arguments::Arguments;
use crate::events;
use crate::leftover;
use crate::script::{Script, Step};
use crate::version::Version;

/// Codex panics when nobody reads its events any more.
const READER_GONE: i32 = 101;
const POLL: Duration = Duration::from_millis(5);

/// One run.
pub(crate) struct Player<'a> {
    argv: &'a [String],
    version: Version,
    arguments: &'a Arguments,
    out: BufWriter<StdoutLock<'static>>,
    /// Whether SIGINT ends the process.
    interruptible: Arc<AtomicBool>,
    items: usize,
    failed: bool,
}

impl<'a> Player<'a> {
    pub(crate) fn new(
        argv: &'a [String],
        version: &Version,
        arguments: &'a Arguments,
    ) -> Player<'a> {
        let interruptible = Arc::new(AtomicBool::new(true));
        signal_hook::flag::register_conditional_shutdown(SIGINT, 1, Arc::clone(&interruptible))
            .unwrap();
        Player {
            argv,
            version: *version,
            arguments,
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            interruptible,
            items: 0,
            failed: false,
        }
    }

    pub(crate) fn play(mut self, script: &Script) -> ExitCode {
        for step in &script.steps {
            let written = self.step(step).and_then(|()| self.out.flush());
            if let Err(error) = written {
                eprintln!("failed printing to stdout: {error}");
                std::process::exit(READER_GONE);
            }
        }
        ExitCode::from(u8::from(self.failed))
    }

    fn step(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::Line(line) => writeln!(self.out, "{line}")?,
            Step::Bytes(bytes) => self.out.write_all(bytes)?,
            Step::PartialLine => {
                let line = events::message(self.items, "half of a message");
                let (half, _) = line.split_at(line.len() / 2);
                self.out.write_all(half.as_bytes())?;
            }
            Step::FloodNoNewline(size) => flood(&mut self.out, *size, b"x")?,
            Step::LongLine(size) => self.event(|number| events::message_of_size(number, *size))?,
            Step::Events { count, size } => {
                for _ in 0..*count {
                    self.event(|number| events::message_of_size(number, *size))?;
                }
            }
            Step::Stamps { count, apart } => self.stamps(*count, *apart)?,
            Step::Every { pause, line } => loop {
                self.line(line)?;
                self.out.flush()?;
                std::thread::sleep(*pause);
            },
            Step::Stderr(size) => {
                let mut stderr = BufWriter::new(io::stderr().lock());
                // Who does not read stderr gets no less on stdout.
                let _ = flood(&mut stderr, *size, b"a line on stderr, of 32 bytes..\n");
            }
            Step::Thread(id) => {
                let id = id.as_ref().or(self.arguments.session.as_ref());
                let id = id.map_or_else(|| Uuid::now_v7().to_string(), String::clone);
                self.line(&events::thread_started(&id))?;
            }
            Step::Turn => self.line(&events::turn_started())?,
            Step::Message(text) => self.message(text)?,
            Step::Complete => self.line(&events::turn_completed(self.version))?,
            Step::Fail(text) => {
                self.failed = true;
                self.line(&events::error(text))?;
                self.line(&events::turn_failed(text))?;
            }
            Step::Cwd => {
                let cwd = std::env::current_dir()?;
                self.message(&cwd.to_string_lossy())?;
            }
            Step::Argv => self.message(&Value::from(self.argv.to_vec()).to_string())?,
            Step::Env => self.message(&environment().to_string())?,
            Step::Write { file, text } => fs::write(file, format!("{text}\n"))?,
            Step::WaitFor(file) => {
                while !Path::new(file).exists() {
                    std::thread::sleep(POLL);
                }
            }
            Step::Sleep(duration) => std::thread::sleep(*duration),
            Step::Hang => forever(),
            Step::StdinCloseEarly => rustix::stdio::dup2_stdin(File::open("/dev/null")?)?,
            Step::CloseStdout => {
                let nowhere = File::options().write(true).open("/dev/null")?;
                rustix::stdio::dup2_stdout(nowhere)?;
            }
            // Has been decided before.
            Step::StdinNeverRead => {}
            Step::IgnoreSignals => {
                self.interruptible.store(false, Ordering::SeqCst);
                leftover::ignore(&[SIGHUP, SIGTERM]);
            }
            Step::Spawn { shape, seconds } => leftover::spawn(*shape, *seconds),
            Step::Exit(code) => std::process::exit(*code),
            Step::Die(signal) => die(*signal)?,
        }
        Ok(())
    }

    /// Prints a message and, as Codex does in the end, writes it where the last one belongs.
    fn message(&mut self, text: &str) -> io::Result<()> {
        if let Some(file) = &self.arguments.last_message_file {
            fs::write(file, text)?;
        }
        self.event(|number| events::message(number, text))
    }

    /// The distances differ, so that they keep no step with anybody who looks at regular times.
    fn stamps(&mut self, count: usize, apart: Duration) -> io::Result<()> {
        for number in 0..count {
            let part = u32::try_from(number * 7 % 11).unwrap_or_default();
            std::thread::sleep(apart / 2 + apart * part / 10);
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_err(io::Error::other)?;
            let (seconds, rest) = (now.as_secs(), now.subsec_nanos());
            self.event(|number| events::message(number, &format!("{seconds} s {rest} ns")))?;
            self.out.flush()?;
        }
        Ok(())
    }

    fn event(&mut self, event: impl FnOnce(usize) -> String) -> io::Result<()> {
        let event = event(self.items);
        self.items += 1;
        self.line(&event)
    }

    fn line(&mut self, event: &str) -> io::Result<()> {
        writeln!(self.out, "{event}")
    }
}

fn flood(out: &mut impl Write, size: usize, pattern: &[u8]) -> io::Result<()> {
    let chunk = pattern.repeat((1 << 15) / pattern.len());
    let mut left = size;
    while left > 0 {
        let part = &chunk[..chunk.len().min(left)];
        out.write_all(part)?;
        left -= part.len();
    }
    out.flush()
}

fn environment() -> Value {
    let variables = std::env::vars_os().map(|(name, value)| {
        let value = Value::from(value.to_string_lossy());
        (name.to_string_lossy().into_owned(), value)
    });
    variables.collect::<Map<_, _>>().into()
}

fn die(signal: Signal) -> io::Result<()> {
    // The runtime's own handler of SIGSEGV swallows the first one.
    loop {
        rustix::process::kill_process(rustix::process::getpid(), signal)?;
        std::thread::sleep(POLL);
    }
}

fn forever() -> ! {
    loop {
        std::thread::park();
    }
}
