//! The control plane: what was asked, and what is to go wrong, as JSON over the
//! server's own address. Its paths are in the documentation of [`serve`](super).

use std::error::Error;
use std::net::IpAddr;

use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, Method, StatusCode, Version, header};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::fault::{AppliedFault, read_faults};
use super::gate::Gate;
use super::handler::Reply;
use super::host;
use super::journal::Journal;

/// What all its paths start with.
const BELOW: &str = "/_bedrock-wire/";

const PATHS: &str = "GET /_bedrock-wire/journal, POST /_bedrock-wire/reset, GET and POST \
                     /_bedrock-wire/faults, GET /_bedrock-wire/schema";

const JOURNAL_SCHEMA: &str = include_str!("control/journal.schema.json");
const FAULTS_SCHEMA: &str = include_str!("control/faults.schema.json");

/// Whether a request is for the control plane. No operation of Bedrock's has
/// such a path.
pub(super) fn is_for(head: &Parts) -> bool {
    head.uri.path().starts_with(BELOW)
}

/// The answer to a request that [`is_for`] it.
pub(super) async fn answer(gate: &Gate, head: &Parts, body: &[u8]) -> Reply {
    if let Err(why) = host::check(head).and_then(|()| check_local(head)) {
        return error(StatusCode::FORBIDDEN, "AccessDeniedException", &why);
    }
    match (head.uri.path().strip_prefix(BELOW).unwrap_or_default(), &head.method) {
        ("journal", &Method::GET) => journal(gate.journal.clone()).await,
        ("faults", &Method::GET) => list(gate),
        ("faults", &Method::POST) => set(gate, body),
        ("reset", &Method::POST) => {
            gate.reset();
            json_of(&json!({}))
        }
        ("schema", &Method::GET) => schema(),
        ("journal" | "schema", _) => not_allowed("GET"),
        ("reset", _) => not_allowed("POST"),
        ("faults", _) => not_allowed("GET, POST"),
        _ => {
            let why = format!("there is no such path; there are: {PATHS}");
            error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &why)
        }
    }
}

/// Refuses what a web page had sent: one of another origin, or one whose name
/// was made to mean this machine.
fn check_local(head: &Parts) -> Result<(), String> {
    if head.headers.contains_key(header::ORIGIN) {
        return Err("the control plane is not for web pages: leave out 'origin'".to_owned());
    }
    let host = head.headers.get(header::HOST);
    let is_local = match (head.uri.authority(), host) {
        (Some(authority), _) => is_local(authority),
        // One that cannot be read may be anybody's.
        (None, Some(host)) => {
            host.to_str().is_ok_and(|host| host.parse().is_ok_and(|host| is_local(&host)))
        }
        // What names no host was sent by no browser.
        (None, None) => head.version == Version::HTTP_10,
    };
    if is_local {
        return Ok(());
    }
    Err("the control plane is asked by a loopback address or 'localhost' alone".to_owned())
}

fn is_local(authority: &Authority) -> bool {
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// It may be long, and streams are not to wait for it.
async fn journal(journal: Journal) -> Reply {
    let written = tokio::task::spawn_blocking(move || json_of(&journal)).await;
    written.unwrap_or_else(|why| internal(&why))
}

#[derive(Serialize)]
struct List {
    faults: Vec<AppliedFault>,
}

fn list(gate: &Gate) -> Reply {
    json_of(&List { faults: gate.faults.list() })
}

fn set(gate: &Gate, body: &[u8]) -> Reply {
    match read_faults(body).and_then(|faults| gate.faults.set(faults)) {
        Ok(()) => list(gate),
        Err(why) => error(StatusCode::BAD_REQUEST, "ValidationException", &why.to_string()),
    }
}

#[derive(Serialize)]
struct Schema<'a> {
    journal: &'a RawValue,
    faults: &'a RawValue,
}

fn schema() -> Reply {
    let (journal, faults) =
        (serde_json::from_str(JOURNAL_SCHEMA), serde_json::from_str(FAULTS_SCHEMA));
    match (journal, faults) {
        (Ok(journal), Ok(faults)) => json_of(&Schema { journal, faults }),
        (Err(why), _) | (_, Err(why)) => internal(&why),
    }
}

