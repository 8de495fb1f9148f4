//! Which of a run's hunks still fit into a text that the person has changed meanwhile.

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::domain::conflict::{Hunk, HunkFate, LineRange};

/// The longest text that is compared.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// The most hunks that are told of one file.
const MAX_HUNKS: usize = 200;

/// The three states of one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'a> {
    /// When the run began.
    pub(super) before: &'a [u8],
    /// As the run left it.
    pub(super) after: &'a [u8],
    /// As it is in the person's folder.
    pub(super) now: &'a [u8],
}

/// The run's hunks and what becomes of each; nothing for what is no text or is too long.
pub(super) fn hunks(texts: &Texts<'_>) -> Vec<Hunk> {
    let all = [texts.before, texts.after, texts.now];
    if all
        .iter()
        .any(|text| text.len() > MAX_TEXT || text.contains(&0))
    {
        return Vec::new();
    }
    let theirs = edits(texts.before, texts.now);
    edits(texts.before, texts.after)
        .iter()
        .take(MAX_HUNKS)
        .map(|edit| Hunk {
            before: edit.before,
            after: edit.after,
            fate: fate(edit, &theirs),
        })
        .collect()
}

/// Some lines that were replaced by others.
struct Edit<'a> {
    before: LineRange,
    after: LineRange,
    lines: Vec<&'a [u8]>,
}

fn edits<'a>(before: &'a [u8], after: &'a [u8]) -> Vec<Edit<'a>> {
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let range = |lines: &std::ops::Range<u32>| LineRange {
        start: lines.start + 1,
        lines: lines.end - lines.start,
    };
    diff.hunks()
        .map(|hunk| {
            let tokens = &input.after[hunk.after.start as usize..hunk.after.end as usize];
            Edit {
                before: range(&hunk.before),
                after: range(&hunk.after),
                lines: tokens.iter().map(|token| input.interner[*token]).collect(),
            }
        })
        .collect()
}

fn fate(edit: &Edit<'_>, theirs: &[Edit<'_>]) -> HunkFate {
    let end = |range: LineRange| range.start + range.lines;
    let near: Vec<&Edit<'_>> = theirs
        .iter()
        // As git merges: changes with no line between them stand in each other's way.
        .filter(|other| {
            other.before.start <= end(edit.before) && edit.before.start <= end(other.before)
        })
        .collect();
    match near.as_slice() {
        [] => HunkFate::Fits,
        [one] if one.before == edit.before && one.lines == edit.lines => HunkFate::AlreadyThere,
        _ => HunkFate::Overlaps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, now: &str, expected: &[&str]) {
        let texts = Texts {
            before: before.as_bytes(),
            after: after.as_bytes(),
            now: now.as_bytes(),
        };
        let got: Vec<String> = hunks(&texts)
            .iter()
            .map(|hunk| {
                let show = |range: LineRange| format!("{}+{}", range.start, range.lines);
                let (before, after) = (show(hunk.before), show(hunk.after));
                format!("{before} {after} {}", hunk.fate.as_str())
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn each_hunk_is_told_by_its_lines_and_its_fate() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = "1\n2\nthree\n4\n5\n6\n7\nnew\n8\n9\n";
        check(
            before,
            after,
            "one\n2\n3\n4\n5\n6\n7\n8\n9\n",
            &["3+1 3+1 fits", "8+0 8+1 fits"],
        );
        check(
            before,
            after,
            "1\n2\n3\n4\n5\n6\n7\n8\nX\n",
            &["3+1 3+1 fits", "8+0 8+1 fits"],
        );
        check(
            before,
            after,
            "1\n2\nIII\n4\n5\n6\n7\n8\n9\n",
            &["3+1 3+1 overlaps", "8+0 8+1 fits"],
        );
        check(
            before,
            after,
            "1\nII\n3\n4\n5\n6\n7\n8\n9\n",
            &["3+1 3+1 overlaps", "8+0 8+1 fits"],
        );
        check(
            before,
            after,
            "1\n2\nthree\n4\n5\n6\nX\n8\n9\n",
            &["3+1 3+1 already_there", "8+0 8+1 overlaps"],
        );
        check(
            before,
            "",
            "1\n2\n3\n4\n5\n6\n7\n8\n",
            &["1+9 1+0 overlaps"],
        );
        check("", "a\n", "b\n", &["1+0 1+1 overlaps"]);
    }

    #[test]
    fn what_is_no_text_has_no_hunks() {
        check("a\0", "b\n", "c\n", &[]);
        check("a\n", &"b\n".repeat(MAX_TEXT), "c\n", &[]);
    }
}
