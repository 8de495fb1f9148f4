//! What the scrubber as a whole promises.

use crate::domain::scrub::{Extras, Scrubber};

fn check(text: &str, expected: &str) {
    let scrubber = Scrubber::builtin();
    let out = scrubber.scrub(text);
    assert_eq!(out.as_str(), expected);
    assert_eq!(scrubber.scrub(out.as_str()), out, "twice is once");
    for cut in (0..=text.len()).filter(|&cut| text.is_char_boundary(cut)) {
        let mut stream = scrubber.stream();
        let first = stream.push(&text[..cut]);
        let second = stream.push(&text[cut..]);
        let joined = [first, second, stream.finish()];
        assert_eq!(
            crate::domain::scrub::Scrubbed::concat(&[&joined[0], &joined[1], &joined[2]]).as_str(),
            expected,
            "cut at {cut}"
        );
    }
}

#[test]
fn known_values_go_in_every_encoding() {
    let extras = Extras {
        known_values: vec!["p4ss w/ord\"x".into()],
        ..Extras::default()
    };
    let scrubber = Scrubber::new(extras).unwrap();
    for text in [
        "p4ss w/ord\"x",
        r#"{"a":"p4ss w/ord\"x"}"#,
        "p4ss%20w%2Ford%22x",
        "cDRzcyB3L29yZCJ4",
        "eHA0c3Mgdy9vcmQieA==",
    ] {
        assert!(
            scrubber
                .scrub(text)
                .as_str()
                .contains("[redacted:known-value]"),
            "{text}"
        );
    }
}

#[test]
fn known_values_go_whatever_stands_beside_them() {
    let scrubber = |value: &str| {
        let extras = Extras {
            known_values: vec![value.into()],
            ..Extras::default()
        };
        Scrubber::new(extras).unwrap()
    };
    let check = |value: &str, text: &str, expected: &str| {
        assert_eq!(scrubber(value).scrub(text).as_str(), expected);
    };
    // What only looks like a mark hides nothing.
    check(
        "[redaCted:secret]",
        "a [redaCted:secret]",
        "a [redacted:known-value]",
    );
    // `\n` is no line break here.
    check("newpa55", r"C:\newpa55", "C:[redacted:known-value]");
    check("31mpa55", "\u{1b}[31mpa55", "[redacted:known-value]");
    // Nothing of the text would be left as a terminal shows it.
    check(
        "12345678",
        "\u{1b}[12345678\u{1b}[0m",
        "[redacted:known-value]\u{1b}[0m",
    );
    check(
        r"C:\p\n3w",
        r#"{"a":"C:\\p\\n3w"}"#,
        r#"{"a":"[redacted:known-value]"}"#,
    );
    check("a\u{c}bcdef", r"a\fbcdef", "[redacted:known-value]");
    check(
        r"abcdef\",
        r#"{"a":"abcdef\\"}"#,
        r#"{"a":"[redacted:known-value]"}"#,
    );
    check("gr\u{fc}n-7", r"gr\u00fcn-7", "[redacted:known-value]");
    check("a&b<c>7", "a&amp;b&lt;c&gt;7", "[redacted:known-value]");
    check("hunter2x", "68756e7465723278", "[redacted:known-value]");
    // A mark is left alone, what only looks like one is not.
    check("password", "[redacted:password]", "[redacted:password]");
    check(
        "hunter2x",
        "[redacted:hunter2x]",
        "[redacted:[redacted:known-value]]",
    );
}

#[test]
fn what_was_taken_out_is_told() {
    let text = "a\nTOKEN=ab12cd34ef56gh78 see\npassword: hunter2x";
    let (out, removed) = Scrubber::builtin().explain(text);
    assert_eq!(out, Scrubber::builtin().scrub(text));
    let seen: Vec<_> = removed
        .iter()
        .map(|removed| (&text[removed.range.clone()], removed.rule))
        .collect();
    assert_eq!(
        seen,
        [("ab12cd34ef56gh78", "secret"), ("hunter2x", "password")]
    );
}

