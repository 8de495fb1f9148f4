//! Names that tell of a secret, and those that only sound so.

/// How surely a name tells of a secret, and so how much its value must look like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A person chose the value: it may be short and plain.
    Password,
    /// A machine made the value.
    Secret,
    /// The name is used for other things too: only what looks random counts.
    Weak,
}

const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "pw",
    "passwort",
    "userpass",
    "dbpass",
    "requirepass",
    "masterauth",
    "pass",
    "pgpassword",
    "pin",
    "psk",
    "authpass",
    "privpass",
    "storepass",
    "keypass",
    "rootpw",
    "bindpw",
    "userpw",
    "smtppass",
    "passout",
    "passin",
];
const SECRETS: &[&str] = &[
    "secret",
    "secrets",
    "token",
    "apikey",
    "apitoken",
    "credential",
    "credentials",
    "creds",
    "cred",
    "auth",
    "authkey",
    "authtoken",
    "secretkey",
    "privatekey",
    "accesskey",
    "jwt",
    "bearer",
    "pat",
    "sessid",
    "sessionid",
    "phpsessid",
    "jsessionid",
    "csrftoken",
    "xsrf",
    "csrf",
    "totp",
    "otp",
    "mnemonic",
    "authorization",
    "sid",
    "webhook",
    "accountkey",
    "sharedaccesskey",
    "sharedaccesskeyname",
    "sharedsecret",
    "clientsecret",
    "appsecret",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "consumersecret",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "dsn",
    "ticket",
    "assertion",
    "hmac",
    "identitytoken",
    "registrytoken",
    "licensekey",
    "servicekey",
    "deploykey",
    "subscriptionkey",
    "storagekey",
    "apppassword",
    "sig",
    "signature",
];
const WEAK: &[&str] = &[
    "key", "keys", "tokens", "code", "seed", "salt", "session", "nonce", "pepper", "verifier",
    "cookie",
];
/// These count only at the end of a name: `mysqlPass`, but not `pass_by_value`.
const LAST_ONLY: &[&str] = &[
    "pass",
    "pin",
    "pw",
    "sig",
    "sid",
    "code",
    "auth",
    "pat",
    "seed",
    "salt",
    "ticket",
    "assertion",
    "dsn",
];

/// Before `key`, these make a secret of it.
const KEY_OF: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "encryption",
    "encrypt",
    "signing",
    "sign",
    "master",
    "account",
    "auth",
    "service",
    "storage",
    "admin",
    "license",
    "licence",
    "app",
    "application",
    "client",
    "consumer",
    "shared",
    "session",
    "root",
    "deploy",
    "server",
    "webhook",
    "authentication",
    "authorization",
    "subscription",
    "functions",
    "function",
    "host",
    "age",
    "ca",
    "rest",
    "user",
    "write",
    "ingest",
    "integration",
    "integrations",
    "insights",
    "personal",
    "project",
    "bot",
    "management",
    "data",
    "crypt",
    "cipher",
    "aes",
    "rsa",
    "ssh",
    "ed25519",
    "wallet",
    "signer",
    "jwt",
    "hmac",
    "security",
    "token",
    "openai",
    "anthropic",
    "azure",
    "aws",
    "gcp",
    "google",
    "stripe",
    "github",
    "sendgrid",
    "mailgun",
    "cloudflare",
    "datadog",
    "algolia",
    "twilio",
    "cohere",
    "mistral",
    "gemini",
    "hf",
    "license",
    "registration",
    "recovery",
    "unseal",
    "tunnel",
    "live",
    "prod",
    "production",
    "test",
    "sandbox",
];
/// After the telling word, these turn the name to something about the secret.
const ABOUT: &[&str] = &[
    "id",
    "management",
    "ids",
    "name",
    "names",
    "type",
    "types",
    "url",
    "uri",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "dir",
    "count",
    "counts",
    "length",
    "len",
    "limit",
    "limits",
    "size",
    "enabled",
    "disabled",
    "required",
    "optional",
    "expires",
    "expiry",
    "expiration",
    "expired",
    "expire",
    "ttl",
    "policy",
    "prefix",
    "suffix",
    "index",
    "field",
    "fields",
    "label",
    "labels",
    "regex",
    "pattern",
    "patterns",
    "hint",
    "min",
    "max",
    "usage",
    "budget",
    "version",
    "algorithm",
    "algo",
    "alg",
    "method",
    "format",
    "provider",
    "store",
    "manager",
    "endpoint",
    "header",
    "headers",
    "status",
    "at",
    "in",
    "on",
    "info",
    "kind",
    "class",
    "scope",
    "scopes",
    "audience",
    "issuer",
    "title",
    "description",
    "placeholder",
    "error",
    "errors",
    "message",
    "support",
    "mode",
    "source",
    "ref",
    "arn",
    "location",
    "rotation",
    "age",
    "changed",
    "updated",
    "created",
    "time",
    "timeout",
    "date",
    "duration",
    "strength",
    "style",
    "reset",
    "confirmation",
    "manager2",
    "fingerprint",
    "map",
    "set",
    "list",
    "code2",
    "num",
    "number",
    "total",
    "used",
    "remaining",
    "window",
    "ratio",
    "rate",
    "cost",
    "price",
    "estimate",
    "position",
    "offset",
    "start",
    "end",
    "kinds",
    "stream",
    "tree",
    "ring",
    "board",
    "word",
    "words",
    "frame",
    "pair",
    "vault",
    "server",
    "host",
    "port",
    "user",
    "username",
    "email",
    "login",
    "schema",
    "column",
    "columns",
    "table",
    "validator",
    "validation",
    "check",
    "checks",
    "test",
    "tests",
    "case",
    "cases",
    "util",
    "utils",
    "helper",
    "event",
    "events",
    "option",
    "options",
    "config",
    "settings",
    "valid",
    "invalid",
    "missing",
    "present",
    "bits",
    "curve",
    "usages",
    "ops",
    "char",
    "chars",
    "len2",
    "prompt",
    "forgot",
];
/// Anywhere before the telling word, these say that it is none.
const NOT_OF: &[&str] = &[
    "public",
    "pub",
    "publishable",
    "max",
    "min",
    "num",
    "total",
    "input",
    "output",
    "cached",
    "prompt",
    "completion",
    "reasoning",
    "primary",
    "foreign",
    "partition",
    "sort",
    "cache",
    "next",
    "continuation",
    "pagination",
    "page",
    "has",
    "is",
    "no",
    "with",
    "without",
    "show",
    "hide",
    "forgot",
    "invalid",
    "missing",
    "unexpected",
    "expected",
    "idempotency",
    "dedupe",
    "routing",
    "registry2",
    "map",
    "hash",
    "object",
    "row",
    "column",
    "index",
    "unique",
    "composite",
    "translation",
    "i18n",
    "group",
    "order",
    "hot",
    "arrow",
    "enter",
    "shortcut",
    "known",
    "authorized",
    "trusted",
];

