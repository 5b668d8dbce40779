//! `whoami`: who would ask, what says so, and where requests would go.

use std::io::{self, Write};
use std::time::SystemTime;

use bedrock_wire::auth::{BearerKey, Credentials, ShortTermKey};
use bedrock_wire::client::{AuthScheme, Client, ClientBuilder};
use bedrock_wire::endpoint::Region;
use bedrock_wire::model::Timestamp;
use bedrock_wire::operation::Operation;
use serde_json::{Map, Value, json};

use crate::args::Whoami;
use crate::client;
use crate::exit::Failure;
use crate::print::visible;

pub async fn run(args: &Whoami) -> Result<(), Failure> {
    let client = match builder(args).build() {
        Ok(client) => client,
        Err(error) => {
            // Where requests would go, whoever asks.
            if let Ok(client) = builder(args).api_key("nobody").build() {
                print(places(&client).into(), args.json)?;
            }
            return Err(error.into());
        }
    };
    let (mut found, proof) = (source(&client), proof(&client).await);
    found.extend(proof.as_deref().unwrap_or_default().iter().cloned());
    found.extend(places(&client));
    print(found, args.json)?;
    proof.map(|_| ())
}

fn builder(args: &Whoami) -> ClientBuilder {
    let builder = client::builder(&args.caller);
    match &args.endpoint_url {
        Some(url) => builder.endpoint_url(url),
        None => builder,
    }
}

fn print(found: Vec<Member>, as_json: bool) -> io::Result<()> {
    if as_json {
        let members: Map<_, _> =
            found.into_iter().map(|(name, _, value)| (name.to_owned(), value)).collect();
        return writeln!(io::stdout(), "{}", Value::from(members));
    }
    for (_, title, value) in &found {
        writeln!(io::stdout(), "{title:<18}{}", shown(value))?;
    }
    Ok(())
}

/// A member's name in JSON, its title for people, and its value.
type Member = (&'static str, &'static str, Value);

fn source(client: &Client) -> Vec<Member> {
    let identity = client.identity();
    let scheme = match identity.scheme {
        AuthScheme::SigV4 => "SigV4",
        AuthScheme::Bearer => "Bearer",
    };
    vec![("source", "source", identity.source.into()), ("scheme", "scheme", Value::from(scheme))]
}

async fn proof(client: &Client) -> Result<Vec<Member>, Failure> {
    if let Some(credentials) = client.credentials().await? {
        return Ok(of_credentials(&credentials));
    }
    Ok(client.api_key().await?.map_or_else(Vec::new, |key| of_key(&key)))
}

fn of_credentials(credentials: &Credentials) -> Vec<Member> {
    vec![
        ("accessKeyId", "access key id", credentials.access_key_id().into()),
        ("session", "session", credentials.session_token().is_some().into()),
        ("expires", "expires", time(credentials.expiry())),
    ]
}

/// A key that is no short-term one says nothing of itself.
fn of_key(key: &BearerKey) -> Vec<Member> {
    let Some(key) = ShortTermKey::parse(key) else {
        return vec![("apiKey", "API key", "long-term, or not AWS's".into())];
    };
    vec![
        ("apiKey", "API key", "short-term".into()),
        ("accessKeyId", "access key id", key.access_key_id().into()),
        ("keyRegion", "key's region", key.region().into()),
        ("expires", "expires", time(Some(key.expires()))),
    ]
}

fn time(time: Option<SystemTime>) -> Value {
    time.map_or(Value::Null, |time| Timestamp::from(time).as_str().into())
}

fn places(client: &Client) -> [Member; 3] {
    // Where a service cannot be found, the rest is of use all the same.
    let endpoint = |operation| match client.endpoint_for(operation, "") {
        Ok(endpoint) => json!(endpoint.to_string()),
        Err(_) => Value::Null,
    };
    [
        ("region", "region", json!(client.region().map(Region::as_str))),
        ("endpoint", "runtime", endpoint(Operation::Converse)),
        ("controlPlaneEndpoint", "control plane", endpoint(Operation::ListFoundationModels)),
    ]
}

/// What says who asks may come from a file: nothing in it steers a terminal.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => visible(text).into_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "unknown".to_owned(),
        other => other.to_string(),
    }
}
