//! `bedrock-wire whoami` as its users meet it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use bedrock_wire::auth::{Credentials, ShortTermKey};
use bedrock_wire::model::Timestamp;
use serde_json::{Value, json};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE";
const REGION: (&str, &str) = ("AWS_REGION", "eu-west-1");
const ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
const KEY: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", SECRET);

/// With the variables and nothing else of this machine's.
fn run(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
    command
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .arg("whoami")
        .args(arguments);
    let output = command.output().unwrap();
    for said in [&output.stdout, &output.stderr] {
        let said = std::str::from_utf8(said).unwrap();
        assert!(!said.contains("wJalr") && !said.contains(TOKEN), "{said}");
        assert!(!said.contains("bedrock-api-key-"), "{said}");
    }
    output
}

fn told(variables: &[(&str, &str)], arguments: &[&str]) -> Value {
    let output = run(variables, &[arguments, &["--json"]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn credentials_are_shown_by_their_id_and_never_by_their_secret() {
    let session = ("AWS_SESSION_TOKEN", TOKEN);
    assert_eq!(
        told(&[REGION, ID, KEY, session], &[]),
        json!({
            "source": "environment",
            "scheme": "SigV4",
            "accessKeyId": "AKIDEXAMPLE",
            "session": true,
            "expires": null,
            "region": "eu-west-1",
            "endpoint": "https://bedrock-runtime.eu-west-1.amazonaws.com",
            "controlPlaneEndpoint": "https://bedrock.eu-west-1.amazonaws.com",
        })
    );
    let output = run(&[REGION, ID, KEY], &["--region", "us-east-1"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "source            environment\n\
         scheme            SigV4\n\
         access key id     AKIDEXAMPLE\n\
         session           no\n\
         expires           unknown\n\
         region            us-east-1\n\
         runtime           https://bedrock-runtime.us-east-1.amazonaws.com\n\
         control plane     https://bedrock.us-east-1.amazonaws.com\n"
    );
}

#[test]
fn a_short_term_key_is_read_and_any_other_is_named_only() {
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test");
    let hour = Duration::from_hours(1);
    let key = ShortTermKey::generate(&credentials, "us-west-2", hour, SystemTime::now()).unwrap();
    let variable = |key| ("AWS_BEARER_TOKEN_BEDROCK", key);
    let short = told(&[REGION, ID, KEY, variable(key.key().expose())], &[]);
    assert_eq!(
        [&short["source"], &short["scheme"], &short["apiKey"], &short["keyRegion"]],
        ["AWS_BEARER_TOKEN_BEDROCK", "Bearer", "short-term", "us-west-2"]
    );
    assert_eq!(short["expires"], Timestamp::from(key.expires()).as_str());
    assert_eq!(
        (&short["accessKeyId"], &short["region"]),
        (&"AKIDEXAMPLE".into(), &"eu-west-1".into())
    );
    let other = told(&[variable("ABSK-EXAMPLE")], &["--endpoint-url", "http://127.0.0.1:1"]);
    assert_eq!(
        other,
        json!({
            "source": "AWS_BEARER_TOKEN_BEDROCK",
            "scheme": "Bearer",
            "apiKey": "long-term, or not AWS's",
            "region": null,
            "endpoint": "http://127.0.0.1:1",
            "controlPlaneEndpoint": null,
        })
    );
}

#[test]
fn a_profile_is_named_and_goes_before_a_key_where_the_command_names_it() {
    let path = std::env::temp_dir().join(format!("bedrock-wire-whoami-{}", std::process::id()));
    let profile = format!(
        "[at work]\nregion = us-east-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\n"
    );
    std::fs::write(&path, profile).unwrap();
    let files = ("AWS_SHARED_CREDENTIALS_FILE", path.to_str().unwrap());
    let key = ("AWS_BEARER_TOKEN_BEDROCK", "ABSK-EXAMPLE");
    let named = told(&[files, key], &["--profile", "at work"]);
    let set = told(&[files, key, ("AWS_PROFILE", "at work")], &[]);
    let alone = told(&[files, ("AWS_DEFAULT_PROFILE", "at work")], &[]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        (&named["source"], &named["region"]),
        (&"profile `at work`".into(), &"us-east-1".into())
    );
    assert_eq!(
        (&set["source"], &set["region"]),
        (&"AWS_BEARER_TOKEN_BEDROCK".into(), &"us-east-1".into())
    );
    assert_eq!(alone, named);
}

#[test]
fn nobody_is_an_error_of_who_asks_and_where_requests_would_go_is_told_all_the_same() {
    let output = run(&[REGION], &[]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stdout).unwrap();
    let places = "region            eu-west-1\n\
                  runtime           https://bedrock-runtime.eu-west-1.amazonaws.com\n\
                  control plane     https://bedrock.eu-west-1.amazonaws.com\n";
    assert!(said.ends_with(places) && !said.contains("nobody"), "{said}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("AWS_ACCESS_KEY_ID"), "{told}");
}
