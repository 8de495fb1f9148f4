//! The MCP clients of this computer: which there are, whether the bridge is installed into them, and how it comes in
//! and out.

mod act;
mod error;
mod follow;
mod look;
mod program;
mod proof;
mod running;
mod take_over;

pub use crate::adapters::clients::Trouble;
use crate::domain::run::Timestamp;
use crate::domain::scrub::Scrubbed;

pub use act::{Act, ClientChange, ClientNow, ClientRequest, FileChange, IfRunning};
pub use error::ClientError;
pub use follow::{ClientNews, Follower};
pub use proof::Proof;
pub use take_over::TakenOver;

/// All clients, and what concerns all of them.
#[derive(Clone, Debug)]
pub struct ClientList {
    /// Those that were found on this computer come first.
    pub clients: Vec<Client>,
    /// The program that an installation names.
    pub program: Scrubbed,
    /// Why that program may not be there later, or why nothing can be installed from where it is.
    pub program_doubt: Option<Scrubbed>,
    /// Why nothing can be installed from where it is.
    pub program_fault: Option<Scrubbed>,
    /// The names under which Codex itself has the bridge as a server, which must not be.
    pub codex_references: Vec<Scrubbed>,
}

/// An MCP client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name on the command line.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What an entry serves, where the name does not say.
    pub note: &'static str,
    /// Whether it was found on this computer.
    pub is_found: bool,
    /// Whether it writes over its file while it runs, so that it has to be started anew for a change.
    pub overwrites: bool,
    /// Whether it runs and would overwrite its file, so that it has to be quit first.
    pub must_be_quit: bool,
    /// What is to be done as soon as it has been quit: install, repair or remove.
    pub waiting: Option<Scrubbed>,
    /// How it comes to know of a change.
    pub reload: &'static str,
    /// Its files.
    pub files: Vec<ClientFile>,
    /// Where it writes what its servers say.
    pub logs: Vec<Scrubbed>,
    /// When it last started our server.
    pub hello: Option<LastHello>,
    /// What its log tells of our server, if that did not work.
    pub trouble: Option<Trouble>,
}

/// A configuration file of a client.
#[derive(Clone, Debug)]
pub struct ClientFile {
    /// Its name among the client's files.
    pub place: &'static str,
    /// Where it is.
    pub path: Scrubbed,
    /// Whether it is there.
    pub exists: bool,
    /// What stands in it of us.
    pub state: EntryState,
    /// The program in our entry.
    pub program: Option<Scrubbed>,
    /// What is wrong with it, in one sentence.
    pub problem: Option<Scrubbed>,
    /// The entry of the TypeScript bridge, if it is there and switched on.
    pub legacy: Option<Scrubbed>,
    /// Servers of others that the client lost together with ours.
    pub lost: Option<LostServers>,
    /// The earlier states that are kept, the newest first.
    pub backups: Vec<KeptState>,
}

/// Servers of others that a client lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostServers {
    /// Their names.
    pub names: Vec<Scrubbed>,
    /// The name of the state that has them.
    pub backup: String,
}

/// An earlier state of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptState {
    /// Its name.
    pub id: String,
    /// When it was kept.
    pub at: Timestamp,
    /// How long the file was; `None` where there was none.
    pub length: Option<u64>,
}

/// What stands in a file of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Nothing.
    Absent,
    /// Our entry, and it is right.
    Installed,
    /// Our entry, and the client leaves it alone because the person switched it off.
    SwitchedOff,
    /// Our entry, and it starts another program than this one.
    Outdated,
    /// Our entry, and its program is not there any more.
    Broken,
    /// Our entry is gone, and all others with it: the client lost its settings.
    Wiped,
    /// Our entry alone is gone: the person took it out.
    TakenOut,
    /// The file can't be read, or must not be changed.
    Unusable,
}

impl EntryState {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EntryState::Absent => "absent",
            EntryState::Installed => "installed",
            EntryState::SwitchedOff => "switched_off",
            EntryState::Outdated => "outdated",
            EntryState::Broken => "broken",
            EntryState::Wiped => "wiped",
            EntryState::TakenOut => "taken_out",
            EntryState::Unusable => "unusable",
        }
    }

    /// Whether a repair puts it right.
    pub fn wants_repair(self) -> bool {
        match self {
            EntryState::Outdated | EntryState::Broken | EntryState::Wiped => true,
            EntryState::Absent
            | EntryState::Installed
            | EntryState::SwitchedOff
            | EntryState::TakenOut
            | EntryState::Unusable => false,
        }
    }
}

/// The last time that a client started our server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastHello {
    /// As it introduced itself.
    pub client: Scrubbed,
    /// Its version.
    pub version: Option<Scrubbed>,
    /// When.
    pub at: Timestamp,
    /// The version of our server that it started.
    pub server: Scrubbed,
}
