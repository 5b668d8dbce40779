//! The body of an answer, as it comes in.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

use super::broken::transport_kind;
use super::deadline::{Wait, poll_first};
use super::telemetry::UnderWay;
use super::transport::{TransportError, TransportErrorKind};

type BoxBody = Pin<Box<dyn Body<Data = Bytes, Error = TransportError> + Send>>;

/// The body of an answer: pieces as the HTTP library hands them out. Where a
/// stream's first message did not come in one piece, and the client has looked
/// at it, that message is one, and what came behind it the next.
///
/// Dropping it closes the HTTP/2 stream or the HTTP/1.1 connection it comes
/// on. With the feature `tracing` a call whose answer is dropped before its end
/// counts as given up, unless it is an error; of a chunked body the end is
/// known to who asks for a piece behind the last.
pub struct ResponseBody {
    /// What was looked at already, and is still together.
    look: Option<Box<dyn Look>>,
    /// Pieces that were looked at already.
    start: VecDeque<Bytes>,
    rest: Rest,
    /// The deadline for each piece; not for who reads events, which have their own.
    each: Option<Wait>,
    /// The deadline for all of them.
    all: Option<Wait>,
    /// What tells of the call that it was given up, while nobody else does.
    under_way: Option<UnderWay>,
}

/// What holds the start of a body since it looked at it.
pub(super) trait Look: Any + Send {
    /// How many bytes it holds.
    fn held(&self) -> usize;

    /// These bytes.
    fn into_pieces(self: Box<Self>) -> VecDeque<Bytes>;
}

enum Rest {
    Body(BoxBody),
    /// What keeps the rest away, until it is told.
    Broken(Option<TransportError>),
}

impl ResponseBody {
    /// Takes a body of any HTTP library's.
    pub fn new(body: impl Body<Data = Bytes, Error = TransportError> + Send + 'static) -> Self {
        let rest = Rest::Body(Box::pin(body));
        ResponseBody {
            look: None,
            start: VecDeque::new(),
            rest,
            each: None,
            all: None,
            under_way: None,
        }
    }

    /// Puts back the pieces that were taken out first.
    pub(super) fn put_back(&mut self, mut start: VecDeque<Bytes>) {
        start.append(&mut self.start);
        self.start = start;
    }

    /// Puts in front what has looked at the start and holds it.
    pub(super) fn put_look(&mut self, look: Box<impl Look>) {
        self.look = Some(look);
    }

    /// Whether somebody has looked at the start.
    pub(super) fn was_looked_at(&self) -> bool {
        self.look.is_some()
    }

    /// What looked at the start, if it is of this type and `fits`; if not, the
    /// bytes that it holds are pieces again.
    pub(super) fn take_look<T: Look>(&mut self, fits: impl FnOnce(&T) -> bool) -> Option<Box<T>> {
        let look: &dyn Any = self.look.as_deref()?;
        if !look.downcast_ref().is_some_and(fits) {
            self.undo_look();
            return None;
        }
        let look: Box<dyn Any> = self.look.take()?;
        look.downcast().ok()
    }

    #[inline]
    fn undo_look(&mut self) {
        if let Some(look) = self.look.take() {
            self.put_back(look.into_pieces());
        }
    }

    /// Drops the rest, and tells this in its place.
    pub(super) fn break_off(&mut self, error: TransportError) {
        self.rest = Rest::Broken(Some(error));
    }

    /// Drops the rest, and with it the connection's part in it.
    pub(super) fn close(&mut self) {
        self.rest = Rest::Broken(None);
    }

    /// The pieces that were put back and not taken again.
    pub(super) fn take_start(&mut self) -> VecDeque<Bytes> {
        std::mem::take(&mut self.start)
    }

    /// Sets the deadlines of what is still to come.
    pub(super) fn watch(&mut self, each: Option<Wait>, all: Option<Wait>) {
        (self.each, self.all) = (each, all);
    }

    /// Has the call count as given up where the body is dropped before its end.
    pub(super) fn put_under_way(&mut self, under_way: UnderWay) {
        self.under_way = Some(under_way);
    }

    /// For who reads the body and tells more of it.
    pub(super) fn take_under_way(&mut self) {
        if let Some(mut under_way) = self.under_way.take() {
            under_way.done();
        }
    }

