//! The account's limits: what a run heard of them is noted for all, and a run in the queue may wait until they are open.

use crate::adapters::store::StoreError;
use crate::domain::bounds::Clip;
use crate::domain::error::ErrorCode;
use crate::domain::event::{EventBody, Notice};
use crate::domain::quota::{Quota, Window};
use crate::domain::run::{Progress, Timestamp};
use crate::domain::state::{Outcome, RunState};
use crate::use_cases::quota::{moment, sentence};
use crate::use_cases::supervisor::ledger::Ledger;
use crate::use_cases::supervisor::life::Life;

impl Life {
    /// Notes what was heard, and says in the run what is worth a word.
    pub(super) async fn note_limits(
        &self,
        windows: Option<Vec<Window>>,
        state: RunState,
        ledger: &mut Ledger,
    ) {
        let refused = state == RunState::Ended(Outcome::Failed(ErrorCode::UsageLimit));
        if windows.is_none() && !refused {
            return;
        }
        let at = self.clock.now();
        let quota = Quota {
            at,
            windows: windows.unwrap_or_default(),
            refused,
        };
        if let Some(window) = quota.tightest(at).filter(Window::is_short) {
            ledger.notice(at, Notice::Quota, &sentence(&window));
        }
        if let Err(error) = self.store.set_quota(&quota).await {
            tracing::warn!(run = %self.run(), %error, "can't note the account's limits");
        }
    }

    /// Whether the run has to wait because the account's limit is reached and the person wants that. It says so, once
    /// for each time at which the limit ends.
    pub(super) async fn has_to_wait(
        &self,
        said: &mut Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        if !self.settings.config.wait_for_quota {
            return Ok(false);
        }
        let now = self.clock.now();
        let quota = self.store.quota().await?;
        let Some(until) = quota.and_then(|quota| quota.closed_until(now)) else {
            return Ok(false);
        };
        if *said != Some(until) {
            let text = format!(
                "the account's limit is reached; the run waits until {}",
                moment(until)
            );
            let text = self.settings.scrubber.scrub(&text);
            let notice = EventBody::Notice {
                about: Notice::Quota,
                text: Clip::new(text.clone(), self.settings.config.run.event_text),
            };
            let progress = Progress {
                activity: Some(text),
                ..Progress::default()
            };
            self.store
                .append(self.run(), vec![(now, notice)], progress)
                .await?;
            *said = Some(until);
        }
        Ok(true)
    }
}
