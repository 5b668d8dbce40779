//! A guardrail's findings by automated reasoning.

use super::shape::{Text, enumeration, structure, union};

structure! {
    /// `GuardrailAutomatedReasoningPolicyAssessment` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningPolicyAssessment`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningPolicyAssessment.html).
    GuardrailAutomatedReasoningPolicyAssessment {
        optional {
            /// The `findings` of AWS's model.
            ///
            /// Required in the service model; real answers leave it out.
            findings: Vec<GuardrailAutomatedReasoningFinding> = "findings",
        }
    }
}

union! {
    /// `GuardrailAutomatedReasoningFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningFinding.html).
    GuardrailAutomatedReasoningFinding {
        /// The `valid` of AWS's model.
        Valid(GuardrailAutomatedReasoningValidFinding) = "valid",
        /// The `invalid` of AWS's model.
        Invalid(GuardrailAutomatedReasoningInvalidFinding) = "invalid",
        /// The `satisfiable` of AWS's model.
        Satisfiable(GuardrailAutomatedReasoningSatisfiableFinding) = "satisfiable",
        /// The `impossible` of AWS's model.
        Impossible(GuardrailAutomatedReasoningImpossibleFinding) = "impossible",
        /// The `translationAmbiguous` of AWS's model.
        TranslationAmbiguous(GuardrailAutomatedReasoningTranslationAmbiguousFinding) = "translationAmbiguous",
        /// The `tooComplex` of AWS's model.
        TooComplex(GuardrailAutomatedReasoningTooComplexFinding) = "tooComplex",
        /// The `noTranslations` of AWS's model.
        NoTranslations(GuardrailAutomatedReasoningNoTranslationsFinding) = "noTranslations",
    }
}

