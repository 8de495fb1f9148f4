//! What is to be done in a folder, or what is in the way. Nothing is touched here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::adapters::git::apply::contents::Asked;
use crate::adapters::git::apply::survey::{Place, Sight};
use crate::adapters::git::apply::wish::{Wish, Wishes, folders_of};
use crate::domain::changes::{Entry, FileMode, RepoPath};
use crate::domain::conflict::{Conflict, ConflictReason};
use crate::platform::tree_edit::{Kind, Seen};

/// What is to be done, in this order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// How many files are as wished already.
    pub(super) already: usize,
}

impl Plan {
    /// How many files are concerned; a folder is none.
    pub(super) fn files(&self) -> usize {
        let is_file = |step: &&Step| match &step.deed {
            Deed::Remove { old } => old.seen.kind() != Kind::Folder,
            Deed::MakeFolder { .. } => false,
            Deed::Add { .. } | Deed::Replace { .. } => true,
        };
        self.steps.iter().filter(is_file).count()
    }
}

/// One thing to be done at one path.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) path: Vec<u8>,
    pub(super) deed: Deed,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Deed {
    /// What is there goes: a file, a symlink, or a folder in which there are only folders by then.
    Remove { old: Old },
    /// A folder comes.
    MakeFolder { group: Option<u32> },
    /// A file or a symlink comes where nothing is.
    Add { mode: FileMode, group: Option<u32> },
    /// A file or a symlink takes the place of another one.
    Replace {
        old: Old,
        before: FileMode,
        mode: FileMode,
    },
}

/// What was there when we looked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Old {
    pub(super) seen: Seen,
    pub(super) print: Option<u64>,
}

/// What is known about the person's folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Findings<'a> {
    pub(super) wishes: &'a Wishes,
    /// One for each wish.
    pub(super) sights: &'a [Sight],
    /// What git would keep of the files that were found.
    pub(super) entries: &'a HashMap<RepoPath, Entry>,
    /// Paths that the person doesn't keep in the folder.
    pub(super) outside_sparse: &'a BTreeSet<RepoPath>,
    /// Whether the folder takes `a` and `A` for the same name.
    pub(super) folds_case: bool,
}

/// The files whose content matters.
pub(super) fn asked<'a>(wishes: &'a Wishes, sights: &[Sight]) -> Vec<Asked<'a>> {
    let taken = |(wish, sight): (&'a Wish, &Sight)| match sight.place {
        Place::Taken { .. } => Some(Asked {
            path: &wish.path,
            before: wish.before.as_ref(),
        }),
        Place::Free { .. } | Place::Folder { .. } | Place::Bad(_) => None,
    };
    wishes.iter().zip(sights).filter_map(taken).collect()
}

/// Decides what is to be done. If anything is in the way, nothing is.
pub(super) fn decide(findings: &Findings<'_>) -> Result<Plan, Vec<Conflict>> {
    let leaving = Leaving::of(findings);
    let mut already = 0;
    let (mut files_out, mut folders_out, mut files_in) = (Vec::new(), Vec::new(), Vec::new());
    let mut folders_in: BTreeMap<Vec<u8>, Option<u32>> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for (wish, sight) in findings.wishes.iter().zip(findings.sights) {
        let path = wish.path.as_bytes().to_vec();
        let mut add = |after: &Entry, folders: usize| {
            let group = sight.above.group;
            let mode = after.mode;
            let missing = folders_of(wish.path.as_bytes()).skip(folders);
            folders_in.extend(missing.map(|folder| (folder.to_vec(), group)));
            files_in.push(Step {
                path: path.clone(),
                deed: Deed::Add { mode, group },
            });
        };
        match verdict(findings, &leaving, wish, sight) {
            Ok(Verdict::Already) => already += 1,
            Ok(Verdict::Add { after, folders }) => add(after, folders),
            Ok(Verdict::AddInPlaceOfFolder { after, old }) => {
                folders_out.push(Step {
                    path: path.clone(),
                    deed: Deed::Remove { old },
                });
                add(after, usize::MAX);
            }
            Ok(Verdict::Remove { old }) => files_out.push(Step {
                path,
                deed: Deed::Remove { old },
            }),
            Ok(Verdict::Replace { old, before, mode }) => files_in.push(Step {
                path,
                deed: Deed::Replace { old, before, mode },
            }),
            Err(reason) => conflicts.push(conflict(&wish.path, reason)),
        }
    }
    if findings.folds_case {
        conflicts.extend(collisions(&files_in));
    }
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    let folders_in = folders_in.into_iter().map(|(path, group)| Step {
        path,
        deed: Deed::MakeFolder { group },
    });
    let steps = files_out
        .into_iter()
        .chain(folders_out)
        .chain(folders_in)
        .chain(files_in);
    Ok(Plan {
        steps: steps.collect(),
        already,
    })
}

