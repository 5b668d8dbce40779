//! The answer as it is written.

use std::fmt;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use futures_core::stream::FusedStream;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::body::ResponseBody;
use super::broken::{Incomplete, Interruption};
use super::deadline::Watch;
use super::error::Error;
use super::events::Events;
use super::limits::Limits;
use super::send::Took;
use super::telemetry::{CallSpan, UnderWay};
use super::transport::BoxFuture;
use crate::fault::request_id;
use crate::model::{PerformanceConfigLatency, ServiceTierType, Text};
use crate::operation::{converse_stream, invoke_model};
use crate::stream::{
    Accumulated, Accumulator, ConverseStreamOutput, EventUnion, ResponseStream, StreamEvent,
};

/// The events of an answer to ConverseStream, as they arrive.
pub type ConverseStream = EventStream<ConverseStreamOutput>;

/// The pieces of an answer to InvokeModelWithResponseStream, as they arrive.
///
/// The service model has no last event for it: where the connection ends in
/// order between two pieces, the stream ends without an error, and
/// [`is_stopped`](EventStream::is_stopped) says whether the answer is whole.
pub type InvokeModelStream = EventStream<ResponseStream>;

/// The events of an answer, as they arrive.
///
/// It ends without an error only if the answer is complete, as far as the
/// operation has something to tell that by. After an error it ends. Dropping it
/// cancels the call: the HTTP/2 stream is reset, or the HTTP/1.1 connection
/// closed.
pub struct EventStream<O> {
    headers: HeaderMap,
    took: Option<Took>,
    body: ResponseBody,
    /// In a box, so that a stream is moved cheaply; it is the one of the first look.
    events: Box<Events<O>>,
    span: CallSpan,
    under_way: UnderWay,
    ended: bool,
}

impl<O: EventUnion> EventStream<O> {
    /// The stream in a response to its operation's request, under the default
    /// limits; [`Client::open_stream`](super::Client::open_stream) has the
    /// client's.
    ///
    /// # Errors
    /// Where the response is an error of the service's, of which at most 1 MiB
    /// of the body is kept, or no event stream.
    pub async fn open(response: http::Response<ResponseBody>) -> Result<Self, Error> {
        Self::open_within(response, Limits::default()).await
    }

    pub(super) async fn open_within(
        response: http::Response<ResponseBody>,
        limits: Limits,
    ) -> Result<Self, Error> {
        match Self::begin(response, limits) {
            Ok(stream) => Ok(stream),
            Err(refusal) => Err(refusal.await),
        }
    }

    /// The stream in a response, or what reads why there is none: in a box, as
    /// a caller's future, which is kept for as long as its task, needs no room
    /// for what is rare.
    pub(super) fn begin(
        response: http::Response<ResponseBody>,
        limits: Limits,
    ) -> Result<Self, BoxFuture<'static, Error>> {
        let (head, mut body) = response.into_parts();
        body.take_under_way();
        let (span, took) = (CallSpan::of(&head.extensions), Took::of(&head.extensions));
        if converse_stream::is_event_stream(&head) {
            let events = events(&head, &mut body, limits.message);
            let (headers, under_way) = (apart(&head.headers), span.under_way());
            return Ok(Self { headers, took, body, events, span, under_way, ended: false });
        }
        Err(Box::pin(async move {
            let (body, broken) = span.over(body.collect_up_to(limits.error_body())).await;
            let error = converse_stream::parse_error(&head, body);
            let error = Error::answered(error, took, broken.as_ref());
            span.failed(error.service_error(), error.kind());
            error
        }))
    }

    /// The next event; `None` once the answer is complete.
    ///
    /// # Errors
    /// How the answer broke off.
    pub async fn next(&mut self) -> Option<Result<StreamEvent<O>, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The bytes that came and were given out in no event, so that nothing of a
    /// stream that broke off is lost. A message that is no event is with its
    /// error.
    pub fn into_held(self) -> impl Iterator<Item = Bytes> {
        let EventStream { mut body, events, ended, .. } = self;
        // Where the first event was looked at under another limit.
        let looked_at = body.take_start();
        events.into_held(ended).chain(looked_at)
    }

    /// Whether the answer is shown to be whole: see
    /// [`EventDecoder::is_stopped`](crate::stream::EventDecoder::is_stopped).
    pub fn is_stopped(&self) -> bool {
        self.events.is_stopped()
    }

    /// `x-amzn-RequestId` of the response.
    pub fn request_id(&self) -> Option<&str> {
        self.events.request_id()
    }

    /// The response's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    #[inline]
    fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<StreamEvent<O>, Interruption>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        match std::task::ready!(self.events.poll_next(&mut self.body, cx)) {
            Some(Ok(event)) => {
                self.span.output(event.output());
                if self.is_stopped() {
                    self.under_way.done();
                }
                Poll::Ready(Some(Ok(event)))
            }
            Some(Err(how)) => self.end(Some(how.with_head(&self.headers, self.took))),
            None => self.end(None),
        }
    }

    fn end(
        &mut self,
        how: Option<Interruption>,
    ) -> Poll<Option<Result<StreamEvent<O>, Interruption>>> {
        self.ended = true;
        self.under_way.done();
        if let Some(how) = &how {
            self.body.close();
            self.span.failed(how.service_error(), how.kind());
        }
        Poll::Ready(how.map(Err))
    }
}

