use serde_json::{Value, json};

use crate::adapters::codex::app_server::{Dialogue, Orders, Piece, Step};
use crate::adapters::codex::parse::{News, Parser};
use crate::domain::bounds::RunBounds;
use crate::domain::error::ErrorCode;
use crate::domain::event::EventBody;
use crate::domain::id::ThreadId;
use crate::domain::live::LiveKind;
use crate::domain::question::{Decision, QuestionKind};
use crate::domain::scrub::Scrubber;
use crate::domain::task::Sandbox;

/// What the app-servers of three versions told in whole turns, with the scripted model.
macro_rules! told {
    ($scene:literal) => {
        [
            include_str!(concat!("fixtures/0.118.0-", $scene, ".jsonl")),
            include_str!(concat!("fixtures/0.140.0-", $scene, ".jsonl")),
            include_str!(concat!("fixtures/0.169.0-", $scene, ".jsonl")),
        ]
    };
}

fn orders() -> Orders {
    Orders {
        asks: false,
        thread: None,
        sandbox: Sandbox::WorkspaceWrite,
        model: None,
        prompt: "do it".to_owned(),
        images: Vec::new(),
        schema: None,
    }
}

fn parser() -> Parser {
    Parser::new(
        Scrubber::builtin(),
        RunBounds::DEFAULT,
        "/home/ada/work".into(),
    )
}

fn dialogue(orders: Orders) -> Dialogue {
    Dialogue::new(parser(), orders)
}

/// All that comes of a transcript.
fn hold(dialogue: &mut Dialogue, transcript: &str) -> Step {
    let mut all = Step::default();
    for line in transcript.lines() {
        let step = dialogue.line(line);
        all.seen.extend(step.seen);
        all.send.extend(step.send);
    }
    all
}

fn events(step: &Step) -> Vec<&EventBody> {
    step.seen
        .iter()
        .filter_map(|seen| seen.event.as_ref())
        .collect()
}

fn kinds(step: &Step) -> String {
    let kinds: Vec<_> = events(step).into_iter().map(EventBody::kind).collect();
    kinds.join(" ")
}

fn check(transcripts: [&str; 3], expected: &str) {
    for transcript in transcripts {
        let mut dialogue = dialogue(orders());
        let step = hold(&mut dialogue, transcript);
        assert!(dialogue.is_over());
        // 0.169 warns of models that its catalogue does not have.
        let kinds = kinds(&step).replace("warning ", "");
        assert_eq!(kinds, expected);
    }
}

#[test]
fn a_turn_is_told_as_exec_would_tell_it() {
    check(
        told!("command"),
        "thread_started turn_started command command message turn_completed",
    );
    check(
        told!("patch"),
        "thread_started turn_started file_change file_change message turn_completed",
    );
    check(
        told!("thoughts"),
        "thread_started turn_started reasoning message turn_completed",
    );
}

#[test]
fn a_plan_is_told_where_the_version_has_one() {
    let [first, second, _] = told!("plan");
    for transcript in [first, second] {
        let step = hold(&mut dialogue(orders()), transcript);
        let plan = events(&step).into_iter().find_map(|event| match event {
            EventBody::Plan { steps } => Some(steps.len()),
            _ => None,
        });
        assert_eq!(plan, Some(3));
    }
}

#[test]
fn commands_and_their_end_and_the_cost_are_read() {
    for transcript in told!("command") {
        let step = hold(&mut dialogue(orders()), transcript);
        let command = events(&step)
            .into_iter()
            .rev()
            .find_map(|event| match event {
                EventBody::Command(command) => Some(command),
                _ => None,
            });
        let command = command.expect("a command");
        assert_eq!(command.exit_code, Some(0));
        assert_eq!(command.output.text().as_str(), "hi\n");
        let usage = step.seen.iter().find_map(|seen| match seen.news {
            Some(News::TurnCompleted(usage)) => Some(usage),
            _ => None,
        });
        assert_eq!(
            usage.map(|usage| (usage.input, usage.output)),
            Some((2400, 68))
        );
    }
}

