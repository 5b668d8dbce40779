//! Inference profiles, as the control plane lists them.

use super::shape::{Text, Timestamp, enumeration, structure};

structure! {
    /// Which profiles to list; goes into the query.
    ///
    /// AWS: [`ListInferenceProfiles`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html).
    ListInferenceProfilesRequest {
        optional {
            /// The `maxResults` of AWS's model.
            ///
            /// Constraints: 1 to 1000.
            max_results: i32 = "maxResults",
            /// The `nextToken` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters; pattern `\S*`.
            next_token: Text = "nextToken",
            /// Who made a profile.
            type_equals: InferenceProfileType = "type",
        }
    }
}

enumeration! {
    /// Who made a profile.
    InferenceProfileType {
        SystemDefined = "SYSTEM_DEFINED",
        Application = "APPLICATION",
    }
}

structure! {
    /// A page of inference profiles.
    ///
    /// AWS: [`ListInferenceProfiles`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html).
    ListInferenceProfilesResponse {
        optional {
            /// The `inferenceProfileSummaries`.
            inference_profile_summaries: Vec<InferenceProfileSummary> = "inferenceProfileSummaries",
            /// The `nextToken` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters; pattern `\S*`.
            next_token: Text = "nextToken",
        }
    }
}

structure! {
    /// An inference profile in a list.
    ///
    /// AWS: [`InferenceProfileSummary`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_InferenceProfileSummary.html).
    InferenceProfileSummary {
        required {
            /// The `inferenceProfileName` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `([0-9a-zA-Z][ _-]?)+`.
            inference_profile_name: Text = "inferenceProfileName",
            /// The `inferenceProfileArn` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters.
            inference_profile_arn: Text = "inferenceProfileArn",
            /// The `models`.
            ///
            /// Constraints: 1 to 5 items.
            models: Vec<InferenceProfileModel> = "models",
            /// The `inferenceProfileId` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9-:.]+`.
            inference_profile_id: Text = "inferenceProfileId",
            /// The state of a profile.
            status: InferenceProfileStatus = "status",
            /// Who made a profile.
            r#type: InferenceProfileType = "type",
        }
        optional {
            /// The `description` of AWS's model.
            ///
            /// Constraints: 1 to 200 characters; pattern `([0-9a-zA-Z:.][ _-]?)+`.
            description: Text = "description",
            /// The `createdAt` of AWS's model.
            created_at: Timestamp = "createdAt",
            /// The `updatedAt` of AWS's model.
            updated_at: Timestamp = "updatedAt",
        }
    }
}

structure! {
    /// A model behind a profile.
    ///
    /// AWS: [`InferenceProfileModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_InferenceProfileModel.html).
    InferenceProfileModel {
        optional {
            /// The `modelArn` of AWS's model.
            model_arn: Text = "modelArn",
        }
    }
}

enumeration! {
    /// The state of a profile.
    InferenceProfileStatus {
        Active = "ACTIVE",
    }
}

structure! {
    /// An inference profile.
    ///
    /// AWS: [`GetInferenceProfile`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html).
    GetInferenceProfileResponse {
        required {
            /// The `inferenceProfileName` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `([0-9a-zA-Z][ _-]?)+`.
            inference_profile_name: Text = "inferenceProfileName",
            /// The `inferenceProfileArn` of AWS's model.
            ///
            /// Constraints: 1 to 2048 characters.
            inference_profile_arn: Text = "inferenceProfileArn",
            /// The `models`.
            ///
            /// Constraints: 1 to 5 items.
            models: Vec<InferenceProfileModel> = "models",
            /// The `inferenceProfileId` of AWS's model.
            ///
            /// Constraints: 1 to 64 characters; pattern `[a-zA-Z0-9-:.]+`.
            inference_profile_id: Text = "inferenceProfileId",
            /// The state of a profile.
            status: InferenceProfileStatus = "status",
            /// Who made a profile.
            r#type: InferenceProfileType = "type",
        }
        optional {
            /// The `description` of AWS's model.
            ///
            /// Constraints: 1 to 200 characters; pattern `([0-9a-zA-Z:.][ _-]?)+`.
            description: Text = "description",
            /// The `createdAt` of AWS's model.
            created_at: Timestamp = "createdAt",
            /// The `updatedAt` of AWS's model.
            updated_at: Timestamp = "updatedAt",
        }
    }
}
