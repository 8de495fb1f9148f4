//! What of the person's configuration a copy of their repository needs: how files are read and written, and no program.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The longest name or address that is carried over.
const MAX_IDENTITY: usize = 300;

/// Settings of a repository, each read by its meaning. What is not here has no effect on the bridge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conventions {
    auto_crlf: Option<&'static str>,
    eol: Option<&'static str>,
    file_mode: Option<bool>,
    symlinks: Option<bool>,
    ignore_case: Option<bool>,
    precompose_unicode: Option<bool>,
    user_name: Option<String>,
    user_email: Option<String>,
    /// Whether only a part of the files is checked out.
    pub sparse: bool,
    sparse_cone: Option<bool>,
    /// Whether objects may be missing, to be fetched when they are needed.
    pub partial: bool,
    /// How objects are named.
    pub format: ObjectFormat,
    /// Patterns of files that the person ignores everywhere.
    pub excludes_file: Option<PathBuf>,
    /// Attributes that the person gives to files everywhere.
    pub attributes_file: Option<PathBuf>,
    /// Programs that change contents on their way in and out, by name: they are never run.
    pub filters: BTreeSet<String>,
}

/// How a repository names its objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectFormat {
    /// 40 digits.
    #[default]
    Sha1,
    /// 64 digits.
    Sha256,
}

/// Where the person's own configuration of git lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonHome {
    /// The home folder.
    pub home: PathBuf,
    /// `XDG_CONFIG_HOME`, if it is set.
    pub xdg_config_home: Option<PathBuf>,
}

impl PersonHome {
    /// Where git looks for a file of the person when no setting names one.
    fn default_file(&self, name: &str) -> PathBuf {
        let config = self.xdg_config_home.clone();
        let config = config.unwrap_or_else(|| self.home.join(".config"));
        config.join("git").join(name)
    }

    /// The path that a setting means; one that depends on the present folder means nothing.
    fn path(&self, value: &[u8]) -> Option<PathBuf> {
        let path = match value.strip_prefix(b"~/") {
            Some(rest) => self.home.join(OsStr::from_bytes(rest)),
            None => PathBuf::from(OsStr::from_bytes(value)),
        };
        path.is_absolute().then_some(path)
    }
}

impl Conventions {
    /// Reads what `git config --list -z` printed. Values that git would refuse are left out.
    pub fn read(list: &[u8], person: &PersonHome) -> Conventions {
        let mut found = Conventions {
            excludes_file: Some(person.default_file("ignore")),
            attributes_file: Some(person.default_file("attributes")),
            ..Conventions::default()
        };
        for entry in list
            .split(|byte| *byte == 0)
            .filter(|entry| !entry.is_empty())
        {
            let end = entry.iter().position(|byte| *byte == b'\n');
            let (key, value) = match end {
                Some(end) => (&entry[..end], Some(&entry[end + 1..])),
                None => (entry, None),
            };
            if let Ok(key) = std::str::from_utf8(key) {
                found.take(key, value, person);
            }
        }
        found
    }

    fn take(&mut self, key: &str, value: Option<&[u8]>, person: &PersonHome) {
        // A key without `=` is a switch that is on.
        let text = value.map_or(Some("true"), |value| std::str::from_utf8(value).ok());
        let flag = || text.and_then(truth);
        match key {
            "core.autocrlf" => {
                self.auto_crlf = match (text, flag()) {
                    (Some("input"), _) => Some("input"),
                    (_, Some(true)) => Some("true"),
                    (_, Some(false)) => Some("false"),
                    (_, None) => None,
                }
            }
            "core.eol" => {
                let known = ["lf", "crlf", "native"];
                self.eol = known.into_iter().find(|word| text == Some(word));
            }
            "core.filemode" => self.file_mode = flag(),
            "core.symlinks" => self.symlinks = flag(),
            "core.ignorecase" => self.ignore_case = flag(),
            "core.precomposeunicode" => self.precompose_unicode = flag(),
            "core.sparsecheckout" => self.sparse = flag().unwrap_or(false),
            "core.sparsecheckoutcone" => self.sparse_cone = flag(),
            "core.excludesfile" => self.excludes_file = value.and_then(|value| person.path(value)),
            "core.attributesfile" => {
                self.attributes_file = value.and_then(|value| person.path(value));
            }
            "extensions.objectformat" if text == Some("sha256") => {
                self.format = ObjectFormat::Sha256;
            }
            "extensions.partialclone" => self.partial = true,
            "user.name" => self.user_name = text.and_then(identity),
            "user.email" => self.user_email = text.and_then(identity),
            _ => {
                if let Some(name) = between(key, "filter.", &[".clean", ".smudge", ".process"]) {
                    self.filters.insert(name.to_owned());
                }
                if between(key, "remote.", &[".promisor"]).is_some() {
                    self.partial |= flag().unwrap_or(false);
                }
            }
        }
    }