#[test]
fn a_turn_that_the_service_refuses_fails_with_its_reason() {
    for transcript in told!("refused") {
        let mut dialogue = dialogue(orders());
        let step = hold(&mut dialogue, transcript);
        let failure = step.seen.iter().find_map(|seen| match &seen.news {
            Some(News::TurnFailed(failure)) => Some(failure.code),
            _ => None,
        });
        assert_eq!(failure, Some(ErrorCode::LoggedOut));
    }
}

#[test]
fn codex_is_asked_for_a_thread_and_a_turn_and_nothing_else() {
    for transcript in told!("command") {
        let step = hold(&mut dialogue(orders()), transcript);
        let sent: Vec<Value> = (step.send.iter())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let methods: Vec<_> = sent
            .iter()
            .map(|line| line["method"].as_str().unwrap())
            .collect();
        assert_eq!(methods, ["initialized", "thread/start", "turn/start"]);
        assert_eq!(
            sent[1]["params"],
            json!({ "sandbox": "workspace-write", "approvalPolicy": "never" })
        );
        assert_eq!(
            sent[2]["params"]["input"],
            json!([{ "type": "text", "text": "do it" }])
        );
    }
}

#[test]
fn a_thread_is_gone_on_with() {
    let thread = ThreadId::parse("01a20356-e3eb-7f92-962b-08a749c63f25").unwrap();
    let mut dialogue = dialogue(Orders {
        thread: Some(thread.clone()),
        ..orders()
    });
    let step = dialogue.line(r#"{"id":1,"result":{}}"#);
    let open: Value = serde_json::from_str(&step.send[1]).unwrap();
    assert_eq!(open["method"], "thread/resume");
    assert_eq!(open["params"]["threadId"], thread.as_str());
}

/// A dialogue in the middle of its turn.
fn working() -> Dialogue {
    working_with(orders())
}

fn working_with(orders: Orders) -> Dialogue {
    let mut dialogue = dialogue(orders);
    dialogue.line(r#"{"id":1,"result":{}}"#);
    dialogue.line(r#"{"id":2,"result":{"thread":{"id":"t1"}}}"#);
    assert_eq!(dialogue.steer("faster"), None, "there is no turn yet");
    dialogue.line(r#"{"id":3,"result":{"turn":{"id":"u1"}}}"#);
    dialogue
}

#[test]
fn what_codex_asks_is_declined_and_the_turn_goes_on() {
    let mut dialogue = working();
    let mut answer = |line: &str| -> Value {
        let step = dialogue.line(line);
        serde_json::from_str(&step.send[0]).unwrap()
    };
    let asked =
        r#"{"id":0,"method":"item/commandExecution/requestApproval","params":{"threadId":"t1"}}"#;
    assert_eq!(
        answer(asked),
        json!({ "id": 0, "result": { "decision": "decline" } })
    );
    let asked = r#"{"id":"x","method":"item/fileChange/requestApproval","params":{}}"#;
    assert_eq!(
        answer(asked),
        json!({ "id": "x", "result": { "decision": "decline" } })
    );
    let asked = r#"{"id":7,"method":"item/new/request","params":{}}"#;
    assert_eq!(answer(asked)["error"]["code"], -32601);
    assert!(!dialogue.is_over());
}

/// What a request comes to where Codex may ask: the subject of a question, or the refusal.
fn asked(method: &str, params: &Value) -> String {
    let asks = Orders {
        asks: true,
        ..orders()
    };
    let mut dialogue = working_with(asks);
    let changes =
        json!([{"path": "/etc/hosts", "kind": {"type": "update"}}, {"path": "/etc/motd"}]);
    let item = json!({"type": "fileChange", "id": "p1", "changes": changes});
    let began = json!({"method": "item/started", "params": {"threadId": "t1", "item": item}});
    dialogue.line(&began.to_string());
    let request = json!({"id": 5, "method": method, "params": params});
    let step = dialogue.line(&request.to_string());
    match step.asked {
        Some(asked) => {
            assert_eq!((step.send, step.refused), (vec![], None));
            asked.subject.into_string()
        }
        None => {
            assert_eq!(step.refused.unwrap().as_str(), method);
            let answer: Value = serde_json::from_str(&step.send[0]).unwrap();
            assert_eq!(answer["id"], 5);
            answer["result"].to_string()
        }
    }
}

#[test]
fn only_what_can_be_judged_is_asked() {
    let check = |params: Value, expected: &str| {
        assert_eq!(
            asked("item/commandExecution/requestApproval", &params),
            expected
        );
    };
    let no = r#"{"decision":"decline"}"#;
    check(json!({"command": "make"}), "make");
    check(
        json!({"command": "make", "kind": "command", "networkApprovalContext": null}),
        "make",
    );
    check(json!({"command": "make", "kind": "writeStdin"}), no);
    check(
        json!({"command": "make", "networkApprovalContext": {"host": "example.com"}}),
        no,
    );
    check(
        json!({"command": "make", "additionalPermissions": {"network": {"enabled": true}}}),
        no,
    );
    check(json!({"command": "x".repeat(9000)}), no);
    check(json!({"command": null}), no);

    let check = |params: Value, expected: &str| {
        assert_eq!(asked("item/fileChange/requestApproval", &params), expected);
    };
    check(json!({"itemId": "p1"}), "/etc/hosts\n/etc/motd");
    check(json!({"itemId": "p2"}), no);
}

#[test]
fn what_only_codex_s_own_programs_can_answer_is_refused_in_its_words() {
    let check = |method: &str, expected: &str| assert_eq!(asked(method, &json!({})), expected);
    check(
        "item/permissions/requestApproval",
        r#"{"permissions":{},"scope":"turn"}"#,
    );
    check("item/tool/requestUserInput", r#"{"answers":{}}"#);
    check("item/tool/call", r#"{"contentItems":[],"success":false}"#);
    check(
        "mcpServer/elicitation/request",
        r#"{"_meta":null,"action":"decline","content":null}"#,
    );
    check("execCommandApproval", "null");
}

#[test]
fn a_turn_is_steered_while_it_goes_on() {
    let mut dialogue = working();
    let steer: Value = serde_json::from_str(&dialogue.steer("faster").unwrap()).unwrap();
    assert_eq!(steer["method"], "turn/steer");
    assert_eq!(steer["params"]["expectedTurnId"], "u1");
    dialogue.line(r#"{"method":"turn/completed","params":{"threadId":"t1","turn":{"id":"u1","status":"completed"}}}"#);
    assert_eq!(dialogue.steer("faster"), None);
}

#[test]
fn other_threads_and_turns_are_not_ours() {
    let mut dialogue = working();
    let other = [
        r#"{"method":"item/completed","params":{"threadId":"t2","item":{"type":"agentMessage","text":"x"}}}"#,
        r#"{"method":"turn/completed","params":{"threadId":"t2","turn":{"id":"u9","status":"completed"}}}"#,
        r#"{"method":"turn/completed","params":{"threadId":"t1","turn":{"id":"u9","status":"completed"}}}"#,
    ];
    for line in other {
        assert_eq!(kinds(&dialogue.line(line)), "");
        assert!(!dialogue.is_over());
    }
}

#[test]
fn a_request_of_ours_that_is_refused_ends_the_run() {
    for stage in 1..=3 {
        let mut dialogue = dialogue(orders());
        let answers = [
            r#"{"id":1,"result":{}}"#,
            r#"{"id":2,"result":{"thread":{"id":"t1"}}}"#,
        ];
        for answer in &answers[..stage - 1] {
            dialogue.line(answer);
        }
        let refused = format!(
            r#"{{"id":{stage},"error":{{"code":-32600,"message":"no rollout found for thread id x"}}}}"#
        );
        // Before there is a thread, `codex exec` may still do better.
        let told = if stage < 3 { "warning" } else { "turn_failed" };
        assert_eq!(kinds(&dialogue.line(&refused)), told);
        assert_eq!(dialogue.never_began(), stage < 3);
        assert!(dialogue.is_over());
    }
}

#[test]
fn what_nobody_knows_is_kept() {
    let mut dialogue = working();
    let unknown = r#"{"method":"moon/risen","params":{"threadId":"t1","phase":"full"}}"#;
    assert_eq!(kinds(&dialogue.line(unknown)), "unknown");
    assert_eq!(kinds(&dialogue.line("no JSON")), "noise");
    assert_eq!(kinds(&dialogue.line("[1]")), "noise");
    assert_eq!(kinds(&dialogue.line(r#"{"id":9,"result":{}}"#)), "");
}

/// The text of all pieces of this kind, and how many items came whole.
fn pieces(dialogue: &mut Dialogue, transcript: &str, of: LiveKind) -> (String, usize) {
    let (mut all, mut whole) = (String::new(), 0);
    for line in transcript.lines() {
        match dialogue.line(line).piece {
            Some(Piece::More { kind, text, .. }) if kind == of => all.push_str(&text),
            Some(Piece::Whole { .. }) => whole += 1,
            _ => {}
        }
    }
    (all, whole)
}

#[test]
fn what_comes_in_pieces_adds_up_to_the_whole() {
    for transcript in told!("command") {
        let step = hold(&mut dialogue(orders()), transcript);
        let said = step.seen.iter().find_map(|seen| match &seen.news {
            Some(News::FinalMessage(message)) => Some(message.text.as_str()),
            _ => None,
        });
        let (text, whole) = pieces(&mut dialogue(orders()), transcript, LiveKind::Message);
        assert_eq!(Some(text.as_str()), said);
        assert!(whole >= 2, "{whole}");
    }
}

#[test]
fn thoughts_come_in_pieces_too_and_a_reviewers_answer_does_not() {
    for transcript in told!("thoughts") {
        let (text, _) = pieces(&mut dialogue(orders()), transcript, LiveKind::Reasoning);
        assert!(!text.is_empty());
        let reviewer = Dialogue::new(parser().of_reviewer(), orders());
        let (text, _) = pieces(&mut { reviewer }, transcript, LiveKind::Message);
        assert_eq!(text, "");
    }
}

#[test]
fn limits_of_the_account_are_told() {
    let line = r#"{"method":"account/rateLimits/updated","params":{"rateLimits":{"limitId":"codex","primary":{"usedPercent":43,"windowDurationMins":300,"resetsAt":1795432521},"secondary":null}}}"#;
    let limits = dialogue(orders()).line(line).limits.expect("limits");
    assert_eq!(limits[0].used_percent, 43);
}

#[test]
fn what_codex_asks_is_passed_on_only_where_it_may_ask() {
    let line = r#"{"method":"item/commandExecution/requestApproval","id":7,"params":{"threadId":"t","reason":"it has to","command":"touch x","cwd":"/w"}}"#;
    let asks = Orders {
        asks: true,
        ..orders()
    };
    let asked = dialogue(asks.clone()).line(line).asked.expect("a question");
    assert_eq!(asked.kind, QuestionKind::Command);
    assert_eq!(asked.subject.as_str(), "touch x");
    let answer = |decision| asked.answer(decision);
    let words = |word: &str| format!(r#"{{"id":7,"result":{{"decision":"{word}"}}}}"#);
    assert_eq!(answer(Decision::AllowOnce), words("accept"));
    assert_eq!(answer(Decision::AllowForRun), words("accept"));
    assert_eq!(answer(Decision::Decline), words("decline"));
    assert_eq!(answer(Decision::Stop), words("cancel"));

    let step = dialogue(orders()).line(line);
    assert_eq!((step.asked, step.send), (None, vec![words("decline")]));
    // What nobody here can answer is answered all the same.
    let line = r#"{"method":"item/tool/requestUserInput","id":"q","params":{}}"#;
    let step = dialogue(asks).line(line);
    assert_eq!(step.asked, None);
    assert_eq!(step.send, [r#"{"id":"q","result":{"answers":{}}}"#]);
}
