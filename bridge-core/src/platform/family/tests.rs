use std::collections::BTreeSet;

use super::*;
use crate::platform::exit_watch::ExitWatch;
#[cfg(target_os = "linux")]
use crate::platform::orphans::{Orphans, become_subreaper};
use crate::platform::process_table::is_alive;
#[cfg(target_os = "linux")]
use crate::platform::process_table::lookup;
use crate::platform::test_run::{DEADLINE, TestRun};

fn knows(run: &TestRun, id: ProcessId) -> bool {
    run.family.known().contains(&id)
}

async fn ended(id: ProcessId) {
    tokio::time::timeout(DEADLINE, ExitWatch::new(id).ended())
        .await
        .unwrap();
}

#[tokio::test]
async fn children_and_their_children_belong_also_in_other_sessions() {
    let mut run = TestRun::of(
        "sh -c 'echo $$; sleep 60 & echo $!; wait' &
         env -i $SETSID /bin/sh -c 'echo $$; /bin/sleep 60' & read line",
    );
    let found = [
        run.next_process().await,
        run.next_process().await,
        run.next_process().await,
    ];
    run.family.observe().unwrap();
    for id in found {
        assert!(knows(&run, id));
    }
    assert_eq!(run.family.alive().len(), run.family.known().len());
}

#[tokio::test]
async fn what_was_seen_stays_known_when_its_parents_have_died() {
    let mut run =
        TestRun::of("env -i $SETSID /bin/sh -c 'echo $$; exec /bin/sleep 60' & read line");
    let away = run.next_process().await;
    run.family.observe().unwrap();
    run.say("end").await;
    run.wait().await;
    run.family.observe().unwrap();
    assert_eq!(run.family.alive(), [away]);
    run.family.signal_all(Signal::KILL);
    ended(away).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_orphan_that_was_never_seen_before_is_found_by_its_marker() {
    let mut run = TestRun::of("($SETSID sh -c 'echo $$; exec sleep 60' &) ; read line");
    let away = run.next_process().await;
    while lookup(away).unwrap().ppid == run.family.leader().unwrap().pid {
        tokio::task::yield_now().await;
    }
    run.family.observe().unwrap();
    assert!(knows(&run, away));
}

#[tokio::test]
async fn a_leader_that_ended_before_the_first_look_is_survived_by_its_group() {
    let mut run = TestRun::of("env -i /bin/sh -c 'echo $$; exec /bin/sleep 60' & read line");
    let left = run.next_process().await;
    run.say("end").await;
    run.wait().await;
    run.family.observe().unwrap();
    assert_eq!(run.family.alive(), [left]);
}

#[tokio::test]
async fn whoever_is_in_a_session_that_a_member_led_belongs_after_the_member_has_died() {
    let mut run = TestRun::of(
        "exec 3<&0
         $SETSID sh -c 'echo $$; read go; env -i /bin/sh -c \"echo \\$\\$; exec /bin/sleep 60\" & wait $!' <&3 &
         wait",
    );
    let session = run.next_process().await;
    run.family.observe().unwrap();
    assert!(knows(&run, session));
    run.say("go").await;
    let inhabitant = run.next_process().await;
    signal::send(session, Signal::KILL).unwrap();
    ended(session).await;
    assert!(
        !knows(&run, inhabitant),
        "{session:?} {inhabitant:?} {:?}",
        run.family
    );
    run.family.observe().unwrap();
    assert!(knows(&run, inhabitant));
}

#[cfg(target_os = "linux")]
#[test]
fn a_subreaper_adopts_what_hides_from_everything_else_and_collects_it() {
    // In a process of its own, since the other tests have children, too.
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "platform::family::tests::adopts_alone",
            "--ignored",
            "--nocapture",
        ])
        .status();
    assert!(status.unwrap().success());
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "another test runs it, in a process of its own"]
async fn adopts_alone() {
    assert_eq!(become_subreaper().unwrap(), Orphans::ComeToUs);
    let mut run =
        TestRun::of("(env -i $SETSID /bin/sh -c 'echo $$; exec /bin/sleep 60' &) ; read line");
    let away = run.next_process().await;
    while lookup(away).unwrap().ppid != process::id() {
        tokio::task::yield_now().await;
    }
    run.family.observe().unwrap();
    assert!(!knows(&run, away));

    run.family.adopt_orphans(Vec::new());
    run.family.observe().unwrap();
    assert!(knows(&run, away));
    signal::send(away, Signal::KILL).unwrap();
    ended(away).await;
    assert!(lookup(away).unwrap().zombie);
    run.family.reap();
    assert_eq!(lookup(away), None);
    run.family.observe().unwrap();
    assert!(!knows(&run, away));
}

#[tokio::test]
async fn the_leader_is_never_collected_behind_the_back_of_who_waits_for_it() {
    let mut run = TestRun::of("exit 7");
    ended(run.family.leader().unwrap()).await;
    run.family.observe().unwrap();
    run.family.reap();
    assert_eq!(run.child.wait().await.unwrap().code(), Some(7));
    run.family.observe().unwrap();
    assert_eq!(run.family.known(), [run.family.leader().unwrap()]);
    assert_eq!(run.family.alive(), []);
}

#[tokio::test]
async fn a_stored_family_ends_what_is_meant_and_nothing_that_has_got_its_number() {
    let mut meant = TestRun::of("trap '' TERM; echo $$; while :; do sleep 60; done");
    let mut other = TestRun::of("echo $$; read line");
    let meant_id = meant.next_process().await;
    let other_id = other.next_process().await;
    let me = process_table::process(process::id()).unwrap().id();
    let reused = ProcessId {
        started: me.started,
        ..other_id
    };
    let mut family = Family::from_known(meant.marker.clone(), vec![reused, meant_id, me]);
    assert_eq!(family.known(), [reused, meant_id]);
    family.observe().unwrap();
    family.signal_all(Signal::KILL);
    ended(meant_id).await;
    assert!(is_alive(other_id));
}

#[test]
fn neither_this_process_nor_one_above_it_is_ever_found() {
    // A marker that everybody on this machine may carry. Nobody is signalled here.
    let marker = Marker {
        key: "PATH",
        value: std::env::var("PATH").unwrap(),
    };
    let mut family = Family::from_known(marker, Vec::new());
    family.observe().unwrap();
    let found: BTreeSet<u32> = family.known().iter().map(|id| id.pid).collect();
    assert!(!found.contains(&process::id()));
    for above in process_table::ancestors(process::id()) {
        assert!(!found.contains(&above.pid));
    }
}
