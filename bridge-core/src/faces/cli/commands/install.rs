//! `install`, `uninstall` and `repair`: our entry in the files of MCP clients.

use std::io;
use std::time::Duration;

use crate::domain::error::Failure;
use crate::domain::scrub::Scrubbed;
use crate::faces::cli::args::{HowArgs, InstallArgs};
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::table::tilde;
use crate::faces::cli::{screen, text};
use crate::faces::wire::clients::{ClientChangeDto, ProofDto};
use crate::faces::wire::error::ErrorDto;
use crate::use_cases::bridge::{self, Bridge};
use crate::use_cases::clients::{
    Act, ClientChange, ClientError, ClientNow, ClientRequest, FileChange, Proof,
};

/// How long a client that was started may take until it starts our server.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts our entry into clients: those that are named, or all that are found.
pub(super) async fn install(bridge: &Bridge, args: InstallArgs) -> Result<Exit, Fault> {
    let found = bridge.found_clients();
    if args.clients.is_empty() && found.is_empty() {
        return Err(Fault::Bridge(bridge::Error::Client(ClientError::NoneFound)));
    }
    all(bridge, args, &Act::Install, found).await
}

/// Takes our entry out of clients: those that are named, or all that have it.
pub(super) async fn uninstall(bridge: &Bridge, args: InstallArgs) -> Result<Exit, Fault> {
    let installed = bridge.installed_clients();
    all(bridge, args, &Act::Remove, installed).await
}

/// Puts our entry right: in clients that are named, or in all that had it.
pub(super) async fn repair(bridge: &Bridge, args: InstallArgs) -> Result<Exit, Fault> {
    let installed = bridge.installed_clients();
    all(bridge, args, &Act::Repair, installed).await
}

async fn all(
    bridge: &Bridge,
    args: InstallArgs,
    act: &Act,
    otherwise: Vec<&'static str>,
) -> Result<Exit, Fault> {
    let named = match args.clients.is_empty() {
        false => args.clients,
        true => otherwise.into_iter().map(ToOwned::to_owned).collect(),
    };
    let requests = named.into_iter().map(|client| ClientRequest {
        client,
        act: act.clone(),
        dry_run: args.how.dry_run,
        if_running: args.how.if_running(),
    });
    let done = change(bridge, requests.collect(), args.how).await?;
    say(bridge, &done, args.how)
}

/// What became of a request.
pub(super) struct Done {
    client: String,
    result: Result<ClientChange, Failure>,
    /// Whether the client has connected, where it was started for that.
    proof: Option<Proof>,
}

/// Does one after the other. A fault of one client does not keep the others from it, but that of the only one is ours.
pub(super) async fn change(
    bridge: &Bridge,
    requests: Vec<ClientRequest>,
    how: HowArgs,
) -> Result<Vec<Done>, Fault> {
    let alone = requests.len() == 1;
    let mut done = Vec::new();
    for request in requests {
        let client = request.client.clone();
        let has_us_then = matches!(request.act, Act::Install | Act::Repair);
        if how.when_quit && !how.dry_run && !how.json {
            let clients = bridge.clients().await?.clients;
            let known = clients.iter().find(|known| known.id == client);
            if known.is_some_and(|known| known.must_be_quit) {
                screen::note(&format!(
                    "Waiting until you quit {client}. Ctrl+C gives up."
                ));
            }
        }
        let begun = (bridge.host().now)();
        let result = match bridge.change_client(request).await {
            Err(error) if alone => return Err(error.into()),
            result => result.map_err(|error| error.failure(&bridge.scrubber())),
        };
        let is_back = |change: &ClientChange| change.client_now == ClientNow::Restarted;
        let proof = match result.as_ref().is_ok_and(is_back) && has_us_then {
            true => {
                if !how.json {
                    screen::note(&format!(
                        "{client} is starting; waiting until it connects …"
                    ));
                }
                Some(bridge.await_client(&client, begun, PATIENCE).await?)
            }
            false => None,
        };
        done.push(Done {
            client,
            result,
            proof,
        });
    }
    Ok(done)
}

