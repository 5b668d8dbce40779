//! How long to wait for what.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::timer::Waits;
use super::transport::{BoxFuture, TransportError, TransportErrorKind};

/// AWS's advice for models that think for long: a read timeout of 3,600 s
/// (Bedrock User Guide, "Extended thinking").
const ADVISED: Duration = Duration::from_hours(1);

/// A connection that takes longer than this will not come: TLS included, it
/// takes a few round trips. The AWS SDKs wait for 3.1 s, which loses some on
/// slow networks.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// How long a client waits for each step of a call. `None` is for ever.
///
/// By default a connection has 10 s. The head of an answer, the first event of
/// a stream and each event after it have an hour each: that is AWS's advice for
/// a read timeout, since a model may think for long in silence, and anything
/// shorter would end healthy calls. A peer that is gone is found sooner, by TCP
/// keepalive; the hour is for one that is there and says nothing. There is no
/// deadline for the whole of a call: it would end a stream that is doing well.
///
/// A deadline that passes is an error of the kind
/// [`Timeout`](super::ErrorKind::Timeout);
/// [`Error::deadline`](super::Error::deadline) says which one. Before the first
/// event the request may be sent again
/// ([`RetryPolicy`](super::RetryPolicy)).
///
/// # Panics
/// All but the one for connecting take a
/// [timer](super::ClientBuilder::timer). tokio's, which is there by default,
/// panics where it is asked to wait on a runtime without its time
/// (`enable_time`, or `enable_all`), and cannot be asked beforehand. On such a
/// runtime a client with a transport of the caller's can have another timer, or
/// [none](Self::off) of these and
/// [no retries](super::ClientBuilder::no_retries); the built-in transport takes
/// tokio's time itself.
///
/// ```
/// use std::time::Duration;
/// use bedrock_wire::client::{Client, Deadlines};
///
/// // A quick first try: what hangs is sent again, and may then take its time.
/// let hurried = Deadlines::new()
///     .head(Duration::from_secs(8))
///     .first_event(Duration::from_secs(8))
///     .first_attempt_only();
/// let builder = Client::builder().deadlines(hurried);
/// # let _ = builder;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "deadlines do nothing until a client has them"]
pub struct Deadlines {
    pub(super) connect: Option<Duration>,
    pub(super) head: Option<Duration>,
    pub(super) first_event: Option<Duration>,
    pub(super) between_events: Option<Duration>,
    pub(super) whole: Option<Duration>,
    pub(super) first_attempt_only: bool,
}

impl Deadlines {
    /// The defaults.
    pub fn new() -> Self {
        Deadlines {
            connect: Some(CONNECT),
            head: Some(ADVISED),
            first_event: Some(ADVISED),
            between_events: Some(ADVISED),
            whole: None,
            first_attempt_only: false,
        }
    }

    /// No deadline at all.
    pub fn off() -> Self {
        Deadlines {
            connect: None,
            head: None,
            first_event: None,
            between_events: None,
            whole: None,
            first_attempt_only: false,
        }
    }

    /// For a connection, TLS included. It is for the built-in transport: what a
    /// transport of the caller's does meanwhile nobody sees.
    pub fn connect(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { connect: limit.into(), ..self }
    }

    /// For the head of the answer, from when an attempt is sent, connecting
    /// included. The answer of an operation that is no stream begins when the
    /// model is done.
    pub fn head(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { head: limit.into(), ..self }
    }

    /// For the first event of a stream, from the head. Of a request that is
    /// [sent as it is](super::Client::send_signed) nothing is looked at before
    /// the stream is read: there it counts from when a reader of events waits.
    pub fn first_event(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { first_event: limit.into(), ..self }
    }

    /// For each further event of a stream, and each piece of a body that is no
    /// stream or is read as bytes. Counted is what the client waits: not while
    /// a reader does not ask for the next event. Who comes back after that
    /// time, and finds a part of one, waits as long once more for the rest.
    pub fn between_events(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { between_events: limit.into(), ..self }
    }

    /// For a call from its start to its end: credentials, retries and waits
    /// included ([`Error::AuthTimeout`](super::Error::AuthTimeout)). A
    /// stream ends by it when its reader has to wait for the next event.
    pub fn whole(self, limit: impl Into<Option<Duration>>) -> Self {
        Self { whole: limit.into(), ..self }
    }

    /// Has the deadlines for head and first event count for the first attempt
    /// only. A retry then has all the time it needs, however long the first one
    /// was given.
    pub fn first_attempt_only(self) -> Self {
        Self { first_attempt_only: true, ..self }
    }

