//! What Codex really did, read back from its own record when a run is over, and what follows where it differs.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::adapters::codex::session_log::{self, Recorded};
use crate::domain::applied::{Asked, Difference};
use crate::domain::error::{ErrorCode, Failure};
use crate::domain::id::{Persistence, ThreadId};
use crate::domain::quota::Window;
use crate::domain::run::Applied;
use crate::domain::scrub::{Scrubbed, Scrubber};
use crate::domain::state::Signal;
use crate::domain::task::Job;
use crate::use_cases::supervisor::launch::Ready;
use crate::use_cases::supervisor::order::Order;
use crate::use_cases::supervisor::verdict::Verdict;

/// What was read back, and in what it is not what was asked for.
#[derive(Debug, Default)]
pub(super) struct ReadBack {
    pub(super) applied: Option<Applied>,
    pub(super) differences: Vec<Difference>,
    /// What the service told of the account's limits.
    pub(super) limits: Option<Vec<Window>>,
}

/// Reads back what Codex recorded of the run's own turn. An ephemeral run leaves no record.
pub(super) fn read_back(
    order: &Order,
    ready: &Ready,
    thread: Option<&ThreadId>,
    scrubber: &Scrubber,
) -> ReadBack {
    let (Some(thread), Persistence::Stored) = (thread, order.run.persistence()) else {
        return ReadBack::default();
    };
    // The record of a new thread has nothing of others, whatever its clock says.
    let since = match order.job {
        Job::Task | Job::Review { .. } => None,
        Job::Resume { .. } => Some(ready.before),
    };
    let Some(record) = session_log::find(&ready.codex_home, thread) else {
        return ReadBack::default();
    };
    let Recorded {
        mut applied,
        limits,
    } = match session_log::applied(&record, since, scrubber) {
        Ok(recorded) => recorded,
        Err(error) => {
            tracing::info!(%thread, %error, "can't read Codex's record of the thread");
            return ReadBack::default();
        }
    };
    let folder = scrubber.scrub(&ready.folder.to_string_lossy());
    if let Some(used) = &applied.folder
        && *used != folder
        && is_same_folder(Path::new(used.as_str()), &ready.folder)
    {
        applied.folder = Some(folder.clone());
    }
    let asked = Asked {
        model: order.model.as_ref(),
        effort: order.effort.as_ref(),
        sandbox: order.sandbox,
        network: order.network,
        folder: &folder,
    };
    ReadBack {
        differences: asked.differences(&applied),
        applied: Some(applied),
        limits,
    }
}

impl ReadBack {
    /// The same with what was read back of the run's next process: what is worst counts.
    pub(super) fn and(mut self, mut later: ReadBack) -> ReadBack {
        let limits = later.limits.take().or(self.limits.take());
        let weight = |back: &ReadBack| {
            let looser = back.differences.iter().filter(|found| found.is_looser);
            let is_read = back.applied.is_some();
            (looser.count(), back.differences.len(), is_read)
        };
        if weight(&later) >= weight(&self) {
            std::mem::swap(&mut self, &mut later);
        }
        for difference in later.differences {
            if !self.differences.contains(&difference) {
                self.differences.push(difference);
            }
        }
        self.limits = limits;
        self
    }

    /// What a person is told of the differences.
    pub(super) fn sentence(&self) -> Option<String> {
        let what = list(self.differences.iter())?;
        Some(format!("Codex did otherwise than it was asked to: {what}"))
    }

    /// The verdict with regard to what was read back: a run that had more freedom than was asked for is no success,
    /// whatever came of it.
    pub(super) fn judge(&self, verdict: Verdict, scrubber: &Scrubber) -> Verdict {
        let looser = self.differences.iter().filter(|found| found.is_looser);
        match (list(looser), verdict.signal) {
            (Some(what), Signal::Finished) => {
                let failure = Failure {
                    code: ErrorCode::AppliedDiffers,
                    message: scrubber.scrub(&format!(
                        "{} It finished, but {what}.",
                        ErrorCode::AppliedDiffers.meaning()
                    )),
                    hint: Scrubbed::literal(
                        "Look at its events and changes for what it did. A configuration of Codex that stands above \
                         requests may be the reason, such as /etc/codex/managed_config.toml.",
                    ),
                };
                Verdict {
                    signal: Signal::Failed(failure.code),
                    failure: Some(failure),
                }
            }
            _ => verdict,
        }
    }
}

fn list<'a>(differences: impl Iterator<Item = &'a Difference>) -> Option<String> {
    let words: Vec<String> = differences.map(ToString::to_string).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// Whether two paths lead to one folder: names may differ in case and normal form.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::applied::Part;

    fn difference(part: Part, is_looser: bool) -> Difference {
        Difference {
            part,
            asked: "a".to_owned(),
            used: "b".to_owned(),
            is_looser,
        }
    }

    #[test]
    fn of_several_processes_the_worst_counts() {
        let back = |differences: &[Difference], is_read: bool| ReadBack {
            applied: is_read.then(|| Applied {
                network: Some(!differences.is_empty()),
                ..Applied::default()
            }),
            differences: differences.to_vec(),
            limits: None,
        };
        let other_model = difference(Part::Model, false);
        let looser = difference(Part::Network, true);
        let worst = || back(std::slice::from_ref(&looser), true);
        let mild = || back(std::slice::from_ref(&other_model), true);
        let check = |one: ReadBack, next: ReadBack, parts: &[Part], network: Option<bool>| {
            let both = one.and(next);
            let found: Vec<Part> = both.differences.iter().map(|found| found.part).collect();
            assert_eq!(found, parts);
            assert_eq!(both.applied.and_then(|applied| applied.network), network);
        };
        let (model, net) = (Part::Model, Part::Network);
        check(worst(), back(&[], true), &[net], Some(true));
        check(back(&[], true), worst(), &[net], Some(true));
        check(worst(), mild(), &[net, model], Some(true));
        check(mild(), mild(), &[model], Some(true));
        check(back(&[], true), back(&[], false), &[], Some(false));
        check(back(&[], false), back(&[], false), &[], None);
    }

    fn judged(differences: &[Difference], signal: Signal) -> (Signal, Option<String>) {
        let back = ReadBack {
            applied: None,
            differences: differences.to_vec(),
            limits: None,
        };
        let verdict = Verdict {
            signal,
            failure: None,
        };
        let verdict = back.judge(verdict, &Scrubber::builtin());
        let message = verdict
            .failure
            .map(|failure| failure.message.as_str().to_owned());
        (verdict.signal, message)
    }

    #[test]
    fn only_more_freedom_makes_a_failure_of_a_success() {
        let other_model = difference(Part::Model, false);
        let looser = difference(Part::Sandbox, true);
        let finished = Signal::Finished;
        assert_eq!(judged(&[], finished), (finished, None));
        assert_eq!(
            judged(std::slice::from_ref(&other_model), finished),
            (finished, None)
        );
        let failed = Signal::Failed(ErrorCode::AppliedDiffers);
        let message = "Codex gave the run more freedom than it was asked to. It finished, but the sandbox was `b`, \
                       not `a`.";
        let expected = (failed, Some(message.to_owned()));
        assert_eq!(judged(&[other_model, looser.clone()], finished), expected);
        // It has a reason of its own.
        let cut = Signal::Failed(ErrorCode::StreamCut);
        assert_eq!(judged(&[looser], cut), (cut, None));
    }
}
