//! The presigned request that a key is.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::super::bearer::BearerKey;
use super::super::sigv4::{SigningError, instructions};
use super::{ACTION, HOST_AND_PATH, PREFIX, SCHEME};

/// All but the unreserved characters of RFC 3986 §2.3, as AWS encodes a query.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const SIGNATURE: &str = "X-Amz-Signature";

/// What follows the signature, unsigned.
const VERSION: &str = "&Version=1";

/// Room for all of the query but what credentials and region put into it.
const USUAL_LENGTH: usize = 512;

/// The key. What goes in is checked.
pub(super) fn key(
    credentials: &Credentials,
    region: &str,
    lifetime: Duration,
    now: SystemTime,
) -> Result<BearerKey, SigningError> {
    let url = format!("{SCHEME}{HOST_AND_PATH}?{}={}", ACTION.0, ACTION.1);
    let request = SignableRequest::new("POST", url.as_str(), [].into_iter(), SignableBody::empty())
        .map_err(SigningError::signer)?;
    let (instructions, _) = instructions(request, credentials, region, now, settings(lifetime))?;
    let token = credentials.session_token().map_or(0, str::len);
    let named = token + credentials.access_key_id().len() + region.len();
    // Reserved in full, so that no shorter copy of the key is left behind.
    let mut text = String::with_capacity(USUAL_LENGTH + 3 * named);
    text.push_str(&url[SCHEME.len()..]);
    let mut text = Zeroizing::new(text);
    push_query(&mut text, instructions.into_parts().1);
    text.push_str(VERSION);
    BearerKey::new(encoded(&text)).map_err(SigningError::signer)
}

fn settings(lifetime: Duration) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(lifetime);
    settings
}

/// The signer's parameters in its order, but the signature last, as AWS's
/// generator has it.
fn push_query(text: &mut String, params: Vec<(&'static str, Cow<'static, str>)>) {
    let mut signature = None;
    for (name, value) in params {
        let value = Zeroizing::new(value.into_owned());
        if name == SIGNATURE {
            signature = Some(value);
        } else {
            push(text, name, &value);
        }
    }
    if let Some(signature) = signature {
        push(text, SIGNATURE, &signature);
    }
}

fn push(text: &mut String, name: &str, value: &str) {
    text.extend(["&", name, "="]);
    text.extend(utf8_percent_encode(value, RESERVED));
}

fn encoded(text: &str) -> String {
    let mut key = String::with_capacity(PREFIX.len() + text.len().div_ceil(3) * 4);
    key.push_str(PREFIX);
    STANDARD.encode_string(text, &mut key);
    key
}
