//! A conversation that grows, of which each request costs what is new.

use bytes::Bytes;

#[cfg(feature = "sigv4")]
use crate::auth::BodyHasher;
use crate::model::{ConverseBody, DecodeError, Message, Shape, from_bytes, to_writer};
use crate::operation::{Body, BuildError};

/// What stands before the first message.
const START: &[u8] = br#"{"messages":["#;

/// What stands before each of the others.
const COMMA: &[u8] = b",";

/// Messages are joined to pieces of about so many bytes: few enough pieces for
/// a long conversation, and little to copy.
const BLOCK: usize = 64 * 1024;

/// A conversation that is sent again and again, longer each time, as an agent's
/// loop does.
///
/// It keeps the JSON of each message and the SHA-256 of the body up to there,
/// so that a request writes, hashes and signs what is new since the last one.
/// What goes out is what a [`ConverseBody`] with these messages would send, to
/// the byte; it is given to [`converse::build`](super::converse::build),
/// [`converse_stream::build`](super::converse_stream::build) and the client in
/// place of one. Nothing of what is kept is copied into a request.
///
/// ```
/// use bedrock_wire::endpoint::Endpoint;
/// use bedrock_wire::model::{ConverseStreamRequest, Message};
/// use bedrock_wire::operation::{Conversation, ModelId, converse_stream};
///
/// let endpoint = Endpoint::custom("https://bedrock.example")?;
/// let model = ModelId::new("amazon.nova-lite-v1:0")?;
/// let mut conversation = Conversation::new(ConverseStreamRequest::new().max_tokens(300))?;
/// for question in ["Why is the sky blue?", "And at sunset?"] {
///     conversation.push(&Message::user(question))?;
///     let request = converse_stream::build(&endpoint, &model, &conversation)?;
///     // Sign it, send it, read the answer.
///     conversation.push(&Message::assistant("Because of Rayleigh scattering."))?;
/// #   assert!(request.body().to_bytes().starts_with(br#"{"messages":[{"role":"user","#));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Conversation<G> {
    /// All but the messages.
    settings: ConverseBody<G>,
    /// What stands behind the messages.
    end: Bytes,
    turns: Vec<Turn>,
    /// The turns from the first on, as far as they are joined.
    blocks: Vec<Block>,
}

/// One message, with what stands before it.
#[derive(Clone, Debug)]
struct Turn {
    json: Bytes,
    so_far: SoFar,
}

/// The hash of the body up to the end of a turn, where it is asked for.
#[derive(Clone, Debug, Default)]
struct SoFar {
    #[cfg(feature = "sigv4")]
    hasher: BodyHasher,
}

impl SoFar {
    #[cfg(feature = "sigv4")]
    fn and(&self, bytes: &[u8]) -> Self {
        let mut hasher = self.hasher.clone();
        hasher.update(bytes);
        SoFar { hasher }
    }

    #[cfg(feature = "sigv4")]
    fn body(self, pieces: Vec<Bytes>) -> Body {
        Body::hashed(pieces, self.hasher.finish())
    }

    #[cfg(not(feature = "sigv4"))]
    fn and(&self, _: &[u8]) -> Self {
        self.clone()
    }

    #[cfg(not(feature = "sigv4"))]
    fn body(self, pieces: Vec<Bytes>) -> Body {
        let SoFar {} = self;
        Body::from_pieces(pieces)
    }
}

/// Several turns in one piece.
#[derive(Clone, Debug)]
struct Block {
    /// Behind its last turn.
    end: usize,
    bytes: Bytes,
}

impl<G: Shape> Conversation<G> {
    /// A conversation with this request's settings, which begins with its
    /// messages.
    ///
    /// # Errors
    /// Where the request has no form in JSON.
    pub fn new(mut request: ConverseBody<G>) -> Result<Self, BuildError> {
        let messages = request.messages.take().unwrap_or_default();
        let end = end(&request)?;
        let mut conversation =
            Self { settings: request, end, turns: Vec::new(), blocks: Vec::new() };
        messages.iter().try_for_each(|message| conversation.push(message))?;
        Ok(conversation)
    }

    /// Adds a message behind the others.
    ///
    /// # Errors
    /// Where it has no form in JSON; nothing is added then.
    pub fn push(&mut self, message: &Message) -> Result<(), BuildError> {
        let json = encode(self.turns.len(), message)?;
        self.turns.push(Turn { json, so_far: SoFar::default() });
        self.renew(self.turns.len() - 1);
        Ok(())
    }