structure! {
    /// `GuardrailAutomatedReasoningValidFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningValidFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningValidFinding.html).
    GuardrailAutomatedReasoningValidFinding {
        optional {
            /// The `translation` of AWS's model.
            translation: GuardrailAutomatedReasoningTranslation = "translation",
            /// The `claimsTrueScenario` of AWS's model.
            claims_true_scenario: GuardrailAutomatedReasoningScenario = "claimsTrueScenario",
            /// The `supportingRules` of AWS's model.
            supporting_rules: Vec<GuardrailAutomatedReasoningRule> = "supportingRules",
            /// The `logicWarning` of AWS's model.
            logic_warning: GuardrailAutomatedReasoningLogicWarning = "logicWarning",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningTranslation` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningTranslation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningTranslation.html).
    GuardrailAutomatedReasoningTranslation {
        optional {
            /// The `premises` of AWS's model.
            premises: Vec<GuardrailAutomatedReasoningStatement> = "premises",
            /// The `claims` of AWS's model.
            claims: Vec<GuardrailAutomatedReasoningStatement> = "claims",
            /// The `untranslatedPremises` of AWS's model.
            untranslated_premises: Vec<GuardrailAutomatedReasoningInputTextReference> = "untranslatedPremises",
            /// The `untranslatedClaims` of AWS's model.
            untranslated_claims: Vec<GuardrailAutomatedReasoningInputTextReference> = "untranslatedClaims",
            /// The `confidence` of AWS's model.
            ///
            /// Constraints: 0 to 1.
            confidence: f64 = "confidence",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningStatement` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningStatement`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningStatement.html).
    GuardrailAutomatedReasoningStatement {
        optional {
            /// The `logic` of AWS's model.
            ///
            /// Constraints: at most 1000 characters.
            logic: Text = "logic",
            /// The `naturalLanguage` of AWS's model.
            ///
            /// Constraints: at most 1000 characters.
            natural_language: Text = "naturalLanguage",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningInputTextReference` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningInputTextReference`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningInputTextReference.html).
    GuardrailAutomatedReasoningInputTextReference {
        optional {
            /// The `text` of AWS's model.
            ///
            /// Constraints: at most 1000 characters.
            text: Text = "text",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningScenario` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningScenario`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningScenario.html).
    GuardrailAutomatedReasoningScenario {
        optional {
            /// The `statements` of AWS's model.
            statements: Vec<GuardrailAutomatedReasoningStatement> = "statements",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningRule` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningRule`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningRule.html).
    GuardrailAutomatedReasoningRule {
        optional {
            /// The `identifier` of AWS's model.
            ///
            /// Constraints: at most 12 characters; pattern `[a-z0-9]{12}`.
            identifier: Text = "identifier",
            /// The `policyVersionArn` of AWS's model.
            ///
            /// Constraints: at most 2048 characters.
            policy_version_arn: Text = "policyVersionArn",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningLogicWarning` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningLogicWarning`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningLogicWarning.html).
    GuardrailAutomatedReasoningLogicWarning {
        optional {
            /// The `type` of AWS's model.
            r#type: GuardrailAutomatedReasoningLogicWarningType = "type",
            /// The `premises` of AWS's model.
            premises: Vec<GuardrailAutomatedReasoningStatement> = "premises",
            /// The `claims` of AWS's model.
            claims: Vec<GuardrailAutomatedReasoningStatement> = "claims",
        }
    }
}

enumeration! {
    /// `GuardrailAutomatedReasoningLogicWarningType` of AWS's model.
    GuardrailAutomatedReasoningLogicWarningType {
        AlwaysFalse = "ALWAYS_FALSE",
        AlwaysTrue = "ALWAYS_TRUE",
    }
}

structure! {
    /// `GuardrailAutomatedReasoningInvalidFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningInvalidFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningInvalidFinding.html).
    GuardrailAutomatedReasoningInvalidFinding {
        optional {
            /// The `translation` of AWS's model.
            translation: GuardrailAutomatedReasoningTranslation = "translation",
            /// The `contradictingRules` of AWS's model.
            contradicting_rules: Vec<GuardrailAutomatedReasoningRule> = "contradictingRules",
            /// The `logicWarning` of AWS's model.
            logic_warning: GuardrailAutomatedReasoningLogicWarning = "logicWarning",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningSatisfiableFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningSatisfiableFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningSatisfiableFinding.html).
    GuardrailAutomatedReasoningSatisfiableFinding {
        optional {
            /// The `translation` of AWS's model.
            translation: GuardrailAutomatedReasoningTranslation = "translation",
            /// The `claimsTrueScenario` of AWS's model.
            claims_true_scenario: GuardrailAutomatedReasoningScenario = "claimsTrueScenario",
            /// The `claimsFalseScenario` of AWS's model.
            claims_false_scenario: GuardrailAutomatedReasoningScenario = "claimsFalseScenario",
            /// The `logicWarning` of AWS's model.
            logic_warning: GuardrailAutomatedReasoningLogicWarning = "logicWarning",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningImpossibleFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningImpossibleFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningImpossibleFinding.html).
    GuardrailAutomatedReasoningImpossibleFinding {
        optional {
            /// The `translation` of AWS's model.
            translation: GuardrailAutomatedReasoningTranslation = "translation",
            /// The `contradictingRules` of AWS's model.
            contradicting_rules: Vec<GuardrailAutomatedReasoningRule> = "contradictingRules",
            /// The `logicWarning` of AWS's model.
            logic_warning: GuardrailAutomatedReasoningLogicWarning = "logicWarning",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningTranslationAmbiguousFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningTranslationAmbiguousFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningTranslationAmbiguousFinding.html).
    GuardrailAutomatedReasoningTranslationAmbiguousFinding {
        optional {
            /// The `options` of AWS's model.
            ///
            /// Constraints: at most 2 items.
            options: Vec<GuardrailAutomatedReasoningTranslationOption> = "options",
            /// The `differenceScenarios` of AWS's model.
            ///
            /// Constraints: at most 2 items.
            difference_scenarios: Vec<GuardrailAutomatedReasoningScenario> = "differenceScenarios",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningTranslationOption` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningTranslationOption`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningTranslationOption.html).
    GuardrailAutomatedReasoningTranslationOption {
        optional {
            /// The `translations` of AWS's model.
            translations: Vec<GuardrailAutomatedReasoningTranslation> = "translations",
        }
    }
}

structure! {
    /// `GuardrailAutomatedReasoningTooComplexFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningTooComplexFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningTooComplexFinding.html).
    GuardrailAutomatedReasoningTooComplexFinding {
    }
}

structure! {
    /// `GuardrailAutomatedReasoningNoTranslationsFinding` of AWS's model.
    ///
    /// AWS: [`GuardrailAutomatedReasoningNoTranslationsFinding`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailAutomatedReasoningNoTranslationsFinding.html).
    GuardrailAutomatedReasoningNoTranslationsFinding {
    }
}
