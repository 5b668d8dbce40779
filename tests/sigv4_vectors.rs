//! The signer and the verifier, each against signatures that neither made.
#![cfg(feature = "sigv4")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::time::{Duration, SystemTime};

use bedrock_wire::auth::{BodyHash, Credentials, sign};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde_json::Value;

/// 2026-01-02T03:04:05Z, when every vector was signed.
const DATE: &str = "20260102T030405Z";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

/// A request, and how it is signed by another implementation.
struct Vector {
    name: String,
    row: Value,
    body: Vec<u8>,
}

impl Vector {
    fn read(row: &Value) -> Self {
        let body = match (row["body"].as_str(), &row["body_repeat"]) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, repeat) => {
                let count = repeat["count"].as_u64().expect("count");
                let piece = repeat["char"].as_str().expect("char");
                piece.repeat(usize::try_from(count).expect("count")).into_bytes()
            }
        };
        let vector =
            Self { name: row["name"].as_str().expect("name").to_owned(), row: row.clone(), body };
        assert_eq!(
            (vector.text("date"), vector.text("service")),
            (DATE, "bedrock"),
            "{}",
            vector.name
        );
        vector
    }

    fn text(&self, key: &str) -> &str {
        self.row[key].as_str().unwrap_or_else(|| panic!("{key} in {}", self.name))
    }

    fn token(&self) -> Option<&str> {
        self.row["session_token"].as_str()
    }

    fn headers(&self, key: &str) -> HeaderMap {
        let headers = self.row[key].as_object().unwrap_or_else(|| panic!("{key} in {}", self.name));
        let parse = |(name, value): (&String, &Value)| {
            let name: HeaderName = name.parse().expect("a header's name");
            (name, HeaderValue::from_str(value.as_str().expect("text")).expect("a header's value"))
        };
        headers.iter().map(parse).collect()
    }

    /// The request before it is signed.
    fn head(&self) -> Parts {
        let builder = Request::builder().method(self.text("method")).uri(self.text("url"));
        let mut head = builder.body(()).expect("a request").into_parts().0;
        head.headers = self.headers("request_headers");
        head
    }
}

fn vectors(skipped: &str) -> Option<Vec<Vector>> {
    let file = corpus::find(skipped)?.json("vectors/sigv4.json");
    let rows = file["vectors"].as_array().expect("vectors");
    assert!(rows.len() >= 18, "{} vectors", rows.len());
    Some(rows.iter().map(Vector::read).collect())
}

#[test]
fn the_signer_makes_every_signature_byte_for_byte() {
    let Some(vectors) = vectors("SigV4 vectors, signing") else {
        return;
    };
    for vector in &vectors {
        let mut head = vector.head();
        let halves = vector.body.split_at(vector.body.len() / 3);
        let hash = BodyHash::of_pieces([halves.0, halves.1]);
        assert_eq!(hash.to_string(), vector.text("body_sha256"), "{}", vector.name);
        let signed = sign(&mut head, hash, &credentials(vector), vector.text("region"), now());
        let signed = signed.unwrap_or_else(|e| panic!("{}: {e}", vector.name));
        assert_eq!(signed.signature(), vector.text("signature"), "{}", vector.name);
        assert_eq!(head.headers, expected(vector), "{}", vector.name);
        assert_eq!(head.uri, vector.text("url"), "the URI stays as it is");
    }
    println!("{} requests signed", vectors.len());
}

fn credentials(vector: &Vector) -> Credentials {
    Credentials::new(
        vector.text("access_key_id"),
        vector.text("secret_access_key"),
        vector.token().map(str::to_owned),
        None,
        "test",
    )
}

/// All headers after signing: those of the request, those added, and nothing else.
fn expected(vector: &Vector) -> HeaderMap {
    let mut headers = vector.headers("request_headers");
    headers.extend(vector.headers("added_headers"));
    let authorization = HeaderValue::from_str(vector.text("authorization"));
    headers.insert("authorization", authorization.expect("authorization"));
    headers
}