    /// Puts a message in the place of another, such as one without a cache
    /// point that has moved on. What comes behind it is hashed anew, and not
    /// written anew; the same message changes nothing.
    ///
    /// # Errors
    /// Where it has no form in JSON; nothing is replaced then.
    ///
    /// # Panics
    /// Where there is no message with that index.
    pub fn replace(&mut self, index: usize, message: &Message) -> Result<(), BuildError> {
        let json = encode(index, message)?;
        if self.turns[index].json != json {
            self.turns[index].json = json;
            self.renew(index);
        }
        Ok(())
    }

    /// Takes out all messages from this index on, to go back in time.
    pub fn truncate(&mut self, length: usize) {
        self.turns.truncate(length);
        self.renew(length);
    }

    /// Changes the settings: everything but the messages. Messages that
    /// `change` sets are added behind the others.
    ///
    /// # Errors
    /// Where the settings have no form in JSON; they are then as they were.
    pub fn configure(
        &mut self,
        change: impl FnOnce(ConverseBody<G>) -> ConverseBody<G>,
    ) -> Result<(), BuildError>
    where
        G: Clone,
    {
        let mut settings = change(self.settings.clone());
        let messages = settings.messages.take().unwrap_or_default();
        self.end = end(&settings)?;
        self.settings = settings;
        messages.iter().try_for_each(|message| self.push(message))
    }

    /// Everything but the messages.
    pub fn settings(&self) -> &ConverseBody<G> {
        &self.settings
    }

    /// How many messages there are.
    pub fn len(&self) -> usize {
        self.turns.len()
    }

    /// Whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// A message, read from what is kept of it: its texts are slices of that.
    ///
    /// # Errors
    /// Where what was pushed cannot be read back: a shape built by hand that
    /// the service model does not have.
    ///
    /// # Panics
    /// Where there is no message with that index.
    pub fn message(&self, index: usize) -> Result<Message, DecodeError> {
        from_bytes(&self.turns[index].json.slice(lead(index).len()..))
    }

    /// The request that this is, in one.
    ///
    /// # Errors
    /// As [`message`](Self::message).
    pub fn to_request(&self) -> Result<ConverseBody<G>, DecodeError>
    where
        G: Clone,
    {
        let mut request = self.settings.clone();
        if !self.is_empty() {
            let messages = (0..self.len()).map(|index| self.message(index));
            request.messages = Some(messages.collect::<Result<_, _>>()?);
        }
        Ok(request)
    }

    /// The body as it is sent, and its hash.
    fn body(&self) -> Result<Body, BuildError> {
        let Some(last) = self.turns.last() else {
            return Ok(Body::of_json(&self.settings)?);
        };
        let open = &self.turns[self.joined()..];
        let mut pieces = Vec::with_capacity(self.blocks.len() + open.len() + 1);
        pieces.extend(self.blocks.iter().map(|block| block.bytes.clone()));
        pieces.extend(open.iter().map(|turn| turn.json.clone()));
        pieces.push(self.end.clone());
        Ok(last.so_far.and(&self.end).body(pieces))
    }

    /// How many turns stand in blocks.
    fn joined(&self) -> usize {
        self.blocks.last().map_or(0, |block| block.end)
    }

    /// Hashes and joins anew from the turn `index` on.
    fn renew(&mut self, index: usize) {
        self.blocks.retain(|block| block.end <= index);
        for turn in index..self.turns.len() {
            let before = turn.checked_sub(1).map(|before| &self.turns[before].so_far);
            let so_far = before.unwrap_or(&SoFar::default()).and(&self.turns[turn].json);
            self.turns[turn].so_far = so_far;
        }
        self.join();
    }

    /// Joins open turns to blocks, as far as they fill some.
    fn join(&mut self) {
        let open = self.joined();
        let (mut start, mut length) = (open, 0);
        for turn in open..self.turns.len() {
            let added = self.turns[turn].json.len();
            if added >= BLOCK {
                // As it is, and what stands before it by itself.
                self.join_turns(start, turn);
                (start, length) = (turn, 0);
            }
            length += added;
            if length >= BLOCK {
                self.join_turns(start, turn + 1);
                (start, length) = (turn + 1, 0);
            }
        }
    }

