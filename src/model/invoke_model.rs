//! InvokeModel: the model's own format.

use super::shape::{Blob, enumeration, structure};

enumeration! {
    /// Whether the guardrail's trace is wanted.
    Trace {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
        EnabledFull = "ENABLED_FULL",
    }
}

structure! {
    /// A piece of the model's own stream.
    ///
    /// AWS: [`PayloadPart`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PayloadPart.html).
    PayloadPart {
        optional {
            /// The piece: JSON of the model's own.
            ///
            /// Constraints: at most 1000000 bytes.
            bytes: Blob = "bytes",
        }
        ignored { "p" }
    }
}
