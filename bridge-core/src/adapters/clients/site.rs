//! One configuration file of one client: what stands in it of us, and how that is changed, taken away and undone.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::adapters::clients::file::{FileError, Hook, Replacement, Target};
use crate::adapters::clients::keep::{Backup, KeepError, Keeping, Note, Receipt};
use crate::adapters::clients::plan::{Found, Plan, foreign};
use crate::adapters::clients::table::Client;
use crate::adapters::clients::text::{Entry, Why};
use crate::domain::run::Timestamp;
use crate::platform::lock::FolderLock;
use crate::platform::tree_edit::Renames;

/// The name of our entry, in every client.
pub const NAME: &str = "codex-bridge";
/// How often it is tried anew when somebody else changes the file meanwhile.
const TRIES: usize = 5;
/// How long a client's own lock is waited for.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// A client that lives renews its lock more often than this.
const LOCK_STALE: Duration = Duration::from_secs(20);

/// Why a file was not changed. Unless it says otherwise, it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The file can't be read or replaced.
    #[error(transparent)]
    File(#[from] FileError),
    /// Nothing can be kept of it.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// What is in it forbids a change.
    #[error("`{}`, line {line}: {why}", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The reason.
        why: Why,
    },
    /// It is not text that could be read.
    #[error("`{}` is not UTF-8 (line {line})", file.display())]
    NotText {
        /// The file.
        file: PathBuf,
        /// The first line that can't be read.
        line: usize,
    },
    /// Another program changes it all the time, or keeps it locked.
    #[error("`{}` is being changed by another program", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// Somebody has changed it since, so there is no way back by itself.
    #[error("`{}` was changed since by somebody else", file.display())]
    ChangedSince {
        /// The file.
        file: PathBuf,
    },
    /// There is nothing to go back to.
    #[error("nothing is known of an earlier `{}`", file.display())]
    NothingToUndo {
        /// The file.
        file: PathBuf,
    },
    /// It was written, and right afterwards somebody else wrote something else.
    #[error("`{}` was overwritten by another program right after it was changed", file.display())]
    Overwritten {
        /// The file.
        file: PathBuf,
    },
}

/// What stands in a file of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, and never did as far as we know.
    Absent,
    /// Our entry.
    Installed(Entry),
    /// We put an entry in; it is gone with all others: the client lost its settings.
    Wiped,
    /// We put an entry in; it alone is gone: somebody took it out.
    TakenOut,
}

/// A file as it was and as it is or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, as its client names it.
    pub file: PathBuf,
    /// Where it really lies.
    pub real: PathBuf,
    /// Before; `None` where there was none.
    pub before: Option<String>,
    /// Afterwards; `None` where it is removed.
    pub after: Option<String>,
}

/// What is to be done with a file.
#[derive(Clone, Copy, Debug)]
pub enum Wish<'a> {
    /// Our entry is to start this program.
    Install {
        /// The program, with its absolute path.
        program: &'a str,
    },
    /// Our entry is to go.
    Remove,
    /// Another entry is to be switched off.
    SwitchOff {
        /// Its name.
        name: &'a str,
    },
    /// Our last change is to be undone.
    Undo,
    /// The file is to be as it was.
    Restore {
        /// The backup's name.
        backup: &'a str,
    },
}

/// What a change needs to know.
#[derive(Clone, Copy)]
pub struct Doing<'a> {
    /// What is to be done.
    pub wish: Wish<'a>,
    /// The moment.
    pub now: Timestamp,
    /// Gives a random number.
    pub random: fn() -> u64,
}

/// One configuration file of one client.
#[derive(Clone, Debug)]
pub struct Site {
    /// The client.
    pub client: &'static Client,
    /// The name of the file among the client's.
    pub place: &'static str,
    /// The file, as its client names it.
    pub file: PathBuf,
    pub(super) keeping: Keeping,
    /// Where our lock is.
    state: PathBuf,
}

impl Site {
    /// The site of a file; what we keep of it lies below `state`.
    pub fn new(client: &'static Client, place: &'static str, file: PathBuf, state: &Path) -> Site {
        let name = match place {
            "main" => client.id.to_owned(),
            other => format!("{}-{other}", client.id),
        };
        Site {
            keeping: Keeping::at(state, &name, &file),
            state: state.to_owned(),
            client,
            place,
            file,
        }
    }

    /// What stands in the file of us.
    pub fn standing(&self) -> Result<Standing, SiteError> {
        let found = Found::read(&self.file)?;
        let document = self.document(&found)?;
        if let Some(entry) = self.said(&found, document.entry(NAME))? {
            let ours = entry
                .program
                .as_deref()
                .is_some_and(|program| self.is_ours(program));
            return match ours {
                true => Ok(Standing::Installed(entry)),
                false => Err(foreign(&found, entry)),
            };
        }
        let Some(receipt) = self.keeping.receipt() else {
            return Ok(Standing::Absent);
        };
        if self.keeping.left(found.bytes.as_deref()) {
            return Ok(Standing::Absent);
        }
        let is_empty = match document.has_home() {
            true => self.said(&found, document.entries())?.is_empty() && self.had_others(),
            false => true,
        };
        Ok(match is_empty && !receipt.taken_out {
            true => Standing::Wiped,
            false => Standing::TakenOut,
        })
    }

    /// All entries of the file.
    pub fn entries(&self) -> Result<Vec<Entry>, SiteError> {
        let found = Found::read(&self.file)?;
        let document = self.document(&found)?;
        self.said(&found, document.entries())
    }

