//! The body of an HTTP answer that plays the steps of a reply one after another.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use serde_json::Value;
use tokio::time::Sleep;

use crate::adapters::scripted_model::Step;
use crate::adapters::scripted_model::server::Shared;

/// Counts one request as in flight until it is dropped.
pub(super) struct InFlight {
    shared: Arc<Shared>,
    answered: bool,
}

/// Steps, or one whole text whose length is known from the start.
pub(super) struct StepBody {
    steps: vec::IntoIter<Step>,
    pausing: Option<Pin<Box<Sleep>>>,
    hanging: bool,
    cutting: bool,
    sequence: u64,
    length: Option<u64>,
    in_flight: Option<InFlight>,
}

impl InFlight {
    pub(super) fn begin(shared: &Arc<Shared>) -> InFlight {
        shared.count(|counters| {
            counters.asked += 1;
            counters.in_flight += 1;
        });
        InFlight {
            shared: Arc::clone(shared),
            answered: false,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let answered = self.answered;
        self.shared.count(|counters| {
            counters.in_flight -= 1;
            if answered {
                counters.answered += 1;
            } else {
                counters.abandoned += 1;
            }
        });
    }
}

impl StepBody {
    pub(super) fn stream(steps: Vec<Step>, in_flight: InFlight) -> StepBody {
        StepBody {
            steps: steps.into_iter(),
            pausing: None,
            hanging: false,
            cutting: false,
            sequence: 0,
            length: None,
            in_flight: Some(in_flight),
        }
    }

    pub(super) fn whole(text: String, mut in_flight: Option<InFlight>) -> StepBody {
        if let Some(in_flight) = &mut in_flight {
            // An empty body is never asked for.
            in_flight.answered = text.is_empty();
        }
        StepBody {
            length: Some(text.len() as u64),
            steps: vec![Step::Raw(text.into_bytes())].into_iter(),
            pausing: None,
            hanging: false,
            cutting: false,
            sequence: 0,
            in_flight,
        }
    }

    fn next_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if self.hanging {
                return Poll::Pending;
            }
            if self.cutting {
                self.answered();
                return Poll::Ready(Some(Err(io::Error::other("cut by the script"))));
            }
            if let Some(pause) = &mut self.pausing {
                if pause.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.pausing = None;
            }
            match self.steps.next() {
                Some(Step::Event(event)) => return Poll::Ready(Some(Ok(self.event(event)))),
                Some(Step::Raw(bytes)) => {
                    self.length = self.length.map(|left| left - bytes.len() as u64);
                    if self.steps.len() == 0 {
                        self.answered();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
                }
                Some(Step::Pause(pause)) => {
                    self.pausing = Some(Box::pin(tokio::time::sleep(pause)));
                }
                Some(Step::Hang) => self.hanging = true,
                Some(Step::Cut) => {
                    // What came before is only flushed once there is nothing more to send.
                    self.cutting = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None => {
                    self.answered();
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn event(&mut self, mut event: Value) -> Frame<Bytes> {
        if let Some(object) = event.as_object_mut() {
            object.insert("sequence_number".to_owned(), self.sequence.into());
            self.sequence += 1;
        }
        let kind = event["type"].as_str().unwrap_or("message");
        Frame::data(format!("event: {kind}\ndata: {event}\n\n").into())
    }

    fn answered(&mut self) {
        if let Some(mut in_flight) = self.in_flight.take() {
            in_flight.answered = true;
        }
    }
}

impl Body for StepBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.get_mut().next_frame(cx)
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}