#[cfg(feature = "replay")]
mod verifying {
    use bedrock_wire::auth::verify::{
        AccessKey, Caller, IncompleteSignature, Received, Rejection, ScopeMismatch, Verifier,
    };
    use http::{Method, Uri};

    use super::*;

    /// What a server sees of a vector's request.
    #[derive(Clone)]
    struct Wire {
        method: Method,
        target: String,
        headers: HeaderMap,
        hash: [u8; 32],
    }

    impl Wire {
        fn of(vector: &Vector) -> Self {
            let uri: Uri = vector.text("url").parse().expect("a URL");
            let mut headers = expected(vector);
            headers
                .insert("host", HeaderValue::from_str(vector.text("host_header")).expect("host"));
            Self {
                method: vector.text("method").parse().expect("a method"),
                target: uri.path_and_query().expect("a path").to_string(),
                headers,
                hash: *BodyHash::of(&vector.body).as_bytes(),
            }
        }

        fn verify(&self, verifier: &Verifier) -> Result<Caller, Rejection> {
            let received = Received::new(&self.method, &self.target, &self.headers);
            verifier.verify(&received.body_sha256(self.hash), now())
        }

        fn with_header(&self, name: &str, value: &str) -> Self {
            let mut wire = self.clone();
            let name: HeaderName = name.parse().expect("a header's name");
            wire.headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
            wire
        }

        /// With one part of `Authorization` replaced, which must be there.
        fn with_authorization(&self, from: &str, to: &str) -> Self {
            let value = self.headers["authorization"].to_str().expect("text");
            assert!(value.contains(from), "{from} in {value}");
            self.with_header("authorization", &value.replace(from, to))
        }
    }

    fn key(vector: &Vector) -> AccessKey {
        let key = AccessKey::new(vector.text("access_key_id"), vector.text("secret_access_key"));
        match vector.token() {
            Some(token) => key.session_token(token),
            None => key,
        }
    }

    fn verifier(vector: &Vector) -> Verifier {
        Verifier::new().access_key(key(vector))
    }

    #[test]
    fn the_verifier_accepts_every_vector_and_as_http_2() {
        let Some(vectors) = vectors("SigV4 vectors, verifying") else {
            return;
        };
        for vector in &vectors {
            let id = vector.text("access_key_id").to_owned();
            let caller = Caller::AccessKey { id, region: vector.text("region").to_owned() };
            let mut wire = Wire::of(vector);
            let pinned = verifier(vector).region(vector.text("region"));
            for verifier in [verifier(vector), pinned] {
                assert_eq!(wire.verify(&verifier).as_ref(), Ok(&caller), "{}", vector.name);
            }
            wire.headers.remove("host");
            let received = Received::new(&wire.method, &wire.target, &wire.headers)
                .authority(vector.text("host_header"))
                .body(&vector.body);
            assert_eq!(verifier(vector).verify(&received, now()), Ok(caller), "{}", vector.name);
        }
        println!("{} requests accepted", vectors.len());
    }

    #[test]
    fn the_verifier_turns_every_change_away_with_the_right_reason() {
        let Some(vectors) = vectors("SigV4 vectors, changed") else {
            return;
        };
        let mut counts = [0; 7];
        for vector in &vectors {
            let wire = Wire::of(vector);
            counts[0] += targets(vector, &wire);
            counts[1] += header_values(vector, &wire);
            counts[2] += bodies(vector, &wire);
            counts[3] += dates(vector, &wire);
            counts[4] += scopes(vector, &wire);
            counts[5] += signatures(vector, &wire);
            counts[6] += signed_headers(vector, &wire);
        }
        let [target, headers, body, date, scope, signature, lists] = counts;
        println!(
            "{} changes turned away: target {target}, headers {headers}, body {body}, \
             date {date}, scope {scope}, signature {signature}, signed headers {lists}",
            counts.iter().sum::<usize>()
        );
        assert!(counts.iter().all(|&count| count >= vectors.len()), "{counts:?}");
    }

