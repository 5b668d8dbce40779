//! Content blocks and the sources of their bytes.

use bytes::Bytes;

use crate::model::{
    AudioBlock, AudioFormat, AudioSource, Blob, CachePointBlock, CachePointType, CacheTTL,
    CitationsConfig, ContentBlock, DocumentBlock, DocumentFormat, DocumentSource, ImageBlock,
    ImageFormat, ImageSource, Message, S3Location, SystemContentBlock, VideoBlock, VideoFormat,
    VideoSource,
};

/// Bytes, or an object in S3, as a source of media.
macro_rules! sources {
    ($($Source:ident),+) => {$(
        impl From<Bytes> for $Source {
            /// `{"bytes":"<base64>"}`
            fn from(bytes: Bytes) -> Self {
                $Source::Bytes(bytes.into())
            }
        }

        impl From<Vec<u8>> for $Source {
            /// `{"bytes":"<base64>"}`
            fn from(bytes: Vec<u8>) -> Self {
                $Source::Bytes(bytes.into())
            }
        }

        impl From<&[u8]> for $Source {
            /// `{"bytes":"<base64>"}`
            fn from(bytes: &[u8]) -> Self {
                $Source::Bytes(Blob::from(bytes))
            }
        }

        impl From<S3Location> for $Source {
            /// `{"s3Location":{"uri":"s3://..."}}`
            fn from(location: S3Location) -> Self {
                $Source::S3Location(location)
            }
        }
    )+};
}

sources!(AudioSource, DocumentSource, ImageSource, VideoSource);

impl ContentBlock {
    /// An image, from bytes or from S3.
    ///
    /// ```
    /// use bedrock_wire::model::{ContentBlock, S3Location};
    ///
    /// let image = ContentBlock::image("png", &b"\x89PNG"[..]);
    /// assert_eq!(
    ///     serde_json::to_string(&image)?,
    ///     r#"{"image":{"format":"png","source":{"bytes":"iVBORw=="}}}"#
    /// );
    /// let stored = ContentBlock::image("png", S3Location::new("s3://bucket/cat.png"));
    /// assert_eq!(
    ///     serde_json::to_string(&stored)?,
    ///     r#"{"image":{"format":"png","source":{"s3Location":{"uri":"s3://bucket/cat.png"}}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn image(format: impl Into<ImageFormat>, source: impl Into<ImageSource>) -> Self {
        ContentBlock::Image(ImageBlock::new(format, source))
    }

    /// A document, from bytes or from S3. The model reads its name.
    ///
    /// ```
    /// use bedrock_wire::model::ContentBlock;
    ///
    /// let document = ContentBlock::document("txt", "Notes", &b"hi"[..]);
    /// assert_eq!(
    ///     serde_json::to_string(&document)?,
    ///     r#"{"document":{"name":"Notes","source":{"bytes":"aGk="},"format":"txt"}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn document(
        format: impl Into<DocumentFormat>,
        name: impl Into<String>,
        source: impl Into<DocumentSource>,
    ) -> Self {
        ContentBlock::Document(DocumentBlock::new(name.into(), source).format(format))
    }

    /// A document that the model is to cite.
    ///
    /// ```
    /// use bedrock_wire::model::ContentBlock;
    ///
    /// let document = ContentBlock::cited_document("pdf", "Report", &b"%PDF"[..]);
    /// assert_eq!(
    ///     serde_json::to_string(&document)?,
    ///     r#"{"document":{"name":"Report","source":{"bytes":"JVBERg=="},"format":"pdf","citations":{"enabled":true}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn cited_document(
        format: impl Into<DocumentFormat>,
        name: impl Into<String>,
        source: impl Into<DocumentSource>,
    ) -> Self {
        let block = DocumentBlock::new(name.into(), source).format(format);
        ContentBlock::Document(block.citations(CitationsConfig::new(true)))
    }

    /// Audio, from bytes or from S3.
    ///
    /// ```
    /// use bedrock_wire::model::ContentBlock;
    ///
    /// let audio = ContentBlock::audio("wav", &b"RIFF"[..]);
    /// assert_eq!(
    ///     serde_json::to_string(&audio)?,
    ///     r#"{"audio":{"format":"wav","source":{"bytes":"UklGRg=="}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn audio(format: impl Into<AudioFormat>, source: impl Into<AudioSource>) -> Self {
        ContentBlock::Audio(AudioBlock::new(format, source))
    }

    /// A video, from bytes or from S3.
    ///
    /// ```
    /// use bedrock_wire::model::{ContentBlock, S3Location};
    ///
    /// let owned = S3Location::new("s3://bucket/cat.mp4").bucket_owner("123456789012");
    /// assert_eq!(
    ///     serde_json::to_string(&ContentBlock::video("mp4", owned))?,
    ///     r#"{"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://bucket/cat.mp4","bucketOwner":"123456789012"}}}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn video(format: impl Into<VideoFormat>, source: impl Into<VideoSource>) -> Self {
        ContentBlock::Video(VideoBlock::new(format, source))
    }

    /// Caches the prompt up to here, for five minutes unless told otherwise.
    ///
    /// ```
    /// use bedrock_wire::model::{CacheTTL, ContentBlock};
    ///
    /// assert_eq!(
    ///     serde_json::to_string(&ContentBlock::cache_point(None))?,
    ///     r#"{"cachePoint":{"type":"default"}}"#
    /// );
    /// assert_eq!(
    ///     serde_json::to_string(&ContentBlock::cache_point(CacheTTL::OneHour))?,
    ///     r#"{"cachePoint":{"type":"default","ttl":"1h"}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn cache_point(ttl: impl Into<Option<CacheTTL>>) -> Self {
        ContentBlock::CachePoint(CachePointBlock::of(ttl))
    }
}

impl CachePointBlock {
    /// A cache point of the one type there is.
    ///
    /// ```
    /// use bedrock_wire::model::{CachePointBlock, CacheTTL};
    ///
    /// let point = CachePointBlock::of(CacheTTL::FiveMinutes);
    /// assert_eq!(serde_json::to_string(&point)?, r#"{"type":"default","ttl":"5m"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn of(ttl: impl Into<Option<CacheTTL>>) -> Self {
        let mut point = CachePointBlock::new(CachePointType::Default);
        point.ttl = ttl.into();
        point
    }
}

impl SystemContentBlock {
    /// Caches the system prompt up to here.
    ///
    /// ```
    /// use bedrock_wire::model::SystemContentBlock;
    ///
    /// let point = SystemContentBlock::cache_point(None);
    /// assert_eq!(serde_json::to_string(&point)?, r#"{"cachePoint":{"type":"default"}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn cache_point(ttl: impl Into<Option<CacheTTL>>) -> Self {
        SystemContentBlock::CachePoint(CachePointBlock::of(ttl))
    }
}

impl Message {
    /// Adds a block at the end.
    ///
    /// ```
    /// use bedrock_wire::model::{ContentBlock, Message};
    ///
    /// let message = Message::user("What is this?").with(ContentBlock::image("png", &b"\x89PNG"[..]));
    /// assert_eq!(message.content.len(), 2);
    /// ```
    #[must_use]
    pub fn with(mut self, block: impl Into<ContentBlock>) -> Self {
        self.content.push(block.into());
        self
    }
}