    /// What we know of our entry.
    pub fn receipt(&self) -> Option<Receipt> {
        self.keeping.receipt()
    }

    /// The states of the file before our changes, the newest first.
    pub fn backups(&self) -> Vec<Backup> {
        self.keeping.backups()
    }

    /// Where those states are kept.
    pub fn backups_folder(&self) -> &Path {
        self.keeping.folder()
    }

    /// What a wish would do; `None` where nothing changes.
    pub fn plan(&self, wish: Wish<'_>) -> Result<Option<Change>, SiteError> {
        let found = Found::read(&self.file)?;
        let plan = self.decide(&found, wish)?;
        if plan.is_some() {
            found.target.check_rights()?;
        }
        Ok(plan.map(|plan| plan.change))
    }

    /// Does what is wished; `None` where nothing changes. Blocks while others change the file.
    pub fn carry_out(&self, doing: &Doing<'_>) -> Result<Option<Change>, SiteError> {
        self.carry_out_with(doing, Renames::Best, &|_| Ok(()))
    }

    pub(super) fn carry_out_with(
        &self,
        doing: &Doing<'_>,
        renames: Renames,
        hook: Hook<'_>,
    ) -> Result<Option<Change>, SiteError> {
        for _ in 0..TRIES {
            match self.attempt(doing, renames, hook) {
                Err(SiteError::File(FileError::Changed { .. })) => {}
                other => return other,
            }
        }
        Err(SiteError::Busy {
            file: self.file.clone(),
        })
    }

    fn attempt(
        &self,
        doing: &Doing<'_>,
        renames: Renames,
        hook: Hook<'_>,
    ) -> Result<Option<Change>, SiteError> {
        // Nothing is made for a change that is none, or is refused.
        if self.plan(doing.wish)?.is_none() {
            return Ok(None);
        }
        self.keeping.ensure()?;
        let locked = FolderLock::acquire(&self.state.join("clients"));
        let _alone = locked.map_err(|source| FileError::of("wait for", &self.file, source))?;
        let target = Target::find(&self.file)?;
        let _theirs = self.their_lock(&target)?;
        for (path, bytes) in target.leftovers() {
            self.keeping.back_up(Some(&bytes), doing.now)?;
            if let Err(source) = std::fs::remove_file(&path) {
                return Err(FileError::of("tidy up", &path, source).into());
            }
        }
        let found = Found::read(&self.file)?;
        let Some(plan) = self.decide(&found, doing.wish)? else {
            return Ok(None);
        };
        let wanted = plan.bytes.as_deref();
        self.note(&found, &plan, doing)?;
        step(hook, &self.file, "noted")?;
        if let Some(folder) = target.real.parent() {
            let made = std::fs::create_dir_all(folder);
            made.map_err(|source| FileError::of("make the folder of", &self.file, source))?;
        }
        target.replace(&Replacement {
            expected: found.bytes.as_deref(),
            wanted,
            random: (doing.random)(),
            renames,
            hook,
        })?;
        if plan.forgets {
            self.keeping.forget();
        }
        step(hook, &self.file, "done").ok();
        let now = target.read()?;
        if now.as_deref() != wanted {
            return Err(SiteError::Overwritten {
                file: self.file.clone(),
            });
        }
        Ok(Some(plan.change))
    }

    fn note(&self, found: &Found, plan: &Plan, doing: &Doing<'_>) -> Result<(), SiteError> {
        let known = self.keeping.knows(found.bytes.as_deref());
        let receipt = match (&plan.entry, self.keeping.receipt()) {
            (None, _) => None,
            (Some(program), Some(old)) if plan.had_entry => Some(Receipt {
                program: program.clone(),
                at: doing.now.0,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                exact: old.exact && known && !plan.departs,
                taken_out: false,
                ..old
            }),
            (Some(program), _) => {
                self.keeping.keep_original(found.bytes.as_deref())?;
                Some(Receipt {
                    file: self.file.clone(),
                    program: program.clone(),
                    at: doing.now.0,
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    had_file: found.bytes.is_some(),
                    had_home: plan.had_home,
                    exact: !plan.had_entry,
                    taken_out: false,
                })
            }
        };
        self.keeping.note(&Note {
            found: found.bytes.as_deref(),
            left: plan.bytes.as_deref(),
            receipt: receipt.as_ref(),
            now: doing.now,
        })?;
        Ok(())
    }

    /// The client's own lock on the file, where it has one.
    fn their_lock(&self, target: &Target) -> Result<Option<TheirLock>, SiteError> {
        let Some(suffix) = self.client.lock_suffix else {
            return Ok(None);
        };
        if !target.real.exists() {
            return Ok(None);
        }
        let mut path = target.real.clone().into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        let begun = Instant::now();
        loop {
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Some(TheirLock { path })),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                // The folder can't be written: what follows says so better.
                Err(_) => return Ok(None),
            }
            let renewed = std::fs::metadata(&path).and_then(|found| found.modified());
            let age = renewed.ok().and_then(|renewed| renewed.elapsed().ok());
            if age.is_some_and(|age| age > LOCK_STALE) {
                // Its owner died.
                let _ = std::fs::remove_dir(&path);
            }
            if begun.elapsed() > LOCK_PATIENCE {
                return Err(SiteError::Busy {
                    file: self.file.clone(),
                });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The lock of a client, which falls with this.
struct TheirLock {
    path: PathBuf,
}

impl Drop for TheirLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.path);
    }
}

fn step(hook: Hook<'_>, file: &Path, step: &str) -> Result<(), FileError> {
    hook(step).map_err(|source| FileError::of("write", file, source))
}