    /// Whether they take a timer: the one for connecting is the transport's.
    pub(super) fn take_a_timer(self) -> bool {
        let Self { connect: _, head, first_event, between_events, whole, first_attempt_only: _ } =
            self;
        [head, first_event, between_events, whole].iter().any(Option::is_some)
    }

    /// Those of a retry.
    fn of_retry(self) -> Self {
        if self.first_attempt_only {
            return Self { head: None, first_event: None, ..self };
        }
        self
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self::new()
    }
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deadline {
    /// A connection.
    Connect,
    /// The head of the answer.
    Head,
    /// The first event of a stream.
    FirstEvent,
    /// A further event of a stream, or a further piece of a body.
    BetweenEvents,
    /// The whole of a call.
    Whole,
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Deadline::Connect => "no connection (Deadlines::connect)",
            Deadline::Head => "no head of an answer (Deadlines::head)",
            Deadline::FirstEvent => "no first event (Deadlines::first_event)",
            Deadline::BetweenEvents => "nothing further (Deadlines::between_events)",
            Deadline::Whole => "the call is not done (Deadlines::whole)",
        })
    }
}

/// A deadline that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{which} after {:.3} s", .after.as_secs_f64())]
#[non_exhaustive]
pub struct DeadlinePassed {
    /// Which one.
    pub which: Deadline,
    /// How long was waited.
    pub after: Duration,
}

impl From<DeadlinePassed> for TransportError {
    fn from(passed: DeadlinePassed) -> Self {
        let kind = match passed.which {
            Deadline::Connect => TransportErrorKind::ConnectTimeout,
            Deadline::Head | Deadline::FirstEvent | Deadline::BetweenEvents | Deadline::Whole => {
                TransportErrorKind::Timeout
            }
        };
        TransportError::new(kind, passed)
    }
}

/// The deadlines of one call, and since when they count.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    pub(super) waits: Waits,
    deadlines: Deadlines,
    began: Instant,
}

impl Watch {
    pub(super) fn begin(waits: &Waits, deadlines: Deadlines) -> Self {
        Watch { waits: waits.clone(), deadlines, began: waits.now() }
    }

    /// Has what follows be a retry.
    pub(super) fn retry(&mut self) {
        self.deadlines = self.deadlines.of_retry();
    }

    /// What the future gives, unless its own deadline or the whole call's passes
    /// first.
    pub(super) fn over<T>(
        &self,
        own: Option<Wait>,
        mut future: Pin<&mut (impl Future<Output = T> + ?Sized)>,
    ) -> impl Future<Output = Result<T, DeadlinePassed>> {
        let mut waits = [own, self.rest()];
        std::future::poll_fn(move |cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Ok(value)),
            Poll::Pending => poll_first(waits.iter_mut().flatten(), cx).map(Err),
        })
    }

    /// How long the call has taken.
    pub(super) fn taken(&self) -> Duration {
        self.waits.now().saturating_duration_since(self.began)
    }

    /// What the call may still take; none is for ever.
    pub(super) fn left(&self) -> Option<Duration> {
        self.deadlines.whole.map(|whole| whole.saturating_sub(self.taken()))
    }

    /// What watches over the head of an attempt's answer.
    pub(super) fn head(&self) -> Option<Wait> {
        self.wait(Deadline::Head, self.deadlines.head)
    }

    /// What watches over the events of a stream.
    pub(super) fn events(&self) -> EventWaits {
        EventWaits {
            first: self.wait(Deadline::FirstEvent, self.deadlines.first_event),
            further: self.pieces(),
            has_begun: false,
        }
    }

    /// Whether this deadline passed that a further attempt has not.
    pub(super) fn was_hurried(&self, passed: Option<DeadlinePassed>) -> bool {
        let hurries = |passed: DeadlinePassed| match passed.which {
            Deadline::Head | Deadline::FirstEvent => true,
            Deadline::Connect | Deadline::BetweenEvents | Deadline::Whole => false,
        };
        self.deadlines.first_attempt_only && passed.is_some_and(hurries)
    }

    /// That this deadline passed, which was counted from then.
    pub(super) fn passed(&self, which: Deadline, since: Instant) -> DeadlinePassed {
        DeadlinePassed { which, after: self.waits.now().saturating_duration_since(since) }
    }

    /// What watches over each piece of a body that is no stream.
    pub(super) fn pieces(&self) -> Option<Wait> {
        self.wait(Deadline::BetweenEvents, self.deadlines.between_events)
    }

    fn wait(&self, which: Deadline, limit: Option<Duration>) -> Option<Wait> {
        Some(Wait::new(self.waits.clone(), which, limit?, None))
    }

    /// What watches over the rest of the call.
    pub(super) fn rest(&self) -> Option<Wait> {
        let limit = self.deadlines.whole?;
        Some(Wait::new(self.waits.clone(), Deadline::Whole, limit, Some(self.began)))
    }
}

