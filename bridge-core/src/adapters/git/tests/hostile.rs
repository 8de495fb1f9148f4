//! Repositories that want to run something: each program that they name would leave a file behind, and none does.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::adapters::git::conventions::ObjectFormat;
use crate::adapters::git::diff::Between;
use crate::adapters::git::objects::{Front, Objects};
use crate::adapters::git::shadow::{Carry, CreateError};
use crate::adapters::git::testing::{NOTHING, Repo, World, changes, run_id, write};

/// A world with a repository full of programs, and the folder in which they leave their files.
struct Trap {
    world: World,
    witness: PathBuf,
}

impl Trap {
    async fn new() -> Trap {
        let world = World::new().await;
        let witness = world.root.join("witness");
        fs::create_dir(&witness).unwrap();
        let trap = Trap { world, witness };
        trap.build();
        trap
    }

    fn repo(&self) -> Repo<'_> {
        self.world.at("shop")
    }

    /// A program that leaves a file of this name, then does this.
    fn program(&self, name: &str, then: &str) -> String {
        let file = self.world.root.join(format!("evil-{name}"));
        let text = format!(
            "#!/bin/sh\ntouch '{}'\n{then}\n",
            self.witness.join(name).display()
        );
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file.display().to_string()
    }

    fn seen(&self) -> Vec<String> {
        let names = fs::read_dir(&self.witness).unwrap().flatten();
        let mut names: Vec<String> = names
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn build(&self) {
        let repo = self.world.init("shop");
        repo.write("a", "1\n").write("b", "1\n").commit("one");
        repo.git(&["branch", "side"]);
        repo.write("b", "2\n").commit("two");
        // Attributes and submodules come with a clone …
        repo.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
        let ext = format!("ext::{}", self.program("submodule", ""));
        let modules = format!(
            "[submodule \"sub\"]
	path = sub
	url = {ext}
"
        );
        repo.write(".gitmodules", modules);
        let sub = self.world.init("shop/sub");
        sub.write("inside", "1\n").commit("one");
        sub.git(&[
            "config",
            "core.fsmonitor",
            &self.program("sub-fsmonitor", "exit 1"),
        ]);
        repo.commit("three");
        repo.write("a", "changed\n");
        // … the rest with an archive, or a folder that somebody shares.
        let hooks = [
            "post-checkout",
            "post-index-change",
            "reference-transaction",
            "pre-commit",
            "post-commit",
            "pre-auto-gc",
            "fsmonitor-watchman",
            "post-merge",
            "post-rewrite",
        ];
        for hook in hooks {
            let program = self.program(&format!("hook-{hook}"), "");
            repo.write(format!(".git/hooks/{hook}"), fs::read(program).unwrap());
            repo.chmod(&format!(".git/hooks/{hook}"), 0o755);
        }
        let settings = [
            (
                "core.hooksPath",
                repo.path(".git/hooks").display().to_string(),
            ),
            ("core.fsmonitor", self.program("fsmonitor", "exit 1")),
            ("core.pager", self.program("pager", "cat")),
            ("core.editor", self.program("editor", "")),
            ("core.sshCommand", self.program("ssh", "exit 1")),
            ("core.askPass", self.program("askpass", "")),
            (
                "core.alternateRefsCommand",
                self.program("alternate-refs", ""),
            ),
            (
                "core.attributesFile",
                repo.path(".gitattributes").display().to_string(),
            ),
            ("diff.external", self.program("external-diff", "")),
            ("diff.evil.command", self.program("diff-command", "")),
            ("diff.evil.textconv", self.program("textconv", "cat \"$1\"")),
            ("filter.evil.clean", self.program("clean", "cat")),
            ("filter.evil.smudge", self.program("smudge", "cat")),
            ("filter.evil.required", "true".to_owned()),
            ("merge.evil.driver", self.program("merge", "exit 1")),
            ("alias.st", format!("!{}", self.program("alias", ""))),
            ("credential.helper", self.program("credential", "")),
            ("gpg.program", self.program("gpg", "exit 1")),
            ("protocol.allow", "always".to_owned()),
            ("protocol.ext.allow", "always".to_owned()),
            (
                "remote.origin.url",
                format!("ext::{}", self.program("remote", "exit 1")),
            ),
            ("remote.origin.promisor", "true".to_owned()),
            (
                "remote.origin.uploadpack",
                self.program("uploadpack", "exit 1"),
            ),
            ("extensions.partialClone", "origin".to_owned()),
            ("core.repositoryFormatVersion", "1".to_owned()),
            ("gc.auto", "1".to_owned()),
            ("submodule.recurse", "true".to_owned()),
            (
                "submodule.sub.update",
                format!("!{}", self.program("update", "")),
            ),
        ];
        for (key, value) in settings {
            repo.git(&["config", key, &value]);
        }
        let more = format!(
            "[filter \"evil\"]\n\tprocess = {}\n",
            self.program("process", "exit 1")
        );
        fs::write(self.world.root.join("more"), more).unwrap();
        assert_eq!(self.seen(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn nothing_that_a_repository_names_is_run() {
    let trap = Trap::new().await;
    let (world, repo) = (&trap.world, trap.repo());
    let more = world.root.join("more").display().to_string();
    repo.git(&["config", "include.path", &more]);
    let before = world.listing(&repo.top);

    let found = repo.inspect().await;
    let head = found.head.commit().unwrap().clone();
    assert_eq!(found.revision(&world.git, "main").await.unwrap(), head);
    let side = found.revision(&world.git, "side").await.unwrap();
    assert_eq!(found.branches(&world.git, 10).await.unwrap().len(), 2);
    let front = world.root.join("front");
    let objects = Objects::lay_out(
        &world.git,
        &Front {
            folder: &front,
            objects: &found.object_dir(),
            common_dir: &found.common_dir,
            format: ObjectFormat::Sha1,
        },
    );
    let base = objects.unwrap().merge_base(&head, &side).await.unwrap();
    assert_eq!(base, Some(side));

    for (run, carry) in [(1, Carry::Nothing), (2, Carry::Uncommitted)] {
        let shadow = repo.worktree(run, carry).await.unwrap().shadow;
        assert_eq!(changes(&shadow).await, "");
        write(&shadow, "b", "3\n");
        write(&shadow, "new", "3\n");
        // What a run could leave in its own folder is no better.
        let evil = world.init("made-by-the-run");
        evil.git(&[
            "config",
            "core.fsmonitor",
            &trap.program("run-fsmonitor", "exit 1"),
        ]);
        let _ = fs::remove_dir_all(shadow.files().join("sub"));
        fs::rename(&evil.top, shadow.files().join("sub")).unwrap();
        let now = shadow.snapshot().await.unwrap();
        let set = shadow.changes(&now).await.unwrap();
        assert_eq!(set.files.len(), 2);
        shadow.changes_before().await.unwrap();
        let between = Between {
            before: &set.before,
            after: &set.after,
        };
        for file in &set.files {
            let patch = shadow.objects().patch(between, file, 1000).await.unwrap();
            assert!(String::from_utf8_lossy(&patch.text).contains("+3"));
        }
        let file = world.root.join("patch");
        shadow
            .objects()
            .write_patch(between, &file, 10_000)
            .await
            .unwrap();
        // Git in the worktree, as the model would run it, knows only our configuration.
        let status = world.run(
            &shadow.files(),
            &["status", "--porcelain", "--ignore-submodules=all"],
        );
        assert!(status.contains(" M b\n"), "{status}");
        world.run(&shadow.files(), &["diff", "--ignore-submodules=all"]);
        world.shadows().remove(&run_id(run)).await.unwrap();
    }
    let here = repo.in_place(3).await.shadow;
    here.changes_before().await.unwrap();
    assert_eq!(changes(&here).await, "");

    assert_eq!(before.changed(world, &repo.top), NOTHING);
    assert_eq!(trap.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_missing_object_is_not_fetched() {
    let trap = Trap::new().await;
    let repo = trap.repo();
    let blob = repo.git(&["-c", "core.fsmonitor=false", "rev-parse", "HEAD:b"]);
    let (folder, name) = blob.trim().split_at(2);
    fs::remove_file(repo.path(format!(".git/objects/{folder}/{name}"))).unwrap();
    let refused = repo.worktree(1, Carry::Nothing).await.unwrap_err();
    assert!(
        matches!(refused, CreateError::MissingObjects { .. }),
        "{refused}"
    );
    let found = repo.inspect().await;
    found
        .revision(&trap.world.git, blob.trim())
        .await
        .unwrap_err();
    found
        .revision(&trap.world.git, &"ab".repeat(20))
        .await
        .unwrap_err();
    repo.in_place(2).await;
    assert_eq!(trap.seen(), Vec::<String>::new());
    repo.try_git(&["cat-file", "-p", blob.trim()]);
    assert!(
        trap.seen().contains(&"remote".to_owned()),
        "{:?}",
        trap.seen()
    );
}

/// Without this, a trap that can't spring would prove nothing.
#[tokio::test]
async fn git_as_anybody_runs_it_springs_the_trap() {
    let trap = Trap::new().await;
    let repo = trap.repo();
    let run = |args: &[&str]| {
        repo.try_git(args);
    };
    run(&["status"]);
    run(&["diff"]);
    run(&["st"]);
    run(&["commit", "-qam", "x"]);
    run(&["log", "-p"]);
    run(&["checkout", "-qf", "side"]);
    repo.write("a", "changed\n");
    run(&["diff"]);
    run(&["fetch"]);
    let sprung = trap.seen();
    for name in [
        "fsmonitor",
        "sub-fsmonitor",
        "external-diff",
        "diff-command",
        "textconv",
        "clean",
        "smudge",
        "alias",
        "remote",
        "hook-pre-commit",
        "hook-post-checkout",
        "hook-post-index-change",
        "hook-reference-transaction",
    ] {
        assert!(sprung.contains(&name.to_owned()), "{name}: {sprung:?}");
    }
}
