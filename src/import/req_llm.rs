//! Cassettes of ReqLLM: JSON, one exchange in a file.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::ImportError;
use super::exchange::{Body, Exchange, Place};
use super::meta::parse;
use crate::model::Blob;
use crate::tape::Tape;

/// What only such a cassette has.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "model_spec")]
    _model_spec: IgnoredAny,
    #[serde(rename = "request")]
    _request: IgnoredAny,
    #[serde(rename = "response")]
    _response: IgnoredAny,
}

#[derive(Deserialize)]
struct Cassette {
    request: Request,
    response: Response,
    chunks: Option<Vec<Encoded>>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    headers: BTreeMap<String, Value>,
    body: Option<Encoded>,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: BTreeMap<String, Value>,
    body: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Encoded {
    b64: Blob,
}

/// The tape of a cassette; `None` if the JSON is none.
pub(super) fn tape(path: &Path, json: &[u8]) -> Result<Option<Tape>, ImportError> {
    if serde_json::from_slice::<IgnoredAny>(json).is_ok()
        && serde_json::from_slice::<Shape>(json).is_err()
    {
        return Ok(None);
    }
    let place = Place { path, prefix: String::new() };
    let cassette: Cassette = parse(path, json)?;
    let name = path.file_name().unwrap_or_default().display();
    let Cassette { request, response, chunks } = cassette;
    let request_body = request.body.map(|body| body.b64.0).unwrap_or_default();
    let exchange = Exchange {
        method: request.method,
        url: request.url,
        request_headers: headers(&place, &request.headers, "request.headers")?,
        request_body,
        status: response.status,
        headers: headers(&place, &response.headers, "response.headers")?,
        body: body(response.body.as_deref(), chunks),
        source: format!("ReqLLM cassette {name}"),
    };
    exchange.tape(&place).map(Some)
}

/// Each value by itself or in a list.
fn headers(
    place: &Place<'_>,
    headers: &BTreeMap<String, Value>,
    member: &str,
) -> Result<Vec<(String, String)>, ImportError> {
    let mut pairs = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            let no_text = || place.malformed(&format!("{member}.{name}"), "no string");
            pairs.push((name.clone(), value.as_str().ok_or_else(no_text)?.to_owned()));
        }
    }
    Ok(pairs)
}

fn body(parsed: Option<&RawValue>, chunks: Option<Vec<Encoded>>) -> Body {
    if let Some(chunks) = chunks.filter(|chunks| !chunks.is_empty()) {
        return Body::Pieces(chunks.into_iter().map(|chunk| chunk.b64.0).collect());
    }
    let Some(parsed) = parsed else {
        return Body::Exact(Bytes::new());
    };
    match serde_json::from_str::<Encoded>(parsed.get()) {
        Ok(Encoded { b64 }) => Body::Exact(b64.0),
        Err(_) => Body::Reserialised(without_white_space(parsed.get())),
    }
}

/// JSON as it stands, without the white space between its parts.
fn without_white_space(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let kept = |char: &char| {
        let keep = in_string || !char.is_ascii_whitespace();
        in_string ^= *char == '"' && !escaped;
        escaped = in_string && *char == '\\' && !escaped;
        keep
    };
    json.chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_but_from_strings() {
        for (json, expected) in [
            (r#"{ "a" : [ 1.0 , "b c" ] }"#, r#"{"a":[1.0,"b c"]}"#),
            (r#"[ "a \" b" , "\\" , "c d" ]"#, r#"["a \" b","\\","c d"]"#),
            ("{\n\t\"é\": 1e5\n}", r#"{"é":1e5}"#),
        ] {
            assert_eq!(without_white_space(json), expected);
        }
    }
}
