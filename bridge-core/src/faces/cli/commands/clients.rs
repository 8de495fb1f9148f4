//! `clients`: the MCP clients of this computer, and what stands in their files of us.

use std::io;

use crate::faces::cli::args::{ClientsAction, ClientsArgs, HowArgs};
use crate::faces::cli::commands::install::{change, say};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::table::tilde;
use crate::faces::cli::time::{Clock, spoken};
use crate::faces::cli::{screen, text};
use crate::faces::wire::clients::{BackupDto, ClientListDto};
use crate::use_cases::bridge;
use crate::use_cases::bridge::Bridge;
use crate::use_cases::clients::{
    Act, Client, ClientError, ClientFile, ClientRequest, EntryState, KeptState,
};

/// Lists the clients, or changes the files of one.
pub(super) async fn clients(bridge: &Bridge, args: ClientsArgs) -> Result<Exit, Fault> {
    let json = args.wants_json();
    match args.action {
        None | Some(ClientsAction::List { .. }) => list(bridge, json).await,
        Some(ClientsAction::Backups { client, .. }) => backups(bridge, &client, json).await,
        Some(ClientsAction::Undo { client, how }) => one(bridge, client, Act::Undo, how).await,
        Some(ClientsAction::Restore {
            client,
            backup,
            how,
        }) => one(bridge, client, Act::Restore { backup }, how).await,
        Some(ClientsAction::Leave { client, how }) => one(bridge, client, Act::Leave, how).await,
        Some(ClientsAction::TakeOver { client, how }) => {
            one(bridge, client, Act::TakeOver, how).await
        }
    }
}

async fn one(bridge: &Bridge, client: String, act: Act, how: HowArgs) -> Result<Exit, Fault> {
    let request = ClientRequest {
        client,
        act,
        dry_run: how.dry_run,
        if_running: how.if_running(),
    };
    let done = change(bridge, vec![request], how).await?;
    say(bridge, &done, how)
}

