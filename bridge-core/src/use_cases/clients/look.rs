//! Looks at the clients of this computer. Changes nothing.

use std::path::Path;

use crate::adapters::clients::table::{CLIENTS, Client as Row, Running, Sign, find};
use crate::adapters::clients::{
    Around, Hello, Legacy, Site, Standing, Trouble, hello, path_of, paths_of, references, shut_out,
    sites, trouble, wish,
};
use crate::domain::run::{Caller, Timestamp};
use crate::domain::scrub::Scrubber;
use crate::platform::system::System;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::program::{can_be_started, program};
use crate::use_cases::clients::running::running;
use crate::use_cases::clients::{
    Client, ClientError, ClientFile, ClientList, EntryState, KeptState, LastHello, LostServers,
};
use crate::use_cases::error::{Error, chain};
use crate::use_cases::host::Host;

/// What Claude Desktop calls its log of our server.
pub(super) const LOG: &str = "mcp-server-codex-bridge.log";

impl Bridge {
    /// All clients that the bridge can be installed into, those first that were found on this computer.
    pub async fn clients(&self) -> Result<ClientList, Error> {
        let bridge = self.clone();
        let look = move || bridge.look_at_clients();
        let looked = tokio::task::spawn_blocking(look).await;
        looked.map_err(|error| Error::Bug(error.to_string()))
    }

    /// Remembers that a client has started this server. Where the bridge was never installed into any from here,
    /// nothing is written.
    pub fn remember_hello(&self, caller: &Caller) {
        let hello = Hello {
            client: caller.client.as_str().to_owned(),
            version: caller
                .version
                .as_ref()
                .map(|version| version.as_str().to_owned()),
            at: (self.host().now)().0,
            server: env!("CARGO_PKG_VERSION").to_owned(),
            program: self
                .scrubber()
                .scrub(&self.host().sidecar.to_string_lossy())
                .to_string(),
        };
        if let Err(error) = hello::remember(&self.state_path(), &hello) {
            tracing::debug!(%error, "a client's hello is not remembered");
        }
    }

    /// The setting of a client that keeps it from starting the server that it has.
    pub(crate) fn client_shuts_out(&self, client: &str) -> Option<String> {
        let row = find(client)?;
        let sites = sites(row, around(self.host()), &self.state_path());
        sites.iter().find_map(|site| shut_out(row.id, &site.file))
    }

    fn look_at_clients(&self) -> ClientList {
        let host = self.host();
        let scrubber = self.scrubber();
        let around = around(host);
        let state = self.state_path();
        let hellos = hello::all(&state);
        let waiting = wish::all(&state);
        let program = program(host, &state);
        let wanted = program.as_ref().ok().map(|program| program.path.clone());
        let look = |row: &'static Row| {
            let sites = sites(row, around, &state);
            let files: Vec<ClientFile> = sites
                .iter()
                .map(|site| file(site, wanted.as_deref(), &scrubber))
                .collect();
            let hello = last_hello(row, &hellos, &scrubber);
            Client {
                id: row.id,
                name: row.name,
                note: row.note,
                is_found: is_found(row, around, &sites),
                overwrites: matches!(row.running, Running::Overwrites(_)),
                must_be_quit: running(row, &host.home).is_some(),
                waiting: (waiting.iter())
                    .find(|waiting| waiting.client == row.id)
                    .map(|waiting| scrubber.scrub(&waiting.act)),
                reload: row.reload,
                files,
                logs: paths_of(&row.logs, around)
                    .iter()
                    .map(|path| scrubber.scrub(&path.to_string_lossy()))
                    .collect(),
                trouble: paths_of(&row.logs, around)
                    .iter()
                    .find_map(|folder| trouble(&folder.join(LOG)))
                    // A server that worked ends unexpectedly, too, when its client is quit.
                    .filter(|trouble| hello.is_none() || *trouble != Trouble::Ended),
                hello,
            }
        };
        let mut clients: Vec<Client> = CLIENTS.iter().map(look).collect();
        clients.sort_by_key(|client| !client.is_found);
        let codex_home = self.settings().map_or_else(
            |_| host.home.join(".codex"),
            |settings| settings.config.codex_home,
        );
        ClientList {
            clients,
            program_doubt: match &program {
                Ok(program) => program.doubt.map(|doubt| scrubber.scrub(doubt)),
                Err(error) => Some(scrubber.scrub(&format!("{error}. {}", error.hint()))),
            },
            program_fault: (program.as_ref().err())
                .map(|error| scrubber.scrub(&format!("{error}. {}", error.hint()))),
            program: scrubber
                .scrub(&wanted.unwrap_or_else(|| host.sidecar.to_string_lossy().into_owned())),
            codex_references: references(&codex_home)
                .iter()
                .map(|name| scrubber.scrub(name))
                .collect(),
        }
    }
}

