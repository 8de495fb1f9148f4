//! What stands between rmcp and the server: `subscriptions/listen` is checked here, since rmcp acknowledges it before
//! it asks the server, and a wrong address is to be refused and not left out without a word.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use rmcp::model::{
    ClientNotification, ClientRequest, ErrorData, Implementation, ProtocolVersion, ServerConfig,
    ServerResult,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, Service};

use crate::faces::mcp::caller::caller;
use crate::faces::mcp::server::{Server, guarded, is_modern};

/// The server as rmcp serves it.
pub(crate) struct Session {
    server: Server,
    greeted: AtomicBool,
}

impl Session {
    /// The session of a server.
    pub(crate) fn new(server: Server) -> Session {
        Session {
            server,
            greeted: AtomicBool::new(false),
        }
    }

    /// Remembers who it is that has started us, once they have said so. The answer does not wait for that.
    fn greet(&self, client: Option<Implementation>) {
        if client.is_none() || self.greeted.swap(true, Ordering::Relaxed) {
            return;
        }
        let bridge = self.server.bridge().clone();
        tokio::task::spawn_blocking(move || {
            let caller = caller(client, bridge.host(), &bridge.scrubber());
            bridge.remember_hello(&caller);
        });
    }
}

impl Service<RoleServer> for Session {
    async fn handle_request(
        &self,
        request: ClientRequest,
        mut context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        if let ClientRequest::SubscriptionsListenRequest(listen) = &request
            && is_modern(&context)
        {
            let subscriptions = self.server.subscriptions().clone();
            let asked = listen.params.notifications.clone();
            let prepared = guarded(Box::pin(async move { subscriptions.prepare(&asked).await }));
            let prepared = prepared.await??;
            context.extensions.insert(prepared);
        }
        // The probe of a client that only asks which protocol we speak is no start.
        let is_probe = matches!(request, ClientRequest::DiscoverRequest(_));
        let client = context.client_info().filter(|_| !is_probe);
        let answer = self.server.handle_request(request, context).await;
        self.greet(client);
        answer
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.server.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        Service::get_info(&self.server)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Service::supported_protocol_versions(&self.server)
    }
}