    #[test]
    fn what_the_signer_signs_the_verifier_accepts_however_odd_the_request() {
        let targets = ["/?a=+b&c=%2b&d&e=%zz&&f==", "/a//b/./c%2e", "/~!$&'()*+,;=:@", "/?", "/é"];
        let mut signed = 0;
        for target in targets {
            let uri = format!("https://proxy.example:8443{target}");
            let mut head = Request::get(uri).body(()).expect("a request").into_parts().0;
            for value in ["b", "  a \t  c\t", "", "b"] {
                head.headers.append("x-many", HeaderValue::from_static(value));
            }
            head.headers.append("user-agent", HeaderValue::from_static("one"));
            let credentials = Credentials::new("AKIDEXAMPLE", "EXAMPLEKEY", None, None, "test");
            let result = sign(&mut head, BodyHash::of(b""), &credentials, "us-east-1", now());
            if !target.is_ascii() {
                assert!(result.is_err(), "a client would encode {target} after signing");
                continue;
            }
            result.unwrap_or_else(|e| panic!("{target}: {e}"));
            head.headers.insert("user-agent", HeaderValue::from_static("two"));
            let received = Received::new(&head.method, target, &head.headers);
            let verifier = Verifier::new().access_key(AccessKey::new("AKIDEXAMPLE", "EXAMPLEKEY"));
            let result = verifier.verify(&received.authority("proxy.example:8443"), now());
            assert!(result.is_ok(), "{target}: {result:?}");
            signed += 1;
        }
        assert_eq!(signed, 4);
    }

    fn turned_away(vector: &Vector, wire: &Wire, expected: &Rejection, changed: &str) {
        let result = wire.verify(&verifier(vector));
        assert_eq!(result.as_ref(), Err(expected), "{}: {changed}", vector.name);
    }

    /// Up to `count` places spread over `length` bytes, the first and last included.
    fn places(length: usize, count: usize) -> Vec<usize> {
        let count = count.min(length);
        let mut places: Vec<usize> =
            (0..count).map(|i| i * (length - 1) / (count - 1).max(1)).collect();
        places.dedup();
        places
    }

    /// The text with one byte replaced, at up to `count` places.
    fn changed(text: &str, count: usize) -> Vec<String> {
        let change = |at: usize| {
            let other = if &text[at..=at] == "x" { "y" } else { "x" };
            format!("{}{other}{}", &text[..at], &text[at + 1..])
        };
        places(text.len(), count).into_iter().map(change).collect()
    }

    fn targets(vector: &Vector, wire: &Wire) -> usize {
        let targets = changed(&wire.target, 32);
        for target in &targets {
            let wire = Wire { target: target.clone(), ..wire.clone() };
            turned_away(vector, &wire, &Rejection::SignatureDiffers, target);
        }
        let wire = Wire { method: Method::PUT, ..wire.clone() };
        turned_away(vector, &wire, &Rejection::SignatureDiffers, "the method");
        targets.len() + 1
    }

    fn list(vector: &Vector) -> Vec<&str> {
        let (_, rest) = vector.text("authorization").split_once("SignedHeaders=").expect("a list");
        rest.split_once(',').expect("a list").0.split(';').collect()
    }

    fn header_values(vector: &Vector, wire: &Wire) -> usize {
        let mut count = 0;
        for name in list(vector).into_iter().filter(|&name| name != "x-amz-date") {
            let expected = match name {
                "x-amz-security-token" => Rejection::UnrecognizedClient,
                _ => Rejection::SignatureDiffers,
            };
            let values = changed(wire.headers[name].to_str().expect("text"), 16);
            for value in &values {
                turned_away(vector, &wire.with_header(name, value), &expected, value);
            }
            count += values.len();
        }
        count
    }

