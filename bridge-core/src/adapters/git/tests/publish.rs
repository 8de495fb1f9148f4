//! A run's work as a branch: one commit, and nothing else is touched.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::adapters::git::publish::{BranchName, Publication, PublishError, publish};
use crate::adapters::git::shadow::{Carry, Shadow};
use crate::adapters::git::testing::{Repo, World, write};
use crate::domain::changes::ObjectId;

async fn branch(
    world: &World,
    repo: &Repo<'_>,
    shadow: &Shadow,
    name: &str,
) -> Result<ObjectId, PublishError> {
    let repository = repo.inspect().await;
    let taken = shadow.snapshot().await.unwrap();
    publish(&Publication {
        git: &world.git,
        shadow,
        repository: &repository,
        tree: &taken.tree,
        branch: &BranchName::parse(&world.git, name).await.unwrap(),
        message: "Make it better\n\nBecause it was worse.",
    })
    .await
}

/// A repository with a worktree in which something was changed.
async fn changed<'a>(world: &'a World, options: &[&str]) -> (Repo<'a>, Shadow) {
    let repo = world.init_with("shop", options);
    repo.write("a", "1\n").write("deep/b", "2\n").commit("one");
    let created = repo.worktree(1, Carry::Nothing).await.unwrap();
    write(&created.shadow, "a", "changed\n");
    write(&created.shadow, "new/c", b"\0new");
    fs::remove_file(created.shadow.files().join("deep/b")).unwrap();
    (repo, created.shadow)
}

#[tokio::test]
async fn a_branch_has_one_commit_and_nothing_else_is_touched() {
    let world = World::new().await;
    let (repo, shadow) = changed(&world, &[]).await;
    let witness = world.root.join("witness");
    for hook in [
        "reference-transaction",
        "post-commit",
        "pre-commit",
        "post-update",
    ] {
        let script = format!("#!/bin/sh\ntouch {}\n", witness.display());
        repo.write(format!(".git/hooks/{hook}"), script);
        repo.chmod(&format!(".git/hooks/{hook}"), 0o755);
    }
    repo.git(&["config", "core.hooksPath", ".git/hooks"]);
    let hooks_ran_before = fs::remove_file(&witness).is_ok();
    repo.write("a", "the person's\n");
    let before = world.listing(&repo.top);

    let commit = branch(&world, &repo, &shadow, "codex/better")
        .await
        .unwrap();
    let changed = before.changed(&world, &repo.top);
    let is_expected = |path: &PathBuf| {
        let path = path.strip_prefix(&repo.top).unwrap();
        let starts = ["objects", "refs/heads", "logs/refs/heads"];
        starts
            .iter()
            .any(|start| path.starts_with(format!(".git/{start}")))
            || path.ends_with(".git") && path.is_dir()
    };
    let odd: Vec<_> = changed
        .iter()
        .filter(|path| !is_expected(path) && !path.is_dir())
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    assert!(!witness.exists(), "{hooks_ran_before}");

    // Without the private repository it is all there.
    fs::remove_dir_all(world.root.join("state")).unwrap();
    let format = "--format=%H %P%n%an <%ae> %cn <%ce>%n%B";
    let shown = repo.git(&["log", "-1", format, "codex/better"]);
    let base = repo.git(&["rev-parse", "HEAD"]);
    let who = "Ann <ann@example.com>";
    let text = "Make it better\n\nBecause it was worse.";
    let expected = format!("{commit} {}\n{who} {who}\n{text}\n\n", base.trim());
    assert_eq!(shown, expected);
    let diff = ["diff", "--name-status", "main", "codex/better"];
    assert_eq!(repo.git(&diff), "M\ta\nD\tdeep/b\nA\tnew/c\n");
    assert_eq!(repo.git(&["fsck", "--full", "--strict"]), "");
    assert_eq!(repo.git(&["status", "--porcelain"]), " M a\n");
}

#[tokio::test]
async fn many_files_come_as_a_pack() {
    let world = World::new().await;
    let (repo, shadow) = changed(&world, &[]).await;
    for number in 0..300 {
        write(&shadow, format!("many/{number}"), format!("{number}\n"));
    }
    branch(&world, &repo, &shadow, "many").await.unwrap();
    let packs = fs::read_dir(repo.path(".git/objects/pack")).unwrap();
    let names = packs.map(|pack| pack.unwrap().file_name().into_string().unwrap());
    let mut ends: Vec<String> = names
        .map(|name| name.rsplit('.').next().unwrap().to_owned())
        .collect();
    ends.sort();
    assert!(
        ends.contains(&"pack".to_owned()) && ends.contains(&"idx".to_owned()),
        "{ends:?}"
    );
    assert!(
        ends.iter()
            .all(|end| ["pack", "idx", "rev"].contains(&end.as_str())),
        "{ends:?}"
    );
    assert_eq!(repo.git(&["fsck", "--full", "--strict"]), "");
    assert_eq!(
        repo.git(&["ls-tree", "-r", "--name-only", "many", "many/"])
            .lines()
            .count(),
        300
    );
}

