//! `export`: a tape to what other programs read.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::tape::{Tape, TapeError};

use crate::args::Export;
use crate::exit::{Exit, Failure};
use crate::show;

/// Writes the bytes of the response, or prints the request as a command line.
pub fn run(args: &Export) -> Result<(), Failure> {
    let tape = Tape::load(&args.tape).map_err(|error| Failure::new(exit_of(&error), error))?;
    if let Some(path) = &args.raw {
        return raw(&tape, path);
    }
    // clap asks for it.
    let url = args.endpoint_url.as_deref().unwrap_or_default();
    curl(&tape, url, &args.tape)
}

fn exit_of(error: &TapeError) -> Exit {
    if matches!(error, TapeError::Io { .. }) { Exit::Io } else { Exit::Usage }
}

fn raw(tape: &Tape, path: &Path) -> Result<(), Failure> {
    let bytes = tape.body_bytes();
    if path.as_os_str() == "-" {
        let mut out = io::stdout();
        return Ok(out.write_all(&bytes).and_then(|()| out.flush())?);
    }
    fs::write(path, bytes).map_err(Failure::io(path.display()))
}

/// The request of the tape to `url`, with the API key that the shell has.
fn curl(tape: &Tape, url: &str, path: &Path) -> Result<(), Failure> {
    let no_request =
        || Failure::usage(format!("{}: the tape has no request to show", path.display()));
    let request = tape.request.as_ref().ok_or_else(no_request)?;
    let endpoint = Endpoint::custom(url).map_err(Failure::usage)?;
    let uri = endpoint.url_for(request.path()).map_err(Failure::usage)?;
    let not_text = |_| {
        let path = path.display();
        Failure::usage(format!("{path}: the request's body is no text, which a shell cannot hold"))
    };
    let body = std::str::from_utf8(request.body()).map_err(not_text)?;
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| {
        (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
    });
    let key = r#""authorization: Bearer $AWS_BEARER_TOKEN_BEDROCK""#;
    let headers = headers.map(|(name, value)| show::header(&name, &value));
    let headers = headers.chain([key.to_owned()]);
    Ok(show::curl_line(request.method(), &uri, headers, body, &mut io::stdout())?)
}
