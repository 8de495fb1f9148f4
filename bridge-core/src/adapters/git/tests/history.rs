//! Commits by name, branches, and what two commits have in common.

use crate::adapters::git::conventions::ObjectFormat;
use crate::adapters::git::diff::Between;
use crate::adapters::git::objects::{Front, Objects};
use crate::adapters::git::repository::Repository;
use crate::adapters::git::shadow::Carry;
use crate::adapters::git::testing::{Repo, World, run_id, tell, write};
use crate::domain::changes::{LeftOuts, ObjectId};

fn objects(world: &World, repository: &Repository) -> Objects {
    let front = Front {
        folder: &world.root.join("front"),
        objects: &repository.object_dir(),
        common_dir: &repository.common_dir,
        format: ObjectFormat::Sha1,
    };
    Objects::lay_out(&world.git, &front).unwrap()
}

async fn id(repo: &Repo<'_>, git: &crate::adapters::git::program::Git, name: &str) -> ObjectId {
    repo.inspect().await.revision(git, name).await.unwrap()
}

#[tokio::test]
async fn a_commit_is_found_by_any_of_its_names_and_by_nothing_else() {
    let world = World::new().await;
    let repo = world.init("shop");
    let one = repo.write("a", "1").commit("one");
    repo.git(&["tag", "-m", "first", "v1"]);
    repo.git(&["tag", "-m", "a file", "file", "HEAD:a"]);
    repo.git(&["update-ref", "refs/heads/-odd", "HEAD"]);
    repo.write("a", "2").commit("two");
    let found = repo.inspect().await;
    for name in ["v1", "HEAD~1", "main^", &one[..8], &one, "refs/tags/v1"] {
        let id = found.revision(&world.git, name).await.unwrap();
        assert_eq!(id.as_str(), one, "{name}");
    }
    let check = async |name: &str, expected: &str| {
        let said = found
            .revision(&world.git, name)
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(
            said.replace(&world.root.display().to_string(), "~"),
            expected
        );
    };
    check("nope", "there is no commit `nope` in `~/shop`").await;
    check("file", "there is no commit `file` in `~/shop`").await;
    check(
        "main^{tree}",
        "there is no commit `main^{tree}` in `~/shop`",
    )
    .await;
    check("main^!", "there is no commit `main^!` in `~/shop`").await;
    check(
        "-odd",
        "`-odd` is no name of a commit: it begins like an option",
    )
    .await;
    check(
        "--all",
        "`--all` is no name of a commit: it begins like an option",
    )
    .await;
    check(
        "v1..main",
        "`v1..main` is no name of a commit: it means a range of commits",
    )
    .await;
    check(
        "HEAD:a",
        "`HEAD:a` is no name of a commit: it means a file in a commit",
    )
    .await;
}

#[tokio::test]
async fn branches_come_newest_first_and_bounded() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.commit("one");
    for (number, name) in ["a/old", "b", "c"].iter().enumerate() {
        let date = format!("2020-01-0{}T00:00:00Z", number + 1);
        repo.git(&["checkout", "-q", "--orphan", name]);
        repo.git(&[
            "-c",
            "user.name=x",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
            "--date",
            &date,
        ]);
    }
    repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    repo.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
    ]);
    let found = repo.inspect().await;
    let all = found.branches(&world.git, 100).await.unwrap();
    let mut names: Vec<&str> = all.iter().map(|branch| &branch.name[..]).collect();
    assert_eq!(names.pop(), Some("origin/main"));
    names.sort_unstable();
    assert_eq!(names, ["a/old", "b", "c", "main"]);
    let main = id(&repo, &world.git, "main").await;
    assert!(all.iter().any(|branch| branch.id == main));
    assert_eq!(found.branches(&world.git, 2).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_branch_is_compared_from_where_it_left() {
    let world = World::new().await;
    let repo = world.init("shop");
    repo.write("a", "1\n").commit("one");
    repo.git(&["checkout", "-q", "-b", "feature"]);
    repo.write("b", "new\n").commit("two");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("a", "2\n").commit("three");
    repo.git(&["checkout", "-q", "--orphan", "alone"]);
    repo.commit("four");
    let found = repo.inspect().await;
    let objects = objects(&world, &found);
    let [main, feature, alone] = [
        id(&repo, &world.git, "main").await,
        id(&repo, &world.git, "feature").await,
        id(&repo, &world.git, "alone").await,
    ];
    let base = objects.merge_base(&main, &feature).await.unwrap().unwrap();
    let between = Between {
        before: &base,
        after: &feature,
    };
    let set = objects.changes(between, LeftOuts::default()).await.unwrap();
    assert_eq!(tell(&set), "A 100644 \"b\" +1 -0\n");
    assert_eq!(objects.merge_base(&main, &alone).await.unwrap(), None);
    let missing = ObjectId::parse(&"ab".repeat(20)).unwrap();
    assert!(objects.merge_base(&main, &missing).await.is_err());
    let tree = repo.git(&["rev-parse", "main^{tree}"]);
    assert_eq!(objects.tree_of(&main).await.unwrap().as_str(), tree.trim());
    let empty = objects.empty_tree().await.unwrap();
    let between = Between {
        before: &empty,
        after: &alone,
    };
    let set = objects.changes(between, LeftOuts::default()).await.unwrap();
    assert_eq!(set.files.len(), 1);
}

#[tokio::test]
async fn five_thousand_changed_files_are_one_difference() {
    let world = World::new().await;
    let repo = world.init("shop");
    for number in 0..2500 {
        repo.write(
            format!("old/{}/{number}", number % 50),
            format!("{number}\n"),
        );
    }
    repo.commit("one");
    let shadow = repo.worktree(1, Carry::Nothing).await.unwrap().shadow;
    for number in 0..2500 {
        write(
            &shadow,
            format!("old/{}/{number}", number % 50),
            "changed\n",
        );
        write(
            &shadow,
            format!("new/{}/{number}", number % 50),
            format!("new {number}\n"),
        );
    }
    let now = shadow.snapshot().await.unwrap();
    let set = shadow.changes(&now).await.unwrap();
    assert_eq!(set.files.len(), 5000);
    let lines = set.files.iter().filter_map(|file| file.lines);
    assert_eq!(
        lines.map(|count| count.added + count.removed).sum::<u64>(),
        7500
    );
    let file = world.root.join("patch");
    let between = Between {
        before: &set.before,
        after: &set.after,
    };
    let length = shadow
        .objects()
        .write_patch(between, &file, 10 << 20)
        .await
        .unwrap();
    assert!(length > 500_000);
    world.shadows().remove(&run_id(1)).await.unwrap();
}
