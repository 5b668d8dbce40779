//! From a request to the head of its answer: hooks, proof, sending, and once
//! more where our clock was wrong.

use std::time::Duration;

use http::{Extensions, Response, StatusCode};

use super::body::ResponseBody;
use super::call::Client;
use super::error::Error;
use super::limits::Limits;
use crate::operation::{BuildError, Request, parse_error};

/// What the service calls a signature that it does not take, where the reason
/// may be the clock.
const NOT_TAKEN: [&str; 4] =
    ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed"];

/// An answer that took longer may be from a model that has worked on it:
/// asking again could go on for ever, and be paid for each time.
const AT_ONCE: Duration = Duration::from_mins(1);

/// How long an answer took, kept with its head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Took(pub(super) Duration);

impl Took {
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().copied()
    }
}

/// An answer, and whether it set the clock.
struct Attempt {
    response: Response<ResponseBody>,
    /// `None` where the clock was set back meanwhile.
    took: Option<Duration>,
    clock_was_wrong: bool,
}

impl Client {
    /// Takes the request through the hooks, proves who asks and sends,
    /// whatever the request: with [`operation`](crate::operation) it can be
    /// built and changed first.
    ///
    /// If the service refuses the signature at once and its answer shows that
    /// the clock is wrong, the request is signed by the service's clock and
    /// sent once more.
    ///
    /// # Errors
    /// Where the request cannot be signed or the network fails. An error of
    /// the service's is an answer like any other here.
    pub async fn send(&self, request: Request) -> Result<Response<ResponseBody>, Error> {
        let request = self.hooked(request)?;
        let Attempt { response, took, clock_was_wrong } = self.attempt(request.clone()).await?;
        let at_once = took.is_some_and(|took| took <= AT_ONCE);
        if !clock_was_wrong || !at_once || !self.identity.signs() {
            return Ok(response);
        }
        let (response, was_refused) = is_refused(response, self.limits).await;
        if !was_refused {
            return Ok(response);
        }
        Ok(self.attempt(request).await?.response)
    }

    /// Takes the request through the hooks and proves who asks, as of now, and
    /// sends nothing: to look at what would go out.
    ///
    /// # Errors
    /// Where a hook turns the request away, there are no credentials or it
    /// cannot be signed.
    pub async fn sign(&self, request: Request) -> Result<Request, Error> {
        let mut request = self.hooked(request)?;
        self.prove(&mut request).await?;
        Ok(request)
    }

    /// Sends a request as it is.
    ///
    /// # Errors
    /// Where the network fails.
    pub async fn send_signed(&self, request: Request) -> Result<Response<ResponseBody>, Error> {
        Ok(self.measured(request).await?.response)
    }

    fn hooked(&self, mut request: Request) -> Result<Request, BuildError> {
        for hook in &self.hooks {
            hook(&mut request).map_err(BuildError::Hook)?;
        }
        Ok(request)
    }

    async fn prove(&self, request: &mut Request) -> Result<(), Error> {
        let region = self.region_of(request).cloned();
        let now = || self.skew.get().apply((self.clock)());
        self.identity.prove(request, region.as_ref(), &now).await
    }

    async fn attempt(&self, mut request: Request) -> Result<Attempt, Error> {
        self.prove(&mut request).await?;
        self.measured(request).await
    }

    async fn measured(&self, request: Request) -> Result<Attempt, Error> {
        let plane = self.planes.of(request.operation().service())?;
        let (sent, signed_by) = ((self.clock)(), self.skew.get());
        let mut response = plane.transport.send(request.into_http()).await?;
        let received = (self.clock)();
        let took = received.duration_since(sent).ok();
        if let Some(took) = took {
            self.skew.sample(response.headers(), sent, received);
            response.extensions_mut().insert(Took(took));
        }
        // Another answer may have shown it meanwhile.
        let clock_was_wrong = self.skew.get().is_far_from(signed_by);
        Ok(Attempt { response, took, clock_was_wrong })
    }
}

/// Whether an answer refuses the signature, and the answer again, whose body
/// was read for that.
async fn is_refused(
    response: Response<ResponseBody>,
    limits: Limits,
) -> (Response<ResponseBody>, bool) {
    let may_be = [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    if !may_be.contains(&response.status()) {
        return (response, false);
    }
    let (head, body) = response.into_parts();
    let (start, broken) = body.collect_up_to(limits.error_body()).await;
    let name = parse_error(&head, start.clone()).name;
    let refused = name.is_some_and(|name| NOT_TAKEN.contains(&name.as_str()));
    (Response::from_parts(head, ResponseBody::read(start, broken)), refused)
}
