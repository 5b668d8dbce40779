//! `converse`: ask a model.

use std::io::{self, Write};

use bedrock_wire::client::{Client, Error};
use bedrock_wire::model::{
    ConverseOutput, ConverseRequest, ConverseResponse, ConverseStreamRequest, StopReason,
};
use bedrock_wire::operation::{
    BuildError, ModelId, Operation, Request, converse, converse_stream, count_tokens,
};
use bedrock_wire::stream::{Accumulated, Accumulator};
use serde::de::DeserializeOwned;

use crate::args::Ask;
use crate::client;
use crate::compose::{compose, with_headers};
use crate::exit::Failure;
use crate::input;
use crate::print::{self, Out};
use crate::show::{self, Form};

pub async fn run(args: Ask) -> Result<(), Failure> {
    let client = client(&args)?;
    let model = ModelId::new(&args.model).map_err(Failure::usage)?;
    let endpoint = client.endpoint_for(Operation::Converse, model.as_str())?;
    let request = if args.no_stream {
        let input: ConverseRequest = compose(base(&args)?, &args)?;
        converse::build(&endpoint, &model, &input)
    } else {
        let input: ConverseStreamRequest = compose(base(&args)?, &args)?;
        converse_stream::build(&endpoint, &model, &input)
    };
    let Some(signed) = to_send(&client, request, &args).await? else { return Ok(()) };
    if args.no_stream {
        return whole(&client, signed, args.json).await;
    }
    streamed(&client, signed, args.json).await
}

/// Prints how many tokens the input has.
pub async fn count(args: Ask) -> Result<(), Failure> {
    let client = client(&args)?;
    let model = ModelId::new(&args.model).map_err(Failure::usage)?;
    let input: ConverseRequest = compose(base(&args)?, &args)?;
    let endpoint = client.endpoint_for(Operation::CountTokens, model.as_str())?;
    let request = count_tokens::build(&endpoint, &model, &input.into());
    let Some(signed) = to_send(&client, request, &args).await? else { return Ok(()) };
    let answer = client.read(client.send_signed(signed).await?, count_tokens::parse).await?;
    Ok(writeln!(io::stdout(), "{}", answer.input_tokens)?)
}

/// The signed request; none where it was to be shown only.
async fn to_send(
    client: &Client,
    request: Result<Request, BuildError>,
    args: &Ask,
) -> Result<Option<Request>, Failure> {
    let request = with_headers(request.map_err(Error::from)?, &args.header)?;
    let signed = client.sign(request).await?;
    if args.dry_run || args.curl {
        let form = if args.curl { Form::Curl } else { Form::Plain };
        show::request(&signed, form, args.show_secrets)?;
        return Ok(None);
    }
    Ok(Some(signed))
}

fn client(args: &Ask) -> Result<Client, Failure> {
    let mut builder = client::builder(&args.caller);
    if let Some(url) = &args.endpoint_url {
        builder = builder.endpoint_url(url);
    }
    Ok(builder.build()?)
}

/// The request in a file, or an empty one.
fn base<T: Default + DeserializeOwned>(args: &Ask) -> Result<T, Failure> {
    let Some(path) = &args.file else { return Ok(T::default()) };
    let json = input::read(path)?;
    serde_json::from_slice(&json)
        .map_err(|error| Failure::usage(format!("--file {}: {error}", path.display())))
}

async fn whole(client: &Client, request: Request, json: bool) -> Result<(), Failure> {
    let answer = client.read(client.send_signed(request).await?, converse::parse).await?;
    if json {
        return print_json(&answer.value);
    }
    print_content(&answer.value)?;
    Ok(print_end(&answer.value)?)
}

async fn streamed(client: &Client, request: Request, json: bool) -> Result<(), Failure> {
    let mut stream = client.open_stream(client.send_signed(request).await?).await?;
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
    let accumulated = accumulator.finish();
    print::left_out(&accumulated)?;
    Ok(print_end(&accumulated.response)?)
}

/// What came is printed, whole or not.
fn collected(result: Result<Accumulated, Error>) -> Result<(), Failure> {
    match result {
        Ok(whole) => {
            print_json(&whole.response)?;
            Ok(print::left_out(&whole)?)
        }
        Err(error) => {
            if let Error::Incomplete(incomplete) = &error {
                print_json(&incomplete.so_far.response)?;
                print::left_out(&incomplete.so_far)?;
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
    let mut out = Out::new();
    let ConverseOutput::Message(message) = &response.output else {
        return out.mark(&response.output.member());
    };
    message.content.iter().try_for_each(|block| out.block(block))
}

fn print_end(response: &ConverseResponse) -> io::Result<()> {
    let reason = response.stop_reason.as_ref().map(StopReason::as_str);
    print::end(reason, response.usage.as_ref())
}
