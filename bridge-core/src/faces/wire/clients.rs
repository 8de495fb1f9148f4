//! The MCP clients of this computer, and what is changed in their files.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::scrub::Scrubbed;
use crate::faces::wire::time::rfc3339;
use crate::use_cases::clients::{
    Client, ClientChange, ClientFile, ClientList, ClientNow, FileChange, KeptState, LastHello,
    Proof, Trouble,
};

/// All clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientListDto {
    /// The clients; those that were found on this computer come first.
    pub clients: Vec<ClientDto>,
    /// The program that an installation names.
    pub program: String,
    /// Why that program may not be there later, or why nothing can be installed from where it is.
    pub program_doubt: Option<String>,
    /// The names under which Codex itself has the bridge as a server, which must not be.
    pub codex_references: Vec<String>,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "McpClientDto")]
pub struct ClientDto {
    /// Its name on the command line.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What an entry serves, where the name does not say.
    pub note: String,
    /// Whether it was found on this computer.
    pub is_found: bool,
    /// Whether it writes over its file while it runs, so that it has to be started anew for a change.
    pub overwrites: bool,
    /// Whether it runs and has to be quit before its file is changed.
    pub must_be_quit: bool,
    /// What is to be done as soon as it has been quit: install, repair or remove.
    pub waiting: Option<String>,
    /// How it comes to know of a change.
    pub reload: String,
    /// Its files.
    pub files: Vec<ClientFileDto>,
    /// Where it writes what its servers say.
    pub logs: Vec<String>,
    /// When it last started our server.
    pub hello: Option<HelloDto>,
    /// What its log tells of our server, if that did not work.
    pub trouble: Option<TroubleDto>,
}

/// A configuration file of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientFileDto {
    /// Its name among the client's files.
    pub place: String,
    /// Where it is.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
    /// What stands in it of us: absent, installed, switched_off, outdated, broken, wiped, taken_out or unusable.
    pub state: String,
    /// Whether a repair puts it right.
    pub wants_repair: bool,
    /// The program in our entry.
    pub program: Option<String>,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// The entry of the TypeScript bridge, whose settings can be taken over.
    pub legacy: Option<String>,
    /// Servers of others that the client lost together with ours.
    pub lost: Option<LostDto>,
    /// The earlier states that are kept, the newest first.
    pub backups: Vec<BackupDto>,
}

/// Servers of others that a client lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LostServersDto")]
pub struct LostDto {
    /// Their names.
    pub names: Vec<String>,
    /// The name of the state that has them.
    pub backup: String,
}

/// What a client's log tells of our server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TroubleDto {
    /// What happened.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// Whether a client that was started has started our server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProofDto {
    /// When it did.
    pub hello: Option<HelloDto>,
    /// Why it could not, if its log says so.
    pub trouble: Option<TroubleDto>,
    /// Its log.
    pub log: Option<String>,
}

/// An earlier state of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BackupDto {
    /// Its name.
    pub id: String,
    /// When it was kept.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// How many bytes the file had; null where there was none.
    pub bytes: Option<u64>,
}

/// When a client last started our server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HelloDto {
    /// As it introduced itself.
    pub client: String,
    /// Its version.
    pub version: Option<String>,
    /// When.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
}

/// What was done with a client's files, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientChangeDto {
    /// The client's name on the command line.
    pub client: String,
    /// Its name for people.
    pub name: String,
    /// The files that change; none where all is as it should be.
    pub files: Vec<FileChangeDto>,
    /// How the client comes to know of it.
    pub reload: String,
    /// Why our program may not be there later.
    pub doubt: Option<String>,
    /// What was taken over from the TypeScript bridge, a sentence each.
    pub taken_over: Vec<String>,
    /// What was not, and why.
    pub left: Vec<String>,
    /// Whether the client was quit and started again.
    pub restarted: bool,
    /// Why a client that was quit could not be started again.
    pub not_started: Option<String>,
}

/// A file that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ClientFileChangeDto")]
pub struct FileChangeDto {
    /// The file.
    pub path: String,
    /// Where it really lies, if a symlink leads there.
    pub real: Option<String>,
    /// Whether it is made by this.
    pub is_new: bool,
    /// Whether it is removed by this.
    pub is_removed: bool,
    /// The difference, unified, without secrets.
    pub diff: String,
}

