//! The rules: what each forbids, and where its rejection is on record.

use std::fmt;
use std::str::FromStr;

use super::finding::{Finding, Severity};
use super::view::View;
use super::{cache, documents, images, inputs, names, pairs, results, roles, text, tools, ttl};

/// Each rule once: its name, its id, its severity and what finds it.
macro_rules! rules {
    ($($(#[$doc:meta])* $Rule:ident = $id:literal, $severity:ident, $find:path;)+) => {
        /// What a request must not have.
        ///
        /// Each rule says where its rejection is on record, and what mends it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* #[doc = ""] #[doc = concat!("Id: `", $id, "`.")] $Rule,)+
        }

        impl Rule {
            /// All rules, in the order in which they are best mended.
            pub const ALL: &[Rule] = &[$(Rule::$Rule),+];

            /// The rule's id. It stays as it is from release to release.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Rule::$Rule => $id,)+
                }
            }

            /// How sure a rejection is.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Rule::$Rule => Severity::$severity,)+
                }
            }

            /// What breaks the rule, in the order of the paths.
            pub(super) fn find(self, view: View<'_>) -> Vec<Finding> {
                let mut found = match self {
                    $(Rule::$Rule => $find(view),)+
                };
                found.sort_by(|a, b| a.path.cmp(&b.path));
                found
            }
        }
    };
}

