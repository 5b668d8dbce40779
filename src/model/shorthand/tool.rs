//! Tools, which to call, and what they gave back.

use crate::model::{
    AnyToolChoice, AutoToolChoice, CachePointBlock, CacheTTL, ContentBlock, Document,
    SpecificToolChoice, Tool, ToolChoice, ToolInputSchema, ToolResultBlock, ToolResultContentBlock,
    ToolResultStatus, ToolSpecification,
};

impl Tool {
    /// A tool from the JSON schema of its input.
    ///
    /// ```
    /// use bedrock_wire::model::Tool;
    /// use serde_json::json;
    ///
    /// let tool = Tool::from_schema("now", "The time in a city.", json!({"type": "object"}));
    /// assert_eq!(
    ///     serde_json::to_string(&tool)?,
    ///     r#"{"toolSpec":{"name":"now","inputSchema":{"json":{"type":"object"}},"description":"The time in a city."}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn from_schema(
        name: impl Into<String>,
        description: impl Into<String>,
        schema: impl Into<Document>,
    ) -> Self {
        let schema = ToolInputSchema::Json(schema.into());
        Tool::ToolSpec(ToolSpecification::new(name.into(), schema).description(description.into()))
    }

    /// Caches the tools up to here.
    ///
    /// ```
    /// use bedrock_wire::model::Tool;
    ///
    /// assert_eq!(
    ///     serde_json::to_string(&Tool::cache_point(None))?,
    ///     r#"{"cachePoint":{"type":"default"}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn cache_point(ttl: impl Into<Option<CacheTTL>>) -> Self {
        Tool::CachePoint(CachePointBlock::of(ttl))
    }
}

impl ToolChoice {
    /// The model decides.
    ///
    /// ```
    /// use bedrock_wire::model::ToolChoice;
    ///
    /// assert_eq!(serde_json::to_string(&ToolChoice::auto())?, r#"{"auto":{}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn auto() -> Self {
        ToolChoice::Auto(AutoToolChoice::new())
    }

    /// The model must call some tool.
    ///
    /// ```
    /// use bedrock_wire::model::ToolChoice;
    ///
    /// assert_eq!(serde_json::to_string(&ToolChoice::any())?, r#"{"any":{}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn any() -> Self {
        ToolChoice::Any(AnyToolChoice::new())
    }

    /// The model must call this tool.
    ///
    /// ```
    /// use bedrock_wire::model::ToolChoice;
    ///
    /// assert_eq!(serde_json::to_string(&ToolChoice::named("now"))?, r#"{"tool":{"name":"now"}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn named(name: impl Into<String>) -> Self {
        ToolChoice::Tool(SpecificToolChoice::new(name.into()))
    }
}

impl From<&str> for ToolResultContentBlock {
    /// `{"text":"..."}`
    fn from(text: &str) -> Self {
        ToolResultContentBlock::Text(text.into())
    }
}

impl From<String> for ToolResultContentBlock {
    /// `{"text":"..."}`
    fn from(text: String) -> Self {
        ToolResultContentBlock::Text(text.into())
    }
}

impl From<serde_json::Value> for ToolResultContentBlock {
    /// `{"json":...}`
    fn from(value: serde_json::Value) -> Self {
        ToolResultContentBlock::Json(value.into())
    }
}

impl ContentBlock {
    /// What a called tool gave back: a text, or JSON.
    ///
    /// ```
    /// use bedrock_wire::model::ContentBlock;
    /// use serde_json::json;
    ///
    /// let result = ContentBlock::tool_result("id-1", json!({"hour": 9}));
    /// assert_eq!(
    ///     serde_json::to_string(&result)?,
    ///     r#"{"toolResult":{"toolUseId":"id-1","content":[{"json":{"hour":9}}]}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn tool_result(id: impl Into<String>, content: impl Into<ToolResultContentBlock>) -> Self {
        ContentBlock::ToolResult(ToolResultBlock::new(id.into(), [content.into()]))
    }

    /// That a called tool failed, and how.
    ///
    /// ```
    /// use bedrock_wire::model::ContentBlock;
    ///
    /// let result = ContentBlock::tool_error("id-1", "no such city");
    /// assert_eq!(
    ///     serde_json::to_string(&result)?,
    ///     r#"{"toolResult":{"toolUseId":"id-1","content":[{"text":"no such city"}],"status":"error"}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn tool_error(id: impl Into<String>, content: impl Into<ToolResultContentBlock>) -> Self {
        let block = ToolResultBlock::new(id.into(), [content.into()]);
        ContentBlock::ToolResult(block.status(ToolResultStatus::Error))
    }
}
