//! What secrets look like.

use std::fmt;

use memchr::memmem;

/// A kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretKind {
    /// `AKIA...`, `ASIA...`: no secret itself, but it says who signs.
    AccessKeyId,
    /// The forty characters behind a name such as `aws_secret_access_key`.
    SecretAccessKey,
    /// `IQoJ...`: a session token of STS's.
    SessionToken,
    /// `bedrock-api-key-...`, or the `ABSK...` of a long-term one.
    ApiKey,
    /// The value behind `Bearer `.
    Bearer,
    /// A SigV4 signature, or the scope that it is made in.
    Signature,
    /// A private key in PEM.
    PrivateKey,
}

impl SecretKind {
    const ALL: [SecretKind; 7] = [
        SecretKind::AccessKeyId,
        SecretKind::SecretAccessKey,
        SecretKind::SessionToken,
        SecretKind::ApiKey,
        SecretKind::Bearer,
        SecretKind::Signature,
        SecretKind::PrivateKey,
    ];

    fn is_in(self, text: &[u8]) -> bool {
        match self {
            SecretKind::AccessKeyId => access_key_id(text),
            SecretKind::SecretAccessKey => secret_access_key(text),
            SecretKind::SessionToken => session_token(text),
            SecretKind::ApiKey => api_key(text),
            SecretKind::Bearer => bearer(text),
            SecretKind::Signature => signature(text),
            SecretKind::PrivateKey => memmem::find(text, b"PRIVATE KEY-----\n").is_some(),
        }
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SecretKind::AccessKeyId => "an AWS access key id",
            SecretKind::SecretAccessKey => "an AWS secret access key",
            SecretKind::SessionToken => "an AWS session token",
            SecretKind::ApiKey => "a Bedrock API key",
            SecretKind::Bearer => "a bearer value",
            SecretKind::Signature => "an AWS signature or its scope",
            SecretKind::PrivateKey => "a private key",
        })
    }
}

/// The kinds of secrets in `text`.
pub(super) fn kinds(text: &[u8]) -> impl Iterator<Item = SecretKind> {
    SecretKind::ALL.into_iter().filter(|kind| kind.is_in(text))
}

/// What AWS's documentation and this crate use for examples.
fn is_example(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    // The token in AWS's documentation repeats its start.
    [&b"example"[..], b"redacted", b"iqojb3jpz2lux2iqojb3jpz2lux2"]
        .iter()
        .any(|sign| memmem::find(&value, sign).is_some())
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte)
}

/// As many of the bytes from `start` on as belong.
fn value(text: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> &[u8] {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| belongs(**byte)).count();
    &rest[..length]
}

/// Whether what stands at `start` does not go on a word before it.
fn begins(text: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> bool {
    start == 0 || !belongs(text[start - 1])
}

/// Whether behind one of `prefixes` comes a value of at least `length` bytes
/// that is no example.
fn prefixed(text: &[u8], prefixes: &[&[u8]], length: usize) -> bool {
    // A value may stand behind `=` and behind a name with `-`.
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    prefixes.iter().any(|prefix| {
        memmem::find_iter(text, prefix).any(|start| {
            let value = value(text, start, is_base64);
            begins(text, start, word) && value.len() >= prefix.len() + length && !is_example(value)
        })
    })
}

/// Source: AWS, "IAM identifiers", unique id prefixes.
fn access_key_id(text: &[u8]) -> bool {
    [b"AKIA", b"ASIA", b"ABIA", b"ACCA"].iter().any(|prefix| {
        memmem::find_iter(text, prefix).any(|start| {
            let id = value(text, start, |byte| byte.is_ascii_alphanumeric());
            let is_id = id.len() == 20
                && id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            is_id && begins(text, start, |byte| byte.is_ascii_alphanumeric()) && !is_example(id)
        })
    })
}

/// Bytes between the name of a secret key and its value: quotes, also escaped
/// ones, colons, arrows and the tags of XML.
const MAX_BETWEEN: usize = 24;

fn secret_access_key(text: &[u8]) -> bool {
    let small = text.to_ascii_lowercase();
    memmem::find_iter(&small, b"secret").any(|start| {
        let name =
            value(&small, start, |byte| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte));
        let letters: Vec<u8> = name.iter().copied().filter(u8::is_ascii_alphabetic).collect();
        if !letters.starts_with(b"secretaccesskey") && !letters.starts_with(b"secretkey") {
            return false;
        }
        let end = start + memmem::find(name, b"key").map_or(name.len(), |at| at + 3);
        let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
        let window = text.len().min(end + MAX_BETWEEN + 40);
        (end..window).filter(|at| begins(text, *at, is_key)).any(|at| {
            let key = value(text, at, is_key);
            key.len() == 40 && !is_example(key)
        })
    })
}

