//! Real MCP clients, of both protocol eras: each delegates a task to the real Codex, follows it and reads the result.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use codex_bridge_tests::scene::{Codex, Scene, program, workspace};
use rmcp::ClientHandler;
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, GetPromptRequestParams,
    Implementation, ProtocolVersion, ReadResourceRequestParams, ResourceContents,
    ResourceUpdatedNotificationParam, ServerNotification, SubscribeRequestParams,
    SubscriptionFilter,
};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _, NotificationContext, RoleClient};
use rmcp::transport::TokioChildProcess;
use serde_json::{Value, json};
use tokio::sync::mpsc;

const LIMIT: Duration = Duration::from_secs(120);
const PROMPT: &str = "MOCK:answer hello from the other side";
const MESSAGE: &str = "hello from the other side";
const NEWEST: &str = "0.169.0";
const TOOLS: [&str; 12] = [
    "codex_cancel_run",
    "codex_continue_run",
    "codex_doctor",
    "codex_finish_run",
    "codex_get_changes",
    "codex_get_run",
    "codex_get_run_updates",
    "codex_list_runs",
    "codex_resume_session",
    "codex_review_repo",
    "codex_run_task",
    "codex_steer_run",
];

const PROMPTS: [&str; 3] = ["delegate", "review_changes", "second_opinion"];

/// What a client's program needs, or `None` where the tests run without the clients from the package registries.
fn fetched(path: &Path) -> Option<PathBuf> {
    if std::env::var_os("CODEX_BRIDGE_TESTS_QUICK").is_some() {
        println!("not run: `scripts/test --quick` leaves out the clients from npm and PyPI");
        return None;
    }
    let path = workspace().join(path);
    let shown = path.display();
    assert!(path.exists(), "`{shown}` is missing: run scripts/test");
    Some(path)
}

/// Runs a client's program in a scene, and gives the JSON that it prints at its end.
fn seen_by(scene: &Scene, client: &Path, script: &str, how: &str) -> Value {
    let mut command = Command::new(client);
    command
        .arg(workspace().join("tests/clients").join(script))
        .arg(program("codex-bridge-mcp"))
        .arg(scene.work())
        .args([PROMPT, how])
        .env_clear()
        .envs(scene.env())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().expect("the client starts");
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Output {
        status,
        stdout,
        stderr,
    } = receiver.recv_timeout(LIMIT).expect("it ends").unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{script} {how}: {status}\n{stderr}");
    // AJV says so of a format or word that it does not know.
    assert!(
        !stderr.contains("unknown format"),
        "{script} {how}: {stderr}"
    );
    assert!(!stderr.contains("strict mode"), "{script} {how}: {stderr}");
    serde_json::from_slice(&stdout).expect("one JSON object")
}

fn check(scene: &Scene, seen: &Value, client: &str) {
    assert_eq!(seen["tools"], json!(TOOLS), "{seen}");
    let resources = seen["resources"].as_array().unwrap();
    for uri in ["codex://runs", "codex://status"] {
        assert!(resources.contains(&json!(uri)), "{uri} is not in {seen}");
    }
    assert_eq!(seen["state"], "succeeded", "{seen}");
    assert_eq!(seen["message"], MESSAGE, "{seen}");
    assert_eq!(seen["resource"], MESSAGE, "{seen}");
    assert_eq!(seen["refused"], true, "{seen}");
    assert!(seen["events"].as_u64().unwrap() > 3, "{seen}");
    let run = seen["run_id"].as_str().unwrap();
    assert_eq!(seen["updated"], format!("codex://runs/{run}/events"));
    assert_eq!(seen["prompts"], json!(PROMPTS), "{seen}");
    assert_eq!(seen["picked"], true, "{seen}");
    assert_eq!(seen["completed"], json!([run]), "{seen}");
    // The client has gone, and the run is there for the next one.
    let run = scene.sidecar().get_run(run);
    assert_eq!(run["message"], MESSAGE);
    assert_eq!(run["client"]["name"], client);
}

#[test]
fn the_first_typescript_client_delegates_follows_and_reads() {
    let Some(_) = fetched(Path::new(
        "tests/clients/node/node_modules/@modelcontextprotocol/sdk",
    )) else {
        return;
    };
    let scene = Scene::new(&Codex::Real(NEWEST));
    let seen = seen_by(&scene, Path::new("node"), "node/v1.mjs", "legacy");
    check(&scene, &seen, "typescript-v1");
}

#[test]
fn the_second_typescript_client_delegates_follows_and_reads_in_each_era() {
    let Some(_) = fetched(Path::new(
        "tests/clients/node/node_modules/@modelcontextprotocol/client",
    )) else {
        return;
    };
    let scene = Scene::new(&Codex::Real(NEWEST));
    for how in ["legacy", "auto", "2026-07-28"] {
        let seen = seen_by(&scene, Path::new("node"), "node/v2.mjs", how);
        check(&scene, &seen, "typescript-v2");
    }
}

#[test]
fn the_python_client_delegates_follows_and_reads_in_each_era() {
    let Some(python) = fetched(Path::new("target/tools/python/bin/python")) else {
        return;
    };
    let scene = Scene::new(&Codex::Real(NEWEST));
    for how in ["legacy", "auto", "2026-07-28"] {
        let seen = seen_by(&scene, &python, "python/follow.py", how);
        check(&scene, &seen, "mcp");
    }
}

