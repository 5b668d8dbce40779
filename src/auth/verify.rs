//! Checking a received request as the service would.
//!
//! A [`Verifier`] knows which keys are good, and says who asks ([`Caller`]) or
//! why the service would turn the request away ([`Rejection`]). It computes
//! AWS Signature Version 4 by itself and shares nothing with the signer, so
//! that the two can test each other.
//!
//! The checks come in this order, which is assumed and not AWS's word:
//! authorization in the query, missing, incomplete; key unknown, session token
//! expired, scope, date, headers that must be signed, signature. Where the
//! wording of an answer is known from is told at [`Rejection::message`].
//!
//! Signatures are taken from the header `Authorization` alone. Presigned
//! queries and bodies that are not signed (`UNSIGNED-PAYLOAD`) are turned away:
//! nothing says that the service takes them.
//!
//! ```
//! use bedrock_wire::auth::verify::{Caller, Received, Verifier};
//!
//! let verifier = Verifier::new().bearer_key("bedrock-api-key-EXAMPLE");
//! let (head, ()) = http::Request::post("/model/a.b-v1%3A0/converse")
//!     .header("host", "localhost:8080")
//!     .header("authorization", "Bearer bedrock-api-key-EXAMPLE")
//!     .body(())?
//!     .into_parts();
//! let received = Received::new(&head.method, "/model/a.b-v1%3A0/converse", &head.headers);
//! let now = std::time::SystemTime::UNIX_EPOCH;
//! assert_eq!(verifier.verify(&received, now), Ok(Caller::BearerKey));
//! # Ok::<(), http::Error>(())
//! ```

mod authorization;
mod canonical;
mod clock;
mod keys;
mod rejection;

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method};
use subtle::ConstantTimeEq;

pub use self::keys::AccessKey;
pub use self::rejection::{IncompleteSignature, Rejection, ScopeMismatch};

use self::authorization::{Authorization, Proof};
use self::keys::BearerKeys;

/// How far the time of a signature may be from the service's, either way.
const MAX_SKEW: Duration = Duration::from_mins(5);

const TERMINATOR: &str = "aws4_request";

/// Who sent a request that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caller {
    /// Who signed it.
    AccessKey {
        /// The access key id.
        id: String,
        /// The region in the signature's scope.
        region: String,
    },
    /// Who sent one of the bearer keys.
    BearerKey,
    /// Whoever it is: nothing was checked, for the call came from within the
    /// process to a server that was told so.
    Unverified,
}

/// What a server received, as far as it is signed.
///
/// `Debug` shows method and path alone: headers carry proofs, bodies and
/// queries what is said.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    method: &'a Method,
    target: &'a str,
    headers: &'a HeaderMap,
    authority: Option<&'a str>,
    body: Body<'a>,
}

#[derive(Clone, Copy)]
enum Body<'a> {
    Bytes(&'a [u8]),
    Sha256([u8; 32]),
}

impl<'a> Received<'a> {
    /// A request without a body. `target` is path and query exactly as they
    /// came on the wire, neither decoded nor normalised.
    pub fn new(method: &'a Method, target: &'a str, headers: &'a HeaderMap) -> Self {
        Self { method, target, headers, authority: None, body: Body::Bytes(&[]) }
    }

    /// Sets `:authority` of HTTP/2, which stands for `Host` (RFC 9113 §8.3.1).
    #[must_use]
    pub fn authority(self, authority: &'a str) -> Self {
        Self { authority: Some(authority), ..self }
    }

    /// Sets the body.
    #[must_use]
    pub fn body(self, body: &'a [u8]) -> Self {
        Self { body: Body::Bytes(body), ..self }
    }

    /// Sets the body by its SHA-256, where it is not in one piece.
    #[must_use]
    pub fn body_sha256(self, hash: [u8; 32]) -> Self {
        Self { body: Body::Sha256(hash), ..self }
    }
}

impl fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        f.debug_struct("Received")
            .field("method", self.method)
            .field("path", &path)
            .finish_non_exhaustive()
    }
}

/// Checks requests against the keys it knows.
///
/// A new one knows no key, the service `bedrock`, and stands for every region.
/// `Debug` shows access key ids, but no secret, session token or bearer key.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Vec<AccessKey>,
    bearer_keys: BearerKeys,
    region: Option<String>,
    service: String,
    /// Whether everyone is let in unseen.
    anyone: bool,
}

impl Verifier {
    /// A verifier that turns everyone away.
    pub fn new() -> Self {
        Self {
            keys: Vec::new(),
            bearer_keys: BearerKeys::default(),
            region: None,
            service: "bedrock".to_owned(),
            anyone: false,
        }
    }

    /// A verifier that lets everyone in: never for who can be reached from
    /// without the process.
    pub(crate) fn anyone() -> Self {
        Self { anyone: true, ..Self::new() }
    }

