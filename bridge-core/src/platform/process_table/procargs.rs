//! Takes apart what macOS says about a process's arguments and environment.

/// The environment inside the bytes of `KERN_PROCARGS2`: the number of arguments, the path of the program, padding,
/// the arguments, the environment; each text ends with a NUL.
pub(super) fn environ(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    entries(bytes)
        .unwrap_or_default()
        .split(|&byte| byte == 0)
        // What follows the environment are hints of the kernel for the loader, after an empty text.
        .take_while(|entry| !entry.is_empty())
}

fn entries(bytes: &[u8]) -> Option<&[u8]> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let mut rest = after_nul(rest)?;
    let padding = rest.iter().position(|&byte| byte != 0)?;
    rest = rest.get(padding..)?;
    for _ in 0..i32::from_ne_bytes(*count) {
        rest = after_nul(rest)?;
    }
    Some(rest)
}

fn after_nul(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    bytes.get(end + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &[&str], tail: &str, expected: &[&str]) {
        let mut bytes = i32::try_from(args.len()).unwrap().to_ne_bytes().to_vec();
        bytes.extend(b"/bin/program\0\0\0\0");
        for arg in args {
            bytes.extend(arg.as_bytes());
            bytes.push(0);
        }
        bytes.extend(tail.as_bytes());
        let found: Vec<String> = environ(&bytes)
            .map(|entry| String::from_utf8_lossy(entry).into_owned())
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_environment_is_what_follows_the_arguments() {
        check(
            &["program", "A=arg"],
            "A=1\0B=2\0\0ptr_munge=\0",
            &["A=1", "B=2"],
        );
        check(&["program", "", "x"], "A=1\0", &["A=1"]);
        check(&["program"], "", &[]);
        check(&["program"], "\0\0", &[]);
    }

    #[test]
    fn what_is_cut_off_or_no_answer_at_all_is_an_empty_environment() {
        for bytes in [
            &b""[..],
            b"\x01",
            b"\x01\0\0\0/bin/x",
            b"\xff\0\0\0/bin/x\0a\0b\0",
        ] {
            assert_eq!(environ(bytes).count(), 0);
        }
    }
}
