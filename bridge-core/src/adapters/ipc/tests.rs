use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;

const LIMIT: Duration = Duration::from_secs(5);

struct Stage {
    folder: tempfile::TempDir,
    closing: CancellationToken,
    host: Option<JoinHandle<()>>,
}

impl Stage {
    /// A host that tells what it was asked for.
    fn with(bounds: Bounds) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let closing = CancellationToken::new();
        let listening = Listening::open(&Place::of(folder.path()), "m", bounds).unwrap();
        let act = |request: Request, left: CancellationToken| async move {
            match request.act.as_str() {
                "panic" => panic!("a fault, on purpose"),
                "wait" => {
                    left.cancelled().await;
                    Reply::Failed("left".to_owned())
                }
                act => Reply::Done(format!("{act} is done")),
            }
        };
        let host = Some(tokio::spawn(listening.serve(closing.clone(), act)));
        Stage {
            folder,
            closing,
            host,
        }
    }

    fn place(&self) -> Place {
        Place::of(self.folder.path())
    }

    async fn guest(&self) -> Result<Guest, NotServed> {
        Guest::find(&self.place(), "m").await
    }

    async fn serves_the_next(&self) {
        let guest = self.guest().await.unwrap();
        check(guest.ask(&request("next"), LIMIT).await, "next");
    }

    async fn end(mut self) {
        self.closing.cancel();
        self.host.take().unwrap().await.unwrap();
        assert!(!self.place().socket().exists());
    }
}

fn request(act: &str) -> Request {
    Request {
        id: "r-1".to_owned(),
        act: act.to_owned(),
        caller: CallerOnWire {
            client: "test".to_owned(),
            version: None,
            session: None,
        },
        arguments: Value::Null,
    }
}

fn check(result: Result<Reply, NotServed>, expected: &str) {
    let text = match result {
        Ok(reply) => format!("{reply:?}"),
        Err(error) => error.to_string(),
    };
    assert!(text.contains(expected), "{text}");
}

#[tokio::test]
async fn an_act_is_done_and_answered() {
    let stage = Stage::with(Bounds::DEFAULT);
    let guest = stage.guest().await.unwrap();
    let reply = guest.ask(&request("start"), LIMIT).await.unwrap();
    assert_eq!(reply, Reply::Done("start is done".to_owned()));
    let guest = stage.guest().await.unwrap();
    check(guest.ask(&request("panic"), LIMIT).await, "broken");
    stage.end().await;
}