    /// The configuration of a private repository. It names files of that repository's own folder only.
    pub fn config(&self, excludes: Option<&Path>, attributes: Option<&Path>) -> Vec<u8> {
        let mut text = self.format.config();
        text.push_str(
            "[core]\n\tlogAllRefUpdates = false\n\tsafecrlf = false\n\tsplitIndex = false\n",
        );
        let words = [("autocrlf", self.auto_crlf), ("eol", self.eol)];
        let flags = [
            ("fileMode", self.file_mode),
            ("symlinks", self.symlinks),
            ("ignoreCase", self.ignore_case),
            ("precomposeUnicode", self.precompose_unicode),
            ("sparseCheckout", self.sparse.then_some(true)),
            (
                "sparseCheckoutCone",
                self.sparse_cone.filter(|_| self.sparse),
            ),
        ];
        for (key, value) in words {
            if let Some(value) = value {
                let _ = writeln!(text, "\t{key} = {value}");
            }
        }
        for (key, value) in flags {
            if let Some(value) = value {
                let _ = writeln!(text, "\t{key} = {value}");
            }
        }
        let mut bytes = text.into_bytes();
        for (key, path) in [("excludesFile", excludes), ("attributesFile", attributes)] {
            let path = path.map_or(&b"/dev/null"[..], |path| path.as_os_str().as_bytes());
            bytes.extend_from_slice(format!("\t{key} = ").as_bytes());
            bytes.extend_from_slice(&quoted(path));
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(b"[user]\n");
        for (key, value) in [("name", &self.user_name), ("email", &self.user_email)] {
            if let Some(value) = value {
                bytes.extend_from_slice(format!("\t{key} = ").as_bytes());
                bytes.extend_from_slice(&quoted(value.as_bytes()));
                bytes.push(b'\n');
            }
        }
        bytes
    }
}

/// Who makes commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `user.name`.
    pub name: &'a str,
    /// `user.email`.
    pub email: &'a str,
}

impl Conventions {
    /// Who the person is to git, if it knows, and would take it for a commit.
    pub fn identity(&self) -> Option<Identity<'_>> {
        // Git leaves these out wherever they stand, and takes no name that has nothing else.
        let has_a_letter =
            |text: &&str| text.chars().any(|c| c > ' ' && !".,:;<>\"\\'".contains(c));
        Some(Identity {
            name: self.user_name.as_deref().filter(has_a_letter)?,
            email: self.user_email.as_deref().filter(has_a_letter)?,
        })
    }
}

impl ObjectFormat {
    /// What a repository's configuration says of its format, and that it has files of its own.
    pub fn config(self) -> String {
        match self {
            ObjectFormat::Sha1 => "[core]\n\trepositoryFormatVersion = 0\n\tbare = false\n".to_owned(),
            ObjectFormat::Sha256 => {
                "[core]\n\trepositoryFormatVersion = 1\n\tbare = false\n[extensions]\n\tobjectFormat = sha256\n"
                    .to_owned()
            }
        }
    }
}

/// Reads a switch as git does.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

fn identity(text: &str) -> Option<String> {
    let fits = text.len() <= MAX_IDENTITY && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

fn between<'a>(key: &'a str, start: &str, ends: &[&str]) -> Option<&'a str> {
    let rest = key.strip_prefix(start)?;
    ends.iter().find_map(|end| rest.strip_suffix(end))
}

