//! Looks whether the places of findings are really there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use crate::domain::changes::RepoPath;
use crate::domain::review::{Finding, Place, PlaceCheck};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::review::{Change, Existing};

/// What is at the paths that findings speak of.
pub(crate) type ExistingByPath = HashMap<RepoPath, Existing>;

/// The paths that have to be looked up before the places of these findings can be checked.
pub(super) fn wanted<'a>(
    findings: impl Iterator<Item = &'a Finding>,
    change: &Change,
    scrubber: &Scrubber,
) -> BTreeSet<RepoPath> {
    let names = Names::of(change, scrubber);
    findings
        .filter_map(|finding| names.candidates(&finding.place.file).ok())
        .flatten()
        .collect()
}

/// Checks the place of each finding. Nothing is dropped: what can't be found says so.
pub(super) fn check(
    findings: &mut [Finding],
    change: &Change,
    scrubber: &Scrubber,
    existing: &ExistingByPath,
) {
    let names = Names::of(change, scrubber);
    for finding in findings {
        let place = &mut finding.place;
        let candidates = match names.candidates(&place.file) {
            Ok(candidates) => candidates,
            Err(why) => {
                unverified(place, why);
                continue;
            }
        };
        let at = |path: &RepoPath| existing.get(path).copied().unwrap_or(Existing::Nothing);
        let found = candidates.iter().find(|path| at(path) != Existing::Nothing);
        let Some(path) = found.or(candidates.first()) else {
            continue;
        };
        place.file = scrubber.scrub(&path.to_text());
        match at(path) {
            Existing::File { lines } => within(place, lines, names.is_changed(path)),
            Existing::NoText => unverified(place, "it is no text file"),
            Existing::Nothing if names.is_changed(path) => {
                unverified(place, "the change deletes this file");
            }
            Existing::Nothing => {
                unverified(place, "there is no such file in what was reviewed");
            }
        }
    }
}

fn unverified(place: &mut Place, why: &'static str) {
    place.check = PlaceCheck::Unverified {
        why: Scrubbed::literal(why),
    };
}

fn within(place: &mut Place, count: u32, changed: bool) {
    place.check = PlaceCheck::Verified { changed };
    if let Some(said) = place.lines {
        let lines = said.within(count);
        if lines != said {
            place.lines = Some(lines);
            place.check = PlaceCheck::Moved { said, changed };
        }
    }
}

/// The files of a change by their names.
struct Names<'a> {
    change: &'a Change,
    /// As the reviewer knows them, and as they may have been scrubbed since.
    shown: BTreeMap<Scrubbed, &'a RepoPath>,
    changed: BTreeSet<&'a RepoPath>,
}

impl<'a> Names<'a> {
    fn of(change: &'a Change, scrubber: &Scrubber) -> Names<'a> {
        let paths = || change.files.iter().map(|file| &file.path);
        Names {
            change,
            shown: paths()
                .map(|path| (scrubber.scrub(&path.to_text()), path))
                .collect(),
            changed: paths().collect(),
        }
    }

    fn is_changed(&self, path: &RepoPath) -> bool {
        self.changed.contains(path)
    }

    /// The paths that a reviewer may mean, the likeliest first.
    fn candidates(&self, said: &Scrubbed) -> Result<Vec<RepoPath>, &'static str> {
        const OUTSIDE: &str = "it lies outside of the repository";
        if said.is_empty() {
            return Err("the reviewer named no file");
        }
        if let Some(path) = self.shown.get(said) {
            return Ok(vec![(*path).clone()]);
        }
        let path = Path::new(said.as_str());
        if path.is_absolute() {
            let below = path.strip_prefix(&self.change.top).map_err(|_| OUTSIDE)?;
            return Ok(vec![repo_path(below).ok_or(OUTSIDE)?]);
        }
        // `a/` and `b/` come from the headers of differences.
        let stripped = ["a", "b"].map(|side| path.strip_prefix(side).ok());
        let beside = self.change.prefix.join(path);
        let all = [Some(path), Some(&beside)].into_iter().chain(stripped);
        let mut tried = Vec::new();
        for path in all.flatten().filter_map(repo_path) {
            if !tried.contains(&path) {
                tried.push(path);
            }
        }
        // Of several that may be meant, the one that changed is.
        tried.sort_by_key(|path| !self.is_changed(path));
        match tried.is_empty() {
            true => Err(OUTSIDE),
            false => Ok(tried),
        }
    }
}

