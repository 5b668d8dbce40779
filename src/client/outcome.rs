//! What came of an attempt, looked at as far as it takes to know whether it
//! failed, and handed on whole.

use std::collections::VecDeque;

use bytes::Bytes;
use http::Response;
use http::response::Parts;

use super::body::{Joined, ResponseBody};
use super::deadline::Watch;
use super::error::Error;
use super::events::Events;
use super::limits::Limits;
use super::send::Took;
use crate::fault::request_id;
use crate::operation::{AnswerError, Operation, converse_stream, is_error, parse_error};
use crate::stream::{ConverseStreamOutput, EventUnion, ResponseStream};

/// What came of an attempt.
pub(super) enum Outcome {
    /// An answer, with every byte of its body still to be read.
    Answer(Box<Answered>),
    /// None.
    Failure(Error),
}

pub(super) struct Answered {
    head: Parts,
    body: ResponseBody,
    /// Why the attempt failed all the same.
    error: Option<Error>,
}

impl Outcome {
    /// Why the attempt failed, if it did.
    pub(super) fn error(&self) -> Option<&Error> {
        match self {
            Outcome::Answer(answered) => answered.error.as_ref(),
            Outcome::Failure(error) => Some(error),
        }
    }

    /// `x-amzn-RequestId` of the answer.
    pub(super) fn request_id(&self) -> Option<String> {
        match self {
            Outcome::Answer(answered) => request_id(&answered.head.headers),
            Outcome::Failure(_) => None,
        }
    }

    /// The answer, whatever it says.
    pub(super) fn into_result(self) -> Result<Response<ResponseBody>, Error> {
        match self {
            Outcome::Answer(answered) => {
                let Answered { head, mut body, error } = *answered;
                if let Some(broken) = error.and_then(Error::into_break) {
                    body.break_off(broken);
                }
                Ok(Response::from_parts(head, body))
            }
            Outcome::Failure(error) => Err(error),
        }
    }
}

impl Answered {
    pub(super) fn new(response: Response<ResponseBody>) -> Self {
        let (head, body) = response.into_parts();
        Answered { head, body, error: None }
    }

    /// Looks whether the attempt failed: at an error's body, and at a stream up
    /// to its first event.
    pub(super) async fn look(&mut self, operation: Operation, limits: Limits, watch: &Watch) {
        let Answered { head, body, error } = self;
        let is_stream = operation.is_stream();
        *error = if is_error(head) || (is_stream && !converse_stream::is_event_stream(head)) {
            Some(refusal(head, body, is_stream, limits.error_body()).await)
        } else if operation == Operation::InvokeModelWithResponseStream {
            opening::<ResponseStream>(head, body, limits, watch).await
        } else if is_stream {
            opening::<ConverseStreamOutput>(head, body, limits, watch).await
        } else {
            None
        };
    }
}

/// The error that an answer is, by the start of its body, which stays in it.
async fn refusal(head: &Parts, body: &mut ResponseBody, is_stream: bool, limit: usize) -> Error {
    let (mut start, mut broken) = (Joined::default(), None);
    while start.len() < limit {
        match body.next().await {
            Some(Ok(piece)) => start.add(piece),
            Some(Err(error)) => {
                broken = Some(error);
                break;
            }
            None => break,
        }
    }
    let start = Bytes::from(start);
    let error = if is_stream {
        converse_stream::parse_error(head, start.clone())
    } else {
        AnswerError::Service(Box::new(parse_error(head, start.clone())))
    };
    let error = Error::answered(error, Took::of(&head.extensions), broken.as_ref());
    if !start.is_empty() {
        body.put_back(VecDeque::from([start]));
    }
    if let Some(broken) = broken {
        body.break_off(broken);
    }
    error
}

/// How a stream failed before its first event. What was read of it stays with
/// the body, decoded.
async fn opening<O: EventUnion>(
    head: &Parts,
    body: &mut ResponseBody,
    limits: Limits,
    watch: &Watch,
) -> Option<Error> {
    let request_id = request_id(&head.headers);
    let mut events = Box::new(Events::<O>::new(limits.message, request_id, watch.events()));
    let how = events.look(body).await;
    body.put_look(events);
    let how = how?.with_head(&head.headers, Took::of(&head.extensions));
    Some(Error::Stream(Box::new(how)))
}
