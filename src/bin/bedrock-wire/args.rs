//! What can be said on the command line.
#![allow(clippy::doc_markdown, reason = "the doc comments here are help texts")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bedrock_wire::model::Timestamp;
use bedrock_wire::record::Mode;
use bedrock_wire::replay::Speed;
use bedrock_wire::serve::Fault;
use clap::{Parser, Subcommand};

use crate::playing::Playing;

/// Amazon Bedrock's Converse API at the wire.
#[derive(Parser)]
#[command(name = "bedrock-wire", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 ok, 1 file or network, 2 usage, 3 credentials, 4 throttled, 5 service or model,
6 corrupt or incomplete stream, 7 no tape matches, 8 deadline. Data goes to stdout, the rest to stderr.";

#[derive(Subcommand)]
pub enum Command {
    /// Show a signed request, binary frames and a streamed answer; needs no account and no network
    Demo,
    /// Ask a model
    Converse(Ask),
    /// Count the input tokens of what would be asked; takes the options of converse
    CountTokens(Ask),
    /// Show the frames of a binary event stream
    Inspect(Inspect),
    /// Find what the service will reject in a request
    Lint(Lint),
    /// Serve recorded traffic on loopback
    Replay(Replay),
    /// Ask Bedrock in the place of any client on this machine, and record; or play what was recorded
    Record(Record),
    /// Turn recordings and cassettes into tapes
    Import(Import),
    /// Turn a tape into raw bytes or a command line of curl's
    Export(Export),
    /// Find what is wrong with tapes, and the secrets in them
    Verify(Verify),
    /// Show when the answers on tapes came, and what came when
    Timeline(crate::timeline::Timeline),
    /// Make a short-term API key from credentials, to export as AWS_BEARER_TOKEN_BEDROCK
    ApiKey(ApiKey),
    /// Show who would ask, what says so, and where requests would go; asks nobody
    Whoami(Whoami),
    /// List the models of a region, or its inference profiles
    Models(Models),
    /// Print what a shell completes command lines with
    Completions(crate::completions::Completions),
}

// What every command that asks a service has.
#[derive(clap::Args)]
pub struct Caller {
    /// Region; otherwise AWS_REGION, AWS_DEFAULT_REGION or the profile's
    #[arg(long, value_name = "R")]
    pub region: Option<String>,
    /// Profile of AWS's shared files to take region, endpoint and keys from; otherwise AWS_PROFILE
    /// or AWS_DEFAULT_PROFILE
    #[arg(long, value_name = "P")]
    pub profile: Option<String>,
}

/// Asks with the key in AWS_BEARER_TOKEN_BEDROCK, or with the credentials in AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or with the keys of a profile.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Ask {
    /// Id or ARN of the model or inference profile
    #[arg(long, value_name = "ID")]
    pub model: String,
    #[command(flatten)]
    pub caller: Caller,
    /// Where to send the request; otherwise AWS_ENDPOINT_URL_BEDROCK_RUNTIME or AWS_ENDPOINT_URL
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// System prompt
    #[arg(long, value_name = "S")]
    pub system: Option<String>,
    /// The most tokens that the answer may have
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub max_tokens: Option<i32>,
    /// How freely the model chooses among tokens
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub temperature: Option<f64>,
    /// The share of the likeliest tokens that the model chooses among
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub top_p: Option<f64>,
    /// A sequence to stop at; may be given several times
    #[arg(long, value_name = "S")]
    pub stop: Vec<String>,
    /// A JSON object of the model's own parameters (additionalModelRequestFields); may be given several times
    #[arg(long, value_name = "JSON")]
    pub field: Vec<String>,
    /// A header to send along; may be given several times
    #[arg(long, value_name = "K:V")]
    pub header: Vec<String>,
    /// File with the JSON body of a request to start from, or - for stdin
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// An image to ask about; may be given several times
    #[arg(long, value_name = "FILE")]
    pub image: Vec<PathBuf>,
    /// A document to ask about; may be given several times
    #[arg(long, value_name = "FILE")]
    pub document: Vec<PathBuf>,
    /// File with the JSON of a toolConfig or of a list of tools
    #[arg(long, value_name = "FILE")]
    pub tools: Option<PathBuf>,
    /// Let Claude think with at most this many tokens
    #[arg(long, value_name = "N")]
    pub thinking: Option<u32>,
    /// Cache tools, system prompt and messages up to here
    #[arg(long)]
    pub cache: bool,
    /// Print the signed request and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the signed request as a command line of curl's and send nothing
    #[arg(long)]
    pub curl: bool,
    /// Show in --dry-run and --curl what proves who asks
    #[arg(long)]
    pub show_secrets: bool,
    /// Wait for the whole answer
    #[arg(long)]
    pub no_stream: bool,
    /// Print the whole ConverseResponse as JSON
    #[arg(long)]
    pub json: bool,
    /// What to ask; read from stdin if absent
    pub prompt: Option<String>,
}