#[tokio::test]
async fn other_kinds_of_repositories_take_a_branch_too() {
    for options in [&["--ref-format=reftable"][..], &["--object-format=sha256"]] {
        let world = World::new().await;
        let (known, _) = world.try_run(
            &world.root,
            &[&["init", "-q"], options, &["probe"]].concat(),
        );
        if !known {
            eprintln!("skipped: this git has no {options:?}");
            continue;
        }
        let (repo, shadow) = changed(&world, options).await;
        let commit = branch(&world, &repo, &shadow, "codex/better")
            .await
            .unwrap();
        assert_eq!(
            repo.git(&["rev-parse", "codex/better"]).trim(),
            commit.as_str()
        );
        assert_eq!(repo.git(&["fsck", "--full", "--strict"]), "");
        let again = branch(&world, &repo, &shadow, "codex/better").await;
        assert!(
            matches!(again, Err(PublishError::Exists { .. })),
            "{again:?}"
        );
        let below = branch(&world, &repo, &shadow, "codex/better/still").await;
        assert!(
            matches!(below, Err(PublishError::NameConflict { .. })),
            "{below:?}"
        );
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_and_the_branch_stays() {
    let world = World::new().await;
    let (repo, shadow) = changed(&world, &[]).await;
    repo.git(&["branch", "codex"]);
    repo.git(&["branch", "packed/x"]);
    repo.git(&["pack-refs", "--all"]);
    let references = repo.git(&["for-each-ref"]);
    let check = async |name: &str, expected: &str| {
        let refused = branch(&world, &repo, &shadow, name).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
        assert_eq!(repo.git(&["for-each-ref"]), references);
    };
    check("main", "the branch `main` exists already").await;
    check("codex", "the branch `codex` exists already").await;
    let conflict = "the branch `codex/x` can't be made, since there is `codex`";
    check("codex/x", conflict).await;
    let conflict = "the branch `packed` can't be made, since there is `packed/x`";
    check("packed", conflict).await;
    fs::write(repo.path(".git/refs/heads/new.lock"), "").unwrap();
    let locked = format!(
        "the branches of `{}` are locked by another git",
        repo.top.display()
    );
    check("new", &locked).await;
    fs::remove_file(repo.path(".git/refs/heads/new.lock")).unwrap();
    branch(&world, &repo, &shadow, "new").await.unwrap();
    assert_eq!(repo.git(&["symbolic-ref", "HEAD"]), "refs/heads/main\n");

    // A branch without a commit is the one that is checked out.
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/unborn"]);
    let refused = branch(&world, &repo, &shadow, "unborn").await.unwrap_err();
    assert_eq!(refused.to_string(), "the branch `unborn` exists already");
}

#[tokio::test]
async fn without_a_name_the_bridge_signs() {
    let world = World::new().await;
    let (repo, shadow) = changed(&world, &[]).await;
    for config in [
        "",
        "[user]\n\tname = <>\n\temail = x\n",
        "[user]\n\temail = x@y\n",
    ] {
        fs::write(world.root.join("home/.gitconfig"), config).unwrap();
        let name = format!("b{}", config.len());
        branch(&world, &repo, &shadow, &name).await.unwrap();
        let who = repo.git(&["log", "-1", "--format=%an <%ae> %cn <%ce>", &name]);
        let bridge = "Codex Bridge <codex-bridge@localhost>";
        assert_eq!(who, format!("{bridge} {bridge}\n"));
    }
}

#[tokio::test]
async fn a_repository_that_lost_the_base_gets_no_branch() {
    let world = World::new().await;
    let (repo, shadow) = changed(&world, &[]).await;
    repo.git(&["commit", "--quiet", "--amend", "-m", "another"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "--quiet", "--prune=now"]);
    let refused = branch(&world, &repo, &shadow, "new").await;
    assert!(
        matches!(refused, Err(PublishError::BaseGone { .. })),
        "{refused:?}"
    );
    assert_eq!(
        repo.git(&["for-each-ref", "--format=%(refname)"]),
        "refs/heads/main\n"
    );
}

#[tokio::test]
async fn a_repository_that_cannot_be_written_is_said() {
    let world = World::new().await;
    let (repo, shadow) = changed(&world, &[]).await;
    // Permissions mean nothing to root, a read-only mount does.
    let git_dir = repo.path(".git");
    let mount = |args: &[&str]| {
        let mut mount = Command::new("mount");
        let done = mount.args(args).arg(&git_dir).output();
        done.is_ok_and(|done| done.status.success())
    };
    let bind = git_dir.display().to_string();
    let is_mounted = mount(&["--bind", &bind]);
    if is_mounted {
        assert!(mount(&["-o", "remount,bind,ro"]));
    } else if rustix::process::geteuid().is_root() {
        eprintln!("skipped: no mounts here");
        return;
    } else {
        let objects = repo.path(".git/objects");
        for entry in fs::read_dir(&objects).unwrap() {
            let path = entry.unwrap().path();
            fs::set_permissions(path, fs::Permissions::from_mode(0o555)).unwrap();
        }
        fs::set_permissions(objects, fs::Permissions::from_mode(0o555)).unwrap();
    }
    let refused = branch(&world, &repo, &shadow, "new").await;
    if is_mounted {
        let done = Command::new("umount").arg("-l").arg(&git_dir).status();
        assert!(done.unwrap().success());
    }
    assert!(
        matches!(refused, Err(PublishError::NotWritable { .. })),
        "{refused:?}"
    );
}
