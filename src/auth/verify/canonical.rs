//! The canonical request, and the signature over it.
//!
//! Source: AWS IAM User Guide, "Create a signed AWS API request".

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::authorization::Authorization;
use super::{AUTHORITY, Body, Received};

/// All but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// In a path, the slash separates segments and stays.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// The canonical request, or `None` if there is none for what is declared
/// signed: a header that did not come, a list out of order, another body.
pub(super) fn request(received: &Received<'_>, signed: &[&str]) -> Option<Vec<u8>> {
    let (path, query) = received.target.split_once('?').unwrap_or((received.target, ""));
    let mut text =
        format!("{}\n{}\n{}\n", received.method, uri(path), self::query(query)).into_bytes();
    text.extend(headers(received, signed)?);
    text.push(b'\n');
    text.extend_from_slice(signed.join(";").as_bytes());
    text.push(b'\n');
    text.extend_from_slice(&payload(received.headers, &received.body)?);
    Some(text)
}

/// The wire's path, every segment encoded once more; never normalised.
fn uri(path: &str) -> Cow<'_, str> {
    if path.is_empty() {
        "/".into()
    } else {
        percent_encode(path.as_bytes(), RESERVED_IN_PATH).into()
    }
}

/// Sorted by encoded name, then by encoded value.
fn query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encoded_again(name), encoded_again(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Decoded and encoded, so that every writing of a value gives the same. A
/// plus is a space here, as in forms and to AWS's own signers.
fn encoded_again(text: &str) -> String {
    let text = text.replace('+', " ");
    let decoded: Cow<'_, [u8]> = percent_decode_str(&text).into();
    percent_encode(&decoded, RESERVED).to_string()
}

fn headers(received: &Received<'_>, signed: &[&str]) -> Option<Vec<u8>> {
    let is_lower_case = signed.iter().all(|name| !name.bytes().any(|b| b.is_ascii_uppercase()));
    if !is_lower_case || !signed.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let mut text = Vec::new();
    for name in signed {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend(header(received, name)?);
        text.push(b'\n');
    }
    Some(text)
}

/// All values of a header, joined by commas.
fn header(received: &Received<'_>, name: &str) -> Option<Vec<u8>> {
    if let (Some(authority), "host" | AUTHORITY) = (received.authority, name) {
        return Some(authority.as_bytes().to_vec());
    }
    let values: Vec<Vec<u8>> =
        received.headers.get_all(name).iter().map(|v| collapsed(v.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(&b','))
}

/// Without white space around it, and with one space for each run of them.
fn collapsed(value: &[u8]) -> Vec<u8> {
    let mut text = value.trim_ascii().to_vec();
    text.dedup_by(|next, kept| *next == b' ' && *kept == b' ');
    text
}

/// The hash of the body, if it is the one that is declared or none is.
fn payload(headers: &HeaderMap, body: &Body<'_>) -> Option<Vec<u8>> {
    let hash = match body {
        Body::Bytes(bytes) => hex(&Sha256::digest(bytes)),
        Body::Sha256(hash) => hex(hash),
    };
    let mut declared = headers.get_all(CONTENT_SHA256).iter().map(HeaderValue::as_bytes);
    match (declared.next(), declared.next()) {
        (None, _) => Some(hash.into_bytes()),
        (Some(declared), None) if declared == hash.as_bytes() => Some(hash.into_bytes()),
        // `UNSIGNED-PAYLOAD` too: the service is not known to take it.
        (Some(_), _) => None,
    }
}

/// Whether a query has parameters of a presigned URL.
pub(super) fn is_presigned(target: &str) -> bool {
    let (_, query) = target.split_once('?').unwrap_or_default();
    let mut names = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")).0);
    names.any(|name| {
        let name = encoded_again(name).to_ascii_lowercase();
        ["x-amz-algorithm", "x-amz-credential", "x-amz-signature"].contains(&&*name)
    })
}

/// The signature over a canonical request, in lower-case hexadecimal digits.
pub(super) fn signature(canonical: &[u8], of: &Authorization<'_>, secret: &str) -> String {
    let Authorization { date, day, region, service, terminator, .. } = of;
    let hash = hex(&Sha256::digest(canonical));
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/{terminator}\n{hash}");
    let mut key = Zeroizing::new(Vec::with_capacity("AWS4".len() + secret.len()));
    key.extend_from_slice(b"AWS4");
    key.extend_from_slice(secret.as_bytes());
    for part in [day, region, service, terminator] {
        key = hmac(&key, part.as_bytes());
    }
    hex(&hmac(&key, to_sign.as_bytes()))
}

fn hmac(key: &[u8], text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text);
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect()
}