/// What a name tells, if anything.
pub(super) fn class(name: &str) -> Option<Class> {
    let mut words = [""; 12];
    let count = split(name, &mut words);
    let words = &words[..count];
    for (index, word) in words.iter().enumerate().rev() {
        let Some(class) = word_class(word, index, words) else {
            if is_in(word, ABOUT) && index > 0 {
                return about_exception(words);
            }
            continue;
        };
        let before = &words[..index];
        if before.iter().any(|word| is_in(word, NOT_OF))
            && !before.iter().any(|word| is_in(word, PASSWORDS))
        {
            return None;
        }
        return Some(class);
    }
    None
}

/// Names whose last word misleads.
fn about_exception(words: &[&str]) -> Option<Class> {
    let is = |end: &[&str]| {
        words.len() >= end.len()
            && words[words.len() - end.len()..]
                .iter()
                .zip(end)
                .all(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    (is(&["webhook", "url"]) || is(&["secret", "ref2"])).then_some(Class::Secret)
}

fn word_class(word: &str, index: usize, words: &[&str]) -> Option<Class> {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if is_in(word, LAST_ONLY) && index + 1 != words.len() {
        return None;
    }
    if is_in(word, PASSWORDS)
        || ends(word, "password")
        || ends(word, "passwd")
        || ends(word, "passphrase")
    {
        return Some(Class::Password);
    }
    if is_in(word, SECRETS) || ends(word, "secret") || ends(word, "token") || ends(word, "apikey") {
        return Some(Class::Secret);
    }
    if word.eq_ignore_ascii_case("key")
        && index > 0
        && is_in(
            words[index - 1].trim_end_matches(|c: char| c.is_ascii_digit()),
            KEY_OF,
        )
    {
        return Some(Class::Secret);
    }
    (is_in(word, WEAK) || ends(word, "key") || ends(word, "sess") || ends(word, "session"))
        .then_some(Class::Weak)
}

fn is_in(word: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(word))
}

fn ends(word: &str, end: &str) -> bool {
    word.len() > end.len()
        && word.is_char_boundary(word.len() - end.len())
        && word[word.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// Splits at what is no letter or digit and where capitals begin; of a long name the last words count.
fn split<'a>(name: &'a str, words: &mut [&'a str; 12]) -> usize {
    let bytes = name.as_bytes();
    let (mut count, mut start) = (0, 0);
    for at in 0..=bytes.len() {
        let here = bytes.get(at).copied().unwrap_or(b'_');
        let before = at.checked_sub(1).map_or(b'_', |index| bytes[index]);
        let after = bytes.get(at + 1).copied().unwrap_or(b'_');
        let breaks = !here.is_ascii_alphanumeric();
        let hump = here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_uppercase() && after.is_ascii_lowercase());
        if breaks || hump {
            if start < at {
                if count == words.len() {
                    words.rotate_left(1);
                    count -= 1;
                }
                words[count] = &name[start..at];
                count += 1;
            }
            start = if breaks { at + 1 } else { at };
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<Class>) {
        assert_eq!(class(name), expected, "{name}");
    }

    #[test]
    fn names_tell_what_their_values_are() {
        check("DB_PASSWORD", Some(Class::Password));
        check("PGPASSWORD", Some(Class::Password));
        check("spring.datasource.password", Some(Class::Password));
        check("mysqlPass", Some(Class::Password));
        check("AWS_SECRET_ACCESS_KEY", Some(Class::Secret));
        check("AWS_BEARER_TOKEN_BEDROCK", Some(Class::Secret));
        check("client-key-data", Some(Class::Secret));
        check("secret_key_base", Some(Class::Secret));
        check("apiKey", Some(Class::Secret));
        check("APIKey", Some(Class::Secret));
        check("refreshToken", Some(Class::Secret));
        check("_authToken", Some(Class::Secret));
        check("SOME_KEY", Some(Class::Weak));
        check("AccountKey", Some(Class::Secret));
    }

    #[test]
    fn names_about_a_secret_are_none() {
        for name in [
            "max_tokens",
            "input_tokens",
            "public_key",
            "key_id",
            "secret_name",
            "password_required",
            "token_refresh_enabled",
            "primaryKey",
            "tokenize",
            "monkeys",
            "keyword",
            "passed",
        ] {
            check(name, None);
        }
    }
}
