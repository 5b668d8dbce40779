//! Guardrails in a request: which one, and over which content.

use super::shape::{Blob, Text, enumeration, structure, union};

structure! {
    /// The guardrail of a Converse request.
    ///
    /// AWS: [`GuardrailConfiguration`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConfiguration.html).
    GuardrailConfiguration {
        optional {
            /// The `guardrailIdentifier` of AWS's model.
            ///
            /// Constraints: at most 2048 characters.
            guardrail_identifier: Text = "guardrailIdentifier",
            /// The `guardrailVersion` of AWS's model.
            ///
            /// Constraints: pattern `(|([1-9][0-9]{0,7})|(DRAFT))`.
            guardrail_version: Text = "guardrailVersion",
            /// Whether the guardrail's trace is wanted.
            trace: GuardrailTrace = "trace",
        }
    }
}

structure! {
    /// The guardrail of a ConverseStream request.
    ///
    /// AWS: [`GuardrailStreamConfiguration`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailStreamConfiguration.html).
    GuardrailStreamConfiguration {
        optional {
            /// The `guardrailIdentifier` of AWS's model.
            ///
            /// Constraints: at most 2048 characters.
            guardrail_identifier: Text = "guardrailIdentifier",
            /// The `guardrailVersion` of AWS's model.
            ///
            /// Constraints: pattern `(|([1-9][0-9]{0,7})|(DRAFT))`.
            guardrail_version: Text = "guardrailVersion",
            /// Whether the guardrail's trace is wanted.
            trace: GuardrailTrace = "trace",
            /// How a guardrail works on a stream.
            stream_processing_mode: GuardrailStreamProcessingMode = "streamProcessingMode",
        }
    }
}

enumeration! {
    /// Whether the guardrail's trace is wanted.
    GuardrailTrace {
        Enabled = "enabled",
        Disabled = "disabled",
        EnabledFull = "enabled_full",
    }
}

enumeration! {
    /// How a guardrail works on a stream.
    GuardrailStreamProcessingMode {
        Sync = "sync",
        Async = "async",
    }
}

union! {
    /// Content that a guardrail is to look at.
    ///
    /// AWS: [`GuardrailConverseContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConverseContentBlock.html).
    GuardrailConverseContentBlock {
        /// Text that a guardrail is to look at.
        Text(GuardrailConverseTextBlock) = "text",
        /// An image that a guardrail is to look at.
        Image(GuardrailConverseImageBlock) = "image",
    }
}

structure! {
    /// Text that a guardrail is to look at.
    ///
    /// AWS: [`GuardrailConverseTextBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConverseTextBlock.html).
    GuardrailConverseTextBlock {
        required {
            /// The `text` of AWS's model.
            text: Text = "text",
        }
        optional {
            /// The `qualifiers` of AWS's model.
            qualifiers: Vec<GuardrailConverseContentQualifier> = "qualifiers",
        }
    }
}

enumeration! {
    /// What the text is to a guardrail.
    GuardrailConverseContentQualifier {
        GroundingSource = "grounding_source",
        Query = "query",
        GuardContent = "guard_content",
    }
}

structure! {
    /// An image that a guardrail is to look at.
    ///
    /// AWS: [`GuardrailConverseImageBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConverseImageBlock.html).
    GuardrailConverseImageBlock {
        required {
            /// The format of an image for a guardrail.
            format: GuardrailConverseImageFormat = "format",
            /// Where the bytes of an image for a guardrail are.
            source: GuardrailConverseImageSource = "source",
        }
    }
}

enumeration! {
    /// The format of an image for a guardrail.
    GuardrailConverseImageFormat {
        Png = "png",
        Jpeg = "jpeg",
    }
}

union! {
    /// Where the bytes of an image for a guardrail are.
    ///
    /// AWS: [`GuardrailConverseImageSource`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConverseImageSource.html).
    GuardrailConverseImageSource {
        /// The `bytes` of AWS's model.
        ///
        /// Constraints: at least 1 byte.
        Bytes(Blob) = "bytes",
    }
}

impl From<GuardrailConfiguration> for GuardrailStreamConfiguration {
    fn from(configuration: GuardrailConfiguration) -> Self {
        Self {
            guardrail_identifier: configuration.guardrail_identifier,
            guardrail_version: configuration.guardrail_version,
            trace: configuration.trace,
            stream_processing_mode: None,
            extra: configuration.extra,
        }
    }
}
