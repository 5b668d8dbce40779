//! Cassettes of vcrpy: YAML, with a list of interactions.
//!
//! A body is text, `!!binary`, or JSON that was parsed (`parsed_body`, of
//! pydantic-ai's own serialiser).

use std::path::Path;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::ImportError;
use super::exchange::{Body, Exchange, Place};
use super::yaml::{self, Node, Problem};
use crate::tape::Tape;

/// The tapes of a cassette; `None` if the document is none.
pub(super) fn tapes(
    path: &Path,
    text: &str,
) -> Result<Option<Vec<Result<Tape, ImportError>>>, ImportError> {
    let place = Place { path, prefix: String::new() };
    let root = yaml::read(text).map_err(|problem| told(&place, ".", &problem))?;
    let Some(interactions) = root.get("interactions") else {
        return Ok(None);
    };
    let no_list = || told(&place, "interactions", &interactions.problem("no list"));
    let interactions = interactions.items().ok_or_else(no_list)?;
    Ok(Some((0..).zip(interactions).map(|(number, node)| tape(path, number, node)).collect()))
}

fn tape(path: &Path, number: usize, node: &Rc<Node>) -> Result<Tape, ImportError> {
    let place = Place { path, prefix: format!("interactions[{number}].") };
    let name = path.file_name().unwrap_or_default().display();
    let request = member(&place, node, "", "request")?;
    let response = member(&place, node, "", "response")?;
    let exchange = Exchange {
        method: text(&place, member(&place, request, "request.", "method")?, "request.method")?,
        url: text(&place, member(&place, request, "request.", "uri")?, "request.uri")?,
        request_headers: headers(&place, request, "request.headers")?,
        request_body: bytes(body(&place, request, "request")?),
        status: status(&place, response)?,
        headers: headers(&place, response, "response.headers")?,
        body: body(&place, response, "response")?,
        source: format!("vcr cassette {name}, interaction {number} (counted from 0)"),
    };
    exchange.tape(&place)
}

fn told(place: &Place<'_>, member: &str, problem: &Problem) -> ImportError {
    place.malformed(member, format!("{} (line {})", problem.reason, problem.line))
}

fn member<'a>(
    place: &Place<'_>,
    node: &'a Node,
    of: &str,
    name: &str,
) -> Result<&'a Node, ImportError> {
    let missing = || told(place, &format!("{of}{name}"), &node.problem("it is missing"));
    node.get(name).ok_or_else(missing)
}

fn text(place: &Place<'_>, node: &Node, member: &str) -> Result<String, ImportError> {
    node.text().map_err(|problem| told(place, member, &problem))
}

/// Each value by itself or in a list.
fn headers(
    place: &Place<'_>,
    of: &Node,
    member: &str,
) -> Result<Vec<(String, String)>, ImportError> {
    let mut headers = Vec::new();
    let Some(node) = of.get("headers") else {
        return Ok(headers);
    };
    if !node.is_mapping() {
        return Err(told(place, member, &node.problem("no mapping")));
    }
    for (name, value) in node.members() {
        let member = format!("{member}.{name}");
        match value.items() {
            Some(items) => {
                for item in items {
                    headers.push((name.to_owned(), text(place, item, &member)?));
                }
            }
            None => headers.push((name.to_owned(), text(place, value, &member)?)),
        }
    }
    Ok(headers)
}

/// The code by itself, or with its message.
fn status(place: &Place<'_>, response: &Node) -> Result<u16, ImportError> {
    let node = member(place, response, "response.", "status")?;
    let node = node.get("code").unwrap_or(node);
    let code = text(place, node, "response.status.code")?;
    let no_number = |_| told(place, "response.status.code", &node.problem("no status of HTTP"));
    code.parse().map_err(no_number)
}

fn body(place: &Place<'_>, of: &Node, name: &str) -> Result<Body, ImportError> {
    let wrong = |member: &str, problem| told(place, &format!("{name}.{member}"), &problem);
    if let Some(parsed) = of.get("parsed_body") {
        let json = parsed.json().map_err(|problem| wrong("parsed_body", problem))?;
        return Ok(Body::Reserialised(json));
    }
    let Some(node) = of.get("body") else {
        return Ok(Body::Text(Bytes::new()));
    };
    if let Some(base64) = node.get("base64_string") {
        let text = text(place, base64, &format!("{name}.body.base64_string"))?;
        let text: String = text.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(text).map_err(|error| {
            wrong("body.base64_string", base64.problem(format!("not base64: {error}")))
        })?;
        return Ok(Body::Exact(bytes.into()));
    }
    let empty = node.is_mapping() && node.get("string").is_none();
    let node = node.get("string").unwrap_or(node);
    if empty {
        return Ok(Body::Text(Bytes::new()));
    }
    let bytes = node.bytes().map_err(|problem| wrong("body", problem))?;
    Ok(if node.is_binary() { Body::Exact(bytes) } else { Body::Text(bytes) })
}

fn bytes(body: Body) -> Bytes {
    match body {
        Body::Exact(bytes) | Body::Text(bytes) => bytes,
        Body::Reserialised(json) => json.into(),
        Body::Pieces(pieces) => pieces.concat().into(),
    }
}
