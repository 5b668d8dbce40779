//! What came back, typed, with all that it was read from.

use std::ops::Deref;

use bytes::Bytes;
use http::HeaderMap;
use http::response::Parts;

use crate::fault::{self, ServiceError};
use crate::model::DecodeError;

/// The output of an operation, with the response it was read from.
///
/// Members of the output can be reached directly.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The output.
    pub value: T,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The response's body as received.
    pub raw: Bytes,
}

impl<T> Answer<T> {
    /// `x-amzn-RequestId` of the response.
    pub fn request_id(&self) -> Option<String> {
        fault::request_id(&self.headers)
    }

    /// The output alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Why an answer has no output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The service answered with an error.
    #[error(transparent)]
    Service(Box<ServiceError>),
    /// The body is not the output that the service model describes.
    #[error("the response's body cannot be read: {error}")]
    Decode {
        /// What is wrong, and where in the body.
        error: DecodeError,
        /// The body as received.
        raw: Bytes,
        /// `x-amzn-RequestId` of the response.
        request_id: Option<String>,
    },
}

/// The error in an answer that is none of output or stream.
pub fn parse_error(head: &Parts, body: Bytes) -> ServiceError {
    ServiceError::from_response(head.status.as_u16(), &head.headers, body)
}
