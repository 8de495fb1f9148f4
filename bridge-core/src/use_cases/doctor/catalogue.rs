//! All that the doctor can find wrong: a stable name each, why it matters, what mends it, and who can do that.

use crate::use_cases::doctor::Level;

/// Who can mend a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mends {
    /// `doctor --fix` does, without being asked for it by name: it loses nothing and can be undone.
    Unasked,
    /// `doctor --fix <id>` does, or the button in the app: it changes what the person may have meant so.
    Asked,
    /// The person alone.
    ByHand,
}

impl Mends {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Mends::Unasked => "unasked",
            Mends::Asked => "asked",
            Mends::ByHand => "by_hand",
        }
    }
}

macro_rules! ills {
    ($($name:ident = $id:literal about $about:literal, $level:ident, $mends:ident:
        $sees:literal; $why:literal; $remedy:literal,)+) => {
        /// Something that is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Ill {
            $(#[doc = $sees] $name,)+
        }

        impl Ill {
            /// All, in the order of the documentation.
            pub const ALL: &'static [Ill] = &[$(Ill::$name,)+];

            /// Its stable name.
            pub fn id(self) -> &'static str {
                match self { $(Ill::$name => $id,)+ }
            }

            /// What it is about.
            pub fn about(self) -> &'static str {
                match self { $(Ill::$name => $about,)+ }
            }

            /// How bad it is.
            pub fn level(self) -> Level {
                match self { $(Ill::$name => Level::$level,)+ }
            }

            /// Who can mend it, at best.
            pub fn mends(self) -> Mends {
                match self { $(Ill::$name => Mends::$mends,)+ }
            }

            /// What it is, in a few words.
            pub fn sees(self) -> &'static str {
                match self { $(Ill::$name => $sees,)+ }
            }

            /// Why it matters, in one sentence.
            pub fn why(self) -> &'static str {
                match self { $(Ill::$name => $why,)+ }
            }

            /// What mends it, where nothing better is known in the case at hand.
            pub fn remedy(self) -> &'static str {
                match self { $(Ill::$name => $remedy,)+ }
            }
        }
    };
}