/// A value as git's configuration takes it, whatever its bytes are.
fn quoted(value: &[u8]) -> Vec<u8> {
    let mut out = vec![b'"'];
    for byte in value {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            b'\n' => out.extend(b"\\n"),
            b'\t' => out.extend(b"\\t"),
            other => out.push(*other),
        }
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::git::testing;

    fn person() -> PersonHome {
        PersonHome {
            home: "/home/ann".into(),
            xdg_config_home: None,
        }
    }

    fn config(list: &str) -> String {
        let list = list.replace('|', "\0").replace('=', "\n");
        let found = Conventions::read(list.as_bytes(), &person());
        String::from_utf8(found.config(None, None)).unwrap()
    }

    #[test]
    fn only_what_is_known_and_valid_is_carried_over() {
        let none = config("");
        let check = |list: &str, expected: &str| {
            let got = config(list);
            let new: Vec<&str> = got.lines().filter(|line| !none.contains(line)).collect();
            let new: Vec<&str> = new.into_iter().map(str::trim).collect();
            assert_eq!(new.join("|"), expected, "{list}");
        };
        check("core.autocrlf=true|", "autocrlf = true");
        check("core.autocrlf=input|", "autocrlf = input");
        check("core.autocrlf|", "autocrlf = true");
        check("core.autocrlf=sometimes|", "");
        check("core.eol=crlf|core.eol=evil|", "");
        check("core.eol=lf|", "eol = lf");
        check("core.filemode=false|core.filemode=0|", "fileMode = false");
        check(
            "core.symlinks=off|core.ignorecase=YES|",
            "symlinks = false|ignoreCase = true",
        );
        check("core.sparsecheckoutcone=true|", "");
        check(
            "core.sparsecheckout=1|core.sparsecheckoutcone=true|",
            "sparseCheckout = true|sparseCheckoutCone = true",
        );
        check("user.name=Ann \"A\" \\ B|", r#"name = "Ann \"A\" \\ B""#);
        check("user.email=a\nb|user.name=\u{1b}[1m|", "");
        for hostile in [
            "core.fsmonitor",
            "core.hookspath",
            "core.pager",
            "core.sshcommand",
            "core.editor",
            "core.worktree",
            "diff.external",
            "diff.x.textconv",
            "filter.x.clean",
            "alias.x",
            "include.path",
            "url.x.insteadof",
            "extensions.partialclone",
            "extensions.worktreeconfig",
        ] {
            check(&format!("{hostile}=evil|"), "");
        }
    }

    #[test]
    fn files_of_the_person_are_found_where_git_looks_for_them() {
        let check = |list: &str, person: &PersonHome, expected: Option<&str>| {
            let list = list.replace('|', "\0").replace('=', "\n");
            let found = Conventions::read(list.as_bytes(), person).excludes_file;
            assert_eq!(found.as_deref(), expected.map(Path::new), "{list}");
        };
        let elsewhere = PersonHome {
            xdg_config_home: Some("/xdg".into()),
            ..person()
        };
        check("", &person(), Some("/home/ann/.config/git/ignore"));
        check("", &elsewhere, Some("/xdg/git/ignore"));
        check("core.excludesfile=~/i|", &person(), Some("/home/ann/i"));
        check("core.excludesfile=/etc/i|", &person(), Some("/etc/i"));
        check("core.excludesfile=here|", &person(), None);
        check("core.excludesfile=|", &person(), None);
    }

    #[test]
    fn filters_and_promisors_are_noticed() {
        let read = |list: &str| {
            let list = list.replace('|', "\0").replace('=', "\n");
            Conventions::read(list.as_bytes(), &person())
        };
        let found = read("filter.lfs.process=git-lfs|filter.a.b.clean=x|filter.c.required=true|");
        assert_eq!(Vec::from_iter(found.filters), ["a.b", "lfs"]);
        assert!(read("remote.origin.promisor=true|").partial);
        assert!(read("extensions.partialclone=origin|").partial);
        assert!(!read("remote.origin.promisor=false|").partial);
        assert_eq!(
            read("extensions.objectformat=sha256|").format,
            ObjectFormat::Sha256
        );
    }

    #[tokio::test]
    async fn git_reads_back_what_was_written() {
        let tmp = tempfile::tempdir().unwrap();
        let file = tmp.path().join("config");
        let list =
            "user.name\nA \"b\" \\c ;d #e\0core.autocrlf\ninput\0extensions.objectformat\nsha256\0";
        let found = Conventions::read(list.as_bytes(), &person());
        let odd = Path::new(OsStr::from_bytes(b"/a \n\"\xff"));
        std::fs::write(&file, found.config(Some(odd), None)).unwrap();
        let git = testing::git().await;
        let get = async |key: &str| {
            let call = git.call("config").arg("-f").arg(&file);
            let call = call.args(["-z", "--get", key]);
            call.run_at(Path::new("/")).await.unwrap().stdout
        };
        assert_eq!(get("user.name").await, b"A \"b\" \\c ;d #e\0");
        assert_eq!(get("core.autocrlf").await, b"input\0");
        assert_eq!(get("core.excludesfile").await, b"/a \n\"\xff\0");
        assert_eq!(get("core.attributesfile").await, b"/dev/null\0");
        assert_eq!(get("extensions.objectformat").await, b"sha256\0");
    }
}
