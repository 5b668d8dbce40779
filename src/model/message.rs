//! What is said, by whom.

use super::content::ContentBlock;
use super::shape::{enumeration, structure};

structure! {
    /// A turn of the conversation.
    ///
    /// AWS: [`Message`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html).
    Message {
        required {
            /// Who speaks.
            role: ConversationRole = "role",
            /// What is said, in parts.
            content: Vec<ContentBlock> = "content",
        }
    }
}

enumeration! {
    /// Who speaks in a message.
    ConversationRole {
        User = "user",
        Assistant = "assistant",
        System = "system",
    }
}

impl Message {
    /// A message of the user's.
    pub fn user(content: impl Into<ContentBlock>) -> Self {
        Message::new(ConversationRole::User, [content.into()])
    }

    /// A message of the model's.
    pub fn assistant(content: impl Into<ContentBlock>) -> Self {
        Message::new(ConversationRole::Assistant, [content.into()])
    }
}
