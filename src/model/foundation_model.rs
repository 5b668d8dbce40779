//! Foundation models, as the control plane lists them.

use super::shape::{Text, Timestamp, enumeration, structure};

structure! {
    /// Which models to list; goes into the query.
    ///
    /// AWS: [`ListFoundationModels`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html).
    ListFoundationModelsRequest {
        optional {
            /// The `byProvider` of AWS's model.
            ///
            /// Constraints: pattern `[A-Za-z0-9- ]{1,63}`.
            by_provider: Text = "byProvider",
            /// A way to customise a model.
            by_customization_type: ModelCustomization = "byCustomizationType",
            /// What a model reads or writes.
            by_output_modality: ModelModality = "byOutputModality",
            /// How a model can be used.
            by_inference_type: InferenceType = "byInferenceType",
        }
    }
}

enumeration! {
    /// A way to customise a model.
    ModelCustomization {
        FineTuning = "FINE_TUNING",
        ContinuedPreTraining = "CONTINUED_PRE_TRAINING",
        Distillation = "DISTILLATION",
    }
}

enumeration! {
    /// What a model reads or writes.
    ModelModality {
        Text = "TEXT",
        Image = "IMAGE",
        Embedding = "EMBEDDING",
    }
}

enumeration! {
    /// How a model can be used.
    InferenceType {
        OnDemand = "ON_DEMAND",
        Provisioned = "PROVISIONED",
    }
}

structure! {
    /// The models.
    ///
    /// AWS: [`ListFoundationModels`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html).
    ListFoundationModelsResponse {
        optional {
            /// The `modelSummaries`.
            model_summaries: Vec<FoundationModelSummary> = "modelSummaries",
        }
    }
}

structure! {
    /// A foundation model in a list.
    ///
    /// AWS: [`FoundationModelSummary`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelSummary.html).
    FoundationModelSummary {
        required {
            /// The `modelArn` of AWS's model.
            model_arn: Text = "modelArn",
            /// The `modelId` of AWS's model.
            ///
            /// Constraints: at most 140 characters.
            model_id: Text = "modelId",
        }
        optional {
            /// The `modelName` of AWS's model.
            ///
            /// Constraints: 1 to 20 characters; pattern `.*`.
            model_name: Text = "modelName",
            /// The `providerName` of AWS's model.
            ///
            /// Constraints: 1 to 20 characters; pattern `.*`.
            provider_name: Text = "providerName",
            /// The `inputModalities` of AWS's model.
            input_modalities: Vec<ModelModality> = "inputModalities",
            /// The `outputModalities` of AWS's model.
            output_modalities: Vec<ModelModality> = "outputModalities",
            /// The `responseStreamingSupported` of AWS's model.
            response_streaming_supported: bool = "responseStreamingSupported",
            /// The `customizationsSupported` of AWS's model.
            customizations_supported: Vec<ModelCustomization> = "customizationsSupported",
            /// The `inferenceTypesSupported` of AWS's model.
            inference_types_supported: Vec<InferenceType> = "inferenceTypesSupported",
            /// Where a model is in its life.
            model_lifecycle: FoundationModelLifecycle = "modelLifecycle",
        }
    }
}

structure! {
    /// Where a model is in its life.
    ///
    /// AWS: [`FoundationModelLifecycle`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelLifecycle.html).
    FoundationModelLifecycle {
        required {
            /// Whether a model is current or on its way out.
            status: FoundationModelLifecycleStatus = "status",
        }
        optional {
            /// The `startOfLifeTime` of AWS's model.
            start_of_life_time: Timestamp = "startOfLifeTime",
            /// The `endOfLifeTime` of AWS's model.
            end_of_life_time: Timestamp = "endOfLifeTime",
            /// The `legacyTime` of AWS's model.
            legacy_time: Timestamp = "legacyTime",
            /// The `publicExtendedAccessTime` of AWS's model.
            public_extended_access_time: Timestamp = "publicExtendedAccessTime",
        }
    }
}

enumeration! {
    /// Whether a model is current or on its way out.
    FoundationModelLifecycleStatus {
        Active = "ACTIVE",
        Legacy = "LEGACY",
    }
}

structure! {
    /// A foundation model.
    ///
    /// AWS: [`GetFoundationModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModel.html).
    GetFoundationModelResponse {
        optional {
            /// A foundation model.
            model_details: FoundationModelDetails = "modelDetails",
        }
    }
}

structure! {
    /// A foundation model.
    ///
    /// AWS: [`FoundationModelDetails`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelDetails.html).
    FoundationModelDetails {
        required {
            /// The `modelArn` of AWS's model.
            model_arn: Text = "modelArn",
            /// The `modelId` of AWS's model.
            ///
            /// Constraints: at most 140 characters.
            model_id: Text = "modelId",
        }
        optional {
            /// The `modelName` of AWS's model.
            ///
            /// Constraints: 1 to 20 characters; pattern `.*`.
            model_name: Text = "modelName",
            /// The `providerName` of AWS's model.
            ///
            /// Constraints: 1 to 20 characters; pattern `.*`.
            provider_name: Text = "providerName",
            /// The `inputModalities` of AWS's model.
            input_modalities: Vec<ModelModality> = "inputModalities",
            /// The `outputModalities` of AWS's model.
            output_modalities: Vec<ModelModality> = "outputModalities",
            /// The `responseStreamingSupported` of AWS's model.
            response_streaming_supported: bool = "responseStreamingSupported",
            /// The `customizationsSupported` of AWS's model.
            customizations_supported: Vec<ModelCustomization> = "customizationsSupported",
            /// The `inferenceTypesSupported` of AWS's model.
            inference_types_supported: Vec<InferenceType> = "inferenceTypesSupported",
            /// Where a model is in its life.
            model_lifecycle: FoundationModelLifecycle = "modelLifecycle",
        }
    }
}