rules! {
    /// A message has no content.
    ///
    /// On record: "The content field in the Message object at messages.1 is
    /// empty. Add a `ContentBlock` object to the content field and try again."
    /// ([aws-sdk-net 4015](https://github.com/aws/aws-sdk-net/pull/4015)).
    ///
    /// Mended with the text `(empty)`; a last, empty turn of the model's is
    /// removed.
    EmptyContent = "empty-content", Rejected, text::empty_content;

    /// A text of no characters, in a message or the system prompt.
    ///
    /// On record: "The text field in the `ContentBlock` object at
    /// messages.1.content.0 is blank. Add text to the text field, and try
    /// again." ([aws-sdk-net 4015](https://github.com/aws/aws-sdk-net/pull/4015)).
    /// In the system prompt AWS requires
    /// [one character](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SystemContentBlock.html).
    ///
    /// Mended by removing the block. A message of which nothing would be left
    /// keeps the text `(empty)`, so that roles still alternate; a last turn of
    /// the model's is removed.
    EmptyText = "empty-text", Rejected, text::empty_text;

    /// A text of white space alone; in a tool's result also one of no
    /// characters.
    ///
    /// Models differ. Claude Opus 4.8 answers "text content blocks must contain
    /// non-whitespace text"
    /// ([hermes-agent 41985](https://github.com/NousResearch/hermes-agent/pull/41985)),
    /// Claude Sonnet 4.5 takes a line feed, and takes every blank tool result
    /// ([hermes-agent 55092](https://github.com/NousResearch/hermes-agent/issues/55092)).
    ///
    /// Mended as [`EmptyText`](Rule::EmptyText). A tool's result is left with
    /// `(empty)` if nothing else is in it.
    BlankText = "blank-text", Suspect, text::blank_text;

    /// The last message is the model's and its text ends in white space.
    ///
    /// On record: "messages: final assistant content cannot end with trailing
    /// whitespace" ([aws-sdk-net 4015](https://github.com/aws/aws-sdk-net/pull/4015)).
    ///
    /// Mended by trimming the end; a text of which nothing is left is removed.
    TrailingWhiteSpace = "trailing-white-space", Rejected, text::trailing_white_space;

    /// A tool's name is not 1 to 64 of `a-z`, `A-Z`, `0-9`, `_` and `-`, in a
    /// definition, a call or the tool choice.
    ///
    /// AWS: [`ToolSpecification`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html).
    /// On record: "Value at 'messages.73.member.content.2.member.toolUse.name'
    /// failed to satisfy constraint: Member must satisfy regular expression
    /// pattern: [a-zA-Z0-9_-]+"
    /// ([openclaw 12892](https://github.com/openclaw/openclaw/issues/12892)).
    ///
    /// Mended by a name in the pattern, the same wherever the old one stood.
    /// The model then calls the tool by the new name.
    ToolName = "tool-name", Rejected, names::tool_name;

    /// The id of a call is not 1 to 64 of `a-z`, `A-Z`, `0-9`, `_`, `.`, `:`
    /// and `-`, in the call or its result.
    ///
    /// AWS: [`ToolUseBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html).
    /// On record: "Value at
    /// 'messages.2.member.content.1.member.toolUse.toolUseId' failed to satisfy
    /// constraint: Member must have length less than or equal to 64"
    /// ([Roo-Code 10902](https://github.com/RooCodeInc/Roo-Code/pull/10902)).
    ///
    /// Mended by an id in the pattern, the same in the call and its result.
    ToolUseId = "tool-use-id", Rejected, names::tool_use_id;

    /// Two calls in one message have the same id.
    ///
    /// On record: "The toolUse blocks at messages.2.content contain duplicate
    /// Ids: `http_request`"
    /// ([Cyber-AutoAgent 27](https://github.com/double16/Cyber-AutoAgent-ng/issues/27)).
    ///
    /// Mended by a new id for each but the first, and for its result.
    DuplicateToolUseId = "duplicate-tool-use-id", Rejected, pairs::duplicate_id;

    /// A call's result does not stand in the next message.
    ///
    /// On record: "Expected toolResult blocks at messages.2.content for the
    /// following Ids: ..."
    /// ([agno 6698](https://github.com/agno-agi/agno/issues/6698)). Calls that
    /// the service ran itself, `server_tool_use`, and calls answered in their
    /// own message need none.
    ///
    /// Mended by moving the result there if it stands further on, else by a
    /// result of status `error` that says that none is known.
    ToolUseWithoutResult = "tool-use-without-result", Rejected, pairs::without_result;

    /// A result of the user's answers no call of the message before it, or one
    /// that is already answered.
    ///
    /// On record: "The number of toolResult blocks at messages.2.content
    /// exceeds the number of toolUse blocks of previous turn."
    /// ([harness-sdk 1435](https://github.com/strands-agents/harness-sdk/issues/1435)),
    /// and the rejection of two results of one id
    /// ([Kiro 9355](https://github.com/kirodotdev/Kiro/issues/9355)).
    ///
    /// Mended by putting what is in the result into the message itself, JSON as
    /// text.
    ToolResultWithoutUse = "tool-result-without-use", Rejected, pairs::without_use;

    /// A tool's result of status `error` has no content.
    ///
    /// On record: "The content field at messages.2.content.0.toolResult cannot
    /// be empty when status value is error."
    /// ([sample-multi-agent-orchestration 15](https://github.com/aws-samples/sample-multi-agent-orchestration-chat-on-agentcore/issues/15)).
    ///
    /// Mended with the text `(empty)`.
    EmptyErrorResult = "empty-error-result", Rejected, results::empty_error;

    /// A tool's result of another status has no content.
    ///
    /// Models differ: Nemotron rejects it, Claude takes it
    /// ([harness-sdk 2123](https://github.com/strands-agents/harness-sdk/pull/2123)).
    ///
    /// Mended with the text `(empty)`.
    EmptyToolResult = "empty-tool-result", Suspect, results::empty;

    /// The JSON of a tool's result is no object.
    ///
    /// Models differ: "The format of the value at
    /// messages.2.content.0.toolResult.content.0.json is invalid. Provide a
    /// json object for the field and try again."
    /// ([aichat 1550](https://github.com/sigoden/aichat/pull/1550)); Nova Lite
    /// takes a number.
    ///
    /// Mended by making it a text.
    ToolResultJson = "tool-result-json-not-an-object", Suspect, results::json_not_an_object;

    /// The input of a call is no JSON object.
    ///
    /// On record: "The format of the value at
    /// messages.15.content.1.toolUse.input is invalid. Provide a json object
    /// for the field and try again."
    /// ([nao 1005](https://github.com/getnao/nao/issues/1005)).
    ///
    /// Mended by the object that a string holds, by `{}` for nothing, else by
    /// `{"input": ...}` around the value.
    ToolInput = "tool-input-not-an-object", Rejected, inputs::call_input;

    /// The root of a tool's input schema is not of type `object`.
    ///
    /// On record: "The value at
    /// toolConfig.tools.3.toolSpec.inputSchema.json.type must be one of the
    /// following: object."
    /// ([goose 5064](https://github.com/aaif-goose/goose/pull/5064)).
    ///
    /// Mended where the type is left out; there is no safe change of another
    /// type, or of a schema that is no object.
    ToolInputSchema = "tool-input-schema", Rejected, inputs::schema;

    /// A tool's description has no characters.
    ///
    /// On record: "Value '' at
    /// 'toolConfig.tools.15.member.toolSpec.description' failed to satisfy
    /// constraint: Member must have length greater than or equal to 1"
    /// ([vercel/ai 10260](https://github.com/vercel/ai/pull/10260)).
    ///
    /// Mended by leaving the description out.
    EmptyToolDescription = "empty-tool-description", Rejected, tools::empty_description;

    /// Two tools have the same name.
    ///
    /// On record: "The tool grep is already defined at toolConfig.tools.10.", by
    /// Claude Haiku 4.5 and GLM 4.7 Flash (see also
    /// [amazon-bedrock-client-for-mac 123](https://github.com/aws-samples/amazon-bedrock-client-for-mac/pull/123)).
    ///
    /// Mended by removing an equal tool and by giving a different one a new
    /// name.
    DuplicateToolName = "duplicate-tool-name", Rejected, tools::duplicate_name;

    /// The list of tools is empty.
    ///
    /// On record: "Value at 'toolConfig.tools' failed to satisfy constraint:
    /// Member must have length greater than or equal to 1"
    /// ([Portkey 1124](https://github.com/Portkey-AI/gateway/issues/1124)).
    ///
    /// Mended by removing `toolConfig`; not where it has members that this
    /// version does not know.
    EmptyTools = "empty-tools", Rejected, tools::empty;

    /// There are calls or results of tools, but no `toolConfig`.
    ///
    /// On record: "The toolConfig field must be defined when using toolUse and
    /// toolResult content blocks."
    /// ([dify 17545](https://github.com/langgenius/dify/issues/17545)).
    ///
    /// Mended by a placeholder tool that the model is told not to call.
    ToolConfigMissing = "tool-config-missing", Rejected, tools::config_missing;

    /// A document's name is not 1 to 200 of letters and digits of ASCII,
    /// spaces, `-`, `(`, `)`, `[` and `]`, or has two spaces in a row.
    ///
    /// AWS: [`DocumentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html).
    /// On record: "The document file name can only contain alphanumeric
    /// characters, whitespace characters, hyphens, parentheses, and square
    /// brackets. ..."
    /// ([vercel/ai 20365](https://github.com/vercel/ai/issues/20365)); tabs and
    /// U+3000 are rejected too
    /// ([generative-ai-use-cases 1677](https://github.com/aws-samples/generative-ai-use-cases/pull/1677)).
    /// Underscores are a rule of their own.
    ///
    /// Mended by a space for each run of other characters.
    DocumentName = "document-name", Rejected, documents::name;

    /// A document's name has an underscore and nothing else that is wrong.
    ///
    /// Records disagree: AWS's documentation does not allow it, the service
    /// takes it ([generative-ai-use-cases 1671](https://github.com/aws-samples/generative-ai-use-cases/issues/1671)).
    ///
    /// Mended by a hyphen.
    DocumentNameUnderscore = "document-name-underscore", Suspect, documents::underscore;

    /// Two documents have the same name, in messages or tools' results.
    ///
    /// On record: "Messages can't contain duplicate document names. Rename the
    /// document and retry your request."
    /// ([bifrost 7003](https://github.com/maximhq/bifrost/issues/7003)).
    ///
    /// Mended by a number after each but the first.
    DuplicateDocumentName = "duplicate-document-name", Rejected, documents::duplicate_name;

    /// A message has a document but no text.
    ///
    /// AWS: [`Message`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html).
    /// On record: "A text block must be included when using documents."
    /// ([bifrost 5817](https://github.com/maximhq/bifrost/pull/5817)).
    ///
    /// Mended by a text before the first document that says that it is
    /// attached.
    DocumentWithoutText = "document-without-text", Rejected, documents::without_text;

    /// There are more than five documents.
    ///
    /// AWS: [`Message`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html).
    /// On record: "You can't include more than 5 documents in a request."
    /// ([generative-ai-use-cases 1685](https://github.com/aws-samples/generative-ai-use-cases/issues/1685)).
    ///
    /// Not mended: which documents can go is the caller's to say.
    TooManyDocuments = "too-many-documents", Rejected, documents::too_many;

    /// The bytes of an image are not of the format it is said to have.
    ///
    /// Models differ in whether they look. Nova Lite does: "The detected file
    /// MIME type text/plain does not match the expected type image/png.
    /// Reformat your input and try again.", an exception in a stream.
    ///
    /// Mended by the format that the first bytes tell; there is no change where
    /// they tell none.
    ImageFormat = "image-format", Suspect, images::format;

    /// A cache point follows reasoning.
    ///
    /// On record: "Cache point cannot be inserted after reasoning block. Please
    /// remove the invalid cache point and try again."
    /// ([opencode 36517](https://github.com/anomalyco/opencode/issues/36517)).
    ///
    /// Mended by moving it before the reasoning; it is removed where nothing
    /// stands before that, or a cache point already does.
    CachePointAfterReasoning = "cache-point-after-reasoning", Rejected, cache::after_reasoning;

    /// A cache point is the first in its message.
    ///
    /// On record: "There is nothing available to cache."
    /// ([harness-sdk 3677](https://github.com/strands-agents/harness-sdk/pull/3677)).
    ///
    /// Mended by removing it; a message of cache points alone gets the text
    /// `(empty)` before the first.
    CachePointFirst = "cache-point-first", Rejected, cache::first;

    /// There are more than four cache points.
    ///
    /// AWS: [Prompt caching](https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html),
    /// at most four checkpoints in a request. On record: "A maximum of 4 blocks
    /// with `cache_control` may be provided. Found 5." from Claude
    /// ([bifrost 5931](https://github.com/maximhq/bifrost/pull/5931) cuts to four).
    ///
    /// Mended by removing the earliest of the messages', then of the system
    /// prompt's, then of the tools': a later one covers what stands before it.
    TooManyCachePoints = "too-many-cache-points", Rejected, cache::too_many;

    /// A cache point of `1h` comes after one of `5m`, which is also what one
    /// without a TTL has; the order is tools, system, messages.
    ///
    /// On record: "a ttl='1h' `cache_control` block must not come after a
    /// ttl='5m' `cache_control` block. Note that blocks are processed in the
    /// following order: `tools`, `system`, `messages`."
    /// ([Portkey 1762](https://github.com/Portkey-AI/gateway/issues/1762)).
    ///
    /// Mended by `5m` for the later one: a write to the cache for an hour costs
    /// more, and only the caller can want that.
    CacheTtlGrows = "cache-ttl-grows", Rejected, ttl::grows;

    /// Two messages in a row have the same role.
    ///
    /// Models differ: "A conversation must alternate between user and assistant
    /// roles." ([langchain-aws 130](https://github.com/langchain-ai/langchain-aws/issues/130));
    /// Nova Lite and Titan take it.
    ///
    /// Mended by moving the content of the second into the first; not where the
    /// second has members that this version does not know.
    RolesDoNotAlternate = "roles-do-not-alternate", Suspect, roles::do_not_alternate;

    /// The first message is the model's.
    ///
    /// Models differ: "A conversation must start with a user message. Try again
    /// with a conversation that starts with a user message." from Nova Micro
    /// (see also [strands sdk-typescript 727](https://github.com/strands-agents/sdk-typescript/issues/727));
    /// Claude Sonnet 4.5 takes it.
    ///
    /// Not mended: what the user said is not ours to make up.
    FirstMessageNotUser = "first-message-not-user", Suspect, roles::first_not_user;

    /// The last message is the model's, for it to continue.
    ///
    /// Models differ: Claude continues it up to 4.5; later ones answer "This
    /// model does not support assistant message prefill. The conversation must
    /// end with a user message."
    /// ([skyvern 4795](https://github.com/Skyvern-AI/skyvern/pull/4795)).
    ///
    /// Not mended: what the user said is not ours to make up.
    LastMessageNotUser = "last-message-not-user", Suspect, roles::last_not_user;

    /// There are no messages.
    ///
    /// The body does not tell: it is right where the model's id names a prompt
    /// of Prompt management
    /// ([Converse](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html)),
    /// and else answered, by `CountTokens` as seen, with "A conversation must start
    /// with a user message."
    ///
    /// Not mended: what the user said is not ours to make up.
    NoMessages = "no-messages", Suspect, roles::none;
}

impl fmt::Display for Rule {
    /// The id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// No rule has this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no rule is called `{0}`; `Rule::ALL` lists them")]
pub struct UnknownRule(pub String);

impl FromStr for Rule {
    type Err = UnknownRule;

    /// The rule of an id.
    ///
    /// # Errors
    /// Where no rule has it.
    fn from_str(id: &str) -> Result<Self, UnknownRule> {
        let rule = Rule::ALL.iter().find(|rule| rule.id() == id);
        rule.copied().ok_or_else(|| UnknownRule(id.to_owned()))
    }
}
