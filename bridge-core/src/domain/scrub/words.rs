//! The words that names are made of, and what each says of the value.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// What a word says; a word may say several things.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meaning(u8);

impl Meaning {
    const NONE: Self = Self(0);

    pub(super) fn is_password(self) -> bool {
        self.0 & 1 << 0 != 0
    }

    pub(super) fn is_secret(self) -> bool {
        self.0 & 1 << 1 != 0
    }

    pub(super) fn is_last_only(self) -> bool {
        self.0 & 1 << 2 != 0
    }

    pub(super) fn is_weak(self) -> bool {
        self.0 & 1 << 3 != 0
    }

    pub(super) fn is_key_of(self) -> bool {
        self.0 & 1 << 4 != 0
    }

    pub(super) fn is_about(self) -> bool {
        self.0 & 1 << 5 != 0
    }

    pub(super) fn is_not_of(self) -> bool {
        self.0 & 1 << 6 != 0
    }
}

/// The longest word that says anything.
const LONGEST: usize = 20;

/// What a word says, in any case of letters.
pub(super) fn meaning(word: &str) -> Meaning {
    static MEANINGS: OnceLock<FxHashMap<&'static [u8], Meaning>> = OnceLock::new();
    let meanings = MEANINGS.get_or_init(|| {
        let mut meanings = FxHashMap::default();
        for (bit, list) in LISTS.iter().enumerate() {
            for word in list.split_ascii_whitespace() {
                let meaning: &mut Meaning = meanings.entry(word.as_bytes()).or_default();
                meaning.0 |= 1 << bit;
            }
        }
        meanings
    });
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return Meaning::NONE;
    };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    meanings.get(&*lower).copied().unwrap_or(Meaning::NONE)
}

const LISTS: [&str; 7] = [PASSWORDS, SECRETS, LAST_ONLY, WEAK, KEY_OF, ABOUT, NOT_OF];

/// What a person chose.
const PASSWORDS: &str = "password passwd passphrase passcode pwd pw passwort userpass dbpass requirepass \
    masterauth pass pgpassword pin psk authpass privpass storepass keypass rootpw bindpw \
    userpw smtppass passout passin";

/// What a machine made.
const SECRETS: &str = "secret secrets token apikey apitoken credential credentials creds cred auth authkey \
    authtoken secretkey privatekey accesskey jwt bearer pat sessid sessionid phpsessid \
    jsessionid csrftoken xsrf csrf totp otp mnemonic authorization sid webhook accountkey \
    sharedaccesskey sharedaccesskeyname sharedsecret clientsecret appsecret signingkey \
    encryptionkey masterkey consumersecret accesstoken refreshtoken idtoken dsn ticket \
    assertion hmac wif identitytoken registrytoken licensekey servicekey deploykey \
    subscriptionkey storagekey apppassword sig signature";

/// These count only at the end of a name: `mysqlPass`, but not `pass_by_value`.
const LAST_ONLY: &str = "pass pin pw sig sid code auth pat seed salt ticket assertion dsn";

/// Names used for much else.
const WEAK: &str = "key keys tokens code seed salt session nonce pepper verifier cookie appid";

/// Before `key`, these make a secret of it.
const KEY_OF: &str = "api access secret private encryption encrypt signing sign master account auth service \
    storage admin license licence app application client consumer shared session root deploy \
    server webhook authentication authorization subscription functions function host age ca \
    rest user write ingest integration integrations insights personal project bot management \
    data crypt cipher aes rsa ssh ed25519 wallet signer jwt hmac security token openai \
    anthropic azure aws gcp google stripe github sendgrid mailgun cloudflare datadog algolia \
    twilio cohere mistral gemini hf registration recovery unseal tunnel live prod production \
    test sandbox";

/// After the telling word, these turn the name to something about the secret.
const ABOUT: &str = "id management ids name names type types url uri path paths file files filename dir count \
    counts length len limit limits size enabled disabled required optional expires expiry \
    expiration expired expire ttl policy prefix suffix index field fields label labels regex \
    pattern patterns hint min max usage budget version algorithm algo alg method format \
    provider store manager endpoint header headers status at in on info kind class scope \
    scopes audience issuer title description placeholder error errors message support mode \
    source ref arn location rotation age changed updated created time timeout date duration \
    strength style reset confirmation fingerprint map set list num number total used \
    remaining window ratio rate cost price estimate position offset start end kinds stream \
    tree ring board word words frame pair vault server host port user username email login \
    schema column columns table validator validation check checks test tests case cases util \
    utils helper event events option options config settings valid invalid missing present \
    bits curve usages ops char chars prompt forgot";

/// Anywhere before the telling word, these say that it is none.
const NOT_OF: &str = "public pub publishable max min num total input output cached prompt completion reasoning \
    primary foreign partition sort cache next continuation pagination page has is no with \
    without show hide forgot invalid missing unexpected expected idempotency dedupe routing \
    map hash object row column index unique composite translation i18n group order hot arrow \
    enter shortcut known authorized trusted";