fn json_of(value: &impl Serialize) -> Reply {
    match serde_json::to_vec(value) {
        Ok(json) => {
            let mut reply = Reply::whole(StatusCode::OK, json);
            let kind = HeaderValue::from_static("application/json");
            reply.headers.insert(header::CONTENT_TYPE, kind);
            reply
        }
        Err(why) => internal(&why),
    }
}

fn internal(why: &dyn Error) -> Reply {
    error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException", &why.to_string())
}

fn not_allowed(allowed: &'static str) -> Reply {
    let why = format!("this path takes {allowed} alone");
    let mut reply = error(StatusCode::METHOD_NOT_ALLOWED, "ValidationException", &why);
    reply.headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
    reply
}

fn error(status: StatusCode, name: &'static str, why: &str) -> Reply {
    Reply::told(status, name, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_faults_has_their_members() {
        use std::collections::BTreeSet;

        use serde_json::Value;

        use crate::serve::Fault;

        let schema: Value = serde_json::from_str(FAULTS_SCHEMA).unwrap();
        let kinds = schema["$defs"]["fault"]["oneOf"].as_array().unwrap();
        let mut names = Vec::new();
        for kind in kinds {
            let properties = kind["properties"].as_object().unwrap();
            let name = properties["fault"]["const"].as_str().unwrap();
            let mut fault = json!({ "fault": name, "none of them": 0 });
            for needed in kind["required"].as_array().unwrap().iter().skip(1) {
                let needed = needed.as_str().unwrap();
                let is_text = properties[needed]["type"] == "string";
                fault[needed] = if is_text { json!("ModelErrorException") } else { json!(1) };
            }
            let told = Fault::try_from(fault.clone()).unwrap_err().to_string();
            let known = told.split_once("it has: ").unwrap().1;
            let mut known: BTreeSet<_> = known.split(", ").collect();
            if name == "clock" {
                known.remove("tape");
            }
            known.insert("applied");
            assert_eq!(known, properties.keys().map(String::as_str).collect(), "{name}");
            fault.as_object_mut().unwrap().remove("none of them");
            assert_eq!(Fault::try_from(fault).unwrap().kind.name(), name);
            names.push(name);
        }
        let told = Fault::try_from(json!({ "fault": "" })).unwrap_err().to_string();
        assert_eq!(told.split_once("give one of ").unwrap().1, names.join(", "));
    }

    #[test]
    fn a_host_that_cannot_be_read_is_nobodys_and_none_is_for_http_1_0_alone() {
        let asked = |version, host: Option<&[u8]>| {
            let mut request = http::Request::post("/_bedrock-wire/reset").version(version);
            if let Some(host) = host {
                request = request.header("host", host);
            }
            check_local(&request.body(()).unwrap().into_parts().0).is_ok()
        };
        for (version, host, expected) in [
            (Version::HTTP_10, None, true),
            (Version::HTTP_11, None, false),
            (Version::HTTP_2, None, false),
            (Version::HTTP_11, Some(&b"localhost:1"[..]), true),
            (Version::HTTP_11, Some(b""), false),
            (Version::HTTP_11, Some(b"evil example"), false),
            (Version::HTTP_11, Some(b"local\xffhost"), false),
            (Version::HTTP_10, Some(b"[::1"), false),
            (Version::HTTP_10, Some(b"127.0.0.1/evil"), false),
        ] {
            assert_eq!(asked(version, host), expected, "{version:?} {host:?}");
        }
    }

    #[test]
    fn this_machine_alone_is_local() {
        for (host, expected) in [
            ("127.0.0.1:80", true),
            ("127.9.9.9", true),
            ("[::1]:80", true),
            ("LocalHost:80", true),
            ("evil.example:80", false),
            ("localhost.evil.example", false),
            ("10.0.0.1:80", false),
        ] {
            assert_eq!(is_local(&host.parse().unwrap()), expected, "{host}");
        }
    }
}
