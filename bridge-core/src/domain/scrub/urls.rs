//! The password in `scheme://user:password@host`.

use std::ops::Range;

use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::values;

/// What is secret after `://` at `mark`.
pub(super) fn password(text: &str, mark: Range<usize>) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !mark
        .start
        .checked_sub(1)
        .is_some_and(|index| bytes[index].is_ascii_alphanumeric())
    {
        return None;
    }
    let rest = &bytes[mark.end..];
    let run = rest
        .iter()
        .take(1024)
        .take_while(|b| {
            !matches!(
                b,
                b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>'
            )
        })
        .count();
    let run = &rest[..run];
    let authority = run
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#'))
        .unwrap_or(run.len());
    let colon = run.iter().position(|&b| b == b':');
    let at_sign = match run[..authority].iter().rposition(|&b| b == b'@') {
        Some(at_sign) => at_sign,
        // The password may hold a slash, unless what follows the colon is a port.
        None => {
            let colon = colon.filter(|&colon| colon < authority)?;
            if run[colon + 1..authority].iter().all(u8::is_ascii_digit) {
                return None;
            }
            colon + 1 + run[colon + 1..].iter().position(|&b| b == b'@')?
        }
    };
    let start = match colon.filter(|&colon| colon < at_sign) {
        Some(colon) => colon + 1,
        None => {
            // A token in the place of the user.
            let user = &text[mark.end..mark.end + at_sign];
            let token = user.len() >= 16 && values::is_random(user, 0.25);
            return token.then(|| Finding {
                range: mark.end..mark.end + at_sign,
                kind: "url-credential",
            });
        }
    };
    let range = mark.end + start..mark.end + at_sign;
    let value = text.get(range.clone())?;
    let shown = value.is_empty()
        || values::is_stand_in(value) && value.len() > 2
        || matches!(
            value,
            "password" | "pass" | "PASSWORD" | "PASS" | "pwd" | "secret" | "token"
        );
    (!shown).then_some(Finding {
        range,
        kind: "url-password",
    })
}
