//! What is at each path of a folder right now, found without following a symlink.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::io::{self, Read};

use crate::adapters::git::apply::wish::{Wish, Wishes, folders_of, split};
use crate::domain::conflict::ConflictReason;
use crate::platform::tree_edit::{Barrier, Folder, Kind, Seen};

/// A file that was written so shortly before we looked may be written again without any sign of it: clocks of file
/// systems tick up to every 10 ms, and some count in steps of 2 s.
const FRESH_S: i64 = 3;

/// What was found at a path.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub(super) place: Place,
    pub(super) above: Above,
}

/// What is at a path.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Nothing; or something that is to go is in its way.
    Free {
        /// How many of the folders on the way are there.
        folders: usize,
    },
    /// A plain file or a symlink.
    Taken {
        seen: Seen,
        /// Names the content of a file that was written a moment ago, whose times prove nothing.
        print: Option<u64>,
    },
    /// A folder.
    Folder {
        seen: Seen,
        /// Whether it holds more than what is to go.
        holds_others: bool,
    },
    /// What can't be worked with.
    Bad(ConflictReason),
}

/// The deepest folder on the way that is there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Above {
    pub(super) is_writable: bool,
    /// The group that it gives to what is made in it.
    pub(super) group: Option<u32>,
}

/// Looks at all paths that something is wished for. `now` is in seconds since 1970.
pub(super) fn survey(root: &Folder, wishes: &Wishes, now: i64) -> io::Result<Vec<Sight>> {
    let top = root.look_at_itself()?;
    let mut surveyor = Surveyor {
        root,
        wishes,
        dev: top.dev,
        now,
        folders: HashMap::new(),
    };
    // The top itself is never in the way.
    surveyor.remember(b"", root, top).ok();
    Ok(wishes.iter().map(|wish| surveyor.sight(wish)).collect())
}

/// Names the content of an open file.
pub(super) fn print_of(mut file: impl Read) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finish()),
            length => hasher.write(&piece[..length]),
        }
    }
}

struct Surveyor<'a> {
    root: &'a Folder,
    wishes: &'a Wishes,
    dev: u64,
    now: i64,
    /// What is known of the folders on the way: an obstacle, or how they are as parents.
    folders: HashMap<Vec<u8>, Result<Above, ConflictReason>>,
}

impl Surveyor<'_> {
    fn sight(&mut self, wish: &Wish) -> Sight {
        let mut above = Above::default();
        let place = if wish.is_of_submodule() {
            Place::Bad(ConflictReason::Submodule)
        } else {
            self.place(wish, &mut above).unwrap_or_else(Place::Bad)
        };
        Sight { place, above }
    }

    fn place(&mut self, wish: &Wish, above: &mut Above) -> Result<Place, ConflictReason> {
        let path = wish.path.as_bytes();
        if let Some(Ok(known)) = self.folders.get(&b""[..]) {
            *above = *known;
        }
        let mut entered: Option<Folder> = None;
        for (depth, on_the_way) in folders_of(path).enumerate() {
            let here = entered.as_ref().unwrap_or(self.root);
            match here.enter(split(on_the_way).1) {
                Ok(folder) => {
                    *above = self.known(on_the_way, &folder)?;
                    entered = Some(folder);
                }
                Err(barrier) => {
                    let free = Place::Free { folders: depth };
                    return self.barred(wish, on_the_way, &barrier).map(|()| free);
                }
            }
        }
        let here = entered.as_ref().unwrap_or(self.root);
        let name = split(path).1;
        let Some(seen) = here.look(name).map_err(|_| ConflictReason::Unreadable)? else {
            let folders = folders_of(path).count();
            return Ok(Place::Free { folders });
        };
        if seen.dev != self.dev {
            return Err(ConflictReason::OtherFileSystem);
        }
        match seen.kind() {
            Kind::Other => Err(ConflictReason::NotAFile),
            Kind::Symlink => Ok(Place::Taken { seen, print: None }),
            Kind::File => {
                let file = here
                    .read_file(name)
                    .map_err(|_| ConflictReason::Unreadable)?;
                let is_fresh = seen.stamp.written.0 >= self.now - FRESH_S;
                let print = is_fresh.then(|| print_of(file)).transpose();
                let print = print.map_err(|_| ConflictReason::Unreadable)?;
                Ok(Place::Taken { seen, print })
            }
            Kind::Folder => {
                // A folder in the way of a file may go if the run emptied it and nothing else is in it.
                let holds_others = wish.after.is_some()
                    && (!self.is_emptied(path)
                        || here
                            .enter(name)
                            .map_or(true, |folder| self.holds_others(&folder, path)));
                Ok(Place::Folder { seen, holds_others })
            }
        }
    }

    /// Whether what is in the way is itself to go, or makes that the wish is fulfilled.
    fn barred(&self, wish: &Wish, at: &[u8], barrier: &Barrier) -> Result<(), ConflictReason> {
        let reason = match barrier {
            Barrier::Missing => return Ok(()),
            Barrier::Symlink => ConflictReason::SymlinkedParent,
            Barrier::NotAFolder => ConflictReason::ParentIsFile,
            Barrier::Refused(_) => return Err(ConflictReason::Unreadable),
        };
        let is_wished = self.wishes.get(at).is_some_and(|other| {
            // `at` is to go and make way; or it has come already, in place of the folder that this file was in.
            other.after.is_none() || wish.after.is_none()
        });
        if is_wished { Ok(()) } else { Err(reason) }
    }

    fn known(&mut self, path: &[u8], folder: &Folder) -> Result<Above, ConflictReason> {
        if let Some(known) = self.folders.get(path) {
            return *known;
        }
        match folder.look_at_itself() {
            Ok(seen) => self.remember(path, folder, seen),
            Err(_) => Err(ConflictReason::Unreadable),
        }
    }

    fn remember(
        &mut self,
        path: &[u8],
        folder: &Folder,
        seen: Seen,
    ) -> Result<Above, ConflictReason> {
        let is_top = path.is_empty();
        let finding = if seen.dev != self.dev {
            Err(ConflictReason::OtherFileSystem)
        } else if !is_top && !matches!(folder.look(b".git"), Ok(None)) {
            Err(ConflictReason::NestedRepository)
        } else {
            let gives_its_group = seen.stamp.mode & 0o2000 != 0;
            Ok(Above {
                is_writable: folder.is_writable(),
                group: gives_its_group.then_some(seen.gid),
            })
        };
        self.folders.insert(path.to_vec(), finding);
        finding
    }

    /// Whether files in this folder are to go.
    fn is_emptied(&self, path: &[u8]) -> bool {
        let mut below = self.wishes.below(path);
        below.any(|wish| wish.before.is_some() && wish.after.is_none())
    }

    fn holds_others(&self, folder: &Folder, path: &[u8]) -> bool {
        let Ok(names) = folder.names() else {
            return true;
        };
        names.iter().any(|name| {
            let inner = [path, b"/", name].concat();
            match folder.look(name).map(|seen| seen.map(Seen::kind)) {
                Ok(None) => false,
                Ok(Some(Kind::Folder)) => {
                    !self.is_emptied(&inner)
                        || folder
                            .enter(name)
                            .map_or(true, |folder| self.holds_others(&folder, &inner))
                }
                Ok(Some(Kind::File | Kind::Symlink)) => !self.wishes.removes(&inner),
                Ok(Some(Kind::Other)) | Err(_) => true,
            }
        })
    }
}
