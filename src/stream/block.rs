//! One content block, put together from its deltas.

use crate::model::{
    Blob, Citation, CitationGeneratedContent, CitationsContentBlock, ContentBlock,
    ContentBlockDelta, ContentBlockStart, Document, ErrorBlock, Extra, ImageBlock, ImageBlockDelta,
    ImageBlockStart, ImageSource, ReasoningContentBlock, ReasoningContentBlockDelta,
    ReasoningTextBlock, Shape, ToolResultBlock, ToolResultBlockDelta, ToolResultBlockStart,
    ToolResultContentBlock, ToolUseBlock, ToolUseBlockStart,
};

/// What came of the block with one index.
///
/// A block has one kind in practice. Nothing says that it must, so each kind
/// is kept apart and each that came becomes a block of the response.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    reasoning: Option<String>,
    signature: Option<String>,
    redacted: Option<Vec<u8>>,
    reasoning_unknown: Vec<Document>,
    text: Option<String>,
    citations: Vec<Citation>,
    tool_use: Option<ToolUseBlockStart>,
    tool_input: Option<String>,
    tool_result: Option<ToolResultBlockStart>,
    result_content: Vec<ResultContent>,
    image: Option<ImageBlockStart>,
    image_bytes: Option<Vec<u8>>,
    image_sources: Vec<ImageSource>,
    image_error: Option<ErrorBlock>,
    unknown: Vec<Document>,
    stopped: bool,
}

#[derive(Clone, Debug)]
enum ResultContent {
    Text(String),
    Whole(Box<ToolResultContentBlock>),
}

impl Block {
    pub(super) fn start(&mut self, start: ContentBlockStart) {
        match start {
            ContentBlockStart::ToolUse(start) => self.tool_use = Some(start),
            ContentBlockStart::ToolResult(start) => self.tool_result = Some(start),
            ContentBlockStart::Image(start) => self.image = Some(start),
            ContentBlockStart::Unknown(object) => self.unknown.push(object),
        }
    }

    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether its end came.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn add(&mut self, delta: &ContentBlockDelta) {
        match delta {
            ContentBlockDelta::Text(text) => append(&mut self.text, text),
            ContentBlockDelta::ToolUse(delta) => append(&mut self.tool_input, &delta.input),
            ContentBlockDelta::ToolResult(deltas) => deltas.iter().for_each(|d| self.add_result(d)),
            ContentBlockDelta::ReasoningContent(delta) => self.add_reasoning(delta),
            ContentBlockDelta::Citation(delta) => self.citations.push((**delta).detached().into()),
            ContentBlockDelta::Image(delta) => self.add_image(delta),
            ContentBlockDelta::Unknown(object) => self.unknown.push(object.detach()),
        }
    }

    fn add_reasoning(&mut self, delta: &ReasoningContentBlockDelta) {
        match delta {
            ReasoningContentBlockDelta::Text(text) => append(&mut self.reasoning, text),
            ReasoningContentBlockDelta::Signature(piece) => append(&mut self.signature, piece),
            ReasoningContentBlockDelta::RedactedContent(piece) => {
                append_bytes(&mut self.redacted, piece);
            }
            ReasoningContentBlockDelta::Unknown(object) => {
                self.reasoning_unknown.push(object.detach());
            }
        }
    }

    /// Pieces of text that follow one another are one text.
    fn add_result(&mut self, delta: &ToolResultBlockDelta) {
        match (delta, self.result_content.last_mut()) {
            (ToolResultBlockDelta::Text(piece), Some(ResultContent::Text(text))) => {
                text.push_str(piece);
            }
            (ToolResultBlockDelta::Text(piece), _) => {
                self.result_content.push(ResultContent::Text(piece.as_str().to_owned()));
            }
            (ToolResultBlockDelta::Json(document), _) => {
                let block = ToolResultContentBlock::Json(document.detach());
                self.result_content.push(ResultContent::Whole(Box::new(block)));
            }
            (ToolResultBlockDelta::Unknown(object), _) => {
                let block = ToolResultContentBlock::Unknown(object.detach());
                self.result_content.push(ResultContent::Whole(Box::new(block)));
            }
        }
    }

