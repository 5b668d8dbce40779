//! An attempt, as a caller's hook sees it.

use std::time::Duration;

use crate::client::error::Error;
use crate::operation::Operation;

/// An attempt that has ended, as
/// [`ClientBuilder::on_attempt`](crate::client::ClientBuilder::on_attempt) has
/// it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// What is asked for.
    pub operation: Operation,
    /// Which one it was, counted from 1; as in the header `amz-sdk-request`.
    pub number: u32,
    /// Why it failed. None where it did not, as far as an attempt goes: to the
    /// first event of a stream, or the head of an answer that is none.
    pub error: Option<&'a Error>,
    /// `x-amzn-RequestId` of the answer, if one came.
    pub request_id: Option<&'a str>,
    /// How long it took, from when it was signed, without the wait before it;
    /// where it could not be signed, how long that took.
    pub took: Duration,
    /// After how long the request is sent again. None where it is not: its
    /// error, if there is one, is the call's.
    pub delay: Option<Duration>,
}
