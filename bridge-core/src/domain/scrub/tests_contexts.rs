//! The ways in which a name and its value stand in texts, one line each.

use crate::domain::scrub::Scrubber;

/// What stands between `«` and `»` is taken out, and nothing else.
fn check(marked: &str) {
    let text = marked.replace(['«', '»'], "");
    let out = Scrubber::builtin().scrub(&text).into_string();
    let mut expected = String::new();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('«') {
        let (_, next) = after.split_once('»').unwrap();
        expected.push_str(before);
        expected.push('\0');
        rest = next;
    }
    expected.push_str(rest);
    let mut seen = String::new();
    let mut rest = &*out;
    while let Some((before, after)) = rest.split_once("[redacted:") {
        let (_, next) = after.split_once(']').unwrap();
        seen.push_str(before);
        seen.push('\0');
        rest = next;
    }
    seen.push_str(rest);
    assert_eq!(seen, expected, "{text}");
}

#[test]
fn a_value_is_found_however_it_is_joined_to_its_name() {
    for text in [
        "I set `DB_PASSWORD` to `«hunter2x»` in the file.",
        "The serper api key is «0c57513064d6d59291f0cde2e5738713» and it works.",
        "Exa Api Key: «b891baf9-0d0d-43bf-8629-5d06910bf3f5»\nEnjoy!",
        "**Exa Api Key:** `«b891baf9-0d0d-43bf-8629-5d06910bf3f5»`",
        "name,value\nAPI_TOKEN,«ab12cd34ef56gh78»\nMODE,prod\n",
        "[10:00:00] config API_TOKEN -> «ab12cd34ef56gh78»",
        "&quot;api_token&quot;: &quot;«ab12cd34ef56gh78»&quot;, &quot;x&quot;: 1",
        "Content-Disposition: form-data; name=\"api_token\"\r\n\r\n«ab12cd34ef56gh78»\r\n--b\r\n",
        "<key>API_TOKEN</key>\n<string>«ab12cd34ef56gh78»</string>\n<key>A</key>\n<string>b</string>",
        "Config { api_token: Some(\"«ab12cd34ef56gh78»\"), port: 1 }",
        "password:\r\n  «hunter2x»\r\nnext: 1\r\n",
        "<Pass encoding=\"base64\">«aHVudGVyMng9»</Pass>",
        "CREATE LOGIN a WITH PASSWORD = N'«hunter2x»';",
        "CREATE USER a IDENTIFIED BY «hunter2x»;",
        "INSERT INTO users (name, password) VALUES ('ann', '«hunter2x»'), ('bob', '«hunter3x»');",
        ".a.test\tTRUE\t/\tTRUE\t1900000000\tsessionid\t«a8Kd03mXq2Lp9Zt1»\n",
        "+machine github.com\n+  login ann\n+  password «4nI#RpI^yT»\n",
        "Authorization: Digest username=\"a\", response=\"«c44a1d2d8208038ef8240e8312a01fd4»\"",
        "https://api.a.test/2.5/weather?q=Berlin&appid=«429677334b7f37018a94b1544383edc2»",
    ] {
        check(text);
    }
}

#[test]
fn programs_take_secrets_in_their_own_ways() {
    for text in [
        "az login --service-principal -u x -p «fk0RJWFbMvvi7» --tenant t",
        "smbclient //h/s -U user%«hunter2x»",
        "net use X: \\\\h\\s /user:a «hunter2x»",
        "htpasswd -b f user «hunter2x»",
        "zip -P «hunter2x» a.zip f",
        "7z x -p«hunter2x» a.7z",
        "echo \"root:«hunter2x»\" | chpasswd",
        "ipmitool -H h -U a -P «hunter2x» power status",
        "mc alias set m https://h ME «hunter2x»",
        "nmcli dev wifi connect home password «hunter2x»",
        "snmpwalk -v3 -u a -A «hunter2x» -X «hunter3x» h",
        "psexec.py dom/a:«hunter2x»@h",
        "pulumi config set --secret dbPassword «hunter2x»",
        "{\"command\":\"/bin/bash -lc 'zip -P «hunter2x» a'\",\"exit_code\":0}",
    ] {
        check(text);
    }
}

#[test]
fn keys_are_found_in_logs_and_listings() {
    let line = "MIIEpAIBAAKCAQEA7b3xKq9Zt1mXq2Lp9ZtKd03mXq2Lp9ZtKd03mXq2Lp9ZtK1a";
    for prefix in [
        "web-1  | ",
        "   1 \u{2502} ",
        "2026-11-22T10:00:00Z INFO ",
        "f:12:",
    ] {
        check(&format!(
            "{prefix}-----BEGIN PRIVATE KEY-----\n{prefix}«{line}»\n{prefix}«{line}»\n{prefix}«Ab12==»\n{prefix}-----END PRIVATE KEY-----\n{prefix}done\n"
        ));
    }
    check(&format!(
        "f:9:-----BEGIN PRIVATE KEY-----\nf:10:«{line}»\nf:11:«Ab12==»\nf:12:-----END PRIVATE KEY-----\nf:13:$ echo done\n"
    ));
}

#[test]
fn what_looks_alike_stays() {
    for text in [
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "STRIPE_KEY=sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
        "token-service:1.0@sha256:b2f88026a6ad352b20396405e4627448f4d929e5794dcdf073c9b86593663f14",
        "Cache restored from key: Linux-cargo-22286d1803a791b2a91b27b3e45c6b9d2ad49e7a492e2934b35c661d695709d6",
        "arn:aws:secretsmanager:eu-west-1:187597348528:secret:prod/db-N8mRJR",
        "mutation Login($password: String!, $token: ID) { login(password: $password) { accessToken } }",
        "request_id=e9b73c4a session started user=5b344f62-f156-45b9-8f30-68b6de19eaa7 took=12ms",
        "const TOKEN_STRINGS = \"[A-Za-z0-9._~+/-]+=*\";",
        "type A = 'password' | 'radio' | 'range';",
        "(&rfc2985::PKCS_15_TOKEN, \"id-aa-pkcs15Token\"),",
        "// Parameter to pass to sqlite3_fold2()",
        "Creates the named pipe identified by addr for use as a server.",
    ] {
        check(text);
    }
}
