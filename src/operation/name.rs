//! The operations: name, service, method and path of each.

use std::fmt;

use http::Method;
use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::label::{self, LabelError, RESERVED};
use crate::endpoint::Service;

/// The operations of the runtime and of the control plane that are spoken
/// here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /model/{modelId}/converse`
    Converse,
    /// `POST /model/{modelId}/converse-stream`
    ConverseStream,
    /// `POST /model/{modelId}/invoke`
    InvokeModel,
    /// `POST /model/{modelId}/invoke-with-response-stream`
    InvokeModelWithResponseStream,
    /// `POST /model/{modelId}/count-tokens`
    CountTokens,
    /// `POST /guardrail/{guardrailIdentifier}/version/{guardrailVersion}/apply`
    ApplyGuardrail,
    /// `POST /guardrail-checks/invoke`
    InvokeGuardrailChecks,
    /// `POST /async-invoke`
    StartAsyncInvoke,
    /// `GET /async-invoke/{invocationArn}`
    GetAsyncInvoke,
    /// `GET /async-invoke`
    ListAsyncInvokes,
    /// `GET /foundation-models`, of the control plane
    ListFoundationModels,
    /// `GET /foundation-models/{modelIdentifier}`, of the control plane
    GetFoundationModel,
    /// `GET /inference-profiles`, of the control plane
    ListInferenceProfiles,
    /// `GET /inference-profiles/{inferenceProfileIdentifier}`, of the control
    /// plane
    GetInferenceProfile,
}

/// How an operation stands in the service model.
struct Form {
    name: &'static str,
    service: Service,
    method: Method,
    /// Segments in braces are labels.
    path: &'static str,
}

impl Form {
    const fn runtime(name: &'static str, method: Method, path: &'static str) -> Self {
        Form { name, service: Service::Runtime, method, path }
    }

    const fn control_plane(name: &'static str, path: &'static str) -> Self {
        Form { name, service: Service::ControlPlane, method: Method::GET, path }
    }
}

