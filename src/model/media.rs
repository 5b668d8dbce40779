//! Images, documents, audio and video, in the request or in S3.

use super::citation::CitationsConfig;
use super::content::ErrorBlock;
use super::shape::{Blob, Text, enumeration, structure, union};

structure! {
    /// An image.
    ///
    /// AWS: [`ImageBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html).
    ImageBlock {
        required {
            /// The format of an image.
            format: ImageFormat = "format",
            /// Where the bytes of an image are.
            source: ImageSource = "source",
        }
        optional {
            /// Why a part of an answer could not be made.
            error: ErrorBlock = "error",
        }
    }
}

enumeration! {
    /// The format of an image.
    ImageFormat {
        Png = "png",
        Jpeg = "jpeg",
        Gif = "gif",
        Webp = "webp",
    }
}

union! {
    /// Where the bytes of an image are.
    ///
    /// AWS: [`ImageSource`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageSource.html).
    ImageSource {
        /// The `bytes` of AWS's model.
        ///
        /// Constraints: at least 1 byte.
        Bytes(Blob) = "bytes",
        /// An object in Amazon S3.
        S3Location(S3Location) = "s3Location",
    }
}

structure! {
    /// A document.
    ///
    /// AWS: [`DocumentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html).
    DocumentBlock {
        required {
            /// A neutral name: the model reads it.
            ///
            /// Constraints: 1 to 200 characters.
            name: Text = "name",
            /// Where the content of a document is.
            source: DocumentSource = "source",
        }
        optional {
            /// The format of a document.
            format: DocumentFormat = "format",
            /// Context for the model.
            context: Text = "context",
            /// Whether the model is to cite it.
            citations: CitationsConfig = "citations",
        }
    }
}

enumeration! {
    /// The format of a document.
    DocumentFormat {
        Pdf = "pdf",
        Csv = "csv",
        Doc = "doc",
        Docx = "docx",
        Xls = "xls",
        Xlsx = "xlsx",
        Html = "html",
        Txt = "txt",
        Md = "md",
    }
}

union! {
    /// Where the content of a document is.
    ///
    /// AWS: [`DocumentSource`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentSource.html).
    DocumentSource {
        /// The `bytes` of AWS's model.
        ///
        /// Constraints: at least 1 byte.
        Bytes(Blob) = "bytes",
        /// An object in Amazon S3.
        S3Location(S3Location) = "s3Location",
        /// The `text` of AWS's model.
        Text(Text) = "text",
        /// The `content`.
        Content(Vec<DocumentContentBlock>) = "content",
    }
}

union! {
    /// A part of a document given as text.
    ///
    /// AWS: [`DocumentContentBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentContentBlock.html).
    DocumentContentBlock {
        /// The `text` of AWS's model.
        Text(Text) = "text",
    }
}

structure! {
    /// A piece of audio.
    ///
    /// AWS: [`AudioBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AudioBlock.html).
    AudioBlock {
        required {
            /// The format of a piece of audio.
            format: AudioFormat = "format",
            /// Where the bytes of a piece of audio are.
            source: AudioSource = "source",
        }
        optional {
            /// Why a part of an answer could not be made.
            error: ErrorBlock = "error",
        }
    }
}

enumeration! {
    /// The format of a piece of audio.
    AudioFormat {
        Mp3 = "mp3",
        Opus = "opus",
        Wav = "wav",
        Aac = "aac",
        Flac = "flac",
        Mp4 = "mp4",
        Ogg = "ogg",
        Mkv = "mkv",
        Mka = "mka",
        XAac = "x-aac",
        M4a = "m4a",
        Mpeg = "mpeg",
        Mpga = "mpga",
        Pcm = "pcm",
        Webm = "webm",
    }
}

union! {
    /// Where the bytes of a piece of audio are.
    ///
    /// AWS: [`AudioSource`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AudioSource.html).
    AudioSource {
        /// The `bytes` of AWS's model.
        ///
        /// Constraints: at least 1 byte.
        Bytes(Blob) = "bytes",
        /// An object in Amazon S3.
        S3Location(S3Location) = "s3Location",
    }
}

structure! {
    /// A video.
    ///
    /// AWS: [`VideoBlock`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_VideoBlock.html).
    VideoBlock {
        required {
            /// The format of a video.
            format: VideoFormat = "format",
            /// Where the bytes of a video are.
            source: VideoSource = "source",
        }
    }
}

enumeration! {
    /// The format of a video.
    VideoFormat {
        Mkv = "mkv",
        Mov = "mov",
        Mp4 = "mp4",
        Webm = "webm",
        Flv = "flv",
        Mpeg = "mpeg",
        Mpg = "mpg",
        Wmv = "wmv",
        ThreeGp = "three_gp",
    }
}

union! {
    /// Where the bytes of a video are.
    ///
    /// AWS: [`VideoSource`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_VideoSource.html).
    VideoSource {
        /// The `bytes` of AWS's model.
        ///
        /// Constraints: at least 1 byte.
        Bytes(Blob) = "bytes",
        /// An object in Amazon S3.
        S3Location(S3Location) = "s3Location",
    }
}

structure! {
    /// An object in Amazon S3.
    ///
    /// AWS: [`S3Location`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_S3Location.html).
    S3Location {
        required {
            /// `s3://bucket/key`.
            ///
            /// Constraints: 1 to 1024 characters; pattern `s3://[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](/.*)?`.
            uri: Text = "uri",
        }
        optional {
            /// The account that owns the bucket.
            ///
            /// Constraints: pattern `[0-9]{12}`.
            bucket_owner: Text = "bucketOwner",
        }
    }
}
