//! Names of runs, threads and requests, checked once where they come in.

use std::fmt;

const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const RUN_ID_DIGITS: usize = 18;

/// Names one run. `run_…` is in the database; `tmp_…` lives only in the memory of the process that owns it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(String);

impl RunId {
    /// Makes an id that sorts by time: 50 bits of milliseconds since 1970, then 40 random bits.
    pub fn new(persistence: Persistence, unix_ms: u64, random: u64) -> RunId {
        let prefix = match persistence {
            Persistence::Stored => "run_",
            Persistence::Ephemeral => "tmp_",
        };
        let mut id = String::with_capacity(prefix.len() + RUN_ID_DIGITS);
        id.push_str(prefix);
        push_base32(&mut id, unix_ms, 10);
        push_base32(&mut id, random, 8);
        RunId(id)
    }

    /// Reads an id as a client wrote it.
    pub fn parse(text: &str) -> Result<RunId, InvalidId> {
        let digits = text
            .strip_prefix("run_")
            .or_else(|| text.strip_prefix("tmp_"))
            .ok_or(InvalidId::RunId)?;
        if digits.len() == RUN_ID_DIGITS && digits.bytes().all(|b| BASE32.contains(&b)) {
            Ok(RunId(text.to_owned()))
        } else {
            Err(InvalidId::RunId)
        }
    }

    /// Whether the run is in the database or only in memory.
    pub fn persistence(&self) -> Persistence {
        if self.0.starts_with("tmp_") {
            Persistence::Ephemeral
        } else {
            Persistence::Stored
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn push_base32(out: &mut String, value: u64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = (value >> (5 * place)) & 31;
        out.push(char::from(BASE32[digit as usize]));
    }
}

/// Where a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// In the database, until history is pruned.
    Stored,
    /// In the memory of one process; nothing touches the disk.
    Ephemeral,
}

/// Names a Codex thread: a UUID in its hyphenated form, in lower case.
///
/// `codex exec resume` takes anything else as the wish for a new thread, so nothing else may pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(String);

impl ThreadId {
    /// Reads a thread id.
    pub fn parse(text: &str) -> Result<ThreadId, InvalidId> {
        let groups_fit = text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        let digits_fit = text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
        if groups_fit && digits_fit {
            Ok(ThreadId(text.to_ascii_lowercase()))
        } else {
            Err(InvalidId::ThreadId)
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names a request, chosen by the client, so that a retry never starts a run twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// The longest request id, in bytes.
    pub const MAX: usize = 128;

    /// Reads a request id: 1 to 128 visible ASCII characters.
    pub fn parse(text: &str) -> Result<RequestId, InvalidId> {
        if (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(RequestId(text.to_owned()))
        } else {
            Err(InvalidId::RequestId)
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a name was not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not the form of a run id.
    #[error("not a run id: it is `run_` or `tmp_` and 18 characters")]
    RunId,
    /// Not a UUID.
    #[error("not a Codex session id: it is a UUID such as 01a20356-e3eb-7f92-962b-08a749c63f25")]
    ThreadId,
    /// Empty, too long, or with characters that are not visible ASCII.
    #[error("not a request id: it is 1 to 128 visible ASCII characters")]
    RequestId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_reads_back_as_itself() {
        let id = RunId::new(Persistence::Stored, 1_795_000_000_000, 0xdead_beef);
        assert_eq!(RunId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn run_ids_sort_by_time() {
        let id = |ms| RunId::new(Persistence::Stored, ms, u64::MAX);
        assert!(id(1_795_000_000_000) < id(1_795_000_000_001));
    }

    #[test]
    fn what_is_not_a_run_id_is_refused() {
        for text in [
            "",
            "run_",
            "run_../../etc",
            "run_' or 1=1 --aaaaaa",
            "RUN_000000000000000000",
            "run_00000000000000000u",
        ] {
            assert_eq!(RunId::parse(text), Err(InvalidId::RunId), "{text}");
        }
    }

    #[test]
    fn a_thread_id_is_a_uuid() {
        let check =
            |text: &str, fits: bool| assert_eq!(ThreadId::parse(text).is_ok(), fits, "{text}");
        check("01a20356-e3eb-7f92-962b-08a749c63f25", true);
        check("01A20356-E3EB-7F92-962B-08A749C63F25", true);
        check("my-thread", false);
        check("--last", false);
        check("01a20356e3eb7f92962b08a749c63f25", false);
        check("01a20356-e3eb-7f92-962b-08a749c63f2g", false);
    }
}