/// What decides where the files of clients are.
pub(super) fn around(host: &Host) -> Around<'_> {
    Around {
        system: System::here(),
        env: &host.env,
        home: &host.home,
    }
}

fn file(site: &Site, wanted: Option<&str>, scrubber: &Scrubber) -> ClientFile {
    let scrub = |text: &str| scrubber.scrub(text);
    let standing = site.standing();
    let mut program = None;
    let mut problem = None;
    let state = match standing {
        Ok(Standing::Absent) => EntryState::Absent,
        Ok(Standing::Wiped) => {
            problem = Some(scrub(
                "the entry is gone together with all others: the client lost its settings",
            ));
            EntryState::Wiped
        }
        Ok(Standing::TakenOut) => EntryState::TakenOut,
        Ok(Standing::Installed(entry)) => {
            let started = entry.program.unwrap_or_default();
            program = Some(scrub(&started));
            if !can_be_started(&started) {
                problem = Some(scrub(&format!(
                    "the program `{started}` is not there or can't be started"
                )));
                EntryState::Broken
            } else if wanted.is_some_and(|wanted| wanted != started) {
                problem = Some(scrub(&format!(
                    "it starts `{started}`, which is not this program"
                )));
                EntryState::Outdated
            } else if entry.is_off {
                EntryState::SwitchedOff
            } else {
                EntryState::Installed
            }
        }
        Err(error) => {
            let hint = ClientError::Site(error);
            problem = Some(scrub(&format!("{}. {}", chain(&hint), hint.hint())));
            EntryState::Unusable
        }
    };
    let entries = site.entries().unwrap_or_default();
    let legacy = entries
        .iter()
        .filter_map(Legacy::of)
        .find(|legacy| !legacy.is_off);
    ClientFile {
        place: site.place,
        path: scrub(&site.file.to_string_lossy()),
        exists: site.file.exists(),
        state,
        program,
        problem,
        legacy: legacy.map(|legacy| scrub(&legacy.name)),
        lost: site.lost().map(|lost| LostServers {
            names: lost.names.iter().map(|name| scrub(name)).collect(),
            backup: lost.backup,
        }),
        backups: (site.backups().into_iter())
            .map(|backup| KeptState {
                id: backup.id,
                at: backup.at,
                length: backup.length,
            })
            .collect(),
    }
}

/// Whether a client was found: one of its files, or another sign of it.
pub(super) fn is_found(row: &Row, around: Around<'_>, sites: &[Site]) -> bool {
    let search = around.env.get(std::ffi::OsStr::new("PATH"));
    let is_there = |sign: &Sign| match sign {
        Sign::Program(name) => search
            .map(std::env::split_paths)
            .into_iter()
            .flatten()
            .any(|folder| folder.is_absolute() && folder.join(name).is_file()),
        Sign::App(name) => {
            let folders = [
                Path::new("/Applications").to_owned(),
                around.home.join("Applications"),
            ];
            around.system == System::MacOs
                && folders.iter().any(|folder| folder.join(name).is_dir())
        }
        Sign::Path(path) => path_of(path, around).iter().any(|path| path.exists()),
    };
    sites.iter().any(|site| site.file.exists()) || row.signs.iter().any(is_there)
}

pub(super) fn last_hello(row: &Row, hellos: &[Hello], scrubber: &Scrubber) -> Option<LastHello> {
    let is_of = |hello: &&Hello| {
        let name = hello.client.to_lowercase();
        row.hello
            .iter()
            .any(|begins| name.starts_with(&begins.to_lowercase()))
    };
    let newest = hellos.iter().filter(is_of).max_by_key(|hello| hello.at)?;
    Some(LastHello {
        client: scrubber.scrub(&newest.client),
        version: newest
            .version
            .as_ref()
            .map(|version| scrubber.scrub(version)),
        at: Timestamp(newest.at),
        server: scrubber.scrub(&newest.server),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_belongs_to_the_client_that_calls_itself_so() {
        let hello = |client: &str, at| Hello {
            client: client.to_owned(),
            version: None,
            at,
            server: String::new(),
            program: String::new(),
        };
        let hellos = [
            hello("claude-ai", 3),
            hello("local-agent-mode-codex-bridge", 5),
            hello("claude-code", 9),
        ];
        let of = |id: &str| {
            let row = crate::adapters::clients::table::find(id).unwrap();
            last_hello(row, &hellos, &Scrubber::builtin()).map(|hello| hello.at.0)
        };
        assert_eq!(of("claude-desktop"), Some(5));
        assert_eq!(of("claude-code"), Some(9));
        assert_eq!(of("zed"), None);
    }
}
