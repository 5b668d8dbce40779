//! Members of a request, set one by one.

use serde_json::{Value, json};

use crate::model::{
    CacheTTL, ContentBlock, ConverseBody, ConverseRequest, ConverseStreamRequest, Document,
    GuardrailConfiguration, GuardrailStreamConfiguration, GuardrailStreamProcessingMode,
    InferenceConfiguration, JsonSchemaDefinition, Message, OutputConfig, OutputFormat,
    OutputFormatStructure, OutputFormatType, PerformanceConfigLatency, PerformanceConfiguration,
    PromptVariableValues, ServiceTier, ServiceTierType, SystemContentBlock, Text, Tool, ToolChoice,
    ToolConfiguration,
};

impl<G> ConverseBody<G> {
    /// Adds a message.
    ///
    /// ```
    /// use bedrock_wire::model::{ConverseRequest, Message};
    ///
    /// let request = ConverseRequest::new().message(Message::user("hi"));
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn message(mut self, message: Message) -> Self {
        self.messages.get_or_insert_default().push(message);
        self
    }

    /// Adds to the system prompt.
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().system_text("Be brief.");
    /// assert_eq!(serde_json::to_string(&request)?, r#"{"system":[{"text":"Be brief."}]}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn system_text(mut self, text: impl Into<String>) -> Self {
        self.system.get_or_insert_default().push(text.into().into());
        self
    }

    fn inference(&mut self) -> &mut InferenceConfiguration {
        self.inference_config.get_or_insert_default()
    }

    /// The most tokens that the answer may have (`inferenceConfig.maxTokens`).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().max_tokens(9);
    /// assert_eq!(serde_json::to_string(&request)?, r#"{"inferenceConfig":{"maxTokens":9}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn max_tokens(mut self, tokens: i32) -> Self {
        self.inference().max_tokens = Some(tokens);
        self
    }

    /// How freely the model chooses (`inferenceConfig.temperature`), 0 to 1.
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().temperature(0.5);
    /// assert_eq!(serde_json::to_string(&request)?, r#"{"inferenceConfig":{"temperature":0.5}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.inference().temperature = Some(temperature);
        self
    }

    /// The share of the likeliest tokens to choose among
    /// (`inferenceConfig.topP`), 0 to 1.
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().top_p(0.9);
    /// assert_eq!(serde_json::to_string(&request)?, r#"{"inferenceConfig":{"topP":0.9}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn top_p(mut self, top_p: f64) -> Self {
        self.inference().top_p = Some(top_p);
        self
    }

    /// Adds a sequence to stop at (`inferenceConfig.stopSequences`).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().stop_sequence("END");
    /// assert_eq!(serde_json::to_string(&request)?, r#"{"inferenceConfig":{"stopSequences":["END"]}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn stop_sequence(mut self, sequence: impl Into<String>) -> Self {
        self.inference().stop_sequences.get_or_insert_default().push(sequence.into().into());
        self
    }

    fn tools(&mut self) -> &mut ToolConfiguration {
        self.tool_config.get_or_insert_with(|| ToolConfiguration::new([]))
    }

    /// Adds a tool (`toolConfig.tools`).
    ///
    /// ```
    /// use bedrock_wire::model::{ConverseRequest, Tool};
    /// use serde_json::json;
    ///
    /// let request = ConverseRequest::new().tool(Tool::from_schema("now", "The time.", json!({"type": "object"})));
    /// assert_eq!(request.tool_config.unwrap().tools.len(), 1);
    /// ```
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools().tools.push(tool);
        self
    }

    /// Which tools the model may or must call (`toolConfig.toolChoice`).
    ///
    /// ```
    /// use bedrock_wire::model::{ConverseRequest, Tool, ToolChoice};
    /// use serde_json::json;
    ///
    /// let request = ConverseRequest::new()
    ///     .tool(Tool::from_schema("now", "The time.", json!({"type": "object"})))
    ///     .tool_choice(ToolChoice::any());
    /// assert_eq!(serde_json::to_value(&request)?["toolConfig"]["toolChoice"], json!({"any": {}}));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn tool_choice(mut self, choice: ToolChoice) -> Self {
        self.tools().tool_choice = Some(choice);
        self
    }

    /// Caches the system prompt as it is so far: a cache point at its end.
    ///
    /// ```
    /// use bedrock_wire::model::{CacheTTL, ConverseRequest};
    ///
    /// let request = ConverseRequest::new().system_text("Long.").cache_system(CacheTTL::OneHour);
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"system":[{"text":"Long."},{"cachePoint":{"type":"default","ttl":"1h"}}]}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn cache_system(mut self, ttl: impl Into<Option<CacheTTL>>) -> Self {
        self.system.get_or_insert_default().push(SystemContentBlock::cache_point(ttl));
        self
    }

    /// Caches the tools as they are so far: a cache point at their end.
    ///
    /// ```
    /// use bedrock_wire::model::{ConverseRequest, Tool};
    /// use serde_json::json;
    ///
    /// let request = ConverseRequest::new()
    ///     .tool(Tool::from_schema("now", "The time.", json!({"type": "object"})))
    ///     .cache_tools(None);
    /// assert_eq!(
    ///     serde_json::to_value(&request)?["toolConfig"]["tools"][1],
    ///     json!({"cachePoint": {"type": "default"}})
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn cache_tools(mut self, ttl: impl Into<Option<CacheTTL>>) -> Self {
        self.tools().tools.push(Tool::cache_point(ttl));
        self
    }

    /// Caches the conversation as it is so far: a cache point at the end of
    /// the last message. Does nothing where there is no message.
    ///
    /// ```
    /// use bedrock_wire::model::{ConverseRequest, Message};
    ///
    /// let request = ConverseRequest::new().message(Message::user("hi")).cache_messages(None);
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"messages":[{"role":"user","content":[{"text":"hi"},{"cachePoint":{"type":"default"}}]}]}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn cache_messages(mut self, ttl: impl Into<Option<CacheTTL>>) -> Self {
        if let Some(last) = self.messages.as_mut().and_then(|messages| messages.last_mut()) {
            last.content.push(ContentBlock::cache_point(ttl));
        }
        self
    }

    /// Sets a parameter of the model's own
    /// (`additionalModelRequestFields.<name>`), beside those that are set. A
    /// document that is no object gives way.
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    /// use serde_json::json;
    ///
    /// let request = ConverseRequest::new().model_field("top_k", json!(50)).model_field("seed", json!(1));
    /// assert_eq!(
    ///     serde_json::to_value(&request)?,
    ///     json!({"additionalModelRequestFields": {"top_k": 50, "seed": 1}})
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn model_field(mut self, name: impl Into<Text>, value: impl Into<Document>) -> Self {
        let set = self.additional_model_request_fields.unwrap_or_default();
        let fields = match set.members() {
            Ok(mut members) => {
                members.insert(name, value);
                members.into()
            }
            Err(_) => spliced(&set, &name.into(), &value.into()),
        };
        self.additional_model_request_fields = Some(fields);
        self
    }

    /// Lets Claude think with at most this many tokens
    /// (`additionalModelRequestFields.thinking`).
    ///
    /// Anthropic: [Extended thinking](https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().thinking(1024);
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"additionalModelRequestFields":{"thinking":{"budget_tokens":1024,"type":"enabled"}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn thinking(self, budget_tokens: u32) -> Self {
        self.model_field("thinking", json!({"type": "enabled", "budget_tokens": budget_tokens}))
    }

    /// Switches features of Claude on that are in beta
    /// (`additionalModelRequestFields.anthropic_beta`).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().anthropic_beta(["interleaved-thinking-2025-05-14"]);
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"additionalModelRequestFields":{"anthropic_beta":["interleaved-thinking-2025-05-14"]}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn anthropic_beta<S: Into<String>>(self, features: impl IntoIterator<Item = S>) -> Self {
        let features: Vec<Value> =
            features.into_iter().map(|feature| Value::from(feature.into())).collect();
        self.model_field("anthropic_beta", Value::from(features))
    }

    /// Asks for a field of the model's own answer, by JSON pointer
    /// (`additionalModelResponseFieldPaths`).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().response_field("/stop_sequence");
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"additionalModelResponseFieldPaths":["/stop_sequence"]}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn response_field(mut self, pointer: impl Into<String>) -> Self {
        let paths = self.additional_model_response_field_paths.get_or_insert_default();
        paths.push(pointer.into().into());
        self
    }

    /// Adds a key and value for filtering invocation logs (`requestMetadata`).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().metadata("team", "search");
    /// assert_eq!(serde_json::to_string(&request)?, r#"{"requestMetadata":{"team":"search"}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let metadata = self.request_metadata.get_or_insert_default();
        metadata.insert(key.into(), Text::from(value.into()));
        self
    }

    /// Sets a variable of a managed prompt (`promptVariables`).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().prompt_variable("city", "Oslo");
    /// assert_eq!(serde_json::to_string(&request)?, r#"{"promptVariables":{"city":{"text":"Oslo"}}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn prompt_variable(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        let variables = self.prompt_variables.get_or_insert_default();
        variables.insert(name.into(), PromptVariableValues::Text(text.into().into()));
        self
    }

    /// Asks for an answer that fits a JSON schema (`outputConfig.textFormat`).
    /// On the wire the schema is a string.
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    /// use serde_json::json;
    ///
    /// let request = ConverseRequest::new().json_output("answer", json!({"type": "object"}));
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"answer"}}}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn json_output(mut self, name: impl Into<String>, schema: impl Into<Document>) -> Self {
        let schema = JsonSchemaDefinition::new(schema.into().as_json()).name(name.into());
        let structure = OutputFormatStructure::JsonSchema(schema);
        let format = OutputFormat::new(OutputFormatType::JsonSchema, structure);
        let config: &mut OutputConfig = self.output_config.get_or_insert_default();
        config.text_format = Some(format);
        self
    }

    /// Asks for an answer that can be read into `T` (`outputConfig.textFormat`).
    ///
    /// The schema is that of [`Tool::from_type`](crate::model::Tool::from_type),
    /// made to fit what the service can hold a model to, as Anthropic's SDKs
    /// do it: every object is closed (`additionalProperties`), `oneOf` becomes
    /// `anyOf`, and limits that it refuses (such as `minimum`, which every
    /// unsigned number has, or `maxItems`) go into the description, where they
    /// are a wish. It refuses maps and types that hold themselves; a flattened
    /// enum has no closed schema.
    ///
    /// AWS: [Get validated JSON results from models](https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    /// use schemars::JsonSchema;
    ///
    /// #[derive(JsonSchema)]
    /// struct Answer {
    ///     city: String,
    ///     people: u32,
    /// }
    ///
    /// let request = ConverseRequest::new().json_output_of_type::<Answer>("answer");
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     concat!(
    ///         r#"{"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"#,
    ///         r#""schema":"{\"additionalProperties\":false,\"properties\":{"#,
    ///         r#"\"city\":{\"type\":\"string\"},"#,
    ///         r#"\"people\":{\"description\":\"{format: \\\"uint32\\\", minimum: 0}\",\"type\":\"integer\"}"#,
    ///         r#"},\"required\":[\"city\",\"people\"],\"type\":\"object\"}","#,
    ///         r#""name":"answer"}}}}}"#
    ///     )
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[cfg(feature = "schemars")]
    #[must_use]
    pub fn json_output_of_type<T: schemars::JsonSchema + ?Sized>(
        self,
        name: impl Into<String>,
    ) -> Self {
        self.json_output(name, super::schema::of_output::<T>())
    }
}

