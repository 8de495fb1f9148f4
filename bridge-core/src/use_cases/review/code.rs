//! The lines that the findings of a review speak of, to be looked at: as they were reviewed where that was a commit,
//! else as they are in the folder by now.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::domain::changes::{ObjectId, RepoPath};
use crate::domain::review::{Finding, Lines, PlaceCheck, Review};
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::platform::open_dir::OpenDir;
use crate::use_cases::host::Host;
use crate::use_cases::review::ReviewError;
use crate::use_cases::review::look::{self, Here};
use crate::use_cases::settings::Settings;

/// No larger file is looked into, in bytes.
const LARGEST: usize = 1 << 20;
/// Findings whose lines are shown; nobody reads more.
const FINDINGS: usize = 200;
/// Lines that are shown before and after those of a finding.
const AROUND: u32 = 2;
/// Lines that are shown of one finding.
const MOST: usize = 24;
/// The longest line, in characters.
const LINE: usize = 400;

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Of which finding, counted from 0 in the order of the review.
    pub finding: usize,
    /// The number of the first line.
    pub start: u32,
    /// The lines, each with its end.
    pub text: Scrubbed,
}

/// The lines of the findings whose places are there.
pub(crate) async fn code(
    host: &Host,
    settings: &Settings,
    folder: &OpenDir,
    review: &Review,
) -> Result<Vec<Code>, ReviewError> {
    let placed: Vec<(usize, &str, Lines)> = review
        .findings
        .iter()
        .take(FINDINGS)
        .enumerate()
        .filter_map(placed)
        .collect();
    let files: BTreeSet<RepoPath> = (placed.iter())
        .filter_map(|(_, file, _)| RepoPath::new(file.as_bytes().to_vec()).ok())
        .collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let here = look::here(host, settings, folder).await?;
    let contents = match &review.subject.after {
        Some(commit) => committed(&here, commit, files).await?,
        None => lying(here.repository.toplevel, files).await,
    };
    let shown: HashMap<String, Vec<String>> = (contents.into_iter())
        .filter_map(|(path, content)| Some((path, lines(&content, &settings.scrubber)?)))
        .collect();
    let code = placed.into_iter().filter_map(|(finding, file, place)| {
        let (start, text) = cut(shown.get(file)?, place)?;
        // Scrubbed before it was cut; what is scrubbed already stays as it is.
        let text = settings.scrubber.scrub(&text);
        Some(Code {
            finding,
            start,
            text,
        })
    });
    Ok(code.collect())
}

fn placed((n, finding): (usize, &Finding)) -> Option<(usize, &str, Lines)> {
    match finding.place.check {
        PlaceCheck::Verified { .. } | PlaceCheck::Moved { .. } => {
            Some((n, finding.place.file.as_str(), finding.place.lines?))
        }
        PlaceCheck::Unverified { .. } => None,
    }
}

/// What a commit has at these paths.
async fn committed(
    here: &Here,
    commit: &ObjectId,
    files: BTreeSet<RepoPath>,
) -> Result<Vec<(String, Vec<u8>)>, ReviewError> {
    let place = look::temporary()?;
    let objects = here.objects(&place)?;
    let tree = objects.tree_of(commit).await?;
    let files: Vec<RepoPath> = files.into_iter().collect();
    let mut contents = Vec::new();
    for (path, entry) in objects.entries(&tree, &files).await? {
        if let Some(content) = objects.content(&entry.id, LARGEST).await? {
            contents.push((path.to_text(), content));
        }
    }
    Ok(contents)
}

/// What lies at these paths by now.
async fn lying(top: PathBuf, files: BTreeSet<RepoPath>) -> Vec<(String, Vec<u8>)> {
    let read = tokio::task::spawn_blocking(move || {
        let one = |path: RepoPath| {
            let path = path.to_text();
            let content = read_below(&top, Path::new(&path)).ok()??;
            Some((path, content))
        };
        files.into_iter().filter_map(one).collect()
    });
    read.await.unwrap_or_default()
}

/// A file's content, unless it is too large, no file, or behind a link that leads out of the repository.
fn read_below(top: &Path, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let real = fs::canonicalize(top.join(path))?;
    if !real.starts_with(fs::canonicalize(top)?) {
        return Ok(None);
    }
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(real)?;
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut content = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut content)?;
    Ok((content.len() <= LARGEST).then_some(content))
}

/// The lines of a text without its secrets; none where a secret took whole lines with it, which would shift the rest.
fn lines(content: &[u8], scrubber: &Scrubber) -> Option<Vec<String>> {
    if content.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(content);
    let clean = scrubber.scrub(&text);
    let lines: Vec<String> = clean.as_str().lines().map(str::to_owned).collect();
    (lines.len() == text.lines().count()).then_some(lines)
}

/// The lines of a place and some around them, and the number of the first.
fn cut(lines: &[String], place: Lines) -> Option<(u32, String)> {
    let start = place.start().saturating_sub(AROUND).max(1);
    let end = place.end().saturating_add(AROUND);
    let from = usize::try_from(start - 1).ok()?;
    let count = usize::try_from(end - start + 1).unwrap_or(MOST).min(MOST);
    let some: Vec<String> = (lines.iter().skip(from).take(count))
        .map(|line| line.chars().take(LINE).collect::<String>() + "\n")
        .collect();
    (!some.is_empty()).then(|| (start, some.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: usize, one: u32, other: u32, expected: Option<(u32, usize)>) {
        let lines: Vec<String> = (1..=count).map(|n| format!("line {n}")).collect();
        let found = cut(&lines, Lines::new(one, other).unwrap());
        let found = found.map(|(start, text)| (start, text.lines().count()));
        assert_eq!(found, expected, "{one} to {other} of {count}");
    }

    #[test]
    fn a_finding_is_shown_with_the_lines_around_it_and_never_with_too_many() {
        check(100, 10, 12, Some((8, 7)));
        check(100, 1, 1, Some((1, 3)));
        check(100, 99, 100, Some((97, 4)));
        check(100, 5, 90, Some((3, MOST)));
        check(3, 50, 50, None);
        check(0, 1, 1, None);
    }

    #[test]
    fn secrets_are_gone_and_lines_keep_their_numbers() {
        let scrubber = Scrubber::builtin();
        let key = format!("sk-proj-{}", "a1B2c3D4".repeat(6));
        let text = format!("one\nlet key = \"{key}\";\nthree\n");
        let shown = lines(text.as_bytes(), &scrubber).unwrap();
        assert_eq!(shown.len(), 3);
        assert!(!shown.concat().contains(&key));
        assert_eq!(lines(b"a\0b", &scrubber), None);
    }

    #[test]
    fn what_lies_outside_of_the_repository_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().join("repo");
        fs::create_dir(&top).unwrap();
        fs::write(dir.path().join("secret"), "s").unwrap();
        fs::write(top.join("file"), "f\n").unwrap();
        std::os::unix::fs::symlink("../secret", top.join("link")).unwrap();
        let read = |path: &str| read_below(&top, Path::new(path)).ok().flatten();
        assert_eq!(read("file"), Some(b"f\n".to_vec()));
        for odd in ["link", "../secret", "/etc/passwd", ".", "nothing"] {
            assert_eq!(read(odd), None, "{odd}");
        }
        fs::write(top.join("large"), vec![b'x'; LARGEST + 1]).unwrap();
        assert_eq!(read("large"), None);
    }
}
