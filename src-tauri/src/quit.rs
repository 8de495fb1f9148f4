//! The end of the app. Runs need no app, so they are left alone unless the person says otherwise.
//!
//! There is one question, the system's own dialog: it is there whether a window is open or not, and whatever the page
//! in it does.

use std::time::Duration;

use bridge_core::domain::id::{Persistence, RunId};
use bridge_core::domain::state::Canceller;
use bridge_core::use_cases::bridge::{Bridge, Error, RunQuery};
use serde::Deserialize;
use tauri::async_runtime::spawn;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogResult};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::app::App;

/// How long the end waits for runs that are cancelled; longer than a run can resist.
const LAST: Duration = Duration::from_secs(12);

/// What becomes of runs that are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Live {
    /// They go on.
    Leave,
    /// They are cancelled.
    Cancel,
}

const LEAVE: [&str; 2] = ["Leave it running", "Leave them running"];
const CANCEL: [&str; 2] = ["Cancel it", "Cancel them"];
const STAY: &str = "Don’t quit";
const QUIT: &str = "Quit";

/// What is asked before the app ends.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    text: String,
    /// Whether there are runs that could be left running.
    can_leave: bool,
    /// Whether it is about more than one.
    of_many: bool,
}

impl Question {
    /// The question about runs that are not over; none where there are none.
    fn about(unfinished: &[RunId]) -> Option<Question> {
        let bound = (unfinished.iter())
            .filter(|id| id.persistence() == Persistence::Ephemeral)
            .count();
        let free = unfinished.len() - bound;
        let mut said = Vec::new();
        match free {
            0 => {}
            1 => said.push("1 run is under way. It needs no app to go on.".to_owned()),
            free => said.push(format!(
                "{free} runs are under way. They need no app to go on."
            )),
        }
        match bound {
            0 => {}
            1 => said.push("1 run is kept nowhere but in this app and ends with it.".to_owned()),
            bound => said.push(format!(
                "{bound} runs are kept nowhere but in this app and end with it."
            )),
        }
        (!said.is_empty()).then(|| Question {
            text: said.join("\n"),
            can_leave: free > 0,
            of_many: unfinished.len() > 1,
        })
    }

    /// The first is the one that Return stands for.
    fn buttons(&self) -> MessageDialogButtons {
        if self.can_leave {
            let number = usize::from(self.of_many);
            let words = [LEAVE[number], CANCEL[number], STAY];
            let [leave, cancel, stay] = words.map(str::to_owned);
            MessageDialogButtons::YesNoCancelCustom(leave, cancel, stay)
        } else {
            MessageDialogButtons::OkCancelCustom(QUIT.to_owned(), STAY.to_owned())
        }
    }
}

/// What an answer means; nothing is to stay, and so is a dialog that was only closed. Systems name the button or its
/// words.
fn meaning(answer: &MessageDialogResult) -> Option<Live> {
    match answer {
        MessageDialogResult::Yes | MessageDialogResult::Ok => Some(Live::Leave),
        MessageDialogResult::No => Some(Live::Cancel),
        MessageDialogResult::Cancel => None,
        MessageDialogResult::Custom(word) => match word.as_str() {
            QUIT => Some(Live::Leave),
            word if LEAVE.contains(&word) => Some(Live::Leave),
            word if CANCEL.contains(&word) => Some(Live::Cancel),
            _ => None,
        },
    }
}

/// Quits; asks first if something is not over. While it asks it does not ask again.
pub(crate) fn ask(app: &AppHandle) {
    let app = app.clone();
    spawn(async move {
        let state = app.state::<App>();
        let found = unfinished(&state.bridge).await;
        // What can't be read can't be asked about, and must not keep the app from ending.
        let unfinished = found.unwrap_or_else(|error| {
            tracing::warn!(%error, "the runs can't be read");
            Vec::new()
        });
        let Some(question) = Question::about(&unfinished) else {
            return now(&app, Live::Leave);
        };
        if state.begin_question() {
            show(&app, &question);
        }
    });
}

fn show(app: &AppHandle, question: &Question) {
    let asked = app.clone();
    app.dialog()
        .message(&question.text)
        .title("Quit Codex Bridge?")
        .buttons(question.buttons())
        .show_with_result(move |answer| {
            asked.state::<App>().end_question();
            if let Some(live) = meaning(&answer) {
                now(&asked, live);
            }
        });
}

/// Quits without a question.
pub(crate) fn now(app: &AppHandle, live: Live) {
    let app = app.clone();
    spawn(async move {
        clean_up(&app, live).await;
        app.exit(0);
    });
}