/// An object in which a member stands twice keeps both, and gets one more.
fn spliced(set: &Document, name: &str, value: &Document) -> Document {
    let member = format!("{}:{value}", Document::string(name));
    let text = set.as_json().trim();
    let object = match text.strip_suffix('}') {
        Some(open) if text.starts_with('{') => format!("{open},{member}}}"),
        _ => format!("{{{member}}}"),
    };
    Document::from_json(object).unwrap_or_default()
}

impl From<PerformanceConfigLatency> for PerformanceConfiguration {
    /// `{"latency":"optimized"}`, for `performance_config`.
    fn from(latency: PerformanceConfigLatency) -> Self {
        PerformanceConfiguration::new().latency(latency)
    }
}

impl From<ServiceTierType> for ServiceTier {
    /// `{"type":"flex"}`, for `service_tier`.
    fn from(tier: ServiceTierType) -> Self {
        ServiceTier::new(tier)
    }
}

impl ConverseRequest {
    /// Applies a guardrail (`guardrailConfig`).
    ///
    /// ```
    /// use bedrock_wire::model::ConverseRequest;
    ///
    /// let request = ConverseRequest::new().guardrail("gr-1", "DRAFT");
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"guardrailConfig":{"guardrailIdentifier":"gr-1","guardrailVersion":"DRAFT"}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn guardrail(self, id: impl Into<String>, version: impl Into<String>) -> Self {
        let configuration = GuardrailConfiguration::new();
        self.guardrail_config(
            configuration.guardrail_identifier(id.into()).guardrail_version(version.into()),
        )
    }
}

impl ConverseStreamRequest {
    /// Applies a guardrail (`guardrailConfig`), before text is sent on
    /// (`sync`) or beside it (`async`).
    ///
    /// ```
    /// use bedrock_wire::model::{ConverseStreamRequest, GuardrailStreamProcessingMode};
    ///
    /// let request = ConverseStreamRequest::new().guardrail("gr-1", "1", GuardrailStreamProcessingMode::Async);
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"guardrailConfig":{"guardrailIdentifier":"gr-1","guardrailVersion":"1","streamProcessingMode":"async"}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn guardrail(
        self,
        id: impl Into<String>,
        version: impl Into<String>,
        mode: impl Into<Option<GuardrailStreamProcessingMode>>,
    ) -> Self {
        let mut configuration = GuardrailStreamConfiguration::new()
            .guardrail_identifier(id.into())
            .guardrail_version(version.into());
        configuration.stream_processing_mode = mode.into();
        self.guardrail_config(configuration)
    }
}
