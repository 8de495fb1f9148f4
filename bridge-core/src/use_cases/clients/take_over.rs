//! Takes the settings of the TypeScript bridge over into our configuration.

use serde_json::Value;

use crate::adapters::clients::table::Client as Row;
use crate::adapters::clients::{Legacy, Site};
use crate::domain::scrub::Scrubbed;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::error::ClientError;
use crate::use_cases::error::{Error, chain};
use crate::use_cases::preferences::Source;

/// What was taken over from the TypeScript bridge, or would be.
#[derive(Clone, Debug, Default)]
pub struct TakenOver {
    /// What our configuration has now, a sentence each.
    pub taken: Vec<Scrubbed>,
    /// What was left, and why, a sentence each.
    pub left: Vec<Scrubbed>,
}

/// The entries that are to be switched off, and what is said.
pub(super) struct Taken<'s> {
    pub(super) entries: Vec<(&'s Site, String)>,
    pub(super) said: TakenOver,
}

/// Reads the entries of the TypeScript bridge, and unless it is only to be said, puts their settings into our
/// configuration, where nobody has set anything else.
pub(super) fn take_over<'s>(
    bridge: &Bridge,
    row: &Row,
    sites: &'s [Site],
    dry_run: bool,
) -> Result<Taken<'s>, Error> {
    let scrubber = bridge.scrubber();
    let mut taken = Taken {
        entries: Vec::new(),
        said: TakenOver::default(),
    };
    for site in sites {
        let entries = site.entries().map_err(ClientError::from)?;
        for legacy in entries
            .iter()
            .filter_map(Legacy::of)
            .filter(|legacy| !legacy.is_off)
        {
            settings(bridge, &legacy, dry_run, &mut |is_taken, what| {
                let list = if is_taken {
                    &mut taken.said.taken
                } else {
                    &mut taken.said.left
                };
                list.push(scrubber.scrub(&what));
            })?;
            taken.entries.push((site, legacy.name));
        }
    }
    match taken.entries.is_empty() {
        true => Err(ClientError::NothingToTakeOver { name: row.name }.into()),
        false => Ok(taken),
    }
}

fn settings(
    bridge: &Bridge,
    legacy: &Legacy,
    dry_run: bool,
    say: &mut dyn FnMut(bool, String),
) -> Result<(), Error> {
    for root in &legacy.roots {
        let shown = root.display();
        let added = if dry_run {
            Ok(true)
        } else {
            bridge.add_root(root, false)
        };
        match added {
            Ok(true) => say(true, format!("the folder `{shown}` is allowed")),
            Ok(false) => {}
            Err(error) => say(false, format!("the folder `{shown}`: {}", chain(&error))),
        }
    }
    let workspace = legacy
        .workspace
        .as_deref()
        .map(|word| word.replace('-', "_"));
    let values = [
        ("codex.bin", legacy.codex_bin.as_deref()),
        ("codex.home", legacy.codex_home.as_deref()),
        ("defaults.workspace", workspace.as_deref()),
    ];
    let known = bridge.preferences()?;
    for (key, value) in values {
        let Some(value) = value else { continue };
        let preference = known.iter().find(|preference| preference.key == key);
        let own = preference.filter(|preference| preference.source != Source::Default);
        if let Some(own) = own {
            if own.value != *value {
                say(false, format!("{key}: yours, {}, stays", own.value));
            }
            continue;
        }
        let set = if dry_run {
            Ok(())
        } else {
            bridge.set_preference(key, &Value::from(value))
        };
        match set {
            Ok(()) => say(true, format!("{key} is `{value}`")),
            Err(error) => say(false, format!("{key}: {}", chain(&error))),
        }
    }
    Ok(())
}