    fn add_image(&mut self, delta: &ImageBlockDelta) {
        match &delta.source {
            Some(ImageSource::Bytes(piece)) => append_bytes(&mut self.image_bytes, piece),
            Some(source @ (ImageSource::S3Location(_) | ImageSource::Unknown(_))) => {
                self.image_sources.push(source.detached());
            }
            None => {}
        }
        if let Some(error) = &delta.error {
            self.image_error = Some(error.detached());
        }
    }

    /// The blocks of the response, and whether a tool's input was no JSON.
    pub(super) fn finish(self) -> (Vec<ContentBlock>, bool) {
        let mut blocks = Vec::with_capacity(1);
        if self.reasoning.is_some() || self.signature.is_some() {
            let mut block = ReasoningTextBlock::new(self.reasoning.unwrap_or_default());
            block.signature = self.signature.map(Into::into);
            blocks
                .push(ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(block)));
        }
        if let Some(redacted) = self.redacted {
            let redacted = ReasoningContentBlock::RedactedContent(Blob::from(redacted));
            blocks.push(ContentBlock::ReasoningContent(redacted));
        }
        blocks.extend(
            self.reasoning_unknown.into_iter().map(|object| {
                ContentBlock::ReasoningContent(ReasoningContentBlock::Unknown(object))
            }),
        );
        blocks.extend(finish_text(self.text, self.citations));
        let (tool_use, malformed) = finish_tool_use(self.tool_use, self.tool_input);
        blocks.extend(tool_use);
        blocks.extend(finish_tool_result(self.tool_result, self.result_content));
        let mut sources = self.image_sources;
        sources.extend(self.image_bytes.map(|bytes| ImageSource::Bytes(bytes.into())));
        blocks.extend(finish_images(self.image, sources, self.image_error.as_ref()));
        blocks.extend(self.unknown.into_iter().map(ContentBlock::Unknown));
        (blocks, malformed)
    }
}

/// Whether a block can hold a delta. What is not known is kept as it came; but
/// where a block has a member of that name and another form, it could be written
/// and never be read.
pub(super) fn has_place_for(delta: &ContentBlockDelta) -> bool {
    match delta {
        ContentBlockDelta::Unknown(object) => object.to::<ContentBlock>().is_ok(),
        ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Unknown(object)) => {
            object.to::<ReasoningContentBlock>().is_ok()
        }
        ContentBlockDelta::ToolResult(parts) => parts.iter().all(|part| match part {
            ToolResultBlockDelta::Unknown(object) => object.to::<ToolResultContentBlock>().is_ok(),
            ToolResultBlockDelta::Text(_) | ToolResultBlockDelta::Json(_) => true,
        }),
        ContentBlockDelta::Text(_)
        | ContentBlockDelta::ToolUse(_)
        | ContentBlockDelta::ReasoningContent(_)
        | ContentBlockDelta::Citation(_)
        | ContentBlockDelta::Image(_) => true,
    }
}

/// Whether a block can be begun by a start; as [`has_place_for`].
pub(super) fn can_begin_with(start: &ContentBlockStart) -> bool {
    match start {
        ContentBlockStart::Unknown(object) => object.to::<ContentBlock>().is_ok(),
        ContentBlockStart::ToolUse(_)
        | ContentBlockStart::ToolResult(_)
        | ContentBlockStart::Image(_) => true,
    }
}

