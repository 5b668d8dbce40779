//! Lists, page by page.

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
/// ends.
///
/// A page may be empty and not be the last one.
#[must_use = "a stream asks for nothing until it is polled"]
pub struct Pages<R: Paged> {
    client: Client,
    input: R,
    /// The token of the page that is asked for.
    token: Option<Text>,
    asked: Option<BoxFuture<'static, Result<Answer<R::Page>, Error>>>,
    ended: bool,
}

impl<R: Paged> Pages<R> {
    pub(super) fn new(client: Client, input: R) -> Self {
        let token = input.token().cloned();
        Pages { client, input, token, asked: None, ended: false }
    }

    /// The next page; `None` behind the last.
    ///
    /// # Errors
    /// Every way a call can fail: see [`Error::kind`]. Also where a page names
    /// itself as the next.
    pub async fn next(&mut self) -> Option<Result<Answer<R::Page>, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn ask(&self) -> BoxFuture<'static, Result<Answer<R::Page>, Error>> {
        let (client, mut input) = (self.client.clone(), self.input.clone());
        input.set_token(self.token.clone());
        Box::pin(async move { client.page(&input).await })
    }

    /// Takes note of which page comes next.
    fn turn(&mut self, page: Answer<R::Page>) -> Result<Answer<R::Page>, Error> {
        let next = R::next_token(&page).map(Text::detach);
        if next.is_some() && next == self.token {
            let request_id = page.request_id();
            return Err(AnswerError::RepeatedPage { request_id }.into());
        }
        self.ended = next.is_none();
        self.token = next;
        Ok(page)
    }
}

/// Nothing in it is pinned: the future is in a box.
impl<R: Paged> Unpin for Pages<R> {}

impl<R: Paged> Stream for Pages<R> {
    type Item = Result<Answer<R::Page>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut asked = self.asked.take().unwrap_or_else(|| self.ask());
        let Poll::Ready(answer) = asked.as_mut().poll(cx) else {
            self.asked = Some(asked);
            return Poll::Pending;
        };
        let page = answer.and_then(|page| self.turn(page));
        self.ended |= page.is_err();
        Poll::Ready(Some(page))
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
