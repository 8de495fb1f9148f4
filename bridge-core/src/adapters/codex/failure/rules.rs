//! Which words of Codex mean which failure.

use crate::domain::error::ErrorCode;

/// One way to recognise a failure.
pub(super) struct Rule {
    /// All of these are in the text, in lower case.
    pub(super) words: &'static [&'static str],
    /// What it is then.
    pub(super) code: ErrorCode,
}

macro_rules! rules {
    ($($code:ident: $([$($word:literal),+])+;)+) => {
        &[$($(Rule { words: &[$($word),+], code: ErrorCode::$code },)+)+]
    };
}

/// What Codex reports in its events. The first that fits counts: what is more definite comes first, since
/// `stream disconnected before completion` stands before many a reason.
pub(super) const MESSAGES: &[Rule] = rules! {
    UsageLimit:
        ["usage limit"] ["quota exceeded"] ["insufficient_quota"] ["out of credits"] ["spend cap"]
        ["usage_limit_reached"] ["usage not included"] ["spend_limit_exceeded"] ["session budget"]
        ["to use codex with your chatgpt plan, upgrade"];
    LoggedOut:
        ["missing environment variable"] ["status 401"] ["401 unauthorized"] ["status 403"]
        ["403 forbidden"] ["refresh token"] ["could not be refreshed"] ["sign in again"]
        ["log in again"] ["login again"] ["not logged in"] ["please log in"] ["authentication required"]
        ["incorrect api key"] ["invalid_api_key"] ["auth is missing"];
    RateLimited:
        ["status 429"] ["status: 429"] ["too many requests"] ["rate limit"] ["rate_limit"];
    ContextFull:
        ["ran out of room"] ["context window"] ["context_length_exceeded"] ["maximum context length"];
    ModelUnavailable:
        ["model_not_found"] ["model", "does not exist"] ["model", "is not supported"]
        ["model", "do not have access"] ["model", "don't have access"] ["unknown model"]
        ["model", "requires a newer version"] ["model", "has been deprecated"];
    ServiceError:
        ["high demand"] ["server_error"] ["overloaded"] ["at capacity"] ["status 5"] ["status: 5"]
        ["internal server error"] ["bad gateway"] ["service unavailable"] ["gateway timeout"]
        ["capacity is unavailable"] ["capacity unavailable"];
    NetworkDown:
        ["waiting for network"] ["error sending request"] ["connection failed"]
        ["failed to lookup address"] ["connection refused"] ["connection reset"]
        ["network is unreachable"] ["dns error"] ["certificate"] ["tls handshake"]
        ["tunnel error"] ["proxy connect"] ["operation timed out"] ["host is down"];
    RequestRejected:
        ["invalid_request_error"] ["invalid prompt"] ["invalid_prompt"] ["invalid schema"]
        ["status 400"] ["status 404"] ["status 413"] ["status 422"] ["flagged for"]
        ["request was blocked"] ["invalid image"] ["unsupported image"] ["image poisoning"]
        ["bad request"];
    StreamCut:
        ["incomplete response"] ["stream disconnected"] ["stream closed"] ["idle timeout"]
        ["closed by server before"] ["turn aborted"];
    SandboxRefused:
        ["bubblewrap"] ["bwrap:"] ["landlock"] ["sandbox-exec"] ["seatbelt"] ["codex-linux-sandbox"];
    SessionUnavailable:
        ["no rollout found"] ["already has an active writer"] ["thread not found"]
        ["session not found"];
    StoreFull: ["no space left on device"] ["disk quota exceeded"];
};

/// What Codex writes to standard error before it gives up without any event.
pub(super) const STDERR: &[Rule] = rules! {
    Crashed: ["panicked at"] ["has overflowed its stack"] ["fatal runtime error"];
    UntrustedFolder: ["not inside a trusted directory"] ["directory is not trusted"];
    SessionUnavailable:
        ["no rollout found"] ["already has an active writer"] ["thread not found"]
        ["session not found"] ["no saved session"] ["no recorded session"]
        ["no conversation found"];
    Unsupported: ["unknown variant", "model_reasoning_effort"];
    CodexConfig:
        ["error loading config"] ["config profile", "not found"] ["model provider", "not found"]
        ["config.toml"] ["error parsing -c"] ["invalid config"] ["codex_home"]
        ["unknown variant"] ["failed to load config"] ["requirements.toml"];
    RequestRejected: ["output schema file"];
    Unsupported:
        ["error: unexpected argument"] ["error: unrecognized subcommand"] ["error: invalid value"]
        ["cannot be used with"] ["error: the following required arguments"]
        ["stdin is not a terminal"];
    StoreFull: ["no space left on device"] ["disk quota exceeded"];
    SandboxRefused:
        ["bubblewrap"] ["bwrap:"] ["landlock"] ["sandbox-exec"] ["seatbelt"] ["codex-linux-sandbox"];
    LoggedOut:
        ["missing environment variable"] ["not logged in"] ["status 401"] ["refresh token"]
        ["log in again"] ["login again"] ["sign in again"] ["please log in"];
    Internal: ["no prompt provided"];
};

/// The code of the first rule that fits.
pub(super) fn find(rules: &[Rule], text: &str) -> Option<ErrorCode> {
    let text = text.to_lowercase();
    rules
        .iter()
        .find(|rule| rule.words.iter().all(|word| text.contains(word)))
        .map(|rule| rule.code)
}

/// The code of the first rule that fits any line, read together with the next, and the line's place.
pub(super) fn find_line(rules: &[Rule], lines: &[&str]) -> Option<(ErrorCode, usize)> {
    let pairs: Vec<String> = (0..lines.len())
        .map(|at| {
            lines[at..]
                .iter()
                .take(2)
                .copied()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    rules.iter().find_map(|rule| {
        let at = pairs
            .iter()
            .rposition(|pair| find(std::slice::from_ref(rule), pair).is_some())?;
        Some((rule.code, at))
    })
}
