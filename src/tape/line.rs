//! The lines of a tape and their members.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::exchange::RecordedRequest;
use super::form::{BodyMembers, any};
use super::frame::FrameMembers;
use super::headers::{RecordedHeaders, read_request, read_response};
use super::piece::{End, Micros, Piece};
use super::query;
use crate::model::Blob;

/// The members of a line, not read yet.
pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

/// What a line is, told by one of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Head,
    Request,
    Response,
    Frame,
    Rest,
    Body,
    Pieces,
}

impl Kind {
    /// The kind by the member that only it has.
    const BY_MEMBER: [(&str, Kind); 9] = [
        ("tape", Kind::Head),
        ("request", Kind::Request),
        ("response", Kind::Response),
        ("frame", Kind::Frame),
        ("rest", Kind::Rest),
        ("body", Kind::Body),
        ("body_text", Kind::Body),
        ("body_base64", Kind::Body),
        ("pieces", Kind::Pieces),
    ];

    /// The kind of a line with these members.
    pub(super) fn of(members: &Members<'_>) -> Option<Self> {
        let mut kinds = Self::BY_MEMBER.iter();
        kinds.find(|(name, _)| members.contains_key(*name)).map(|(_, kind)| *kind)
    }

    /// The line, to be read in an error.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Head => "the head (`tape`)",
            Kind::Request => "the request (`request`)",
            Kind::Response => "the response (`response`)",
            Kind::Frame => "a frame (`frame`)",
            Kind::Rest => "the rest of a stream (`rest`)",
            Kind::Body => "a body (`body`, `body_text` or `body_base64`)",
            Kind::Pieces => "the line of pieces (`pieces`)",
        }
    }
}

/// As much of a head as every version has.
#[derive(Deserialize)]
pub(super) struct VersionLine {
    pub(super) tape: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadLine {
    pub(super) tape: u64,
    pub(super) operation: String,
    pub(super) model: String,
    pub(super) source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestLine {
    #[serde(deserialize_with = "request")]
    pub(super) request: Option<RecordedRequest>,
}

/// A request, with the members of its body among its own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestMembers<'a> {
    #[serde(serialize_with = "write_method", deserialize_with = "method")]
    pub(super) method: Method,
    #[serde(deserialize_with = "path")]
    pub(super) path: String,
    #[serde(deserialize_with = "read_request")]
    pub(super) headers: RecordedHeaders,
    #[serde(borrow, default, deserialize_with = "any", skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_base64: Option<Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResponseLine {
    pub(super) response: ResponseMembers,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResponseMembers {
    #[serde(serialize_with = "write_status", deserialize_with = "status")]
    pub(super) status: StatusCode,
    #[serde(deserialize_with = "read_response")]
    pub(super) headers: RecordedHeaders,
    pub(super) at: Option<Micros>,
}

/// The body of an answer that is no event stream.
pub(super) struct BodyLine(pub(super) Bytes);

impl<'de> Deserialize<'de> for BodyLine {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        BodyMembers::deserialize(d)?.into_bytes().map(BodyLine).map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameLine {
    #[serde(deserialize_with = "frame")]
    pub(super) frame: Bytes,
    pub(super) at: Option<Micros>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RestLine {
    pub(super) rest: RestMembers,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RestMembers {
    pub(super) base64: Blob,
    pub(super) why: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PiecesLine {
    #[serde(serialize_with = "write_pieces", deserialize_with = "pieces")]
    pub(super) pieces: Option<Vec<Piece>>,
    pub(super) end: Option<End>,
}

fn request<'de, D: Deserializer<'de>>(d: D) -> Result<Option<RecordedRequest>, D::Error> {
    let members = Option::<RequestMembers<'_>>::deserialize(d)?;
    members.map(RequestMembers::into_request).transpose().map_err(D::Error::custom)
}

impl RequestMembers<'_> {
    fn into_request(self) -> Result<RecordedRequest, &'static str> {
        let Self { method, path, headers, body, body_text, body_base64, why } = self;
        let body = BodyMembers { body, body_text, body_base64, why }.into_bytes()?;
        Ok(RecordedRequest::kept(method, path, headers, body))
    }
}

fn frame<'de, D: Deserializer<'de>>(d: D) -> Result<Bytes, D::Error> {
    FrameMembers::deserialize(d)?.into_bytes().map_err(D::Error::custom)
}

fn method<'de, D: Deserializer<'de>>(d: D) -> Result<Method, D::Error> {
    let text = String::deserialize(d)?;
    text.parse().map_err(|_| D::Error::custom(format_args!("{text:?} is no method of HTTP")))
}

fn path<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    let text = String::deserialize(d)?;
    if text.starts_with('/') && query::kept(&text) == text {
        return Ok(text);
    }
    Err(D::Error::custom(format_args!(
        "{text:?} is not a path that starts with /, with a query of members of operations alone"
    )))
}

fn status<'de, D: Deserializer<'de>>(d: D) -> Result<StatusCode, D::Error> {
    let code = u16::deserialize(d)?;
    let wrong = |_| D::Error::custom(format_args!("{code} is no status: it is 100 to 999"));
    StatusCode::from_u16(code).map_err(wrong)
}

fn pieces<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Vec<Piece>>, D::Error> {
    let pairs = Option::<Vec<(u64, Option<Micros>)>>::deserialize(d)?;
    let piece = |(length, at)| Piece { length, at };
    Ok(pairs.map(|pairs| pairs.into_iter().map(piece).collect()))
}

fn write_method<S: Serializer>(method: &Method, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(method.as_str())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn write_status<S: Serializer>(status: &StatusCode, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_u16(status.as_u16())
}

#[expect(clippy::ref_option, reason = "as serde calls it")]
fn write_pieces<S: Serializer>(pieces: &Option<Vec<Piece>>, s: S) -> Result<S::Ok, S::Error> {
    let pair = |piece: &Piece| (piece.length, piece.at);
    pieces.as_ref().map(|pieces| pieces.iter().map(pair).collect::<Vec<_>>()).serialize(s)
}
