//! Single questions about commits, trees and files.

use std::collections::{BTreeSet, HashMap};

use crate::adapters::git::bytes;
use crate::adapters::git::command::{Answer, GitError};
use crate::adapters::git::objects::Objects;
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::Repository;
use crate::domain::changes::{Entry, FileMode, ObjectId, RepoPath};

/// So many paths are asked for at once.
const PATHS_AT_ONCE: usize = 200;

impl Repository {
    /// The commit of the branch that this branch follows, if that has commits which this one lacks.
    ///
    /// # Errors
    /// If git fails.
    pub async fn upstream_ahead(
        &self,
        git: &Git,
        name: &str,
        commit: &ObjectId,
    ) -> Result<Option<ObjectId>, GitError> {
        let Ok(upstream) = self.revision(git, &format!("{name}@{{upstream}}")).await else {
            return Ok(None);
        };
        let range = format!("{commit}..{upstream}");
        let call = self.call(git, "rev-list").args(["--max-count=1", &range]);
        let ahead = call.run_at(&self.toplevel).await?;
        Ok((!ahead.stdout.is_empty()).then_some(upstream))
    }

    /// The files that git keeps track of here.
    ///
    /// # Errors
    /// If git fails.
    pub async fn tracked(&self, git: &Git) -> Result<BTreeSet<Vec<u8>>, GitError> {
        let call = self.call(git, "ls-files").args(["--cached", "-z"]);
        let answer = call
            .work_tree(&self.toplevel)
            .run_at(&self.toplevel)
            .await?;
        Ok(bytes::fields(&answer.stdout).map(<[u8]>::to_vec).collect())
    }
}

impl Objects {
    /// The first commit before this one; `None` if history begins here.
    ///
    /// # Errors
    /// If git fails.
    pub async fn parent(&self, commit: &ObjectId) -> Result<Option<ObjectId>, GitError> {
        let call = self.call("rev-list").args(["--parents", "--max-count=1"]);
        let answer = self.run(call.arg(commit.as_str())).await?;
        let line = answer.stdout.trim_ascii_end();
        let parent = line.split(|byte| *byte == b' ').nth(1);
        Ok(parent.and_then(bytes::object_id))
    }

    /// How large these files are, as far as they are there.
    ///
    /// # Errors
    /// If git fails.
    pub async fn sizes(
        &self,
        ids: impl Iterator<Item = &ObjectId>,
    ) -> Result<HashMap<ObjectId, u64>, GitError> {
        let mut wanted = Vec::new();
        for id in ids {
            wanted.extend_from_slice(id.as_str().as_bytes());
            wanted.push(b'\n');
        }
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let call = self.call("cat-file");
        let call = call.arg("--batch-check=%(objectname) %(objectsize)");
        let answer = self.run(call.stdin(wanted)).await?;
        let read = |line: &[u8]| {
            let (id, size) = std::str::from_utf8(line).ok()?.split_once(' ')?;
            Some((ObjectId::parse(id)?, size.parse().ok()?))
        };
        let lines = answer.stdout.split(|byte| *byte == b'\n');
        Ok(lines.filter_map(read).collect())
    }

    /// What a commit or tree has at these paths; what it does not have is left out.
    ///
    /// # Errors
    /// If git fails.
    pub async fn entries(
        &self,
        tree: &ObjectId,
        paths: &[RepoPath],
    ) -> Result<HashMap<RepoPath, Entry>, GitError> {
        let mut found = HashMap::new();
        for some in paths.chunks(PATHS_AT_ONCE) {
            let call = self.call("ls-tree").args(["-z", "--full-tree"]);
            let mut call = call.arg(tree.as_str()).arg("--");
            for path in some {
                call = call.path(b"", path.as_bytes(), b"");
            }
            let answer = self.run(call).await?;
            // Where a folder and something in it are asked for, git tells of more than that.
            let entries = bytes::fields(&answer.stdout).filter_map(entry);
            found.extend(entries.filter(|(path, _)| some.contains(path)));
        }
        Ok(found)
    }

