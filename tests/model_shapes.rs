//! Every shape that the operations reach in AWS's service models, member by
//! member: nothing lost, renamed or retyped.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod models;

use std::collections::{BTreeMap, BTreeSet};

use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::model::*;
use bedrock_wire::operation::{
    BuildError, ModelId, Request, apply_guardrail, converse, converse_stream, count_tokens,
    invoke_guardrail_checks, start_async_invoke,
};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use models::Model;

type RoundTrip = fn(&Value) -> Result<Value, String>;

fn round_trip<T: Serialize + DeserializeOwned>(value: &Value) -> Result<Value, String> {
    let text = value.to_string();
    let typed: T = serde_json::from_str(&text).map_err(|error| format!("{error} in {text}"))?;
    serde_json::to_value(&typed).map_err(|error| format!("{error} after {text}"))
}

macro_rules! shapes {
    ($($Name:ident),+ $(,)?) => {
        /// Every typed shape under AWS's name.
        fn shapes() -> BTreeMap<&'static str, RoundTrip> {
            BTreeMap::from([$((stringify!($Name), round_trip::<$Name> as RoundTrip)),+])
        }

        /// What the type that a value was read as says of it.
        fn typed_debug(name: &str, value: &Value) -> String {
            match name {
                $(stringify!($Name) => {
                    let typed: $Name = serde_json::from_value(value.clone()).unwrap();
                    format!("{typed:?}")
                })+
                other => panic!("{other} is not typed"),
            }
        }
    };
}

