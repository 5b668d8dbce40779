//! How the model is to answer.

use super::shape::{Text, enumeration, structure, union};

structure! {
    /// The inference parameters that all models share.
    ///
    /// AWS: [`InferenceConfiguration`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html).
    InferenceConfiguration {
        optional {
            /// The most tokens that the answer may have.
            ///
            /// Constraints: 1 or more.
            max_tokens: i32 = "maxTokens",
            /// How freely the model chooses among tokens.
            ///
            /// Constraints: 0 to 1.
            temperature: f64 = "temperature",
            /// The share of the likeliest tokens that the model chooses among.
            ///
            /// Constraints: 0 to 1.
            top_p: f64 = "topP",
            /// Sequences at which the model stops.
            ///
            /// Constraints: at most 2500 items.
            stop_sequences: Vec<Text> = "stopSequences",
        }
    }
}

structure! {
    /// Performance settings.
    ///
    /// AWS: [`PerformanceConfiguration`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PerformanceConfiguration.html).
    PerformanceConfiguration {
        optional {
            /// The latency that is asked for.
            latency: PerformanceConfigLatency = "latency",
        }
    }
}

enumeration! {
    /// The latency that is asked for.
    PerformanceConfigLatency {
        Standard = "standard",
        Optimized = "optimized",
    }
}

structure! {
    /// The service tier of a request.
    ///
    /// AWS: [`ServiceTier`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ServiceTier.html).
    ServiceTier {
        required {
            /// The kinds of service tier.
            r#type: ServiceTierType = "type",
        }
    }
}

enumeration! {
    /// The kinds of service tier.
    ServiceTierType {
        Priority = "priority",
        Default = "default",
        Flex = "flex",
        Reserved = "reserved",
    }
}

structure! {
    /// The form of the answer.
    ///
    /// AWS: [`OutputConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_OutputConfig.html).
    OutputConfig {
        optional {
            /// The format of the answer's text.
            text_format: OutputFormat = "textFormat",
            /// The `effort` of AWS's model.
            ///
            /// Constraints: at most 16 characters.
            effort: Text = "effort",
        }
    }
}

structure! {
    /// The format of the answer's text.
    ///
    /// AWS: [`OutputFormat`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_OutputFormat.html).
    OutputFormat {
        required {
            /// The kinds of format.
            r#type: OutputFormatType = "type",
            /// The structure that the answer must have.
            structure: OutputFormatStructure = "structure",
        }
    }
}

enumeration! {
    /// The kinds of format.
    OutputFormatType {
        JsonSchema = "json_schema",
    }
}

union! {
    /// The structure that the answer must have.
    ///
    /// AWS: [`OutputFormatStructure`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_OutputFormatStructure.html).
    OutputFormatStructure {
        /// A JSON schema that the answer must fit.
        JsonSchema(JsonSchemaDefinition) = "jsonSchema",
    }
}

structure! {
    /// A JSON schema that the answer must fit.
    ///
    /// AWS: [`JsonSchemaDefinition`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_JsonSchemaDefinition.html).
    JsonSchemaDefinition {
        required {
            /// The JSON schema, as a string.
            schema: Text = "schema",
        }
        optional {
            /// The `name` of AWS's model.
            name: Text = "name",
            /// The `description` of AWS's model.
            description: Text = "description",
        }
    }
}
