//! Text on a terminal: made harmless, measured in columns, wrapped, shortened.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const ELLIPSIS: char = '…';

/// Takes out what a terminal would act on: escape sequences, control characters, changes of the writing direction.
///
/// What Codex and the programs that it starts print is not to be trusted: an escape sequence could retitle the
/// window, hide lines, or type into the shell. Line breaks stay; of a line that was overwritten by carriage
/// returns, as progress bars do, the last state stays.
pub(crate) fn harmless(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let mut out = String::with_capacity(plain.len());
    for (index, line) in plain.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = line.trim_end_matches('\r');
        let last = line.rsplit('\r').next().unwrap_or(line);
        for c in last.chars() {
            match c {
                '\t' => out.push_str("    "),
                c if c.is_control() || turns_direction(c) => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// The same on one line: every run of white space becomes one space.
pub(crate) fn one_line(text: &str) -> String {
    harmless(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `1 file`, `2 files`.
pub(crate) fn count(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// How many columns it takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Shortens to so many columns, with an ellipsis where something is missing.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let more = c.width().unwrap_or(0);
        if used + more + 1 > columns {
            break;
        }
        out.push(c);
        used += more;
    }
    if columns > 0 {
        out.push(ELLIPSIS);
    }
    out
}

/// Shortens at the beginning, as suits a path whose end says most.
pub(crate) fn shorten_start(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept: Vec<char> = Vec::new();
    let mut used = 0;
    for c in text.chars().rev() {
        let more = c.width().unwrap_or(0);
        if used + more + 1 > columns {
            break;
        }
        kept.push(c);
        used += more;
    }
    if columns > 0 {
        kept.push(ELLIPSIS);
    }
    kept.into_iter().rev().collect()
}

/// Fills up with spaces to so many columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Breaks at spaces into lines of so many columns. Longer words are cut; the indentation of a line is kept by those that follow it.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(8);
    let mut lines = Vec::new();
    for line in text.lines() {
        wrap_line(line, columns, &mut lines);
    }
    lines
}

fn wrap_line(line: &str, columns: usize, lines: &mut Vec<String>) {
    if width(line) <= columns {
        lines.push(line.trim_end().to_owned());
        return;
    }
    let spaces = line.len() - line.trim_start_matches(' ').len();
    let indent = " ".repeat(spaces.min(columns / 2));
    let mut current = indent.clone();
    let mut used = indent.len();
    let mut fresh = true;
    for word in line.split_whitespace() {
        let wide = width(word);
        if !fresh && used + 1 + wide > columns {
            lines.push(std::mem::replace(&mut current, indent.clone()));
            used = indent.len();
            fresh = true;
        }
        if !fresh {
            current.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let more = c.width().unwrap_or(0);
            if used + more > columns {
                lines.push(std::mem::replace(&mut current, indent.clone()));
                used = indent.len();
            }
            current.push(c);
            used += more;
        }
        fresh = false;
    }
    lines.push(current);
}

/// Characters that make later text read from the other side; they can make a command look like another.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_on_passes() {
        let check = |text: &str, expected: &str| assert_eq!(harmless(text), expected);
        check("plain\ntext", "plain\ntext");
        check("\x1b[31mred\x1b[0m", "red");
        check("\x1b]0;owned\x07title", "title");
        check("bell\x07 back\x08space \u{9b}31m", "bell backspace 31m");
        check(" 10%\r 50%\r100%\r\nnext", "100%\nnext");
        check("a\tb", "a    b");
        check("ls \u{202e}fdp.exe", "ls fdp.exe");
    }

    #[test]
    fn width_is_counted_in_columns() {
        let check = |text: &str, columns, expected: &str| {
            assert_eq!(shorten(text, columns), expected);
        };
        check("short", 5, "short");
        check("longer", 5, "long…");
        check("日本語", 5, "日本…");
        check("日本語", 6, "日本語");
        check("any", 0, "");
        assert_eq!(shorten_start("/home/me/project", 9), "…/project");
        assert_eq!(pad("日本", 6), "日本  ");
    }

    #[test]
    fn wraps_at_spaces_and_keeps_the_indentation() {
        let check = |text: &str, columns, expected: &[&str]| {
            assert_eq!(wrap(text, columns), expected);
        };
        check("one two three", 8, &["one two", "three"]);
        check("  - one two three", 11, &["  - one two", "  three"]);
        check("aaaaaaaaaaaa", 8, &["aaaaaaaa", "aaaa"]);
        check("a\n\nb", 8, &["a", "", "b"]);
    }
}
