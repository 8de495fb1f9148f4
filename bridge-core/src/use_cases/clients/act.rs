//! Installs into clients, repairs, removes and undoes.

use crate::adapters::clients::table::{CLIENTS, Client as Row, find};
use crate::adapters::clients::{Change, Doing, Site, SiteError, Standing, Wish, diff, sites, wish};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::error::ClientError;
use crate::use_cases::clients::look::{around, is_found};
use crate::use_cases::clients::program::{can_be_started, keep_link, program};
use crate::use_cases::clients::running::running;
use crate::use_cases::clients::take_over::{TakenOver, take_over};
use crate::use_cases::error::Error;

/// What is to be done with a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Our entry comes in, or gets the right program.
    Install,
    /// Our entry is put right where it was lost or is wrong; what the person took out stays out.
    Repair,
    /// Our entry goes.
    Remove,
    /// Our last change is undone.
    Undo,
    /// A file is to be as it was.
    Restore {
        /// The backup's name.
        backup: String,
    },
    /// The settings of the TypeScript bridge are taken over, and it is switched off.
    TakeOver,
    /// What is gone is to stay gone, and is not spoken of any more.
    Leave,
}

/// What is done where the client runs and would write over its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfRunning {
    /// Nothing.
    Refuse,
    /// The file is changed all the same.
    Insist,
    /// It is asked to quit, and started again once the file is changed.
    Restart,
    /// The file is changed as soon as the person has quit it.
    WhenQuit,
}

/// A wish about one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRequest {
    /// The client's name on the command line.
    pub client: String,
    /// What is to be done.
    pub act: Act,
    /// Whether it is only to be said what would change.
    pub dry_run: bool,
    /// What is done where the client runs and would write over its file.
    pub if_running: IfRunning,
}

/// What was done, or would be.
#[derive(Clone, Debug)]
pub struct ClientChange {
    /// The client's name on the command line.
    pub client: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The files that change; none where all is as it should be.
    pub files: Vec<FileChange>,
    /// How the client comes to know of it.
    pub reload: &'static str,
    /// Why our program may not be there later.
    pub doubt: Option<&'static str>,
    /// What was taken over, where that was asked for.
    pub taken_over: Option<TakenOver>,
    /// What became of the client itself.
    pub client_now: ClientNow,
}

/// What became of a client whose file was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientNow {
    /// Nothing was done with it.
    AsItWas,
    /// It was quit and started again.
    Restarted,
    /// It was quit, and could not be started again, for this reason.
    Quit(Scrubbed),
}

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: Scrubbed,
    /// Where it really lies, if a symlink leads there.
    pub real: Option<Scrubbed>,
    /// Whether it is made by this.
    pub is_new: bool,
    /// Whether it is removed by this.
    pub is_removed: bool,
    /// The difference, without secrets.
    pub diff: Scrubbed,
}

impl Bridge {
    /// Does something with a client's files, or says what it would do. Each file is changed as a whole or not at all.
    pub async fn change_client(&self, request: ClientRequest) -> Result<ClientChange, Error> {
        match request.if_running {
            IfRunning::Restart if !request.dry_run => self.change_between(request).await,
            IfRunning::WhenQuit if !request.dry_run => self.change_when_quit(request).await,
            _ => self.change_now(request).await,
        }
    }

    pub(super) async fn change_now(&self, request: ClientRequest) -> Result<ClientChange, Error> {
        let bridge = self.clone();
        let act = move || act(&bridge, &request);
        let done = tokio::task::spawn_blocking(act).await;
        done.map_err(|error| Error::Bug(error.to_string()))?
    }

    /// The clients that were found on this computer, by their names on the command line.
    pub fn found_clients(&self) -> Vec<&'static str> {
        let state = self.state_path();
        let around = around(self.host());
        let found = CLIENTS
            .iter()
            .filter(|row| is_found(row, around, &sites(row, around, &state)));
        found.map(|row| row.id).collect()
    }

    /// The clients into which the bridge was installed from here, by their names on the command line.
    pub fn installed_clients(&self) -> Vec<&'static str> {
        let state = self.state_path();
        let around = around(self.host());
        let has_us = |site: &Site| {
            site.receipt().is_some() || matches!(site.standing(), Ok(Standing::Installed(_)))
        };
        let rows = CLIENTS
            .iter()
            .filter(|row| sites(row, around, &state).iter().any(has_us));
        rows.map(|row| row.id).collect()
    }
}

