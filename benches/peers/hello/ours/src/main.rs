//! Asks and prints the answer as it is written, by bedrock-wire: region,
//! credentials and endpoint from the environment.

use std::env;

use bedrock_wire::client::{Client, Error};
use bedrock_wire::model::{ConverseStreamRequest, Message};
use reqwest::Certificate;

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

/// What AWS's endpoints are certified by.
const AMAZON_ROOT: &[u8] = include_bytes!("amazon_root_ca_1.pem");

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut builder = Client::builder();
    // In place of the system's certificates, of which all are read.
    if env::var_os("HELLO_ONE_ROOT").is_some() {
        builder = builder.configure_reqwest(|builder| {
            let root = Certificate::from_pem(AMAZON_ROOT).expect("a certificate");
            builder.tls_certs_only([root])
        });
    }
    let client = builder.build()?;
    let request = ConverseStreamRequest::new().message(Message::user("Why is the sky blue?"));
    let mut stream = client.converse_stream(MODEL, &request).await?;
    while let Some(event) = stream.next().await {
        if let Some(text) = event?.text() {
            print!("{text}");
        }
    }
    Ok(())
}