/// The events of a body, going on from where it was looked at.
fn events<O: EventUnion>(head: &Parts, body: &mut ResponseBody, limit: usize) -> Box<Events<O>> {
    let was_looked_at = body.was_looked_at();
    if let Some(events) = body.take_look(|events: &Events<O>| events.has_limit(limit)) {
        return events;
    }
    let waits = head.extensions.get().map(Watch::events).unwrap_or_default();
    let waits = if was_looked_at { waits.behind_the_first() } else { waits };
    Box::new(Events::new(limit, request_id(&head.headers), waits))
}

/// The same headers in memory of their own. As hyper gives them they are slices
/// of its first read buffer, 8 KiB that would be kept for as long as the stream.
fn apart(headers: &HeaderMap) -> HeaderMap {
    let mut own = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        // What is in a value can be one.
        let mut copy = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
        copy.set_sensitive(value.is_sensitive());
        own.append(name.clone(), copy);
    }
    own
}

impl InvokeModelStream {
    /// The MIME type of the pieces, from `X-Amzn-Bedrock-Content-Type`.
    pub fn content_type(&self) -> Option<Text> {
        const NAME: HeaderName = HeaderName::from_static("x-amzn-bedrock-content-type");
        invoke_model::text(&self.headers, &NAME)
    }

    /// From `X-Amzn-Bedrock-PerformanceConfig-Latency`.
    pub fn performance_config_latency(&self) -> Option<PerformanceConfigLatency> {
        invoke_model::latency(&self.headers)
    }

    /// From `X-Amzn-Bedrock-Service-Tier`.
    pub fn service_tier(&self) -> Option<ServiceTierType> {
        invoke_model::service_tier(&self.headers)
    }
}

impl ConverseStream {
    /// Adds all events up to what Converse would have answered.
    ///
    /// # Errors
    /// [`Error::Incomplete`] with what came, if the answer broke off.
    pub async fn collect(self) -> Result<Accumulated, Error> {
        self.collect_until(std::future::pending()).await
    }

    /// Adds events up until `stop` resolves: that cancels the call, and what
    /// came is kept. (Who drops the stream or this future cancels it too, and
    /// keeps nothing.)
    ///
    /// # Errors
    /// [`Error::Incomplete`] with what came, if the answer broke off or was
    /// cancelled ([`Ending`](super::Ending)).
    pub async fn collect_until(
        mut self,
        stop: impl Future<Output = ()>,
    ) -> Result<Accumulated, Error> {
        let (mut stop, mut accumulator) = (pin!(stop), Accumulator::new());
        let how = loop {
            let next = std::future::poll_fn(|cx| match stop.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => self.poll_event(cx).map(Some),
            });
            match next.await {
                Some(Some(Ok(event))) => accumulator.add(&event),
                Some(Some(Err(how))) => break how,
                Some(None) => return Ok(accumulator.finish()),
                None => break Interruption::cancelled(self.events.place()),
            }
        };
        self.body.close();
        let (so_far, held) = (accumulator.finish(), self.into_held().collect());
        Err(Error::Incomplete(Box::new(Incomplete { how, so_far, held })))
    }
}

impl<O: EventUnion> Stream for EventStream<O> {
    type Item = Result<StreamEvent<O>, Error>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(cx)
            .map(|event| event.map(|result| result.map_err(|how| Error::Stream(Box::new(how)))))
    }
}

impl<O: EventUnion> FusedStream for EventStream<O> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<O> fmt::Debug for EventStream<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("headers", &self.headers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Client, Transport, TransportError};
    use crate::model::ConverseStreamRequest;
    use crate::operation::Body;

    #[derive(Debug)]
    struct Unplugged;

    impl Transport for Unplugged {
        fn send(
            &self,
            _: http::Request<Body>,
        ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
            Box::pin(std::future::pending())
        }
    }

    /// Twice what it is, as compilers differ: a body read in the caller's future
    /// would be over it.
    #[test]
    fn a_task_that_opens_a_stream_and_reads_it_needs_little_room() {
        let builder = Client::builder().ignore_environment().region("us-east-1");
        let client = builder.api_key("EXAMPLE").transport(Unplugged).build().unwrap();
        let call = size_of_val(&client.converse_stream("model", &ConverseStreamRequest::new()));
        let (stream, client) = (size_of::<ConverseStream>(), size_of_val(&client));
        assert!(call <= 2500 && stream <= 1000, "{call}, {stream}");
        assert_eq!(client, size_of::<usize>());
    }

    #[test]
    fn the_headers_of_a_stream_keep_nothing_of_what_was_read_with_them() {
        let read = Bytes::from(b"HTTP/1.1 200 OK\r\nset-cookie: a\r\nset-cookie: b".to_vec());
        let mut headers = HeaderMap::new();
        for at in [29..30, 44..45] {
            let value = HeaderValue::from_maybe_shared(read.slice(at)).unwrap();
            headers.append(http::header::SET_COOKIE, value);
        }
        let own = apart(&headers);
        assert_eq!(own, headers);
        drop(headers);
        assert!(read.is_unique());
        assert_eq!(own.get_all(http::header::SET_COOKIE).iter().collect::<Vec<_>>(), ["a", "b"]);
    }
}
