//! An exchange while it streams, and the tape that it becomes.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::operation::{Body, Target};
use crate::tape::{End, Micros, RecordedRequest, RecordedResponse, Scrub, ScrubError, Tape};

/// Where tapes say they come from.
const SOURCE: &str = concat!("recorded by bedrock-wire ", env!("CARGO_PKG_VERSION"));

/// What is known once the head of an answer is there.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) asked: Asked,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) at: Micros,
}

/// A request as it went out, proof and all.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// With its query.
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

/// The rest of it: pieces and how they ended.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) pieces: Vec<(Bytes, Option<Micros>)>,
    pub(super) end: End,
}

impl Asked {
    pub(super) fn of(request: &http::Request<Body>) -> Self {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        Asked {
            method: request.method().clone(),
            path: path.to_owned(),
            headers: request.headers().clone(),
            body: request.body().clone(),
        }
    }

    /// For people: without the query, which may hold a secret.
    pub(super) fn shown(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    /// What hides, beside what `scrub` does, the proofs in this request: from a
    /// prompt that has one in it, and from an answer, for AWS answers a signature
    /// that does not match with the canonical request, session token and all.
    fn scrub(&self, scrub: &Scrub) -> Scrub {
        let text = |name: HeaderName| {
            let value = self.headers.get(name).and_then(|value| value.to_str().ok());
            Zeroizing::new(value.unwrap_or_default().to_owned())
        };
        let token = text(HeaderName::from_static("x-amz-security-token"));
        let proof = text(header::AUTHORIZATION);
        // The key of `Bearer`, or `Credential`, `Signature` and the headers' names.
        let parts = proof.split([' ', ',']).filter(|part| !part.starts_with("SignedHeaders="));
        let values = parts.map(|part| part.split_once('=').map_or(part, |(_, value)| value));
        let values = values.map(|value| value.split('/').next().unwrap_or(value));
        let bearer = proof.strip_prefix("Bearer ").unwrap_or_default();
        let names = ["AWS4-HMAC-SHA256", "Bearer"];
        let scrub = [token.as_str(), bearer]
            .into_iter()
            .chain(values.filter(|value| bearer.is_empty() && !names.contains(value)))
            .fold(scrub.clone(), Scrub::secret);
        self.presigned().iter().fold(scrub, |scrub, value| scrub.secret(value))
    }

    /// The proofs in the query of a presigned URL.
    fn presigned(&self) -> Vec<Zeroizing<String>> {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let member = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let value = Zeroizing::new(decode(value));
            match decode(name).as_str() {
                "X-Amz-Signature" | "X-Amz-Security-Token" => Some(value),
                "X-Amz-Credential" => {
                    value.split('/').next().map(|id| Zeroizing::new(id.to_owned()))
                }
                _ => None,
            }
        };
        query.split('&').filter_map(member).collect()
    }
}

/// The path that an operation has by itself, behind what a gateway puts before
/// it, and the operation.
pub(super) fn route<'a>(method: &Method, path: &'a str) -> Option<(&'a str, Target)> {
    let (plain, _) = path.split_once('?').unwrap_or((path, ""));
    let starts = plain.match_indices('/').map(|(start, _)| start);
    starts.into_iter().find_map(|start| {
        let target = Target::of_request(method, &plain[start..])?;
        Some((&path[start..], target))
    })
}

/// A tape whose body is not there yet.
#[derive(Debug)]
pub(super) struct Begun {
    tape: Tape,
    /// For the answer.
    scrub: Scrub,
    status: StatusCode,
    headers: HeaderMap,
    at: Micros,
}

/// Why an exchange has no tape.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoTape {
    #[error("its path is of no operation that is known")]
    NoOperation,
    #[error(transparent)]
    Scrub(#[from] ScrubError),
}

impl Begun {
    /// Scrubs the request, so that what names the file is what is in it.
    pub(super) fn new(head: Head, scrub: &Scrub) -> Result<Self, NoTape> {
        let Head { asked, status, headers, at } = head;
        let (_, target) = route(&asked.method, &asked.path).ok_or(NoTape::NoOperation)?;
        let hiding = asked.scrub(scrub);
        let response = RecordedResponse::new(status, &headers, &Bytes::new());
        let mut tape = Tape::new(target.operation().name(), target.resource(), response);
        let body = asked.body.to_bytes();
        let request = RecordedRequest::new(asked.method, &asked.path, &asked.headers, body);
        tape.request = Some(request);
        tape.source = Some(SOURCE.to_owned());
        let tape = hiding.apply(&tape)?;
        Ok(Begun { tape, scrub: hiding, status, headers, at })
    }

    /// With the request and no answer.
    pub(super) fn tape(&self) -> &Tape {
        &self.tape
    }

