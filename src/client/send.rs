//! From a request to the start of its answer: hooks, proof, sending; once more
//! where our clock was wrong, and again where that may help.

use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use http::{Extensions, HeaderName, HeaderValue, Response};
use http_body::Body as _;

use super::body::ResponseBody;
use super::call::Client;
use super::deadline::{Deadline, Watch};
use super::error::Error;
use super::outcome::{Answered, Outcome};
use super::retry::{Attempt, Failure};
use super::skew::ClockSkew;
use super::telemetry::CallSpan;
use super::transport::{BoxFuture, TransportError, TransportErrorKind};
use crate::fault::ServiceError;
use crate::operation::{BuildError, Operation, Request, is_error};
use crate::unique;

/// An answer that took longer may be from a model that has worked on it:
/// asking again could go on for ever, and be paid for each time.
const AT_ONCE: Duration = Duration::from_mins(1);

/// What all attempts of a call have in common: AWS's SDKs send it too, so that
/// who looks into it at the other end knows them for one call.
const INVOCATION: HeaderName = HeaderName::from_static("amz-sdk-invocation-id");

/// Which attempt it is, and of how many.
const ATTEMPT: HeaderName = HeaderName::from_static("amz-sdk-request");

/// How long an answer took, kept with its head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Took(pub(super) Duration);

impl Took {
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().copied()
    }
}

/// Which attempt it is, counted from 1, and of how many at most.
#[derive(Clone, Copy, Debug)]
struct Turn {
    number: u32,
    max: u32,
}

/// A request on its way.
struct OnItsWay<'c> {
    answer: BoxFuture<'c, Result<Response<ResponseBody>, TransportError>>,
    /// When it was sent by the clock that signs.
    sent: SystemTime,
    /// When by the clock of deadlines.
    since: Instant,
    signed_by: ClockSkew,
}

/// An attempt that has ended.
struct Sent {
    outcome: Outcome,
    began: Instant,
    /// Whether the answer came at once and set the clock.
    clock_was_wrong: bool,
}

impl Client {
    /// Takes the request through the hooks, proves who asks and sends,
    /// whatever the request: with [`operation`](crate::operation) it can be
    /// built and changed first.
    ///
    /// What fails and may go well the next time is sent again, as the client's
    /// [`RetryPolicy`](super::RetryPolicy) has it, signed anew each time. A
    /// stream's response is given out when its first event is there, with all
    /// bytes from its start. If the service refuses the signature at once and
    /// its answer shows that the clock is wrong, the request is signed by the
    /// service's clock and sent once more, whatever the policy.
    ///
    /// # Errors
    /// Where the request cannot be signed, the network fails or a deadline
    /// passes. An error of the service's is an answer like any other here.
    pub async fn send(&self, request: Request) -> Result<Response<ResponseBody>, Error> {
        self.call_of(request)?.await
    }