impl Operation {
    /// All of them.
    pub const ALL: &'static [Operation] = &[
        Operation::Converse,
        Operation::ConverseStream,
        Operation::InvokeModel,
        Operation::InvokeModelWithResponseStream,
        Operation::CountTokens,
        Operation::ApplyGuardrail,
        Operation::InvokeGuardrailChecks,
        Operation::StartAsyncInvoke,
        Operation::GetAsyncInvoke,
        Operation::ListAsyncInvokes,
        Operation::ListFoundationModels,
        Operation::GetFoundationModel,
        Operation::ListInferenceProfiles,
        Operation::GetInferenceProfile,
    ];

    const fn form(self) -> Form {
        const GET: Method = Method::GET;
        const POST: Method = Method::POST;
        match self {
            Operation::Converse => Form::runtime("Converse", POST, "/model/{modelId}/converse"),
            Operation::ConverseStream => {
                Form::runtime("ConverseStream", POST, "/model/{modelId}/converse-stream")
            }
            Operation::InvokeModel => Form::runtime("InvokeModel", POST, "/model/{modelId}/invoke"),
            Operation::InvokeModelWithResponseStream => Form::runtime(
                "InvokeModelWithResponseStream",
                POST,
                "/model/{modelId}/invoke-with-response-stream",
            ),
            Operation::CountTokens => {
                Form::runtime("CountTokens", POST, "/model/{modelId}/count-tokens")
            }
            Operation::ApplyGuardrail => Form::runtime(
                "ApplyGuardrail",
                POST,
                "/guardrail/{guardrailIdentifier}/version/{guardrailVersion}/apply",
            ),
            Operation::InvokeGuardrailChecks => {
                Form::runtime("InvokeGuardrailChecks", POST, "/guardrail-checks/invoke")
            }
            Operation::StartAsyncInvoke => Form::runtime("StartAsyncInvoke", POST, "/async-invoke"),
            Operation::GetAsyncInvoke => {
                Form::runtime("GetAsyncInvoke", GET, "/async-invoke/{invocationArn}")
            }
            Operation::ListAsyncInvokes => Form::runtime("ListAsyncInvokes", GET, "/async-invoke"),
            Operation::ListFoundationModels => {
                Form::control_plane("ListFoundationModels", "/foundation-models")
            }
            Operation::GetFoundationModel => {
                Form::control_plane("GetFoundationModel", "/foundation-models/{modelIdentifier}")
            }
            Operation::ListInferenceProfiles => {
                Form::control_plane("ListInferenceProfiles", "/inference-profiles")
            }
            Operation::GetInferenceProfile => Form::control_plane(
                "GetInferenceProfile",
                "/inference-profiles/{inferenceProfileIdentifier}",
            ),
        }
    }

    /// The operation's name in the service model.
    pub fn name(self) -> &'static str {
        self.form().name
    }

    /// The service it belongs to, which has a host of its own.
    pub fn service(self) -> Service {
        self.form().service
    }

    /// The method of its requests.
    pub fn method(self) -> Method {
        self.form().method
    }

    /// The path of its requests as the service model has it, such as
    /// `/model/{modelId}/converse`.
    pub fn path_template(self) -> &'static str {
        self.form().path
    }

    /// The operation of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }

    /// Whether the answer is an event stream.
    pub fn is_stream(self) -> bool {
        matches!(self, Operation::ConverseStream | Operation::InvokeModelWithResponseStream)
    }

    /// The names of what its path holds, such as `modelId`.
    fn labels(self) -> impl Iterator<Item = &'static str> {
        self.path_template().split('/').filter_map(label_name)
    }

    /// The path with these labels, each one segment and percent-encoded.
    pub(super) fn path(self, labels: &[&str]) -> Result<String, LabelError> {
        let mut labels = labels.iter();
        let mut path = String::new();
        for segment in self.path_template().split('/').skip(1) {
            path.push('/');
            match label_name(segment) {
                None => path.push_str(segment),
                Some(name) => {
                    let value = label::check(name, labels.next().copied().unwrap_or_default())?;
                    path.extend(utf8_percent_encode(value, RESERVED));
                }
            }
        }
        Ok(path)
    }

    /// The labels in a path, if it is of this operation.
    fn read_path(self, path: &str) -> Option<Vec<String>> {
        let template = self.path_template();
        if path.split('/').count() != template.split('/').count() {
            return None;
        }
        let mut labels = Vec::new();
        for (segment, form) in path.split('/').zip(template.split('/')) {
            match label_name(form) {
                None if segment == form => {}
                None => return None,
                Some(name) => {
                    let value = percent_decode_str(segment).decode_utf8().ok()?;
                    labels.push(label::check(name, &value).ok()?.to_owned());
                }
            }
        }
        Some(labels)
    }
}

/// The name in a segment of a template, if it is a label.
fn label_name(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An operation, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    operation: Operation,
    resource: String,
}

impl Target {
    /// An operation of what its path names: the id or ARN of the model, the
    /// invocation or the inference profile; for ApplyGuardrail the guardrail
    /// and its version with a colon between them, the last one of all. Empty
    /// for the operations whose path names nothing.
    ///
    /// # Errors
    /// Where the operation's path cannot hold the resource.
    pub fn new(operation: Operation, resource: impl Into<String>) -> Result<Self, LabelError> {
        let resource = resource.into();
        let labels: Vec<_> = operation.labels().collect();
        if labels.is_empty() && !resource.is_empty() {
            return Err(LabelError::none_in(operation, resource));
        }
        // From the last one on: an ARN in the first has colons of its own.
        let mut values = resource.rsplitn(labels.len(), ':');
        let mut values: Vec<_> = labels.iter().map_while(|_| values.next()).collect();
        values.reverse();
        for (i, label) in labels.into_iter().enumerate() {
            match values.get(i) {
                Some(value) => label::check(label, value).map(drop)?,
                None => return Err(LabelError::missing_in(label, resource)),
            }
        }
        Ok(Target { operation, resource })
    }

    /// Reads the target off a request's method and path, which stands as it
    /// was sent and without a query. `None` if it is of no operation.
    pub fn of_request(method: &Method, path: &str) -> Option<Self> {
        let of_method = Operation::ALL.iter().filter(|operation| operation.method() == *method);
        let mut found = of_method.filter_map(|operation| {
            let resource = operation.read_path(path)?.join(":");
            Some(Target { operation: *operation, resource })
        });
        found.next()
    }

