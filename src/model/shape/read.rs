//! The trait behind every shape, and the one way from bytes to a shape.

use std::cell::RefCell;
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

/// What a value is read from, so that a part can be a slice of it and an error
/// can say where in it reading failed.
#[derive(Clone, Copy)]
pub struct Source<'a>(Option<&'a Origin>);

/// A text that is read, and the way back from what could not be.
struct Origin {
    text: ByteString,
    /// The members that an error was found in, the innermost first.
    trail: RefCell<Vec<String>>,
}

/// A member of what is read.
#[derive(Clone, Copy)]
pub(crate) enum Member<'a> {
    Named(&'a str),
    /// Of a list.
    At(usize),
}

impl Source<'_> {
    /// Parts are copied, and an error has no place.
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
            Some(origin) if within(&origin.text) => origin.text.slice_ref(part),
            _ => part.to_owned().into(),
        }
    }

    /// Takes note that reading failed in this member.
    #[cold]
    fn failed_in(self, member: Member<'_>) {
        if let Some(origin) = self.0 {
            origin.trail.borrow_mut().push(match member {
                Member::Named(name) => format!(".{name}"),
                Member::At(index) => format!("[{index}]"),
            });
        }
    }
}

/// Reads a member that is a `T` where serde wants a seed.
pub(crate) struct Read<'a, T>(Source<'a>, Member<'a>, PhantomData<T>);

impl<'a, T> Read<'a, T> {
    pub(crate) fn from(source: Source<'a>, member: Member<'a>) -> Self {
        Read(source, member, PhantomData)
    }
}

impl<'de, T: Shape> DeserializeSeed<'de> for Read<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer, self.0).inspect_err(|_| self.0.failed_in(self.1))
    }
}

/// Reads a member that is a `T`, or `None` from `null`.
pub(crate) struct Optional<'a, T>(Source<'a>, Member<'a>, PhantomData<T>);

impl<'a, T> Optional<'a, T> {
    pub(crate) fn from(source: Source<'a>, member: Member<'a>) -> Self {
        Optional(source, member, PhantomData)
    }
}

impl<'de, T: Shape> DeserializeSeed<'de> for Optional<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        let (source, member) = (self.0, self.1);
        deserializer.deserialize_option(self).inspect_err(|_| source.failed_in(member))
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
    let origin = Origin { text, trail: RefCell::default() };
    let mut deserializer = serde_json::Deserializer::from_str(&origin.text);
    T::read(&mut deserializer, Source(Some(&origin)))
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| DecodeError::of(&origin, &error))
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
    fn of(origin: &Origin, error: &serde_json::Error) -> Self {
        let trail = origin.trail.borrow();
        let member: String = trail.iter().rev().map(String::as_str).collect();
        let full = error.to_string();
        let reason = full.rfind(" at line ").map_or(full.as_str(), |end| &full[..end]);
        DecodeError {
            member: member.strip_prefix('.').unwrap_or(&member).to_owned(),
            offset: offset_of(&origin.text, error),
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::ConverseResponse;

    /// All that is the same but that one value in it is of another type.
    fn spoiled(value: &Value) -> Vec<Value> {
        let mut all = vec![match value {
            Value::Array(_) => json!(true),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {
                json!([7])
            }
        }];
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    all.extend(spoiled(member).into_iter().map(|member| {
                        let mut members = members.clone();
                        members.insert(name.clone(), member);
                        Value::Object(members)
                    }));
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    all.extend(spoiled(item).into_iter().map(|item| {
                        let mut items = items.clone();
                        items[at] = item;
                        Value::Array(items)
                    }));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        all
    }

    #[test]
    fn an_error_names_the_member_that_serde_path_to_error_names() {
        let response = json!({
            "output": {"message": {"role": "assistant", "content": [
                {"text": "a"},
                {"toolUse": {"toolUseId": "t", "name": "n", "input": {"city": ["Paris"]}}},
                {"reasoningContent": {"reasoningText": {"text": "r", "signature": "s"}}},
            ]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "new": {"x": [1]}},
            "metrics": {"latencyMs": 4},
            "new": [{"y": 1}],
        });
        let mut named = Vec::new();
        for json in spoiled(&response) {
            let json = json.to_string();
            let mut deserializer = serde_json::Deserializer::from_str(&json);
            let expected =
                serde_path_to_error::deserialize::<_, ConverseResponse>(&mut deserializer);
            let read = from_bytes::<ConverseResponse>(&Bytes::from(json.clone()));
            match (read, expected) {
                (Ok(read), Ok(expected)) => assert_eq!(read, expected),
                (Err(error), Err(expected)) => {
                    let path = expected.path().to_string();
                    assert_eq!(error.member, path.trim_end_matches('.'), "{json}");
                    named.push(error.member);
                }
                (read, expected) => panic!("{read:?}, {expected:?}: {json}"),
            }
        }
        let deep = "output.message.content[2].reasoningContent.reasoningText.signature";
        assert!(named.iter().any(|member| member == deep), "{named:?}");
    }
}