    /// In a box: a caller's future has room for one call, not for all that it may
    /// take, and is compiled without it.
    fn call_of(
        &self,
        request: Request,
    ) -> Result<BoxFuture<'_, Result<Response<ResponseBody>, Error>>, Error> {
        let mut request = self.prepared(request)?;
        let (mut watch, span) = (self.watch(), CallSpan::begin(&request));
        Ok(Box::pin(async move {
            let attempts = self.attempts(&mut request, &mut watch, &span);
            told(span.over(attempts).await, &span)
        }))
    }

    /// Takes the request through the hooks and proves who asks, as of now, and
    /// sends nothing: to look at what would go out.
    ///
    /// # Errors
    /// Where a hook turns the request away, there are no credentials or it
    /// cannot be signed.
    pub async fn sign(&self, request: Request) -> Result<Request, Error> {
        let mut request = self.prepared(request)?;
        let first = Turn { number: 1, max: self.inner.retries.max_attempts() };
        self.prove(&mut request, first).await?;
        Ok(request)
    }

    /// Sends a request as it is, once: it cannot be signed anew.
    ///
    /// # Errors
    /// Where the network fails or a deadline passes.
    pub async fn send_signed(&self, request: Request) -> Result<Response<ResponseBody>, Error> {
        let (watch, span) = (self.watch(), CallSpan::begin(&request));
        let sent: BoxFuture<'_, _> =
            Box::pin(async { self.measured(self.begin(request)?, &watch).await });
        told(span.over(sent).await.map(|(response, _)| response), &span)
    }

    /// Proves who asks and sends, in another's place: what fails is told and not
    /// sent again, and an answer is given out unread. But where the signature is
    /// refused and it was our clock's fault, of which the other knows nothing, it
    /// is sent once more.
    #[cfg(feature = "record")]
    pub(crate) async fn pass_on(&self, request: Request) -> Result<Response<ResponseBody>, Error> {
        let request = self.prepared(request)?;
        let (watch, span) = (self.watch(), CallSpan::begin(&request));
        let passing: BoxFuture<'_, _> = Box::pin(self.passed(request, &watch));
        told(span.over(passing).await, &span)
    }

    #[cfg(feature = "record")]
    async fn passed(
        &self,
        mut request: Request,
        watch: &Watch,
    ) -> Result<Response<ResponseBody>, Error> {
        let (operation, mut again) = (request.operation(), request.clone());
        self.proved(&mut request, watch, Turn { number: 1, max: 1 }).await?;
        let (response, clock_was_wrong) = self.measured(self.begin(request)?, watch).await?;
        if !clock_was_wrong || !response.status().is_client_error() || !self.inner.identity.signs()
        {
            return Ok(response);
        }
        let outcome = self.looked_at(response, operation, watch).await;
        if !outcome.error().is_some_and(is_refused) {
            return outcome.into_result();
        }
        self.proved(&mut again, watch, Turn { number: 2, max: 2 }).await?;
        self.measured(self.begin(again)?, watch).await.map(|(response, _)| response)
    }

    fn watch(&self) -> Watch {
        Watch::begin(&self.inner.waits, self.inner.deadlines)
    }

    /// Through the hooks, and with what its attempts have in common.
    fn prepared(&self, mut request: Request) -> Result<Request, BuildError> {
        for hook in &self.inner.hooks {
            hook(&mut request).map_err(BuildError::Hook)?;
        }
        // A UUID is always a header's value.
        if let Ok(id) = HeaderValue::try_from(unique::uuid()) {
            request.headers_mut().entry(INVOCATION).or_insert(id);
        }
        #[cfg(feature = "sigv4")]
        if self.inner.identity.signs() {
            request.hash_body();
        }
        Ok(request)
    }

    /// Proves who asks, as of now.
    async fn prove(&self, request: &mut Request, turn: Turn) -> Result<(), Error> {
        let text = format!("attempt={}; max={}", turn.number, turn.max);
        // Digits are always a header's value.
        if let Ok(text) = HeaderValue::try_from(text) {
            request.headers_mut().insert(ATTEMPT, text);
        }
        let region = self.region_of(request).cloned();
        let now = || self.inner.skew.get().apply((self.inner.clock)());
        self.inner.identity.prove(request, region.as_ref(), &now).await
    }

    /// The same, within the time of the whole call.
    async fn proved(&self, request: &mut Request, watch: &Watch, turn: Turn) -> Result<(), Error> {
        let proving = pin!(self.prove(request, turn));
        watch.over(None, proving).await.map_err(Error::AuthTimeout)?
    }

    async fn attempts(
        &self,
        request: &mut Request,
        watch: &mut Watch,
        span: &CallSpan,
    ) -> Result<Response<ResponseBody>, Error> {
        let (mut course, mut may_mend) = (self.inner.retries.begin(), self.inner.identity.signs());
        let mut turn = Turn { number: 1, max: self.inner.retries.max_attempts() };
        loop {
            let sent = self.attempt(request, watch, turn).await;
            let took = self.inner.waits.now().saturating_duration_since(sent.began);
            let delay = match sent.outcome.error() {
                None => {
                    course.succeeded();
                    if request.operation().is_stream() {
                        span.first_event(watch.taken());
                    }
                    None
                }
                Some(error) if may_mend && sent.clock_was_wrong && is_refused(error) => {
                    may_mend = false;
                    turn.max += 1;
                    Some(Duration::ZERO)
                }
                Some(_) if !self.inner.waits.works() => None,
                Some(error) => {
                    let was_hurried = watch.was_hurried(error.deadline());
                    watch.retry();
                    course.next(&Failure {
                        error,
                        took,
                        was_hurried,
                        left: watch.left(),
                        now: self.inner.skew.get().apply((self.inner.clock)()),
                    })
                }
            };
            span.attempt(turn.number, &sent.outcome, took, delay);
            if delay.is_none()
                && let Some(error) = sent.outcome.error()
            {
                span.failed(error.service_error(), error.kind());
            }
            self.tell(request.operation(), turn.number, &sent.outcome, took, delay);
            let Some(delay) = delay else { return sent.outcome.into_result() };
            // What came is of no use: its connection need not wait too.
            drop(sent);
            // A clock is mended at once, also where nobody can wait.
            if !delay.is_zero()
                && let Some(wait) = self.inner.waits.sleep(delay)
            {
                wait.await;
            }
            turn.number += 1;
        }
    }

    fn tell(
        &self,
        operation: Operation,
        number: u32,
        outcome: &Outcome,
        took: Duration,
        delay: Option<Duration>,
    ) {
        if self.inner.retries.hooks.is_empty() {
            return;
        }
        let (error, request_id) = (outcome.error(), outcome.request_id());
        let request_id = request_id.as_deref();
        let attempt = Attempt { operation, number, error, request_id, took, delay };
        self.inner.retries.hooks.iter().for_each(|hook| hook(&attempt));
    }

    /// One attempt, of a stream up to its first event.
    async fn attempt(&self, request: &mut Request, watch: &Watch, turn: Turn) -> Sent {
        let mut began = self.inner.waits.now();
        match self.asked(request, watch, turn, &mut began).await {
            Ok((outcome, clock_was_wrong)) => Sent { outcome, began, clock_was_wrong },
            Err(error) => Sent { outcome: Outcome::Failure(error), began, clock_was_wrong: false },
        }
    }

    /// The same, up to where it fails. The request itself is signed: the next
    /// attempt replaces all that this one set.
    async fn asked(
        &self,
        request: &mut Request,
        watch: &Watch,
        turn: Turn,
        began: &mut Instant,
    ) -> Result<(Outcome, bool), Error> {
        self.proved(request, watch, turn).await?;
        // No model works while a key or credentials are waited for.
        *began = self.inner.waits.now();
        let on_its_way = self.begin(request.clone())?;
        let (response, clock_was_wrong) = self.measured(on_its_way, watch).await?;
        let outcome = self.looked_at(response, request.operation(), watch).await;
        Ok((outcome, clock_was_wrong))
    }

    /// Looks at an answer as far as it takes to know whether it is an error.
    fn looked_at<'c>(
        &self,
        response: Response<ResponseBody>,
        operation: Operation,
        watch: &'c Watch,
    ) -> impl Future<Output = Outcome> + 'c {
        let (mut answered, limits) = (Box::new(Answered::new(response)), self.inner.limits);
        async move {
            answered.look(operation, limits, watch).await;
            Outcome::Answer(answered)
        }
    }

    /// Sends.
    fn begin(&self, request: Request) -> Result<OnItsWay<'_>, Error> {
        let plane = self.inner.planes.of(request.operation().service())?;
        let (sent, signed_by) = ((self.inner.clock)(), self.inner.skew.get());
        let since = self.inner.waits.now();
        let answer = plane.transport.send(request.into_http());
        Ok(OnItsWay { answer, sent, since, signed_by })
    }

    /// Gives the answer, and whether it came at once and showed that the clock
    /// was wrong.
    async fn measured(
        &self,
        on_its_way: OnItsWay<'_>,
        watch: &Watch,
    ) -> Result<(Response<ResponseBody>, bool), Error> {
        let OnItsWay { mut answer, sent, since, signed_by } = on_its_way;
        let answer =
            watch.over(watch.head(), answer.as_mut()).await.map_err(TransportError::from)?;
        let mut response = answer.map_err(|error| timed(error, watch, since))?;
        let received = (self.inner.clock)();
        // None where the clock was set back meanwhile.
        let took = received.duration_since(sent).ok();
        if let Some(took) = took {
            self.inner.skew.sample(response.headers(), sent, received);
            response.extensions_mut().insert(Took(took));
        }
        // Another answer may have shown it meanwhile.
        let clock_was_wrong = self.inner.skew.get().is_far_from(signed_by);
        let response = watched(response, watch);
        Ok((response, clock_was_wrong && took.is_some_and(|took| took <= AT_ONCE)))
    }
}

