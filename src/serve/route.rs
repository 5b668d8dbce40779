//! Which operation of which model a request asks for.

use http::Method;

use crate::operation::{ModelId, Operation};

/// What a request asks for.
#[derive(Debug, PartialEq)]
pub(super) struct Route {
    pub(super) operation: Operation,
    pub(super) model: ModelId,
}

/// Reads `POST /model/{modelId}/{operation}` off the path as it came, where the
/// model's id is one segment. All else is no operation of the service's.
pub(super) fn route(method: &Method, path: &str) -> Option<Route> {
    if method != Method::POST {
        return None;
    }
    let (model, suffix) = path.strip_prefix("/model/")?.split_once('/')?;
    let operation = Operation::from_path_suffix(suffix)?;
    let model = ModelId::from_path_segment(model)?;
    Some(Route { operation, model })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_segment_is_the_operation_and_the_one_before_it_the_model() {
        for (path, operation, model) in [
            ("/model/a.b-v1%3A0/converse", Operation::Converse, "a.b-v1:0"),
            ("/model/a.b-v1:0/converse-stream", Operation::ConverseStream, "a.b-v1:0"),
            ("/model/arn%3Aaws%3Ax%2Fy/invoke", Operation::InvokeModel, "arn:aws:x/y"),
            ("/model/converse/count-tokens", Operation::CountTokens, "converse"),
        ] {
            let route = route(&Method::POST, path).unwrap();
            assert_eq!((route.operation, route.model.as_str()), (operation, model));
        }
    }

    #[test]
    fn what_is_not_one_segment_and_a_known_operation_is_none() {
        for path in [
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
        ] {
            assert_eq!(route(&Method::POST, path), None, "{path}");
        }
        assert_eq!(route(&Method::GET, "/model/a/converse"), None);
    }
}
