//! `api-key`: make a short-term API key.

use std::ffi::OsString;
use std::io::{self, Write};
use std::time::SystemTime;

use bedrock_wire::auth::{ApiKeyError, EnvironmentCredentials, ShortTermKey};
use bedrock_wire::endpoint::Region;
use bedrock_wire::model::Timestamp;

use crate::args::ApiKey;
use crate::exit::{Exit, Failure};
use crate::print::{self, DIM};

const REGION_VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

pub fn run(args: &ApiKey) -> Result<(), Failure> {
    let region = region(args)?;
    let credentials = EnvironmentCredentials::new()
        .load()
        .map_err(|error| Failure::new(Exit::Auth, format!("no credentials: {error}")))?;
    let in_session = credentials.session_token().is_some();
    let now = SystemTime::now();
    let key = ShortTermKey::generate(&credentials, region.as_str(), args.expires, now)
        .map_err(|error| Failure::new(exit_of(&error), error))?;
    if args.json {
        return Ok(writeln!(io::stdout(), "{}", json(&key))?);
    }
    // Alone, so that `$(bedrock-wire api-key)` is the key.
    writeln!(io::stdout(), "{}", key.key().expose())?;
    Ok(tell_expiry(&key, in_session)?)
}

fn region(args: &ApiKey) -> Result<Region, Failure> {
    let mut name = args.region.clone();
    for variable in REGION_VARIABLES {
        if name.is_none() {
            name = value_of(variable)?;
        }
    }
    let missing = "region: none is set: name one with --region or set AWS_REGION";
    Region::new(name.ok_or_else(|| Failure::usage(missing))?).map_err(Failure::usage)
}

/// An empty variable counts as not set.
fn value_of(variable: &str) -> Result<Option<String>, Failure> {
    let value = std::env::var_os(variable).map(OsString::into_string).transpose();
    let value = value.map_err(|_| Failure::usage(format!("{variable}: it is not Unicode")))?;
    Ok(value.filter(|value| !value.is_empty()))
}

fn exit_of(error: &ApiKeyError) -> Exit {
    match error {
        ApiKeyError::Lifetime { .. } => Exit::Usage,
        _ => Exit::Auth,
    }
}

fn json(key: &ShortTermKey) -> serde_json::Value {
    serde_json::json!({
        "key": key.key().expose(),
        "expires": Timestamp::from(key.expires()).as_str(),
        "region": key.region(),
        "accessKeyId": key.access_key_id(),
    })
}

fn tell_expiry(key: &ShortTermKey, in_session: bool) -> io::Result<()> {
    let (region, expires) = (key.region(), Timestamp::from(key.expires()));
    let sooner = if in_session { ", or until the credentials' session ends" } else { "" };
    let note = format!("valid in {region} until {expires}{sooner}");
    writeln!(anstream::stderr(), "{DIM}{}{DIM:#}", print::visible(&note))
}
