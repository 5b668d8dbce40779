use super::*;

fn answered(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: &'static str,
) -> ServiceError {
    let headers = headers.iter().map(|&(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
    ServiceError::from_response(status, &headers, Bytes::from_static(body.as_bytes()))
}

#[test]
fn the_name_in_the_header_wins_and_loses_what_surrounds_it() {
    let error = answered(
        400,
        &[
            (
                "x-amzn-errortype",
                "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/",
            ),
            ("x-amzn-requestid", "id-1"),
        ],
        r#"{"__type":"other#OtherException","message":"The provided model identifier is invalid."}"#,
    );
    assert_eq!(error.name.as_deref(), Some("ValidationException"));
    assert_eq!(error.kind(), ServiceErrorKind::Validation);
    assert_eq!(
        error.to_string(),
        "ValidationException (HTTP 400, request id-1): The provided model identifier is invalid."
    );
}

#[test]
fn the_name_is_found_in_the_body_where_the_header_has_none() {
    for body in [
        r#"{"code":"aws.bedrock#ThrottlingException:x"}"#,
        r#"{"Code":"ThrottlingException"}"#,
        r#"{"__type":"aws.bedrock#ThrottlingException"}"#,
    ] {
        let error = answered(429, &[], body);
        assert_eq!(error.name.as_deref(), Some("ThrottlingException"), "{body}");
    }
    let unknown = r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    assert_eq!(answered(200, &[], unknown).kind(), ServiceErrorKind::UnknownOperation);
}

#[cfg(feature = "client")]
#[test]
fn a_refused_proof_is_told_from_a_permission_that_is_missing() {
    let key = r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#;
    let denied = [("x-amzn-errortype", "AccessDeniedException:http://internal/")];
    assert!(answered(403, &denied, key).refuses_proof());
    assert!(answered(403, &[], key).refuses_proof());
    for name in names::OF_THE_CLOCK.into_iter().chain(names::OF_OTHER_PROOFS) {
        let body = format!(r#"{{"__type":"com.amazon.coral.service#{name}"}}"#);
        let body = Bytes::from(body);
        // Some of them come with 400, which alone would be the request's fault.
        let error = ServiceError::from_response(400, &HeaderMap::new(), body);
        assert!(error.refuses_proof(), "{name}");
        assert_ne!(error.kind(), ServiceErrorKind::Validation, "{name}");
        assert_eq!(error.may_be_of_the_clock(), names::OF_THE_CLOCK.contains(&name), "{name}");
    }
    for (status, body) in [
        (403, r#"{"message":"You don't have access to the model with the specified model ID."}"#),
        (403, "{}"),
        (400, r#"{"__type":"ValidationException","message":"Authentication failed: no"}"#),
    ] {
        assert!(!answered(status, &[], body).refuses_proof(), "{body}");
    }
    let no_access = r#"{"message":"You don't have access to the model with the model ID."}"#;
    assert!(!answered(403, &denied, no_access).refuses_proof());
}

#[test]
fn an_empty_name_hides_no_other() {
    let body = r#"{"code":"","__type":"aws.bedrock#ThrottlingException"}"#;
    for header in ["", " ", ":http://internal.amazon.com/", "aws.bedrock#"] {
        let error = answered(400, &[("x-amzn-errortype", header)], body);
        assert_eq!(error.name.as_deref(), Some("ThrottlingException"), "`{header}`");
    }
    assert_eq!(answered(400, &[("x-amzn-errortype", "")], "{}").name, None);
}

#[test]
fn the_headers_are_kept_and_a_date_to_wait_for_among_them() {
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    let error = answered(503, &[("retry-after", date), ("date", date)], "{}");
    assert_eq!(error.retry_after, None);
    assert_eq!(error.headers["retry-after"], date);
    assert_eq!(error.headers["date"], date);
}

#[test]
fn neither_display_nor_debug_shows_the_canonical_request_that_aws_quotes() {
    let token = "x-amz-security-token:IQoJb3JpZ2luX2VjEXAMPLE";
    for before in
        ["The request signature we calculated does not match the signature you provided.", ""]
    {
        for marker in [
            "The Canonical String for this request should have been",
            "The canonical request for this request should have been",
        ] {
            let body = format!(r#"{{"message":"{before}\n\n{marker}\n'POST\n/model\n{token}'"}}"#);
            let error =
                ServiceError::from_response(403, &HeaderMap::new(), Bytes::from(body.into_bytes()));
            let shown = format!("{error} {error:?} {error:#?}");
            assert!(!shown.contains("IQoJb3") && shown.contains(before), "{shown}");
            assert!(error.message.as_ref().unwrap().contains(token));
            assert!(String::from_utf8_lossy(&error.raw).contains(token));
        }
    }
}

#[test]
fn debug_shows_the_length_and_the_start_of_a_body() {
    let error = ServiceError::from_response(502, &HeaderMap::new(), vec![b'x'; 1 << 20].into());
    let shown = format!("{error:?}");
    assert!(shown.contains("1048576 bytes") && shown.len() < 600, "{}", shown.len());
}

#[test]
fn a_body_that_is_no_json_is_kept_and_the_status_tells_the_kind() {
    let error = answered(503, &[], "<html>Service Unavailable</html>");
    assert_eq!((error.name.as_ref(), error.message.as_ref()), (None, None));
    assert_eq!(error.kind(), ServiceErrorKind::Unavailable);
    assert_eq!(&error.raw[..], b"<html>Service Unavailable</html>");
}

#[test]
fn an_unknown_name_falls_back_to_the_status() {
    let error = answered(429, &[("x-amzn-errortype", "BrandNewException")], "{}");
    assert_eq!(error.name.as_deref(), Some("BrandNewException"));
    assert_eq!(error.kind(), ServiceErrorKind::Throttled);
}

#[test]
fn a_daily_quota_is_told_from_throttling_by_its_message() {
    let body = r#"{"message":"Too many tokens per day, please wait before trying again."}"#;
    let error = answered(429, &[("x-amzn-errortype", "ThrottlingException")], body);
    assert_eq!(error.kind(), ServiceErrorKind::QuotaExceeded);
    assert_eq!(error.repeat(), Repeat::No);
}

#[test]
fn the_wait_that_the_service_asks_for_is_kept() {
    let error = answered(429, &[("x-amz-retry-after", "1500"), ("retry-after", "9")], "{}");
    assert_eq!(error.repeat(), Repeat::After(Duration::from_millis(1500)));
    let error = answered(503, &[("retry-after", "9")], "{}");
    assert_eq!(error.repeat(), Repeat::After(Duration::from_secs(9)));
}

#[test]
fn an_exception_in_a_stream_keeps_what_the_model_said() {
    let payload = r#"{"message":"m","originalMessage":"o","originalStatusCode":500}"#;
    let error = ServiceError::from_exception("modelStreamErrorException", payload.into());
    assert_eq!(error.kind(), ServiceErrorKind::Model);
    assert_eq!((error.original_status, error.original_message.as_deref()), (Some(500), Some("o")));
}
