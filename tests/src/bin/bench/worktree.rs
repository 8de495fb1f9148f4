//! A worktree made and its changes taken, on a repository of 50,000 files, beside plain git in turn.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bridge_core::adapters::git::conventions::PersonHome;
use bridge_core::adapters::git::program::Git;
use bridge_core::adapters::git::repository::Repository;
use bridge_core::adapters::git::shadow::{Carry, Shadow, Shadows};
use bridge_core::domain::id::{Persistence, RunId};
use bridge_core::platform::open_dir::OpenDir;
use tokio::runtime::Runtime;

use crate::Effort;
use crate::figures::Figures;
use crate::report::{Table, usual};

const FILES: usize = 50_000;
/// How many files are changed, and as many are new.
const EDITS: [usize; 2] = [200, 5000];

/// One worktree of each kind in turn, edited in the same way.
pub(crate) fn measure(effort: Effort) -> Table {
    let rounds = effort.pick(2, 8);
    let ground = Ground::new();
    let title = format!(
        "worktree: {FILES} files, made and compared after as many changed and new files as said ({rounds} rounds)"
    );
    let mut table = Table::new(title, &["ms", "p25–p75"]);
    let mut aims = Vec::new();
    for edits in EDITS.into_iter().take(effort.pick(1, 2)) {
        let mut plain = Times::default();
        let mut bridge = Times::default();
        for round in 0..=rounds {
            let theirs = ground.plain(round, edits);
            let ours = ground.bridge(edits);
            // The first round fills the caches.
            if round > 0 {
                plain.push(theirs);
                bridge.push(ours);
            }
        }
        for (what, theirs, ours) in [
            ("made", &plain.made, &bridge.made),
            ("compared", &plain.compared, &bridge.compared),
            ("both", &plain.both, &bridge.both),
        ] {
            let git = match what {
                "made" => "git worktree add",
                "compared" => "git add -AN, git diff HEAD",
                _ => "git, both",
            };
            table.row(format!("{edits} edits: {git}"), usual(theirs).into());
            table.row(format!("{edits} edits: bridge, {what}"), usual(ours).into());
        }
        let ratio = |ours: &Figures, theirs: &Figures| ours.median() / theirs.median();
        aims.push((
            format!("{edits} edits, made, × git"),
            ratio(&bridge.made, &plain.made),
        ));
        aims.push((
            format!("{edits} edits, both, × git"),
            ratio(&bridge.both, &plain.both),
        ));
        table.row(
            format!("{edits} edits: bridge, compared once more"),
            usual(&bridge.again).into(),
        );
    }
    let looked = ground.looks(effort.pick(10, 50));
    table.row("the repository looked at", usual(&looked).into());
    for (what, ratio) in aims {
        table.at_most(what, ratio, 1.3);
    }
    table
}

#[derive(Default)]
struct Times {
    made: Figures,
    compared: Figures,
    both: Figures,
    again: Figures,
}

impl Times {
    fn push(&mut self, [made, compared, again]: [Duration; 3]) {
        self.made.push_ms(made);
        self.compared.push_ms(compared);
        self.both.push_ms(made + compared);
        self.again.push_ms(again);
    }
}

/// A repository, and what is needed to copy it in both ways.
struct Ground {
    folder: tempfile::TempDir,
    runtime: Runtime,
    git: Git,
    repo: PathBuf,
    files: Vec<PathBuf>,
}

