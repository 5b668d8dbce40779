//! Times that are made, in place of recorded ones.

use std::time::Duration;

use super::error::ReplayError;
use crate::serve::{Gaps, Jitter, Reply, ReplyBody, seed_of};

/// When the head and each frame of an answer go out, in place of the recorded
/// times: the first event after a while, and then so many a second.
///
/// A new one says nothing: all goes out at once. With a seed two runs have the
/// same times: they depend on the seed, on which tape it is and on how often it
/// was played before. An answer that is no event stream goes out whole at the
/// time of the first event.
///
/// ```
/// use std::time::Duration;
/// use bedrock_wire::replay::{MadeTiming, ReplayServer};
///
/// let timing = MadeTiming::new()
///     .first_event(Duration::from_millis(400))
///     .events_per_second(50.0)
///     .jitter(0.2)
///     .seed(7);
/// let builder = ReplayServer::builder().path("tests/tapes").timing(timing);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MadeTiming {
    head: Option<Duration>,
    first_event: Duration,
    events_per_second: Option<f64>,
    jitter: f64,
    seed: u64,
}

impl MadeTiming {
    /// All at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time from the request to the head of the answer. By default the head
    /// comes with the first event, as it does from the service; it never comes
    /// later.
    #[must_use]
    pub fn head(self, time: Duration) -> Self {
        Self { head: Some(time), ..self }
    }

    /// The time from the request to the first event.
    #[must_use]
    pub fn first_event(self, time: Duration) -> Self {
        Self { first_event: time, ..self }
    }

    /// How many events a second come behind the first: a number above 0. By
    /// default they come at once.
    #[must_use]
    pub fn events_per_second(self, rate: f64) -> Self {
        Self { events_per_second: Some(rate), ..self }
    }

    /// How much longer or shorter each time is by chance: from 0, not at all, to
    /// 1, from nothing to twice. By default 0.
    #[must_use]
    pub fn jitter(self, share: f64) -> Self {
        Self { jitter: share, ..self }
    }

    /// What the chances come from. By default 0.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(super) fn check(self) -> Result<Self, ReplayError> {
        let wrong = |what, value, mend| ReplayError::Timing { what, value, mend };
        match self.events_per_second {
            Some(rate) if !(rate.is_finite() && rate > 0.0) => {
                return Err(wrong("events per second", rate, "a number above 0, such as 50"));
            }
            Some(_) | None => {}
        }
        if (0.0..=1.0).contains(&self.jitter) {
            Ok(self)
        } else {
            Err(wrong("jitter", self.jitter, "a number from 0 to 1, such as 0.2"))
        }
    }

    /// The reply in these times, as the `nth` of the tape `which`.
    pub(super) fn apply(self, reply: &mut Reply, which: u64, nth: u64) {
        let mut jitter = Jitter::new(self.jitter, seed_of([self.seed, which, nth]));
        let first = jitter.of(self.first_event);
        reply.head_delay = self.head.map_or(first, |head| jitter.of(head).min(first));
        let gap = self.events_per_second.map_or(Duration::ZERO, |rate| {
            Duration::try_from_secs_f64(rate.recip()).unwrap_or(Duration::MAX)
        });
        let next = first.saturating_sub(reply.head_delay);
        match &mut reply.body {
            ReplyBody::Shared(pieces) => {
                *pieces = pieces.clone().every(Gaps { next, gap, jitter });
            }
            ReplyBody::Whole(bytes) => {
                reply.body = ReplyBody::TimedWhole(vec![(next, std::mem::take(bytes))]);
            }
            // No tape whose times are made has such a body.
            ReplyBody::Timed(_) | ReplyBody::TimedWhole(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn an_answer_that_is_no_stream_goes_out_whole_at_the_time_of_the_first_event() {
        for (head, after) in [(None, 0), (Some(100), 300), (Some(900), 0)] {
            let timing = MadeTiming::new().first_event(400 * MS).events_per_second(1.0);
            let timing = head.map_or(timing, |head| timing.head(head * MS));
            let mut reply = Reply::whole(StatusCode::OK, "{}");
            timing.apply(&mut reply, 0, 0);
            let ReplyBody::TimedWhole(pieces) = reply.body else { panic!("{:?}", reply.body) };
            assert_eq!(pieces, [(after * MS, "{}".into())], "{head:?}");
            assert_eq!(reply.head_delay + after * MS, 400 * MS);
        }
    }
}
