use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE//+==";
const HOUR: Duration = Duration::from_hours(1);

/// 2026-01-02T03:04:05Z.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

fn credentials(expiry: Option<SystemTime>) -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET, Some(TOKEN.to_owned()), expiry, "test")
}

fn generate(lifetime: Duration) -> Result<ShortTermKey, ApiKeyError> {
    ShortTermKey::generate(&credentials(None), "us-east-1", lifetime, now())
}

/// A key around any text.
fn key_of(text: &str) -> BearerKey {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(text);
    BearerKey::new(format!("{PREFIX}{text}")).unwrap()
}

/// The text in a key.
fn text_of(key: &BearerKey) -> String {
    use base64::Engine;
    let text = key.expose().strip_prefix(PREFIX).unwrap();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}

#[test]
fn a_lifetime_out_of_bounds_is_an_error_that_names_the_bounds() {
    let second = Duration::from_secs(1);
    for good in [second, MAX_LIFETIME] {
        assert_eq!(generate(good).unwrap().expires(), now() + good);
    }
    for bad in [
        Duration::ZERO,
        Duration::from_millis(999),
        Duration::from_millis(1500),
        MAX_LIFETIME + Duration::from_nanos(1),
        MAX_LIFETIME + second,
        Duration::MAX,
    ] {
        let error = generate(bad).unwrap_err();
        assert!(matches!(error, ApiKeyError::Lifetime { asked } if asked == bad), "{error:?}");
        let shown = error.to_string();
        assert!(shown.contains("at least 1 s") && shown.contains("at most 43200 s"), "{shown}");
    }
}

#[test]
fn a_key_expires_with_the_session_it_was_made_from() {
    let second = Duration::from_secs(1);
    for (session_end, expected) in [
        (None, now() + HOUR),
        (Some(now() + HOUR + second), now() + HOUR),
        (Some(now() + second), now() + second),
    ] {
        let key = ShortTermKey::generate(&credentials(session_end), "us-east-1", HOUR, now());
        assert_eq!(key.unwrap().expires(), expected);
    }
    for past in [now(), now() - second] {
        let key = ShortTermKey::generate(&credentials(Some(past)), "us-east-1", HOUR, now());
        assert!(matches!(key, Err(ApiKeyError::Expired)), "{key:?}");
    }
}

#[test]
fn a_fraction_of_a_second_is_not_counted_as_the_key_cannot_write_it() {
    let late = now() + Duration::from_millis(999);
    let key = ShortTermKey::generate(&credentials(None), "us-east-1", HOUR, late).unwrap();
    assert_eq!(key.expires(), now() + HOUR);
    assert_eq!(key.key().expose(), generate(HOUR).unwrap().key().expose());
}

#[test]
fn what_cannot_be_signed_is_named_and_not_repeated() {
    let good = ("AKIDEXAMPLE", SECRET, "us-east-1", now());
    for ((id, secret, region, time), says) in [
        (("AKID/EXAMPLE", good.1, good.2, good.3), "access key id"),
        ((good.0, "", good.2, good.3), "secret access key is empty"),
        ((good.0, "EXAMPLEKEY\n", good.2, good.3), "byte 10"),
        ((good.0, good.1, "us/east", good.3), "region"),
        ((good.0, good.1, "", good.3), "region is empty"),
        ((good.0, good.1, good.2, SystemTime::UNIX_EPOCH - HOUR), "before 1970"),
    ] {
        let credentials = Credentials::new(id, secret, None, None, "test");
        let error = ShortTermKey::generate(&credentials, region, HOUR, time).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(says) && !shown.contains("EXAMPLE"), "{shown}");
    }
}

#[test]
fn debug_shows_neither_key_nor_signature_nor_session_token() {
    let key = generate(HOUR).unwrap();
    let text = text_of(key.key());
    let signature = text.split_once("X-Amz-Signature=").unwrap().1.split_once('&').unwrap().0;
    assert_eq!(signature.len(), 64);
    for shown in [format!("{key:?}"), format!("{key:#?}")] {
        assert!(shown.contains("us-east-1") && shown.contains("AKIDEXAMPLE"), "{shown}");
        for secret in [PREFIX, signature, "IQoJb3JpZ2", SECRET] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn a_key_that_is_read_back_says_what_it_was_made_with() {
    for lifetime in [Duration::from_secs(1), HOUR, MAX_LIFETIME] {
        let made = generate(lifetime).unwrap();
        let read = ShortTermKey::parse(made.key()).unwrap();
        assert_eq!((read.region(), read.access_key_id()), ("us-east-1", "AKIDEXAMPLE"));
        assert_eq!(read.expires(), now() + lifetime);
        assert_eq!(read.into_key().expose(), made.into_key().expose());
    }
}

#[test]
fn any_other_key_is_none() {
    for key in ["EXAMPLE", "ABSKQmVkcm9ja0FQSUtleS1FWEFNUExF", PREFIX, "bedrock-api-key-example"] {
        assert!(ShortTermKey::parse(&BearerKey::new(key).unwrap()).is_none(), "{key}");
    }
    for key in ["bedrock-api-key-YQ", "bedrock-api-key-%%%=", "bedrock-api-key-/////w=="] {
        assert!(ShortTermKey::parse(&BearerKey::new(key).unwrap()).is_none(), "{key}");
    }
}

#[test]
fn a_key_with_a_part_missing_or_malformed_is_none() {
    let good = text_of(generate(HOUR).unwrap().key());
    assert!(ShortTermKey::parse(&key_of(&good)).is_some());
    for (part, instead) in [
        ("bedrock.amazonaws.com", "evil.example"),
        ("CallWithBearerToken", "DeleteUser"),
        ("Action=", "Reaction="),
        ("AKIDEXAMPLE", ""),
        ("AKIDEXAMPLE", "%1B%5B31m"),
        ("AKIDEXAMPLE", "%FF"),
        ("us-east-1", "us%0Aeast"),
        ("us-east-1", "us%2Feast"),
        ("%2Fbedrock%2F", "%2Fiam%2F"),
        ("20260102T030405Z", "20260102T030405"),
        ("20260102T030405Z", "20260230T030405Z"),
        ("20260102T030405Z", "20260102T250405Z"),
        ("20260102T030405Z", "20260102T03%C3%A9405Z"),
        ("20260102T030405Z", "19690102T030405Z"),
        ("20260102T030405Z", "T"),
        ("Expires=3600", "Expires=-1"),
        ("Expires=3600", "Expires=0"),
        ("Expires=3600", "Expires=43201"),
        ("Expires=3600", "Expires=99999999999999999999"),
        ("Expires=3600", "Expires"),
    ] {
        assert!(good.contains(part), "{part}");
        let bad = good.replace(part, instead);
        assert!(ShortTermKey::parse(&key_of(&bad)).is_none(), "{bad}");
    }
}

#[test]
fn no_key_however_broken_makes_reading_panic() {
    let good = text_of(generate(HOUR).unwrap().key());
    for at in 0..good.len() {
        let cut = ShortTermKey::parse(&key_of(&good[..at]));
        assert!(cut.is_none() || good[..at].contains("Expires=3"), "{at}");
        for byte in ["%", "&", "=", "/", "\u{e9}", "\0"] {
            let broken = format!("{}{byte}{}", &good[..at], &good[at + 1..]);
            if let Some(read) = ShortTermKey::parse(&key_of(&broken)) {
                assert!(read.access_key_id().chars().all(|c| c.is_ascii_graphic()), "{at}");
            }
        }
    }
}
