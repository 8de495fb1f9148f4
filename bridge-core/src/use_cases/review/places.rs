//! Looks whether the places of findings are really there.

use std::collections::{BTreeMap, HashMap};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use crate::domain::changes::RepoPath;
use crate::domain::review::{Finding, Place, PlaceCheck};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::use_cases::review::{Change, Existing};

/// Checks the place of each finding. Nothing is dropped: what can't be found says so.
///
/// `look` tells what is at a path in the state that was reviewed.
pub(super) async fn check(
    findings: &mut [Finding],
    change: &Change,
    scrubber: &Scrubber,
    look: impl AsyncFn(&RepoPath) -> Existing,
) {
    let shown = |path: &RepoPath| scrubber.scrub(&path.to_text());
    // By their names as the reviewer knows them, and as they may have been scrubbed since.
    let changed: BTreeMap<Scrubbed, &RepoPath> = change
        .files
        .iter()
        .map(|file| (shown(&file.path), &file.path))
        .collect();
    let mut seen: HashMap<RepoPath, Existing> = HashMap::new();
    for finding in findings {
        let candidates = match candidates(&finding.place.file, change, &changed) {
            Ok(candidates) => candidates,
            Err(why) => {
                unverified(&mut finding.place, why);
                continue;
            }
        };
        let mut found = None;
        for path in &candidates {
            let existing = match seen.get(path) {
                Some(known) => known.clone(),
                None => {
                    let existing = look(path).await;
                    seen.insert(path.clone(), existing.clone());
                    existing
                }
            };
            if existing != Existing::Nothing {
                found = Some((path, existing));
                break;
            }
        }
        let is_changed = |path: &RepoPath| changed.contains_key(&shown(path));
        match (found, candidates.first()) {
            (Some((path, Existing::File { lines })), _) => {
                finding.place.file = shown(path);
                within(&mut finding.place, lines, is_changed(path));
            }
            (Some((path, _)), _) => {
                finding.place.file = shown(path);
                unverified(&mut finding.place, "it is no text file");
            }
            (None, first) => {
                if let Some(path) = first {
                    finding.place.file = shown(path);
                }
                let gone = first.is_some_and(is_changed);
                let why = match gone {
                    true => "the change deletes this file",
                    false => "there is no such file in what was reviewed",
                };
                unverified(&mut finding.place, why);
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

/// The paths that a reviewer may mean, the likeliest first.
fn candidates(
    said: &Scrubbed,
    change: &Change,
    changed: &BTreeMap<Scrubbed, &RepoPath>,
) -> Result<Vec<RepoPath>, &'static str> {
    const OUTSIDE: &str = "it lies outside of the repository";
    if said.is_empty() {
        return Err("the reviewer named no file");
    }
    let path = Path::new(said.as_str());
    if path.is_absolute() {
        let below = path.strip_prefix(&change.top).map_err(|_| OUTSIDE)?;
        return Ok(vec![repo_path(below).ok_or(OUTSIDE)?]);
    }
    let mut tried = Vec::new();
    // `a/` and `b/` come from the headers of differences.
    let stripped = ["a", "b"].map(|side| path.strip_prefix(side).ok());
    let beside = change.prefix.join(path);
    let all = [Some(path), Some(&beside)].into_iter().chain(stripped);
    for path in all.flatten().filter_map(repo_path) {
        if !tried.contains(&path) {
            tried.push(path);
        }
    }
    if tried.is_empty() {
        return Err(OUTSIDE);
    }
    // Of several that may be meant, the one that changed is.
    tried.sort_by_key(|path| !changed.values().any(|known| *known == path));
    if let Some(path) = changed.get(said) {
        tried.insert(0, (*path).clone());
    }
    Ok(tried)
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
            files: vec![file("src/cart.rs"), file("web/page.ts"), file("gone.rs")],
        }
    }

    async fn checked(file: &str, lines: Option<Lines>) -> String {
        let mut findings = [Finding {
            title: Scrubbed::literal("t"),
            body: Scrubbed::default(),
            severity: Severity::Low,
            confidence: None,
            place: Place::unchecked(Scrubber::builtin().scrub(file), lines),
            suggested_fix: None,
            reports: 1,
        }];
        check(
            &mut findings,
            &change(),
            &Scrubber::builtin(),
            async |path| match path.as_bytes() {
                b"src/cart.rs" | b"web/page.ts" | b"lib.rs" => Existing::File { lines: 20 },
                b"src" | b"logo.png" => Existing::NoText,
                _ => Existing::Nothing,
            },
        )
        .await;
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

    #[tokio::test]
    async fn a_place_is_found_however_the_reviewer_writes_it() {
        let check = async |file: &str, expected: &str| {
            assert_eq!(checked(file, Lines::new(3, 4)).await, expected, "{file}");
        };
        check("/w/shop/src/cart.rs", "src/cart.rs:3-4 verified true").await;
        check("src/cart.rs", "src/cart.rs:3-4 verified true").await;
        check("./src/../src/cart.rs", "src/cart.rs:3-4 verified true").await;
        check("b/src/cart.rs", "src/cart.rs:3-4 verified true").await;
        check("page.ts", "web/page.ts:3-4 verified true").await;
        check("../lib.rs", "lib.rs:3-4 verified false").await;
        check("lib.rs", "lib.rs:3-4 verified false").await;
    }

    #[tokio::test]
    async fn what_is_not_there_is_kept_and_says_why() {
        let check = async |file: &str, expected: &str| {
            assert_eq!(checked(file, None).await, expected, "{file}");
        };
        check("gone.rs", "gone.rs:- the change deletes this file").await;
        check(
            "none.rs",
            "none.rs:- there is no such file in what was reviewed",
        )
        .await;
        check("/etc/passwd", "/etc/passwd:- it lies outside of the repository").await;
        check("../../x", "../../x:- it lies outside of the repository").await;
        check("/w/shop/../x", "/w/shop/../x:- it lies outside of the repository").await;
        check("/w/shopping", "/w/shopping:- it lies outside of the repository").await;
        check(".git/config", ".git/config:- it lies outside of the repository").await;
        check("src", "src:- it is no text file").await;
        check("logo.png", "logo.png:- it is no text file").await;
        check("", ":- the reviewer named no file").await;
    }

    #[tokio::test]
    async fn lines_that_the_file_has_not_are_moved_to_its_end() {
        let lines = |one, other| Lines::new(one, other);
        assert_eq!(
            checked("lib.rs", lines(18, 30)).await,
            "lib.rs:18-20 moved false"
        );
        assert_eq!(
            checked("lib.rs", lines(90, 91)).await,
            "lib.rs:20-20 moved false"
        );
        assert_eq!(checked("lib.rs", None).await, "lib.rs:- verified false");
    }
}