#[derive(clap::Args)]
pub struct Inspect {
    /// File of raw event-stream bytes, or - for stdin
    pub file: PathBuf,
    /// Print a JSON line for each frame
    #[arg(long, conflicts_with = "response")]
    pub json: bool,
    /// Print the ConverseResponse that the frames add up to
    #[arg(long)]
    pub response: bool,
    /// Print the bytes of each frame with what they are, also of damaged ones
    #[arg(long, conflicts_with_all = ["json", "response"])]
    pub hex: bool,
}

#[derive(clap::Args)]
pub struct Lint {
    /// File with the JSON body of a Converse or ConverseStream request, or - for stdin
    pub file: PathBuf,
    /// Print the request with all that the service rejects mended, as far as it safely can be
    #[arg(long)]
    pub fix: bool,
}

#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Replay {
    /// Tapes, or directories of tapes
    #[arg(required_unless_present = "made", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Loopback address to listen on; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", value_parser = address)]
    pub listen: SocketAddr,
    /// How fast: a factor of the recorded speed, or max
    #[arg(long, value_name = "X|max", default_value = "1", value_parser = speed)]
    pub speed: Speed,
    /// Match by operation and model alone, whatever the body
    #[arg(long)]
    pub any_body: bool,
    /// Serve each tape once; then answer 404
    #[arg(long)]
    pub once: bool,
    #[command(flatten)]
    pub playing: Playing,
    /// Speak TLS, with a certificate made at start
    #[arg(long)]
    pub tls: bool,
    /// Write the certificate to this file, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub tls_cert: Option<PathBuf>,
    /// Access key id to accept in place of AKIDEXAMPLE
    #[arg(long, value_name = "ID", requires = "secret_access_key")]
    pub access_key_id: Option<String>,
    /// Its secret; of use with --access-key-id only
    #[arg(
        long,
        value_name = "SECRET",
        env = "BEDROCK_WIRE_SECRET_ACCESS_KEY",
        hide_env_values = true
    )]
    pub secret_access_key: Option<String>,
    /// Its session token; of use with --access-key-id only
    #[arg(long, value_name = "TOKEN", env = "BEDROCK_WIRE_SESSION_TOKEN", hide_env_values = true)]
    pub session_token: Option<String>,
    /// When these credentials expire, as 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME", requires = "access_key_id", value_parser = time)]
    pub session_expires: Option<SystemTime>,
    /// The one region that signatures may be for; any if absent
    #[arg(long, value_name = "R")]
    pub region: Option<String>,
    /// API key to accept in place of bedrock-api-key-example
    #[arg(long, value_name = "KEY", env = "BEDROCK_WIRE_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,
    /// Something that is to go wrong, such as cut,frame=3,times=1, or as a JSON object; may be given
    /// several times
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<Fault>,
    /// JSON file with more of them, as {"faults":[...]}
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Answer no one on /_bedrock-wire/, where anybody on this machine reads what was asked and sets
    /// what goes wrong
    #[arg(long)]
    pub no_control: bool,
}

