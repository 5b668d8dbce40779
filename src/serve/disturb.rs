//! What faults make of an answer on its way out.

use std::sync::Arc;
use std::time::Duration;

use super::answer::Outgoing;
use super::fault::{self, BodyFaults, Fault, FaultKind, Faults, Made, Stage};
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
        // A request that matched counts for the delays, though none is waited
        // where there is no head.
        let has_head = matches!(made, Made::Reply(_));
        let delays = self.choose(&Stage::Faulted, |_| has_head);
        Some(self.made(made, &delays))
    }

    /// The handler's answer, and what is done to it.
    pub(super) fn answered(&self, answer: Answer) -> Next {
        match answer {
            Answer::Live(live) => {
                let of_head = |fault: &Arc<Fault>| matches!(fault.kind, FaultKind::DelayHead(_));
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
        let source = reply.source.clone();
        let stage = Stage::Replied(source.as_deref());
        let mut body = self.body(&stage, &mut reply);
        let chosen = self.choose(&stage, |fault| {
            !fault::is_of_body(&fault.kind) || body.as_mut().is_some_and(|body| body.fits(fault))
        });
        if let Some(made) = chosen.iter().find_map(|fault| fault::make(&fault.kind)) {
            return self.made(made, &chosen);
        }
        let after = self.speed.scale(reply.head_delay).saturating_add(delay(&chosen));
        let Some(body) = body else {
            return Next::Send(Outgoing::new(reply.into(), self.speed).into(), after);
        };
        let kinds = chosen.iter().map(|fault| &fault.kind);
        let fault::Done { body, finish, announced, piece } = body.apply(kinds, reply.cut);
        reply.body = body;
        // Its times are scaled, and those of faults are real.
        let speed = Speed::Recorded;
        let outgoing = Outgoing { answer: reply.into(), finish, announced, piece, speed };
        Next::Send(outgoing.into(), after)
    }

    /// The reply's body, where a fault of it may be chosen.
    fn body(&self, stage: &Stage<'_>, reply: &mut Reply) -> Option<BodyFaults> {
        let mut faults = self.faults.left();
        faults.retain(|fault| fault::is_of_body(&fault.kind) && stage.looks_at(fault, self.target));
        if faults.is_empty() {
            return None;
        }
        scale(&mut reply.body, self.speed);
        Some(fault::body_faults(reply, faults))
    }

    fn made(&self, made: Made, chosen: &[Arc<Fault>]) -> Next {
        match made {
            Made::Stall => Next::Stall,
            Made::Reset => Next::Reset,
            Made::Reply(reply) => {
                let outgoing = Outgoing::new(Answer::Reply(*reply), self.speed);
                Next::Send(outgoing.into(), delay(chosen))
            }
        }
    }

    fn choose(&self, stage: &Stage<'_>, fits: impl FnMut(&Arc<Fault>) -> bool) -> Vec<Arc<Fault>> {
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
