use super::*;

/// A file system of plain folders, each component its own inode, without symlinks.
fn plain(path: &Path) -> Result<Resolved, &'static str> {
    if path.starts_with("/missing") {
        return Err("it does not exist");
    }
    let chain = path
        .ancestors()
        .map(|folder| FileId {
            dev: 1,
            ino: folder
                .as_os_str()
                .as_encoded_bytes()
                .iter()
                .fold(7, |hash: u64, b| {
                    hash.wrapping_mul(31).wrapping_add(u64::from(*b))
                }),
        })
        .collect();
    Ok(Resolved {
        path: path.to_owned(),
        chain,
    })
}

/// The same, but letter case does not count.
fn caseless(path: &Path) -> Result<Resolved, &'static str> {
    plain(Path::new(&path.to_string_lossy().to_lowercase()))
}

fn check(roots: &[&str], asked: &str, expected: &str) {
    let roots = AllowedRoots::new(roots.iter().map(PathBuf::from).collect());
    let verdict = match roots.admit(Path::new(asked), plain) {
        Ok(dir) => format!("ok {}", dir.path().display()),
        Err(refusal) => refusal.to_string(),
    };
    assert_eq!(verdict, expected);
}

#[test]
fn admits_only_what_lies_under_a_root() {
    check(&["/w/a"], "/w/a", "ok /w/a");
    check(&["/w/a"], "/w/a/src", "ok /w/a/src");
    check(&["/w/a"], "/w/ab", "`/w/ab` is outside the allowed roots");
    check(&["/w/a"], "/w", "`/w` is outside the allowed roots");
    check(&["/x", "/w/a"], "/w/a/b", "ok /w/a/b");
}

#[test]
fn without_roots_nothing_is_admitted() {
    check(&[], "/w/a", "no folder is allowed yet");
}

#[test]
fn a_root_that_is_gone_admits_nothing() {
    check(&["/missing"], "/missing/a", "can't use `/missing/a`");
    check(&["/missing"], "/w", "`/w` is outside the allowed roots");
}

#[test]
fn what_is_no_plain_absolute_path_is_refused_before_the_file_system_is_asked() {
    check(&["/"], "", "`` is no usable path: it is empty");
    check(&["/"], "src", "`src` is no usable path: it is not absolute");
    check(
        &["/"],
        "~/src",
        "`~/src` is no usable path: it is not absolute",
    );
    check(
        &["/"],
        "/w/a\nb",
        "`/w/a\nb` is no usable path: it has a control character",
    );
    check(
        &["/"],
        "/proc/self/cwd",
        "`/proc/self/cwd` is no usable path: it lies below /proc or /dev",
    );
}

#[test]
fn letter_case_counts_as_it_does_on_the_file_system() {
    let roots = AllowedRoots::new(vec![PathBuf::from("/W/A")]);
    assert!(roots.admit(Path::new("/w/a/src"), caseless).is_ok());
    assert!(roots.admit(Path::new("/w/a/src"), plain).is_err());
}

/// A file system with symlinks, in which letter case counts or not. A line is a folder, or `link -> target`.
struct Disk {
    entries: Vec<(&'static str, Option<&'static str>)>,
    caseless: bool,
}

const DISK: &str = "
    /
    /etc
    /home
    /home/me
    /home/me/.codex
    /home/me/.config
    /home/me/.config/bridge
    /home/me/.local
    /home/me/.local/state
    /home/me/.local/state/bridge
    /home/me/.local/state/bridge/worktrees
    /home/me/code
    /home/me/code/app
    /home/me/code/app/src
    /home/me/code/app/Src2
    /home/me/code/caf\u{e9}
    /home/me/code/-C
    /home/me/code/...
    /home/me/code/a b
    /home/me/code/to-etc -> /etc
    /home/me/code/to-home -> ../../me
    /home/me/code/to-app -> app
    /home/me/code/to-app-src -> to-app/src
    /home/me/code/up -> ..
    /home/me/code/loop -> loop
    /home/me/code/ping -> pong
    /home/me/code/pong -> ping
    /home/me/code/gone -> nowhere
    /home/me/code/to-root -> /
    /home/me/code-other
    /home/me/codex
    /home/you
    /home/you/code
    /srv
    /srv/link-to-code -> /home/me/code
    /srv/code
    /srv/code/app
    /var
    /var/tmp
";

