//! What a guardrail found, and what it cost.

use std::collections::BTreeMap;

use super::automated_reasoning::GuardrailAutomatedReasoningPolicyAssessment;
use super::shape::{Text, enumeration, structure};

structure! {
    /// What a guardrail found in input and output.
    ///
    /// AWS: [`GuardrailTraceAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTraceAssessment.html).
    GuardrailTraceAssessment {
        optional {
            /// The `modelOutput` of AWS's model.
            model_output: Vec<Text> = "modelOutput",
            /// The `inputAssessment` of AWS's model.
            input_assessment: BTreeMap<String, GuardrailAssessment> = "inputAssessment",
            /// The `outputAssessments` of AWS's model.
            output_assessments: BTreeMap<String, Vec<GuardrailAssessment>> = "outputAssessments",
            /// The `actionReason` of AWS's model.
            action_reason: Text = "actionReason",
        }
    }
}

structure! {
    /// What a guardrail found in one text.
    ///
    /// AWS: [`GuardrailAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAssessment.html).
    GuardrailAssessment {
        optional {
            /// The `topicPolicy` of AWS's model.
            topic_policy: GuardrailTopicPolicyAssessment = "topicPolicy",
            /// The `contentPolicy` of AWS's model.
            content_policy: GuardrailContentPolicyAssessment = "contentPolicy",
            /// The `wordPolicy` of AWS's model.
            word_policy: GuardrailWordPolicyAssessment = "wordPolicy",
            /// The `sensitiveInformationPolicy` of AWS's model.
            sensitive_information_policy: GuardrailSensitiveInformationPolicyAssessment = "sensitiveInformationPolicy",
            /// The `contextualGroundingPolicy` of AWS's model.
            contextual_grounding_policy: GuardrailContextualGroundingPolicyAssessment = "contextualGroundingPolicy",
            /// The `automatedReasoningPolicy` of AWS's model.
            automated_reasoning_policy: GuardrailAutomatedReasoningPolicyAssessment = "automatedReasoningPolicy",
            /// The `invocationMetrics` of AWS's model.
            invocation_metrics: GuardrailInvocationMetrics = "invocationMetrics",
            /// The `appliedGuardrailDetails` of AWS's model.
            applied_guardrail_details: AppliedGuardrailDetails = "appliedGuardrailDetails",
        }
    }
}

structure! {
    /// `GuardrailTopicPolicyAssessment` of AWS's model.
    ///
    /// AWS: [`GuardrailTopicPolicyAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTopicPolicyAssessment.html).
    GuardrailTopicPolicyAssessment {
        optional {
            /// The `topics` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            topics: Vec<GuardrailTopic> = "topics",
        }
    }
}

structure! {
    /// `GuardrailTopic` of AWS's model.
    ///
    /// AWS: [`GuardrailTopic`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTopic.html).
    GuardrailTopic {
        required {
            /// The `name` of AWS's model.
            name: Text = "name",
            /// The `type` of AWS's model.
            r#type: GuardrailTopicType = "type",
            /// The `action` of AWS's model.
            action: GuardrailTopicPolicyAction = "action",
        }
        optional {
            /// The `detected` of AWS's model.
            detected: bool = "detected",
        }
    }
}

enumeration! {
    /// `GuardrailTopicType` of AWS's model.
    GuardrailTopicType {
        Deny = "DENY",
    }
}

enumeration! {
    /// `GuardrailTopicPolicyAction` of AWS's model.
    GuardrailTopicPolicyAction {
        Blocked = "BLOCKED",
        None = "NONE",
    }
}

structure! {
    /// `GuardrailContentPolicyAssessment` of AWS's model.
    ///
    /// AWS: [`GuardrailContentPolicyAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailContentPolicyAssessment.html).
    GuardrailContentPolicyAssessment {
        optional {
            /// The `filters` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            filters: Vec<GuardrailContentFilter> = "filters",
        }
    }
}

structure! {
    /// `GuardrailContentFilter` of AWS's model.
    ///
    /// AWS: [`GuardrailContentFilter`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailContentFilter.html).
    GuardrailContentFilter {
        required {
            /// The `type` of AWS's model.
            r#type: GuardrailContentFilterType = "type",
            /// The `confidence` of AWS's model.
            confidence: GuardrailContentFilterConfidence = "confidence",
            /// The `action` of AWS's model.
            action: GuardrailContentPolicyAction = "action",
        }
        optional {
            /// The `filterStrength` of AWS's model.
            filter_strength: GuardrailContentFilterStrength = "filterStrength",
            /// The `detected` of AWS's model.
            detected: bool = "detected",
        }
    }
}