shapes! {
    AnyToolChoice, AppliedGuardrailDetails, ApplyGuardrailRequest, ApplyGuardrailResponse, AsyncInvokeOutputDataConfig, AsyncInvokeS3OutputDataConfig, AsyncInvokeStatus, AsyncInvokeSummary, AudioBlock, AudioFormat, AudioSource, AutoToolChoice, CacheDetail, CachePointBlock, CachePointType, CacheTTL, Citation, CitationGeneratedContent, CitationLocation, CitationSourceContent, CitationSourceContentDelta, CitationsConfig, CitationsContentBlock, CitationsDelta, ContentBlock, ContentBlockDelta, ContentBlockDeltaEvent, ContentBlockStart, ContentBlockStartEvent, ContentBlockStopEvent, ConversationRole, ConverseMetrics, ConverseOutput, ConverseRequest, ConverseResponse, ConverseStreamMetadataEvent, ConverseStreamMetrics, ConverseStreamRequest, ConverseStreamTrace, ConverseTokensRequest, ConverseTrace, CountTokensInput, CountTokensRequest, CountTokensResponse, DocumentBlock, DocumentCharLocation, DocumentChunkLocation, DocumentContentBlock, DocumentFormat, DocumentPageLocation, DocumentSource, ErrorBlock, FoundationModelDetails, FoundationModelLifecycle, FoundationModelLifecycleStatus, FoundationModelSummary, GetAsyncInvokeResponse, GetFoundationModelResponse, GetInferenceProfileResponse, GuardrailAction, GuardrailAssessment, GuardrailAutomatedReasoningFinding, GuardrailAutomatedReasoningImpossibleFinding, GuardrailAutomatedReasoningInputTextReference, GuardrailAutomatedReasoningInvalidFinding, GuardrailAutomatedReasoningLogicWarning, GuardrailAutomatedReasoningLogicWarningType, GuardrailAutomatedReasoningNoTranslationsFinding, GuardrailAutomatedReasoningPolicyAssessment, GuardrailAutomatedReasoningRule, GuardrailAutomatedReasoningSatisfiableFinding, GuardrailAutomatedReasoningScenario, GuardrailAutomatedReasoningStatement, GuardrailAutomatedReasoningTooComplexFinding, GuardrailAutomatedReasoningTranslation, GuardrailAutomatedReasoningTranslationAmbiguousFinding, GuardrailAutomatedReasoningTranslationOption, GuardrailAutomatedReasoningValidFinding, GuardrailChecksConfig, GuardrailChecksContentBlock, GuardrailChecksContentFilterCategory, GuardrailChecksContentFilterCategoryConfig, GuardrailChecksContentFilterConfig, GuardrailChecksContentFilterResult, GuardrailChecksContentFilterResultEntry, GuardrailChecksContentFilterUsage, GuardrailChecksMessage, GuardrailChecksPromptAttackCategory, GuardrailChecksPromptAttackCategoryConfig, GuardrailChecksPromptAttackConfig, GuardrailChecksPromptAttackResult, GuardrailChecksPromptAttackResultEntry, GuardrailChecksPromptAttackUsage, GuardrailChecksResults, GuardrailChecksRole, GuardrailChecksSensitiveInformationConfig, GuardrailChecksSensitiveInformationEntityConfig, GuardrailChecksSensitiveInformationEntityType, GuardrailChecksSensitiveInformationResult, GuardrailChecksSensitiveInformationResultEntry, GuardrailChecksSensitiveInformationUsage, GuardrailChecksUsageResults, GuardrailConfiguration, GuardrailContentBlock, GuardrailContentFilter, GuardrailContentFilterConfidence, GuardrailContentFilterStrength, GuardrailContentFilterType, GuardrailContentPolicyAction, GuardrailContentPolicyAssessment, GuardrailContentQualifier, GuardrailContentSource, GuardrailContextualGroundingFilter, GuardrailContextualGroundingFilterType, GuardrailContextualGroundingPolicyAction, GuardrailContextualGroundingPolicyAssessment, GuardrailConverseContentBlock, GuardrailConverseContentQualifier, GuardrailConverseImageBlock, GuardrailConverseImageFormat, GuardrailConverseImageSource, GuardrailConverseTextBlock, GuardrailCoverage, GuardrailCustomWord, GuardrailImageBlock, GuardrailImageCoverage, GuardrailImageFormat, GuardrailImageSource, GuardrailInvocationMetrics, GuardrailManagedWord, GuardrailManagedWordType, GuardrailOrigin, GuardrailOutputContent, GuardrailOutputScope, GuardrailOwnership, GuardrailPiiEntityFilter, GuardrailPiiEntityType, GuardrailRegexFilter, GuardrailSensitiveInformationPolicyAction, GuardrailSensitiveInformationPolicyAssessment, GuardrailStreamConfiguration, GuardrailStreamProcessingMode, GuardrailTextBlock, GuardrailTextCharactersCoverage, GuardrailTopic, GuardrailTopicPolicyAction, GuardrailTopicPolicyAssessment, GuardrailTopicType, GuardrailTrace, GuardrailTraceAssessment, GuardrailUsage, GuardrailWordPolicyAction, GuardrailWordPolicyAssessment, ImageBlock, ImageBlockDelta, ImageBlockStart, ImageFormat, ImageSource, InferenceConfiguration, InferenceProfileModel, InferenceProfileStatus, InferenceProfileSummary, InferenceProfileType, InferenceType, InvokeGuardrailChecksRequest, InvokeGuardrailChecksResponse, InvokeModelTokensRequest, JsonSchemaDefinition, ListAsyncInvokesRequest, ListAsyncInvokesResponse, ListFoundationModelsRequest, ListFoundationModelsResponse, ListInferenceProfilesRequest, ListInferenceProfilesResponse, Message, MessageStartEvent, MessageStopEvent, ModelCustomization, ModelModality, OutputConfig, OutputFormat, OutputFormatStructure, OutputFormatType, PayloadPart, PerformanceConfigLatency, PerformanceConfiguration, PromptRouterTrace, PromptVariableValues, ReasoningContentBlock, ReasoningContentBlockDelta, ReasoningTextBlock, S3Location, SearchResultBlock, SearchResultContentBlock, SearchResultLocation, ServiceTier, ServiceTierType, SortAsyncInvocationBy, SortOrder, SpecificToolChoice, StartAsyncInvokeRequest, StartAsyncInvokeResponse, StopReason, SystemContentBlock, SystemTool, Tag, TokenUsage, Tool, ToolAdditionBlock, ToolChoice, ToolConfiguration, ToolInputSchema, ToolReference, ToolRemovalBlock, ToolResultBlock, ToolResultBlockDelta, ToolResultBlockStart, ToolResultContentBlock, ToolResultStatus, ToolSpecification, ToolUseBlock, ToolUseBlockDelta, ToolUseBlockStart, ToolUseType, Trace, VideoBlock, VideoFormat, VideoSource, WebLocation
}

