//! The doctor's look at the MCP clients of this computer.

use crate::use_cases::clients::{Client, ClientFile, EntryState};
use crate::use_cases::doctor::looks::Exam;

impl Exam<'_> {
    /// Says of each client into which the bridge was installed whether its entry is right, and whether it works. A client
    /// without the bridge is nothing to look at.
    pub(super) async fn clients(&mut self) {
        let Ok(list) = self.bridge.clients().await else {
            return;
        };
        for name in &list.codex_references {
            let what = format!(
                "Codex itself has the bridge as its MCP server `{name}`: a run would start runs"
            );
            let remedy = format!("Run `codex mcp remove {name}`.");
            self.warn("codex_reference", &what, &remedy);
        }
        let mut any = false;
        for client in &list.clients {
            for file in &client.files {
                any |= self.client(client, file);
            }
        }
        if !any {
            self.ok(
                "clients",
                "no client has the bridge yet; `codex-bridge-mcp install` puts it in",
            );
        }
    }

    /// Says whether the client has to do with us.
    fn client(&mut self, client: &Client, file: &ClientFile) -> bool {
        let name = client.name;
        let problem = file.problem.as_ref().map_or("", |problem| problem.as_str());
        let repair = format!(
            "Run `codex-bridge-mcp repair {}`, or press Repair in the app.",
            client.id
        );
        match file.state {
            EntryState::Absent | EntryState::TakenOut => return false,
            // The file of a client that we never touched is its own affair.
            EntryState::Unusable if file.backups.is_empty() => return false,
            EntryState::Unusable => {
                let remedy = "Open the file and mend it, or restore a backup with `codex-bridge-mcp clients restore`.";
                self.warn("clients", &format!("{name}: {problem}"), remedy);
            }
            EntryState::Outdated | EntryState::Broken | EntryState::Wiped => {
                self.warn("clients", &format!("{name}: {problem}"), &repair);
            }
            EntryState::SwitchedOff => {
                self.ok(
                    "clients",
                    &format!("{name} has the bridge, and you switched it off there"),
                );
            }
            EntryState::Installed => self.installed(client, file),
        }
        true
    }

    fn installed(&mut self, client: &Client, file: &ClientFile) {
        let name = client.name;
        if let Some(trouble) = client.trouble {
            let what = format!(
                "{name} has the bridge, and its log says: {}",
                trouble.what()
            );
            return self.warn(
                "clients",
                &what,
                &format!("Try this: {}.", trouble.remedy()),
            );
        }
        if let Some(legacy) = &file.legacy {
            let what = format!("{name} has both this bridge and the TypeScript one, `{legacy}`");
            let remedy = format!("Run `codex-bridge-mcp clients take-over {}`.", client.id);
            return self.warn("clients", &what, &remedy);
        }
        let started = match &client.hello {
            Some(_) => "it has started it",
            None => "it has not started it yet",
        };
        self.ok("clients", &format!("{name} has the bridge, and {started}"));
    }
}
