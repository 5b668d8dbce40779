//! Reading the header `Authorization`.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

use super::rejection::{IncompleteSignature as Incomplete, Rejection};
use super::{Received, canonical, clock};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "x-amz-date";

/// The proof a request brings.
pub(super) enum Proof<'a> {
    BearerKey(&'a str),
    Signature(Authorization<'a>),
}

/// A signature and what it says about itself, with the time from `x-amz-date`.
pub(super) struct Authorization<'a> {
    pub(super) access_key_id: &'a str,
    /// The scope's `YYYYMMDD`.
    pub(super) day: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
    /// As they were given, not sorted.
    pub(super) signed_headers: Vec<&'a str>,
    pub(super) signature: &'a str,
    /// `x-amz-date` as it was given.
    pub(super) date: &'a str,
    pub(super) time: SystemTime,
}

/// Reads the proof from a request's headers.
pub(super) fn parse<'a>(request: &Received<'a>) -> Result<Proof<'a>, Rejection> {
    let headers = request.headers;
    if canonical::is_presigned(request.target) {
        return Err(incomplete(Incomplete::Query));
    }
    let text = match single(headers, AUTHORIZATION.as_str()) {
        None => return Err(Rejection::MissingAuthentication),
        Some(Err(problem)) => return Err(incomplete(problem)),
        Some(Ok(text)) => text.trim(),
    };
    if text.is_empty() {
        return Err(Rejection::MissingAuthentication);
    }
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("Bearer") {
        return Ok(Proof::BearerKey(rest.trim()));
    }
    if scheme != ALGORITHM {
        return Err(incomplete(Incomplete::Algorithm));
    }
    signature(rest, headers).map(Proof::Signature)
}

fn incomplete(problem: Incomplete) -> Rejection {
    Rejection::IncompleteSignature { problems: vec![problem] }
}

/// A header that must not be repeated, as text.
fn single<'a>(headers: &'a HeaderMap, name: &'static str) -> Option<Result<&'a str, Incomplete>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Err(Incomplete::Repeated { what: name }));
    }
    Some(value.to_str().map_err(|_| Incomplete::NotText { header: name }))
}

/// Gathers all that is missing, so that it can be mended at once.
fn signature<'a>(rest: &'a str, headers: &'a HeaderMap) -> Result<Authorization<'a>, Rejection> {
    let mut problems = unknown(rest);
    let mut note = |result: Result<&'a str, Incomplete>| {
        result.map_err(|problem| problems.push(problem)).unwrap_or_default()
    };
    let credential = note(parameter(rest, "Credential"));
    let signature = note(parameter(rest, "Signature"));
    let signed_headers = note(parameter(rest, "SignedHeaders"));
    let date = note(single(headers, DATE).unwrap_or(Err(Incomplete::Date)));
    if !problems.is_empty() {
        return Err(Rejection::IncompleteSignature { problems });
    }
    let time = clock::parse(date).ok_or_else(|| incomplete(Incomplete::DateFormat))?;
    let [access_key_id, day, region, service, terminator] = scope(credential)?;
    let signed_headers = signed_headers.split(';').collect();
    Ok(Authorization {
        access_key_id,
        day,
        region,
        service,
        terminator,
        signed_headers,
        signature,
        date,
        time,
    })
}

/// What commas separate, with or without spaces.
fn parts(rest: &str) -> impl Iterator<Item = &str> {
    let all = (!rest.trim().is_empty()).then(|| rest.split(','));
    all.into_iter().flatten().map(str::trim)
}

/// What stands among the parameters and is none.
fn unknown(rest: &str) -> Vec<Incomplete> {
    let problem = |part: &str| match part.split_once('=') {
        Some(("Credential" | "SignedHeaders" | "Signature", _)) => None,
        Some(_) => Some(Incomplete::UnknownParameter),
        None => {
            let hash = STANDARD.encode(Sha256::digest(format!("{ALGORITHM} {rest}")));
            Some(Incomplete::NoEqualSign { hash })
        }
    };
    let mut problems: Vec<_> = parts(rest).filter_map(problem).collect();
    problems.dedup();
    problems
}

/// One of the parameters.
fn parameter<'a>(rest: &'a str, name: &'static str) -> Result<&'a str, Incomplete> {
    let mut found = parts(rest)
        .filter_map(|part| part.split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (None | Some(""), None) => Err(Incomplete::Parameter { name }),
        (Some(value), None) => Ok(value),
        (_, Some(_)) => Err(Incomplete::Repeated { what: name }),
    }
}

fn scope(credential: &str) -> Result<[&str; 5], Rejection> {
    let parts: Vec<&str> = credential.split('/').collect();
    parts.try_into().map_err(|_| incomplete(Incomplete::Credential))
}
