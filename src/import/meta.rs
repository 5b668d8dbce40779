//! What is told about a recorded body in the files beside it.

use std::path::Path;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ImportError;
use crate::operation::{Operation, Target};

/// `response.meta.json`. Members that are not read are not named here.
#[derive(Deserialize)]
pub(super) struct ResponseMeta {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) operation: String,
    pub(super) model: String,
    pub(super) body_exactness: Option<String>,
    pub(super) source_repo: Option<String>,
    pub(super) source_path: Option<String>,
    pub(super) source_commit: Option<String>,
    pub(super) licence: Option<String>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
    pub(super) read_sizes: Option<Vec<usize>>,
}

/// `request.meta.json`.
#[derive(Deserialize)]
pub(super) struct RequestMeta {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body_exactness: Option<String>,
}

impl ResponseMeta {
    /// Refuses what no server could answer with.
    pub(super) fn check(&self, path: &Path) -> Result<(), ImportError> {
        let Some(operation) = Operation::from_name(&self.operation) else {
            let reason = format!("`{}` is no operation that is known", self.operation);
            return Err(malformed(path, "operation", &reason));
        };
        Target::new(operation, &*self.model).map_err(|error| malformed(path, "model", &error))?;
        if self.status(path)?.is_informational() {
            let reason = format!("{} is no final status", self.status);
            return Err(malformed(path, "status", &reason));
        }
        Ok(())
    }

    pub(super) fn status(&self, path: &Path) -> Result<StatusCode, ImportError> {
        StatusCode::from_u16(self.status).map_err(|error| malformed(path, "status", &error))
    }

    pub(super) fn headers(&self, path: &Path) -> Result<HeaderMap, ImportError> {
        header_map(&self.headers, path)
    }
}

impl RequestMeta {
    /// Whether the request is known at all.
    pub(super) fn is_recorded(&self) -> bool {
        self.body_exactness.as_deref() != Some("not recorded")
    }

    pub(super) fn method(&self, path: &Path) -> Result<Method, ImportError> {
        self.method.parse().map_err(|error| malformed(path, "method", &error))
    }

    /// The path of the URL with its query, as it was sent.
    pub(super) fn url_path(&self, path: &Path) -> Result<String, ImportError> {
        let uri: Uri = self.url.parse().map_err(|error| malformed(path, "url", &error))?;
        Ok(uri.path_and_query().map_or("/", |path| path.as_str()).to_owned())
    }

    pub(super) fn headers(&self, path: &Path) -> Result<HeaderMap, ImportError> {
        header_map(&self.headers, path)
    }
}

/// Reads the JSON in the file at `path`.
pub(super) fn parse<T: DeserializeOwned>(path: &Path, json: &[u8]) -> Result<T, ImportError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let member = error.path().to_string();
        malformed(path, &member, error.inner())
    })?;
    deserializer.end().map_err(|error| malformed(path, ".", &error))?;
    Ok(value)
}

fn header_map(pairs: &[(String, String)], path: &Path) -> Result<HeaderMap, ImportError> {
    let mut map = HeaderMap::with_capacity(pairs.len());
    for (index, (name, value)) in pairs.iter().enumerate() {
        let member = |part| format!("headers[{index}][{part}]");
        let name: HeaderName = name.parse().map_err(|error| malformed(path, &member(0), &error))?;
        let value =
            HeaderValue::from_str(value).map_err(|error| malformed(path, &member(1), &error))?;
        map.append(name, value);
    }
    Ok(map)
}

pub(super) fn malformed(path: &Path, member: &str, reason: &impl ToString) -> ImportError {
    let (path, reason) = (path.to_owned(), reason.to_string());
    ImportError::Malformed { path, member: member.to_owned(), reason }
}
