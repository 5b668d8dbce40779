//! Lists that come in pages.

use bytes::Bytes;
use http::response::Parts;

use super::{
    Answer, AnswerError, BuildError, Operation, Request, list_async_invokes,
    list_inference_profiles,
};
use crate::endpoint::Endpoint;
use crate::model::{
    ListAsyncInvokesRequest, ListAsyncInvokesResponse, ListInferenceProfilesRequest,
    ListInferenceProfilesResponse, Text,
};

/// A request for a list that comes in pages: the answer to one names the next.
///
/// It is for this crate alone to implement.
pub trait Paged: sealed::Sealed + Clone + Send + Sync + 'static {
    /// A page.
    type Page: Send + 'static;

    /// The operation.
    const OPERATION: Operation;

    /// Builds the request for the page that its token names.
    ///
    /// # Errors
    /// Where a member has no form in a query.
    fn build(&self, endpoint: &Endpoint) -> Result<Request, BuildError>;

    /// Reads the answer.
    ///
    /// # Errors
    /// Where the service answered with an error, or the body is no page.
    fn parse(head: Parts, body: Bytes) -> Result<Answer<Self::Page>, AnswerError>;

    /// Which page is asked for; `None` is the first.
    fn token(&self) -> Option<&Text>;

    /// Sets which page to ask for.
    fn set_token(&mut self, token: Option<Text>);

    /// The token of the page behind this one; `None` behind the last. A page
    /// may be empty and have one.
    fn next_token(page: &Self::Page) -> Option<&Text>;
}

mod sealed {
    pub trait Sealed {}
}

/// All have the token as `nextToken`, in request and answer.
macro_rules! paged {
    ($($Request:ident: $Page:ident, $Operation:ident in $operation:ident;)+) => {$(
        impl sealed::Sealed for $Request {}

        impl Paged for $Request {
            type Page = $Page;

            const OPERATION: Operation = Operation::$Operation;

            fn build(&self, endpoint: &Endpoint) -> Result<Request, BuildError> {
                $operation::build(endpoint, self)
            }

            fn parse(head: Parts, body: Bytes) -> Result<Answer<$Page>, AnswerError> {
                $operation::parse(head, body)
            }

            fn token(&self) -> Option<&Text> {
                self.next_token.as_ref()
            }

            fn set_token(&mut self, token: Option<Text>) {
                self.next_token = token;
            }

            fn next_token(page: &$Page) -> Option<&Text> {
                page.next_token.as_ref()
            }
        }
    )+};
}

paged! {
    ListAsyncInvokesRequest: ListAsyncInvokesResponse, ListAsyncInvokes in list_async_invokes;
    ListInferenceProfilesRequest: ListInferenceProfilesResponse,
        ListInferenceProfiles in list_inference_profiles;
}
