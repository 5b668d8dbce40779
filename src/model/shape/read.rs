//! The trait behind every shape, and the one way from bytes to a shape.

use std::marker::PhantomData;

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::{DeserializeSeed, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A value with a fixed form in JSON.
///
/// serde's own traits cannot carry the bytes a value is read from, and without
/// them a text could only be copied out of its message.
pub trait Shape: Sized {
    /// Reads the value; `source` is what `deserializer` reads from, if known.
    fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        source: Source<'_>,
    ) -> Result<Self, D::Error>;

    /// Writes the value.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Copies out all that is a slice of the source, so that the source can go.
    fn unshare(&mut self);

    /// A copy that shares nothing with the source.
    fn detached(&self) -> Self
    where
        Self: Clone,
    {
        let mut copy = self.clone();
        copy.unshare();
        copy
    }
}

/// The bytes that a value is read from, so that a part can be a slice of them.
#[derive(Clone, Copy)]
pub struct Source<'a>(Option<&'a ByteString>);

impl Source<'_> {
    /// Parts are copied.
    pub(crate) const UNKNOWN: Source<'static> = Source(None);

    pub(crate) fn is_known(self) -> bool {
        self.0.is_some()
    }

    /// `part` as a slice of the source, or a copy where it lies elsewhere.
    pub(crate) fn share(self, part: &str) -> ByteString {
        let within = |source: &ByteString| {
            let (whole, part) = (source.as_bytes().as_ptr_range(), part.as_bytes().as_ptr_range());
            whole.start <= part.start && part.end <= whole.end
        };
        match self.0 {
            Some(source) if within(source) => source.slice_ref(part),
            _ => part.to_owned().into(),
        }
    }
}

/// Reads a `T` where serde wants a seed.
pub(crate) struct Read<'a, T>(pub(crate) Source<'a>, PhantomData<T>);

impl<'a, T> Read<'a, T> {
    pub(crate) fn from(source: Source<'a>) -> Self {
        Read(source, PhantomData)
    }
}

impl<'de, T: Shape> DeserializeSeed<'de> for Read<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer, self.0)
    }
}

/// Reads a `T`, or `None` from `null`.
pub(crate) struct Optional<'a, T>(Source<'a>, PhantomData<T>);

impl<'a, T> Optional<'a, T> {
    pub(crate) fn from(source: Source<'a>) -> Self {
        Optional(source, PhantomData)
    }
}

impl<'de, T: Shape> DeserializeSeed<'de> for Optional<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Shape> Visitor<'de> for Optional<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::read(deserializer, self.0).map(Some)
    }
}

/// Writes a `T` where serde wants something that is `Serialize`.
pub(crate) struct Write<'a, T>(pub(crate) &'a T);

impl<T: Shape> Serialize for Write<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

/// Reads a shape from JSON; its texts and documents are slices of `json`
/// where they have no escapes.
///
/// A slice keeps the whole of `json` in memory for as long as it lives.
///
/// # Errors
/// Says which member could not be read and at which byte.
pub fn from_bytes<T: Shape>(json: &Bytes) -> Result<T, DecodeError> {
    // One check of the whole, so that no part is checked again.
    let text = ByteString::try_from(json.clone()).map_err(|error| DecodeError {
        member: String::new(),
        offset: error.valid_up_to(),
        reason: "not UTF-8".to_owned(),
    })?;
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    T::read(&mut deserializer, Source(Some(&text)))
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| DecodeError::locate::<T>(&text, &error))
}

/// JSON that is not the shape it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}, at byte {offset}", in_member(member))]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the member that could not be read, such as
    /// `messages[0].content[2].image.format`; empty for the whole.
    pub member: String,
    /// Where reading stopped, in bytes from the start.
    pub offset: usize,
    /// What is wrong.
    pub reason: String,
}

fn in_member(member: &str) -> String {
    match member {
        "" => String::new(),
        path => format!("{path}: "),
    }
}

impl DecodeError {
    /// Reads once more, now keeping track of the path: only errors pay for it.
    fn locate<T: Shape>(text: &str, error: &serde_json::Error) -> Self {
        let mut track = serde_path_to_error::Track::new();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
        let member = match T::read(tracked, Source::UNKNOWN) {
            Ok(_) => String::new(),
            Err(_) => track.path().to_string(),
        };
        let full = error.to_string();
        let reason = full.rfind(" at line ").map_or(full.as_str(), |end| &full[..end]);
        DecodeError {
            // `?` stands for what broke off before it had a name.
            member: member.trim_end_matches(['?', '.']).to_owned(),
            offset: offset_of(text, error),
            reason: reason.to_owned(),
        }
    }
}

fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines_before = error.line().saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    before + error.column().saturating_sub(1)
}
