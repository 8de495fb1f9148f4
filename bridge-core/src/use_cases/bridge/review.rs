//! Starts a review. All that can be wrong about what is to be reviewed is found here, before anything is started.

use std::path::Path;
use std::time::Duration;

use crate::domain::id::RunId;
use crate::domain::policy::Refusal;
use crate::domain::run::{Caller, RunKind, WorkspaceMode};
use crate::domain::task::{Job, Prompt, Sandbox};
use crate::platform::open_dir::{self, OpenDir};
use crate::use_cases::bridge::request::{Started, TaskRequest};
use crate::use_cases::bridge::start::{Act, Admitted, fingerprint, request_id};
use crate::use_cases::bridge::{Bridge, admit};
use crate::use_cases::error::Error;
use crate::use_cases::nested;
use crate::use_cases::review::{self, Code, TargetWish};
use crate::use_cases::settings::Settings;

/// The longest instructions, in bytes.
const LONGEST_INSTRUCTIONS: usize = 64 * 1024;

/// A review as a client asks for it; `None` takes the person's default.
#[derive(Clone, Debug)]
pub struct ReviewRequest {
    /// A folder of the repository.
    pub working_dir: Option<String>,
    /// What is reviewed; without it, what `base` or `commit` say, else the uncommitted changes.
    pub target: Option<TargetKind>,
    /// The branch or commit with which the present branch is compared.
    pub base: Option<String>,
    /// The commit that is reviewed.
    pub commit: Option<String>,
    /// What the person wants besides.
    pub instructions: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The effort.
    pub effort: Option<String>,
    /// The time limit.
    pub timeout: Option<Duration>,
    /// Whether the run is kept on disk.
    pub persist: bool,
    /// One line for lists.
    pub title: Option<String>,
    /// The client's name for the request: the same one never starts a second run.
    pub request_id: Option<String>,
}

/// What can be reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// All that is not committed.
    Uncommitted,
    /// What the present branch has and another one has not.
    Branch,
    /// One commit.
    Commit,
}

impl Bridge {
    /// Starts a review of a repository: in its folder, in a read-only sandbox and without a network, whatever the
    /// person's defaults are.
    pub async fn start_review(
        &self,
        caller: Caller,
        request: ReviewRequest,
    ) -> Result<Started, Error> {
        let settings = self.settings()?;
        if !request.persist {
            let begun = async {
                nested::refuse(self.host(), None).await?;
                let admitted = self.admit_review(&settings, &request).await?;
                self.start_ephemeral(&settings, caller.clone(), admitted)
                    .await
            };
            let result = begun.await;
            self.note_refused(&caller, "review_repo", &result).await;
            return result;
        }
        let store = self.store().await?;
        let begun = async {
            nested::refuse(self.host(), Some(&store)).await?;
            // What was asked for before is answered, though there may be nothing to review by now.
            if let Some(id) = request_id(request.request_id.as_deref())? {
                let before = store.answer_before(&caller.client, &id, fingerprint(&request));
                if let Some(before) = before.await? {
                    return self.answer(before).await;
                }
            }
            let admitted = self.admit_review(&settings, &request).await?;
            self.start_stored(&settings, &store, caller.clone(), admitted)
                .await
        };
        let result = begun.await;
        let act = Act {
            name: "review_repo",
            about: request.working_dir.as_deref().unwrap_or_default(),
        };
        self.audit_start(&settings, &store, caller, act, &result)
            .await;
        result
    }

    /// The lines that the findings of a review speak of. What is not there any more is left out.
    pub async fn review_code(&self, id: &RunId) -> Result<Vec<Code>, Error> {
        let run = self.run(id).await?;
        let Some(review) = &run.review else {
            return Ok(Vec::new());
        };
        let settings = self.settings()?;
        // Allowed when it was reviewed is not allowed now.
        let asked = Path::new(run.workspace.folder.as_str());
        let admitted = settings.config.roots.admit(asked, open_dir::resolve);
        let folder = admitted.map_err(Error::Folder)?;
        let folder = open(folder.path())?;
        Ok(review::code(self.host(), &settings, &folder, review).await?)
    }

    async fn admit_review(
        &self,
        settings: &Settings,
        request: &ReviewRequest,
    ) -> Result<Admitted, Error> {
        let wish = wish(request)?;
        let instructions = instructions(request.instructions.as_deref())?;
        let what = wish.in_words();
        let prompt = match &instructions {
            Some(instructions) => format!("Review {what}.\n\n{}", instructions.as_str()),
            None => format!("Review {what}."),
        };
        let mut task = admit::admit(&as_task(request, prompt), &settings.config)?;
        let path = task.work_dir.path();
        let folder = open(path)?;
        let target = review::resolve(self.host(), settings, &folder, wish).await?;
        // The supervisor looks again; here it counts that there is something to look at.
        let seen = review::begin(self.host(), settings, &folder, &target, None).await;
        drop(seen?);
        task.job = Job::Review {
            target,
            instructions,
        };
        Ok(Admitted {
            kind: RunKind::Review,
            task,
            title: Some(match &request.title {
                Some(title) if !title.trim().is_empty() => title.clone(),
                _ => format!("Review of {what}"),
            }),
            request_id: request_id(request.request_id.as_deref())?,
            fingerprint: fingerprint(request),
            continues: None,
            workspace: None,
        })
    }
}

