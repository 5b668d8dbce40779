//! The rows of the rejection table, and signatures AWS published in its test
//! suite for Signature Version 4 (there the service is called `service`).

use http::header::{HeaderName, HeaderValue};

use super::*;

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE";

/// When the suite's requests were signed: 2015-08-30T12:36:00Z.
const SIGNED_AT: &str = "20150830T123600Z";

fn now() -> SystemTime {
    clock::parse(SIGNED_AT).unwrap()
}

fn authorization(signed: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders={signed}, Signature={signature}"
    )
}

/// The suite's `get-vanilla`.
fn vanilla() -> String {
    authorization(
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    )
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.parse().unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    map
}

fn signed(authorization: &str) -> HeaderMap {
    headers(&[
        ("host", "example.amazonaws.com"),
        ("x-amz-date", SIGNED_AT),
        ("authorization", authorization),
    ])
}

fn verifier() -> Verifier {
    Verifier::new().service("service").access_key(AccessKey::new(ID, SECRET))
}

fn get(verifier: &Verifier, headers: &HeaderMap) -> Result<Caller, Rejection> {
    verifier.verify(&Received::new(&Method::GET, "/", headers), now())
}

fn rejected(headers: &HeaderMap) -> Rejection {
    get(&verifier(), headers).unwrap_err()
}

fn caller() -> Caller {
    Caller::AccessKey { id: ID.to_owned(), region: "us-east-1".to_owned() }
}

#[test]
fn signatures_published_by_aws_are_accepted() {
    let check =
        |method: Method, target: &str, extra: &[(&str, &str)], authorization: &str, body: &[u8]| {
            let mut all = signed(authorization);
            all.extend(headers(extra));
            let request = Received::new(&method, target, &all).body(body);
            assert_eq!(verifier().verify(&request, now()), Ok(caller()), "{target} {extra:?}");
        };
    check(Method::GET, "/", &[], &vanilla(), b"");
    let order = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    let target = "/?Param2=value2&Param1=value1";
    check(Method::GET, target, &[], &authorization("host;x-amz-date", order), b"");
    let trim = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736";
    let values = [("my-header1", " value1"), ("my-header2", " \"a   b   c\"")];
    let list = "host;my-header1;my-header2;x-amz-date";
    check(Method::GET, "/", &values, &authorization(list, trim), b"");
    let duplicate = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea";
    let values = [("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")];
    let list = "host;my-header1;x-amz-date";
    check(Method::GET, "/", &values, &authorization(list, duplicate), b"");
    let form = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a";
    let content_type = [("content-type", "application/x-www-form-urlencoded")];
    let list = "content-type;host;x-amz-date";
    check(Method::POST, "/", &content_type, &authorization(list, form), b"Param1=value1");
}

#[test]
fn commas_may_come_with_or_without_spaces() {
    for separator in [",", ", ", " ,  "] {
        let text = vanilla().replace(", ", separator);
        assert_eq!(get(&verifier(), &signed(&text)), Ok(caller()), "{text}");
    }
}

#[test]
fn the_authority_of_http_2_stands_for_host() {
    let mut headers = signed(&vanilla());
    headers.remove("host");
    let request = Received::new(&Method::GET, "/", &headers);
    assert_eq!(verifier().verify(&request, now()), Err(Rejection::SignatureDiffers));
    let request = request.authority("example.amazonaws.com");
    assert_eq!(verifier().verify(&request, now()), Ok(caller()));
}

/// The signature is that of AWS's signer for JavaScript (`@smithy/signature-v4`),
/// which makes AWS's published one when `host` stands there instead.
#[test]
fn over_http_2_the_authority_may_be_signed_by_its_own_name() {
    let signature = "f4f76e64657334fd8315f9078b5e4f85a30d60d44c6341dcbe8018821ff7c80a";
    let mut headers = signed(&authorization(":authority;x-amz-date", signature));
    headers.remove("host");
    let request = Received::new(&Method::GET, "/", &headers);
    let verify = |request: &Received<'_>| verifier().verify(request, now());
    assert_eq!(verify(&request.authority("example.amazonaws.com")), Ok(caller()));
    assert_eq!(verify(&request.authority("example.com")), Err(Rejection::SignatureDiffers));
    let unsigned = Rejection::HeaderNotSigned { name: "host".to_owned() };
    assert_eq!(verify(&request), Err(unsigned), "there is none over HTTP/1.1");
}