/// Ends what would outlive its owner. Can be asked twice.
pub(crate) async fn clean_up(app: &AppHandle, live: Live) {
    let state = app.state::<App>();
    state.closing.cancel();
    if live == Live::Cancel && timeout(LAST, cancel_all(&state.bridge)).await.is_err() {
        tracing::warn!("not all runs have ended in time");
    }
    state.bridge.close().await;
}

/// Cancels what is not over; first what waits for its turn, which would else come by the end of the others.
async fn cancel_all(bridge: &Bridge) {
    let unfinished = match unfinished(bridge).await {
        Ok(unfinished) => unfinished,
        Err(error) => return tracing::warn!(%error, "the runs can't be read"),
    };
    let mut ending = JoinSet::new();
    for id in unfinished {
        let bridge = bridge.clone();
        ending.spawn(async move {
            if let Err(error) = bridge.cancel_run(&id, Canceller::Person).await {
                tracing::warn!(run = %id, %error, "a run could not be cancelled");
            }
        });
    }
    ending.join_all().await;
}

/// The runs that are not over; those that wait for their turn come first.
async fn unfinished(bridge: &Bridge) -> Result<Vec<RunId>, Error> {
    let mut found = Vec::new();
    for states in [
        &["queued"][..],
        &["starting", "running", "waiting", "stopping"],
    ] {
        let mut query = RunQuery {
            states: states.iter().map(|state| (*state).to_owned()).collect(),
            limit: 200,
            ..RunQuery::default()
        };
        loop {
            let page = bridge.list_runs(query.clone()).await?;
            found.extend(page.runs.into_iter().map(|run| run.id));
            if page.next.is_none() {
                break;
            }
            query.cursor = page.next;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(free: u64, bound: u64) -> Vec<RunId> {
        let of = |kind| move |n| RunId::new(kind, n, n);
        let free = (0..free).map(of(Persistence::Stored));
        free.chain((0..bound).map(of(Persistence::Ephemeral)))
            .collect()
    }

    #[test]
    fn where_nothing_runs_nothing_is_asked() {
        assert_eq!(Question::about(&[]), None);
    }

    #[test]
    fn what_goes_on_without_the_app_can_be_left_and_what_does_not_is_named() {
        let check = |free, bound, can_leave, text: &str| {
            let question = Question::about(&ids(free, bound)).unwrap();
            assert_eq!(
                (question.can_leave, question.text.as_str()),
                (can_leave, text)
            );
        };
        check(1, 0, true, "1 run is under way. It needs no app to go on.");
        check(
            3,
            0,
            true,
            "3 runs are under way. They need no app to go on.",
        );
        check(
            0,
            1,
            false,
            "1 run is kept nowhere but in this app and ends with it.",
        );
        check(
            2,
            2,
            true,
            "2 runs are under way. They need no app to go on.\n\
             2 runs are kept nowhere but in this app and end with it.",
        );
    }

    #[test]
    fn to_leave_them_running_is_the_first_button_and_to_stay_the_last() {
        for (free, bound, number) in [(1, 0, 0), (2, 0, 1), (1, 1, 1)] {
            let buttons = Question::about(&ids(free, bound)).unwrap().buttons();
            let MessageDialogButtons::YesNoCancelCustom(yes, no, cancel) = buttons else {
                panic!("three buttons");
            };
            assert_eq!([yes, no, cancel], [LEAVE[number], CANCEL[number], STAY]);
        }
        let buttons = Question::about(&ids(0, 1)).unwrap().buttons();
        assert!(matches!(buttons, MessageDialogButtons::OkCancelCustom(quit, _) if quit == QUIT));
    }

    #[test]
    fn only_a_button_ends_the_app() {
        let word = |word: &str| MessageDialogResult::Custom(word.to_owned());
        for leaves in [
            MessageDialogResult::Yes,
            MessageDialogResult::Ok,
            word(LEAVE[0]),
            word(LEAVE[1]),
            word(QUIT),
        ] {
            assert_eq!(meaning(&leaves), Some(Live::Leave), "{leaves:?}");
        }
        for cancels in [MessageDialogResult::No, word(CANCEL[0]), word(CANCEL[1])] {
            assert_eq!(meaning(&cancels), Some(Live::Cancel), "{cancels:?}");
        }
        for stays in [MessageDialogResult::Cancel, word(STAY), word("")] {
            assert_eq!(meaning(&stays), None, "{stays:?}");
        }
    }
}
