//! From a request on the wire to the handler's reply, or to the service's
//! rejection.

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode, Version, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde_json::json;

use super::answer;
use super::handler::{Call, Handler, Reply};
use super::pace::{Paced, Speed};
use super::route::{Route, route};
use super::wire::{Sent, Wire};
use crate::auth::verify::{Caller, Received, Rejection, Verifier};

/// What signatures are checked by.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What all requests of a server go through.
pub(super) struct Gate {
    pub(super) verifier: Verifier,
    pub(super) clock: Clock,
    pub(super) speed: Speed,
    pub(super) body_limit: usize,
    pub(super) handler: Box<dyn Handler>,
}

impl Gate {
    /// Answers one request.
    ///
    /// # Errors
    /// Where the request breaks off: there is nobody left to answer.
    pub(super) async fn serve(
        &self,
        request: Request<Incoming>,
        wire: Arc<Wire>,
    ) -> io::Result<Response<Paced>> {
        let (head, body) = request.into_parts();
        let flush = head.version != Version::HTTP_2;
        let reply = match Limited::new(body, self.body_limit).collect().await {
            Ok(body) => self.reply(head, body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => too_large(self.body_limit),
            Err(error) => return Err(io::Error::other(error)),
        };
        let delay = self.speed.scale(reply.head_delay);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Ok(answer::response(reply, self.speed, (self.clock)(), || Sent::new(wire, flush)))
    }

    /// Routes before it verifies, as the service seems to: callers without
    /// any AWS signature were answered with `UnknownOperationException`. So a
    /// wrong path is told as such, and not as the signature it also broke.
    fn reply(&self, head: Parts, body: Bytes) -> Reply {
        let Some(route) = route(&head.method, head.uri.path()) else {
            return answer::rejection(&Rejection::UnknownOperation);
        };
        match self.verify(&head, &body) {
            Ok(caller) => self.handler.answer(&call(route, head, body, caller)),
            Err(rejection) => answer::rejection(&rejection),
        }
    }

    fn verify(&self, head: &Parts, body: &[u8]) -> Result<Caller, Rejection> {
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let mut received = Received::new(&head.method, target, &head.headers).body(body);
        if let (Version::HTTP_2, Some(authority)) = (head.version, head.uri.authority()) {
            received = received.authority(authority.as_str());
        }
        self.verifier.verify(&received, (self.clock)())
    }
}

fn call(route: Route, head: Parts, body: Bytes, caller: Caller) -> Call {
    let Route { operation, model } = route;
    let Parts { version, mut headers, .. } = head;
    hide_secrets(&mut headers);
    Call { operation, model, headers, body, caller, version }
}

fn hide_secrets(headers: &mut HeaderMap) {
    for name in ["authorization", "proxy-authorization", "x-amz-security-token", "cookie"] {
        if let header::Entry::Occupied(mut values) = headers.entry(name) {
            values.iter_mut().for_each(|value| value.set_sensitive(true));
        }
    }
}

fn too_large(limit: usize) -> Reply {
    let message = format!("the request's body has over {limit} bytes");
    let json = json!({ "message": message }).to_string();
    Reply::error(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", json)
}
