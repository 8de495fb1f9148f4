//! Follows a run to its end, for whoever looks on.

use std::future::{Future, pending};
use std::io;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use crate::domain::event::Event;
use crate::domain::live::Live;
use crate::domain::run::{Run, Timestamp};
use crate::domain::state::Canceller;
use crate::faces::cli::fault::Fault;
use crate::faces::cli::look::{Tone, window_width};
use crate::faces::cli::screen::{Screen, print_json_line};
use crate::faces::cli::view::View;
use crate::faces::wire::event::EventDto;
use crate::use_cases::bridge::{Bridge, Error, EventsWanted};

/// How often the status line may be drawn anew.
const TICK: Duration = Duration::from_millis(100);
/// A message after which nothing comes for so long is shown: it need not be the last.
const HOLD: Duration = Duration::from_secs(1);
/// How long to wait for news before asking again.
const WAIT: Duration = Duration::from_secs(30);

/// What Ctrl-C does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnInterrupt {
    /// It cancels the run; a second one leaves.
    Cancel,
    /// It leaves; the run goes on.
    Leave,
}

/// Who looks on.
pub(crate) enum Audience<'a, 'out> {
    /// A person, before a terminal or a file.
    Person(Box<Onlooker<'a, 'out>>),
    /// A script that reads one event per line.
    Script,
    /// Nobody; only the end counts.
    Nobody,
}

/// What a person sees.
pub(crate) struct Onlooker<'a, 'out> {
    view: &'a mut View,
    screen: &'a mut Screen<'out>,
    keys: &'static str,
    turn: usize,
    quiet_since: Instant,
}

/// A run as it was when it was followed no longer.
pub(crate) struct Last {
    /// The run; not over if the person left.
    pub(crate) run: Run,
}

type Cancelling<'a> = Option<Pin<Box<dyn Future<Output = Result<Run, Error>> + 'a>>>;

/// Follows a run until it is over or the person leaves.
pub(crate) async fn follow(
    bridge: &Bridge,
    mut run: Run,
    on_interrupt: OnInterrupt,
    audience: &mut Audience<'_, '_>,
) -> Result<Last, Fault> {
    let id = run.id.clone();
    let mut interrupts = signal(SignalKind::interrupt()).map_err(|source| Fault::System {
        what: "listen to Ctrl-C",
        source,
    })?;
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut wanted = EventsWanted {
        after: 0,
        count: 500,
        bytes: 1024 * 1024,
        wait: WAIT,
        live: audience.sees_live().then_some(0),
    };
    let mut asked_to_stop = false;
    let mut cancelling: Cancelling<'_> = None;
    loop {
        let mut next = pin!(bridge.updates(&id, wanted));
        let updates = loop {
            tokio::select! {
                biased;
                _ = interrupts.recv() => {
                    if asked_to_stop || on_interrupt == OnInterrupt::Leave {
                        audience.done()?;
                        return Ok(Last { run });
                    }
                    asked_to_stop = true;
                    cancelling = Some(Box::pin(bridge.cancel_run(&id, Canceller::Person)));
                    audience.cancelling()?;
                }
                updates = &mut next => break updates?,
                cancelled = settled(&mut cancelling) => {
                    cancelling = None;
                    cancelled?;
                }
                _ = ticks.tick() => audience.tick(&run, (bridge.host().now)())?,
            }
        };
        wanted.after = updates.next_cursor;
        run = updates.run;
        if let Some(seen) = &mut wanted.live {
            *seen = updates.live.as_ref().map_or(0, |live| live.seq);
        }
        audience.live(updates.live);
        audience.events(&updates.events)?;
        if run.state.is_final() && !updates.more {
            audience.done()?;
            return Ok(Last { run });
        }
    }
}

/// The answer to the cancellation, if one is under way.
async fn settled(cancelling: &mut Cancelling<'_>) -> Result<Run, Error> {
    match cancelling {
        Some(answer) => answer.await,
        None => pending().await,
    }
}

impl<'a, 'out> Audience<'a, 'out> {
    /// A person who looks at this view; `keys` says what can be pressed.
    pub(crate) fn person(
        view: &'a mut View,
        screen: &'a mut Screen<'out>,
        keys: &'static str,
    ) -> Audience<'a, 'out> {
        Audience::Person(Box::new(Onlooker {
            view,
            screen,
            keys,
            turn: 0,
            quiet_since: Instant::now(),
        }))
    }

    fn events(&mut self, events: &[Event]) -> Result<(), Fault> {
        match self {
            Audience::Person(onlooker) => {
                for event in events {
                    let lines = onlooker.view.event(event);
                    onlooker.screen.lines(&lines)?;
                }
                onlooker.quiet_since = Instant::now();
                Ok(())
            }
            Audience::Script => events
                .iter()
                .try_for_each(|event| print_json_line(&EventDto::from(event))),
            Audience::Nobody => Ok(()),
        }
    }

    /// Whether what is being written can be seen before it is whole.
    fn sees_live(&self) -> bool {
        match self {
            Audience::Person(onlooker) => onlooker.screen.is_live(),
            Audience::Script | Audience::Nobody => false,
        }
    }

    /// Shown with the next tick, in the status line.
    fn live(&mut self, live: Option<Live>) {
        if let Audience::Person(onlooker) = self {
            onlooker.view.live(live);
        }
    }

    fn tick(&mut self, run: &Run, now: Timestamp) -> Result<(), Fault> {
        let Audience::Person(onlooker) = self else {
            return Ok(());
        };
        if onlooker.quiet_since.elapsed() > HOLD {
            let lines = onlooker.view.release();
            onlooker.screen.lines(&lines)?;
        }
        if onlooker.screen.is_live() {
            if let Some(width) = window_width(&io::stderr()) {
                onlooker.view.resize(width);
            }
            onlooker.turn += 1;
            let line = onlooker.view.status(run, now, onlooker.turn, onlooker.keys);
            onlooker.screen.status(line)?;
        }
        Ok(())
    }

    /// The status line goes; what follows is the end.
    fn done(&mut self) -> Result<(), Fault> {
        match self {
            Audience::Person(onlooker) => onlooker.screen.clear(),
            Audience::Script | Audience::Nobody => Ok(()),
        }
    }

    fn cancelling(&mut self) -> Result<(), Fault> {
        let Audience::Person(onlooker) = self else {
            return Ok(());
        };
        onlooker.keys = "Ctrl-C again leaves at once";
        let line = "stopping it; Ctrl-C again leaves at once";
        let line = onlooker.view.remark(Tone::Warn, line);
        onlooker.screen.lines(&[line])
    }
}