/// Says what was done.
pub(super) fn say(bridge: &Bridge, done: &[Done], how: HowArgs) -> Result<Exit, Fault> {
    let fine =
        |done: &Done| done.result.is_ok() && !matches!(done.proof, Some(Proof::Trouble { .. }));
    let exit = match done.iter().all(fine) {
        true => Exit::Fine,
        false => Exit::Failed,
    };
    if how.json {
        let clients: Vec<_> = done
            .iter()
            .map(|done| match &done.result {
                Ok(change) => {
                    let mut said = serde_json::json!(ClientChangeDto::from(change));
                    if let Some(proof) = &done.proof {
                        said["proof"] = serde_json::json!(ProofDto::from(proof));
                    }
                    said
                }
                Err(failure) => {
                    serde_json::json!({ "client": done.client, "error": ErrorDto::from(failure) })
                }
            })
            .collect();
        let said = serde_json::json!({ "dry_run": how.dry_run, "clients": clients });
        screen::print_json(&said)?;
        return Ok(exit);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let mut lines = Vec::new();
    for done in done {
        match &done.result {
            Ok(change) => {
                lines.extend(of_change(change, how, bridge, look));
                lines.extend(
                    (done.proof.iter()).flat_map(|proof| of_proof(change, proof, bridge, look)),
                );
            }
            Err(failure) => {
                let sign = look.paint(Tone::Bad, "✖");
                let message = text::one_line(failure.message.as_str());
                lines.push(format!(
                    "{sign} {}: {message}",
                    text::one_line(&done.client)
                ));
                let hint = text::one_line(failure.hint.as_str());
                lines.push(format!("  {} {hint}", look.paint(Tone::Accent, "hint:")));
            }
        }
    }
    if done.is_empty() {
        lines.push("No client has our entry.".to_owned());
    }
    screen::print(&lines)?;
    Ok(exit)
}

fn of_change(change: &ClientChange, how: HowArgs, bridge: &Bridge, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    let sign = look.paint(Tone::Good, "✔");
    let name = look.paint(Tone::Strong, change.name);
    for said in change.taken_over.iter().flat_map(|taken| &taken.taken) {
        lines.push(format!("{sign} {}", text::one_line(said.as_str())));
    }
    for said in change.taken_over.iter().flat_map(|taken| &taken.left) {
        let sign = look.paint(Tone::Warn, "!");
        lines.push(format!(
            "{sign} not taken over: {}",
            text::one_line(said.as_str())
        ));
    }
    if change.files.is_empty() {
        lines.push(format!("{sign} {name}: nothing is to be changed"));
    }
    for file in &change.files {
        let path = tilde(&text::one_line(file.path.as_str()), &bridge.host().home);
        let would = if how.dry_run { "would be " } else { "" };
        lines.push(format!("{sign} {name}: {path} {would}{}", what(file)));
        if let Some(real) = &file.real {
            let real = tilde(&text::one_line(real.as_str()), &bridge.host().home);
            lines.push(look.paint(Tone::Dim, &format!("  which is {real}")));
        }
        lines.extend(text::harmless(file.diff.as_str()).lines().map(|line| {
            let tone = match line.chars().next() {
                Some('+') => Tone::Good,
                Some('-') => Tone::Bad,
                Some('@') => Tone::Accent,
                _ => Tone::Dim,
            };
            format!("  {}", look.paint(tone, line))
        }));
    }
    match &change.client_now {
        ClientNow::AsItWas if change.files.is_empty() || how.dry_run => {}
        ClientNow::AsItWas => lines.push(format!("  {}", change.reload)),
        ClientNow::Restarted => lines.push(format!("{sign} {name} was quit and started again")),
        ClientNow::Quit(why) => {
            let sign = look.paint(Tone::Warn, "!");
            let why = text::one_line(why.as_str());
            lines.push(format!(
                "{sign} {name} was quit and can't be started again: {why}"
            ));
        }
    }
    if let Some(doubt) = change.doubt {
        lines.push(look.paint(
            Tone::Warn,
            &format!("! The program may not be there later: {doubt}."),
        ));
    }
    lines
}

fn of_proof(change: &ClientChange, proof: &Proof, bridge: &Bridge, look: Look) -> Vec<String> {
    let path = |path: &Scrubbed| tilde(&text::one_line(path.as_str()), &bridge.host().home);
    match proof {
        Proof::Heard(hello) => {
            let version = hello
                .version
                .as_ref()
                .map_or("", |version| version.as_str());
            let client = format!("{} {version}", hello.client);
            vec![format!(
                "{} {} has connected: {}",
                look.paint(Tone::Good, "✔"),
                change.name,
                text::one_line(client.trim())
            )]
        }
        Proof::Trouble { trouble, log } => vec![
            format!(
                "{} {} has not connected. Its log says: {}",
                look.paint(Tone::Bad, "✖"),
                change.name,
                trouble.what()
            ),
            format!(
                "  {} {}",
                look.paint(Tone::Accent, "hint:"),
                trouble.remedy()
            ),
            look.paint(Tone::Dim, &format!("  {}", path(log))),
        ],
        Proof::Silence { log } => {
            let mut lines = vec![format!(
                "{} {} has not connected yet; `codex-bridge-mcp clients` says when it does",
                look.paint(Tone::Warn, "!"),
                change.name
            )];
            lines.extend(log.as_ref().map(|log| {
                let said = format!("  Its log, which says nothing of us: {}", path(log));
                look.paint(Tone::Dim, &said)
            }));
            lines
        }
    }
}

fn what(file: &FileChange) -> &'static str {
    match (file.is_new, file.is_removed) {
        (true, _) => "made",
        (_, true) => "removed",
        (false, false) => "changed",
    }
}
