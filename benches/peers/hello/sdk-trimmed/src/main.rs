//! Asks and prints the answer as it is written, by AWS's SDK with as little as
//! it takes: no aws-config, no default features, TLS on ring.

use std::{env, error::Error};

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseStreamOutput, Message,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

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
    let client = Client::from_conf(config.build());
    let question = ContentBlock::Text("Why is the sky blue?".to_owned());
    let message = Message::builder().role(ConversationRole::User).content(question).build()?;
    let answer = client.converse_stream().model_id(MODEL).messages(message).send().await?;
    let mut stream = answer.stream;
    while let Some(event) = stream.recv().await? {
        if let ConverseStreamOutput::ContentBlockDelta(delta) = event
            && let Some(Ok(text)) = delta.delta().map(|delta| delta.as_text())
        {
            print!("{text}");
        }
    }
    Ok(())
}