#[test]
fn a_body_may_be_given_by_its_hash() {
    use sha2::{Digest, Sha256};
    let headers = signed(&vanilla());
    let request = Received::new(&Method::GET, "/", &headers);
    let of = |body: &[u8]| request.body_sha256(Sha256::digest(body).into());
    assert_eq!(verifier().verify(&of(b""), now()), Ok(caller()));
    assert_eq!(verifier().verify(&of(b"x"), now()), Err(Rejection::SignatureDiffers));
}

fn assert_answer(rejection: &Rejection, status: u16, name: &str, message: &str) {
    let answer = (rejection.status().as_u16(), rejection.name(), rejection.message());
    assert_eq!(answer, (status, name, message.to_owned()));
    let body: serde_json::Value = serde_json::from_str(&rejection.body()).unwrap();
    assert_eq!(body, serde_json::json!({ "message": message }));
}

#[test]
fn without_authorization_the_token_is_missing() {
    for headers in
        [HeaderMap::new(), headers(&[("authorization", "")]), headers(&[("authorization", "  ")])]
    {
        let name = "MissingAuthenticationTokenException";
        assert_answer(&rejected(&headers), 403, name, "Missing Authentication Token");
    }
}

#[test]
fn an_incomplete_authorization_names_all_that_is_missing() {
    const CREDENTIAL: &str = "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
    let needs = |name: &str| format!("Authorization header requires '{name}' parameter.");
    let all = [needs("Credential"), needs("Signature"), needs("SignedHeaders")].join(" ");
    let date = "Authorization header requires existence of a 'X-Amz-Date' header.";
    for (text, message) in [
        ("AWS4-HMAC-SHA256".to_owned(), all.clone()),
        ("AWS4-HMAC-SHA256 Credential=,Signature=,SignedHeaders=".to_owned(), all.clone()),
        (
            "AWS4-HMAC-SHA256 credential=a signature=b".to_owned(),
            format!(
                "Authorization header has parameters other than 'Credential', 'SignedHeaders' \
                 and 'Signature'. {all}"
            ),
        ),
        (format!("AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host"), needs("Signature")),
        (format!("AWS4-HMAC-SHA256 {CREDENTIAL}, Signature=0"), needs("SignedHeaders")),
        ("AWS4-HMAC-SHA256 Signature=0,SignedHeaders=host".to_owned(), needs("Credential")),
        (format!("{}, Signature=1", vanilla()), "'Signature' must be given only once.".to_owned()),
        (
            vanilla().replace("/aws4_request", ""),
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term."
                .to_owned(),
        ),
        (
            "Basic c2VjcmV0".to_owned(),
            "Authorization header requires the algorithm 'AWS4-HMAC-SHA256' or the scheme 'Bearer'."
                .to_owned(),
        ),
    ] {
        assert_answer(&rejected(&signed(&text)), 400, "IncompleteSignatureException", &message);
    }
    let undated = headers(&[("authorization", "AWS4-HMAC-SHA256")]);
    let message = format!("{all} {date}");
    assert_answer(&rejected(&undated), 400, "IncompleteSignatureException", &message);
    let undated = headers(&[("authorization", &vanilla())]);
    assert_answer(&rejected(&undated), 400, "IncompleteSignatureException", date);
}

/// What is put behind a header, and the hash of both.
const JUNK: [(&str, &str); 3] = [
    (", junk", "g1VrYwF4B4zSxD5yywQI13ePV7kJxZmXzZnfJtKqj7o="),
    (",", "TOXZxB5gF/t13anu5iCc/OUmd7J216sx8vMpbHXToas="),
    (", junk,", "eKqcKUf1d3gBtPMlI9wJ1n9j8+vritkn7v+euq0fUSw="),
];

#[test]
fn what_is_no_parameter_is_turned_away_and_not_repeated() {
    // The SHA-256 of the header, by sha256sum and base64.
    for (junk, hash) in JUNK {
        let text = format!("{}{junk}", authorization("host;x-amz-date", "00"));
        let message = format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with \
             SHA-256 and encoded with Base64): '{hash}'."
        );
        assert_answer(&rejected(&signed(&text)), 400, "IncompleteSignatureException", &message);
    }
    let text = format!("{},Extra=1", vanilla());
    let message = "Authorization header has parameters other than 'Credential', 'SignedHeaders' \
                   and 'Signature'.";
    assert_answer(&rejected(&signed(&text)), 400, "IncompleteSignatureException", message);
    let leading = vanilla().replace(" Credential", " ,Credential");
    assert_eq!(rejected(&signed(&leading)).status(), 400);
}

