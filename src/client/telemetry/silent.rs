//! Tells nothing.

use std::any::Any;
use std::time::Duration;

use http::Extensions;
use http::response::Parts;

use crate::client::error::ErrorKind;
use crate::client::outcome::Outcome;
use crate::fault::ServiceError;
use crate::operation::Request;

/// A call that is not told of.
#[derive(Clone, Debug)]
pub(in crate::client) struct CallSpan;

#[expect(clippy::unused_self, reason = "with the feature `tracing` there is something to tell")]
impl CallSpan {
    pub(in crate::client) fn begin(_: &Request) -> Self {
        CallSpan
    }

    pub(in crate::client) fn of(_: &Extensions) -> Self {
        CallSpan
    }

    pub(in crate::client) fn under_way(&self) -> UnderWay {
        UnderWay
    }

    /// As it is: a future that awaits it would have room for it twice.
    pub(in crate::client) fn over<F: Future>(&self, call: F) -> F {
        call
    }

    pub(in crate::client) fn attempt(&self, _: u32, _: &Outcome, _: Duration, _: Option<Duration>) {
    }

    pub(in crate::client) fn answered(&self, _: &Parts) {}

    pub(in crate::client) fn first_event(&self, _: Duration) {}

    pub(in crate::client) fn output(&self, _: &dyn Any) {}

    pub(in crate::client) fn failed(&self, _: Option<&ServiceError>, _: ErrorKind) {}
}

/// What is not told of when it is given up.
pub(in crate::client) struct UnderWay;

impl UnderWay {
    #[expect(clippy::unused_self, reason = "with the feature `tracing` there is something to do")]
    pub(in crate::client) fn done(&mut self) {}

    #[expect(clippy::unused_self, reason = "with the feature `tracing` there is something to do")]
    pub(in crate::client) fn failed(&mut self, _: ErrorKind) {}
}