#[tokio::test]
async fn the_rust_client_delegates_follows_and_reads_in_each_era() {
    let scene = Scene::new(&Codex::Real(NEWEST));
    let discover = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    let auto = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: None,
    };
    for mode in [ClientLifecycleMode::Initialize, discover, auto] {
        let seen = tokio::time::timeout(LIMIT, seen_by_rust(&scene, mode))
            .await
            .expect("it ends");
        check(&scene, &seen, "rust");
    }
}

/// A client that keeps what it is told in the way of the protocols of 2025.
struct Ear {
    config: ClientConfig,
    heard: mpsc::UnboundedSender<String>,
}

impl ClientHandler for Ear {
    fn get_info(&self) -> ClientConfig {
        self.config.clone()
    }

    async fn on_resource_updated(
        &self,
        params: ResourceUpdatedNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.heard.send(params.uri).ok();
    }
}

async fn seen_by_rust(scene: &Scene, mode: ClientLifecycleMode) -> Value {
    let mut command = tokio::process::Command::new(program("codex-bridge-mcp"));
    command.arg("serve").env_clear().envs(scene.env());
    let transport = TokioChildProcess::new(command).unwrap();
    let config = ClientConfig::new(
        ClientCapabilities::default(),
        Implementation::new("rust", "1"),
    );
    let (heard, mut updates) = mpsc::unbounded_channel();
    let is_legacy = mode == ClientLifecycleMode::Initialize;
    let ear = Ear { config, heard };
    let client = ear.serve_with_lifecycle(transport, mode).await.unwrap();
    let call = async |name: &'static str, arguments: Value| {
        let mut params = CallToolRequestParams::new(name);
        params.arguments = arguments.as_object().cloned();
        client.call_tool(params).await.unwrap()
    };
    let content = |result: rmcp::model::CallToolResult| {
        assert_ne!(result.is_error, Some(true), "{result:?}");
        result.structured_content.unwrap()
    };
    let tools = client.list_all_tools().await.unwrap();
    let resources = client.list_all_resources().await.unwrap();
    let arguments = json!({"prompt": PROMPT, "working_dir": scene.work()});
    let started = content(call("codex_run_task", arguments).await);
    let run = started["run_id"].as_str().unwrap();
    let watched = format!("codex://runs/{run}/events");
    let mut subscription = None;
    if is_legacy {
        let params = SubscribeRequestParams::new(&watched);
        #[expect(deprecated, reason = "the only way in the protocols of 2025")]
        client.subscribe(params).await.unwrap();
    } else {
        let filter = SubscriptionFilter::builder().resource_subscription(&watched);
        subscription = Some(client.listen(filter.build()).await.unwrap());
    }
    let (mut cursor, mut events, mut is_final) = (json!(0), 0, false);
    while !is_final {
        let arguments = json!({"run_id": run, "cursor": cursor, "wait_s": 20});
        let page = content(call("codex_get_run_updates", arguments).await);
        cursor = page["next_cursor"].clone();
        events += page["events"].as_array().unwrap().len();
        is_final = page["is_final"] == true && page["more"] == false;
    }
    let read = content(call("codex_get_run", json!({"run_id": run})).await);
    let uri = format!("codex://runs/{run}/message");
    let message = client
        .read_resource(ReadResourceRequestParams::new(uri))
        .await
        .unwrap();
    let Some(ResourceContents::TextResourceContents { text, .. }) = message.contents.first() else {
        panic!("no text in {message:?}");
    };
    let refused = call("codex_get_run", json!({"run_id": "nonsense"})).await;
    let updated = match &mut subscription {
        Some(subscription) => match subscription.next().await.unwrap() {
            Some(ServerNotification::ResourceUpdatedNotification(told)) => told.params.uri,
            other => panic!("{other:?}"),
        },
        None => updates.recv().await.unwrap(),
    };
    let prompts = client.list_all_prompts().await.unwrap();
    let given = json!({"task": "tidy up", "working_dir": scene.work()});
    let params =
        GetPromptRequestParams::new("delegate").with_arguments(given.as_object().unwrap().clone());
    let picked = client.get_prompt(params).await.unwrap();
    let picked = serde_json::to_string(&picked.messages).unwrap();
    let end = &run[run.len() - 6..];
    let completed = client
        .complete_resource_simple("codex://runs/{id}", "id", end)
        .await
        .unwrap();
    let mut prompts: Vec<_> = prompts.into_iter().map(|prompt| prompt.name).collect();
    prompts.sort();
    let mut names: Vec<_> = tools.iter().map(|tool| tool.name.to_string()).collect();
    names.sort();
    let seen = json!({
        "tools": names,
        "resources": resources.iter().map(|resource| resource.uri.clone()).collect::<Vec<_>>(),
        "events": events,
        "run_id": run,
        "state": read["state"],
        "message": read["message"],
        "resource": text,
        "refused": refused.is_error,
        "updated": updated,
        "prompts": prompts,
        "picked": picked.contains(scene.work().to_str().unwrap()),
        "completed": completed,
    });
    client.cancel().await.unwrap();
    seen
}