fn session_token(text: &[u8]) -> bool {
    prefixed(text, &[b"IQoJ", b"FwoGZXIvYXdz", b"FQoGZXIvYXdz", b"FQoDYXdz", b"AQoDYXdz"], 32)
}

/// `ABSKQmVkcm9ja0FQSUtleS` is `BedrockAPIKey-` in base64 behind its prefix.
fn api_key(text: &[u8]) -> bool {
    prefixed(text, &[b"bedrock-api-key-"], 16) || prefixed(text, &[b"ABSKQmVkcm9ja0FQSUtleS"], 8)
}

fn bearer(text: &[u8]) -> bool {
    let small = text.to_ascii_lowercase();
    memmem::find_iter(&small, b"bearer").any(|start| {
        let at = start + b"bearer".len();
        // A space, or what a form or a URL has in its place.
        let space =
            [&b" "[..], b"+", b"%20"].into_iter().find(|space| small[at..].starts_with(space));
        let Some(space) = space else {
            return false;
        };
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        let token = value(text, at + space.len(), is_token);
        // A word of prose has no digits.
        token.len() >= 16 && token.iter().any(u8::is_ascii_digit) && !is_example(token)
    })
}

/// `<key id>/<date>/<region>/<service>/aws4_request`, or 64 digits behind
/// `Signature=` in a text with no example's scope.
fn signature(text: &[u8]) -> bool {
    let mut scopes = memmem::find_iter(text, b"/aws4_request").map(|end| {
        let in_scope = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/-_".contains(*byte);
        let length = text[..end].iter().rev().take_while(in_scope).count();
        &text[end - length..end]
    });
    let (mut example, mut real) = (false, false);
    for scope in scopes.by_ref() {
        let parts: Vec<_> = scope.split(|byte| *byte == b'/').collect();
        if let [.., id, date, _, _] = &*parts
            && !id.is_empty()
            && date.len() == 8
            && date.iter().all(u8::is_ascii_digit)
        {
            if is_example(id) { example = true } else { real = true }
        }
    }
    let signed = |start: usize| {
        let digits = value(text, start, |byte| byte.is_ascii_hexdigit());
        digits.len() == 64
    };
    let name = b"Signature=";
    real || !example && memmem::find_iter(text, name).any(|start| signed(start + name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<SecretKind> {
        kinds(text.as_bytes()).collect()
    }

    /// Has the form of a key, and says that it is none.
    const KEY: &str = "NeverIssuedNeverIssued/NeverIssued+Never";

    #[test]
    fn each_kind_is_known_by_its_looks() {
        use SecretKind as Kind;
        let hex = "0f".repeat(32);
        let token = format!("IQoJ{}", "b3JpZ2luX2Vj".repeat(8));
        for (text, kind) in [
            ("key AKIANEVERISSUEDNEVER.".to_owned(), Kind::AccessKeyId),
            ("\"ASIANEVERISSUEDNEVER\"".to_owned(), Kind::AccessKeyId),
            (format!("aws_secret_access_key = {KEY}"), Kind::SecretAccessKey),
            (format!(r#"{{\"SecretAccessKey\": \"{KEY}\"}}"#), Kind::SecretAccessKey),
            (format!("<SecretAccessKey>{KEY}</SecretAccessKey>"), Kind::SecretAccessKey),
            (format!("secret key: {KEY}"), Kind::SecretAccessKey),
            (format!("X-Amz-Security-Token={token}"), Kind::SessionToken),
            ("bedrock-api-key-YmVkcm9jay5hbWF6b25hd3M".to_owned(), Kind::ApiKey),
            ("ABSKQmVkcm9ja0FQSUtleS1hYmNkZWZnaA==".to_owned(), Kind::ApiKey),
            ("authorization: Bearer 0123456789abcdef0".to_owned(), Kind::Bearer),
            (
                "Credential=AKIDX/20260102/us-east-1/bedrock/aws4_request,".to_owned(),
                Kind::Signature,
            ),
            (format!("X-Amz-Signature={hex}"), Kind::Signature),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE".to_owned(), Kind::PrivateKey),
        ] {
            assert_eq!(found(&text), [kind], "{text}");
        }
    }

    #[test]
    fn documented_examples_and_prose_are_none() {
        let hex = "0f".repeat(32);
        for text in [
            "AKIAIOSFODNN7EXAMPLE AKIDEXAMPLE ASIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "the secret access key of an account must be forty letters long",
            "IQoJb3JpZ2luX2IQoJb3JpZ2luX2IQoJb3JpZ2luX2IQoJb3JpZ2luX2IQoJb3JpZ2luX2",
            "bedrock-api-key-example",
            "Bearer authentication-and-authorization",
            "authorization: Bearer bedrock-api-key-example-0123456789",
            &format!(
                "Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request, Signature={hex}"
            ),
            "date/region/service/aws4_request",
            "Signature=short",
            "xAKIANEVERISSUEDNEVER AKIANEVERISSUEDNEVERX",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