impl Disk {
    fn new(caseless: bool) -> Disk {
        let entries = DISK
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| match line.split_once(" -> ") {
                Some((link, target)) => (link, Some(target)),
                None => (line, None),
            })
            .collect();
        Disk { entries, caseless }
    }

    fn find(&self, path: &str) -> Option<(usize, &(&'static str, Option<&'static str>))> {
        self.entries
            .iter()
            .enumerate()
            .find(|(_, (name, _))| match self.caseless {
                true => name.to_lowercase() == path.to_lowercase(),
                false => *name == path,
            })
    }

    fn resolve(&self, path: &Path) -> Result<Resolved, &'static str> {
        let mut rest: Vec<String> = Vec::new();
        let push = |rest: &mut Vec<String>, path: &str| {
            rest.extend(
                path.split('/')
                    .rev()
                    .filter(|part| !part.is_empty())
                    .map(ToOwned::to_owned),
            );
        };
        push(&mut rest, path.to_str().unwrap());
        let mut at = String::new();
        for _ in 0..200 {
            let Some(part) = rest.pop() else {
                let real = if at.is_empty() { "/" } else { &*at };
                let chain = Path::new(real)
                    .ancestors()
                    .map(|folder| FileId {
                        dev: 1,
                        ino: self.find(folder.to_str().unwrap()).unwrap().0 as u64,
                    })
                    .collect();
                let path = PathBuf::from(real);
                return Ok(Resolved { path, chain });
            };
            match &*part {
                "." => {}
                ".." => at.truncate(at.rfind('/').unwrap_or(0)),
                _ => {
                    let next = format!("{at}/{part}");
                    let (_, (name, target)) = self.find(&next).ok_or("it does not exist")?;
                    match target {
                        None => at = (*name).to_owned(),
                        Some(target) => {
                            push(&mut rest, target);
                            if target.starts_with('/') {
                                at.clear();
                            }
                        }
                    }
                }
            }
        }
        Err("too many symlinks")
    }

    fn admit(&self, roots: &AllowedRoots, asked: &str) -> String {
        match roots.admit(Path::new(asked), |path| self.resolve(path)) {
            Ok(dir) => format!("{} by {}", dir.path().display(), dir.root().display()),
            Err(Refusal::TooBroad { why, .. }) => format!("too broad: {why}"),
            Err(Refusal::Outside { .. }) => "outside".to_owned(),
            Err(Refusal::Malformed { reason, .. }) => reason.to_owned(),
            Err(Refusal::Unusable { source, .. }) => source.to_owned(),
            Err(Refusal::NoRoots) => "no roots".to_owned(),
        }
    }
}

fn paths(roots: &[&str]) -> Vec<PathBuf> {
    roots.iter().map(PathBuf::from).collect()
}

/// The answer on a file system where case counts, and the one where it does not if that is another.
#[test]
fn paths_are_admitted_by_what_they_lead_to() {
    let roots = AllowedRoots::new(paths(&["/home/me/code", "/srv/link-to-code/app"]));
    let code = |rest: &str| format!("/home/me/code{rest} by /home/me/code");
    let missing = "it does not exist";
    let table: &[(&str, &str, Option<&str>)] = &[
        ("/home/me/code", &code(""), None),
        ("/home/me/code/", &code(""), None),
        ("/home/me/code/.", &code(""), None),
        ("/home/me//code///app", &code("/app"), None),
        ("/home/me/code/app/../app/src", &code("/app/src"), None),
        ("/home/me/code/app/src/..", &code("/app"), None),
        ("/home/me/code/to-app", &code("/app"), None),
        ("/home/me/code/to-app/src", &code("/app/src"), None),
        ("/home/me/code/to-app-src", &code("/app/src"), None),
        ("/home/me/code/to-app-src/../Src2", &code("/app/Src2"), None),
        ("/srv/link-to-code", &code(""), None),
        ("/srv/link-to-code/app", &code("/app"), None),
        ("/srv/../home/me/code", &code(""), None),
        ("/home/me/code/up/code", &code(""), None),
        ("/home/me/code/to-home/code/app", &code("/app"), None),
        ("/home/me/code/to-root/home/me/code", &code(""), None),
        ("/home/me/code/...", &code("/..."), None),
        ("/home/me/code/-C", &code("/-C"), None),
        ("/home/me/code/a b", &code("/a b"), None),
        ("/home/me/code/caf\u{e9}", &code("/caf\u{e9}"), None),
        ("/home/me/code-other", "outside", None),
        ("/home/me/codex", "outside", None),
        ("/home/me", "outside", None),
        ("/home", "outside", None),
        ("/", "outside", None),
        ("/home/you/code", "outside", None),
        ("/srv/code/app", "outside", None),
        ("/home/me/code/..", "outside", None),
        ("/home/me/code/app/../..", "outside", None),
        ("/home/me/code/to-etc", "outside", None),
        ("/home/me/code/to-home", "outside", None),
        ("/home/me/code/to-home/.codex", "outside", None),
        ("/home/me/code/to-root", "outside", None),
        ("/home/me/code/to-root/etc", "outside", None),
        ("/home/me/code/up", "outside", None),
        ("/home/me/code/up/../you", "outside", None),
        ("/home/me/code/to-etc/../home/you", "outside", None),
        ("/home/me/code/loop", "too many symlinks", None),
        ("/home/me/code/ping/app", "too many symlinks", None),
        ("/home/me/code/gone", missing, None),
        ("/home/me/code/app/nowhere/..", missing, None),
        ("/home/me/code/a b ", missing, None),
        ("/HOME/ME/CODE", missing, Some(&code(""))),
        ("/home/me/Code/APP/Src", missing, Some(&code("/app/src"))),
        ("/home/me/code/app/SRC2", missing, Some(&code("/app/Src2"))),
        ("/home/me/CODE/../codex", missing, Some("outside")),
        ("/home/me/CODE-other", missing, Some("outside")),
        ("/home/me/code/TO-ETC", missing, Some("outside")),
        ("/Home/You/Code", missing, Some("outside")),
        ("home/me/code", "it is not absolute", None),
        ("~/code", "it is not absolute", None),
        ("", "it is empty", None),
        ("/home/me/code\n", "it has a control character", None),
        ("/home/me/code/\u{7f}", "it has a control character", None),
        ("/proc/self/cwd", "it lies below /proc or /dev", None),
        ("//dev/fd/3", "it lies below /proc or /dev", None),
    ];
    for (asked, sensitive, caseless) in table {
        assert_eq!(
            Disk::new(false).admit(&roots, asked),
            *sensitive,
            "{asked:?}"
        );
        let expected = caseless.unwrap_or(sensitive);
        assert_eq!(
            Disk::new(true).admit(&roots, asked),
            expected,
            "{asked:?}, caseless"
        );
    }
}