    /// The operation.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What it is asked of, not percent-encoded; empty where the path names
    /// nothing.
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.resource.as_str() {
            "" => write!(f, "{}", self.operation),
            resource => write!(f, "{} of `{resource}`", self.operation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &Method, path: &str) -> Option<(Operation, String)> {
        Target::of_request(method, path).map(|target| (target.operation, target.resource))
    }

    #[test]
    fn a_path_says_which_operation_and_of_what() {
        use Operation as Op;
        let (get, post) = (Method::GET, Method::POST);
        for (method, path, operation, resource) in [
            (&post, "/model/a.b-v1%3A0/converse", Op::Converse, "a.b-v1:0"),
            (&post, "/model/a.b-v1:0/converse-stream", Op::ConverseStream, "a.b-v1:0"),
            (&post, "/model/arn%3Aaws%3Ax%2Fy/invoke", Op::InvokeModel, "arn:aws:x/y"),
            (&post, "/model/converse/count-tokens", Op::CountTokens, "converse"),
            (&post, "/guardrail/g1/version/DRAFT/apply", Op::ApplyGuardrail, "g1:DRAFT"),
            (&post, "/guardrail-checks/invoke", Op::InvokeGuardrailChecks, ""),
            (&post, "/async-invoke", Op::StartAsyncInvoke, ""),
            (&get, "/async-invoke", Op::ListAsyncInvokes, ""),
            (&get, "/async-invoke/arn%3Aa%2Fb", Op::GetAsyncInvoke, "arn:a/b"),
            (&get, "/foundation-models", Op::ListFoundationModels, ""),
            (&get, "/foundation-models/a.b", Op::GetFoundationModel, "a.b"),
            (&get, "/inference-profiles", Op::ListInferenceProfiles, ""),
            (&get, "/inference-profiles/us.a.b", Op::GetInferenceProfile, "us.a.b"),
        ] {
            assert_eq!(of(method, path), Some((operation, resource.to_owned())), "{path}");
            let other = if method == get { &post } else { &get };
            assert_ne!(of(other, path).map(|found| found.0), Some(operation), "{path}");
        }
    }

    #[test]
    fn what_is_not_one_segment_and_a_known_operation_is_none() {
        for path in [
            "",
            "/",
            "/model",
            "/model/",
            "/model//converse",
            "/model/a",
            "/model/a/",
            "/model/a/converse/",
            "/model/a/b/converse",
            "/model/a/Converse",
            "/model/%2E%2E/converse",
            "/model/%ff/converse",
            "//model/a/converse",
            "/models/a/converse",
            "/guardrail/g1/version//apply",
            "/async-invoke/",
        ] {
            assert_eq!(of(&Method::POST, path), None, "{path}");
        }
    }

    #[test]
    fn every_path_that_is_built_is_read_back() {
        for operation in Operation::ALL {
            let labels: Vec<_> = operation.labels().map(|_| "arn:a/b c").collect();
            let path = operation.path(&labels).unwrap();
            let target = Target::of_request(&operation.method(), &path).unwrap();
            assert_eq!(target, Target::new(*operation, labels.join(":")).unwrap());
        }
    }

    #[test]
    fn a_label_that_a_path_would_not_keep_is_an_error_that_names_it() {
        let error = Operation::ApplyGuardrail.path(&["g", ""]).unwrap_err();
        assert!(error.to_string().contains("guardrailVersion is empty"), "{error}");
        let error = Operation::GetFoundationModel.path(&[".."]).unwrap_err();
        assert!(error.to_string().contains("modelIdentifier `..`"), "{error}");
        assert!(Target::new(Operation::Converse, "").is_err());
        let error = Target::new(Operation::ListAsyncInvokes, "m").unwrap_err();
        assert!(error.to_string().contains("ListAsyncInvokes"), "{error}");
    }

    #[test]
    fn a_guardrail_is_a_target_with_its_version_alone() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:guardrail/g1:DRAFT";
        for resource in ["g1:DRAFT", arn] {
            assert!(Target::new(Operation::ApplyGuardrail, resource).is_ok(), "{resource}");
        }
        for (resource, expected) in [
            ("g1", "the guardrailVersion is not in `g1`"),
            ("", "the guardrailIdentifier is empty"),
            ("g1:", "the guardrailVersion is empty"),
            (":1", "the guardrailIdentifier is empty"),
            ("g1:..", "the guardrailVersion `..` is made of dots"),
            ("..:1", "the guardrailIdentifier `..` is made of dots"),
        ] {
            let error = Target::new(Operation::ApplyGuardrail, resource).unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }
}
