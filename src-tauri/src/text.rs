//! Words that have to be short.

/// The first line, with at most so many characters.
pub(crate) fn short(text: &str, max: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= max {
        return line.to_owned();
    }
    let kept: String = line.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(short("eins\nzwei", 9), "eins");
        assert_eq!(short("naïve 😀 text", 8), "naïve 😀…");
        assert_eq!(short("one two", 5), "one…");
        assert_eq!(short("", 5), "");
    }
}