fn act(bridge: &Bridge, request: &ClientRequest) -> Result<ClientChange, Error> {
    let row = row(&request.client)?;
    let host = bridge.host();
    let scrubber = bridge.scrubber();
    let sites = sites(row, around(host), &bridge.state_path());
    let mut change = ClientChange {
        client: row.id,
        name: row.name,
        files: Vec::new(),
        reload: row.reload,
        doubt: None,
        taken_over: None,
        client_now: ClientNow::AsItWas,
    };
    let mut todo: Vec<(&Site, Todo)> = Vec::new();
    match &request.act {
        Act::Install | Act::Repair => {
            let state = bridge.state_path();
            let program = program(host, &state)?;
            change.doubt = program.doubt;
            if !request.dry_run {
                keep_link(host, &state).map_err(ClientError::Link)?;
            }
            for site in &sites {
                if request.act == Act::Repair && !request.dry_run {
                    // What the others were is kept before the file is written again.
                    site.take_down().ok();
                }
                if request.act == Act::Install || wants_repair(site, &program.path) {
                    todo.push((site, Todo::Install(program.path.clone())));
                }
            }
        }
        Act::Remove => todo.extend(sites.iter().map(|site| (site, Todo::Remove))),
        Act::Undo => todo.extend(
            sites
                .iter()
                .filter(|site| !site.backups().is_empty())
                .map(|site| (site, Todo::Undo)),
        ),
        Act::Restore { backup } => {
            let site = sites.iter().find(|site| site.has_state(backup));
            todo.extend(site.map(|site| (site, Todo::Restore(backup.clone()))));
        }
        Act::TakeOver => {
            let taken = take_over(bridge, row, &sites, request.dry_run)?;
            for (site, name) in &taken.entries {
                todo.push((site, Todo::SwitchOff(name.clone())));
            }
            change.taken_over = Some(taken.said);
        }
        Act::Leave => {
            for site in sites.iter().filter(|_| !request.dry_run) {
                site.leave_out().map_err(ClientError::from)?;
            }
        }
    }
    if todo.is_empty() && matches!(request.act, Act::Undo | Act::Restore { .. }) {
        let file = sites
            .first()
            .map(|site| site.file.clone())
            .unwrap_or_default();
        return Err(ClientError::from(SiteError::NothingToUndo { file }).into());
    }
    // All are looked at before the first is changed: what is refused is refused as a whole.
    let mut planned = Vec::new();
    for (site, todo) in &todo {
        if let Some(plan) = site.plan(todo.wish()).map_err(ClientError::from)? {
            planned.push((site, todo, plan));
        }
    }
    if request.dry_run {
        change.files = planned
            .iter()
            .map(|(_, _, plan)| shown(plan, &scrubber))
            .collect();
        return Ok(change);
    }
    let insists = request.if_running == IfRunning::Insist;
    if !planned.is_empty() && !insists && running(row, &host.home).is_some() {
        return Err(ClientError::Running { name: row.name }.into());
    }
    if let Err(error) = wish::forget(&bridge.state_path(), row.id) {
        tracing::warn!(%error, "an older wish about the client is still there");
    }
    for (site, todo, _) in planned {
        let doing = Doing {
            wish: todo.wish(),
            now: (host.now)(),
            random: host.random,
        };
        if let Some(done) = site.carry_out(&doing).map_err(ClientError::from)? {
            change.files.push(shown(&done, &scrubber));
            // So that a loss is noticed even where nobody looks in between.
            site.take_down().ok();
        }
    }
    Ok(change)
}

/// The client with this name.
pub(super) fn row(id: &str) -> Result<&'static Row, ClientError> {
    match find(id) {
        Some(row) => Ok(row),
        None if id == "codex" => Err(ClientError::Codex),
        None => Err(ClientError::Unknown(id.to_owned())),
    }
}

enum Todo {
    Install(String),
    Remove,
    Undo,
    Restore(String),
    SwitchOff(String),
}

impl Todo {
    fn wish(&self) -> Wish<'_> {
        match self {
            Todo::Install(program) => Wish::Install { program },
            Todo::Remove => Wish::Remove,
            Todo::Undo => Wish::Undo,
            Todo::Restore(backup) => Wish::Restore { backup },
            Todo::SwitchOff(name) => Wish::SwitchOff { name },
        }
    }
}

fn wants_repair(site: &Site, program: &str) -> bool {
    match site.standing() {
        Ok(Standing::Wiped) => true,
        Ok(Standing::Installed(entry)) => {
            let started = entry.program.unwrap_or_default();
            started != program || !can_be_started(&started)
        }
        Ok(Standing::Absent | Standing::TakenOut) => false,
        // What is wrong is said when it is planned.
        Err(_) => site.receipt().is_some(),
    }
}

fn shown(change: &Change, scrubber: &Scrubber) -> FileChange {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let scrub = |path: &std::path::Path| scrubber.scrub(&path.to_string_lossy());
    FileChange {
        path: scrub(&change.file),
        real: (change.real != change.file).then(|| scrub(&change.real)),
        is_new: change.before.is_none(),
        is_removed: change.after.is_none(),
        diff: scrubber.scrub(&diff::unified(&text(&change.before), &text(&change.after))),
    }
}