    fn join_turns(&mut self, start: usize, end: usize) {
        let turns = &mut self.turns[start..end];
        let bytes = match turns {
            [] => return,
            [one] => one.json.clone(),
            turns => {
                let pieces: Vec<&[u8]> = turns.iter().map(|turn| &*turn.json).collect();
                let joined = Bytes::from(pieces.concat());
                let mut rest = joined.clone();
                for turn in turns {
                    turn.json = rest.split_to(turn.json.len());
                }
                joined
            }
        };
        self.blocks.push(Block { end, bytes });
    }
}

/// What stands before the message with this index.
fn lead(index: usize) -> &'static [u8] {
    if index == 0 { START } else { COMMA }
}

fn encode(index: usize, message: &Message) -> Result<Bytes, BuildError> {
    let mut json = lead(index).to_vec();
    to_writer(message, &mut json)?;
    // It is kept for long: without the room to grow.
    json.shrink_to_fit();
    Ok(json.into())
}

/// What stands behind the messages: the other members.
fn end<G: Shape>(settings: &ConverseBody<G>) -> Result<Bytes, BuildError> {
    let mut json = Vec::new();
    to_writer(settings, &mut json)?;
    let mut end = if json == b"{}" { b"]".to_vec() } else { b"],".to_vec() };
    end.extend_from_slice(&json[1..]);
    Ok(end.into())
}

/// What a request of Converse or ConverseStream is built from: a
/// [`ConverseBody`], or a [`Conversation`] of such. For this crate alone to
/// implement.
pub trait ConverseInput<G>: sealed::Sealed {
    /// The body as it is sent.
    #[doc(hidden)]
    fn to_body(&self) -> Result<Body, BuildError>;
}

impl<G: Shape> ConverseInput<G> for ConverseBody<G> {
    fn to_body(&self) -> Result<Body, BuildError> {
        Ok(Body::of_json(self)?)
    }
}

impl<G: Shape> ConverseInput<G> for Conversation<G> {
    fn to_body(&self) -> Result<Body, BuildError> {
        self.body()
    }
}

mod sealed {
    pub trait Sealed {}
    impl<G> Sealed for super::ConverseBody<G> {}
    impl<G> Sealed for super::Conversation<G> {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConverseRequest, SystemContentBlock};

    fn bytes(input: &impl ConverseInput<crate::model::GuardrailConfiguration>) -> Bytes {
        input.to_body().unwrap().to_bytes()
    }

    fn plain() -> ConverseRequest {
        ConverseRequest::new().system([SystemContentBlock::Text("short".into())])
    }

    #[test]
    fn long_conversations_are_few_pieces_and_a_long_message_is_not_copied() {
        let mut conversation = Conversation::new(plain()).unwrap();
        for _ in 0..1000 {
            conversation.push(&Message::user("x".repeat(1000))).unwrap();
        }
        conversation.push(&Message::user("y".repeat(200_000))).unwrap();
        let long = conversation.turns[1000].json.clone();
        conversation.push(&Message::user("z")).unwrap();
        let body = conversation.body().unwrap();
        assert!(body.pieces().len() < 1_300_000 / BLOCK + 5, "{}", body.pieces().len());
        assert!(body.pieces().iter().any(|piece| piece.as_ptr() == long.as_ptr()));
        assert_eq!(body.to_bytes(), bytes(&conversation.to_request().unwrap()));
    }

    #[test]
    fn a_conversation_without_messages_is_its_settings() {
        let mut conversation = Conversation::new(plain()).unwrap();
        assert_eq!(bytes(&conversation), bytes(&plain()));
        let empty = Conversation::new(ConverseRequest::new()).unwrap();
        assert_eq!(bytes(&empty), "{}");
        conversation.push(&Message::user("hi")).unwrap();
        conversation.truncate(0);
        assert_eq!(bytes(&conversation), bytes(&plain()));
    }

    #[test]
    fn settings_change_and_messages_among_them_are_added() {
        let mut conversation = Conversation::new(plain().message(Message::user("a"))).unwrap();
        conversation.configure(|settings| settings.message(Message::assistant("b"))).unwrap();
        conversation.configure(|settings| settings.max_tokens(7)).unwrap();
        let same = plain().message(Message::user("a")).message(Message::assistant("b"));
        assert_eq!(bytes(&conversation), bytes(&same.max_tokens(7)));
        assert_eq!(conversation.message(1).unwrap(), Message::assistant("b"));
    }
}