ills! {
    ConfigSyntax = "config_syntax" about "config", Fault, ByHand:
        "the configuration file is no TOML, or a value has the wrong type";
        "No run is admitted while nobody knows what you allow.";
        "Correct the line that is named.",
    ConfigValue = "config_value" about "config", Fault, ByHand:
        "a value in the configuration file makes no sense";
        "No run is admitted while nobody knows what you allow.";
        "Correct the value that is named.",
    ConfigUnreadable = "config_unreadable" about "config", Fault, ByHand:
        "the configuration file can't be read";
        "No run is admitted while nobody knows what you allow.";
        "Make it a plain text file that you can read.",
    ConfigUnknownKeys = "config_unknown_keys" about "config", Warning, ByHand:
        "the configuration file has keys that mean nothing";
        "A setting with a slip in its name does nothing, and a limit that you meant to set is not in force.";
        "Correct their spelling or take them out.",
    ConfigOpen = "config_open" about "config", Warning, Unasked:
        "others can write to the configuration file";
        "Whoever writes to it decides in which folders Codex may work, and which program is started as Codex.";
        "Take the right away with `chmod go-w`.",
    ScrubPattern = "scrub_pattern" about "config", Fault, ByHand:
        "a pattern of `scrub.patterns` is no regular expression";
        "Nothing runs while a secret that you named could get through.";
        "Correct the pattern that is named.",
    VariableInvalid = "variable_invalid" about "config", Fault, ByHand:
        "an environment variable of the bridge makes no sense";
        "It outranks the configuration file, so that no run is admitted.";
        "Correct the variable, or unset it, where the client or the terminal sets it.",
    Nested = "nested" about "nested", Fault, ByHand:
        "this bridge was started by one of its own runs";
        "A run that starts runs never ends, so it starts none.";
        "Take codex-bridge out of Codex's own MCP servers.",
    StateSymlink = "state_symlink" about "state_dir", Fault, ByHand:
        "the state folder is a symlink";
        "Whoever can change the link decides where the bridge's files go.";
        "Put a folder there, or name the real one in CODEX_CLI_MCP_STATE_DIR.",
    StateNoFolder = "state_no_folder" about "state_dir", Fault, ByHand:
        "the state folder is no folder";
        "Runs can't be written down, so none is started.";
        "Move away what lies there.",
    StateForeign = "state_foreign" about "state_dir", Fault, ByHand:
        "the state folder, or one above it, belongs to somebody else";
        "Its owner could read your runs and change them.";
        "Use a folder of your own: name it in CODEX_CLI_MCP_STATE_DIR.",
    StateOpen = "state_open" about "state_dir", Fault, Unasked:
        "everybody can write to the state folder";
        "Anybody on this computer could put files among your runs.";
        "Close it with `chmod 700`, and look whether what lies in it is yours.",
    StateExposed = "state_exposed" about "state_dir", Fault, ByHand:
        "others can write to a folder above the state folder";
        "They could put another folder into the place of yours.";
        "Take the right away with `chmod go-w` on the folder that is named.",
    StateUnwritable = "state_unwritable" about "state_dir", Fault, ByHand:
        "the state folder can't be made or written";
        "Runs can't be written down, so none is started.";
        "Make it writable for you, or name another folder in CODEX_CLI_MCP_STATE_DIR.",
    StateShared = "state_shared" about "state_dir", Warning, ByHand:
        "the state folder lies on a network disk or is kept in step with a cloud";
        "The database breaks where two computers write to it.";
        "Set CODEX_CLI_MCP_STATE_DIR to a folder on a local disk.",
    StateFileOpen = "state_file_open" about "state_dir", Warning, Unasked:
        "a file in the state folder is open to others";
        "If the folder is ever opened, your runs can be read.";
        "Close it with `chmod 600`.",
    DiskFull = "disk_full" about "disk", Fault, ByHand:
        "the disk of the state folder is full";
        "Runs can't be written down, so none is started.";
        "Free some space; worktrees that nobody needs go with `codex-bridge-mcp finish <run> discard`.",
    DiskLow = "disk_low" about "disk", Warning, ByHand:
        "the disk of the state folder is nearly full";
        "A worktree or a run's record may not fit any more.";
        "Free some space; worktrees that nobody needs go with `codex-bridge-mcp finish <run> discard`.",
    StoreNewer = "store_newer" about "store", Fault, ByHand:
        "a newer Codex Bridge has written the database";
        "An older program does not write into what it does not understand.";
        "Restart the MCP clients and the app, so that all of them use the newer one.",
    StoreLocked = "store_locked" about "store", Fault, ByHand:
        "another process holds the database";
        "Nothing can be read or written meanwhile.";
        "Try again in a moment; if it stays, quit Codex Bridge and the MCP clients, and start them again.",
    StoreUnusable = "store_unusable" about "store", Fault, ByHand:
        "the database can't be opened";
        "Nothing is known of runs, and none is started.";
        "See that the files in the state folder are yours and on a local disk.",
    StoreDamaged = "store_damaged" about "store", Fault, ByHand:
        "the database is damaged";
        "Runs may be missing from the history.";
        "Quit Codex Bridge and the MCP clients and start them again: the database is then set aside and rebuilt.",
    StoreRecovered = "store_recovered" about "store", Warning, ByHand:
        "the database was damaged, and was rebuilt";
        "What was set aside takes room, and may hold what could not be saved.";
        "Delete that folder when you miss nothing.",
    Paused = "paused" about "paused", Warning, Asked:
        "new runs are paused";
        "They wait in the queue until you let them go on.";
        "Let them go on in the app, or with `codex-bridge-mcp pause --off`.",
    QueueFull = "queue_full" about "limits", Warning, ByHand:
        "as many runs wait as may wait";
        "The next one is refused.";
        "Wait until a run ends, cancel one, or raise `limits.queued`.",
    RootsNone = "roots_none" about "roots", Fault, ByHand:
        "no folder is allowed yet";
        "Codex works nowhere but below allowed folders.";
        "Run `codex-bridge-mcp roots add <folder>`.",
    RootMissing = "root_missing" about "roots", Warning, Asked:
        "an allowed folder is not there";
        "No run is admitted in it.";
        "Bring it back (is a disk missing?), or take it off the list.",
    RootNoFolder = "root_no_folder" about "roots", Warning, Asked:
        "an allowed folder is a file";
        "No run is admitted in it.";
        "Allow the folder that the file lies in, and take the file off the list.",
    RootUnreadable = "root_unreadable" about "roots", Warning, ByHand:
        "this program may not read an allowed folder";
        "Runs in it fail.";
        "Make the folder readable for you, or take it off the list.",
    RootPrivacy = "root_privacy" about "roots", Warning, ByHand:
        "the system's privacy settings keep this program from an allowed folder";
        "Runs in it fail, whatever the file's permissions say.";
        "Open Codex Bridge, so that runs have its rights, and allow it the folder in System Settings, Privacy & Security, Files and Folders.",
    RootUnusable = "root_unusable" about "roots", Warning, Asked:
        "an allowed folder can't be opened";
        "No run is admitted in it.";
        "Look at what the system says, or take it off the list.",
    RootTooBroad = "root_too_broad" about "roots", Warning, ByHand:
        "an allowed folder is too broad";
        "It admits nothing until you insist: it holds more than work.";
        "Allow the folders that you work in instead: `codex-bridge-mcp roots add <folder>`; or insist with `codex-bridge-mcp roots add --force <folder>`.",
    CodexMissing = "codex_missing" about "codex", Fault, ByHand:
        "no Codex was found";
        "Without Codex nothing runs.";
        "Install it with `npm install -g @openai/codex` or `brew install --cask codex`.",
    CodexSettingGone = "codex_setting_gone" about "codex", Fault, Unasked:
        "the Codex that the setting `codex.bin` names is gone, and another one is there";
        "The setting counts before all that could be found.";
        "Take the setting out with `codex-bridge-mcp config unset codex.bin`.",
    CodexSetting = "codex_setting" about "codex", Fault, Asked:
        "the Codex that the setting `codex.bin` names can't be used";
        "The setting counts before all that could be found.";
        "Correct the setting, or take it out with `codex-bridge-mcp config unset codex.bin`.",
    CodexVariable = "codex_variable" about "codex", Fault, ByHand:
        "the Codex that CODEX_BIN names can't be used";
        "The variable counts before the setting and all that could be found.";
        "Correct or unset CODEX_BIN where the client or the terminal sets it.",
    CodexUnusable = "codex_unusable" about "codex", Fault, ByHand:
        "a Codex was found and can't be used";
        "Without Codex nothing runs.";
        "Install it anew with the tool that installed it.",
    CodexSilent = "codex_silent" about "codex", Fault, ByHand:
        "Codex does not tell what it can do";
        "What a version can't do is read from its help; without it nothing is started.";
        "Run `codex exec --help` in a terminal; if that fails, install Codex again.",
    CodexOlderFirst = "codex_older_first" about "codex", Warning, Asked:
        "there are several Codex, and not the newest is used";
        "An update went to the other one, and runs lack what it brought.";
        "Name the newer one in the setting `codex.bin`, or remove the older one.",
    CodexOld = "codex_old" about "codex_version", Warning, ByHand:
        "Codex is older than all that this bridge is tested with";
        "It may fail where others don't, and not know a setting that keeps your credentials from the model's commands.";
        "Update Codex.",
    CodexLacksNeeded = "codex_lacks_needed" about "capabilities", Fault, ByHand:
        "Codex lacks what every run needs";
        "No run can be started with it.";
        "Update Codex.",
    CodexLacks = "codex_lacks" about "capabilities", Warning, ByHand:
        "Codex lacks something that its version is known to have";
        "Some requests are refused, or do less.";
        "Update Codex.",
    CodexLost = "codex_lost" about "codex_version", Warning, ByHand:
        "another version of Codex can do less than the last one";
        "What worked yesterday may be refused today.";
        "Go back to the version before, or look for a newer Codex Bridge.",
    ModelsUnknown = "models_unknown" about "models", Warning, ByHand:
        "Codex does not tell which models it has";
        "A model has to be named from memory.";
        "Run `codex debug models` in a terminal.",
    LoginMissing = "login_missing" about "login", Warning, ByHand:
        "Codex has no login";
        "The first request to the model fails.";
        "Run `codex login` in a terminal; a Codex with a model provider of its own needs none.",
    LoginDamaged = "login_damaged" about "login", Warning, ByHand:
        "Codex can't read its own login";
        "The first request to the model fails.";
        "Run `codex logout` and `codex login` in a terminal.",
    LoginOpen = "login_open" about "login", Warning, ByHand:
        "others can read the file with Codex's login";
        "Whoever reads it can work with your account.";
        "Close it with `chmod 600`.",
    LoginRefused = "login_refused" about "login", Warning, ByHand:
        "the service refused Codex's login when a run last asked";
        "A login that is there may have expired; only a run shows whether it is valid.";
        "Run `codex login` in a terminal, then start a run again.",
    QuotaSpent = "quota_spent" about "quota", Warning, ByHand:
        "the account's usage limit was reached when a run last asked";
        "Runs fail until the limit is reset.";
        "Wait until the time that the message names.",
    CodexHomeMissing = "codex_home_missing" about "codex_home", Fault, ByHand:
        "Codex's own folder, as it is named, is not there";
        "Codex refuses to start, and its login is not found.";
        "Correct `codex.home` or CODEX_HOME; without them it is `~/.codex`.",
    CodexHomeForeign = "codex_home_foreign" about "codex_home", Warning, ByHand:
        "Codex's own folder belongs to somebody else";
        "Its owner decides what Codex does, and can read your sessions.";
        "Use a folder of your own.",
    CodexHomeUnwritable = "codex_home_unwritable" about "codex_home", Fault, ByHand:
        "Codex's own folder can't be written";
        "Codex keeps its sessions there, and fails without.";
        "Make the folder writable for you.",
    CodexConfigBroken = "codex_config_broken" about "codex_home", Fault, ByHand:
        "Codex's `config.toml` is no TOML";
        "Codex refuses to start.";
        "Correct the line that is named.",
    CodexReference = "codex_reference" about "codex_reference", Warning, ByHand:
        "Codex itself has the bridge as an MCP server";
        "A run would start runs; the bridge refuses that, but the server is started for nothing each time.";
        "Run `codex mcp remove <name>`.",
    GitMissing = "git_missing" about "git", Warning, ByHand:
        "git was not found";
        "Tasks work in the folder itself, nobody tells what they changed, and there are no reviews.";
        "Install git.",
    GitTooOld = "git_too_old" about "git", Warning, ByHand:
        "git is too old";
        "Tasks work in the folder itself, nobody tells what they changed, and there are no reviews.";
        "Install a newer git.",
    GitUnusable = "git_unusable" about "git", Warning, ByHand:
        "what is called git does not work";
        "Tasks work in the folder itself, nobody tells what they changed, and there are no reviews.";
        "Install git; on macOS with `xcode-select --install`.",
    GitOwnership = "git_ownership" about "git", Warning, ByHand:
        "a repository in an allowed folder belongs to somebody else";
        "Git refuses to work in it, and so do worktrees and reviews.";
        "If you trust it, run `git config --global --add safe.directory <folder>`.",
    WorktreesUnreadable = "worktrees_unreadable" about "worktrees", Warning, ByHand:
        "the copies of repositories can't be looked at";
        "Changes in them can't be shown or taken.";
        "See that the state folder can be read.",
    KeychainUnavailable = "keychain_unavailable" about "keychain", Fault, Asked:
        "the keychain can't be asked for the API key";
        "The setting `codex.api_key` says that Codex gets it, so no run starts without.";
        "Unlock the keychain, or clear the key with `codex-bridge-mcp api-key clear` and log Codex in.",
    ApiKeyMissing = "api_key_missing" about "keychain", Fault, Asked:
        "the keychain has no API key, although `codex.api_key` is on";
        "No run starts without the key that it is to get.";
        "Save the key again with `codex-bridge-mcp api-key set`, or switch the setting off.",
    SocketStale = "socket_stale" about "app", Warning, Unasked:
        "the app's socket is there and nobody listens";
        "The app was killed; runs start with the rights of the client and not of the app.";
        "Open Codex Bridge again, or remove the socket.",
    AppSilent = "app_silent" about "app", Warning, ByHand:
        "the app is there and does not answer";
        "Each act waits for it for a second before it is done without.";
        "Quit Codex Bridge and open it again.",
    AppOtherVersion = "app_other_version" about "app", Warning, ByHand:
        "the app is of another version than this program";
        "They don't speak with each other; runs start with the rights of the client and not of the app.";
        "Quit Codex Bridge and open it again, so that both are of one version.",
    ClientOtherVersion = "client_other_version" about "clients", Warning, ByHand:
        "a client has started a server of another version";
        "What is new here is not there for it.";
        "Quit the client and start it again.",
    ProgramMisplaced = "program_misplaced" about "clients", Warning, ByHand:
        "this program lies where it will not stay";
        "A client that is told to start it there won't find it tomorrow.";
        "Install Codex Bridge into its place first.",
    ClientBroken = "client_broken" about "clients", Warning, Unasked:
        "a client's entry starts a program that is not there";
        "The client shows no tools.";
        "Run `codex-bridge-mcp repair`.",
    ClientOutdated = "client_outdated" about "clients", Warning, Unasked:
        "a client's entry starts another program than this one";
        "The client uses another version, or another copy, than you look at.";
        "Run `codex-bridge-mcp repair`.",
    ClientWiped = "client_wiped" about "clients", Warning, Unasked:
        "a client lost its settings, and our entry with them";
        "The client shows no tools.";
        "Run `codex-bridge-mcp repair`.",
    ClientUnusable = "client_unusable" about "clients", Warning, ByHand:
        "a client's file can't be read, or not be changed safely";
        "The client may not read it either, and nothing can be put right in it.";
        "Open the file and mend it, or restore a backup with `codex-bridge-mcp clients restore`.",
    ClientLegacy = "client_legacy" about "clients", Warning, Asked:
        "a client has both this bridge and the TypeScript one";
        "The model sees two sets of tools, with two sets of rules.";
        "Run `codex-bridge-mcp clients take-over <client>`.",
    ClientShutOut = "client_shut_out" about "clients", Warning, ByHand:
        "a client has our entry, and another of its settings shuts it out";
        "The client shows no tools.";
        "Allow `codex-bridge` in the client's own list of servers.",
    ClientNotFound = "client_not_found" about "clients", Warning, ByHand:
        "a client's log says that our program was not found";
        "The client shows no tools.";
        "Run `codex-bridge-mcp repair`, then start the client again.",
    ClientForbidden = "client_forbidden" about "clients", Warning, ByHand:
        "a client's log says that our program could not be started for want of rights";
        "The client shows no tools.";
        "Install Codex Bridge again, so that the program can be started.",
    ClientProtocol = "client_protocol" about "clients", Warning, ByHand:
        "a client's log says that they did not agree on a protocol";
        "The client shows no tools.";
        "Update Codex Bridge and the client.",
    ClientTimedOut = "client_timed_out" about "clients", Warning, ByHand:
        "a client's log says that our server did not answer in time";
        "The client shows no tools, or gives up on a call.";
        "`codex-bridge-mcp self-test` shows whether the server works; then start the client again.",
    ClientEnded = "client_ended" about "clients", Warning, ByHand:
        "a client's log says that our server ended unexpectedly";
        "The client shows no tools.";
        "`codex-bridge-mcp self-test` shows whether the server works; then start the client again.",
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fmt::Write as _;
    use std::path::Path;

    use super::*;

    #[test]
    fn names_are_unique_and_every_ill_has_its_reason_and_its_remedy() {
        let names: HashSet<&str> = Ill::ALL.iter().map(|ill| ill.id()).collect();
        assert_eq!(names.len(), Ill::ALL.len());
        for ill in Ill::ALL {
            assert!(ill.level() > Level::Ok, "{ill:?}");
            for sentence in [ill.why(), ill.remedy()] {
                assert!(sentence.ends_with('.'), "{ill:?}: {sentence}");
            }
        }
    }

    /// `UPDATE=1` writes the table anew.
    #[test]
    fn the_readme_lists_all_of_them() {
        let mut table = String::from(
            "| finding | what it is | what mends it | `--fix` |\n| --- | --- | --- | --- |\n",
        );
        for ill in Ill::ALL {
            let fix = match ill.mends() {
                Mends::Unasked => "yes".to_owned(),
                Mends::Asked => format!("`--fix {}`", ill.id()),
                Mends::ByHand => String::new(),
            };
            let (id, sees, remedy) = (ill.id(), ill.sees(), ill.remedy());
            writeln!(table, "| `{id}` | {sees} | {remedy} | {fix} |").unwrap();
        }
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
        let text = std::fs::read_to_string(&readme).unwrap();
        let (begin, end) = ("<!-- findings -->\n", "<!-- end of findings -->");
        let (before, rest) = text.split_once(begin).unwrap();
        let (found, after) = rest.split_once(end).unwrap();
        if std::env::var_os("UPDATE").is_some() {
            let text = format!("{before}{begin}\n{table}\n{end}{after}");
            std::fs::write(&readme, text).unwrap();
        } else {
            assert_eq!(
                found.trim(),
                table.trim(),
                "`UPDATE=1 cargo test` writes it"
            );
        }
    }
}
