//! What stands between rmcp and the server: `subscriptions/listen` is checked here, since rmcp acknowledges it before
//! it asks the server, and a wrong address is to be refused and not left out without a word.

use std::borrow::Cow;

use rmcp::model::{
    ClientNotification, ClientRequest, ErrorData, ProtocolVersion, ServerConfig, ServerResult,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, Service};

use crate::faces::mcp::server::{Server, guarded, is_modern};

/// The server as rmcp serves it.
pub(crate) struct Session(pub(crate) Server);

impl Service<RoleServer> for Session {
    async fn handle_request(
        &self,
        request: ClientRequest,
        mut context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        if let ClientRequest::SubscriptionsListenRequest(listen) = &request
            && is_modern(&context)
        {
            let subscriptions = self.0.subscriptions().clone();
            let asked = listen.params.notifications.clone();
            let prepared = guarded(Box::pin(async move { subscriptions.prepare(&asked).await }));
            let prepared = prepared.await??;
            context.extensions.insert(prepared);
        }
        self.0.handle_request(request, context).await
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.0.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        Service::get_info(&self.0)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Service::supported_protocol_versions(&self.0)
    }
}
