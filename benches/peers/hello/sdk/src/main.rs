//! Asks and prints the answer as it is written, by AWS's SDK: region,
//! credentials and endpoint from the environment, by aws-config.

mod ask;

use std::error::Error;

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
    ask::ask(&client).await
}