enumeration! {
    /// `GuardrailContentFilterType` of AWS's model.
    GuardrailContentFilterType {
        Insults = "INSULTS",
        Hate = "HATE",
        Sexual = "SEXUAL",
        Violence = "VIOLENCE",
        Misconduct = "MISCONDUCT",
        PromptAttack = "PROMPT_ATTACK",
    }
}

enumeration! {
    /// `GuardrailContentFilterConfidence` of AWS's model.
    GuardrailContentFilterConfidence {
        None = "NONE",
        Low = "LOW",
        Medium = "MEDIUM",
        High = "HIGH",
    }
}

enumeration! {
    /// `GuardrailContentFilterStrength` of AWS's model.
    GuardrailContentFilterStrength {
        None = "NONE",
        Low = "LOW",
        Medium = "MEDIUM",
        High = "HIGH",
    }
}

enumeration! {
    /// `GuardrailContentPolicyAction` of AWS's model.
    GuardrailContentPolicyAction {
        Blocked = "BLOCKED",
        None = "NONE",
    }
}

structure! {
    /// `GuardrailWordPolicyAssessment` of AWS's model.
    ///
    /// AWS: [`GuardrailWordPolicyAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailWordPolicyAssessment.html).
    GuardrailWordPolicyAssessment {
        optional {
            /// The `customWords` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            custom_words: Vec<GuardrailCustomWord> = "customWords",
            /// The `managedWordLists` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            managed_word_lists: Vec<GuardrailManagedWord> = "managedWordLists",
        }
    }
}

structure! {
    /// `GuardrailCustomWord` of AWS's model.
    ///
    /// AWS: [`GuardrailCustomWord`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailCustomWord.html).
    GuardrailCustomWord {
        required {
            /// The `match` of AWS's model.
            r#match: Text = "match",
            /// The `action` of AWS's model.
            action: GuardrailWordPolicyAction = "action",
        }
        optional {
            /// The `detected` of AWS's model.
            detected: bool = "detected",
        }
    }
}

enumeration! {
    /// `GuardrailWordPolicyAction` of AWS's model.
    GuardrailWordPolicyAction {
        Blocked = "BLOCKED",
        None = "NONE",
    }
}

structure! {
    /// `GuardrailManagedWord` of AWS's model.
    ///
    /// AWS: [`GuardrailManagedWord`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailManagedWord.html).
    GuardrailManagedWord {
        required {
            /// The `match` of AWS's model.
            r#match: Text = "match",
            /// The `type` of AWS's model.
            r#type: GuardrailManagedWordType = "type",
            /// The `action` of AWS's model.
            action: GuardrailWordPolicyAction = "action",
        }
        optional {
            /// The `detected` of AWS's model.
            detected: bool = "detected",
        }
    }
}

enumeration! {
    /// `GuardrailManagedWordType` of AWS's model.
    GuardrailManagedWordType {
        Profanity = "PROFANITY",
    }
}

structure! {
    /// `GuardrailSensitiveInformationPolicyAssessment` of AWS's model.
    ///
    /// AWS: [`GuardrailSensitiveInformationPolicyAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailSensitiveInformationPolicyAssessment.html).
    GuardrailSensitiveInformationPolicyAssessment {
        optional {
            /// The `piiEntities` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            pii_entities: Vec<GuardrailPiiEntityFilter> = "piiEntities",
            /// The `regexes` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            regexes: Vec<GuardrailRegexFilter> = "regexes",
        }
    }
}

structure! {
    /// `GuardrailPiiEntityFilter` of AWS's model.
    ///
    /// AWS: [`GuardrailPiiEntityFilter`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailPiiEntityFilter.html).
    GuardrailPiiEntityFilter {
        required {
            /// The `match` of AWS's model.
            r#match: Text = "match",
            /// The `type` of AWS's model.
            r#type: GuardrailPiiEntityType = "type",
            /// The `action` of AWS's model.
            action: GuardrailSensitiveInformationPolicyAction = "action",
        }
        optional {
            /// The `detected` of AWS's model.
            detected: bool = "detected",
        }
    }
}

