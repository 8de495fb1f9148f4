//! Errors as the window sees them.

use bridge_core::domain::id::RunId;
use bridge_core::faces::tools;
use bridge_core::faces::wire::error::ErrorDto;
use bridge_core::use_cases::bridge::{Bridge, Error};

/// What a command answers.
pub(crate) type Answer<T> = Result<T, ErrorDto>;

/// An error of the bridge on the wire.
pub(crate) fn told(bridge: &Bridge) -> impl Fn(Error) -> ErrorDto + '_ {
    |error| ErrorDto::from(&error.failure(&bridge.scrubber()))
}

/// The run that an argument names; what is no id is refused as by the tools.
pub(crate) fn run_id(bridge: &Bridge, text: &str) -> Answer<RunId> {
    tools::run_id(text, &bridge.scrubber())
}

/// An argument that makes no sense.
pub(crate) fn invalid(message: &str, hint: &str) -> ErrorDto {
    of("invalid_argument", message, hint)
}

/// Something that the system refused.
pub(crate) fn internal(bridge: &Bridge, error: &dyn std::fmt::Display) -> ErrorDto {
    let message = bridge.scrubber().scrub(&error.to_string());
    of("internal", message.as_str(), "Try again.")
}

fn of(code: &str, message: &str, hint: &str) -> ErrorDto {
    ErrorDto {
        code: code.to_owned(),
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}
