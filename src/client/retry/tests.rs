use std::time::UNIX_EPOCH;

use super::*;
use crate::client::transport::{TransportError, TransportErrorKind};
use crate::fault::ServiceError;
use crate::operation::AnswerError;

const SECOND: Duration = Duration::from_secs(1);

fn answered(status: u16, name: &'static str, headers: &[(&'static str, &'static str)]) -> Error {
    let pairs = headers.iter().copied().chain([("x-amzn-errortype", name)]);
    let headers = pairs.map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
    let error = ServiceError::from_response(status, &headers, "{}".into());
    AnswerError::Service(Box::new(error)).into()
}

fn broke(kind: TransportErrorKind) -> Error {
    TransportError::new(kind, "as told").into()
}

fn failure(error: &Error) -> Failure<'_> {
    Failure { error, took: Duration::ZERO, was_hurried: false, left: None, now: UNIX_EPOCH }
}

fn retries(policy: RetryPolicy) -> Retries {
    Retries::new(policy, Vec::new())
}

#[test]
fn a_call_is_sent_three_times_with_waits_that_double_from_50_ms_or_1_s() {
    for (error, expected) in [
        (answered(500, "InternalServerException", &[]), [50, 100]),
        (answered(503, "ServiceUnavailableException", &[]), [50, 100]),
        (answered(429, "ModelNotReadyException", &[]), [50, 100]),
        (broke(TransportErrorKind::Broken), [50, 100]),
        (answered(429, "ThrottlingException", &[]), [1000, 2000]),
    ] {
        let retries = retries(RetryPolicy::standard());
        let mut course = retries.begin();
        let waits = [1.0; 3].map(|all| course.next_by(&failure(&error), all));
        let expected = expected.map(|ms| Some(Duration::from_millis(ms)));
        assert_eq!(waits, [expected[0], expected[1], None], "{error}");
    }
}

#[test]
fn what_would_fail_again_is_not_sent_again() {
    let retries = retries(RetryPolicy::standard());
    for error in [
        answered(400, "ValidationException", &[]),
        answered(403, "AccessDeniedException", &[]),
        answered(403, "ExpiredTokenException", &[]),
        answered(404, "ResourceNotFoundException", &[]),
        answered(400, "ServiceQuotaExceededException", &[]),
        answered(408, "ModelTimeoutException", &[]),
        answered(424, "ModelErrorException", &[]),
        broke(TransportErrorKind::Request),
        broke(TransportErrorKind::Tls),
        broke(TransportErrorKind::TooLarge),
    ] {
        assert_eq!(retries.begin().next_by(&failure(&error), 1.0), None, "{error}");
    }
    let daily = r#"{"message":"Too many tokens per day, please wait before trying again."}"#;
    let daily = ServiceError::from_exception("throttlingException", daily.into());
    let daily = AnswerError::Service(Box::new(daily)).into();
    assert_eq!(retries.begin().next_by(&failure(&daily), 1.0), None);
    assert!(retries.bucket.take(500), "none of them cost anything");
}

#[test]
fn a_success_gives_back_what_its_retry_cost_or_one_token() {
    let retries = retries(RetryPolicy::standard().max_attempts(1000));
    assert!(retries.bucket.take(490));
    let throttled = answered(429, "ThrottlingException", &[]);
    let mut course = retries.begin();
    assert!(course.next_by(&failure(&throttled), 0.0).is_some());
    assert!(course.next_by(&failure(&throttled), 0.0).is_some());
    assert_eq!(course.next_by(&failure(&throttled), 0.0), None, "the bucket is dry");
    course.succeeded();
    assert!(retries.bucket.take(5), "what the last retry cost");
    retries.begin().succeeded();
    assert!(retries.bucket.take(1), "what a success gives that no retry went before");
    assert!(!retries.bucket.take(1));
}

#[test]
fn a_failure_of_the_network_that_took_over_a_minute_is_final_unless_it_was_hurried() {
    let retries = retries(RetryPolicy::standard());
    let next = |error: &Error, took: Duration, was_hurried| {
        let failure = Failure { took, was_hurried, ..failure(error) };
        retries.begin().next_by(&failure, 1.0).is_some()
    };
    for kind in [TransportErrorKind::Broken, TransportErrorKind::Timeout] {
        let error = broke(kind);
        assert!(next(&error, 60 * SECOND, false));
        assert!(!next(&error, 61 * SECOND, false));
        assert!(next(&error, 61 * SECOND, true));
    }
    for free in
        [broke(TransportErrorKind::ConnectTimeout), answered(500, "InternalServerException", &[])]
    {
        assert!(next(&free, 600 * SECOND, false), "{free}: nothing was paid for");
    }
}

#[test]
fn a_wait_that_the_call_has_no_time_for_is_not_begun() {
    let retries = retries(RetryPolicy::standard());
    let error = answered(429, "ThrottlingException", &[]);
    for (left, expected) in [(SECOND, None), (2 * SECOND, Some(SECOND))] {
        let failure = Failure { left: Some(left), ..failure(&error) };
        assert_eq!(retries.begin().next_by(&failure, 1.0), expected);
    }
}

#[test]
fn the_service_s_wish_moves_the_wait() {
    let retries = retries(RetryPolicy::standard());
    for (name, value, expected) in [
        ("x-amz-retry-after", "3000", Some(3 * SECOND)),
        ("x-amz-retry-after", "60000", Some(5050 * SECOND / 1000)),
        ("retry-after", "7", Some(7 * SECOND)),
        ("retry-after", "Thu, 01 Jan 1970 00:00:09 GMT", Some(9 * SECOND)),
        ("retry-after", "60", None),
    ] {
        let error = answered(503, "ServiceUnavailableException", &[(name, value)]);
        assert_eq!(retries.begin().next_by(&failure(&error), 1.0), expected, "{name}: {value}");
    }
}
