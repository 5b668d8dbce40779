//! Lists, page by page.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::call::Client;
use super::error::Error;
use super::transport::BoxFuture;
use crate::model::Text;
use crate::operation::{Answer, AnswerError, Paged};

/// The pages of a list, each asked for when it is wanted. After an error it
/// ends; [`token`](Self::token) says from where to go on.
///
/// A page may be empty and not be the last one.
#[must_use = "a stream asks for nothing until it is polled"]
pub struct Pages<R: Paged> {
    client: Client,
    input: R,
    /// The token of the page that is to be asked for.
    token: Option<Text>,
    /// The tokens of the pages so far: one that comes again would never end.
    seen: HashSet<Text>,
    asked: Option<BoxFuture<'static, Result<Answer<R::Page>, Error>>>,
    /// The error behind the page that was handed out.
    failed: Option<Error>,
    ended: bool,
}

impl<R: Paged> Pages<R> {
    pub(super) fn new(client: Client, input: R) -> Self {
        let token = input.token().cloned();
        let seen = token.iter().cloned().collect();
        Pages { client, input, token, seen, asked: None, failed: None, ended: false }
    }

    /// The token of the page that comes next: to ask for it later, or again
    /// after an error. `None` is the first one, or none behind the last.
    pub fn token(&self) -> Option<&Text> {
        self.token.as_ref()
    }

    /// The next page; `None` behind the last.
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`]. Also where a page names
    /// one as the next that was there already: it is handed out first.
    pub async fn next(&mut self) -> Option<Result<Answer<R::Page>, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn ask(&self) -> BoxFuture<'static, Result<Answer<R::Page>, Error>> {
        let (client, mut input) = (self.client.clone(), self.input.clone());
        input.set_token(self.token.clone());
        Box::pin(async move { client.page(&input).await })
    }

    /// Takes note of which page comes next.
    fn turn(&mut self, page: &Answer<R::Page>) {
        // AWS's model has no empty token; services send one for none.
        let next = R::next_token(page).filter(|token| !token.is_empty()).map(Text::detach);
        self.ended = next.is_none();
        if next.as_ref().is_some_and(|token| !self.seen.insert(token.clone())) {
            let request_id = page.request_id();
            self.failed = Some(AnswerError::RepeatedPage { request_id }.into());
        }
        self.token = next;
    }
}

/// Nothing in it is pinned: the future is in a box.
impl<R: Paged> Unpin for Pages<R> {}

impl<R: Paged> Stream for Pages<R> {
    type Item = Result<Answer<R::Page>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(error) = self.failed.take() {
            self.ended = true;
            return Poll::Ready(Some(Err(error)));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let mut asked = self.asked.take().unwrap_or_else(|| self.ask());
        let Poll::Ready(answer) = asked.as_mut().poll(cx) else {
            self.asked = Some(asked);
            return Poll::Pending;
        };
        match &answer {
            Ok(page) => self.turn(page),
            Err(_) => self.ended = true,
        }
        Poll::Ready(Some(answer))
    }
}

impl<R: Paged> FusedStream for Pages<R> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<R: Paged> fmt::Debug for Pages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("ended", &self.ended).finish_non_exhaustive()
    }
}