// Whom the proxy lets in: no doc comment, which would be the command's help.
#[derive(clap::Args)]
pub struct Accepted {
    /// Access key id to accept, in place of all examples
    #[arg(long, value_name = "ID", requires = "secret_access_key")]
    pub access_key_id: Option<String>,
    /// Its secret; of use with --access-key-id only
    #[arg(
        long,
        value_name = "SECRET",
        env = "BEDROCK_WIRE_SECRET_ACCESS_KEY",
        hide_env_values = true
    )]
    pub secret_access_key: Option<String>,
    /// Its session token; of use with --access-key-id only
    #[arg(long, value_name = "TOKEN", env = "BEDROCK_WIRE_SESSION_TOKEN", hide_env_values = true)]
    pub session_token: Option<String>,
    /// API key to accept, in place of all examples
    #[arg(long, value_name = "KEY", env = "BEDROCK_WIRE_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,
}

/// Listens on loopback, for clients that ask with AKIDEXAMPLE and
/// wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY, or with the API key bedrock-api-key-example, and asks
/// Bedrock with the credentials that converse would take. Credentials reach no tape. Any user of this
/// machine can ask, and spend your money, with those published examples: where there are others, set
/// keys of your own, and the examples are good no more. Prints on stderr, when it is told to stop, what was recorded; fails with 1 if an exchange is on no tape that
/// should be.
#[derive(clap::Args)]
pub struct Record {
    /// Directory of the tapes, made if it is not there
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Where to send requests, to the runtime and to the control plane alike; otherwise
    /// AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL_BEDROCK, or AWS_ENDPOINT_URL
    #[arg(long, value_name = "URL")]
    pub upstream: Option<String>,
    /// none plays tapes and asks nobody; once records if there is no tape yet, else plays;
    /// new_episodes plays what is there and records the rest; all records everything anew
    #[arg(long, value_name = "MODE", default_value_t)]
    pub mode: Mode,
    /// Loopback address to listen on; port 0 takes any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", value_parser = address)]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub caller: Caller,
    /// Speak TLS, with a certificate made at start
    #[arg(long)]
    pub tls: bool,
    /// Write the certificate to this file, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub tls_cert: Option<PathBuf>,
    #[command(flatten)]
    pub accepted: Accepted,
    /// Leave account ids and request ids in the tapes
    #[arg(long)]
    pub no_scrub: bool,
    /// Also replace what a regular expression finds; may be given several times
    #[arg(long, value_names = ["REGEX", "TEXT"], num_args = 2, conflicts_with = "no_scrub")]
    pub replace: Vec<String>,
    /// Ask over HTTP/1.1 only, for proxies that break HTTP/2
    #[arg(long)]
    pub http1_only: bool,
}

/// A recording is a directory with response.bin and response.meta.json. Cassettes are those of
/// vcrpy (YAML) and of ReqLLM (JSON); each interaction becomes a tape of its own.
#[derive(clap::Args)]
pub struct Import {
    /// Directories with recordings and cassettes, at any depth; or cassettes
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Where to write the tapes
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Take account ids and request ids out
    #[arg(long)]
    pub scrub: bool,
    /// Also replace what a regular expression finds; may be given several times
    #[arg(long, value_names = ["REGEX", "TEXT"], num_args = 2, requires = "scrub")]
    pub replace: Vec<String>,
    /// Take each PATH for the raw bytes of a response of this operation, such as ConverseStream
    #[arg(long, value_name = "NAME", requires = "model")]
    pub operation: Option<String>,
    /// Id or ARN of the model that raw bytes are of
    #[arg(long, value_name = "ID", requires = "operation")]
    pub model: Option<String>,
}

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("form").required(true))]
pub struct Export {
    /// The tape
    pub tape: PathBuf,
    /// Write the bytes of the response, as they were received, to this file, or to stdout for -
    #[arg(long, value_name = "FILE", group = "form")]
    pub raw: Option<PathBuf>,
    /// Print the request as a command line of curl's, with the API key in AWS_BEARER_TOKEN_BEDROCK
    #[arg(long, group = "form", requires = "endpoint_url")]
    pub curl: bool,
    /// Where the command line sends it
    #[arg(long, value_name = "URL", requires = "curl")]
    pub endpoint_url: Option<String>,
}