    fn bodies(vector: &Vector, wire: &Wire) -> usize {
        let mut bodies = vec![[&vector.body[..], b"x"].concat()];
        for at in places(vector.body.len(), 16) {
            let mut body = vector.body.clone();
            body[at] ^= 1;
            bodies.push(body);
        }
        for body in &bodies {
            let wire = Wire { hash: *BodyHash::of(body).as_bytes(), ..wire.clone() };
            turned_away(vector, &wire, &Rejection::SignatureDiffers, "the body");
        }
        bodies.len()
    }

    fn dates(vector: &Vector, wire: &Wire) -> usize {
        let at = |seconds: i64| {
            let by = Duration::from_secs(seconds.unsigned_abs());
            if seconds < 0 { now() - by } else { now() + by }
        };
        let other_day = ScopeMismatch::Date {
            scope: "20260102".to_owned(),
            header: "20260103T030405Z".to_owned(),
        };
        let late = Rejection::SignatureExpired { signed: at(-360), now: now() };
        let early = Rejection::SignatureNotYetCurrent { signed: at(360), now: now() };
        let malformed =
            Rejection::IncompleteSignature { problems: vec![IncompleteSignature::DateFormat] };
        let cases = [
            ("20260102T030406Z", Rejection::SignatureDiffers),
            ("20260102T030505Z", Rejection::SignatureDiffers),
            ("20260102T025805Z", late),
            ("20260102T031005Z", early),
            ("20260103T030405Z", Rejection::Scope(other_day)),
            ("20260102X030405Z", malformed),
        ];
        for (date, expected) in &cases {
            turned_away(vector, &wire.with_header("x-amz-date", date), expected, date);
        }
        cases.len()
    }

    fn scopes(vector: &Vector, wire: &Wire) -> usize {
        let region = vector.text("region");
        let other_region = wire.with_authorization(&format!("/{region}/"), "/xx-other-1/");
        turned_away(vector, &other_region, &Rejection::SignatureDiffers, "the region, not pinned");
        let pinned = other_region.verify(&verifier(vector).region(region));
        let mismatch = ScopeMismatch::Region { scope: "xx-other-1".to_owned() };
        assert_eq!(pinned, Err(Rejection::Scope(mismatch)), "{}", vector.name);
        let service = ScopeMismatch::Service { expected: "bedrock".to_owned() };
        let terminator = ScopeMismatch::Terminator { scope: "aws4_requesx".to_owned() };
        let day = ScopeMismatch::Date { scope: "20260103".to_owned(), header: DATE.to_owned() };
        let cases = [
            ("/bedrock/", "/bedrocx/", Rejection::Scope(service)),
            ("aws4_request", "aws4_requesx", Rejection::Scope(terminator)),
            ("/20260102/", "/20260103/", Rejection::Scope(day)),
            ("AKIDEXAMPLE", "AKIDEXAMPLX", Rejection::UnrecognizedClient),
        ];
        for (from, to, expected) in &cases {
            turned_away(vector, &wire.with_authorization(from, to), expected, to);
        }
        cases.len() + 2
    }

    fn signatures(vector: &Vector, wire: &Wire) -> usize {
        let signature = vector.text("signature");
        let mut others = changed(signature, 64);
        others.push(signature[..63].to_owned());
        others.push(signature.to_uppercase());
        for other in &others {
            let wire = wire.with_authorization(signature, other);
            turned_away(vector, &wire, &Rejection::SignatureDiffers, other);
        }
        others.len()
    }

    /// Leaves each header out of the list in turn.
    fn signed_headers(vector: &Vector, wire: &Wire) -> usize {
        let all = list(vector);
        for left_out in &all {
            let fewer: Vec<&str> = all.iter().copied().filter(|name| name != left_out).collect();
            let wire = wire.with_authorization(&all.join(";"), &fewer.join(";"));
            let needed =
                matches!(*left_out, "host" | "content-type") || left_out.starts_with("x-amz-");
            let expected = if needed {
                Rejection::HeaderNotSigned { name: (*left_out).to_owned() }
            } else {
                Rejection::SignatureDiffers
            };
            turned_away(vector, &wire, &expected, left_out);
        }
        all.len()
    }
}
