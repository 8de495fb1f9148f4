//! The help texts of the versions that the bridge is tested with, as the programs printed them.

use crate::adapters::codex::capabilities::{Capabilities, HelpTexts};
use crate::adapters::codex::version::Version;

/// The versions, the oldest first.
pub(in crate::adapters::codex) const KNOWN: [&str; 4] =
    ["0.118.0", "0.140.0", "0.155.0", "0.169.0"];

macro_rules! help {
    ($version:literal) => {
        HelpTexts {
            top: page!($version, "codex"),
            exec: page!($version, "exec"),
            exec_resume: page!($version, "exec_resume"),
            exec_review: page!($version, "exec_review"),
            app_server: page!($version, "app-server"),
            debug: page!($version, "debug"),
        }
    };
}

macro_rules! page {
    ($version:literal, $page:literal) => {
        include_str!(concat!("fixtures/help/", $version, "/", $page, ".txt")).to_owned()
    };
}

/// What this version prints.
pub(in crate::adapters::codex) fn help(version: &str) -> HelpTexts {
    match version {
        "0.118.0" => help!("0.118.0"),
        "0.140.0" => help!("0.140.0"),
        "0.155.0" => help!("0.155.0"),
        "0.169.0" => help!("0.169.0"),
        _ => panic!("there are no help texts of {version}"),
    }
}

/// What this version can do.
pub(in crate::adapters::codex) fn capabilities(version: &str) -> Capabilities {
    Capabilities::of_help(Version::parse(version).unwrap(), &help(version))
}
