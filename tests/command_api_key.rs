//! `bedrock-wire api-key` as its users meet it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use bedrock_wire::auth::{BearerKey, ShortTermKey};
use bedrock_wire::model::Timestamp;
use serde_json::Value;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// With the variables and nothing else of this machine's.
fn run(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
    command
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .arg("api-key")
        .args(arguments);
    command.output().unwrap()
}

fn run_with_credentials(arguments: &[&str]) -> Output {
    let id = ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    run(&[("AWS_REGION", "us-east-1"), id, ("AWS_SECRET_ACCESS_KEY", SECRET)], arguments)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The key on stdout, which has nothing else.
fn key(output: &Output) -> ShortTermKey {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = text(&output.stdout).strip_suffix('\n').unwrap();
    ShortTermKey::parse(&BearerKey::new(line).unwrap()).unwrap()
}

fn assert_fails(output: &Output, code: i32, says: &str) {
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(says), "{told}");
    assert!(output.stdout.is_empty() && !told.contains(SECRET), "{told}");
}

#[test]
fn the_key_alone_is_on_stdout_and_when_it_expires_on_stderr() {
    for (arguments, seconds) in [
        (&[][..], 43_200),
        (&["--expires", "12h"], 43_200),
        (&["--expires", "90m"], 5400),
        (&["--expires", "1h 30m"], 5400),
        (&["--expires", "3600s"], 3600),
    ] {
        let before = SystemTime::now();
        let output = run_with_credentials(arguments);
        let (key, lifetime) = (key(&output), Duration::from_secs(seconds));
        // The key writes whole seconds.
        let second = Duration::from_secs(1);
        assert!(key.expires() > before + lifetime - second, "{arguments:?}");
        assert!(key.expires() <= SystemTime::now() + lifetime, "{arguments:?}");
        assert_eq!((key.region(), key.access_key_id()), ("us-east-1", "AKIDEXAMPLE"));
        let expires = Timestamp::from(key.expires());
        assert_eq!(text(&output.stderr), format!("valid in us-east-1 until {expires}\n"));
    }
}

#[test]
fn json_says_what_the_key_is_good_for() {
    let output = run_with_credentials(&["--json", "--region", "eu-west-1"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let key = BearerKey::new(json["key"].as_str().unwrap()).unwrap();
    let key = ShortTermKey::parse(&key).unwrap();
    assert_eq!((key.region(), &json["region"]), ("eu-west-1", &"eu-west-1".into()));
    assert_eq!((&json["accessKeyId"], &json["session"]), (&"AKIDEXAMPLE".into(), &false.into()));
    assert_eq!(json["expires"], Timestamp::from(key.expires()).as_str());
}

#[test]
fn the_region_is_the_option_then_the_variables() {
    let id = ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    let credentials = [id, ("AWS_SECRET_ACCESS_KEY", SECRET)];
    let with = |more: &[(&'static str, &'static str)], arguments| {
        run(&[&credentials[..], more].concat(), arguments)
    };
    let both = [("AWS_REGION", "us-west-2"), ("AWS_DEFAULT_REGION", "eu-west-1")];
    assert_eq!(key(&with(&both, &["--region", "us-east-1"])).region(), "us-east-1");
    assert_eq!(key(&with(&both, &[])).region(), "us-west-2");
    assert_eq!(key(&with(&[("AWS_REGION", ""), both[1]], &[])).region(), "eu-west-1");
    assert_fails(&with(&[], &[]), 2, "--region");
    assert_fails(&with(&[], &["--region", "US-EAST-1"]), 2, "at byte 0");
}

#[test]
fn a_key_of_a_session_is_said_to_end_with_it() {
    let with_session = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLE"),
    ];
    let output = run(&with_session, &[]);
    key(&output);
    assert!(text(&output.stderr).ends_with(", or until the credentials' session ends\n"));
    let json = run(&with_session, &["--json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["session"], true);
}

#[test]
fn a_profile_gives_region_and_credentials_whatever_key_is_set() {
    let path = std::env::temp_dir().join(format!("bedrock-wire-api-key-{}", std::process::id()));
    let profile = format!(
        "[work]\nregion = eu-west-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\n"
    );
    std::fs::write(&path, profile).unwrap();
    let files = ("AWS_SHARED_CREDENTIALS_FILE", path.to_str().unwrap());
    let old = ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-old");
    let named = run(&[files, old], &["--profile", "work"]);
    let set = run(&[files, old, ("AWS_PROFILE", "work")], &[]);
    let missing = run(&[files, old], &["--profile", "play"]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!((key(&named).region(), key(&set).region()), ("eu-west-1", "eu-west-1"));
    assert_fails(&missing, 2, "there is no `[profile play]`");
}

#[test]
fn what_is_missing_or_out_of_bounds_has_its_exit_code() {
    assert_fails(&run(&[("AWS_REGION", "us-east-1")], &[]), 3, "AWS_ACCESS_KEY_ID");
    for bad in ["0s", "13h", "1500ms"] {
        assert_fails(&run_with_credentials(&["--expires", bad]), 2, "at most 43200 s");
    }
    for bad in ["soon", "3600", "", "-1h", "99999999999999999999h"] {
        assert_fails(&run_with_credentials(&[&format!("--expires={bad}")]), 2, "--expires");
    }
}
