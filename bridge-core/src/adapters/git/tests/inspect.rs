//! What is said of repositories of all kinds.

use std::fs;
use std::path::Path;

use crate::adapters::git::conventions::ObjectFormat;
use crate::adapters::git::repository::{Head, Operation, Repository};
use crate::adapters::git::testing::World;

#[tokio::test]
async fn a_plain_repository_is_described_from_any_folder_in_it() {
    let world = World::new().await;
    let repo = world.init("shop");
    let id = repo.write("src/a/x.rs", "x").commit("one");
    let found = world.inspect(&repo.path("src/a")).await.unwrap();
    let Head::Commit { id: head, branch } = &found.head else {
        panic!("{found:?}");
    };
    assert_eq!((head.as_str(), branch.as_deref()), (&id[..], Some("main")));
    assert_eq!(found.toplevel, repo.top);
    assert_eq!(found.prefix, Path::new("src/a"));
    assert_eq!(found.git_dir, repo.path(".git"));
    assert_eq!(found.object_dir(), repo.path(".git/objects"));
    assert!(!found.is_linked_worktree() && !found.shallow && !found.submodules);
    assert_eq!(found.operation, None);
}

#[tokio::test]
async fn what_is_no_repository_to_work_with_is_refused_with_the_reason() {
    let world = World::new().await;
    let check = async |folder: &str, expected: &str| {
        let refused = world.inspect(&world.root.join(folder)).await.unwrap_err();
        let said = refused
            .to_string()
            .replace(&world.root.display().to_string(), "~");
        assert_eq!(said, expected);
        assert!(!refused.hint().is_empty());
    };
    fs::create_dir(world.root.join("plain")).unwrap();
    check("plain", "`~/plain` is not in a git repository").await;
    world.run(&world.root, &["init", "-q", "--bare", "bare.git"]);
    let bare = "is in a bare git repository, which has no files to work on";
    check("bare.git", &format!("`~/bare.git` {bare}")).await;
    check("bare.git/refs", &format!("`~/bare.git/refs` {bare}")).await;
    let repo = world.init("shop");
    repo.commit("one");
    check(
        "shop/.git/refs",
        "`~/shop/.git/refs` is inside git's own folder",
    )
    .await;

    let gone = world.at("gone");
    gone.write(".git", "gitdir: ../nowhere\n");
    let said = "the git repository of `~/gone` can't be read: not a git repository: ";
    check("gone", &format!("{said}~/gone/../nowhere")).await;
    gone.write(".git", "rubbish");
    let said = "the git repository of `~/gone` can't be read: invalid gitfile format: ~/gone/.git";
    check("gone", said).await;
    let odd = world.init("odd");
    odd.write(".git/config", "[core\n");
    check(
        "odd",
        "the git repository of `~/odd` can't be read: bad config line 1 in file .git/config",
    )
    .await;
    let future = world.init("future");
    future.git(&["config", "core.repositoryFormatVersion", "9"]);
    let said = "Expected git repo version <= 1, found 9";
    check(
        "future",
        &format!("the git repository of `~/future` can't be read: {said}"),
    )
    .await;
    let lost = world.init("lost");
    lost.write(".git/refs/heads/main", format!("{}\n", "ab".repeat(20)));
    check(
        "lost",
        "the git repository of `~/lost` can't be read: HEAD leads to no commit",
    )
    .await;

    let elsewhere = world.init("elsewhere");
    elsewhere.git(&[
        "config",
        "core.worktree",
        world.root.join("plain").to_str().unwrap(),
    ]);
    let found = world.inspect(&world.root.join("plain")).await;
    assert!(found.is_err());
    check(
        "elsewhere",
        "the files of the git repository at `~/elsewhere` are in `~/plain`",
    )
    .await;
}

#[tokio::test]
async fn a_repository_of_another_user_is_refused_unless_the_person_trusts_it() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.commit("one");
    // Only the superuser can give a folder away, and git looks at the owner since 2.35.2.
    let given = std::os::unix::fs::chown(&repo.top, Some(12345), None);
    if given.is_err() || world.git.version().to_string().as_str() < "2.35.2" {
        return;
    }
    let refused = world.inspect(&repo.top).await.unwrap_err();
    let said = format!(
        "the git repository of `{}` belongs to another user",
        repo.top.display()
    );
    assert_eq!(refused.to_string(), said);
    let top = repo.top.to_str().unwrap();
    world.run(&world.root, &["config", "--global", "safe.directory", top]);
    repo.inspect().await;
}