/// A deadline of something that is polled. It asks for the time only where
/// there is nothing to do but wait, and for a timer only once the last one is
/// over.
pub(super) struct Wait {
    waits: Waits,
    which: Deadline,
    limit: Duration,
    began: Option<Instant>,
    /// When it began before it counted anew for a reader who was late.
    excused: Option<Instant>,
    /// What sleeps, and since when what it is to watch over was waited for.
    sleeping: Option<(Instant, BoxFuture<'static, ()>)>,
}

impl Wait {
    fn new(waits: Waits, which: Deadline, limit: Duration, began: Option<Instant>) -> Self {
        Wait { waits, which, limit, began, excused: None, sleeping: None }
    }

    /// What was waited for is there: the next wait counts anew.
    #[inline]
    pub(super) fn over(&mut self) {
        self.began = None;
        self.excused = None;
    }

    /// A part came of what is waited for. If the time is over and nobody has seen
    /// it, the reader was away and not the service silent: it counts anew. Once,
    /// or what comes in drips might never be late.
    fn goes_on(&mut self) {
        let taken = |began| self.waits.now().saturating_duration_since(began);
        if self.excused.is_none() && self.began.is_some_and(|began| taken(began) >= self.limit) {
            self.excused = self.began.take();
        }
    }

    /// To be called where there is nothing to do but wait.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<DeadlinePassed> {
        let began = *self.began.get_or_insert_with(|| self.waits.now());
        loop {
            if self.sleeping.is_none() {
                let taken = self.waits.now().saturating_duration_since(began);
                let left = self.limit.saturating_sub(taken);
                if left.is_zero() {
                    return Poll::Ready(self.passed(began));
                }
                self.sleeping = self.waits.sleep(left).map(|sleep| (began, sleep));
            }
            // None where nobody can wait.
            let Some((since, sleep)) = &mut self.sleeping else { return Poll::Pending };
            std::task::ready!(sleep.as_mut().poll(cx));
            // It may have been set for an earlier wait. If not, the time is over
            // whatever the clock says: a timer that is early would be asked for ever.
            let is_over = *since == began;
            self.sleeping = None;
            if is_over {
                return Poll::Ready(self.passed(began));
            }
        }
    }

    /// That it passed, with the whole time that it took.
    fn passed(&self, began: Instant) -> DeadlinePassed {
        let since = self.excused.unwrap_or(began);
        let after = self.waits.now().saturating_duration_since(since);
        DeadlinePassed { which: self.which, after }
    }
}

/// The first of these that has passed.
pub(super) fn poll_first<'w>(
    waits: impl IntoIterator<Item = &'w mut Wait>,
    cx: &mut Context<'_>,
) -> Poll<DeadlinePassed> {
    for wait in waits {
        if let Poll::Ready(passed) = wait.poll(cx) {
            return Poll::Ready(passed);
        }
    }
    Poll::Pending
}

/// The deadlines of a stream's events, the first of which has its own.
#[derive(Default)]
pub(super) struct EventWaits {
    first: Option<Wait>,
    further: Option<Wait>,
    has_begun: bool,
}

impl EventWaits {
    /// The same for a stream whose first event is there.
    pub(super) fn behind_the_first(self) -> Self {
        EventWaits { first: None, has_begun: true, ..self }
    }

    /// An event is there.
    #[inline]
    pub(super) fn over(&mut self) {
        if !self.has_begun {
            self.has_begun = true;
            // Its timer need not run on.
            self.first = None;
        }
        if let Some(further) = &mut self.further {
            further.over();
        }
    }

    /// To be called where there is nothing to do but wait; `came` says whether
    /// part of an event was there.
    pub(super) fn poll(&mut self, came: bool, cx: &mut Context<'_>) -> Poll<DeadlinePassed> {
        let wait = if self.has_begun { &mut self.further } else { &mut self.first };
        let Some(wait) = wait else { return Poll::Pending };
        if came {
            wait.goes_on();
        }
        wait.poll(cx)
    }
}