enumeration! {
    /// `GuardrailPiiEntityType` of AWS's model.
    GuardrailPiiEntityType {
        Address = "ADDRESS",
        Age = "AGE",
        AwsAccessKey = "AWS_ACCESS_KEY",
        AwsSecretKey = "AWS_SECRET_KEY",
        CaHealthNumber = "CA_HEALTH_NUMBER",
        CaSocialInsuranceNumber = "CA_SOCIAL_INSURANCE_NUMBER",
        CreditDebitCardCvv = "CREDIT_DEBIT_CARD_CVV",
        CreditDebitCardExpiry = "CREDIT_DEBIT_CARD_EXPIRY",
        CreditDebitCardNumber = "CREDIT_DEBIT_CARD_NUMBER",
        DriverId = "DRIVER_ID",
        Email = "EMAIL",
        InternationalBankAccountNumber = "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
        IpAddress = "IP_ADDRESS",
        LicensePlate = "LICENSE_PLATE",
        MacAddress = "MAC_ADDRESS",
        Name = "NAME",
        Password = "PASSWORD",
        Phone = "PHONE",
        Pin = "PIN",
        SwiftCode = "SWIFT_CODE",
        UkNationalHealthServiceNumber = "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
        UkNationalInsuranceNumber = "UK_NATIONAL_INSURANCE_NUMBER",
        UkUniqueTaxpayerReferenceNumber = "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
        Url = "URL",
        Username = "USERNAME",
        UsBankAccountNumber = "US_BANK_ACCOUNT_NUMBER",
        UsBankRoutingNumber = "US_BANK_ROUTING_NUMBER",
        UsIndividualTaxIdentificationNumber = "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
        UsPassportNumber = "US_PASSPORT_NUMBER",
        UsSocialSecurityNumber = "US_SOCIAL_SECURITY_NUMBER",
        VehicleIdentificationNumber = "VEHICLE_IDENTIFICATION_NUMBER",
    }
}

enumeration! {
    /// `GuardrailSensitiveInformationPolicyAction` of AWS's model.
    GuardrailSensitiveInformationPolicyAction {
        Anonymized = "ANONYMIZED",
        Blocked = "BLOCKED",
        None = "NONE",
    }
}

structure! {
    /// `GuardrailRegexFilter` of AWS's model.
    ///
    /// AWS: [`GuardrailRegexFilter`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailRegexFilter.html).
    GuardrailRegexFilter {
        required {
            /// The `action` of AWS's model.
            action: GuardrailSensitiveInformationPolicyAction = "action",
        }
        optional {
            /// The `name` of AWS's model.
            name: Text = "name",
            /// The `match` of AWS's model.
            r#match: Text = "match",
            /// The `regex` of AWS's model.
            regex: Text = "regex",
            /// The `detected` of AWS's model.
            detected: bool = "detected",
        }
    }
}

structure! {
    /// `GuardrailContextualGroundingPolicyAssessment` of AWS's model.
    ///
    /// AWS: [`GuardrailContextualGroundingPolicyAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailContextualGroundingPolicyAssessment.html).
    GuardrailContextualGroundingPolicyAssessment {
        optional {
            /// The `filters` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            filters: Vec<GuardrailContextualGroundingFilter> = "filters",
        }
    }
}

structure! {
    /// `GuardrailContextualGroundingFilter` of AWS's model.
    ///
    /// AWS: [`GuardrailContextualGroundingFilter`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailContextualGroundingFilter.html).
    GuardrailContextualGroundingFilter {
        required {
            /// The `type` of AWS's model.
            r#type: GuardrailContextualGroundingFilterType = "type",
            /// The `threshold` of AWS's model.
            ///
            /// Constraints: 0 to 1.
            threshold: f64 = "threshold",
            /// The `score` of AWS's model.
            ///
            /// Constraints: 0 to 1.
            score: f64 = "score",
            /// The `action` of AWS's model.
            action: GuardrailContextualGroundingPolicyAction = "action",
        }
        optional {
            /// The `detected` of AWS's model.
            detected: bool = "detected",
        }
    }
}

enumeration! {
    /// `GuardrailContextualGroundingFilterType` of AWS's model.
    GuardrailContextualGroundingFilterType {
        Grounding = "GROUNDING",
        Relevance = "RELEVANCE",
    }
}

enumeration! {
    /// `GuardrailContextualGroundingPolicyAction` of AWS's model.
    GuardrailContextualGroundingPolicyAction {
        Blocked = "BLOCKED",
        None = "NONE",
    }
}

structure! {
    /// `GuardrailInvocationMetrics` of AWS's model.
    ///
    /// AWS: [`GuardrailInvocationMetrics`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailInvocationMetrics.html).
    GuardrailInvocationMetrics {
        optional {
            /// The `guardrailProcessingLatency` of AWS's model.
            guardrail_processing_latency: i64 = "guardrailProcessingLatency",
            /// The `usage` of AWS's model.
            usage: GuardrailUsage = "usage",
            /// The `guardrailCoverage` of AWS's model.
            guardrail_coverage: GuardrailCoverage = "guardrailCoverage",
        }
    }
}