    pub(super) fn ended(self, rest: Rest) -> Result<Tape, ScrubError> {
        let Begun { tape: begun, scrub, status, headers, at } = self;
        let response = RecordedResponse::from_pieces(status, &headers, rest.pieces);
        let response = response.with_at(at).with_end(rest.end);
        let whole = scrub.apply(&Tape::new("", "", response))?;
        Ok(Tape { response: whole.response, ..begun })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &'static str)]) -> Asked {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
        });
        Asked {
            method: Method::POST,
            path: "/model/m/converse".to_owned(),
            headers: headers.collect(),
            body: Body::default(),
        }
    }

    fn body(asked: Asked, scrub: &Scrub, body: String) -> String {
        let (status, headers) = (StatusCode::FORBIDDEN, HeaderMap::new());
        let head = Head { asked, status, headers, at: Micros(1) };
        let pieces = vec![(body.into(), None)];
        let tape = Begun::new(head, scrub).unwrap().ended(Rest { pieces, end: End::Complete });
        String::from_utf8(tape.unwrap().body_bytes().to_vec()).unwrap()
    }

    #[test]
    fn an_answer_that_repeats_the_proof_is_recorded_without_it() {
        let token = "IQoJb3JpZ2luX2VjEXAMPLE//token==";
        let signature = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let signed = [
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/bedrock/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature=0123456789abcdef0123456789abcdef\
                 0123456789abcdef0123456789abcdef",
            ),
            ("x-amz-security-token", token),
        ];
        let says = format!(
            "canonical: host;x-amz-date x-amz-security-token:{token} {signature} AKIDEXAMPLE \
             arn:aws:bedrock:us-east-1:210987654321:x/y AWS4-HMAC-SHA256"
        );
        let kept = "canonical: host;x-amz-date x-amz-security-token:hidden hidden hidden \
                    arn:aws:bedrock:us-east-1:ACCOUNT:x/y AWS4-HMAC-SHA256";
        let scrubbed = body(asked(&signed), &Scrub::new(), says.clone());
        assert_eq!(scrubbed, kept.replace("ACCOUNT", "123456789012"));
        let hidden = body(asked(&signed), &Scrub::nothing(), says);
        assert_eq!(hidden, kept.replace("ACCOUNT", "210987654321"));
        let query = "X-Amz-Credential=AKIDEXAMPLE%2F20260102&X-Amz-Signature=0123456789abcdef\
                     0123456789abcdef0123456789abcdef0123456789abcdef&X-Amz-Security-Token=\
                     IQoJb3JpZ2luX2VjEXAMPLE%2F%2Ftoken%3D%3D";
        let mut presigned = asked(&[]);
        presigned.path = format!("{}?{query}", presigned.path);
        let said = format!("{token} {signature} AKIDEXAMPLE");
        assert_eq!(body(presigned, &Scrub::nothing(), said), "hidden hidden hidden");
        let key = [("authorization", "Bearer bedrock-api-key-example=a/b")];
        let said = body(asked(&key), &Scrub::nothing(), "<bedrock-api-key-example=a/b>".into());
        assert_eq!(said, "<hidden>");
    }

    #[test]
    fn a_prompt_that_holds_the_proof_is_recorded_without_it() {
        let mut asked = asked(&[("authorization", "Bearer bedrock-api-key-example")]);
        let prompt = r#"{"text":"my key is bedrock-api-key-example"}"#;
        asked.body = Bytes::from(prompt).into();
        asked.path = "/model/bedrock-api-key-example/converse".to_owned();
        let (status, headers) = (StatusCode::OK, HeaderMap::new());
        let head = Head { asked, status, headers, at: Micros(1) };
        let begun = Begun::new(head, &Scrub::nothing()).unwrap();
        let request = begun.tape().request.as_ref().unwrap();
        assert_eq!(request.body(), r#"{"text":"my key is hidden"}"#);
        assert_eq!((request.path(), &*begun.tape().model), ("/model/hidden/converse", "hidden"));
        assert!(!format!("{begun:?}").contains("key-example"), "{begun:?}");
    }

    #[test]
    fn the_operation_is_told_behind_a_prefix_too() {
        let of = |path| {
            let (own, target) = route(&Method::POST, path)?;
            Some(format!("{own} {target}"))
        };
        let expected = Some("/model/a%2Fb/converse?x=/y Converse of `a/b`".to_owned());
        assert_eq!(of("/model/a%2Fb/converse?x=/y"), expected);
        assert_eq!(of("/gateway/v1/model/a%2Fb/converse?x=/y"), expected);
        assert_eq!(of("/v1/chat?x=/model/m/converse"), None);
        assert_eq!(of("*"), None);
    }
}