#[test]
fn a_mark_never_begins_an_escape() {
    check(
        "\u{1b}password=\u{1b}hunter2x",
        "\u{1b}password=[redacted:password]",
    );
    check(
        r#"{"a":"\u00e9password=\hunter2x"}"#,
        r#"{"a":"\u00e9password=[redacted:password]"}"#,
    );
}

#[test]
fn a_pattern_that_matches_nothing_much_is_refused() {
    let refused = |pattern: &str| {
        Scrubber::new(Extras {
            patterns: vec![pattern.into()],
            ..Extras::default()
        })
        .unwrap_err()
        .to_string()
    };
    assert_eq!(refused("a*"), "the pattern `a*` matches the empty text");
    assert_eq!(refused("("), "could not read the pattern `(`");
}

#[test]
fn what_the_person_allows_stays() {
    let extras = Extras {
        allowed: vec!["hunter2x".into()],
        patterns: vec![r"ticket-(?P<secret>\d+)".into()],
        ..Extras::default()
    };
    let scrubber = Scrubber::new(extras).unwrap();
    let out = scrubber.scrub("password=hunter2x ticket-4711");
    assert_eq!(
        out.as_str(),
        "password=hunter2x ticket-[redacted:own-pattern]"
    );
}

#[test]
fn values_after_names() {
    check("", "");
    check("nothing here\nat all", "nothing here\nat all");
    check(
        "DB_PASSWORD=hunter2x\nLANG=C\n",
        "DB_PASSWORD=[redacted:password]\nLANG=C\n",
    );
    check(
        "set -gx API_TOKEN ab12cd34ef56gh78\n",
        "set -gx API_TOKEN [redacted:secret]\n",
    );
    check(
        "- name: DB_PASSWORD\n  value: hunter2x\n",
        "- name: DB_PASSWORD\n  value: [redacted:password]\n",
    );
    check(
        "{\"password\":\n  \"hunter2x\"}",
        "{\"password\":\n  \"[redacted:password]\"}",
    );
    check(
        r#"{"out":"{\"db_password\":\"hunter2x\"}"}"#,
        r#"{"out":"{\"db_password\":\"[redacted:password]\"}"}"#,
    );
    check(
        "<Password>hunter2x</Password>",
        "<Password>[redacted:password]</Password>",
    );
    check(
        "machine h login me password hunter2x\n",
        "machine h login me password [redacted:password]\n",
    );
    check(
        "db:5432:app:me:hunter2x\n",
        "db:5432:app:me:[redacted:password]\n",
    );
    check(
        "mysql -u root -phunter2x app",
        "mysql -u root -p[redacted:password] app",
    );
    check(
        "{\"c\":\"curl -u me:hunter2x\",\"d\":1}",
        "{\"c\":\"curl -u me:[redacted:password]\",\"d\":1}",
    );
    check("mysql -p'hunter2x'", "mysql -p'[redacted:password]'");
    check(
        "curl -u me:hunter2x https://h/",
        "curl -u me:[redacted:password] https://h/",
    );
    check(
        "CREATE USER a IDENTIFIED BY 'hunter2x';",
        "CREATE USER a IDENTIFIED BY '[redacted:password]';",
    );
    check(
        "body=password%3Dhunter2x%26a%3Db",
        "body=password%3D[redacted:password]%26a%3Db",
    );
    check(
        "\x1b[1mDB_PASSWORD\x1b[0m=\x1b[32mhun\x1b[mter2x\x1b[0m",
        "\x1b[1mDB_PASSWORD\x1b[0m=\x1b[32m[redacted:password]\x1b[0m",
    );
}

#[test]
fn urls_and_headers() {
    check(
        "postgres://u:dkpztN@h/db",
        "postgres://u:[redacted:url-password]@h/db",
    );
    check("https://h:8080/a@b", "https://h:8080/a@b");
    check(
        "Authorization: Basic dTpwdzEyMzQ=\nHost: h",
        "Authorization: Basic [redacted:authorization]\nHost: h",
    );
    check(
        "Cookie: theme=dark; sid=a8Kd03mXq2Lp9Zt1\n",
        "Cookie: theme=dark; sid=[redacted:cookie]\n",
    );
}