/// Shapes whose members stand in the path, in headers or in the body as a
/// whole: `operation` takes them apart, and its tests go over them.
const NOT_JSON: [&str; 8] = [
    "ConverseStreamResponse",
    "GetAsyncInvokeRequest",
    "GetFoundationModelRequest",
    "GetInferenceProfileRequest",
    "InvokeModelRequest",
    "InvokeModelResponse",
    "InvokeModelWithResponseStreamRequest",
    "InvokeModelWithResponseStreamResponse",
];

const OPERATIONS: [(&str, &[&str]); 2] = [
    (
        "bedrock-runtime",
        &[
            "ApplyGuardrail",
            "Converse",
            "ConverseStream",
            "CountTokens",
            "GetAsyncInvoke",
            "InvokeGuardrailChecks",
            "InvokeModel",
            "InvokeModelWithResponseStream",
            "ListAsyncInvokes",
            "StartAsyncInvoke",
        ],
    ),
    (
        "bedrock",
        &[
            "GetFoundationModel",
            "GetInferenceProfile",
            "ListFoundationModels",
            "ListInferenceProfiles",
        ],
    ),
];

fn assert_same(name: &str, shape: RoundTrip, value: &Value) {
    let after = shape(value).unwrap_or_else(|error| panic!("{name}: {error}"));
    if let Some(at) = corpus::difference(value, &after) {
        panic!("{name}{at}: {value} became {after}");
    }
}

/// Calls with each model, its typed shapes' names and their types.
fn each_shape(what: &str, check: &mut dyn FnMut(&Model, &str, RoundTrip)) {
    let Some(corpus) = corpus::find(what) else { return };
    let types = shapes();
    let mut used = BTreeSet::new();
    for (file, operations) in OPERATIONS {
        let model = Model::of(&corpus, file);
        for name in model.reachable(operations) {
            if NOT_JSON.contains(&name.as_str()) {
                continue;
            }
            let shape = types.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not typed"));
            check(&model, &name, *shape);
            used.insert(name);
        }
    }
    assert_eq!(used.len(), types.len(), "every type was checked");
}

#[test]
fn every_shape_goes_through_whole_and_member_by_member() {
    let (mut count, mut members, mut values) = (0, 0, 0);
    each_shape("the service models", &mut |model, name, shape| {
        count += 1;
        if let Some(listed) = model.shape(name)["enum"].as_array() {
            for value in listed {
                assert_same(name, shape, value);
                values += 1;
            }
            return;
        }
        assert_same(name, shape, &model.value(name, true, None));
        for (member, _) in model.members(name) {
            if model.is_union(name) {
                let target = model.members(name).into_iter().find(|m| m.0 == member).unwrap().1;
                assert_same(name, shape, &json!({ &member: model.value(&target, true, None) }));
            } else {
                assert_same(name, shape, &model.value(name, false, Some(&member)));
            }
            members += 1;
        }
    });
    eprintln!("{count} shapes, {members} members, {values} values of enumerations");
}

