//! `api-key`: make a short-term API key.

use std::io::{self, Write};
use std::time::SystemTime;

use bedrock_wire::auth::{ApiKeyError, ShortTermKey};
use bedrock_wire::client::AuthScheme;
use bedrock_wire::model::Timestamp;

use crate::args::ApiKey;
use crate::client;
use crate::exit::{Exit, Failure};
use crate::print::{self, DIM};

pub async fn run(args: &ApiKey) -> Result<(), Failure> {
    // A key that is about to end makes no new one.
    let client = client::builder(&args.caller).auth_scheme(AuthScheme::SigV4).build()?;
    let missing = "region: none is set: name one with --region, set AWS_REGION, or give the profile \
                   a `region`";
    let region = client.region().ok_or_else(|| Failure::usage(missing))?;
    let credentials = client.credentials().await?;
    let credentials = credentials
        .ok_or_else(|| Failure::new(Exit::Auth, "there are no credentials to sign with"))?;
    let in_session = credentials.session_token().is_some();
    let now = SystemTime::now();
    let key = ShortTermKey::generate(&credentials, region.as_str(), args.expires, now)
        .map_err(|error| Failure::new(exit_of(&error), error))?;
    if args.json {
        return Ok(writeln!(io::stdout(), "{}", json(&key, in_session))?);
    }
    // Alone, so that `$(bedrock-wire api-key)` is the key.
    writeln!(io::stdout(), "{}", key.key().expose())?;
    Ok(tell_expiry(&key, in_session)?)
}

fn exit_of(error: &ApiKeyError) -> Exit {
    match error {
        ApiKeyError::Lifetime { .. } => Exit::Usage,
        _ => Exit::Auth,
    }
}

fn json(key: &ShortTermKey, in_session: bool) -> serde_json::Value {
    serde_json::json!({
        "key": key.key().expose(),
        "expires": Timestamp::from(key.expires()).as_str(),
        "region": key.region(),
        "accessKeyId": key.access_key_id(),
        "session": in_session,
    })
}

fn tell_expiry(key: &ShortTermKey, in_session: bool) -> io::Result<()> {
    let (region, expires) = (key.region(), Timestamp::from(key.expires()));
    let sooner = if in_session { ", or until the credentials' session ends" } else { "" };
    let note = format!("valid in {region} until {expires}{sooner}");
    writeln!(anstream::stderr(), "{DIM}{}{DIM:#}", print::visible(&note))
}
