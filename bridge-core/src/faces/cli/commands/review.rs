//! `review`: lets Codex review changes in a git repository.

use std::path::Path;

use crate::faces::cli::args::ReviewArgs;
use crate::faces::cli::commands::run::{Show, absolute, caller, present, prompt};
use crate::faces::cli::fault::{Exit, Fault};
use crate::use_cases::bridge::{Bridge, ReviewRequest, TargetKind};

/// Starts a review.
pub(super) async fn review(bridge: &Bridge, args: ReviewArgs) -> Result<Exit, Fault> {
    let show = Show::of(args.detach, args.json);
    let request = request(args)?;
    let started = bridge.start_review(caller(), request).await?;
    present(bridge, started.run, show).await
}

fn request(args: ReviewArgs) -> Result<ReviewRequest, Fault> {
    Ok(ReviewRequest {
        working_dir: Some(absolute(args.dir.as_deref().unwrap_or(Path::new(".")))?),
        target: args.uncommitted.then_some(TargetKind::Uncommitted),
        base: args.base,
        commit: args.commit,
        instructions: args.instructions.map(prompt).transpose()?,
        model: args.model,
        effort: args.effort,
        timeout: args.timeout,
        persist: !args.no_persist,
        title: args.title,
        request_id: None,
    })
}