    /// The next piece, which is never empty; `None` at the end.
    pub fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        let piece = std::task::ready!(self.poll_within(true, cx));
        if self.under_way.is_some() {
            self.tell(piece.as_ref());
        }
        Poll::Ready(piece)
    }

    /// The same for who reads events.
    #[inline]
    pub(super) fn poll_for_events(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        self.poll_within(false, cx)
    }

    /// Some bodies show their end with the last piece; of others it is known
    /// only to who asks once more.
    fn tell(&mut self, piece: Option<&Result<Bytes, TransportError>>) {
        match piece {
            Some(Err(error)) => self.failed(error),
            Some(Ok(_)) if !self.is_end_stream() => {}
            Some(Ok(_)) | None => self.take_under_way(),
        }
    }

    fn failed(&mut self, error: &TransportError) {
        if let Some(mut under_way) = self.under_way.take() {
            under_way.failed(transport_kind(error));
        }
    }

    #[inline]
    fn poll_within(
        &mut self,
        each: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        if let Some(piece) = self.take_looked_at() {
            return Poll::Ready(Some(Ok(piece)));
        }
        match &mut self.rest {
            Rest::Body(body) => {
                if let Poll::Ready(piece) = poll_data(body.as_mut(), cx) {
                    self.each.iter_mut().for_each(Wait::over);
                    return Poll::Ready(piece);
                }
            }
            Rest::Broken(error) => return Poll::Ready(error.take().map(Err)),
        }
        self.poll_passed(each, cx)
    }

    /// The next piece of those that were looked at already.
    #[inline]
    fn take_looked_at(&mut self) -> Option<Bytes> {
        if self.look.is_none() && self.start.is_empty() {
            return None;
        }
        self.undo_look();
        self.start.pop_front()
    }

    /// The deadline that passed, where there is nothing to do but wait.
    fn poll_passed(
        &mut self,
        each: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        let each = self.each.as_mut().filter(|_| each);
        let passed = std::task::ready!(poll_first(each.into_iter().chain(&mut self.all), cx));
        self.close();
        Poll::Ready(Some(Err(passed.into())))
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// Where the connection breaks.
    pub async fn next(&mut self) -> Option<Result<Bytes, TransportError>> {
        std::future::poll_fn(|cx| self.poll_piece(cx)).await
    }

    /// The whole body, of at most `limit` bytes.
    ///
    /// # Errors
    /// Where the connection breaks or there is more than `limit`.
    pub async fn collect(self, limit: usize) -> Result<Bytes, TransportError> {
        match self.collect_up_to(limit).await {
            (body, None) => Ok(body),
            (_, Some(error)) => Err(error),
        }
    }

    /// The body as far as it comes and has no more than `limit` bytes, and what
    /// kept the rest away if there is a rest.
    pub async fn collect_up_to(mut self, limit: usize) -> (Bytes, Option<TransportError>) {
        let mut body = Joined::default();
        loop {
            match self.next().await {
                Some(Ok(piece)) => {
                    let room = limit - body.len();
                    if piece.len() > room {
                        body.add(piece.slice(..room));
                        let error = too_large(limit);
                        self.failed(&error);
                        return (body.into(), Some(error));
                    }
                    body.add(piece);
                }
                Some(Err(error)) => return (body.into(), Some(error)),
                None => return (body.into(), None),
            }
        }
    }
}

#[inline]
fn poll_data(
    mut body: Pin<&mut (dyn Body<Data = Bytes, Error = TransportError> + Send)>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, TransportError>>> {
    loop {
        return match std::task::ready!(body.as_mut().poll_frame(cx)) {
            Some(Ok(frame)) => match frame.into_data() {
                // It is nothing that came, and who holds pieces would hold it.
                Ok(piece) if piece.is_empty() => continue,
                Ok(piece) => Poll::Ready(Some(Ok(piece))),
                // Trailers say nothing that is asked for.
                Err(_trailers) => continue,
            },
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
            None => Poll::Ready(None),
        };
    }
}

/// For HTTP libraries, to pass the answer on.
impl Body for ResponseBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        self.get_mut().poll_piece(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.look.is_none()
            && self.start.is_empty()
            && match &self.rest {
                Rest::Body(body) => body.is_end_stream(),
                Rest::Broken(error) => error.is_none(),
            }
    }

    fn size_hint(&self) -> SizeHint {
        let Rest::Body(body) = &self.rest else { return SizeHint::default() };
        let look = self.look.as_ref().map_or(0, |look| look.held());
        let start = self.start.iter().map(|piece| piece.len() as u64).sum::<u64>() + look as u64;
        let (mut hint, rest) = (SizeHint::new(), body.size_hint());
        if let Some(upper) = rest.upper() {
            hint.set_upper(start.saturating_add(upper));
        }
        hint.set_lower(start.saturating_add(rest.lower()));
        hint
    }
}

/// Pieces joined; a single one is not copied.
#[derive(Default)]
pub(super) struct Joined {
    first: Bytes,
    /// All of them, once there are two.
    joined: BytesMut,
}

impl Joined {
    pub(super) fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    pub(super) fn add(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        if self.joined.is_empty() {
            self.joined = BytesMut::from(std::mem::take(&mut self.first));
        }
        self.joined.extend_from_slice(&piece);
    }
}

impl From<Joined> for Bytes {
    fn from(body: Joined) -> Self {
        if body.joined.is_empty() { body.first } else { body.joined.freeze() }
    }
}

fn too_large(limit: usize) -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, format!("its body has over {limit} bytes"))
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseBody")
    }
}
