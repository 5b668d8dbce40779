//! ConverseStream over hyper 1: the crate's core builds, signs and decodes, and
//! all IO is here.
//!
//! ```text
//! cargo run --no-default-features --features sigv4 --example hyper -- [MODEL [PROMPT]]
//! ```
//!
//! It reads `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
//! `AWS_SESSION_TOKEN` and `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`.

use std::convert::Infallible;
use std::error::Error;
use std::io::Write;
use std::pin::Pin;
use std::process::ExitCode;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bedrock_wire::auth::EnvironmentCredentials;
use bedrock_wire::endpoint::{Endpoint, Region};
use bedrock_wire::fault::request_id;
use bedrock_wire::model::{ConverseStreamRequest, Message};
use bedrock_wire::operation::{self, ModelId, converse_stream};
use bedrock_wire::stream::{Accumulator, EventDecoder};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const PROMPT: &str = "What is a binary event stream?";

type AnyError = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    for cause in std::iter::successors(error.source(), |&cause| cause.source()) {
        eprintln!("  {cause}");
    }
    ExitCode::FAILURE
}

async fn run() -> Result<(), AnyError> {
    let mut arguments = std::env::args().skip(1);
    let model = ModelId::new(arguments.next().as_deref().unwrap_or(MODEL))?;
    let prompt = arguments.next().unwrap_or_else(|| PROMPT.into());

    let region = Region::new(variable("AWS_REGION")?)?;
    // `Endpoint::for_region` gives AWS's own, over https.
    let endpoint = Endpoint::custom(&variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")?)?;
    // What a resolver says of a name cannot be checked without TLS.
    if endpoint.scheme().as_str() == "http" && endpoint.host() == "localhost" {
        return Err(format!("{endpoint}: write 127.0.0.1 in place of localhost").into());
    }
    let input = ConverseStreamRequest::new().message(Message::user(prompt));
    let mut request = converse_stream::build(&endpoint, &model, &input)?;
    request.sign(&EnvironmentCredentials::new().load()?, &region, SystemTime::now())?;

    // Plain http, to loopback. With hyper-rustls it speaks https, by `.build(
    // HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1().build())`.
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request.into_http().map(Pieces::new)).await?.into_parts();
    if !converse_stream::is_event_stream(&head) {
        let body = Limited::new(body, 1 << 20).collect().await?.to_bytes();
        return Err(converse_stream::parse_error(&head, body).into());
    }
    let answer = stream(body, request_id(&head.headers)).await?.finish().response;
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

/// Prints the text as it comes. The decoder's events are slices of hyper's pieces.
async fn stream(mut body: Incoming, request_id: Option<String>) -> Result<Accumulator, AnyError> {
    let mut decoder = EventDecoder::new(request_id);
    let mut answer = Accumulator::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        decoder.push(piece);
        while let Some(event) = decoder.next()? {
            if let Some(text) = event.text() {
                print!("{text}");
                std::io::stdout().flush()?;
            }
            answer.add(&event);
        }
    }
    decoder.finish()?;
    Ok(answer)
}

/// A request's body for hyper; its pieces are not joined.
struct Pieces {
    rest: std::vec::IntoIter<Bytes>,
    length: u64,
}

impl Pieces {
    fn new(body: operation::Body) -> Self {
        Pieces { length: body.len(), rest: body.into_pieces().into_iter() }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.rest.next();
        self.length -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    /// Exact, so that hyper sets `Content-Length`.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