    /// The content of a file; `None` if it is larger than `max`.
    ///
    /// # Errors
    /// If git fails.
    pub async fn content(&self, id: &ObjectId, max: usize) -> Result<Option<Vec<u8>>, GitError> {
        let call = self.call("cat-file").args(["blob", id.as_str()]);
        let Answer { stdout, cut, .. } = self.run(call.start_of_output(max)).await?;
        Ok((!cut).then_some(stdout))
    }
}

/// A line of `ls-tree -z`: mode, kind, id, a tab, the path.
fn entry(line: &[u8]) -> Option<(RepoPath, Entry)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let mode = FileMode::parse(words.next()?)?;
    let id = ObjectId::parse(words.nth(1)?)?;
    let path = RepoPath::new(line[tab + 1..].to_vec()).ok()?;
    Some((path, Entry { mode, id }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::git::objects::Front;
    use crate::adapters::git::testing::World;

    fn path(path: &str) -> RepoPath {
        RepoPath::new(path.into()).unwrap()
    }

    #[tokio::test]
    async fn files_of_a_commit_are_found_by_their_exact_names() {
        let world = World::new().await;
        let repo = world.init("repo");
        repo.write("a.txt", "one\ntwo\n").write("d/*", "star");
        repo.write("d/b", "b").link("link", "a.txt");
        let first = ObjectId::parse(&repo.commit("first")).unwrap();
        repo.write("a.txt", "one\n").write("new", "");
        let second = ObjectId::parse(&repo.commit("second")).unwrap();
        let repository = repo.inspect().await;
        let front = world.root.join("front");
        let objects = Objects::lay_out(
            &world.git,
            &Front {
                folder: &front,
                objects: &repository.object_dir(),
                common_dir: &repository.common_dir,
                format: repository.conventions.format,
            },
        )
        .unwrap();
        let paths = ["a.txt", "d/*", "link", "d", "none"].map(path);
        let found = objects.entries(&first, &paths).await.unwrap();
        let mut names: Vec<_> = found.keys().map(RepoPath::to_text).collect();
        names.sort();
        assert_eq!(names, ["a.txt", "d/*", "link"]);
        assert_eq!(found[&path("link")].mode, FileMode::Symlink);
        let id = &found[&path("a.txt")].id;
        let content = objects.content(id, 100).await.unwrap();
        assert_eq!(content.as_deref(), Some(&b"one\ntwo\n"[..]));
        assert_eq!(objects.content(id, 3).await.unwrap(), None);
        let sizes = objects.sizes([id, &first].into_iter()).await.unwrap();
        assert_eq!(sizes[id], 8);
        assert_eq!(objects.parent(&second).await.unwrap(), Some(first.clone()));
        assert_eq!(objects.parent(&first).await.unwrap(), None);
        repo.write("untracked", "");
        let tracked = repository.tracked(&world.git).await.unwrap();
        assert!(tracked.contains(b"d/*".as_slice()) && !tracked.contains(b"untracked".as_slice()));
    }

    #[tokio::test]
    async fn an_upstream_counts_where_it_is_ahead() {
        let world = World::new().await;
        let repo = world.init("repo");
        let first = ObjectId::parse(&repo.write("a", "").commit("first")).unwrap();
        repo.git(&["checkout", "--quiet", "-b", "theirs"]);
        let second = ObjectId::parse(&repo.write("b", "").commit("second")).unwrap();
        repo.git(&["checkout", "--quiet", "main"]);
        let repository = repo.inspect().await;
        let ahead = async |commit: &ObjectId| {
            let ahead = repository.upstream_ahead(&world.git, "main", commit);
            ahead.await.unwrap()
        };
        assert_eq!(ahead(&first).await, None);
        repo.git(&["branch", "--quiet", "--set-upstream-to=theirs", "main"]);
        assert_eq!(ahead(&first).await, Some(second.clone()));
        assert_eq!(ahead(&second).await, None);
    }
}