/// Takes out of a start the unknown members that its block has a field for:
/// beside that they could not be written.
pub(super) fn take_clashes(start: &mut ContentBlockStart) -> Extra {
    let (extra, fields) = match start {
        ContentBlockStart::ToolUse(start) => (&mut start.extra, ToolUseBlock::MEMBERS),
        ContentBlockStart::ToolResult(start) => (&mut start.extra, ToolResultBlock::MEMBERS),
        ContentBlockStart::Image(start) => (&mut start.extra, ImageBlock::MEMBERS),
        ContentBlockStart::Unknown(_) => return Extra::new(),
    };
    let mut clashes = Extra::new();
    for name in fields {
        if let Some(value) = extra.remove(name) {
            clashes.insert(*name, value);
        }
    }
    clashes
}

fn append(text: &mut Option<String>, piece: &str) {
    text.get_or_insert_default().push_str(piece);
}

fn append_bytes(bytes: &mut Option<Vec<u8>>, piece: &[u8]) {
    bytes.get_or_insert_default().extend_from_slice(piece);
}

/// Text with citations is a block of another kind.
fn finish_text(text: Option<String>, citations: Vec<Citation>) -> Option<ContentBlock> {
    if citations.is_empty() {
        return text.map(ContentBlock::from);
    }
    let mut block = CitationsContentBlock::new().citations(citations);
    block.content = text.map(|text| vec![CitationGeneratedContent::Text(text.into())]);
    Some(ContentBlock::CitationsContent(block))
}

/// A tool without arguments may get no piece of input at all: its input is the
/// empty object. Pieces that are no JSON, such as those of a call that hit the
/// token limit, are kept as a JSON string.
fn finish_tool_use(
    start: Option<ToolUseBlockStart>,
    input: Option<String>,
) -> (Option<ContentBlock>, bool) {
    let (start, input) = match (start, input) {
        (None, None) => return (None, false),
        (Some(start), input) => (start, input.unwrap_or_default()),
        // The start was not sent: keep the input, under no name.
        (None, Some(input)) => (ToolUseBlockStart::new("", ""), input),
    };
    let (input, malformed) = match input {
        none if none.is_empty() => (Document::default(), false),
        text => match Document::from_json(text.as_str()) {
            Ok(document) => (document, false),
            Err(_) => (Document::string(&text), true),
        },
    };
    let mut block = ToolUseBlock::new(start.tool_use_id, start.name, input);
    block.r#type = start.r#type;
    block.extra = start.extra;
    (Some(ContentBlock::ToolUse(block)), malformed)
}

fn finish_tool_result(
    start: Option<ToolResultBlockStart>,
    content: Vec<ResultContent>,
) -> Option<ContentBlock> {
    if start.is_none() && content.is_empty() {
        return None;
    }
    let start = start.unwrap_or_else(|| ToolResultBlockStart::new(""));
    let content: Vec<_> = content
        .into_iter()
        .map(|part| match part {
            ResultContent::Text(text) => ToolResultContentBlock::Text(text.into()),
            ResultContent::Whole(block) => *block,
        })
        .collect();
    let mut block = ToolResultBlock::new(start.tool_use_id, content);
    block.r#type = start.r#type;
    block.status = start.status;
    block.extra = start.extra;
    Some(ContentBlock::ToolResult(block))
}

/// One image, or several of one format where several sources came.
fn finish_images(
    start: Option<ImageBlockStart>,
    mut sources: Vec<ImageSource>,
    error: Option<&ErrorBlock>,
) -> Vec<ContentBlock> {
    if start.is_none() && sources.is_empty() && error.is_none() {
        return Vec::new();
    }
    if sources.is_empty() {
        // A union without a member: no bytes came.
        sources.push(ImageSource::Unknown(Document::default()));
    }
    let start = start.unwrap_or_else(|| ImageBlockStart::new(""));
    let images = sources.into_iter().map(|source| {
        let mut block = ImageBlock::new(start.format.clone(), source);
        block.error = error.cloned();
        block.extra.clone_from(&start.extra);
        ContentBlock::Image(block)
    });
    images.collect()
}
