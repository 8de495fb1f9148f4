//! Changes are brought back into repositories of all kinds.

use std::fs;

use crate::adapters::git::apply::{Applied, ApplyError, Order, apply, recover};
use crate::adapters::git::shadow::{Carry, Shadow};
use crate::adapters::git::testing::{Repo, World, run_id, write};
use crate::domain::run::Timestamp;

async fn order(world: &World, repo: &Repo<'_>, shadow: &Shadow) -> Order {
    let taken = shadow.snapshot().await.unwrap();
    let repository = repo.inspect().await;
    Order {
        run: run_id(1),
        changes: shadow.changes(&taken).await.unwrap(),
        shadow: shadow.clone(),
        head: repository.head.commit().cloned(),
        repository,
        journals: world.root.join("state/applies"),
        now: Timestamp(0),
    }
}

#[tokio::test]
async fn a_worktree_of_the_person_takes_changes_and_the_repository_does_not_notice() {
    let world = World::new().await;
    let main = world.init("main");
    main.write("a", "1\n").commit("one");
    main.git(&["worktree", "add", "--quiet", "../other"]);
    let other = world.at("other");
    let shadow = other.worktree(1, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "a", "2\n");
    write(&shadow, "new/b", "b\n");
    let order = order(&world, &other, &shadow).await;
    let before = world.listing(&main.top);
    assert_eq!(
        apply(order).await.unwrap(),
        Applied {
            files: 2,
            already: 0
        }
    );
    let changed = before.changed(&world, &main.top);
    assert!(changed.iter().all(|path| path.is_dir()), "{changed:?}");
    assert_eq!(other.git(&["status", "--porcelain"]), " M a\n?? new/\n");
    assert_eq!(fs::read(other.path("new/b")).unwrap(), b"b\n");
    assert_eq!(main.git(&["status", "--porcelain"]), "");
}

#[tokio::test]
async fn a_repository_with_longer_names_of_objects_takes_changes() {
    let world = World::new().await;
    let repo = world.init_with("long", &["--object-format=sha256"]);
    repo.write("a", "1\n").link("l", "a").commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    write(&shadow, "a", "2\n");
    fs::remove_file(shadow.files().join("l")).unwrap();
    let order = order(&world, &repo, &shadow).await;
    assert_eq!(apply(order).await.unwrap().files, 2);
    assert_eq!(repo.git(&["status", "--porcelain"]), " M a\n D l\n");
}

#[tokio::test]
async fn a_run_in_a_folder_below_the_top_changes_the_whole_repository() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("in/a", "1\n").write("b", "1\n").commit("one");
    let repository = world.inspect(&repo.path("in")).await.unwrap();
    let made = world.shadows();
    let run = run_id(1);
    let made = made.worktree(&run, &repository, Carry::Nothing).await;
    let shadow = made.unwrap().shadow;
    write(&shadow, "in/a", "2\n");
    write(&shadow, "b", "2\n");
    assert_eq!(
        apply(order(&world, &repo, &shadow).await)
            .await
            .unwrap()
            .files,
        2
    );
    assert_eq!(repo.git(&["status", "--porcelain"]), " M b\n M in/a\n");
}

#[tokio::test]
async fn two_runs_at_once_do_not_mix() {
    let world = World::new().await;
    let repo = world.init("shop");
    for number in 0..20 {
        repo.write(number.to_string(), "1\n");
    }
    repo.commit("one");
    let mut orders = Vec::new();
    for number in [1, 2] {
        let shadow = repo.worktree(number, Carry::Nothing).await.unwrap().shadow;
        for file in 0..20 {
            write(&shadow, file.to_string(), format!("run {number}\n"));
        }
        let order = order(&world, &repo, &shadow).await;
        let run = run_id(number);
        orders.push(Order { run, ..order });
    }
    let [one, two] = <[Order; 2]>::try_from(orders).unwrap_or_else(|_| unreachable!());
    let (one, two) = tokio::join!(apply(one), apply(two));
    // The second finds the changes of the first.
    let expected = match (&one, &two) {
        (Ok(_), Err(ApplyError::Conflicts { .. })) => "run 1\n",
        (Err(ApplyError::Conflicts { .. }), Ok(_)) => "run 2\n",
        _ => panic!("{one:?} {two:?}"),
    };
    for file in 0..20 {
        let text = fs::read_to_string(repo.path(file.to_string())).unwrap();
        assert_eq!(text, expected);
    }
    assert!(!repo.path(".git/codex-bridge").exists());
    let recovery = recover(&world.root.join("state/applies")).unwrap();
    assert!(recovery.ended.is_empty() && recovery.stuck.is_empty());
}