structure! {
    /// `GuardrailUsage` of AWS's model.
    ///
    /// AWS: [`GuardrailUsage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailUsage.html).
    GuardrailUsage {
        required {
            /// The `topicPolicyUnits` of AWS's model.
            topic_policy_units: i32 = "topicPolicyUnits",
            /// The `contentPolicyUnits` of AWS's model.
            content_policy_units: i32 = "contentPolicyUnits",
            /// The `wordPolicyUnits` of AWS's model.
            word_policy_units: i32 = "wordPolicyUnits",
            /// The `sensitiveInformationPolicyUnits` of AWS's model.
            sensitive_information_policy_units: i32 = "sensitiveInformationPolicyUnits",
            /// The `sensitiveInformationPolicyFreeUnits` of AWS's model.
            sensitive_information_policy_free_units: i32 = "sensitiveInformationPolicyFreeUnits",
            /// The `contextualGroundingPolicyUnits` of AWS's model.
            contextual_grounding_policy_units: i32 = "contextualGroundingPolicyUnits",
        }
        optional {
            /// The `contentPolicyImageUnits` of AWS's model.
            content_policy_image_units: i32 = "contentPolicyImageUnits",
            /// The `automatedReasoningPolicyUnits` of AWS's model.
            automated_reasoning_policy_units: i32 = "automatedReasoningPolicyUnits",
            /// The `automatedReasoningPolicies` of AWS's model.
            automated_reasoning_policies: i32 = "automatedReasoningPolicies",
        }
    }
}

structure! {
    /// `GuardrailCoverage` of AWS's model.
    ///
    /// AWS: [`GuardrailCoverage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailCoverage.html).
    GuardrailCoverage {
        optional {
            /// The `textCharacters` of AWS's model.
            text_characters: GuardrailTextCharactersCoverage = "textCharacters",
            /// The `images` of AWS's model.
            images: GuardrailImageCoverage = "images",
        }
    }
}

structure! {
    /// `GuardrailTextCharactersCoverage` of AWS's model.
    ///
    /// AWS: [`GuardrailTextCharactersCoverage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailTextCharactersCoverage.html).
    GuardrailTextCharactersCoverage {
        optional {
            /// The `guarded` of AWS's model.
            guarded: i32 = "guarded",
            /// The `total` of AWS's model.
            total: i32 = "total",
        }
    }
}

structure! {
    /// `GuardrailImageCoverage` of AWS's model.
    ///
    /// AWS: [`GuardrailImageCoverage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailImageCoverage.html).
    GuardrailImageCoverage {
        optional {
            /// The `guarded` of AWS's model.
            guarded: i32 = "guarded",
            /// The `total` of AWS's model.
            total: i32 = "total",
        }
    }
}

structure! {
    /// `AppliedGuardrailDetails` of AWS's model.
    ///
    /// AWS: [`AppliedGuardrailDetails`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AppliedGuardrailDetails.html).
    AppliedGuardrailDetails {
        optional {
            /// The `guardrailId` of AWS's model.
            ///
            /// Constraints: at most 2048 characters; pattern `([a-z0-9]+)`.
            guardrail_id: Text = "guardrailId",
            /// The `guardrailVersion` of AWS's model.
            ///
            /// Constraints: pattern `(|([1-9][0-9]{0,7})|(DRAFT))`.
            guardrail_version: Text = "guardrailVersion",
            /// The `guardrailArn` of AWS's model.
            ///
            /// Constraints: at most 2048 characters; pattern `(arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+)`.
            guardrail_arn: Text = "guardrailArn",
            /// The `guardrailOrigin` of AWS's model.
            guardrail_origin: Vec<GuardrailOrigin> = "guardrailOrigin",
            /// The `guardrailOwnership` of AWS's model.
            guardrail_ownership: GuardrailOwnership = "guardrailOwnership",
        }
    }
}

enumeration! {
    /// `GuardrailOrigin` of AWS's model.
    GuardrailOrigin {
        Request = "REQUEST",
        AccountEnforced = "ACCOUNT_ENFORCED",
        OrganizationEnforced = "ORGANIZATION_ENFORCED",
    }
}

enumeration! {
    /// `GuardrailOwnership` of AWS's model.
    GuardrailOwnership {
        SelfOwned = "SELF",
        CrossAccount = "CROSS_ACCOUNT",
    }
}
