//! The difference between two states of a file, as people read it.

use std::fmt::Write as _;

use imara_diff::{Algorithm, Diff, InternedInput};

/// So many lines around a change are shown.
const AROUND: u32 = 3;

/// A unified difference, without a heading; empty where nothing differs. Line ends are shown as `\n`.
pub fn unified(before: &str, after: &str) -> String {
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let (old, new) = (length(input.before.len()), length(input.after.len()));
    let line = |token| input.interner[token].trim_end_matches(['\r', '\n']);
    let hunks: Vec<_> = diff.hunks().collect();
    let mut out = String::new();
    let mut rest = hunks.as_slice();
    while let Some(first) = rest.first() {
        // Changes whose surroundings touch are shown as one.
        let near = rest
            .windows(2)
            .take_while(|pair| pair[1].before.start <= pair[0].before.end + 2 * AROUND)
            .count();
        let (group, others) = rest.split_at(near + 1);
        rest = others;
        let Some(last) = group.last() else { break };
        let start = first.before.start.saturating_sub(AROUND);
        let end = (last.before.end + AROUND).min(old);
        let new_start = first.after.start - (first.before.start - start);
        let new_end = (last.after.end + (end - last.before.end)).min(new);
        let from = |start: u32, end: u32| if end > start { start + 1 } else { start };
        // Writing into a String can't fail.
        let _ = writeln!(
            out,
            "@@ -{},{} +{},{} @@",
            from(start, end),
            end - start,
            from(new_start, new_end),
            new_end - new_start
        );
        let mut at = start;
        for hunk in group {
            for index in at..hunk.before.start {
                let _ = writeln!(out, " {}", line(input.before[index as usize]));
            }
            for index in hunk.before.clone() {
                let _ = writeln!(out, "-{}", line(input.before[index as usize]));
            }
            for index in hunk.after.clone() {
                let _ = writeln!(out, "+{}", line(input.after[index as usize]));
            }
            at = hunk.before.end;
        }
        for index in at..end {
            let _ = writeln!(out, " {}", line(input.before[index as usize]));
        }
    }
    out
}

fn length(lines: usize) -> u32 {
    u32::try_from(lines).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_around_a_change_are_shown_with_it() {
        assert_eq!(unified("a\n", "a\n"), "");
        assert_eq!(unified("", "a\n"), "@@ -0,0 +1,1 @@\n+a\n");
        assert_eq!(
            unified("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nx\n6\n7\n8\n"),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"
        );
        let before: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let after = before
            .replacen("2\n3\n", "2\nx\n3\n", 1)
            .replacen("19\n", "", 1);
        assert_eq!(
            unified(&before, &after),
            "@@ -1,5 +1,6 @@\n 1\n 2\n+x\n 3\n 4\n 5\n@@ -16,5 +17,4 @@\n 16\n 17\n 18\n-19\n 20\n"
        );
    }
}
