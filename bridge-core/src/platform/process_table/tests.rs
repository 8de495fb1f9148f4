use std::process::{Child, Command, Stdio};

use super::*;

fn sleeper(env: &str) -> Child {
    Command::new("sleep")
        .arg("60")
        .env("PLATFORM_TEST", env)
        .spawn()
        .unwrap()
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn start_times_survive_being_stored() {
    let time = start_time(std::process::id()).unwrap();
    assert_eq!(time.to_string().parse(), Ok(time));
    for text in ["", "12", "x@1", "1@", "1@zz"] {
        assert!(text.parse::<StartTime>().is_err(), "{text}");
    }
}

#[test]
fn the_table_shows_a_child_with_its_parent_group_and_session() {
    let child = sleeper("a");
    let me = process(std::process::id()).unwrap();
    let row = snapshot()
        .unwrap()
        .into_iter()
        .find(|row| row.pid == child.id())
        .unwrap();
    assert_eq!(Some(row), process(child.id()));
    assert_eq!(
        (row.ppid, row.pgid, row.sid, row.uid),
        (me.pid, me.pgid, me.sid, me.uid)
    );
    assert!(row.started >= me.started && !row.zombie);
    assert_eq!(
        ancestors(child.id()).first().map(Process::id),
        Some(me.id())
    );
    end(child);
}

#[test]
fn a_process_that_has_ended_is_a_zombie_until_it_is_collected_and_then_nobody() {
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let id = process(child.id()).unwrap().id();
    assert!(is_alive(id));
    let mut stdout = child.stdout.take().unwrap();
    drop(child.stdin.take());
    io::copy(&mut stdout, &mut io::sink()).unwrap();
    // The pipe closes a moment before the process has ended.
    while is_alive(id) {
        std::thread::yield_now();
    }
    assert!(lookup(id).unwrap().zombie);
    child.wait().unwrap();
    assert_eq!(lookup(id), None);
    assert_eq!(
        lookup(ProcessId {
            pid: std::process::id(),
            ..id
        }),
        None
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_environment_a_process_was_started_with_can_be_asked_for() {
    let child = sleeper("here and there");
    while environ_look(child.id(), "PLATFORM_TEST", "x") == EnvironLook::TooEarly {
        std::thread::yield_now();
    }
    assert!(environ_has(child.id(), "PLATFORM_TEST", "here and there"));
    assert!(!environ_has(child.id(), "PLATFORM_TEST", "here"));
    assert!(!environ_has(child.id(), "TEST", "here and there"));
    end(child);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_may_contain_anything() {
    let rest = "S 7 8 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 777 1 2";
    for name in ["sh", "a b", ") R 1 1 1", "a\n)(", ""] {
        let row = linux::parse_stat(format!("42 ({name}) {rest}\n").as_bytes(), 5).unwrap();
        assert_eq!(
            (row.pid, row.ppid, row.pgid, row.sid, row.uid),
            (42, 7, 8, 9, 5)
        );
        assert_eq!((row.started.moment, row.zombie), (777, false), "{name}");
    }
    assert_eq!(linux::parse_stat(b"42 (sh) Z 1 1", 0), None);
}

#[test]
fn the_chain_of_parents_ends() {
    let chain = ancestors(std::process::id());
    assert!(!chain.is_empty() && chain.len() < 100);
}
