//! Asks and prints the answer as it is written: the same by either client of
//! AWS's SDK, so that they differ in their features alone.

use std::error::Error;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseStreamOutput, Message,
};

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

pub async fn ask(client: &Client) -> Result<(), Box<dyn Error>> {
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
