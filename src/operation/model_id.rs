//! The model's id as one segment of a path.

use std::fmt;

use percent_encoding::utf8_percent_encode;

use super::label::RESERVED;

/// The id of a model, an inference profile, a prompt or whatever else Bedrock
/// takes in its place: a name such as `anthropic.claude-3-haiku-20240307-v1:0`
/// or an ARN.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ModelId(String);

/// Why a string cannot be a model's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelIdError {
    /// There is nothing.
    #[error("the model id is empty: give the id or ARN of a model or inference profile")]
    Empty,
    /// Only dots: URL libraries would take it for a step up or none.
    #[error("the model id `{0}` is made of dots only, which a URL's path does not keep")]
    Dots(String),
}

impl ModelId {
    /// Checks and takes an id, as it is and not percent-encoded.
    ///
    /// # Errors
    /// Where the id cannot be a segment of a path.
    pub fn new(id: impl Into<String>) -> Result<Self, ModelIdError> {
        let id = id.into();
        if id.is_empty() {
            return Err(ModelIdError::Empty);
        }
        if id.bytes().all(|byte| byte == b'.') {
            return Err(ModelIdError::Dots(id));
        }
        Ok(ModelId(id))
    }

    /// The id as it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one segment of a path: everything but unreserved characters
    /// percent-encoded, colons and slashes too. The service answers a path
    /// with a slash in its place with `UnknownOperationException`.
    pub fn path_segment(&self) -> String {
        utf8_percent_encode(&self.0, RESERVED).to_string()
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl TryFrom<&str> for ModelId {
    type Error = ModelIdError;

    fn try_from(id: &str) -> Result<Self, ModelIdError> {
        ModelId::new(id)
    }
}

impl TryFrom<String> for ModelId {
    type Error = ModelIdError;

    fn try_from(id: String) -> Result<Self, ModelIdError> {
        ModelId::new(id)
    }
}

impl TryFrom<&String> for ModelId {
    type Error = ModelIdError;

    fn try_from(id: &String) -> Result<Self, ModelIdError> {
        ModelId::new(id.as_str())
    }
}

impl TryFrom<&ModelId> for ModelId {
    type Error = ModelIdError;

    fn try_from(id: &ModelId) -> Result<Self, ModelIdError> {
        Ok(id.clone())
    }
}

impl From<std::convert::Infallible> for ModelIdError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_segment_whatever_is_in_it() {
        for (id, segment) in [
            (
                "anthropic.claude-3-7-sonnet-20250219-v1:0",
                "anthropic.claude-3-7-sonnet-20250219-v1%3A0",
            ),
            (
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x-v1:0",
                "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.x-v1%3A0",
            ),
            (
                "a!*'()$&+,;=@:/?#[]%41 b",
                "a%21%2A%27%28%29%24%26%2B%2C%3B%3D%40%3A%2F%3F%23%5B%5D%2541%20b",
            ),
            ("é", "%C3%A9"),
        ] {
            let model = ModelId::new(id).unwrap();
            assert_eq!(model.path_segment(), segment);
        }
    }

    #[test]
    fn an_id_that_a_path_would_not_keep_is_an_error() {
        assert_eq!(ModelId::new(""), Err(ModelIdError::Empty));
        for dots in [".", "..", "..."] {
            assert_eq!(ModelId::new(dots), Err(ModelIdError::Dots(dots.to_owned())));
        }
        ModelId::new("..a").unwrap();
    }
}
