//! What came of an attempt, looked at as far as it takes to know whether it
//! failed, and handed on whole.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use http::Response;
use http::response::Parts;

use super::body::ResponseBody;
use super::broken::Interruption;
use super::deadline::{Deadline, Watch};
use super::error::Error;
use super::limits::Limits;
use super::send::Took;
use super::timer::within;
use super::transport::TransportError;
use crate::eventstream::Decoder;
use crate::fault::request_id;
use crate::operation::{AnswerError, Operation, converse_stream, is_error, parse_error};
use crate::stream::{ConverseStreamOutput, EventDecoder, EventUnion, ResponseStream};

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
    /// Looks at a response: at an error's body, and at a stream up to its first
    /// event.
    pub(super) async fn of(
        response: Response<ResponseBody>,
        operation: Operation,
        limits: Limits,
        watch: &Watch,
        attempt: u32,
    ) -> Self {
        let (head, mut body) = response.into_parts();
        let error = if is_error(&head) {
            Some(refusal(&head, &mut body, limits.error_body()).await)
        } else if operation.is_stream() && converse_stream::is_event_stream(&head) {
            let messages = Decoder::with_max_message_length(limits.message);
            let id = request_id(&head.headers);
            let how = if operation == Operation::InvokeModelWithResponseStream {
                let decoder = EventDecoder::<ResponseStream>::on(messages, id);
                opening(&mut body, decoder, watch, attempt).await
            } else {
                let decoder = EventDecoder::<ConverseStreamOutput>::on(messages, id);
                opening(&mut body, decoder, watch, attempt).await
            };
            how.map(|how| Error::Stream(Box::new(how.with_headers(&head.headers))))
        } else {
            None
        };
        Outcome::Answer(Box::new(Answered { head, body, error }))
    }

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

/// The error that an answer is, by the start of its body, which stays in it.
async fn refusal(head: &Parts, body: &mut ResponseBody, limit: usize) -> Error {
    let (mut start, mut length, mut broken) = (VecDeque::new(), 0, None);
    while length < limit {
        match body.next().await {
            Some(Ok(piece)) => {
                length += piece.len();
                start.push_back(piece);
            }
            Some(Err(error)) => {
                broken = Some(error);
                break;
            }
            None => break,
        }
    }
    let error = AnswerError::Service(Box::new(parse_error(head, joined(&start))));
    let error = Error::answered(error, Took::of(&head.extensions), broken.as_ref());
    body.put_back(start);
    if let Some(broken) = broken {
        body.break_off(broken);
    }
    error
}

fn joined(pieces: &VecDeque<Bytes>) -> Bytes {
    if pieces.len() < 2 {
        return pieces.front().cloned().unwrap_or_default();
    }
    let mut whole = BytesMut::new();
    for piece in pieces {
        whole.extend_from_slice(piece);
    }
    whole.freeze()
}

/// How a stream failed before its first event; all that was read of it stays in
/// the body.
async fn opening<O: EventUnion>(
    body: &mut ResponseBody,
    mut decoder: EventDecoder<O>,
    watch: &Watch,
    attempt: u32,
) -> Option<Interruption> {
    let mut start = VecDeque::new();
    let since = watch.waits.now();
    let first = first(body, &mut decoder, &mut start);
    let how = within(watch.first_event(attempt), first).await.unwrap_or_else(|| {
        Some(Opening::Transport(watch.passed(Deadline::FirstEvent, since).into()))
    });
    body.put_back(start);
    how.map(|how| match how {
        Opening::Interrupted(how) => how,
        Opening::Transport(error) => Interruption::transport(error, &decoder),
    })
}

enum Opening {
    Interrupted(Interruption),
    Transport(TransportError),
}

async fn first<O: EventUnion>(
    body: &mut ResponseBody,
    decoder: &mut EventDecoder<O>,
    start: &mut VecDeque<Bytes>,
) -> Option<Opening> {
    loop {
        match decoder.next() {
            Ok(Some(_)) => return None,
            Ok(None) => {}
            Err(error) => return Some(Opening::Interrupted(Interruption::Stream(error))),
        }
        match body.next().await {
            Some(Ok(piece)) => {
                decoder.push(piece.clone());
                start.push_back(piece);
            }
            Some(Err(error)) => return Some(Opening::Transport(error)),
            None => {
                let how = decoder.finish().err().map(Interruption::Stream);
                return how.map(Opening::Interrupted);
            }
        }
    }
}