#[test]
fn a_presigned_query_is_turned_away_even_beside_a_good_proof() {
    let bearer = Verifier::new().bearer_key("bedrock-api-key-EXAMPLE");
    let headers = signed("Bearer bedrock-api-key-EXAMPLE");
    for (query, is_good) in [
        ("a=b", true),
        ("X-Amz-Signature=00", false),
        ("a=b&x-amz-signature=00", false),
        ("X%2DAmz%2DCredential=AKIDEXAMPLE", false),
        ("X-Amz-Algorithm", false),
    ] {
        let target = format!("/?{query}");
        let answer = bearer.verify(&Received::new(&Method::POST, &target, &headers), now());
        assert_eq!(answer.is_ok(), is_good, "{query}");
        let Err(rejection) = answer else { continue };
        assert_eq!(
            (rejection.status().as_u16(), rejection.name()),
            (400, "IncompleteSignatureException")
        );
        assert!(rejection.message().starts_with("Authentication in the query is not supported"));
    }
}

#[test]
fn headers_that_are_repeated_or_no_text_are_incomplete() {
    for name in ["authorization", "x-amz-date"] {
        let mut repeated = signed(&vanilla());
        repeated.append(name, HeaderValue::from_static("20150830T123600Z"));
        let message = format!("'{name}' must be given only once.");
        assert_answer(&rejected(&repeated), 400, "IncompleteSignatureException", &message);
        let mut bytes = signed(&vanilla());
        bytes.insert(name, HeaderValue::from_bytes(b"\xff").unwrap());
        let message = format!("The header '{name}' must be ASCII text.");
        assert_answer(&rejected(&bytes), 400, "IncompleteSignatureException", &message);
    }
    let mut malformed = signed(&vanilla());
    malformed.insert("x-amz-date", HeaderValue::from_static("Sun, 30 Aug 2015 12:36:00 GMT"));
    let message = "Date must be in ISO-8601 'basic format'.";
    assert_answer(&rejected(&malformed), 400, "IncompleteSignatureException", message);
}

#[test]
fn an_unknown_key_or_a_wrong_session_token_is_not_recognized() {
    let message = "The security token included in the request is invalid.";
    let check = |verifier: &Verifier, headers: &HeaderMap| {
        let rejection = get(verifier, headers).unwrap_err();
        assert_answer(&rejection, 403, "UnrecognizedClientException", message);
    };
    let plain = signed(&vanilla());
    check(&Verifier::new().service("service"), &plain);
    check(&Verifier::new().access_key(AccessKey::new("AKIDOTHER", SECRET)), &plain);
    let temporary = verifier_of(AccessKey::new(ID, SECRET).session_token(TOKEN));
    check(&temporary, &plain);
    let mut wrong = plain.clone();
    wrong.insert("x-amz-security-token", HeaderValue::from_static("IQoJb3JpZ2luX2VjEXAMPLF"));
    check(&temporary, &wrong);
    let mut unwanted = plain.clone();
    unwanted.insert("x-amz-security-token", HeaderValue::from_static(TOKEN));
    check(&verifier(), &unwanted);
    unwanted.append("x-amz-security-token", HeaderValue::from_static(TOKEN));
    check(&temporary, &unwanted);
}

fn verifier_of(key: AccessKey) -> Verifier {
    Verifier::new().service("service").access_key(key)
}

#[test]
fn an_expired_session_token_is_told_from_a_wrong_one() {
    let mut headers = signed(&vanilla());
    headers.insert("x-amz-security-token", HeaderValue::from_static(TOKEN));
    let key = AccessKey::new(ID, SECRET).session_token(TOKEN);
    let expired = verifier_of(key.clone().expires(now()));
    let message = "The security token included in the request is expired";
    let rejection = get(&expired, &headers).unwrap_err();
    assert_answer(&rejection, 403, "ExpiredTokenException", message);
    let current = verifier_of(key.expires(now() + Duration::from_secs(1)));
    let rejection = get(&current, &headers).unwrap_err();
    assert_ne!(rejection, Rejection::ExpiredToken, "a second before it expires");
}

