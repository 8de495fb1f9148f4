//! A client that writes anything: the session answers in whole JSON-RPC messages, no request twice, and ends with its
//! input.
#![no_main]

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use bridge_core::domain::run::Timestamp;
use bridge_core::faces::mcp::serve;
use bridge_core::use_cases::bridge::Bridge;
use bridge_core::use_cases::host::Host;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

fuzz_target!(|input: &[u8]| {
    // The doctor starts programs to look at them: that is no work for a loop.
    if input.windows(6).any(|word| word == b"doctor") || input.windows(2).any(|two| two == b"\\u") {
        return;
    }
    thread_local!(static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() });
    RUNTIME.with(|runtime| {
        let runtime = runtime.get_or_init(|| {
            let mut builder = Builder::new_current_thread();
            builder
                .enable_all()
                .start_paused(true)
                .build()
                .expect("a runtime")
        });
        runtime.block_on(talk(input));
    });
});

async fn talk(input: &[u8]) {
    // A place where no folder can be made.
    let nowhere = PathBuf::from("/dev/null/nowhere");
    let bridge = Bridge::new(Host {
        env: BTreeMap::new(),
        home: nowhere.clone(),
        config_dir: nowhere.clone(),
        state_dir: nowhere.clone(),
        sidecar: nowhere,
        now: || Timestamp(0),
        random: || 7,
    });
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (mut output, mut to_server) = tokio::io::split(ours);
    let (from_client, to_client) = tokio::io::split(theirs);
    let server = tokio::spawn(serve(bridge, from_client, to_client));
    let text = input.to_vec();
    let writer = tokio::spawn(async move {
        let _ = to_server.write_all(&text).await;
        let _ = to_server.shutdown().await;
    });
    let mut answers = Vec::new();
    let read = output.read_to_end(&mut answers);
    tokio::time::timeout(Duration::from_secs(120), read)
        .await
        .expect("the session ends with its input")
        .expect("the pipe gives no error");
    server.await.expect("the session does not panic");
    writer.await.expect("the writer does not panic");
    let mut asked: HashMap<String, usize> = HashMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        if let Ok(Value::Object(message)) = serde_json::from_slice::<Value>(line)
            && let Some(id) = message.get("id")
        {
            *asked.entry(spelling(id)).or_default() += 1;
        }
    }
    assert!(
        answers.is_empty() || answers.ends_with(b"\n"),
        "whole lines"
    );
    for line in answers
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let message: Value = serde_json::from_slice(line).expect("every line is JSON");
        assert_eq!(message["jsonrpc"], "2.0");
        if let Some(id) = message
            .get("id")
            .filter(|id| !id.is_null() && message.get("method").is_none())
        {
            let left = asked.get_mut(&spelling(id)).filter(|left| **left > 0);
            *left.unwrap_or_else(|| panic!("nobody asked {id}")) -= 1;
        }
    }
}

/// An id as it comes back: to JSON, 1.0 is 1.
fn spelling(id: &Value) -> String {
    match id.as_f64() {
        Some(number) if id.is_f64() && number.fract() == 0.0 && number.abs() < 9e15 => {
            (number as i64).to_string()
        }
        _ => id.to_string(),
    }
}
