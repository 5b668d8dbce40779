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

    /// A tool whose input is read into `T`: the schema is that of `T`.
    ///
    /// It is of draft 2020-12 as `serde` reads `T`, with nested types in place
    /// (save those that hold themselves), no `$schema`, and no title or
    /// description at its top: Amazon Nova takes `type`, `properties` and
    /// `required` there and refuses the rest. `T` is a struct with named
    /// fields, since the service takes objects only. The fields stand in the
    /// order of `serde_json`'s maps: by name, or as written with its feature
    /// `preserve_order`.
    ///
    /// Nova: [Defining a tool](https://docs.aws.amazon.com/nova/latest/userguide/tool-use-definition.html).
    ///
    /// ```
    /// use bedrock_wire::model::Tool;
    /// use schemars::JsonSchema;
    ///
    /// #[derive(JsonSchema)]
    /// struct Now {
    ///     /// The city's name.
    ///     city: String,
    ///     clock: Option<Clock>,
    /// }
    ///
    /// #[derive(JsonSchema)]
    /// enum Clock {
    ///     Local,
    ///     Utc,
    /// }
    ///
    /// let tool = Tool::from_type::<Now>("now", "The time in a city.");
    /// assert_eq!(
    ///     serde_json::to_string(&tool)?,
    ///     concat!(
    ///         r#"{"toolSpec":{"name":"now","inputSchema":{"json":{"#,
    ///         r#""properties":{"#,
    ///         r#""city":{"description":"The city's name.","type":"string"},"#,
    ///         r#""clock":{"enum":["Local","Utc",null],"type":["string","null"]}"#,
    ///         r#"},"required":["city"],"type":"object"}},"#,
    ///         r#""description":"The time in a city."}}"#
    ///     )
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[cfg(feature = "schemars")]
    pub fn from_type<T: schemars::JsonSchema + ?Sized>(
        name: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        Tool::from_schema(name, description, super::schema::of_input::<T>())
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