fn guarded(roots: &[&str]) -> AllowedRoots {
    let guard = |path: &str, what, below| Guard {
        path: path.into(),
        what,
        below,
    };
    AllowedRoots::new(paths(roots)).guarding(vec![
        guard("/home/me", "the home", false),
        guard("/home/me/.local/state/bridge", "the state", true),
        guard(
            "/home/me/.config/bridge/config.toml",
            "the configuration",
            false,
        ),
        guard("/home/me/.codex", "the login", false),
    ])
}

#[test]
fn a_root_that_holds_what_decides_admits_nothing() {
    let check = |root: &str, asked: &str, sensitive: &str, caseless: Option<&str>| {
        let roots = guarded(&[root]);
        assert_eq!(Disk::new(false).admit(&roots, asked), sensitive, "{root}");
        let expected = caseless.unwrap_or(sensitive);
        assert_eq!(
            Disk::new(true).admit(&roots, asked),
            expected,
            "{root}, caseless"
        );
    };
    let code = "/home/me/code";
    check("/", code, "too broad: it is the whole disk", None);
    check(
        "/home/me/code/to-root",
        code,
        "too broad: it is the whole disk",
        None,
    );
    check("/home", code, "too broad: it holds the home", None);
    check("/home/me", code, "too broad: it is the home", None);
    check("/home/me/", code, "too broad: it is the home", None);
    check(
        "/home/me/code/to-home",
        code,
        "too broad: it is the home",
        None,
    );
    check("/home/me/code/..", code, "too broad: it is the home", None);
    check(
        "/HOME/me",
        code,
        "outside",
        Some("too broad: it is the home"),
    );
    let state = "/home/me/.local/state/bridge/worktrees";
    check(
        "/home/me/.local",
        state,
        "too broad: it holds the state",
        None,
    );
    check(
        "/home/me/.local/state/bridge",
        state,
        "too broad: it is the state",
        None,
    );
    check(state, state, "too broad: it lies in the state", None);
    let config = "/home/me/.config/bridge";
    check(
        "/home/me/.config",
        config,
        "too broad: it holds the configuration",
        None,
    );
    check(
        config,
        config,
        "too broad: it holds the configuration",
        None,
    );
    check(
        "/home/me/.codex",
        "/home/me/.codex",
        "too broad: it is the login",
        None,
    );
    check(code, code, "/home/me/code by /home/me/code", None);
    check("/var", "/var/tmp", "/var/tmp by /var", None);
}

#[test]
fn a_broad_root_admits_when_the_person_insists_or_another_root_does() {
    let disk = Disk::new(false);
    let both = guarded(&["/home/me", "/home/me/code"]);
    assert_eq!(
        disk.admit(&both, "/home/me/code/app"),
        "/home/me/code/app by /home/me/code"
    );
    assert_eq!(
        disk.admit(&both, "/home/me/codex"),
        "too broad: it is the home"
    );
    let insisted = guarded(&["/home/me"]).insisting(paths(&["/home/me/"]));
    assert_eq!(
        disk.admit(&insisted, "/home/me/codex"),
        "/home/me/codex by /home/me"
    );
    let another = guarded(&["/home/me"]).insisting(paths(&["/home"]));
    assert_eq!(
        disk.admit(&another, "/home/me/codex"),
        "too broad: it is the home"
    );
}
