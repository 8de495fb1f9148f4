use super::*;
use crate::platform::process_table::is_alive;
use crate::platform::test_run::TestRun;

async fn stop_run(run: &mut TestRun) -> (Rung, Option<i32>, Duration) {
    let begin = Instant::now();
    let stopped = stop(&mut run.family, run.child.wait(), Rungs::default()).await;
    assert_eq!(stopped.survivors, []);
    let code = stopped.exit.unwrap().unwrap().code();
    (stopped.rung, code, begin.elapsed())
}

#[tokio::test]
async fn a_leader_that_obeys_ends_by_the_first_rung() {
    let mut run = TestRun::of("trap 'exit 3' INT; echo $$; while :; do read line; done");
    run.next_process().await;
    let (rung, code, time) = stop_run(&mut run).await;
    assert_eq!((rung, code), (Rung::Interrupt, Some(3)));
    assert!(time < Rungs::default().interrupt, "{time:?}");
}

#[tokio::test]
async fn a_leader_that_only_knows_sigterm_ends_by_the_second_rung() {
    let mut run =
        TestRun::of("trap '' INT; trap 'exit 4' TERM; echo $$; while :; do read line; done");
    run.next_process().await;
    let (rung, code, _) = stop_run(&mut run).await;
    assert_eq!((rung, code), (Rung::Terminate, Some(4)));
}

#[tokio::test]
async fn a_family_that_ignores_everything_is_gone_within_four_seconds() {
    let stubborn = "trap \"\" INT TERM; echo $$; while :; do sleep 60; done";
    let mut run = TestRun::of(&format!(
        "trap '' INT TERM
         sh -c '{stubborn}' &
         $SETSID sh -c '{stubborn}' &
         ($SETSID sh -c '{stubborn}' &)
         echo $$; while :; do sleep 60; done"
    ));
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(run.next_process().await);
    }
    let (rung, code, time) = stop_run(&mut run).await;
    assert_eq!((rung, code), (Rung::Kill, None));
    assert!(time < Duration::from_secs(4), "{time:?}");
    for id in all {
        assert!(!is_alive(id));
    }
}

#[tokio::test]
async fn what_a_leader_leaves_behind_is_stopped_without_waiting_out_its_rung() {
    let mut run = TestRun::of(
        "$SETSID sh -c 'trap \"\" INT TERM; echo $$; while :; do sleep 60; done' &
         trap 'exit 0' INT; while :; do read line; done",
    );
    let away = run.next_process().await;
    let (rung, code, time) = stop_run(&mut run).await;
    assert_eq!((rung, code), (Rung::Kill, Some(0)));
    assert!(!is_alive(away));
    assert!(time < Duration::from_millis(2400), "{time:?}");
}

#[tokio::test]
async fn whoever_is_started_while_the_ladder_is_climbed_is_stopped_as_well() {
    let mut run = TestRun::of(
        "trap '' INT
         trap '$SETSID sh -c \"trap \\\"\\\" INT TERM; echo \\$\\$; while :; do sleep 60; done\" & ' TERM
         echo $$; while :; do read line; done",
    );
    run.next_process().await;
    let (rung, _, _) = stop_run(&mut run).await;
    assert_eq!(rung, Rung::Kill);
    let late: u32 = run.next_line().await.trim().parse().unwrap();
    let alive = process_table::process(late).is_some_and(|process| !process.zombie);
    assert!(!alive);
}

#[tokio::test]
async fn a_run_that_was_paused_is_stopped_kindly() {
    let mut run =
        TestRun::of("trap '' INT; trap 'exit 5' TERM; echo $$; while :; do read line; done");
    let leader = run.next_process().await;
    signal::send(leader, Signal::STOP).unwrap();
    let (rung, code, _) = stop_run(&mut run).await;
    assert_eq!((rung, code), (Rung::Terminate, Some(5)));
}

#[tokio::test]
async fn nothing_is_done_to_a_family_that_has_ended() {
    let mut run = TestRun::of("exit 6");
    let leader = run.family.leader().unwrap();
    timeout(Duration::from_secs(20), ExitWatch::new(leader).ended())
        .await
        .unwrap();
    let (rung, code, _) = stop_run(&mut run).await;
    assert_eq!((rung, code), (Rung::NotNeeded, Some(6)));
}

#[tokio::test]
async fn what_a_dead_supervisor_left_is_stopped_without_a_leader() {
    let mut run = TestRun::of("trap '' INT TERM; echo $$; while :; do sleep 60; done");
    let id = run.next_process().await;
    let mut left = Family::from_known(run.marker.clone(), vec![id]);
    let never = std::future::pending::<()>();
    let stopped = stop(&mut left, never, Rungs::default()).await;
    assert_eq!(
        (stopped.rung, stopped.survivors, stopped.exit),
        (Rung::Kill, Vec::new(), None)
    );
    assert!(!is_alive(id));
    run.wait().await;
}
