//! Takes notifications in the place of a desktop, and keeps them.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::interface;
use zbus::zvariant::OwnedValue;

use crate::desk::LIMIT;

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who shows it.
    pub app: String,
    /// The headline.
    pub title: String,
    /// The rest.
    pub body: String,
}

/// What was shown.
pub struct Notices {
    shown: Receiver<Notice>,
    _bus: Connection,
}

struct Server(Sender<Notice>);

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        app_name: String,
        _replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let notice = Notice {
            app: app_name,
            title: summary,
            body,
        };
        // Nobody is there any more once the test is over.
        let _ = self.0.send(notice);
        1
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let own = |text: &str| text.to_owned();
        (own("desk"), own("tests"), own("1"), own("1.2"))
    }
}

impl Notices {
    pub(crate) fn serve(address: &str) -> Notices {
        let (sender, shown) = channel();
        let bus = Builder::address(address)
            .and_then(|bus| bus.name("org.freedesktop.Notifications"))
            .and_then(|bus| bus.serve_at("/org/freedesktop/Notifications", Server(sender)))
            .and_then(Builder::build)
            .expect("notifications can be served");
        Notices { shown, _bus: bus }
    }

    /// Waits for the next one.
    pub fn next(&self) -> Notice {
        let next = self.shown.recv_timeout(LIMIT);
        next.expect("a notification is shown")
    }

    /// The next one, if there is one already or within this time.
    pub fn within(&self, limit: Duration) -> Option<Notice> {
        self.shown.recv_timeout(limit).ok()
    }
}