#[tokio::test]
async fn an_unborn_head_and_a_detached_one_are_told_apart() {
    let world = World::new().await;
    let repo = world.init("shop");
    let unborn = Head::Unborn {
        branch: "main".to_owned(),
    };
    assert_eq!(repo.inspect().await.head, unborn);
    repo.commit("one");
    repo.git(&["checkout", "-q", "--detach"]);
    let head = repo.inspect().await.head;
    assert!(matches!(head, Head::Commit { branch: None, .. }));
    repo.git(&["checkout", "-q", "-b", "feature/é"]);
    let head = repo.inspect().await.head;
    assert!(matches!(head, Head::Commit { branch: Some(name), .. } if name == "feature/é"));
}

#[tokio::test]
async fn what_the_person_has_begun_is_named() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("base");
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.write("a", "2\n").commit("theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a", "3\n").commit("ours");
    let check = async |begin: &[&str], end: &[&str], expected: Operation| {
        repo.try_git(begin);
        assert_eq!(repo.inspect().await.operation, Some(expected), "{begin:?}");
        repo.git(end);
        assert_eq!(repo.inspect().await.operation, None, "{end:?}");
    };
    check(&["merge", "other"], &["merge", "--abort"], Operation::Merge).await;
    check(
        &["rebase", "other"],
        &["rebase", "--abort"],
        Operation::Rebase,
    )
    .await;
    let apply = &["rebase", "--apply", "other"];
    check(apply, &["rebase", "--abort"], Operation::Rebase).await;
    let pick = &["cherry-pick", "other"];
    check(pick, &["cherry-pick", "--abort"], Operation::CherryPick).await;
    let revert = &["revert", "--no-edit", "HEAD^"];
    check(revert, &["revert", "--abort"], Operation::Revert).await;
    check(
        &["bisect", "start"],
        &["bisect", "reset"],
        Operation::Bisect,
    )
    .await;
}

#[tokio::test]
async fn linked_worktrees_submodules_shallow_partial_and_sparse_repositories_are_noticed() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1").write("d/b", "2").commit("one");
    repo.write("a", "2").commit("two");
    repo.git(&["worktree", "add", "-q", "../side"]);
    let side = world.at("side").inspect().await;
    assert!(side.is_linked_worktree());
    assert_eq!(side.common_dir, repo.path(".git"));
    assert_eq!(side.object_dir(), repo.path(".git/objects"));

    let url = format!("file://{}", repo.top.display());
    world.run(&world.root, &["clone", "-q", "--depth=1", &url, "shallow"]);
    assert!(world.at("shallow").inspect().await.shallow);
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let partial = [
        "clone",
        "-q",
        "--no-checkout",
        "--filter=blob:none",
        &url,
        "partial",
    ];
    world.run(&world.root, &partial);
    assert!(world.at("partial").inspect().await.conventions.partial);

    repo.git(&["sparse-checkout", "set", "d"]);
    assert!(repo.inspect().await.conventions.sparse);
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        &url,
        "sub",
    ];
    world.at("side").git(&add);
    assert!(world.at("side").inspect().await.submodules);
    let sub = world.inspect(&world.root.join("side/sub")).await.unwrap();
    assert_eq!(sub.toplevel, world.root.join("side/sub"));
    assert!(sub.git_dir.starts_with(repo.path(".git")));
}

#[tokio::test]
async fn sha256_repositories_and_odd_folder_names_are_read() {
    let world = World::new().await;
    let repo = world.init_with("two\nlines \"é\"", &["--object-format=sha256"]);
    let id = repo.write("a", "1").commit("one");
    let found = repo.inspect().await;
    assert_eq!(
        found.head.commit().map(|id| id.as_str().to_owned()),
        Some(id)
    );
    assert_eq!(found.conventions.format, ObjectFormat::Sha256);
    assert_eq!(found.toplevel, repo.top);
}

#[tokio::test]
async fn a_git_file_may_lead_anywhere_and_says_so() {
    let world = World::new().await;
    let victim = world.init("victim");
    victim.write("secret", "s").commit("one");
    let trap = world.at("trap");
    let leads_to = format!("gitdir: {}\n", victim.path(".git").display());
    trap.write(".git", leads_to);
    let found: Repository = trap.inspect().await;
    assert_eq!(found.toplevel, trap.top);
    assert_eq!(found.git_dir, victim.path(".git"));
}