impl Ground {
    fn new() -> Ground {
        let folder = tempfile::tempdir().unwrap();
        let repo = folder.path().join("repo");
        let mut files = Vec::new();
        for number in 0..FILES {
            let path = format!("d{}/s{}/f{number}.txt", number % 50, number / 50 % 20);
            let path = PathBuf::from(path);
            let full = repo.join(&path);
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            let mut file = fs::File::create(full).unwrap();
            for line in 0..5 + number % 75 {
                writeln!(file, "line {line} of file {number}").unwrap();
            }
            files.push(path);
        }
        let path = std::env::var_os("PATH").unwrap();
        let runtime = Runtime::new().unwrap();
        let git = runtime.block_on(Git::find(&path)).unwrap();
        let ground = Ground {
            folder,
            runtime,
            git,
            repo,
            files,
        };
        let settings = "[user]\n\tname = x\n\temail = x@example.com\n[gc]\n\tauto = 0\n";
        fs::write(ground.folder.path().join(".gitconfig"), settings).unwrap();
        ground.git(&ground.repo, &["init", "-q"]);
        ground.git(&ground.repo, &["add", "-A"]);
        ground.git(&ground.repo, &["commit", "-qm", "all"]);
        ground.git(&ground.repo, &["gc", "-q"]);
        ground
    }

    fn git(&self, dir: &Path, args: &[&str]) {
        let status = Command::new(self.git.program())
            .args(args)
            .current_dir(dir)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "git {args:?}");
    }

    /// Changes files and adds as many.
    fn edit(&self, top: &Path, edits: usize) {
        for file in self.files.iter().step_by(FILES / edits).take(edits) {
            let path = top.join(file);
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(b"one more line\n").unwrap();
            fs::write(
                path.with_extension("new"),
                format!("new {}\n", path.display()),
            )
            .unwrap();
        }
    }

    /// Git alone. What is new has to be made known to it, so that it shows in the difference.
    fn plain(&self, round: usize, edits: usize) -> [Duration; 3] {
        let files = self.folder.path().join(format!("plain{round}"));
        let name = files.to_str().unwrap();
        let begin = Instant::now();
        self.git(&self.repo, &["worktree", "add", "-q", "--detach", name]);
        let made = begin.elapsed();
        self.edit(&files, edits);
        let compare = || {
            let begin = Instant::now();
            self.git(&files, &["add", "-A", "-N"]);
            self.git(&files, &["diff", "--numstat", "HEAD"]);
            begin.elapsed()
        };
        let compared = compare();
        let again = compare();
        self.git(&self.repo, &["worktree", "remove", "--force", name]);
        [made, compared, again]
    }

    /// The same through the bridge's adapter.
    fn bridge(&self, edits: usize) -> [Duration; 3] {
        let run = RunId::new(Persistence::Stored, 0, 1);
        let shadows = Shadows::new(&self.git, &self.folder.path().join("state"));
        let begin = Instant::now();
        let shadow = self.runtime.block_on(async {
            let repository = self.inspect().await;
            let created = shadows.worktree(&run, &repository, Carry::Nothing).await;
            created.unwrap().shadow
        });
        let made = begin.elapsed();
        self.edit(&shadow.files(), edits);
        let compared = self.compare(&shadow, edits);
        let again = self.compare(&shadow, edits);
        self.runtime.block_on(shadows.remove(&run)).unwrap();
        [made, compared, again]
    }

    fn compare(&self, shadow: &Shadow, edits: usize) -> Duration {
        let begin = Instant::now();
        let set = self.runtime.block_on(async {
            let now = shadow.snapshot().await.unwrap();
            shadow.changes(&now).await.unwrap()
        });
        let took = begin.elapsed();
        assert_eq!(set.files.len(), 2 * edits);
        took
    }

    async fn inspect(&self) -> Repository {
        let person = PersonHome {
            home: self.folder.path().to_owned(),
            xdg_config_home: None,
        };
        let folder = OpenDir::open(&self.repo).unwrap();
        Repository::inspect(&self.git, &folder, &person)
            .await
            .unwrap()
    }

    fn looks(&self, count: usize) -> Figures {
        let mut figures = Figures::default();
        for _ in 0..count {
            let begin = Instant::now();
            self.runtime.block_on(self.inspect());
            figures.push_ms(begin.elapsed());
        }
        figures
    }
}