impl From<&ClientList> for ClientListDto {
    fn from(list: &ClientList) -> ClientListDto {
        ClientListDto {
            clients: list.clients.iter().map(ClientDto::from).collect(),
            program: text(&list.program),
            program_doubt: list.program_doubt.as_ref().map(text),
            codex_references: list.codex_references.iter().map(text).collect(),
        }
    }
}

impl From<&Client> for ClientDto {
    fn from(client: &Client) -> ClientDto {
        ClientDto {
            id: client.id.to_owned(),
            name: client.name.to_owned(),
            note: client.note.to_owned(),
            is_found: client.is_found,
            overwrites: client.overwrites,
            must_be_quit: client.must_be_quit,
            waiting: client.waiting.as_ref().map(text),
            reload: client.reload.to_owned(),
            files: client.files.iter().map(ClientFileDto::from).collect(),
            logs: client.logs.iter().map(text).collect(),
            hello: client.hello.as_ref().map(HelloDto::from),
            trouble: client.trouble.map(TroubleDto::from),
        }
    }
}

impl From<&LastHello> for HelloDto {
    fn from(hello: &LastHello) -> HelloDto {
        HelloDto {
            client: text(&hello.client),
            version: hello.version.as_ref().map(text),
            at: rfc3339(hello.at),
        }
    }
}

impl From<Trouble> for TroubleDto {
    fn from(trouble: Trouble) -> TroubleDto {
        TroubleDto {
            what: trouble.what().to_owned(),
            remedy: trouble.remedy().to_owned(),
        }
    }
}

impl From<&Proof> for ProofDto {
    fn from(proof: &Proof) -> ProofDto {
        let (hello, trouble, log) = match proof {
            Proof::Heard(hello) => (Some(hello), None, None),
            Proof::Trouble { trouble, log } => (None, Some(*trouble), Some(log)),
            Proof::Silence { log } => (None, None, log.as_ref()),
        };
        ProofDto {
            hello: hello.map(HelloDto::from),
            trouble: trouble.map(TroubleDto::from),
            log: log.map(text),
        }
    }
}

impl From<&ClientFile> for ClientFileDto {
    fn from(file: &ClientFile) -> ClientFileDto {
        ClientFileDto {
            place: file.place.to_owned(),
            path: text(&file.path),
            exists: file.exists,
            state: file.state.as_str().to_owned(),
            wants_repair: file.state.wants_repair(),
            program: file.program.as_ref().map(text),
            problem: file.problem.as_ref().map(text),
            legacy: file.legacy.as_ref().map(text),
            lost: file.lost.as_ref().map(|lost| LostDto {
                names: lost.names.iter().map(text).collect(),
                backup: lost.backup.clone(),
            }),
            backups: file.backups.iter().map(BackupDto::from).collect(),
        }
    }
}

impl From<&KeptState> for BackupDto {
    fn from(kept: &KeptState) -> BackupDto {
        BackupDto {
            id: kept.id.clone(),
            at: rfc3339(kept.at),
            bytes: kept.length,
        }
    }
}

impl From<&ClientChange> for ClientChangeDto {
    fn from(change: &ClientChange) -> ClientChangeDto {
        let said = change.taken_over.clone().unwrap_or_default();
        ClientChangeDto {
            client: change.client.to_owned(),
            name: change.name.to_owned(),
            files: change.files.iter().map(FileChangeDto::from).collect(),
            reload: change.reload.to_owned(),
            doubt: change.doubt.map(ToOwned::to_owned),
            taken_over: said.taken.iter().map(text).collect(),
            left: said.left.iter().map(text).collect(),
            restarted: change.client_now == ClientNow::Restarted,
            not_started: match &change.client_now {
                ClientNow::Quit(why) => Some(text(why)),
                ClientNow::AsItWas | ClientNow::Restarted => None,
            },
        }
    }
}

impl From<&FileChange> for FileChangeDto {
    fn from(change: &FileChange) -> FileChangeDto {
        FileChangeDto {
            path: text(&change.path),
            real: change.real.as_ref().map(text),
            is_new: change.is_new,
            is_removed: change.is_removed,
            diff: text(&change.diff),
        }
    }
}

fn text(text: &Scrubbed) -> String {
    text.as_str().to_owned()
}
