//! InvokeGuardrailChecks: checks without a guardrail.

use super::shape::{Text, enumeration, structure, union};

structure! {
    /// `InvokeGuardrailChecksRequest` of AWS's model.
    ///
    /// AWS: [`InvokeGuardrailChecks`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeGuardrailChecks.html).
    InvokeGuardrailChecksRequest {
        required {
            /// The `messages` of AWS's model.
            ///
            /// Constraints: at least 1 item.
            messages: Vec<GuardrailChecksMessage> = "messages",
            /// The `checks` of AWS's model.
            checks: GuardrailChecksConfig = "checks",
        }
    }
}

structure! {
    /// `GuardrailChecksMessage` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksMessage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksMessage.html).
    GuardrailChecksMessage {
        required {
            /// The `role` of AWS's model.
            role: GuardrailChecksRole = "role",
            /// The `content` of AWS's model.
            ///
            /// Constraints: at least 1 item.
            content: Vec<GuardrailChecksContentBlock> = "content",
        }
    }
}

enumeration! {
    /// `GuardrailChecksRole` of AWS's model.
    GuardrailChecksRole {
        User = "user",
        Assistant = "assistant",
        System = "system",
    }
}

union! {
    /// `GuardrailChecksContentBlock` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksContentBlock.html).
    GuardrailChecksContentBlock {
        /// The `text` of AWS's model.
        ///
        /// Constraints: at least 1 character.
        Text(Text) = "text",
    }
}

structure! {
    /// `GuardrailChecksConfig` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksConfig.html).
    GuardrailChecksConfig {
        optional {
            /// The `contentFilter` of AWS's model.
            content_filter: GuardrailChecksContentFilterConfig = "contentFilter",
            /// The `promptAttack` of AWS's model.
            prompt_attack: GuardrailChecksPromptAttackConfig = "promptAttack",
            /// The `sensitiveInformation` of AWS's model.
            sensitive_information: GuardrailChecksSensitiveInformationConfig = "sensitiveInformation",
        }
    }
}

structure! {
    /// `GuardrailChecksContentFilterConfig` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksContentFilterConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksContentFilterConfig.html).
    GuardrailChecksContentFilterConfig {
        required {
            /// The `categories` of AWS's model.
            ///
            /// Constraints: 1 to 5 items.
            categories: Vec<GuardrailChecksContentFilterCategoryConfig> = "categories",
        }
    }
}

structure! {
    /// `GuardrailChecksContentFilterCategoryConfig` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksContentFilterCategoryConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksContentFilterCategoryConfig.html).
    GuardrailChecksContentFilterCategoryConfig {
        required {
            /// The `category` of AWS's model.
            category: GuardrailChecksContentFilterCategory = "category",
        }
    }
}

enumeration! {
    /// `GuardrailChecksContentFilterCategory` of AWS's model.
    GuardrailChecksContentFilterCategory {
        Violence = "VIOLENCE",
        Hate = "HATE",
        Sexual = "SEXUAL",
        Misconduct = "MISCONDUCT",
        Insults = "INSULTS",
    }
}

structure! {
    /// `GuardrailChecksPromptAttackConfig` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksPromptAttackConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksPromptAttackConfig.html).
    GuardrailChecksPromptAttackConfig {
        required {
            /// The `categories` of AWS's model.
            ///
            /// Constraints: 1 to 3 items.
            categories: Vec<GuardrailChecksPromptAttackCategoryConfig> = "categories",
        }
    }
}

structure! {
    /// `GuardrailChecksPromptAttackCategoryConfig` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksPromptAttackCategoryConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksPromptAttackCategoryConfig.html).
    GuardrailChecksPromptAttackCategoryConfig {
        required {
            /// The `category` of AWS's model.
            category: GuardrailChecksPromptAttackCategory = "category",
        }
    }
}

enumeration! {
    /// `GuardrailChecksPromptAttackCategory` of AWS's model.
    GuardrailChecksPromptAttackCategory {
        Jailbreak = "JAILBREAK",
        PromptInjection = "PROMPT_INJECTION",
        PromptLeakage = "PROMPT_LEAKAGE",
    }
}

structure! {
    /// `GuardrailChecksSensitiveInformationConfig` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksSensitiveInformationConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksSensitiveInformationConfig.html).
    GuardrailChecksSensitiveInformationConfig {
        required {
            /// The `entities` of AWS's model.
            ///
            /// Constraints: 1 to 31 items.
            entities: Vec<GuardrailChecksSensitiveInformationEntityConfig> = "entities",
        }
    }
}

structure! {
    /// `GuardrailChecksSensitiveInformationEntityConfig` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksSensitiveInformationEntityConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksSensitiveInformationEntityConfig.html).
    GuardrailChecksSensitiveInformationEntityConfig {
        required {
            /// The `type` of AWS's model.
            r#type: GuardrailChecksSensitiveInformationEntityType = "type",
        }
    }
}