/// What a wish comes to.
enum Verdict<'a> {
    Already,
    Remove {
        old: Old,
    },
    Add {
        after: &'a Entry,
        folders: usize,
    },
    AddInPlaceOfFolder {
        after: &'a Entry,
        old: Old,
    },
    Replace {
        old: Old,
        before: FileMode,
        mode: FileMode,
    },
}

fn verdict<'a>(
    findings: &Findings<'_>,
    leaving: &Leaving,
    wish: &'a Wish,
    sight: &Sight,
) -> Result<Verdict<'a>, ConflictReason> {
    if findings.outside_sparse.contains(&wish.path) {
        return Err(ConflictReason::OutsideSparse);
    }
    let verdict = match (&sight.place, &wish.before, &wish.after) {
        (Place::Bad(reason), _, _) => return Err(*reason),
        (Place::Free { .. }, _, None) => Verdict::Already,
        (Place::Free { .. }, Some(_), Some(_)) => return Err(ConflictReason::Missing),
        (Place::Free { folders }, None, Some(after)) => Verdict::Add {
            after,
            folders: *folders,
        },
        (Place::Taken { seen, print }, before, after) => {
            let old = Old {
                seen: *seen,
                print: *print,
            };
            let now = findings.entries.get(&wish.path);
            match (before, after) {
                (_, Some(_)) if now == after.as_ref() => Verdict::Already,
                (None, Some(after)) if leaving.has(&wish.path, *seen) => Verdict::Add {
                    after,
                    folders: usize::MAX,
                },
                (None, _) => return Err(ConflictReason::Exists),
                (Some(_), _) if now != before.as_ref() => {
                    return Err(ConflictReason::ChangedMeanwhile);
                }
                (Some(_), None) => Verdict::Remove { old },
                (Some(before), Some(after)) => Verdict::Replace {
                    old,
                    before: before.mode,
                    mode: after.mode,
                },
            }
        }
        // A file that had this name is gone; the folder is there for what comes into it.
        (Place::Folder { .. }, _, None) => {
            let mut below = findings.wishes.below(wish.path.as_bytes());
            if !below.any(|wish| wish.after.is_some()) {
                return Err(ConflictReason::IsFolder);
            }
            Verdict::Already
        }
        (Place::Folder { seen, holds_others }, None, Some(after)) if !holds_others => {
            let old = Old {
                seen: *seen,
                print: None,
            };
            Verdict::AddInPlaceOfFolder { after, old }
        }
        (Place::Folder { .. }, _, Some(_)) => return Err(ConflictReason::IsFolder),
    };
    match verdict {
        Verdict::Already => Ok(verdict),
        _ if !sight.above.is_writable => Err(ConflictReason::ReadOnly),
        _ => Ok(verdict),
    }
}

/// The files that are to go. Where case does not count, the new name of such a file finds the old one.
struct Leaving(HashMap<u64, Vec<String>>);

impl Leaving {
    fn of(findings: &Findings<'_>) -> Leaving {
        let mut leaving: HashMap<u64, Vec<String>> = HashMap::new();
        for (wish, sight) in findings.wishes.iter().zip(findings.sights) {
            if let (Place::Taken { seen, .. }, None) = (&sight.place, &wish.after) {
                let names = leaving.entry(seen.stamp.ino).or_default();
                names.push(folded(wish.path.as_bytes()));
            }
        }
        Leaving(leaving)
    }

    fn has(&self, path: &RepoPath, seen: Seen) -> bool {
        let names = self.0.get(&seen.stamp.ino);
        names.is_some_and(|names| names.contains(&folded(path.as_bytes())))
    }
}

