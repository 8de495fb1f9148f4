//! What the person can do about a failure.

use crate::adapters::codex::failure::text;
use crate::domain::error::ErrorCode;

/// One or two sentences; `said` is what Codex said.
pub(super) fn hint(code: ErrorCode, said: &str) -> String {
    let fixed = match code {
        ErrorCode::LoggedOut if said.contains("environment variable") => {
            "Your Codex configuration names a variable for the key: set it, and let it through in the \
             bridge's settings."
        }
        ErrorCode::LoggedOut if said.contains("403") => {
            "This account may not use Codex from here: check your plan and network, or run `codex login` \
             with another account."
        }
        ErrorCode::LoggedOut => "Run `codex login` in a terminal, then try again.",
        ErrorCode::UsageLimit => {
            "Wait until the limit is renewed, add credits, or use another account."
        }
        ErrorCode::RateLimited => "Wait a minute, then try again with fewer runs at once.",
        ErrorCode::ModelUnavailable => {
            "Leave the model out to let Codex choose, or name one that this account has."
        }
        ErrorCode::ContextFull => {
            "Start a new run with a shorter prompt, or ask for less in one go."
        }
        ErrorCode::NetworkDown if said.to_lowercase().contains("certificate") => {
            "Set SSL_CERT_FILE or CODEX_CA_CERTIFICATE to your network's certificates, then try again."
        }
        ErrorCode::NetworkDown => {
            "Check the network and the proxy settings, then continue the run or start it again."
        }
        ErrorCode::ServiceError => "The service has a problem of its own: try again later.",
        ErrorCode::StreamCut if said.contains("max_output_tokens") => {
            "The answer was too long for the model: ask for a shorter one, or in parts."
        }
        ErrorCode::StreamCut => "Continue the run or start it again.",
        ErrorCode::RequestRejected => {
            "Change what the message names: the prompt, an image or the output schema."
        }
        ErrorCode::SandboxRefused => {
            "Run `codex sandbox -- true` in a terminal to see why; a bridge inside another sandbox can't \
             start Codex's own, so let the Codex Bridge app run it."
        }
        ErrorCode::UntrustedFolder => {
            "Open the folder once with `codex` in a terminal and trust it."
        }
        ErrorCode::CodexConfig if said.contains("CODEX_HOME") => {
            "Make that folder, or change or unset CODEX_HOME."
        }
        ErrorCode::CodexConfig => "Mend the configuration of Codex, usually ~/.codex/config.toml.",
        ErrorCode::SessionUnavailable if said.contains("active writer") => {
            "The session is in use: end the Codex that works in it, then try again."
        }
        ErrorCode::SessionUnavailable => {
            "The session is gone, or was never kept: start a new run instead."
        }
        ErrorCode::Crashed => {
            "Start it again; if it happens again, update Codex, and see whether memory ran out."
        }
        ErrorCode::NoResult => {
            "Continue the run or start it again; the events show how far it came."
        }
        ErrorCode::Unsupported if said.contains("model_reasoning_effort") => {
            "This Codex does not know that effort: name one that the message names, leave it out, or update Codex."
        }
        ErrorCode::Unsupported => "This Codex and this bridge do not know each other: update both.",
        ErrorCode::StoreFull => "Free some space on the disk, then start the run again.",
        ErrorCode::Internal => "This is a fault in the bridge: please report it.",
        _ => "See the run's events and Codex's own words.",
    };
    let reset = match code {
        ErrorCode::UsageLimit | ErrorCode::RateLimited => text::reset_time(said),
        _ => None,
    };
    match reset {
        Some(when) => format!("Try again {when}. {fixed}"),
        None => fixed.to_owned(),
    }
}