#[test]
fn a_scope_that_does_not_fit_says_which_part() {
    let part = |from: &str, to: &str| signed(&vanilla().replace(from, to));
    let pinned = verifier().region("us-east-1");
    for (headers, message) in [
        (
            part("/us-east-1/", "/eu-west-1/"),
            "Credential should be scoped to a valid Region, not 'eu-west-1'.",
        ),
        (part("/service/", "/s3/"), "Credential should be scoped to correct service: 'service'."),
        (
            part("aws4_request", "aws5_request"),
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
        ),
        (
            part("/20150830/", "/20150831/"),
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '20150831' != '20150830', from '20150830T123600Z'.",
        ),
        (
            part("/20150830/", "/2015083/"),
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '2015083' != '20150830', from '20150830T123600Z'.",
        ),
    ] {
        let rejection = get(&pinned, &headers).unwrap_err();
        assert_answer(&rejection, 403, "InvalidSignatureException", message);
    }
    assert_eq!(get(&pinned, &signed(&vanilla())), Ok(caller()));
    let elsewhere = part("/us-east-1/", "/eu-west-1/");
    assert_eq!(rejected(&elsewhere), Rejection::SignatureDiffers, "any region, but another key");
}

#[test]
fn five_minutes_are_tolerated_either_way_and_not_a_second_more() {
    let headers = signed(&vanilla());
    let request = Received::new(&Method::GET, "/", &headers);
    let limit = Duration::from_mins(5);
    let more = limit + Duration::from_secs(1);
    let nearly = limit + Duration::from_millis(999);
    for good in [now() + limit, now() + nearly, now() - limit] {
        assert_eq!(verifier().verify(&request, good), Ok(caller()));
    }
    let late = verifier().verify(&request, now() + more).unwrap_err();
    let message = "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
                   (20150830T124101Z - 5 min.)";
    assert_answer(&late, 403, "InvalidSignatureException", message);
    let early = verifier().verify(&request, now() - more).unwrap_err();
    let message = "Signature not yet current: 20150830T123600Z is still later than \
                   20150830T123559Z (20150830T123059Z + 5 min.)";
    assert_answer(&early, 403, "InvalidSignatureException", message);
}

