//! JSON that is the caller's, kept as it was written.

use std::fmt;

use bytestring::ByteString;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Extra;
use super::any_object::AnyObject;
use super::canonical::Canonical;
use super::slot::{Shape, Slot, View};
use super::source::Source;

/// Any JSON value (Smithy's `document`), kept as the text it was written in.
///
/// Order, white space and numbers of any size stay as they are. Two documents
/// are equal if they are the same JSON: member order and the way a number is
/// written do not matter, but all of its digits do. Members of the same name
/// all count. Documents nested over 500 deep are equal only as text.
///
/// Works with `serde_json` alone: other formats have no raw JSON.
#[derive(Clone)]
// Always one JSON value without white space around it, for it is written as it is.
pub struct Document(ByteString);

/// As deep as `serde_json` reads a tree: each level is read anew, and a stack has
/// an end.
const MERGE_DEPTH: usize = 128;

impl Document {
    /// Keeps `json` as it is.
    ///
    /// # Errors
    /// Where `json` is not one JSON value.
    pub fn from_json(json: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(json.into()).map(Self::from_raw)
    }

    /// Writes `value` as JSON.
    ///
    /// # Errors
    /// Where `value` has no form in JSON.
    pub fn from_serialize(value: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|json| Document(json.into()))
    }

    /// A JSON string.
    pub fn string(text: &str) -> Self {
        Value::from(text).into()
    }

    /// The text of the JSON.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// The JSON as a tree.
    ///
    /// # Errors
    /// Where a number does not fit a double, or it is nested over 128 deep.
    pub fn to_value(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// The JSON as a type of the caller's.
    ///
    /// # Errors
    /// Where it is another shape.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// The members of an object, in order and as they are written.
    ///
    /// # Errors
    /// Where it is no object, or a member stands twice.
    pub fn members(&self) -> Result<Extra, serde_json::Error> {
        self.to::<AnyObject>().map(|object| object.extra)
    }

    /// This with `patch` merged into it (RFC 7396, JSON Merge Patch): where
    /// both have an object it is merged member by member, anything else is
    /// replaced, and `null` takes a member out. What is not named stays as it
    /// was written.
    ///
    /// # Errors
    /// Where either is no object, a member stands twice, or `patch` has objects
    /// nested over 128 deep.
    pub fn merged(&self, patch: &Document) -> Result<Self, serde_json::Error> {
        self.merged_at(0, patch)
    }

    fn merged_at(&self, depth: usize, patch: &Document) -> Result<Self, serde_json::Error> {
        if depth > MERGE_DEPTH {
            let why = format_args!("the objects to merge are nested over {MERGE_DEPTH} deep");
            return Err(serde::de::Error::custom(why));
        }
        let (mut members, patch) = (self.members()?, patch.members()?);
        for (name, value) in patch.iter() {
            if value.as_json() == "null" {
                members.remove(name);
                continue;
            }
            let old = members.get(name).filter(|old| old.is_object() && value.is_object());
            let value = match old {
                Some(old) => old.merged_at(depth + 1, value)?,
                // In an object that was not there `null` takes nothing out and stays nowhere.
                None if value.is_object() => Document::default().merged_at(depth + 1, value)?,
                None => value.clone(),
            };
            members.insert(name, value);
        }
        Ok(members.into())
    }

    fn is_object(&self) -> bool {
        self.0.trim_start().starts_with('{')
    }

    /// A copy that shares nothing, so that the chunk it came in can go.
    #[must_use]
    pub fn detach(&self) -> Self {
        Document(self.as_json().to_owned().into())
    }

    fn from_raw(raw: Box<RawValue>) -> Self {
        Document(String::from(Box::<str>::from(raw)).into())
    }

    fn raw(&self) -> Result<&RawValue, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Document(value.to_string().into())
    }
}

impl From<Extra> for Document {
    /// The object of these members.
    fn from(members: Extra) -> Self {
        let mut object = AnyObject::new();
        object.extra = members;
        // Documents can always be written, and the object has no other members.
        Document::from_serialize(&object).unwrap_or_default()
    }
}