/// The body of the request that is built, and what `serde_json` makes of its
/// input.
fn sent(name: &str, value: &Value) -> [Bytes; 2] {
    fn of<T: Serialize + DeserializeOwned>(
        value: &Value,
        build: impl FnOnce(&T) -> Result<Request, BuildError>,
    ) -> [Bytes; 2] {
        let typed: T = serde_json::from_value(value.clone()).unwrap();
        let request = build(&typed).unwrap();
        [request.body().to_bytes(), serde_json::to_vec(&typed).unwrap().into()]
    }
    let endpoint = Endpoint::custom("https://bedrock.example").unwrap();
    let model = ModelId::new("a.b-v1:0").unwrap();
    match name {
        "ApplyGuardrailRequest" => {
            of(value, |input| apply_guardrail::build(&endpoint, "g", "1", input))
        }
        "ConverseRequest" => {
            of::<ConverseRequest>(value, |input| converse::build(&endpoint, &model, input))
        }
        "ConverseStreamRequest" => of::<ConverseStreamRequest>(value, |input| {
            converse_stream::build(&endpoint, &model, input)
        }),
        "CountTokensRequest" => of(value, |input| count_tokens::build(&endpoint, &model, input)),
        "InvokeGuardrailChecksRequest" => {
            of(value, |input| invoke_guardrail_checks::build(&endpoint, input))
        }
        "StartAsyncInvokeRequest" => of(value, |input| start_async_invoke::build(&endpoint, input)),
        other => panic!("{other} has no body"),
    }
}

#[test]
fn every_request_with_a_body_is_sent_as_serde_json_writes_it() {
    let Some(corpus) = corpus::find("the service model") else { return };
    let model = Model::of(&corpus, "bedrock-runtime");
    for name in [
        "ApplyGuardrailRequest",
        "ConverseRequest",
        "ConverseStreamRequest",
        "CountTokensRequest",
        "InvokeGuardrailChecksRequest",
        "StartAsyncInvokeRequest",
    ] {
        let members = model.members(name).into_iter().map(|(member, _)| Some(member));
        for member in members.chain([None]) {
            let value = model.value(name, member.is_none(), member.as_deref());
            let [sent, written] = sent(name, &value);
            assert_eq!(sent, written, "{name} {member:?}");
        }
    }
}

#[test]
fn a_listed_value_or_member_is_typed_and_not_taken_for_unknown() {
    each_shape("the service models", &mut |model, name, _| {
        let debug = |value: &Value| typed_debug(name, value);
        if let Some(listed) = model.shape(name)["enum"].as_array() {
            for value in listed {
                assert!(!debug(value).starts_with("Unknown"), "{name}: {value}");
            }
        } else if model.is_union(name) {
            for (member, target) in model.members(name) {
                let value = json!({ &member: model.value(&target, false, None) });
                assert!(!debug(&value).starts_with("Unknown"), "{name}: {member}");
            }
        }
    });
}

#[test]
fn what_the_model_does_not_list_comes_back_out_at_every_place() {
    let mut places = 0;
    each_shape("the service models", &mut |model, name, shape| {
        if model.shape(name)["enum"].is_array() {
            assert_same(name, shape, &json!("a-value-of-tomorrow"));
        } else if model.is_union(name) {
            assert_same(name, shape, &json!({"memberOfTomorrow": {"deep": [1, 2.50, null]}}));
        } else {
            let mut value = model.value(name, true, None);
            let object = value.as_object_mut().unwrap();
            object.insert("memberOfTomorrow".to_owned(), json!({"deep": [1, 2.5, null]}));
            object.insert("null\u{e9}".to_owned(), Value::Null);
            assert_same(name, shape, &value);
        }
        places += 1;
    });
    eprintln!("{places} places");
}

#[test]
fn null_reads_as_absent_in_every_optional_member() {
    each_shape("the service models", &mut |model, name, shape| {
        if model.shape(name)["enum"].is_array() || model.is_union(name) {
            return;
        }
        let bare = model.value(name, false, None);
        let mut with_null = bare.clone();
        for (member, _) in model.members(name) {
            with_null.as_object_mut().unwrap().entry(member).or_insert(Value::Null);
        }
        assert_eq!(shape(&with_null).unwrap(), shape(&bare).unwrap(), "{name}");
    });
}
