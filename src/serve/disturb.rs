//! What faults make of an answer on its way out.

use std::sync::Arc;
use std::time::Duration;

use super::answer::Outgoing;
use super::fault::{self, Fault, FaultKind, Faults, Made, Stage};
use super::handler::{Answer, Reply, ReplyBody};
use super::journal::Exchange;
use super::pace::Speed;
use crate::operation::Target;

/// What the connection does next.
pub(super) enum Next {
    /// Sends an answer, after this long.
    Send(Box<Outgoing>, Duration),
    /// Nothing, for ever.
    Stall,
    /// Ends by a reset.
    Reset,
}

impl Next {
    /// An answer that no fault is done to.
    pub(super) fn send(reply: Reply, speed: Speed) -> Self {
        let delay = speed.scale(reply.head_delay);
        Next::Send(Outgoing::new(reply.into(), speed).into(), delay)
    }
}

/// One request that is let in, and what faults may be done to its answer.
pub(super) struct Disturber<'a> {
    pub(super) faults: &'a Faults,
    pub(super) target: &'a Target,
    pub(super) exchange: &'a Exchange,
    pub(super) speed: Speed,
}

impl Disturber<'_> {
    /// By how many seconds the clock is off.
    pub(super) fn clock(&self) -> i64 {
        let chosen = self.choose(&Stage::Asked, |_| true);
        fault::clock(chosen.iter().map(|fault| &fault.kind))
    }

    /// What a fault answers, so that the handler is not asked.
    pub(super) fn instead(&self) -> Option<Next> {
        let chosen = self.choose(&Stage::LetIn, |_| true);
        let fault = chosen.first()?;
        let made = fault::make(&fault.kind)?;
        let why = format!("the fault `{}` answered in its place", fault.kind.name());
        self.exchange.answered(None, Some(&why));
        Some(self.made(made))
    }

    /// The handler's answer, and what is done to it.
    pub(super) fn answered(&self, answer: Answer) -> Next {
        match answer {
            Answer::Live(live) => {
                let of_head = |kind: &FaultKind| matches!(kind, FaultKind::DelayHead(_));
                let delay = delay(&self.choose(&Stage::Replied(None), of_head));
                let outgoing = Outgoing::new(Answer::Live(live), self.speed);
                Next::Send(outgoing.into(), delay)
            }
            Answer::Reply(reply) => {
                self.exchange.answered(reply.source.as_ref(), reply.why.as_deref());
                match reply.why {
                    Some(_) => Next::send(reply, self.speed),
                    None => self.replied(reply),
                }
            }
        }
    }

    fn replied(&self, mut reply: Reply) -> Next {
        if self.faults.is_empty() {
            return Next::send(reply, self.speed);
        }
        let source = reply.source.clone();
        let mut body = None;
        let chosen = self.choose(&Stage::Replied(source.as_deref()), |kind| {
            if matches!(kind, FaultKind::DelayHead(_)) {
                return true;
            }
            let body = body.get_or_insert_with(|| {
                scale(&mut reply.body, self.speed);
                fault::body_faults(&reply)
            });
            body.fits(kind)
        });
        if let Some(made) = chosen.iter().find_map(|fault| fault::make(&fault.kind)) {
            return match self.made(made) {
                // The delays were chosen with it.
                Next::Send(outgoing, _) => Next::Send(outgoing, delay(&chosen)),
                other @ (Next::Stall | Next::Reset) => other,
            };
        }
        let after = self.speed.scale(reply.head_delay).saturating_add(delay(&chosen));
        let Some(body) = body else {
            return Next::Send(Outgoing::new(reply.into(), self.speed).into(), after);
        };
        let kinds = chosen.iter().map(|fault| &fault.kind);
        let done = body.apply(kinds, reply.cut);
        reply.body = done.body;
        let (finish, announced) = (done.finish, done.announced);
        // Its times are scaled, and those of faults are real.
        let speed = Speed::Recorded;
        Next::Send(Outgoing { answer: reply.into(), finish, announced, speed }.into(), after)
    }

    fn made(&self, made: Made) -> Next {
        match made {
            Made::Stall => Next::Stall,
            Made::Reset => Next::Reset,
            Made::Reply(reply) => {
                let delay = delay(&self.choose(&Stage::Faulted, |_| true));
                Next::Send(Outgoing::new(Answer::Reply(*reply), self.speed).into(), delay)
            }
        }
    }

    fn choose(&self, stage: &Stage<'_>, fits: impl FnMut(&FaultKind) -> bool) -> Vec<Arc<Fault>> {
        let chosen = self.faults.choose(stage, self.target, fits);
        for fault in &chosen {
            self.exchange.faulted(fault.kind.name());
        }
        chosen
    }
}

fn delay(faults: &[Arc<Fault>]) -> Duration {
    fault::head_delay(faults.iter().map(|fault| &fault.kind))
}

fn scale(body: &mut ReplyBody, speed: Speed) {
    if let ReplyBody::Shared(pieces) = body {
        *body = ReplyBody::Timed(pieces.to_vec());
    }
    match body {
        ReplyBody::Whole(_) | ReplyBody::Shared(_) => {}
        ReplyBody::Timed(pieces) | ReplyBody::TimedWhole(pieces) => {
            for (at, _) in pieces {
                *at = speed.scale(*at);
            }
        }
    }
}
