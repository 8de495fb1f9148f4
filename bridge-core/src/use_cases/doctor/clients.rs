//! The doctor's look at the MCP clients of this computer.

use std::os::unix::fs::MetadataExt as _;

use crate::adapters::clients::Trouble;
use crate::domain::run::Timestamp;
use crate::use_cases::clients::{Client, ClientFile, ClientList, EntryState};
use crate::use_cases::doctor::Exam;
use crate::use_cases::doctor::catalogue::{Ill, Mends};
use crate::use_cases::doctor::finding::Findings;
use crate::use_cases::doctor::fix::Fix;
use crate::use_cases::quota::moment;

impl Exam<'_> {
    /// Says of each client into which the bridge was installed whether its entry is right, and whether it works. A client
    /// without the bridge is nothing to look at.
    pub(super) async fn clients(&self) -> Findings {
        let mut found = self.findings();
        let Ok(list) = self.bridge.clients().await else {
            return found;
        };
        for name in &list.codex_references {
            let what = format!(
                "Codex itself has the bridge as its MCP server `{name}`: a run would start runs"
            );
            let command = format!("codex mcp remove {name}");
            found.ill_with(Ill::CodexReference, &what, &format!("Run `{command}`."));
            found.by_hand("Take it out", &command);
        }
        let mut any = false;
        for client in &list.clients {
            for file in &client.files {
                any |= self.client(client, file, &mut found);
            }
        }
        if !any {
            found.well(
                "clients",
                "no client has the bridge yet; `codex-bridge-mcp install` puts it in",
            );
        }
        place(&list, &mut found);
        found
    }

    /// Says whether the client has to do with us.
    fn client(&self, client: &Client, file: &ClientFile, found: &mut Findings) -> bool {
        let name = client.name;
        let problem = file.problem.as_ref().map_or("", |problem| problem.as_str());
        let ill = match file.state {
            EntryState::Absent | EntryState::TakenOut => return false,
            // The file of a client that we never touched is its own affair.
            EntryState::Unusable if file.backups.is_empty() => return false,
            EntryState::Unusable => {
                found.ill(Ill::ClientUnusable, &format!("{name}: {problem}"));
                return true;
            }
            EntryState::Outdated => Ill::ClientOutdated,
            EntryState::Broken => Ill::ClientBroken,
            EntryState::Wiped => Ill::ClientWiped,
            EntryState::SwitchedOff => {
                let what = format!("{name} has the bridge, and you switched it off there");
                found.well("clients", &what);
                return true;
            }
            EntryState::Installed => {
                self.installed(client, file, found);
                return true;
            }
        };
        let remedy = format!(
            "Run `codex-bridge-mcp repair {}`, or press Repair in the app.",
            client.id
        );
        found.ill_with(ill, &format!("{name}: {problem}"), &remedy);
        found.fixed_by(Fix::RepairClient(client.id), Mends::Unasked);
        true
    }

    fn installed(&self, client: &Client, file: &ClientFile, found: &mut Findings) {
        let name = client.name;
        if let Some(trouble) = client.trouble {
            let what = format!(
                "{name} has the bridge, and its log says: {}",
                trouble.what()
            );
            let remedy = format!("Try this: {}.", trouble.remedy());
            return found.ill_with(of_log(trouble), &what, &remedy);
        }
        if let Some(setting) = self.bridge.client_shuts_out(client.id) {
            let what = format!("{name} has the bridge, and its setting `{setting}` shuts it out");
            return found.ill(Ill::ClientShutOut, &what);
        }
        if let Some(legacy) = &file.legacy {
            let what = format!("{name} has both this bridge and the TypeScript one, `{legacy}`");
            let remedy = format!("Run `codex-bridge-mcp clients take-over {}`.", client.id);
            found.ill_with(Ill::ClientLegacy, &what, &remedy);
            return found.fixed_by(Fix::TakeOver(client.id), Mends::Asked);
        }
        let Some(hello) = &client.hello else {
            let what = format!("{name} has the bridge, and it has not started it yet");
            return found.well("clients", &what);
        };
        let own = env!("CARGO_PKG_VERSION");
        if hello.server.as_str() != own && self.was_here(hello.at) {
            let what = format!(
                "{name} has started the bridge {} after {own} was installed",
                hello.server
            );
            return found.ill(Ill::ClientOtherVersion, &what);
        }
        let what = format!(
            "{name} has the bridge, and it has started it, the last time {}",
            moment(hello.at)
        );
        found.well("clients", &what);
    }

    /// Whether this very program was in its place by then.
    fn was_here(&self, at: Timestamp) -> bool {
        let seen = std::fs::metadata(&self.bridge.host().sidecar);
        seen.is_ok_and(|seen| seen.ctime().saturating_mul(1000) < at.0)
    }
}

/// Says that what a client would be told to start won't be there tomorrow.
fn place(list: &ClientList, found: &mut Findings) {
    match (&list.program_fault, &list.program_doubt) {
        (Some(fault), _) => found.ill(Ill::ProgramMisplaced, fault.as_str()),
        (None, Some(doubt)) => {
            let what = format!("clients are told to start `{}`; {doubt}", list.program);
            found.well("program", &what);
        }
        (None, None) => {}
    }
}

fn of_log(trouble: Trouble) -> Ill {
    match trouble {
        Trouble::NotFound => Ill::ClientNotFound,
        Trouble::Forbidden => Ill::ClientForbidden,
        Trouble::Protocol => Ill::ClientProtocol,
        Trouble::TimedOut => Ill::ClientTimedOut,
        Trouble::Ended => Ill::ClientEnded,
    }
}