impl Default for Document {
    /// The empty object.
    fn default() -> Self {
        Document(ByteString::from_static("{}"))
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        same_json(self.as_json(), other.as_json())
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl Document {
    pub(super) fn read<'de, D: Deserializer<'de>>(
        d: D,
        source: Source<'_>,
    ) -> Result<Self, D::Error> {
        // A known source means that `d` reads from one slice and can lend.
        if source.is_known() {
            let raw = <&RawValue>::deserialize(d)?;
            return Ok(Document(source.share(raw.get())));
        }
        Box::<RawValue>::deserialize(d).map(Self::from_raw)
    }

    pub(super) fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw().map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl Shape for Document {
    fn blank() -> Self {
        Document::default()
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Document(self)
    }

    fn view(&self) -> View<'_> {
        View::Document(self)
    }
}

super::serde_by_shape!(Document);

/// Whether two texts are the same JSON.
fn same_json(a: &str, b: &str) -> bool {
    let canonical = |json: &str| Canonical::read(json.as_bytes());
    a == b || matches!((canonical(a), canonical(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shape::from_bytes;
    use bytes::Bytes;

    #[test]
    fn a_document_keeps_its_text_and_compares_as_json() {
        let kept = Document::from_json(r#"{"b": 1.0, "a": [1e2, -0.0]}"#).unwrap();
        assert_eq!(kept.as_json(), r#"{"b": 1.0, "a": [1e2, -0.0]}"#);
        assert_eq!(kept, Document::from_json(r#"{"a":[100,0],"b":1}"#).unwrap());
        assert_ne!(kept, Document::from_json(r#"{"a":[0,100],"b":1}"#).unwrap());
        assert_eq!(serde_json::to_string(&kept).unwrap(), kept.as_json());
    }

    #[test]
    fn numbers_beyond_a_double_are_told_apart() {
        let a = Document::from_json("9007199254740993").unwrap();
        let b = Document::from_json("9007199254740992").unwrap();
        assert_ne!(a, b);
        let json = |json: &str| Document::from_json(json).unwrap();
        assert_ne!(json("18446744073709551616"), json("18446744073709551617"));
        assert_eq!(json("10000000000000000"), json("1e16"));
        assert_eq!(json("[1e400]"), json("[10e399]"));
        assert_ne!(json(r#"{"a":1,"a":2}"#), json(r#"{"a":2}"#));
    }

    #[test]
    fn a_document_is_a_slice_of_what_it_was_read_from() {
        let json = Bytes::from_static(br#" {"a":1} "#);
        let document: Document = from_bytes(&json).unwrap();
        assert_eq!(document.as_json(), r#"{"a":1}"#);
        assert_eq!(document.as_json().as_ptr(), json[1..].as_ptr());
    }

    #[test]
    fn a_document_passes_through_a_tree() {
        let tree = serde_json::json!({"a": [1, 2]});
        let document: Document = serde_json::from_value(tree.clone()).unwrap();
        assert_eq!(document.to_value().unwrap(), tree);
        assert_eq!(serde_json::to_value(&document).unwrap(), tree);
    }

    #[test]
    fn a_patch_is_merged_as_rfc_7396_has_it() {
        // The examples of its appendix A that are objects on both sides.
        for (target, patch, merged) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let document = |json: &str| Document::from_json(json).unwrap();
            let found = document(target).merged(&document(patch)).unwrap();
            assert_eq!(found.as_json(), merged, "{target} with {patch}");
        }
    }

    #[test]
    fn what_is_nested_very_deep_is_kept_and_cannot_be_merged() {
        let deep = |levels| {
            let json = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
            Document::from_json(json).unwrap()
        };
        let patch = Document::from(serde_json::json!({"b": 1}));
        let kept = deep(100_000).merged(&patch).unwrap();
        assert!(kept.as_json().ends_with(r#","b":1}"#));
        assert!(deep(100).merged(&deep(100)).is_ok());
        for target in [deep(100_000), Document::default()] {
            let error = target.merged(&deep(100_000)).unwrap_err();
            assert!(error.to_string().contains("128 deep"), "{error}");
        }
    }

    #[test]
    fn what_a_patch_does_not_name_stays_as_it_was_written() {
        let target = Document::from_json(r#"{"b": 1.0, "a": {"y":1e400, "x": 2}}"#).unwrap();
        let patch = Document::from(serde_json::json!({"a": {"z": 3}}));
        let merged = target.merged(&patch).unwrap();
        assert_eq!(merged.as_json(), r#"{"b":1.0,"a":{"y":1e400,"x":2,"z":3}}"#);
        for (a, b) in [("[]", "{}"), ("{}", "1")] {
            let [a, b] = [a, b].map(|json| Document::from_json(json).unwrap());
            assert!(a.merged(&b).is_err());
        }
    }

    #[test]
    fn what_is_not_json_is_no_document() {
        assert!(Document::from_json("{").is_err());
        assert!(Document::from_json("1 2").is_err());
    }
}
