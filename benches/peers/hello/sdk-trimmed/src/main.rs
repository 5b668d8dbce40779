//! Asks and prints the answer as it is written, by AWS's SDK with as little as
//! it takes: no aws-config, no default features, TLS on ring.

#[path = "../../sdk/src/ask.rs"]
mod ask;

use std::{env, error::Error};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let key = env::var("AWS_ACCESS_KEY_ID")?;
    let secret = env::var("AWS_SECRET_ACCESS_KEY")?;
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .credentials_provider(Credentials::new(key, secret, None, None, "environment"))
        .http_client(http);
    if let Ok(endpoint) = env::var("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(endpoint);
    }
    ask::ask(&Client::from_conf(config.build())).await
}
