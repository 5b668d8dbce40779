//! `demo`: the whole way, on this machine alone.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, ConverseStream, Error};
use bedrock_wire::model::{ConverseStreamRequest, StopReason, from_bytes};
use bedrock_wire::operation::{ModelId, Request, converse_stream};
use bedrock_wire::replay::ReplayServer;
use bedrock_wire::stream::Accumulator;
use bedrock_wire::tape::Tape;

use crate::exit::{Exit, Failure};
use crate::print::{self, BOLD, DIM, Out};

/// Made for this, not recorded.
const TAPES: [(&str, &str); 3] = [
    ("text", include_str!("../../../fixtures/text.tape.jsonl")),
    ("reasoning", include_str!("../../../fixtures/reasoning.tape.jsonl")),
    ("tool", include_str!("../../../fixtures/tool.tape.jsonl")),
];

/// AWS's documented example credentials, which the replay server accepts.
const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

pub async fn run() -> Result<(), Failure> {
    let mut builder = ReplayServer::builder();
    let mut tapes = Vec::with_capacity(TAPES.len());
    for (name, text) in TAPES {
        let tape =
            Tape::read(text.as_bytes(), name).map_err(|error| Failure::new(Exit::Io, error))?;
        builder = builder.tape(name, tape.clone());
        tapes.push((name, tape));
    }
    let server = builder.start().await.map_err(|error| Failure::new(Exit::Io, error))?;
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "demo");
    let client = Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(credentials)
        .build()?;

    let mut out = anstream::stdout();
    writeln!(
        out,
        "A replay server listens on {}. Its tapes are made, not recorded.",
        server.url()
    )?;
    for (name, tape) in &tapes {
        writeln!(out, "\n{BOLD}== {name}{BOLD:#}")?;
        play(&client, tape, &mut out).await?;
    }
    Ok(())
}

/// Asks what the tape was asked, and shows what goes out and what comes back.
async fn play(client: &Client, tape: &Tape, out: &mut impl Write) -> Result<(), Failure> {
    let model = ModelId::new(&tape.model).map_err(Failure::usage)?;
    let body = tape.request.as_ref().map(|request| request.body().clone()).unwrap_or_default();
    let input: ConverseStreamRequest = from_bytes(&body).map_err(Failure::usage)?;
    let request =
        converse_stream::build(&client.endpoint()?, &model, &input).map_err(Error::from)?;
    let request = client.sign(request).await?;
    print_request(&request, out)?;
    let asked = Instant::now();
    let mut stream = client.open_stream(client.send_signed(request).await?).await?;
    print_head(&stream, out)?;
    answer(&mut stream, asked, out).await
}

fn print_request(request: &Request, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{DIM}> {} {}", request.method(), request.uri().path())?;
    for (name, value) in request.headers() {
        writeln!(out, "> {name}: {}", value.to_str().unwrap_or("(binary)"))?;
    }
    let body = request.body().to_bytes();
    writeln!(out, ">\n> {}{DIM:#}\n", String::from_utf8_lossy(&body))
}

fn print_head(stream: &ConverseStream, out: &mut impl Write) -> io::Result<()> {
    for name in ["content-type", "x-amzn-requestid", "x-bedrock-wire-tape"] {
        if let Some(value) = stream.headers().get(name).and_then(|value| value.to_str().ok()) {
            writeln!(out, "{DIM}< {name}: {value}{DIM:#}")?;
        }
    }
    Ok(())
}

async fn answer(
    stream: &mut ConverseStream,
    asked: Instant,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (mut content, mut accumulator) = (Out::new(), Accumulator::new());
    let (mut frames, mut bytes, mut first) = (0_u32, 0, None);
    while let Some(event) = stream.next().await {
        let event = event?;
        let frame = event.message().frame();
        if first.is_none() {
            first = Some(asked.elapsed());
            print_frame(frame, out)?;
        }
        frames += 1;
        bytes += frame.len();
        content.event(&event)?;
        accumulator.add(&event);
    }
    content.end_line()?;
    let response = accumulator.finish().response;
    let reason = response.stop_reason.as_ref().map(StopReason::as_str);
    let ending = print::ending(reason, response.usage.as_ref());
    let first = first.as_ref().map(Duration::as_millis).unwrap_or_default();
    writeln!(
        out,
        "\n{DIM}{ending}; time to first event {first} ms; {frames} frames, {bytes} bytes{DIM:#}"
    )?;
    Ok(())
}

/// The first frame as it came: lengths and checksum, headers, payload.
fn print_frame(frame: &[u8], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{DIM}< the first frame, {} bytes:", frame.len())?;
    for (line, bytes) in frame.chunks(16).enumerate() {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = bytes
            .iter()
            .map(|&b| if b.is_ascii_graphic() || b == b' ' { b as char } else { '.' })
            .collect();
        writeln!(out, "<   {:04x}  {:<48} {text}", line * 16, hex.join(" "))?;
    }
    writeln!(out, "{DIM:#}")
}
