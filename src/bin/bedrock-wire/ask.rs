//! `converse`: ask a model.

use std::io::{self, IsTerminal, Read, Write};

use bedrock_wire::client::{Client, ConverseStream, Error};
use bedrock_wire::model::{
    ConverseOutput, ConverseRequest, ConverseResponse, ConverseStreamRequest, Document,
    InferenceConfiguration, Message, StopReason, Text,
};
use bedrock_wire::operation::{AnswerError, ModelId, Request, converse, converse_stream};
use bedrock_wire::stream::{Accumulated, Accumulator};
use http::{HeaderName, HeaderValue};

use crate::args::Ask;
use crate::exit::Failure;
use crate::print::{self, Out};

/// More than any model can write.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

pub async fn run(args: Ask) -> Result<(), Failure> {
    let input = request(&args)?;
    let client = client(&args)?;
    let model = ModelId::new(&args.model).map_err(Failure::usage)?;
    if args.no_stream {
        let request = converse::build(client.endpoint(), &model, &input).map_err(Error::from)?;
        return whole(&client, with_headers(request, &args.header)?, args.json).await;
    }
    let input = ConverseStreamRequest::from(input);
    let request = converse_stream::build(client.endpoint(), &model, &input).map_err(Error::from)?;
    streamed(&client, with_headers(request, &args.header)?, args.json).await
}

fn client(args: &Ask) -> Result<Client, Failure> {
    if let Some(profile) = &args.profile {
        return Err(Failure::usage(format!(
            "--profile {profile}: this build does not read profiles; set AWS_BEARER_TOKEN_BEDROCK, or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION"
        )));
    }
    let mut builder = Client::builder();
    if let Some(region) = &args.region {
        builder = builder.region(region);
    }
    if let Some(url) = &args.endpoint_url {
        builder = builder.endpoint_url(url);
    }
    Ok(builder.build()?)
}

fn request(args: &Ask) -> Result<ConverseRequest, Failure> {
    let mut request = ConverseRequest::new().messages([Message::user(prompt(args)?)]);
    if let Some(system) = &args.system {
        request = request.system([system.as_str().into()]);
    }
    let mut inference = InferenceConfiguration::new();
    inference.max_tokens = args.max_tokens;
    inference.temperature = args.temperature;
    inference.top_p = args.top_p;
    if !args.stop.is_empty() {
        inference = inference.stop_sequences(args.stop.iter().map(Text::from).collect::<Vec<_>>());
    }
    if inference != InferenceConfiguration::new() {
        request = request.inference_config(inference);
    }
    if !args.field.is_empty() {
        request = request.additional_model_request_fields(merged(&args.field)?);
    }
    Ok(request)
}

/// One object of all that was given.
fn merged(objects: &[String]) -> Result<Document, Failure> {
    let mut all = serde_json::Map::new();
    for json in objects {
        let wrong = |why: &dyn std::fmt::Display| Failure::usage(format!("--field {json}: {why}"));
        let fields: serde_json::Map<_, _> =
            serde_json::from_str(json).map_err(|error| wrong(&error))?;
        for (name, value) in fields {
            if all.contains_key(&name) {
                return Err(wrong(&format!("`{name}` was given before")));
            }
            all.insert(name, value);
        }
    }
    Ok(serde_json::Value::from(all).into())
}

fn prompt(args: &Ask) -> Result<String, Failure> {
    if let Some(prompt) = &args.prompt {
        return Ok(prompt.clone());
    }
    if io::stdin().is_terminal() {
        return Err(Failure::usage("no prompt: give it as an argument or on stdin"));
    }
    let mut prompt = String::new();
    io::stdin().read_to_string(&mut prompt).map_err(Failure::io("stdin"))?;
    if prompt.trim().is_empty() {
        return Err(Failure::usage("the prompt on stdin is blank"));
    }
    Ok(prompt)
}

/// What signing or HTTP itself sets.
const NOT_YOURS: [&str; 7] = [
    "authorization",
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "x-amz-date",
    "x-amz-security-token",
];

/// Headers of the caller's in place of ours; several values of one name stay
/// beside each other. No message shows a value: it may be a secret.
fn with_headers(mut request: Request, headers: &[String]) -> Result<Request, Failure> {
    let mut given = http::HeaderMap::new();
    for header in headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Failure::usage("--header: no colon between name and value"))?;
        let wrong = |why: &dyn std::fmt::Display| {
            Failure::usage(format!("--header {}: {why}", name.trim()))
        };
        let name = HeaderName::try_from(name.trim()).map_err(|error| wrong(&error))?;
        if NOT_YOURS.contains(&name.as_str()) {
            return Err(wrong(&"is set when the request is signed and sent"));
        }
        let value = HeaderValue::try_from(value.trim()).map_err(|error| wrong(&error))?;
        given.append(name, value);
    }
    request.headers_mut().extend(given);
    Ok(request)
}

async fn whole(client: &Client, request: Request, json: bool) -> Result<(), Failure> {
    let (head, body) = client.send(request).await?.into_parts();
    let body = body.collect(MAX_ANSWER).await.map_err(Error::from)?;
    let answer = converse::parse(head, body).map_err(|error: AnswerError| Error::from(error))?;
    if json {
        return print_json(&answer.value);
    }
    print_content(&answer.value)?;
    Ok(print_end(&answer.value)?)
}

async fn streamed(client: &Client, request: Request, json: bool) -> Result<(), Failure> {
    let mut stream = ConverseStream::open(client.send(request).await?).await?;
    if json {
        return collected(stream.collect().await);
    }
    let (mut out, mut accumulator) = (Out::new(), Accumulator::new());
    while let Some(event) = stream.next().await {
        // What came stands on a line of its own, whatever comes after.
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                out.end_line()?;
                return Err(error.into());
            }
        };
        out.event(&event)?;
        accumulator.add(&event);
    }
    out.end_line()?;
    Ok(print_end(&accumulator.finish().response)?)
}

/// What came is printed, whole or not.
fn collected(result: Result<Accumulated, Error>) -> Result<(), Failure> {
    match result {
        Ok(whole) => print_json(&whole.response),
        Err(error) => {
            if let Error::Incomplete(incomplete) = &error {
                print_json(&incomplete.so_far.response)?;
            }
            Err(error.into())
        }
    }
}

fn print_json(response: &ConverseResponse) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(response).map_err(Failure::usage)?;
    Ok(writeln!(io::stdout(), "{json}")?)
}

fn print_content(response: &ConverseResponse) -> io::Result<()> {
    let ConverseOutput::Message(message) = &response.output else { return Ok(()) };
    let mut out = Out::new();
    message.content.iter().try_for_each(|block| out.block(block))
}

fn print_end(response: &ConverseResponse) -> io::Result<()> {
    let reason = response.stop_reason.as_ref().map(StopReason::as_str);
    print::end(reason, response.usage.as_ref())
}
