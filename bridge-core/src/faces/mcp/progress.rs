//! Progress notifications of a call that waits.

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};

use crate::faces::tools::wait::{Progress, Tell};

/// Tells the client under its name for the call.
pub(crate) fn tell(peer: Peer<RoleServer>, token: ProgressToken) -> Tell {
    Box::new(move |progress| {
        let Progress {
            elapsed,
            limit,
            activity,
        } = progress;
        let progress = ProgressNotificationParam::new(token.clone(), elapsed.as_secs_f64())
            .with_total(limit.as_secs_f64())
            .with_message(activity);
        let peer = peer.clone();
        Box::pin(async move {
            if let Err(error) = peer.notify_progress(progress).await {
                tracing::debug!(%error, "progress could not be sent");
            }
        })
    })
}