enumeration! {
    /// `GuardrailChecksSensitiveInformationEntityType` of AWS's model.
    GuardrailChecksSensitiveInformationEntityType {
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

structure! {
    /// `InvokeGuardrailChecksResponse` of AWS's model.
    ///
    /// AWS: [`InvokeGuardrailChecks`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeGuardrailChecks.html).
    InvokeGuardrailChecksResponse {
        required {
            /// The `results` of AWS's model.
            results: GuardrailChecksResults = "results",
            /// The `usage` of AWS's model.
            usage: GuardrailChecksUsageResults = "usage",
        }
    }
}

structure! {
    /// `GuardrailChecksResults` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksResults`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksResults.html).
    GuardrailChecksResults {
        optional {
            /// The `contentFilter` of AWS's model.
            content_filter: GuardrailChecksContentFilterResult = "contentFilter",
            /// The `promptAttack` of AWS's model.
            prompt_attack: GuardrailChecksPromptAttackResult = "promptAttack",
            /// The `sensitiveInformation` of AWS's model.
            sensitive_information: GuardrailChecksSensitiveInformationResult = "sensitiveInformation",
        }
    }
}

structure! {
    /// `GuardrailChecksContentFilterResult` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksContentFilterResult`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksContentFilterResult.html).
    GuardrailChecksContentFilterResult {
        required {
            /// The `results` of AWS's model.
            results: Vec<GuardrailChecksContentFilterResultEntry> = "results",
        }
    }
}

structure! {
    /// `GuardrailChecksContentFilterResultEntry` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksContentFilterResultEntry`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksContentFilterResultEntry.html).
    GuardrailChecksContentFilterResultEntry {
        required {
            /// The `category` of AWS's model.
            category: GuardrailChecksContentFilterCategory = "category",
            /// The `severityScore` of AWS's model.
            ///
            /// Constraints: 0.0 to 1.0.
            severity_score: f64 = "severityScore",
        }
    }
}

structure! {
    /// `GuardrailChecksPromptAttackResult` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksPromptAttackResult`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksPromptAttackResult.html).
    GuardrailChecksPromptAttackResult {
        required {
            /// The `results` of AWS's model.
            results: Vec<GuardrailChecksPromptAttackResultEntry> = "results",
        }
    }
}

structure! {
    /// `GuardrailChecksPromptAttackResultEntry` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksPromptAttackResultEntry`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksPromptAttackResultEntry.html).
    GuardrailChecksPromptAttackResultEntry {
        required {
            /// The `category` of AWS's model.
            category: GuardrailChecksPromptAttackCategory = "category",
            /// The `severityScore` of AWS's model.
            ///
            /// Constraints: 0.0 to 1.0.
            severity_score: f64 = "severityScore",
        }
    }
}

structure! {
    /// `GuardrailChecksSensitiveInformationResult` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksSensitiveInformationResult`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksSensitiveInformationResult.html).
    GuardrailChecksSensitiveInformationResult {
        required {
            /// The `results` of AWS's model.
            results: Vec<GuardrailChecksSensitiveInformationResultEntry> = "results",
        }
        optional {
            /// The `truncated` of AWS's model.
            truncated: bool = "truncated",
        }
    }
}

structure! {
    /// `GuardrailChecksSensitiveInformationResultEntry` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksSensitiveInformationResultEntry`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksSensitiveInformationResultEntry.html).
    GuardrailChecksSensitiveInformationResultEntry {
        required {
            /// The `type` of AWS's model.
            r#type: GuardrailChecksSensitiveInformationEntityType = "type",
            /// The `confidenceScore` of AWS's model.
            ///
            /// Constraints: 0.0 to 1.0.
            confidence_score: f64 = "confidenceScore",
            /// The `beginOffset` of AWS's model.
            ///
            /// Constraints: 0 or more.
            begin_offset: i32 = "beginOffset",
            /// The `endOffset` of AWS's model.
            ///
            /// Constraints: 0 or more.
            end_offset: i32 = "endOffset",
            /// The `messageIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            message_index: i32 = "messageIndex",
            /// The `contentIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            content_index: i32 = "contentIndex",
        }
    }
}

structure! {
    /// `GuardrailChecksUsageResults` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksUsageResults`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksUsageResults.html).
    GuardrailChecksUsageResults {
        optional {
            /// The `contentFilter` of AWS's model.
            content_filter: GuardrailChecksContentFilterUsage = "contentFilter",
            /// The `promptAttack` of AWS's model.
            prompt_attack: GuardrailChecksPromptAttackUsage = "promptAttack",
            /// The `sensitiveInformation` of AWS's model.
            sensitive_information: GuardrailChecksSensitiveInformationUsage = "sensitiveInformation",
        }
    }
}

structure! {
    /// `GuardrailChecksContentFilterUsage` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksContentFilterUsage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksContentFilterUsage.html).
    GuardrailChecksContentFilterUsage {
        required {
            /// The `textUnits` of AWS's model.
            text_units: i32 = "textUnits",
        }
    }
}

structure! {
    /// `GuardrailChecksPromptAttackUsage` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksPromptAttackUsage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksPromptAttackUsage.html).
    GuardrailChecksPromptAttackUsage {
        required {
            /// The `textUnits` of AWS's model.
            text_units: i32 = "textUnits",
        }
    }
}

structure! {
    /// `GuardrailChecksSensitiveInformationUsage` of AWS's model.
    ///
    /// AWS: [`GuardrailChecksSensitiveInformationUsage`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailChecksSensitiveInformationUsage.html).
    GuardrailChecksSensitiveInformationUsage {
        required {
            /// The `textUnits` of AWS's model.
            text_units: i32 = "textUnits",
        }
    }
}