    /// Says what a request lacks that shows without its body and any key: no
    /// proof, or one that is malformed.
    pub(crate) fn check_form(&self, request: &Received<'_>) -> Result<(), Rejection> {
        if self.anyone {
            return Ok(());
        }
        authorization::parse(request).map(drop)
    }

    /// Accepts what is signed with this key. The same id may be given several
    /// times, with different session tokens.
    #[must_use]
    pub fn access_key(mut self, key: AccessKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Accepts this bearer key. An empty one is never accepted.
    #[must_use]
    pub fn bearer_key(mut self, key: impl Into<String>) -> Self {
        self.bearer_keys.push(key.into());
        self
    }

    /// Stands for one region: a signature scoped to another is turned away.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Stands for another service than `bedrock`.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = service.into();
        self
    }

    /// Says who sent a request, as of `now`.
    ///
    /// # Errors
    /// [`Rejection`], with the answer the service would give.
    pub fn verify(&self, request: &Received<'_>, now: SystemTime) -> Result<Caller, Rejection> {
        if self.anyone {
            return Ok(Caller::Unverified);
        }
        match authorization::parse(request)? {
            Proof::BearerKey(key) if self.bearer_keys.hold(key) => Ok(Caller::BearerKey),
            Proof::BearerKey(_) => Err(Rejection::BearerKey),
            Proof::Signature(authorization) => self.verify_signature(request, &authorization, now),
        }
    }

    fn verify_signature(
        &self,
        request: &Received<'_>,
        authorization: &Authorization<'_>,
        now: SystemTime,
    ) -> Result<Caller, Rejection> {
        let key = keys::find(&self.keys, authorization.access_key_id, request.headers)
            .ok_or(Rejection::UnrecognizedClient)?;
        if key.is_expired(now) {
            return Err(Rejection::ExpiredToken);
        }
        self.check_scope(authorization)?;
        check_skew(authorization.time, now)?;
        check_signed_headers(request, authorization)?;
        check_signature(request, authorization, key)?;
        Ok(Caller::AccessKey {
            id: authorization.access_key_id.to_owned(),
            region: authorization.region.to_owned(),
        })
    }

    fn check_scope(&self, authorization: &Authorization<'_>) -> Result<(), Rejection> {
        let Authorization { date, day, region, service, terminator, .. } = *authorization;
        let mismatch = if !date.starts_with(day) || day.len() != clock::DAY_LEN {
            ScopeMismatch::Date { scope: day.to_owned(), header: date.to_owned() }
        } else if self.region.as_deref().is_some_and(|pinned| pinned != region) {
            ScopeMismatch::Region { scope: region.to_owned() }
        } else if service != self.service {
            ScopeMismatch::Service { expected: self.service.clone() }
        } else if terminator != TERMINATOR {
            ScopeMismatch::Terminator { scope: terminator.to_owned() }
        } else {
            return Ok(());
        };
        Err(Rejection::Scope(mismatch))
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

/// Compares whole seconds, since that is what `x-amz-date` and the messages have.
fn check_skew(signed: SystemTime, now: SystemTime) -> Result<(), Rejection> {
    let (signed_at, current) = (clock::seconds(signed), clock::seconds(now));
    if signed_at.saturating_add(MAX_SKEW.as_secs()) < current {
        Err(Rejection::SignatureExpired { signed, now })
    } else if signed_at > current.saturating_add(MAX_SKEW.as_secs()) {
        Err(Rejection::SignatureNotYetCurrent { signed, now })
    } else {
        Ok(())
    }
}

/// `host` must be signed, and so must `content-type` and every `x-amz-*` that
/// the request has (IAM User Guide, "Create a canonical request"). The service
/// names the header in an `InvalidSignatureException`; a stand-in that was
/// more lenient would pass signers that fail at AWS.
fn check_signed_headers(
    request: &Received<'_>,
    authorization: &Authorization<'_>,
) -> Result<(), Rejection> {
    let is_unsigned = |name: &&str| !authorization.signed_headers.contains(name);
    let present = request.headers.keys().map(http::HeaderName::as_str);
    let mut needed = present.filter(|name| *name == "content-type" || name.starts_with("x-amz-"));
    match Some("host").filter(is_unsigned).or_else(|| needed.find(is_unsigned)) {
        Some(name) => Err(Rejection::HeaderNotSigned { name: name.to_owned() }),
        None => Ok(()),
    }
}

fn check_signature(
    request: &Received<'_>,
    authorization: &Authorization<'_>,
    key: &AccessKey,
) -> Result<(), Rejection> {
    let expected = canonical::request(request, &authorization.signed_headers)
        .map(|canonical| canonical::signature(&canonical, authorization, key.secret()));
    let given = authorization.signature.as_bytes();
    match expected {
        Some(expected) if bool::from(expected.as_bytes().ct_eq(given)) => Ok(()),
        Some(_) | None => Err(Rejection::SignatureDiffers),
    }
}

#[cfg(test)]
mod tests;