/// A path without detours; `None` if it leads out.
fn repo_path(path: &Path) -> Option<RepoPath> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => {
                if !plain.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    RepoPath::new(plain.as_os_str().as_bytes().to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::review::{Lines, Severity, Size};
    use crate::use_cases::review::ChangedText;

    fn change() -> Change {
        let file = |path: &str| ChangedText {
            path: RepoPath::new(path.into()).unwrap(),
            change: "modified",
            lines: None,
            size: Size::Text(10),
        };
        Change {
            what: "the uncommitted changes".into(),
            top: "/w/shop".into(),
            prefix: "web".into(),
            before: None,
            after: None,
            filters: Default::default(),
            files: vec![file("src/cart.rs"), file("web/page.ts"), file("gone.rs")],
        }
    }

    fn checked(file: &str, lines: Option<Lines>) -> String {
        let mut findings = [Finding {
            title: Scrubbed::literal("t"),
            body: Scrubbed::default(),
            severity: Severity::Low,
            confidence: None,
            place: Place::unchecked(Scrubber::builtin().scrub(file), lines),
            suggested_fix: None,
            reports: 1,
        }];
        let scrubber = Scrubber::builtin();
        let change = change();
        let existing = wanted(findings.iter(), &change, &scrubber)
            .into_iter()
            .map(|path| {
                let existing = match path.as_bytes() {
                    b"src/cart.rs" | b"web/page.ts" | b"lib.rs" => Existing::File { lines: 20 },
                    b"src" | b"logo.png" => Existing::NoText,
                    _ => Existing::Nothing,
                };
                (path, existing)
            })
            .collect();
        check(&mut findings, &change, &scrubber, &existing);
        let place = &findings[0].place;
        let lines = place.lines.map_or("-".to_owned(), |lines| {
            format!("{}-{}", lines.start(), lines.end())
        });
        let check = match &place.check {
            PlaceCheck::Verified { changed } => format!("verified {changed}"),
            PlaceCheck::Moved { changed, .. } => format!("moved {changed}"),
            PlaceCheck::Unverified { why } => why.to_string(),
        };
        format!("{}:{lines} {check}", place.file)
    }

    #[test]
    fn a_place_is_found_however_the_reviewer_writes_it() {
        let check = |file: &str, expected: &str| {
            assert_eq!(checked(file, Lines::new(3, 4)), expected, "{file}");
        };
        check("/w/shop/src/cart.rs", "src/cart.rs:3-4 verified true");
        check("src/cart.rs", "src/cart.rs:3-4 verified true");
        check("./src/../src/cart.rs", "src/cart.rs:3-4 verified true");
        check("b/src/cart.rs", "src/cart.rs:3-4 verified true");
        check("page.ts", "web/page.ts:3-4 verified true");
        check("../lib.rs", "lib.rs:3-4 verified false");
        check("lib.rs", "lib.rs:3-4 verified false");
    }

    #[test]
    fn what_is_not_there_is_kept_and_says_why() {
        let check = |file: &str, expected: &str| {
            assert_eq!(checked(file, None), expected, "{file}");
        };
        check("gone.rs", "gone.rs:- the change deletes this file");
        check(
            "none.rs",
            "none.rs:- there is no such file in what was reviewed",
        );
        check(
            "/etc/passwd",
            "/etc/passwd:- it lies outside of the repository",
        );
        check("../../x", "../../x:- it lies outside of the repository");
        check(
            "/w/shop/../x",
            "/w/shop/../x:- it lies outside of the repository",
        );
        check(
            "/w/shopping",
            "/w/shopping:- it lies outside of the repository",
        );
        check(
            ".git/config",
            ".git/config:- it lies outside of the repository",
        );
        check("src", "src:- it is no text file");
        check("logo.png", "logo.png:- it is no text file");
        check("", ":- the reviewer named no file");
    }

    #[test]
    fn lines_that_the_file_has_not_are_moved_to_its_end() {
        let lines = |one, other| Lines::new(one, other);
        assert_eq!(checked("lib.rs", lines(18, 30)), "lib.rs:18-20 moved false");
        assert_eq!(checked("lib.rs", lines(90, 91)), "lib.rs:20-20 moved false");
        assert_eq!(checked("lib.rs", None), "lib.rs:- verified false");
    }
}