/// A transport that gave up connecting: how long it took to.
fn timed(error: TransportError, watch: &Watch, since: Instant) -> TransportError {
    match error.kind {
        TransportErrorKind::ConnectTimeout if error.deadline().is_none() => {
            error.behind(watch.passed(Deadline::Connect, since))
        }
        _ => error,
    }
}

/// The answer, with the span of its call, which ends with it.
fn told(
    result: Result<Response<ResponseBody>, Error>,
    span: &CallSpan,
) -> Result<Response<ResponseBody>, Error> {
    match result {
        Ok(response) => {
            let (mut head, mut body) = response.into_parts();
            span.answered(&head);
            head.extensions.insert(span.clone());
            // An error is told by its status, read or not.
            if !is_error(&head) && !body.is_end_stream() {
                body.put_under_way(span.under_way());
            }
            Ok(Response::from_parts(head, body))
        }
        Err(error) => {
            span.failed(error.service_error(), error.kind());
            Err(error)
        }
    }
}

/// The answer, with the deadlines of what is still to come of it.
fn watched(response: Response<ResponseBody>, watch: &Watch) -> Response<ResponseBody> {
    let (mut head, mut body) = response.into_parts();
    body.watch(watch.pieces(), watch.rest());
    head.extensions.insert(watch.clone());
    Response::from_parts(head, body)
}

/// Whether the service refuses the signature.
fn is_refused(error: &Error) -> bool {
    error.service_error().is_some_and(ServiceError::may_be_of_the_clock)
}
