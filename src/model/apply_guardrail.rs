//! ApplyGuardrail: a guardrail without a model.

use super::guardrail_trace::{GuardrailAssessment, GuardrailCoverage, GuardrailUsage};
use super::shape::{Blob, Text, enumeration, structure, union};

structure! {
    /// The body of an ApplyGuardrail request. The guardrail and its version stand
    /// beside it, in the path.
    ///
    /// AWS: [`ApplyGuardrail`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html).
    ApplyGuardrailRequest {
        required {
            /// The `source` of AWS's model.
            source: GuardrailContentSource = "source",
            /// The `content` of AWS's model.
            content: Vec<GuardrailContentBlock> = "content",
        }
        optional {
            /// The `outputScope` of AWS's model.
            output_scope: GuardrailOutputScope = "outputScope",
        }
    }
}

enumeration! {
    /// `GuardrailContentSource` of AWS's model.
    GuardrailContentSource {
        Input = "INPUT",
        Output = "OUTPUT",
    }
}

union! {
    /// `GuardrailContentBlock` of AWS's model.
    ///
    /// AWS: [`GuardrailContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailContentBlock.html).
    GuardrailContentBlock {
        /// The `text` of AWS's model.
        Text(GuardrailTextBlock) = "text",
        /// The `image` of AWS's model.
        Image(GuardrailImageBlock) = "image",
    }
}

structure! {
    /// `GuardrailTextBlock` of AWS's model.
    ///
    /// AWS: [`GuardrailTextBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTextBlock.html).
    GuardrailTextBlock {
        required {
            /// The `text` of AWS's model.
            text: Text = "text",
        }
        optional {
            /// The `qualifiers` of AWS's model.
            qualifiers: Vec<GuardrailContentQualifier> = "qualifiers",
        }
    }
}

enumeration! {
    /// `GuardrailContentQualifier` of AWS's model.
    GuardrailContentQualifier {
        GroundingSource = "grounding_source",
        Query = "query",
        GuardContent = "guard_content",
    }
}

structure! {
    /// `GuardrailImageBlock` of AWS's model.
    ///
    /// AWS: [`GuardrailImageBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailImageBlock.html).
    GuardrailImageBlock {
        required {
            /// The `format` of AWS's model.
            format: GuardrailImageFormat = "format",
            /// The `source` of AWS's model.
            source: GuardrailImageSource = "source",
        }
    }
}

enumeration! {
    /// `GuardrailImageFormat` of AWS's model.
    GuardrailImageFormat {
        Png = "png",
        Jpeg = "jpeg",
    }
}

union! {
    /// `GuardrailImageSource` of AWS's model.
    ///
    /// AWS: [`GuardrailImageSource`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailImageSource.html).
    GuardrailImageSource {
        /// The `bytes` of AWS's model.
        ///
        /// Constraints: at least 1 byte.
        Bytes(Blob) = "bytes",
    }
}

enumeration! {
    /// `GuardrailOutputScope` of AWS's model.
    GuardrailOutputScope {
        Interventions = "INTERVENTIONS",
        Full = "FULL",
    }
}

structure! {
    /// What the guardrail did and found.
    ///
    /// AWS: [`ApplyGuardrail`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ApplyGuardrail.html).
    ApplyGuardrailResponse {
        required {
            /// The `usage` of AWS's model.
            usage: GuardrailUsage = "usage",
            /// The `action` of AWS's model.
            action: GuardrailAction = "action",
            /// The `outputs` of AWS's model.
            outputs: Vec<GuardrailOutputContent> = "outputs",
            /// The `assessments` of AWS's model.
            assessments: Vec<GuardrailAssessment> = "assessments",
        }
        optional {
            /// The `actionReason` of AWS's model.
            action_reason: Text = "actionReason",
            /// The `guardrailCoverage` of AWS's model.
            guardrail_coverage: GuardrailCoverage = "guardrailCoverage",
        }
    }
}

enumeration! {
    /// `GuardrailAction` of AWS's model.
    GuardrailAction {
        None = "NONE",
        GuardrailIntervened = "GUARDRAIL_INTERVENED",
    }
}

structure! {
    /// `GuardrailOutputContent` of AWS's model.
    ///
    /// AWS: [`GuardrailOutputContent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailOutputContent.html).
    GuardrailOutputContent {
        optional {
            /// The `text` of AWS's model.
            text: Text = "text",
        }
    }
}
