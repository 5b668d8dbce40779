//! `replay`: serve tapes to any client.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use bedrock_wire::replay::{ReplayError, ReplayServer};
use bedrock_wire::serve::{Fault, ServeError, read_faults};
use bedrock_wire::tape::TapeError;

use crate::args::Replay;
use crate::exit::{Exit, Failure};

/// Serves until it is told to stop.
pub async fn run(args: Replay) -> Result<(), Failure> {
    let mut builder = ReplayServer::builder()
        .listen(args.listen)
        .speed(args.speed)
        .any_body(args.any_body)
        .once(args.once)
        .tls(args.tls)
        .control(!args.no_control);
    builder = args.playing.apply(builder)?;
    for path in &args.paths {
        builder = builder.path(path);
    }
    if let (Some(id), Some(secret)) = (args.access_key_id, args.secret_access_key) {
        builder = builder.credentials(id, secret, args.session_token);
    }
    if let Some(time) = args.session_expires {
        builder = builder.session_expires(time);
    }
    if let Some(region) = args.region {
        builder = builder.region(region);
    }
    if let Some(key) = args.api_key {
        builder = builder.api_key(key);
    }
    for fault in args.fault.into_iter().chain(faults(args.faults.as_deref())?) {
        builder = builder.fault(fault);
    }
    let server = builder.start().await.map_err(|error| Failure::new(exit_of(&error), error))?;
    announce(&server.url(), server.certificate_pem(), args.tls_cert.as_deref())?;
    told_to_stop().await.map_err(Failure::io("waiting for the signal to stop"))?;
    let report = server.stop().await;
    Ok(writeln!(io::stderr(), "{report}")?)
}

/// Says where to ask, once the certificate is where it was to be written.
pub fn announce(url: &str, pem: Option<&str>, file: Option<&Path>) -> Result<(), Failure> {
    match (pem, file) {
        (Some(pem), Some(path)) => fs::write(path, pem).map_err(Failure::io(path.display()))?,
        (Some(_), None) => writeln!(
            io::stderr(),
            "clients must trust a certificate made just now: --tls-cert FILE writes it"
        )?,
        (None, _) => {}
    }
    let mut out = io::stdout();
    writeln!(out, "listening on {url}")?;
    Ok(out.flush()?)
}

/// The faults in a file.
fn faults(path: Option<&Path>) -> Result<Vec<Fault>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let json = fs::read(path).map_err(Failure::io(path.display()))?;
    read_faults(&json).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))
}

/// A file that cannot be read is not the caller's mistake; what is in it, and
/// what was asked for, is.
pub fn exit_of(error: &ReplayError) -> Exit {
    match error {
        ReplayError::Io { .. }
        | ReplayError::Tape(TapeError::Io { .. })
        | ReplayError::Serve(ServeError::Bind { .. }) => Exit::Io,
        _ => Exit::Usage,
    }
}

/// Interrupted from the terminal, or terminated by whoever started us.
pub async fn told_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
