//! A string that can share its bytes with the message it came in.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;
use std::str;

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::{self, Deserializer, Visitor};

use super::slot::{Shape, Slot, View};
use super::source::Source;

/// UTF-8 text over shared bytes.
///
/// A text from a stream's event is a slice of its message where it has no
/// escapes, and keeps the network chunk around it in memory;
/// [`detach`](Text::detach) copies it out.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(ByteString);

impl Text {
    /// The text of a constant, without a copy.
    pub const fn from_static(text: &'static str) -> Self {
        Text(ByteString::from_static(text))
    }

    /// The text in `bytes`, without a copy.
    ///
    /// # Errors
    /// Where `bytes` is not UTF-8.
    pub fn from_utf8(bytes: Bytes) -> Result<Self, str::Utf8Error> {
        ByteString::try_from(bytes).map(Text)
    }

    /// The text as a string slice.
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes behind the text, shared and not copied.
    pub fn as_bytes(&self) -> &Bytes {
        self.0.as_bytes()
    }

    /// A copy that shares nothing, so that the chunk it came in can go.
    #[must_use]
    pub fn detach(&self) -> Self {
        Text(self.as_str().to_owned().into())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text.into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.to_owned().into())
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl Text {
    pub(super) fn read<'de, D: Deserializer<'de>>(
        d: D,
        source: Source<'_>,
    ) -> Result<Self, D::Error> {
        d.deserialize_str(TextVisitor(source))
    }
}

impl Shape for Text {
    fn blank() -> Self {
        Text::default()
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Text(self)
    }

    fn view(&self) -> View<'_> {
        View::Text(self)
    }
}

super::serde_by_shape!(Text);

struct TextVisitor<'a>(Source<'a>);

impl<'de> Visitor<'de> for TextVisitor<'_> {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text, E> {
        Ok(Text(self.0.share(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(text.into())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Text, E> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shape::from_bytes;

    #[test]
    fn a_text_without_escapes_is_a_slice_of_what_it_was_read_from() {
        let json = Bytes::from_static(br#""hello""#);
        let text: Text = from_bytes(&json).unwrap();
        assert_eq!(text, "hello");
        assert_eq!(text.as_bytes().as_ptr(), json[1..].as_ptr());
        assert_ne!(text.detach().as_bytes().as_ptr(), json[1..].as_ptr());
    }

    #[test]
    fn a_text_with_escapes_is_unescaped_into_a_copy() {
        let json = Bytes::from_static(br#""a\n\u00e9\ud83d\ude00""#);
        let text: Text = from_bytes(&json).unwrap();
        assert_eq!(text, "a\né😀");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_no_text() {
        assert!(Text::from_utf8(Bytes::from_static(b"\xff")).is_err());
        assert!(from_bytes::<Text>(&Bytes::from_static(b"\"\xff\"")).is_err());
    }
}