async fn list(bridge: &Bridge, json: bool) -> Result<Exit, Fault> {
    let list = bridge.clients().await?;
    if json {
        screen::print_json(&ClientListDto::from(&list))?;
        return Ok(Exit::Fine);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let clock = Clock::of(bridge.host());
    let mut lines = Vec::new();
    let (found, others): (Vec<_>, Vec<_>) = list.clients.iter().partition(|client| client.is_found);
    for client in found {
        lines.extend(of_client(client, &clock, bridge, look));
    }
    let others: Vec<_> = others.iter().map(|client| client.id).collect();
    if !others.is_empty() {
        lines.push(look.paint(Tone::Dim, &format!("Not found here: {}", others.join(", "))));
    }
    for name in &list.codex_references {
        let warning = format!(
            "! Codex itself has the bridge as its server `{}`: a run would start runs. Remove it with `codex mcp remove {}`.",
            text::one_line(name.as_str()),
            text::one_line(name.as_str())
        );
        lines.push(look.paint(Tone::Warn, &warning));
    }
    if let Some(doubt) = &list.program_doubt {
        let program = text::one_line(list.program.as_str());
        let warning = format!("! {program}: {}", text::one_line(doubt.as_str()));
        lines.push(look.paint(Tone::Warn, &warning));
    }
    screen::print(&lines)?;
    Ok(Exit::Fine)
}

fn of_client(client: &Client, clock: &Clock, bridge: &Bridge, look: Look) -> Vec<String> {
    let mut heading = format!(
        "{} {}",
        look.paint(Tone::Strong, client.name),
        look.paint(Tone::Dim, client.id)
    );
    if !client.note.is_empty() {
        heading.push_str(&look.paint(Tone::Dim, &format!(", {}", client.note)));
    }
    let mut lines = vec![heading];
    for file in &client.files {
        let (tone, sign, word) = state(file.state);
        let path = tilde(&text::one_line(file.path.as_str()), &bridge.host().home);
        let sign = look.paint(tone, sign);
        lines.push(format!("  {sign} {word}: {path}"));
        if let Some(problem) = &file.problem {
            lines.push(format!("    {}", text::one_line(problem.as_str())));
        }
        lines.extend(way_out(client, file).map(|way| format!("    {way}")));
        if let Some(lost) = &file.lost {
            let names: Vec<_> = lost
                .names
                .iter()
                .map(|name| text::one_line(name.as_str()))
                .collect();
            lines.push(format!(
                "    It lost other servers, too: {}. `codex-bridge-mcp clients restore {} {}` brings back the file as \
                 it was, `clients leave {}` leaves it.",
                names.join(", "),
                client.id,
                lost.backup,
                client.id
            ));
        }
        if let Some(legacy) = &file.legacy {
            lines.push(format!(
                "    It has the TypeScript bridge as `{}`: `codex-bridge-mcp clients take-over {}`.",
                text::one_line(legacy.as_str()),
                client.id
            ));
        }
    }
    if client.must_be_quit {
        lines.push(look.paint(
            Tone::Dim,
            "    It is running: it has to be quit before its file is changed (--restart does it).",
        ));
    }
    if let Some(waiting) = &client.waiting {
        let waits = format!("    {waiting}: as soon as it has been quit, if the app runs then");
        lines.push(look.paint(Tone::Dim, &waits));
    }
    if let Some(hello) = &client.hello {
        lines.push(look.paint(
            Tone::Dim,
            &format!(
                "    started our server {} ago",
                spoken(clock.now().since(hello.at))
            ),
        ));
    }
    lines
}

fn way_out(client: &Client, file: &ClientFile) -> Option<String> {
    match file.state {
        EntryState::Absent | EntryState::TakenOut => Some(format!(
            "`codex-bridge-mcp install {}` puts it in.",
            client.id
        )),
        EntryState::Outdated | EntryState::Broken | EntryState::Wiped => Some(format!(
            "`codex-bridge-mcp repair {}` puts it right.",
            client.id
        )),
        EntryState::Installed | EntryState::SwitchedOff | EntryState::Unusable => None,
    }
}

fn state(state: EntryState) -> (Tone, &'static str, &'static str) {
    match state {
        EntryState::Absent => (Tone::Dim, "○", "not installed"),
        EntryState::Installed => (Tone::Good, "✔", "installed"),
        EntryState::SwitchedOff => (Tone::Dim, "■", "installed, and switched off there"),
        EntryState::Outdated => (Tone::Warn, "!", "installed from elsewhere"),
        EntryState::Broken => (Tone::Bad, "✖", "broken"),
        EntryState::Wiped => (Tone::Bad, "✖", "lost by the client"),
        EntryState::TakenOut => (Tone::Dim, "○", "taken out by you"),
        EntryState::Unusable => (Tone::Bad, "✖", "can't be used"),
    }
}

async fn backups(bridge: &Bridge, id: &str, json: bool) -> Result<Exit, Fault> {
    let list = bridge.clients().await?;
    let Some(client) = list.clients.iter().find(|client| client.id == id) else {
        let unknown = ClientError::Unknown(text::one_line(id));
        return Err(Fault::Bridge(bridge::Error::Client(unknown)));
    };
    let all = client.files.iter().flat_map(|file| &file.backups);
    if json {
        let backups: Vec<_> = all.map(BackupDto::from).collect();
        screen::print_json(&serde_json::json!({ "backups": backups }))?;
        return Ok(Exit::Fine);
    }
    let clock = Clock::of(bridge.host());
    let line = |kept: &KeptState| {
        let length = match kept.length {
            Some(length) => text::count(length, "byte"),
            None => "no file".to_owned(),
        };
        format!("{}  {}  {length}", kept.id, clock.long(kept.at))
    };
    let mut lines: Vec<_> = all.map(line).collect();
    if lines.is_empty() {
        lines.push("Nothing was changed yet.".to_owned());
    }
    screen::print(&lines)?;
    Ok(Exit::Fine)
}
