//! Follows the files of MCP clients: tells of what a client lost, and does what waits for a client's end.

use std::collections::BTreeMap;

use bridge_core::use_cases::bridge::Bridge;
use bridge_core::use_cases::clients::{ClientNews, ClientRequest};
use tauri::async_runtime::{JoinHandle, spawn, spawn_blocking};
use tauri::{AppHandle, Manager as _};

use crate::app::App;
use crate::notices::{self, Notice};

/// The setting that switches notifications of what needs the person on and off.
const SWITCH: &str = "app.notify_waiting";

/// Looks after each change of such a file. Sleeps while nothing happens.
pub(crate) async fn follow(app: AppHandle) {
    let state = app.state::<App>();
    state.bridge.keep_program_link();
    let mut acts = state.acts();
    let mut known: Vec<ClientNews> = Vec::new();
    let mut waiting = Waiting::default();
    loop {
        // Watched first: what comes while we look is seen by the next look.
        let mut follower = state.bridge.follow_clients();
        match state.bridge.heed_clients().await {
            Ok(news) => {
                let fresh = fresh(&news, &known);
                tell(&state.bridge, fresh);
                known = news;
            }
            Err(error) => tracing::warn!(%error, "the clients can't be looked at"),
        }
        waiting.follow(&app);
        state.clients_changed();
        tokio::select! {
            () = follower.changed() => {}
            _ = acts.changed() => {}
            () = state.closing.cancelled() => return waiting.end(),
        }
    }
}

/// What was not known before and is worth a word: a client that lost its servers.
fn fresh(news: &[ClientNews], known: &[ClientNews]) -> Vec<Notice> {
    let fresh = news
        .iter()
        .filter(|one| one.is_lost && !known.contains(one));
    fresh
        .map(|one| Notice {
            title: one.what(),
            body:
                "The bridge is gone from its settings, with all other servers. Setup can repair it."
                    .to_owned(),
        })
        .collect()
}

fn tell(bridge: &Bridge, notices: Vec<Notice>) {
    let preferences = bridge.preferences().unwrap_or_default();
    let is_on = preferences
        .iter()
        .any(|setting| setting.key == SWITCH && setting.value == serde_json::Value::Bool(true));
    if is_on && !notices.is_empty() {
        drop(spawn_blocking(move || notices::show(&notices)));
    }
}

/// Changes that wait for the end of a client, each with its task.
#[derive(Default)]
struct Waiting {
    tasks: BTreeMap<String, (ClientRequest, JoinHandle<()>)>,
}

impl Waiting {
    /// Begins what is wished, and gives up what is not wished any more.
    fn follow(&mut self, app: &AppHandle) {
        let wishes = app.state::<App>().bridge.client_wishes();
        self.tasks.retain(|_, (request, task)| {
            let stays = wishes.contains(request);
            if !stays {
                task.abort();
            }
            stays
        });
        for wish in wishes {
            if !self.tasks.contains_key(&wish.client) {
                let task = spawn(carry_out(app.clone(), wish.clone()));
                self.tasks.insert(wish.client.clone(), (wish, task));
            }
        }
    }

    fn end(self) {
        for (_, task) in self.tasks.into_values() {
            task.abort();
        }
    }
}

async fn carry_out(app: AppHandle, wish: ClientRequest) {
    let state = app.state::<App>();
    let bridge = &state.bridge;
    let client = wish.client.clone();
    let done = bridge.change_client(wish).await;
    let notice = Notice {
        title: match done {
            Ok(_) => "The bridge’s entry is changed".to_owned(),
            Err(_) => "The bridge’s entry could not be changed".to_owned(),
        },
        body: bridge.told_of_wish(&client, &done),
    };
    tell(bridge, vec![notice]);
    // The follower sees that it is gone, and looks again.
    if let Err(error) = bridge.forget_client_wish(&client) {
        tracing::warn!(%error, "a wish that was fulfilled is still there");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_told_once() {
        let lost = |name, is_lost| ClientNews { name, is_lost };
        let both = [lost("One", true), lost("Two", false)];
        let titles = |known: &[ClientNews]| -> Vec<String> {
            let fresh = fresh(&both, known).into_iter();
            fresh.map(|notice| notice.title).collect()
        };
        assert_eq!(titles(&[]), ["One lost its servers"]);
        assert_eq!(titles(&both), [""; 0]);
        assert_eq!(titles(&[lost("One", false)]), ["One lost its servers"]);
    }
}