/// The new files that would land on one another.
fn collisions(files_in: &[Step]) -> Vec<Conflict> {
    let mut by_name: BTreeMap<String, Vec<&Step>> = BTreeMap::new();
    for step in files_in {
        by_name.entry(folded(&step.path)).or_default().push(step);
    }
    by_name
        .into_values()
        .filter(|steps| steps.len() > 1)
        .flatten()
        .filter_map(|step| RepoPath::new(step.path.clone()).ok())
        .map(|path| conflict(&path, ConflictReason::CaseCollision))
        .collect()
}

fn folded(path: &[u8]) -> String {
    String::from_utf8_lossy(path).to_lowercase()
}

fn conflict(path: &RepoPath, reason: ConflictReason) -> Conflict {
    Conflict {
        path: path.clone(),
        reason,
        hunks: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::git::apply::survey::Above;
    use crate::domain::changes::{Change, ChangeSet, ChangedFile, LeftOuts, ObjectId};
    use crate::platform::tree_edit::Stamp;

    fn entry(digit: &str) -> Entry {
        Entry {
            mode: FileMode::Regular,
            id: ObjectId::parse(&digit.repeat(40)).unwrap(),
        }
    }

    /// A folder in which case does not count, as seen through descriptors: what is at each path, by its number.
    fn check(changes: &[(&str, Change)], there: &[(&str, u64)], expected: &str) {
        let file = |(path, change): &(&str, Change)| ChangedFile {
            path: RepoPath::new(path.as_bytes().to_vec()).unwrap(),
            change: change.clone(),
            lines: None,
        };
        let id = entry("0").id;
        let wishes = Wishes::of(&ChangeSet {
            before: id.clone(),
            after: id.clone(),
            hash: id,
            files: changes.iter().map(file).collect(),
            left_out: LeftOuts::default(),
        });
        let place = |path: &str| match there.iter().find(|(known, _)| *known == path) {
            None => Place::Free { folders: 0 },
            Some((_, ino)) => Place::Taken {
                seen: Seen {
                    stamp: Stamp {
                        ino: *ino,
                        mode: 0o100_644,
                        size: 1,
                        written: (0, 0),
                    },
                    dev: 1,
                    gid: 0,
                },
                print: None,
            },
        };
        let above = Above {
            is_writable: true,
            group: None,
        };
        let sight = |path: &RepoPath| Sight {
            place: place(&path.to_text()),
            above,
        };
        let sights: Vec<Sight> = wishes.paths().map(sight).collect();
        let entries = wishes.paths().map(|path| (path.clone(), entry("1")));
        let decided = decide(&Findings {
            wishes: &wishes,
            sights: &sights,
            entries: &entries.collect(),
            outside_sparse: &BTreeSet::new(),
            folds_case: true,
        });
        let got: Vec<String> = match decided {
            Ok(plan) => plan.steps.iter().map(tell).collect(),
            Err(conflicts) => conflicts
                .iter()
                .map(|conflict| format!("{:?} {}", conflict.path, conflict.reason.as_str()))
                .collect(),
        };
        assert_eq!(got.join(", "), expected);
    }

    fn tell(step: &Step) -> String {
        let deed = match &step.deed {
            Deed::Remove { .. } => "remove",
            Deed::MakeFolder { .. } => "make folder",
            Deed::Add { .. } => "add",
            Deed::Replace { .. } => "replace",
        };
        format!("{deed} {}", String::from_utf8_lossy(&step.path))
    }

    #[test]
    fn where_case_does_not_count_a_file_can_change_its_case_and_two_cannot_share_a_name() {
        let added = || Change::Added { after: entry("2") };
        let deleted = || Change::Deleted { before: entry("1") };
        let renamed = [("Readme", deleted()), ("README", added())];
        // The new name finds the old file.
        check(
            &renamed,
            &[("Readme", 7), ("README", 7)],
            "remove Readme, add README",
        );
        check(
            &renamed,
            &[("Readme", 7), ("README", 8)],
            "\"README\" exists",
        );
        let both = [("a/X", added()), ("a/x", added()), ("b", added())];
        check(&both, &[], "\"a/X\" case_collision, \"a/x\" case_collision");
        let one = [("Straße", added()), ("strasse", added())];
        check(&one, &[], "add Straße, add strasse");
    }
}
