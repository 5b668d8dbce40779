//! ConverseStream over ureq 3, which blocks: the crate's core builds, signs and
//! decodes, and all IO is here.
//!
//! ```text
//! cargo run --no-default-features --features sigv4 --example ureq -- [MODEL [PROMPT]]
//! ```
//!
//! It reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
//! `AWS_SESSION_TOKEN`, and `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` if it is set.

use std::error::Error;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use bedrock_wire::auth::EnvironmentCredentials;
use bedrock_wire::endpoint::{Endpoint, Options, Region, Service};
use bedrock_wire::fault::request_id;
use bedrock_wire::model::{ConverseStreamRequest, Message};
use bedrock_wire::operation::{Body, ModelId, Request, converse_stream};
use bedrock_wire::stream::{Accumulator, EventDecoder};
use bytes::{Buf, Bytes};

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const PROMPT: &str = "What is a binary event stream?";
const ENDPOINT: &str = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME";

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::FAILURE
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let model = ModelId::new(arguments.next().as_deref().unwrap_or(MODEL))?;
    let prompt = arguments.next().unwrap_or_else(|| PROMPT.into());

    let region = Region::new(variable("AWS_REGION")?)?;
    let endpoint = match std::env::var_os(ENDPOINT) {
        Some(_) => Endpoint::custom(&variable(ENDPOINT)?)?,
        None => Endpoint::for_region(&region, Service::Runtime, Options::default()),
    };
    // What a resolver says of a name cannot be checked without TLS.
    if endpoint.scheme().as_str() == "http" && endpoint.host() == "localhost" {
        return Err(format!("{endpoint}: write 127.0.0.1 in place of localhost").into());
    }
    let input = ConverseStreamRequest::new().message(Message::user(prompt));
    let mut request = converse_stream::build(&endpoint, &model, &input)?;
    request.sign(&EnvironmentCredentials::new().load()?, &region, SystemTime::now())?;

    let (head, mut body) = send(request)?.into_parts();
    if !converse_stream::is_event_stream(&head) {
        let body = Bytes::from(body.read_to_vec()?);
        return Err(converse_stream::parse_error(&head, body).into());
    }
    let answer = stream(body.into_reader(), request_id(&head.headers))?.finish().response;
    let reason = answer.stop_reason.as_ref().map_or("none", |reason| reason.as_str());
    println!("\nstop reason: {reason}");
    if let Some(usage) = answer.usage {
        println!("tokens: {} in, {} out", usage.input_tokens, usage.output_tokens);
    }
    Ok(())
}

/// A variable of the environment, or an error that names it.
fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}"))
}

/// Sends the request as it was signed: to no proxy, along no redirect.
fn send(request: Request) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_connect(Some(Duration::from_secs(10)))
        .build()
        .new_agent();
    let mut request = request.into_http();
    // With a length ureq does not send the body in chunks.
    let length = request.body().len().into();
    request.headers_mut().insert(ureq::http::header::CONTENT_LENGTH, length);
    agent.run(request.map(|body| ureq::SendBody::from_owned_reader(Pieces::new(body))))
}

/// Prints the text as it comes.
fn stream(mut body: impl Read, request_id: Option<String>) -> Result<Accumulator, Box<dyn Error>> {
    let mut decoder = EventDecoder::new(request_id);
    let mut answer = Accumulator::new();
    let mut piece = vec![0; 16 * 1024];
    loop {
        let length = body.read(&mut piece)?;
        if length == 0 {
            decoder.finish()?;
            return Ok(answer);
        }
        decoder.push(Bytes::copy_from_slice(&piece[..length]));
        while let Some(event) = decoder.next()? {
            if let Some(text) = event.text() {
                print!("{text}");
                io::stdout().flush()?;
            }
            answer.add(&event);
        }
    }
}

/// A request's body as a reader; its pieces are not joined.
struct Pieces {
    current: Bytes,
    rest: std::vec::IntoIter<Bytes>,
}

impl Pieces {
    fn new(body: Body) -> Self {
        Pieces { current: Bytes::new(), rest: body.into_pieces().into_iter() }
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.current.is_empty() {
            self.current = self.rest.next().unwrap_or_default();
        }
        let length = self.current.len().min(into.len());
        self.current.copy_to_slice(&mut into[..length]);
        Ok(length)
    }
}