#[tokio::test]
async fn nobody_is_asked_where_nobody_fits() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::of(folder.path());
    let find = async || match Guest::find(&place, "m").await {
        Err(NotServed::NoHost(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(find().await.contains("No such file"));
    std::fs::create_dir(folder.path().join("app")).unwrap();
    let greetings = [
        ("{\"protocol\":2,\"mark\":\"m\"}\n", "of another version"),
        ("{\"protocol\":1,\"mark\":\"n\"}\n", "other settings"),
        ("hello\n", "can't be read"),
        ("", "went"),
    ];
    for (greeting, expected) in greetings {
        let listener = UnixListener::bind(place.socket()).unwrap();
        let host = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
        });
        let why = find().await;
        assert!(why.contains(expected), "{why}");
        host.await.unwrap();
        // Nobody listens there any more, once no program that another test starts holds the socket, too.
        let gone = async { while !find().await.contains("refused") {} };
        tokio::time::timeout(LIMIT, gone).await.unwrap();
        std::fs::remove_file(place.socket()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_hangs_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::of(folder.path());
    std::fs::create_dir(folder.path().join("app")).unwrap();
    let _listener = UnixListener::bind(place.socket()).unwrap();
    let silent = Guest::find(&place, "m").await.unwrap_err();
    assert!(silent.to_string().contains("took too long"), "{silent}");
}

#[tokio::test]
async fn a_message_that_is_too_long_is_not_taken() {
    let stage = Stage::with(Bounds::DEFAULT);
    let long = Request {
        arguments: json!("x".repeat(MAX_MESSAGE)),
        ..request("start")
    };
    let asked = stage.guest().await.unwrap().ask(&long, LIMIT).await;
    assert!(matches!(asked, Err(NotServed::Refused(_))), "{asked:?}");
    // One that sends it all the same.
    let mut stream = UnixStream::connect(stage.place().socket()).await.unwrap();
    let flood = vec![b'x'; MAX_MESSAGE];
    stream.write_all(&flood).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert!(said.contains("too long"), "{said}");
    stage.serves_the_next().await;
    stage.end().await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_next_one_served() {
    let stage = Stage::with(Bounds::DEFAULT);
    for garbage in ["{}\n", "null\n", "\u{0}\n", "{\"id\":1}\n"] {
        let mut stream = UnixStream::connect(stage.place().socket()).await.unwrap();
        stream.write_all(garbage.as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert!(said.contains("not_served"), "{said}");
    }
    stage.serves_the_next().await;
    stage.end().await;
}

#[tokio::test]
async fn a_flood_is_turned_away_and_passes() {
    let bounds = Bounds {
        burst: 3,
        per_second: 1,
        ..Bounds::DEFAULT
    };
    let stage = Stage::with(bounds);
    let mut served = 0;
    for _ in 0..20 {
        if let Ok(guest) = stage.guest().await {
            check(guest.ask(&request("start"), LIMIT).await, "start");
            served += 1;
        }
    }
    assert!((3..=10).contains(&served), "{served}");
    let deadline = tokio::time::Instant::now() + LIMIT;
    while stage.guest().await.is_err() {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.end().await;
}

#[tokio::test]
async fn an_act_is_told_when_nobody_waits_for_it() {
    let stage = Stage::with(Bounds::DEFAULT);
    let guest = stage.guest().await.unwrap();
    let waiting = guest.ask(&request("wait"), Duration::from_millis(50)).await;
    assert!(matches!(waiting, Err(NotServed::Unknown(_))), "{waiting:?}");
    stage.end().await;
}

#[tokio::test]
async fn one_hosts_at_a_time_and_what_a_dead_one_left_is_no_obstacle() {
    let stage = Stage::with(Bounds::DEFAULT);
    let second = Listening::open(&stage.place(), "m", Bounds::DEFAULT);
    assert!(matches!(second, Err(HostError::Taken)), "{second:?}");
    let place = stage.place();
    let folder = tempfile::tempdir().unwrap();
    let left = Place::of(folder.path());
    std::fs::create_dir(folder.path().join("app")).unwrap();
    drop(UnixListener::bind(left.socket()).unwrap());
    assert!(left.socket().exists());
    drop(Listening::open(&left, "m", Bounds::DEFAULT).unwrap());
    assert!(place.socket().exists());
    stage.end().await;
}

#[tokio::test]
async fn the_next_host_sleeps_until_the_one_before_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::of(folder.path());
    let first = Listening::open(&place, "m", Bounds::DEFAULT).unwrap();
    let mut second = std::pin::pin!(Listening::open_in_turn(&place, "m", Bounds::DEFAULT));
    let early = tokio::time::timeout(Duration::from_millis(100), &mut second).await;
    assert!(early.is_err(), "{early:?}");
    drop(first);
    let second = tokio::time::timeout(LIMIT, second).await.unwrap().unwrap();
    let third = Listening::open(&place, "m", Bounds::DEFAULT);
    assert!(matches!(third, Err(HostError::Taken)), "{third:?}");
    drop(second);
}

#[tokio::test]
async fn the_socket_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::with(Bounds::DEFAULT);
    let mode = |path: &std::path::Path| {
        let found = std::fs::metadata(path).unwrap();
        found.permissions().mode() & 0o777
    };
    let socket = stage.place().socket();
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
    stage.end().await;
}