#[test]
fn host_content_type_and_amz_headers_must_be_signed() {
    for (extra, list, shown) in [
        (None, "x-amz-date", "'Host' or ':authority'"),
        (None, "host", "'x-amz-date'"),
        (Some("content-type"), "host;x-amz-date", "'content-type'"),
        (Some("x-amz-meta"), "host;x-amz-date", "'x-amz-meta'"),
    ] {
        let mut headers = signed(&authorization(list, "0"));
        if let Some(name) = extra {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        let message = format!("{shown} must be a 'SignedHeader' in the AWS Authorization.");
        assert_answer(&rejected(&headers), 403, "InvalidSignatureException", &message);
    }
}

#[test]
fn a_signature_that_differs_has_the_whole_wording() {
    let message = "The request signature we calculated does not match the signature you provided. \
                   Check your AWS Secret Access Key and signing method. Consult the service \
                   documentation for details.";
    let signature = vanilla();
    let check = |verifier: &Verifier, headers: &HeaderMap| {
        let rejection = get(verifier, headers).unwrap_err();
        assert_answer(&rejection, 403, "InvalidSignatureException", message);
    };
    check(&verifier_of(AccessKey::new(ID, "other")), &signed(&signature));
    check(&verifier(), &signed(&signature.replace("5fa0", "5FA0")));
    check(&verifier(), &signed(&signature.replace("fbf31", "fbf3")));
    check(&verifier(), &signed(&signature.replace("host;x-amz-date", "x-amz-date;host")));
    check(&verifier(), &signed(&signature.replace("host;", "host;host;")));
    check(&verifier(), &signed(&signature.replace("host;", "Host;host;")));
    check(&verifier(), &signed(&signature.replace("host;", "host;never-sent;")));
}

#[test]
fn the_declared_hash_of_a_body_must_be_its_hash() {
    let mut headers = signed(&authorization("host;x-amz-content-sha256;x-amz-date", "0"));
    headers.insert("x-amz-content-sha256", HeaderValue::from_static("0"));
    let request = Received::new(&Method::GET, "/", &headers);
    let signed = ["host", "x-amz-content-sha256", "x-amz-date"];
    assert_eq!(canonical::request(&request, &signed), None);
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for declared in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let mut headers = headers.clone();
        headers.insert("x-amz-content-sha256", HeaderValue::from_static(declared));
        let request = Received::new(&Method::GET, "/", &headers);
        assert_eq!(canonical::request(&request, &signed), None, "{declared}");
    }
    let mut twice = headers.clone();
    twice.insert("x-amz-content-sha256", HeaderValue::from_static(empty));
    twice.append("x-amz-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
    let request = Received::new(&Method::GET, "/", &twice);
    assert_eq!(canonical::request(&request, &signed), None, "two of them");
    headers.insert("x-amz-content-sha256", HeaderValue::from_static(empty));
    let request = Received::new(&Method::GET, "/", &headers);
    let expected = format!(
        "GET\n/\n\nhost:example.amazonaws.com\nx-amz-content-sha256:{empty}\n\
         x-amz-date:{SIGNED_AT}\n\nhost;x-amz-content-sha256;x-amz-date\n{empty}"
    );
    let canonical = canonical::request(&request, &signed).unwrap();
    assert_eq!(String::from_utf8(canonical).unwrap(), expected);
}

#[test]
fn a_query_is_sorted_after_encoding_and_a_path_is_encoded_again() {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("h"));
    for (target, expected) in [
        ("", "/\n"),
        ("/?", "/\n"),
        ("/a%3Ab/~c//../d", "/a%253Ab/~c//../d\n"),
        ("/?b=2&a=1&a=0&a", "/\na=&a=0&a=1&b=2"),
        ("/?a=%7e%2f%20+é", "/\na=~%2F%20%20%C3%A9"),
        ("/?a==b&&c=d=e", "/\na=%3Db&c=d%3De"),
        ("/?A=1&a=2&%41=0", "/\nA=0&A=1&a=2"),
    ] {
        let request = Received::new(&Method::GET, target, &headers);
        let canonical =
            String::from_utf8(canonical::request(&request, &["host"]).unwrap()).unwrap();
        assert!(
            canonical.starts_with(&format!("GET\n{expected}\nhost:h\n")),
            "{target}: {canonical}"
        );
    }
}

#[test]
fn bearer_keys_are_accepted_whole_and_turned_away_with_a_capital_m() {
    let verifier = Verifier::new().bearer_key("bedrock-api-key-EXAMPLE").bearer_key("");
    for good in ["Bearer bedrock-api-key-EXAMPLE", "bearer bedrock-api-key-EXAMPLE"] {
        assert_eq!(get(&verifier, &signed(good)), Ok(Caller::BearerKey), "{good}");
    }
    for bad in ["Bearer", "Bearer ", "Bearer bedrock-api-key-EXAMPL", "Bearer other"] {
        let rejection = get(&verifier, &signed(bad)).unwrap_err();
        assert_eq!(rejection.status(), 403, "{bad}");
        assert_eq!(rejection.name(), "AccessDeniedException");
        let expected =
            r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#;
        assert_eq!(rejection.body(), expected);
    }
}

#[test]
fn an_unknown_operation_is_a_200() {
    let rejection = Rejection::UnknownOperation;
    assert_eq!(rejection.status(), 200);
    assert_eq!(rejection.name(), "UnknownOperationException");
    let body: serde_json::Value = serde_json::from_str(&rejection.body()).unwrap();
    assert_eq!(body["Output"]["__type"], "com.amazon.coral.service#UnknownOperationException");
}

#[test]
fn debug_shows_no_secret() {
    let verifier = verifier_of(AccessKey::new(ID, SECRET).session_token(TOKEN))
        .bearer_key("bedrock-api-key-X");
    for shown in [format!("{verifier:?}"), format!("{verifier:#?}")] {
        assert!(shown.contains(ID), "{shown}");
        for secret in [SECRET, TOKEN, "bedrock-api-key"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let headers = signed("Bearer bedrock-api-key-X");
    let received = Received::new(&Method::GET, "/a?key=hidden", &headers).body(b"hidden");
    let expected = r#"Received { method: GET, path: "/a", .. }"#;
    assert_eq!(format!("{received:?}"), expected);
}
