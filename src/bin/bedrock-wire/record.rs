//! `record`: ask Bedrock in any client's place, and record.

use std::io::{self, Write};

use bedrock_wire::auth::verify::{AccessKey, Verifier};
use bedrock_wire::record::{Proxy, RecordError, Recorder, RecorderBuilder};
use bedrock_wire::replay::ReplayError;
use bedrock_wire::tape::Scrub;

use crate::args::{Accepted, Record};
use crate::exit::{Exit, Failure};
use crate::{client, import, replay};

/// Passes requests on until it is told to stop, and fails at the end if an
/// exchange is on no tape that should be.
pub async fn run(args: Record) -> Result<(), Failure> {
    let recorder = recorder(&args)?.start().map_err(failure)?;
    let mut client = client::builder(&args.caller);
    if let Some(url) = &args.upstream {
        client = client.endpoint_url(url).control_plane_url(url);
    }
    if args.http1_only {
        client = client.http1_only();
    }
    let mut proxy = Proxy::builder(recorder).client(client).listen(args.listen).tls(args.tls);
    if let Some(verifier) = verifier(args.accepted) {
        proxy = proxy.verifier(verifier);
    }
    let proxy = proxy.start().await.map_err(failure)?;
    replay::announce(&proxy.url(), proxy.certificate_pem(), args.tls_cert.as_deref())?;
    replay::told_to_stop().await.map_err(Failure::io("waiting for the signal to stop"))?;
    let report = proxy.stop().await;
    writeln!(io::stderr(), "{}: {report}", args.to.display())?;
    match report.failures() {
        0 => Ok(()),
        count => Err(Failure::new(Exit::Io, format!("{count} exchanges are on no tape"))),
    }
}

/// Whom to let in, where it is said.
fn verifier(accepted: Accepted) -> Option<Verifier> {
    let Accepted { access_key_id, secret_access_key, session_token, api_key } = accepted;
    let access_key = access_key_id.zip(secret_access_key).map(|(id, secret)| {
        let key = AccessKey::new(id, secret);
        match session_token {
            Some(token) => key.session_token(token),
            None => key,
        }
    });
    if access_key.is_none() && api_key.is_none() {
        return None;
    }
    let verifier = access_key.into_iter().fold(Verifier::new(), Verifier::access_key);
    Some(api_key.into_iter().fold(verifier, Verifier::bearer_key))
}

fn recorder(args: &Record) -> Result<RecorderBuilder, Failure> {
    let builder = Recorder::builder(&args.to).mode(args.mode);
    if args.no_scrub {
        return Ok(builder.no_scrub());
    }
    Ok(builder.scrub(import::with_patterns(Scrub::new(), &args.replace)?))
}

/// A file that cannot be read or written is not the caller's mistake; what is
/// in it, and what was asked for, is.
fn failure(error: RecordError) -> Failure {
    let exit = match error {
        RecordError::Client(error) => return error.into(),
        RecordError::Replay(ref error) => replay::exit_of(error),
        RecordError::Serve(error) => return failure_to_serve(error),
        RecordError::Io { .. } | RecordError::Thread(_) => Exit::Io,
        // The errors of later versions are of what was asked for, if anything.
        RecordError::Itself(_) | _ => Exit::Usage,
    };
    Failure::new(exit, error)
}

fn failure_to_serve(error: bedrock_wire::serve::ServeError) -> Failure {
    let error = ReplayError::from(error);
    Failure::new(replay::exit_of(&error), error)
}
