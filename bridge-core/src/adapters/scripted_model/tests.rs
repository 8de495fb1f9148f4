//! The scripted model seen by a client that speaks HTTP by hand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    Answer, Counters, Reply, Request, SELF_TEST_OUTPUT, ScriptedModel, Step, Usage, codex_config,
    message, reasoning, self_test_script,
};

const DEADLINE: Duration = Duration::from_secs(10);

fn open(port: u16, head: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    stream
}

fn ask(port: u16, head: &str, body: &Value) -> String {
    let mut answer = String::new();
    open(port, head, &body.to_string())
        .read_to_string(&mut answer)
        .unwrap();
    answer
}

fn post(port: u16, body: &Value) -> String {
    ask(port, "POST /v1/responses", body)
}

/// The data of all events, in order. Relies on each event being sent as one chunk.
fn events(answer: &str) -> Vec<Value> {
    let data = answer
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn kinds(answer: &str) -> Vec<String> {
    let kind = |event: Value| event["type"].as_str().unwrap().to_owned();
    events(answer).into_iter().map(kind).collect()
}

fn user(text: &str) -> Value {
    json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
}

fn request(body: Value) -> Request {
    Request::new(1, Vec::new(), body)
}

fn with_tools(tools: &Value) -> Request {
    request(json!({"model": "m", "tools": tools}))
}

fn wait_for(model: &ScriptedModel, wanted: impl FnMut(&Counters) -> bool) -> Counters {
    let mut counters = model.counters();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let waited = async { tokio::time::timeout(DEADLINE, counters.wait_for(wanted)).await };
    *runtime.block_on(waited).unwrap().unwrap()
}

#[test]
fn an_answer_arrives_as_events_in_good_order() {
    let model = ScriptedModel::start(|request| {
        Answer::to(request)
            .item(reasoning("hm"))
            .item(message("Hello."))
            .completed(Usage::SMALL)
    })
    .unwrap();
    let answer = post(model.port(), &json!({"model": "m", "input": "hi"}));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/event-stream\r\n"));
    assert_eq!(
        kinds(&answer),
        [
            "response.created",
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let events = events(&answer);
    let numbers: Vec<_> = events
        .iter()
        .map(|event| &event["sequence_number"])
        .collect();
    assert_eq!(numbers, (0..11).collect::<Vec<_>>());
    assert_eq!(events[10]["response"]["usage"]["total_tokens"], 1234);
    assert_eq!(events[10]["response"]["output"][1], events[9]["item"]);
    assert_eq!(
        *model.counters().borrow(),
        Counters {
            asked: 1,
            answered: 1,
            ..Counters::default()
        }
    );
}

#[test]
fn a_message_is_the_sum_of_its_deltas() {
    fn check(text: &str) {
        let reply = Answer::to(&request(json!({})))
            .item(message(text))
            .completed(Usage::SMALL);
        let Reply::Stream(steps) = reply else {
            panic!("{reply:?}")
        };
        let deltas: String = steps
            .iter()
            .filter_map(|step| match step {
                Step::Event(event) => event["delta"].as_str(),
                _ => None,
            })
            .collect();
        assert_eq!(deltas, text);
    }
    check("");
    check("short");
    check(&"größer als ein Stück – ".repeat(100));
}

#[test]
fn a_status_is_sent_as_given() {
    let model = ScriptedModel::start(|_| Reply::Status {
        code: 429,
        headers: vec![("retry-after".into(), "1".into())],
        body: "slow down".into(),
    })
    .unwrap();
    let answer = post(model.port(), &json!({}));
    assert!(
        answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n"),
        "{answer}"
    );
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    assert!(answer.contains("content-length: 9\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nslow down"), "{answer}");
    wait_for(&model, |counters| counters.answered == 1);
}

#[test]
fn a_cut_stream_has_no_last_chunk_but_all_that_came_before() {
    let model = ScriptedModel::start(|request| {
        Answer::to(request)
            .unfinished_message("half")
            .step(Step::Cut)
            .unended()
    })
    .unwrap();
    let answer = post(model.port(), &json!({}));
    assert!(answer.contains(r#""delta":"half""#), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
}

#[test]
fn raw_bytes_and_pauses_are_steps_like_any_other() {
    let pause = Duration::from_millis(30);
    let model = ScriptedModel::start(move |request| {
        Answer::to(request)
            .step(Step::Raw(b"data: {not json\n\n".to_vec()))
            .step(Step::Pause(pause))
            .growing_message(&["a".into(), "b".into()], pause)
            .completed(Usage::SMALL)
    })
    .unwrap();
    let start = Instant::now();
    let answer = post(model.port(), &json!({}));
    assert!(start.elapsed() >= pause * 3);
    assert!(answer.contains("data: {not json\n\n"), "{answer}");
    assert!(answer.ends_with("0\r\n\r\n"), "{answer}");
}

#[test]
fn a_client_that_goes_away_abandons_what_hangs() {
    fn check(reply: Reply) {
        let model = ScriptedModel::start(move |_| reply.clone()).unwrap();
        let client = open(model.port(), "POST /v1/responses", "{}");
        wait_for(&model, |counters| counters.in_flight == 1);
        drop(client);
        let counters = wait_for(&model, |counters| counters.in_flight == 0);
        assert_eq!(
            counters,
            Counters {
                asked: 1,
                abandoned: 1,
                ..Counters::default()
            }
        );
    }
    check(Reply::Silence);
    check(Reply::Stream(vec![Step::Hang]));
    check(Reply::Stream(vec![
        Step::Event(json!({"type": "response.created"})),
        Step::Hang,
    ]));
    check(Reply::Stream(vec![Step::Pause(Duration::from_secs(600))]));
}

#[test]
fn dropping_the_model_closes_what_is_open() {
    let model = ScriptedModel::start(|_| Reply::Silence).unwrap();
    let port = model.port();
    let mut client = open(port, "POST /v1/responses", "{}");
    wait_for(&model, |counters| counters.in_flight == 1);
    drop(model);
    let mut rest = Vec::new();
    // A reset is as good as an end.
    let _ = client.read_to_end(&mut rest);
    assert_eq!(rest, b"");
    // The port may be somebody else's by now, who does not know what the model was asked.
    if let Ok(mut other) = TcpStream::connect(("127.0.0.1", port)) {
        other
            .set_read_timeout(Some(Duration::from_millis(100)))
            .unwrap();
        let mut first = [0; 1];
        assert!(!matches!(other.read(&mut first), Ok(1)));
    }
}

#[test]
fn it_remembers_what_it_was_asked_but_no_whole_credential() {
    let model = ScriptedModel::start(|_| Reply::Stream(Vec::new())).unwrap();
    let head = "GET /v1/models?client_version=1";
    let models = ask(model.port(), head, &json!({}));
    assert!(
        models.ends_with(r#"{"data":[],"models":[],"object":"list"}"#),
        "{models}"
    );
    let mut client = open(
        model.port(),
        "POST /v1/responses HTTP/1.1\r\nauthorization: Bearer sk-0123456789\r\nx-ignored:",
        r#"{"model":"m","input":"hi"}"#,
    );
    client.read_to_end(&mut Vec::new()).unwrap();
    let requests = model.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("authorization"), Some("Bearer sk-01…"));
    assert_eq!(requests[0].model(), "m");
    assert_eq!(requests[0].last_user_text(), "hi");
    assert_eq!(model.other_requests(), ["GET /v1/models"]);
}

#[test]
fn what_it_cannot_read_is_refused_without_asking_the_script() {
    let model = ScriptedModel::start(|_| Reply::Silence).unwrap();
    let refused = |head: &str, body: &str| {
        let mut answer = String::new();
        open(model.port(), head, body)
            .read_to_string(&mut answer)
            .unwrap();
        answer.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        refused("POST /v1/responses", "{"),
        "HTTP/1.1 400 Bad Request"
    );
    assert_eq!(refused("GET /else", ""), "HTTP/1.1 404 Not Found");
    assert_eq!(
        refused(
            "POST /v1/responses HTTP/1.1\r\ncontent-encoding: zstd\r\nx-ignored:",
            "?"
        ),
        "HTTP/1.1 415 Unsupported Media Type"
    );
    assert_eq!(*model.counters().borrow(), Counters::default());
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let first = ScriptedModel::start(|_| Reply::Silence).unwrap();
    let second = ScriptedModel::start_on(first.port(), |_| Reply::Silence).unwrap_err();
    let port = first.port();
    assert_eq!(
        second.to_string(),
        format!("could not listen on 127.0.0.1:{port}")
    );
}

#[test]
fn a_shell_call_takes_the_form_of_the_tool_that_is_offered() {
    fn check(tools: &Value, expected: &Value) {
        assert_eq!(with_tools(tools).tools.shell("ls"), *expected);
    }
    let function = |name: &str, arguments: Value| {
        json!({"type": "function_call", "status": "completed", "name": name,
               "arguments": arguments.to_string()})
    };
    check(
        &json!([{"type": "function", "name": "exec_command"}, {"type": "function", "name": "shell"}]),
        &function("exec_command", json!({"cmd": "ls", "yield_time_ms": 30000})),
    );
    check(
        &json!([{"type": "function", "name": "shell_command"}]),
        &function("shell_command", json!({"command": "ls"})),
    );
    check(
        &json!([{"type": "local_shell"}]),
        &json!({"type": "local_shell_call", "status": "completed",
               "action": {"type": "exec", "command": ["bash", "-lc", "ls"]}}),
    );
    check(
        &json!([{"type": "custom", "name": "exec"}]),
        &json!({"type": "custom_tool_call", "status": "completed", "name": "exec",
               "input": "const r = await tools.exec_command({\"cmd\":\"ls\",\"yield_time_ms\":30000}); \
                         text(r.output ?? r);"}),
    );
    check(
        &json!([{"type": "namespace", "name": "ns", "tools": [{"type": "custom", "name": "exec"}]}]),
        &json!({"type": "custom_tool_call", "status": "completed", "name": "exec", "namespace": "ns",
               "input": "const r = await tools.exec_command({\"cmd\":\"ls\",\"yield_time_ms\":30000}); \
                         text(r.output ?? r);"}),
    );
    check(
        &json!([]),
        &function("shell", json!({"command": ["bash", "-lc", "ls"]})),
    );
}

#[test]
fn a_patch_takes_the_form_of_the_tool_that_is_offered() {
    fn check(tools: &Value, name: &str, input: &str) {
        let call = with_tools(tools).tools.patch("P");
        assert_eq!(call["name"], name);
        let given = call.get("input").or(call.get("arguments")).unwrap();
        assert_eq!(given, input);
    }
    let exec = json!({"type": "custom", "name": "exec"});
    check(
        &json!([{"type": "custom", "name": "apply_patch"}, exec]),
        "apply_patch",
        "P",
    );
    check(
        &json!([{"type": "function", "name": "apply_patch"}]),
        "apply_patch",
        r#"{"input":"P"}"#,
    );
    check(
        &json!([exec]),
        "exec",
        r#"text(await tools.apply_patch("P"));"#,
    );
    check(
        &json!([{"type": "function", "name": "shell_command"}]),
        "shell_command",
        r#"{"command":"apply_patch <<'PATCH'\nP\nPATCH"}"#,
    );
}

#[test]
fn tools_may_ride_in_the_input() {
    let request = request(json!({"input": [
        {"type": "additional_tools", "tools": [{"type": "custom", "name": "exec"}]},
        user("go"),
    ]}));
    assert_eq!(request.tools.names().collect::<Vec<_>>(), ["exec"]);
}

#[test]
fn tool_outputs_count_from_the_newest_user_message() {
    let output = |text: Value| json!({"type": "custom_tool_call_output", "output": text});
    let request = request(json!({"input": [
        user("first"),
        output("old".into()),
        user("second"),
        {"type": "function_call", "name": "x"},
        output("plain".into()),
        output(json!([{"type": "input_text", "text": "in"}, {"type": "input_text", "text": "parts"}])),
        output(json!({"content": "wrapped", "success": true})),
    ]}));
    assert_eq!(request.last_user_text(), "second");
    assert_eq!(request.tool_outputs(), ["plain", "in\nparts", "wrapped"]);
    assert_eq!(request.tool_outputs_after(0).len(), 4);
}

#[test]
fn the_self_test_runs_a_command_and_quotes_it() {
    let tools = json!([{"type": "function", "name": "shell_command"}]);
    let mut body = json!({"tools": tools, "input": [user("go")]});
    let first = format!("{:?}", self_test_script(&request(body.clone())));
    assert!(first.contains("printf"), "{first}");
    assert!(!first.contains(SELF_TEST_OUTPUT), "{first}");
    let output = json!({"type": "function_call_output", "output": "it printed this"});
    body["input"].as_array_mut().unwrap().push(output);
    let second = format!("{:?}", self_test_script(&request(body)));
    assert!(second.contains("it printed this"), "{second}");
}

#[test]
fn ids_are_the_same_for_the_same_request_and_no_other() {
    let ids = |request: &Request| format!("{:?}", Answer::to(request).item(message("")));
    let first = request(json!({"input": [user("a")]}));
    let second = request(json!({"input": [user("a"), user("b")]}));
    assert_eq!(ids(&first), ids(&first));
    assert_ne!(ids(&first), ids(&second));
}

#[test]
fn the_configuration_is_toml_that_leads_to_the_model() {
    let config: toml_edit::DocumentMut = codex_config(4711).parse().unwrap();
    let provider = &config["model_providers"]["scripted"];
    assert_eq!(config["model_provider"].as_str(), Some("scripted"));
    assert_eq!(
        provider["base_url"].as_str(),
        Some("http://127.0.0.1:4711/v1")
    );
    assert_eq!(config["analytics"]["enabled"].as_bool(), Some(false));
}