/// Checks that each tape can be read, that its frames are sound and that it is written anew as the
/// same bytes, and searches all of it for secrets and account ids, also in base64. Fails with 2,
/// or with 6 where damaged frames are all there is; account ids are warnings.
#[derive(clap::Args)]
pub struct Verify {
    /// Tapes, or directories with tapes at any depth
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Print a JSON line for each finding
    #[arg(long)]
    pub json: bool,
}

/// Takes the credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or of a
/// profile, whatever is in AWS_BEARER_TOKEN_BEDROCK. Prints the key, a secret, on stdout, and when
/// it expires on stderr.
#[derive(clap::Args)]
pub struct ApiKey {
    /// How long the key is to be valid, such as 90m: whole seconds, at most 12h
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = humantime::parse_duration)]
    pub expires: Duration,
    #[command(flatten)]
    pub caller: Caller,
    /// Print a JSON object of key, expires, region, accessKeyId, and session, which says whether
    /// the key also ends with the credentials' session
    #[arg(long)]
    pub json: bool,
}

/// Finds out as converse does, with the key in AWS_BEARER_TOKEN_BEDROCK, the credentials in
/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or a profile. Prints no secret.
#[derive(clap::Args)]
pub struct Whoami {
    #[command(flatten)]
    pub caller: Caller,
    /// Where to send requests; otherwise AWS_ENDPOINT_URL_BEDROCK_RUNTIME or AWS_ENDPOINT_URL
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Asks with the key in AWS_BEARER_TOKEN_BEDROCK, or with the credentials in AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or with the keys of a profile.
#[derive(clap::Args)]
pub struct Models {
    /// Those of one provider, which the service picks; with --profiles, those that route to a model
    /// whose id has P before its first dot, in small letters or large, such as anthropic or mistral
    #[arg(long, value_name = "P")]
    pub provider: Option<String>,
    /// List inference profiles: those that the service defines, without your application profiles
    #[arg(long)]
    pub profiles: bool,
    /// Print a JSON line for each, as the service sent it
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub caller: Caller,
    /// Where to send the request; otherwise AWS_ENDPOINT_URL_BEDROCK or AWS_ENDPOINT_URL
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
}

/// `localhost` is this machine's IPv4 loopback.
fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = numeric.as_deref().unwrap_or(text).parse::<SocketAddr>();
    address.map_err(|_| "give a loopback address and a port, such as 127.0.0.1:0".to_owned())
}

fn time(text: &str) -> Result<SystemTime, String> {
    let time = Timestamp::from(text).to_system_time();
    time.ok_or_else(|| "give a time such as 2026-01-02T03:04:05Z".to_owned())
}

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Speed::Times(factor)),
        _ => Err("give a number above 0, or `max`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn localhost_is_a_loopback_address() {
        assert_eq!(address("localhost:80").unwrap().to_string(), "127.0.0.1:80");
        assert_eq!(address("[::1]:0").unwrap().to_string(), "[::1]:0");
        assert!(address("example.com:80").is_err());
    }

    #[test]
    fn a_speed_is_a_factor_or_max() {
        assert!(matches!(speed("max"), Ok(Speed::Max)));
        assert!(matches!(speed("2.5"), Ok(Speed::Times(2.5))));
        for wrong in ["0", "-1", "fast", "inf", "NaN", ""] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }
}
