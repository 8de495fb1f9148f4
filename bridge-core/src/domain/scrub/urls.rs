//! The password in `scheme://user:password@host`.

use std::ops::Range;

use crate::domain::scrub::chance;
use crate::domain::scrub::pass::Finding;
use crate::domain::scrub::stand_ins;

/// No user and password together are longer.
const LONGEST: usize = 512;

/// What is secret after `://` at `mark`, and up to where no other such mark can hide anything.
pub(super) fn password(text: &str, mark: Range<usize>) -> (Option<Finding>, usize) {
    let rest = &text.as_bytes()[mark.end..];
    let rest = &rest[..rest.len().min(LONGEST)];
    let named = rest.iter().position(|b| ends(*b) || ends_authority(*b));
    let authority = &rest[..named.unwrap_or(rest.len())];
    let run = if authority.contains(&b'@') {
        authority
    } else {
        let length = rest.iter().position(|b| ends(*b)).unwrap_or(rest.len());
        &rest[..length]
    };
    if !run.contains(&b'@') {
        // Whoever starts in the first half would have to see an `@` that is not there.
        return (None, mark.end + run.len() / 2);
    }
    let secret = userinfo(run).and_then(|(within, alone)| {
        let range = mark.end + within.start..mark.end + within.end;
        let value = text.get(range.clone())?;
        if alone {
            return (value.len() >= 16
                && (chance::is_random(value, 0.25)
                    || value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit())))
            .then_some((range, "url-credential"));
        }
        (!is_stand_in(value)).then_some((range, "url-password"))
    });
    match secret {
        Some((range, kind)) => {
            let end = range.end;
            (Some(Finding { range, kind }), end)
        }
        None => (None, 0),
    }
}

/// Where the password is, or the user if there is none (`true`).
fn userinfo(run: &[u8]) -> Option<(Range<usize>, bool)> {
    let authority = run
        .iter()
        .position(|b| ends_authority(*b))
        .unwrap_or(run.len());
    let colon = run
        .iter()
        .position(|&b| b == b':')
        .filter(|&colon| colon < authority);
    let sign = match (run[..authority].iter().rposition(|&b| b == b'@'), colon) {
        (Some(sign), _) => sign,
        // The password may hold a slash, unless what follows the colon is a port.
        (None, Some(colon)) if !run[colon + 1..authority].iter().all(u8::is_ascii_digit) => {
            colon + 1 + run[colon + 1..].iter().position(|&b| b == b'@')?
        }
        (None, _) => return None,
    };
    match colon.filter(|&colon| colon < sign) {
        Some(colon) => Some((colon + 1..sign, false)),
        None => Some((0..sign, true)),
    }
}

fn is_stand_in(value: &str) -> bool {
    value.is_empty()
        || stand_ins::is_stand_in(value) && value.len() > 2
        || matches!(
            value,
            "password"
                | "pass"
                | "PASSWORD"
                | "PASS"
                | "pwd"
                | "secret"
                | "token"
                | "%s"
                | "{}"
                | "..."
        )
}

fn ends_authority(byte: u8) -> bool {
    matches!(byte, b'/' | b'?' | b'#')
}

fn ends(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>'
    )
}
