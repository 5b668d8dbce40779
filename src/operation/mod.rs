//! One file an operation: input to [`Request`], answer to output or
//! [`ServiceError`](crate::fault::ServiceError).
//!
//! Nothing here sends anything. An operation's `build` makes the request,
//! [`Request`] signs it, any HTTP client sends it, and the operation's `parse`
//! reads what comes back, or [`EventDecoder`](crate::stream::EventDecoder)
//! does.
//!
//! # Converse or InvokeModel
//!
//! [`converse`] and [`converse_stream`] speak one format to every model that
//! Bedrock offers for chat: the request is the same whoever made the model,
//! and so is the answer. [`invoke_model`] and
//! [`invoke_model_with_response_stream`] pass the model's own format through,
//! unread.
//!
//! - Converse, unless there is a reason: it is checked ([`lint`](crate::lint)),
//!   typed, portable from model to model, and what it does not model goes in by
//!   `additionalModelRequestFields`.
//! - InvokeModel for models that are no chat (embeddings, images, rerankers),
//!   for requests that exist in a model's own format already (a program written
//!   against Claude's Messages API), and for what a model has and Converse
//!   cannot say.
//! - [`start_async_invoke`] for what takes minutes and goes to S3, such as
//!   video.

pub mod apply_guardrail;
pub mod converse;
pub mod converse_stream;
pub mod count_tokens;
pub mod get_async_invoke;
pub mod get_foundation_model;
pub mod get_inference_profile;
pub mod invoke_guardrail_checks;
pub mod invoke_model;
pub mod invoke_model_with_response_stream;
pub mod list_async_invokes;
pub mod list_foundation_models;
pub mod list_inference_profiles;
pub mod start_async_invoke;

mod answer;
mod body;
mod conversation;
mod label;
mod model_id;
mod name;
mod page;
mod query;
mod request;

pub use answer::{Answer, AnswerError, ContentTypeError, is_error, parse_error};
pub use body::Body;
pub use conversation::{Conversation, ConverseInput};
pub use label::{LabelError, LabelProblem};
pub use model_id::{ModelId, ModelIdError};
pub use name::{Operation, Target};
pub use page::Paged;
pub use request::{BuildError, HeaderError, Request};
