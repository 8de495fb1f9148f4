//! A sidecar that this program starts and talks to, as any MCP client would.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion,
};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, RunningService};
use rmcp::transport::TokioChildProcess;
use serde_json::{Map, Value, json};

use crate::use_cases::self_test::trouble::Trouble;

/// The longest that a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// The longest that a call may take; the bridge itself answers within 45 s.
const CALL: Duration = Duration::from_secs(60);
/// How long the sidecar may take to end after its client has gone.
const CLOSE: Duration = Duration::from_secs(5);

/// How client and server get to know each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// By `initialize`, up to the protocol of 2025.
    Handshake,
    /// By `server/discover`, since 2026.
    Discovery,
}

/// A connected sidecar.
pub(super) struct Sidecar {
    client: RunningService<RoleClient, ClientConfig>,
    log: PathBuf,
}

impl Sidecar {
    /// Starts it and shakes hands.
    pub(super) async fn start(
        program: &Path,
        env: &BTreeMap<OsString, OsString>,
        log: &Path,
        era: Era,
    ) -> Result<Sidecar, Trouble> {
        let spawn = |source| Trouble::Spawn {
            program: program.to_owned(),
            source,
        };
        let mut command = tokio::process::Command::new(program);
        command.arg("serve").env_clear().envs(env);
        let (transport, _) = TokioChildProcess::builder(command)
            .stderr(log_file(log).map_err(spawn)?)
            .spawn()
            .map_err(spawn)?;
        let who = Implementation::new("codex-bridge-self-test", env!("CARGO_PKG_VERSION"));
        let config = ClientConfig::new(ClientCapabilities::default(), who);
        let mode = match era {
            Era::Handshake => ClientLifecycleMode::Initialize,
            Era::Discovery => ClientLifecycleMode::Discover {
                preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            },
        };
        let handshake = config.serve_with_lifecycle(transport, mode);
        let client = tokio::time::timeout(HANDSHAKE, handshake)
            .await
            .map_err(|_| Trouble::TooLong {
                what: "the handshake",
                limit: HANDSHAKE,
            })?
            .map_err(|error| Trouble::Handshake(Box::new(error)))?;
        Ok(Sidecar {
            client,
            log: log.to_owned(),
        })
    }

    /// The names of its tools.
    pub(super) async fn tools(&self) -> Result<Vec<String>, Trouble> {
        let tools = self.client.list_all_tools().await;
        let tools = tools.map_err(|error| self.unanswered("tools/list", error))?;
        Ok(tools
            .into_iter()
            .map(|tool| tool.name.into_owned())
            .collect())
    }

    /// Calls a tool.
    pub(super) async fn call(
        &self,
        tool: &'static str,
        arguments: Value,
    ) -> Result<Value, Trouble> {
        let arguments = match arguments {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        };
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        let answer = tokio::time::timeout(CALL, self.client.call_tool(params))
            .await
            .map_err(|_| Trouble::TooLong {
                what: tool,
                limit: CALL,
            })?
            .map_err(|error| self.unanswered(tool, error))?;
        let content = answer.structured_content.unwrap_or_default();
        if answer.is_error == Some(true) {
            return Err(Trouble::Refused {
                tool,
                message: text(&content, "/message"),
                hint: text(&content, "/hint"),
            });
        }
        Ok(content)
    }

    /// Stops a run.
    pub(super) async fn cancel(&self, run: &str) -> Result<Value, Trouble> {
        self.call("codex_cancel_run", json!({ "run_id": run }))
            .await
    }

    /// Ends the session as a client does, and waits until the process has gone.
    pub(super) async fn close(mut self) {
        match self.client.close_with_timeout(CLOSE).await {
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => tracing::warn!("the sidecar did not end in time"),
        }
    }

    /// What went wrong with a call, and the last words of the sidecar if it has any.
    fn unanswered(&self, tool: &'static str, error: rmcp::ServiceError) -> Trouble {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        if let Some(words) = log.lines().rfind(|line| !line.trim().is_empty()) {
            return Trouble::Unexpected(format!("`{tool}` was not answered: {error}; {words}"));
        }
        Trouble::Call {
            tool,
            source: Box::new(error),
        }
    }
}

/// A text in a JSON object; empty if there is none.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

fn log_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}
