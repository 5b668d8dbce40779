//! Where an answer says it has its words from.

use super::shape::{Text, structure, union};

structure! {
    /// Whether the model is to cite a document or search result.
    ///
    /// AWS: [`CitationsConfig`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationsConfig.html).
    CitationsConfig {
        required {
            /// The `enabled` of AWS's model.
            enabled: bool = "enabled",
        }
    }
}

structure! {
    /// Text of an answer with its citations.
    ///
    /// AWS: [`CitationsContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationsContentBlock.html).
    CitationsContentBlock {
        optional {
            /// The `content`.
            content: Vec<CitationGeneratedContent> = "content",
            /// The `citations`.
            citations: Vec<Citation> = "citations",
        }
    }
}

union! {
    /// A part of the text that the citations are for.
    ///
    /// AWS: [`CitationGeneratedContent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationGeneratedContent.html).
    CitationGeneratedContent {
        /// The `text` of AWS's model.
        Text(Text) = "text",
    }
}

structure! {
    /// One citation.
    ///
    /// AWS: [`Citation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html).
    Citation {
        optional {
            /// The `title` of AWS's model.
            title: Text = "title",
            /// The `source` of AWS's model.
            source: Text = "source",
            /// The `sourceContent`.
            source_content: Vec<CitationSourceContent> = "sourceContent",
            /// Where in its source the cited text is.
            location: CitationLocation = "location",
        }
    }
}

union! {
    /// A part of the cited text.
    ///
    /// AWS: [`CitationSourceContent`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationSourceContent.html).
    CitationSourceContent {
        /// The `text` of AWS's model.
        Text(Text) = "text",
    }
}

union! {
    /// Where in its source the cited text is.
    ///
    /// AWS: [`CitationLocation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CitationLocation.html).
    CitationLocation {
        /// A place on the web.
        Web(WebLocation) = "web",
        /// A range of characters in a document.
        DocumentChar(DocumentCharLocation) = "documentChar",
        /// A range of pages in a document.
        DocumentPage(DocumentPageLocation) = "documentPage",
        /// A range of chunks in a document.
        DocumentChunk(DocumentChunkLocation) = "documentChunk",
        /// A range in a search result.
        SearchResultLocation(SearchResultLocation) = "searchResultLocation",
    }
}

structure! {
    /// A place on the web.
    ///
    /// AWS: [`WebLocation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_WebLocation.html).
    WebLocation {
        optional {
            /// The `url` of AWS's model.
            url: Text = "url",
            /// The `domain` of AWS's model.
            domain: Text = "domain",
        }
    }
}

structure! {
    /// A range of characters in a document.
    ///
    /// AWS: [`DocumentCharLocation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentCharLocation.html).
    DocumentCharLocation {
        optional {
            /// The `documentIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            document_index: i32 = "documentIndex",
            /// The `start` of AWS's model.
            ///
            /// Constraints: 0 or more.
            start: i32 = "start",
            /// The `end` of AWS's model.
            ///
            /// Constraints: 0 or more.
            end: i32 = "end",
        }
    }
}

structure! {
    /// A range of pages in a document.
    ///
    /// AWS: [`DocumentPageLocation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentPageLocation.html).
    DocumentPageLocation {
        optional {
            /// The `documentIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            document_index: i32 = "documentIndex",
            /// The `start` of AWS's model.
            ///
            /// Constraints: 0 or more.
            start: i32 = "start",
            /// The `end` of AWS's model.
            ///
            /// Constraints: 0 or more.
            end: i32 = "end",
        }
    }
}

structure! {
    /// A range of chunks in a document.
    ///
    /// AWS: [`DocumentChunkLocation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentChunkLocation.html).
    DocumentChunkLocation {
        optional {
            /// The `documentIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            document_index: i32 = "documentIndex",
            /// The `start` of AWS's model.
            ///
            /// Constraints: 0 or more.
            start: i32 = "start",
            /// The `end` of AWS's model.
            ///
            /// Constraints: 0 or more.
            end: i32 = "end",
        }
    }
}

structure! {
    /// A range in a search result.
    ///
    /// AWS: [`SearchResultLocation`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SearchResultLocation.html).
    SearchResultLocation {
        optional {
            /// The `searchResultIndex` of AWS's model.
            ///
            /// Constraints: 0 or more.
            search_result_index: i32 = "searchResultIndex",
            /// The `start` of AWS's model.
            ///
            /// Constraints: 0 or more.
            start: i32 = "start",
            /// The `end` of AWS's model.
            ///
            /// Constraints: 0 or more.
            end: i32 = "end",
        }
    }
}