fn open(path: &Path) -> Result<OpenDir, Error> {
    OpenDir::open(path).map_err(|source| {
        Error::Folder(Refusal::Unusable {
            path: path.to_owned(),
            source,
        })
    })
}

/// The same as a task, for all that both have in common.
fn as_task(request: &ReviewRequest, prompt: String) -> TaskRequest {
    TaskRequest {
        prompt,
        working_dir: request.working_dir.clone(),
        workspace: Some(WorkspaceMode::InPlace),
        carry_changes: None,
        sandbox: Some(Sandbox::ReadOnly),
        network: Some(false),
        web_search: Some(false),
        model: request.model.clone(),
        effort: request.effort.clone(),
        images: Vec::new(),
        output_schema: None,
        timeout: request.timeout,
        persist: request.persist,
        title: request.title.clone(),
        request_id: request.request_id.clone(),
    }
}

fn instructions(asked: Option<&str>) -> Result<Option<Prompt>, Error> {
    let Some(text) = asked.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let bad = |reason: String| Error::argument("instructions", reason);
    if text.len() > LONGEST_INSTRUCTIONS {
        let most = LONGEST_INSTRUCTIONS / 1024;
        return Err(bad(format!("they have more than {most} KiB")));
    }
    let prompt = Prompt::new(text.to_owned()).map_err(|error| bad(error.to_string()))?;
    Ok(Some(prompt))
}

/// What is to be reviewed, if the parameters agree about it.
fn wish(request: &ReviewRequest) -> Result<TargetWish, Error> {
    let (base, commit) = (request.base.clone(), request.commit.clone());
    let implied = match (&base, &commit) {
        (Some(_), _) => TargetKind::Branch,
        (None, Some(_)) => TargetKind::Commit,
        (None, None) => TargetKind::Uncommitted,
    };
    let refuse = |parameter, reason: &str| Err(Error::argument(parameter, reason.to_owned()));
    match (request.target.unwrap_or(implied), base, commit) {
        (TargetKind::Uncommitted, None, None) => Ok(TargetWish::Uncommitted),
        (TargetKind::Branch, Some(base), None) => Ok(TargetWish::Branch { base }),
        (TargetKind::Commit, None, Some(commit)) => Ok(TargetWish::Commit { commit }),
        (TargetKind::Branch, None, None) => refuse(
            "base",
            "it is missing; with target `branch` it has to be the branch to compare with, such as `main`",
        ),
        (TargetKind::Commit, None, None) => refuse(
            "commit",
            "it is missing; with target `commit` it has to be the commit to review, such as `HEAD`",
        ),
        (TargetKind::Uncommitted | TargetKind::Commit, Some(_), _) => {
            refuse("base", "it belongs to target `branch` only")
        }
        (TargetKind::Uncommitted | TargetKind::Branch, _, Some(_)) => {
            refuse("commit", "it belongs to target `commit` only")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: Option<TargetKind>, base: Option<&str>, commit: Option<&str>, expected: &str) {
        let request = ReviewRequest {
            working_dir: None,
            target,
            base: base.map(str::to_owned),
            commit: commit.map(str::to_owned),
            instructions: None,
            model: None,
            effort: None,
            timeout: None,
            persist: true,
            title: None,
            request_id: None,
        };
        let said = match wish(&request) {
            Ok(wish) => wish.in_words(),
            Err(error) => error.to_string().chars().take(20).collect(),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn the_parameters_have_to_agree_about_the_target() {
        use TargetKind::{Branch, Commit, Uncommitted};
        check(None, None, None, "the uncommitted changes");
        check(Some(Uncommitted), None, None, "the uncommitted changes");
        check(None, Some("main"), None, "the changes since `main`");
        check(Some(Branch), Some("main"), None, "the changes since `main`");
        check(None, None, Some("HEAD"), "the commit `HEAD`");
        check(Some(Commit), None, Some("HEAD"), "the commit `HEAD`");
        check(Some(Branch), None, None, "`base`: it is missin");
        check(Some(Commit), None, None, "`commit`: it is miss");
        check(Some(Commit), Some("main"), None, "`base`: it belongs t");
        check(
            Some(Uncommitted),
            Some("main"),
            None,
            "`base`: it belongs t",
        );
        check(
            Some(Branch),
            Some("main"),
            Some("x"),
            "`commit`: it belongs",
        );
        check(None, Some("main"), Some("x"), "`commit`: it belongs");
    }

    #[test]
    fn blank_instructions_are_none_and_long_ones_are_refused() {
        assert!(instructions(None).unwrap().is_none());
        assert!(instructions(Some(" \n")).unwrap().is_none());
        assert!(instructions(Some("look")).unwrap().is_some());
        assert!(instructions(Some(&"x".repeat(64 * 1024 + 1))).is_err());
    }
}