#[test]
fn private_keys_whole_and_cut() {
    let line = "MIIEpAIBAAKCAQEA7b3xKq9Zt1mXq2Lp9ZtKd03mXq2Lp9ZtKd03mXq2Lp9ZtK1a";
    let mark = "[redacted:private-key]";
    let begin = "-----BEGIN RSA PRIVATE KEY-----";
    let end = "-----END RSA PRIVATE KEY-----";
    check(
        &format!("{begin}\n{line}\nAb12\n{end}\nok"),
        &format!("{begin}\n{mark}\n{mark}\n{end}\nok"),
    );
    check(
        &format!("{line}\n{line}\n{end}\nok"),
        &format!("{mark}\n{mark}\n{end}\nok"),
    );
    check(
        &format!("{line}\nAb12Cd==\n{end}\nok"),
        &format!("{mark}\n{mark}\n{end}\nok"),
    );
    check(
        &format!("Ab12Cd34Ef56Gh78==\n{end}\nok"),
        &format!("{mark}\n{end}\nok"),
    );
    check(&format!("word\n{end}\nok"), &format!("word\n{end}\nok"));
    check(&format!("{begin}\n{line}\n"), &format!("{begin}\n{mark}\n"));
    check(
        &format!(" 1\t{begin}\n 2\t{line}\n"),
        &format!(" 1\t{begin}\n 2\t{mark}\n"),
    );
    check(
        &format!(r#"{{"k":"{begin}\n{line}\n{end}\n"}}"#),
        &format!(r#"{{"k":"{begin}\n{mark}\n{end}\n"}}"#),
    );
    let public = format!("-----BEGIN CERTIFICATE-----\n{line}\n-----END CERTIFICATE-----\n");
    check(&public, &public);
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "commit 0ca07d2715281a7e4eb06b501277591e525e0035",
        "\"integrity\": \"sha512-LbcnsCsMA/qVYRVbVm86BPFcXs19JWRSiqUKUcb2mvQ42uhUzSsP881N+TaTH64zlIcdm5e2nwaJX5ZoCgASvQ==\"",
        "const apiKey = process.env.OPENAI_API_KEY;",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "max_tokens: 4096, \"input_tokens\":55831",
        "fn set_password(user: &str, password: &str) -> Result<AuthToken, Error> {",
        "let token = lexer.next_token().ok_or(Error::UnexpectedEof)?;",
        "password_required: true\nsecret_name: my-app-secret\nkey_id: alias/my-key\nauth: none",
        "export API_KEY=<your-api-key>\nPASSWORD=changeme\nTOKEN=\"...\"",
        "pip install scikit-learn sk-learn==0.0",
        "pub const STATUS_WRONG_PASSWORD: NTSTATUS = NTSTATUS(0xC000025A_u32 as _);",
        "The API key is read from the environment; a password is never stored.",
    ] {
        check(text, text);
    }
}

#[test]
fn a_line_without_end_comes_out_in_pieces() {
    let scrubber = Scrubber::builtin();
    let text = format!(
        "{} password=hunter2x {}",
        "word ".repeat(40_000),
        "more ".repeat(40_000)
    );
    let whole = scrubber.scrub(&text);
    assert!(
        whole
            .as_str()
            .contains(" password=[redacted:password] more")
    );
    let mut stream = scrubber.stream();
    let mut parts: Vec<_> = text
        .as_bytes()
        .chunks(7001)
        .map(|chunk| stream.push(std::str::from_utf8(chunk).unwrap()))
        .collect();
    assert!(parts.iter().filter(|part| !part.is_empty()).count() > 3);
    parts.push(stream.finish());
    assert_eq!(
        crate::domain::scrub::Scrubbed::concat(&parts.iter().collect::<Vec<_>>()),
        whole
    );
}

#[test]
fn what_looks_like_many_ends_of_keys_is_gone_over_once() {
    let text = "x PuTTY-User-Key-File\\r".to_owned() + &"x ==opensslrd\\r%1".repeat(200);
    let scrubber = Scrubber::builtin();
    let out = scrubber.scrub(&text);
    assert_eq!(scrubber.scrub(out.as_str()), out);
}
