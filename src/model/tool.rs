//! Tools: what the model may call, its calls and their results.

use super::content::{CachePointBlock, SearchResultBlock};
use super::media::{DocumentBlock, ImageBlock, VideoBlock};
use super::shape::{Document, Text, enumeration, structure, union};

structure! {
    /// The tools of a request.
    ///
    /// AWS: [`ToolConfiguration`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html).
    ToolConfiguration {
        required {
            /// The `tools`.
            ///
            /// Constraints: at least 1 item.
            tools: Vec<Tool> = "tools",
        }
        optional {
            /// Which tools the model may or must call.
            tool_choice: ToolChoice = "toolChoice",
        }
    }
}

union! {
    /// A tool, or a cache point among tools.
    ///
    /// AWS: [`Tool`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Tool.html).
    Tool {
        /// A tool of the caller's.
        ToolSpec(ToolSpecification) = "toolSpec",
        /// A tool that Bedrock itself runs.
        SystemTool(SystemTool) = "systemTool",
        /// A point up to which the prompt is cached.
        CachePoint(CachePointBlock) = "cachePoint",
    }
}

structure! {
    /// A tool of the caller's.
    ///
    /// AWS: [`ToolSpecification`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html).
    ToolSpecification {
        required {
            /// The name that the model calls it by.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_-]+`.
            name: Text = "name",
            /// The schema of its input.
            input_schema: ToolInputSchema = "inputSchema",
        }
        optional {
            /// What it does, for the model.
            ///
            /// Constraints: at least 1 character.
            description: Text = "description",
            /// Whether the input must fit the schema.
            strict: bool = "strict",
        }
    }
}

union! {
    /// The schema of a tool's input.
    ///
    /// AWS: [`ToolInputSchema`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolInputSchema.html).
    ToolInputSchema {
        /// A JSON schema.
        Json(Document) = "json",
    }
}

structure! {
    /// A tool that Bedrock itself runs.
    ///
    /// AWS: [`SystemTool`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SystemTool.html).
    SystemTool {
        required {
            /// The `name` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_-]+`.
            name: Text = "name",
        }
    }
}

union! {
    /// Which tools the model may or must call.
    ///
    /// AWS: [`ToolChoice`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html).
    ToolChoice {
        /// The model decides whether it calls a tool.
        Auto(AutoToolChoice) = "auto",
        /// The model must call some tool.
        Any(AnyToolChoice) = "any",
        /// The model must call this tool.
        Tool(SpecificToolChoice) = "tool",
    }
}

structure! {
    /// The model decides whether it calls a tool.
    ///
    /// AWS: [`AutoToolChoice`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AutoToolChoice.html).
    AutoToolChoice {
    }
}

structure! {
    /// The model must call some tool.
    ///
    /// AWS: [`AnyToolChoice`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AnyToolChoice.html).
    AnyToolChoice {
    }
}

structure! {
    /// The model must call this tool.
    ///
    /// AWS: [`SpecificToolChoice`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SpecificToolChoice.html).
    SpecificToolChoice {
        required {
            /// The `name` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_-]+`.
            name: Text = "name",
        }
    }
}

structure! {
    /// A call of a tool, by the model.
    ///
    /// AWS: [`ToolUseBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html).
    ToolUseBlock {
        required {
            /// The id that the result must name.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_.:-]+`.
            tool_use_id: Text = "toolUseId",
            /// The tool.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_-]+`.
            name: Text = "name",
            /// The input, as JSON.
        ///
        /// From a stream: the joined pieces, `{}` where none came, and a JSON
            /// string of the pieces where they are no JSON.
            input: Document = "input",
        }
        optional {
            /// Who runs the tool.
            r#type: ToolUseType = "type",
        }
    }
}

enumeration! {
    /// Who runs a called tool.
    ToolUseType {
        ServerToolUse = "server_tool_use",
    }
}

structure! {
    /// What a called tool gave back.
    ///
    /// AWS: [`ToolResultBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html).
    ToolResultBlock {
        required {
            /// The id of the call.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9_.:-]+`.
            tool_use_id: Text = "toolUseId",
            /// The `content`.
            content: Vec<ToolResultContentBlock> = "content",
        }
        optional {
            /// Whether a called tool succeeded.
            status: ToolResultStatus = "status",
            /// The `type` of AWS's model.
            r#type: Text = "type",
        }
    }
}

union! {
    /// A part of a tool's result.
    ///
    /// AWS: [`ToolResultContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultContentBlock.html).
    ToolResultContentBlock {
        /// The `json` of AWS's model.
        Json(Document) = "json",
        /// The `text` of AWS's model.
        Text(Text) = "text",
        /// An image.
        Image(ImageBlock) = "image",
        /// A document.
        Document(DocumentBlock) = "document",
        /// A video.
        Video(VideoBlock) = "video",
        /// A search result given to the model.
        SearchResult(SearchResultBlock) = "searchResult",
    }
}

enumeration! {
    /// Whether a called tool succeeded.
    ToolResultStatus {
        Success = "success",
        Error = "error",
    }
}

structure! {
    /// A tool that is added in the course of the conversation.
    ///
    /// AWS: [`ToolAdditionBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolAdditionBlock.html).
    ToolAdditionBlock {
        required {
            /// A tool, by name.
            tool: ToolReference = "tool",
        }
    }
}

structure! {
    /// A tool that is taken away in the course of the conversation.
    ///
    /// AWS: [`ToolRemovalBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolRemovalBlock.html).
    ToolRemovalBlock {
        required {
            /// A tool, by name.
            tool: ToolReference = "tool",
        }
    }
}

structure! {
    /// A tool, by name.
    ///
    /// AWS: [`ToolReference`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolReference.html).
    ToolReference {
        optional {
            /// The `type` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters.
            r#type: Text = "type",
            /// The `name` of AWS's model.
            ///
            /// Constraints: 1 to 128 characters.
            name: Text = "name",
            /// The `serverName` of AWS's model.
            ///
            /// Constraints: 1 to 128 characters.
            server_name: Text = "serverName",
        }
    }
}
