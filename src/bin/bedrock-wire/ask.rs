//! `converse`: ask a model.

use std::io::{self, IsTerminal, Read, Write};

use bedrock_wire::client::{Client, ConverseStream, Error};
use bedrock_wire::model::{
    ContentBlock, ConverseOutput, ConverseRequest, ConverseResponse, ConverseStreamRequest,
    Document, InferenceConfiguration, Message, ReasoningContentBlock, Text,
};
use bedrock_wire::operation::{AnswerError, ModelId, Request, converse, converse_stream};
use bedrock_wire::stream::Accumulator;
use http::{HeaderName, HeaderValue};

use crate::args::Ask;
use crate::exit::Failure;
use crate::print::{self, BOLD, DIM, Printer};

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
    if let Some(json) = &args.field {
        request = request.additional_model_request_fields(object(json)?);
    }
    Ok(request)
}

fn object(json: &str) -> Result<Document, Failure> {
    let fields =
        Document::from_json(json).map_err(|error| Failure::usage(format!("--field: {error}")))?;
    if !json.trim_start().starts_with('{') {
        return Err(Failure::usage(format!("--field: {json} is no JSON object")));
    }
    Ok(fields)
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
    Ok(prompt)
}

fn with_headers(mut request: Request, headers: &[String]) -> Result<Request, Failure> {
    for header in headers {
        let wrong =
            |why: &dyn std::fmt::Display| Failure::usage(format!("--header {header}: {why}"));
        let (name, value) =
            header.split_once(':').ok_or_else(|| wrong(&"no colon between name and value"))?;
        let name = HeaderName::try_from(name.trim()).map_err(|error| wrong(&error))?;
        let value = HeaderValue::try_from(value.trim()).map_err(|error| wrong(&error))?;
        request.headers_mut().append(name, value);
    }
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
        return print_json(&stream.collect().await?.response);
    }
    let (mut printer, mut accumulator) = (Printer::default(), Accumulator::new());
    let mut out = anstream::stdout();
    while let Some(event) = stream.next().await {
        // What came stands on a line of its own, whatever comes after.
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                printer.end_line(&mut out)?;
                return Err(error.into());
            }
        };
        printer.event(&event, &mut out)?;
        accumulator.add(&event);
    }
    printer.end_line(&mut out)?;
    Ok(print_end(&accumulator.finish().response)?)
}

fn print_json(response: &ConverseResponse) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(response).map_err(Failure::usage)?;
    Ok(writeln!(io::stdout(), "{json}")?)
}

fn print_content(response: &ConverseResponse) -> io::Result<()> {
    let ConverseOutput::Message(message) = &response.output else { return Ok(()) };
    let mut out = anstream::stdout();
    for block in &message.content {
        match block {
            ContentBlock::Text(text) => writeln!(out, "{text}")?,
            ContentBlock::ToolUse(tool) => {
                writeln!(out, "{BOLD}tool call {}{BOLD:#} {}", tool.name, tool.input)?;
            }
            ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning)) => {
                writeln!(out, "{DIM}{}{DIM:#}", reasoning.text)?;
            }
            other => writeln!(out, "{DIM}[{}]{DIM:#}", other.member())?,
        }
    }
    Ok(())
}

fn print_end(response: &ConverseResponse) -> io::Result<()> {
    let reason = response.stop_reason.as_ref().map_or("unknown", |reason| reason.as_str());
    let usage = print::usage(response.usage.as_ref());
    writeln!(anstream::stderr(), "{DIM}stop reason {reason}; {usage}{DIM:#}")
}
