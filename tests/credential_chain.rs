//! Each link of the credential chain, against a stand-in on loopback that
//! speaks the real protocol, up to a call that a server verifies with exactly
//! the credentials that the stand-in gave.
#![cfg(all(feature = "credential-chain", feature = "replay"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "credential_chain/house.rs"]
mod house;

use std::time::SystemTime;

use bedrock_wire::auth::verify::{AccessKey, Received, Verifier};
use bedrock_wire::client::{Client, Error};
use bedrock_wire::model::{ConverseStreamRequest, Message};
use house::{Answer, Asked, House, ok, refused};
use serde_json::{Value, json};

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const REGION: &str = "eu-west-1";
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const END: &str = "2096-01-02T03:04:05Z";
const ROLE_A: &str = "arn:aws:iam::123456789012:role/a";
const ROLE_B: &str = "arn:aws:iam::123456789012:role/b";

const CHILD: &str = "a_child_asks";
/// What a child is told: the profile that its code names, how often to ask
/// (once, if unset), the session token of credentials in its code.
const IN_CODE: &str = "CHAIN_TEST_PROFILE";
const TIMES: &str = "CHAIN_TEST_TIMES";
const CREDENTIALS: &str = "CHAIN_TEST_CREDENTIALS";
/// What it is told to do without the environment.
const IGNORE: &str = "CHAIN_TEST_IGNORE";

#[tokio::test]
#[ignore = "the other tests run it, each with an environment of its own"]
async fn a_child_asks() {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(std::io::stderr)
        .init();
    let said = ask().await.unwrap_or_else(|error| format!("{:?}: {error}", error.kind()));
    println!("\nchild: {}", said.replace('\n', " "));
}

async fn ask() -> Result<String, Error> {
    let set = |name| std::env::var(name).ok();
    let mut builder = Client::builder();
    if let Some(profile) = set(IN_CODE) {
        builder = builder.profile(profile);
    }
    if let Some(token) = set(CREDENTIALS) {
        let fixed = bedrock_wire::auth::Credentials::new(ID, SECRET, Some(token), None, "code");
        builder = builder.credentials(fixed);
    }
    if set(IGNORE).is_some() {
        builder = builder.ignore_environment().region(REGION);
    }
    let client = builder.build()?;
    let question = ConverseStreamRequest::new().message(Message::user("hi"));
    let mut said = "built".to_owned();
    for _ in 0..set(TIMES).map_or(1, |times| times.parse().unwrap()) {
        let answer = client.converse_stream(MODEL, &question).await?.collect().await?;
        said = answer.response.stop_reason.map(|why| why.as_str().to_owned()).unwrap_or_default();
    }
    Ok(said)
}

/// Credentials as containers and instances give them out.
fn of_container(token: &str) -> Value {
    json!({"AccessKeyId": ID, "SecretAccessKey": SECRET, "Token": token, "Expiration": END})
}

/// STS's answer.
fn of_sts(action: &str, token: &str) -> Answer {
    ok(format!(
        r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
        <AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:s</AssumedRoleId><Arn>{ROLE_A}/s</Arn></AssumedRoleUser>
        <Credentials><AccessKeyId>{ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>
        <SessionToken>{token}</SessionToken><Expiration>{END}</Expiration></Credentials>
        </{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"#
    ))
}

/// Whether the request is signed for STS, with the example's keys and this
/// session token.
fn is_signed(asked: &Asked, token: &str) -> bool {
    let key = AccessKey::new(ID, SECRET).session_token(token);
    let uri = asked.head.uri.to_string();
    let received = Received::new(&asked.head.method, &uri, &asked.head.headers).body(&asked.body);
    let verifier = Verifier::new().access_key(key).region(REGION).service("sts");
    verifier.verify(&received, SystemTime::now()).is_ok()
}

/// STS for two roles: `source` may assume a, and a may assume b.
fn roles(source: &'static str) -> impl Fn(&Asked) -> Answer {
    move |asked| {
        assert_eq!(asked.field("Version"), "2011-06-15");
        match (asked.field("Action").as_str(), asked.field("RoleArn").as_str()) {
            ("AssumeRole", ROLE_A) if is_signed(asked, source) => of_sts("AssumeRole", "of-role-a"),
            ("AssumeRole", ROLE_B) if is_signed(asked, "of-role-a") => {
                of_sts("AssumeRole", "of-role-b")
            }
            _ => refused("nobody may"),
        }
    }
}

fn keys(token: &str) -> String {
    format!(
        "aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\naws_session_token = {token}\n"
    )
}

#[test]
fn the_environment_has_credentials() {
    let house = House::new("environment", "of-the-environment");
    let set = [
        ("AWS_ACCESS_KEY_ID", ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", "of-the-environment"),
    ];
    assert_eq!(house.ask(&set), "end_turn");
    assert_eq!(house.taken(), 1);
}

#[test]
fn a_profile_has_keys() {
    let house = House::new("keys", "of-the-profile");
    house.write("shared/keys", &format!("[work]\n{}", keys("of-the-profile")));
    let files = house.home.join("shared/keys");
    let set = [("AWS_SHARED_CREDENTIALS_FILE", files.to_str().unwrap()), ("AWS_PROFILE", "work")];
    assert_eq!(house.ask(&set), "end_turn");
    assert_eq!(house.taken(), 1);
}

#[test]
fn a_profile_assumes_a_role_through_another_that_it_assumes_before() {
    let house = House::new("roles", "of-role-b");
    let sts = house.stand_in(roles("of-the-source"));
    let config = format!(
        "[profile work]\nrole_arn = {ROLE_B}\nsource_profile = middle\n\
         [profile middle]\nrole_arn = {ROLE_A}\nsource_profile = source\n\
         [profile source]\n{}",
        keys("of-the-source")
    );
    let file = house.write("elsewhere/config", &config);
    let set = [("AWS_CONFIG_FILE", file.as_str()), ("AWS_ENDPOINT_URL_STS", &sts.url)];
    assert_eq!(
        house.ask(&[&set[..], &[("AWS_PROFILE", "work"), (TIMES, "3")]].concat()),
        "end_turn"
    );
    assert_eq!(sts.asked(), ["POST /"; 2], "kept for the second call and the third");
    assert_eq!(house.ask(&[&set[..], &[(IN_CODE, "work")]].concat()), "end_turn");
    assert_eq!((house.taken(), sts.asked().len()), (4, 4));
}

#[test]
fn the_endpoint_of_sts_comes_from_the_profile_too() {
    let house = House::new("services", "of-role-a");
    let sts = house.stand_in(roles("of-the-source"));
    let config = format!(
        "[profile work]\nrole_arn = {ROLE_A}\nsource_profile = source\nservices = local\n\
         [profile source]\n{}[services local]\nsts =\n  endpoint_url = {}\n",
        keys("of-the-source"),
        sts.url
    );
    house.write(".aws/config", &config);
    assert_eq!(house.ask(&[("AWS_PROFILE", "work")]), "end_turn");
    assert_eq!((house.taken(), sts.asked().len()), (1, 1));
}

#[test]
fn a_web_identity_assumes_a_role() {
    let house = House::new("web-identity", "of-web-identity");
    let sts = house.stand_in(|asked| {
        let unsigned = asked.header("authorization").is_empty();
        let fields = ["Action", "RoleArn", "WebIdentityToken", "RoleSessionName"];
        match fields.map(|name| asked.field(name)).each_ref().map(String::as_str) {
            ["AssumeRoleWithWebIdentity", ROLE_A, "token-of-the-pod", "a-pod"] if unsigned => {
                of_sts("AssumeRoleWithWebIdentity", "of-web-identity")
            }
            _ => refused("who?"),
        }
    });
    let file = house.write("var/token", "token-of-the-pod");
    let set = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file.as_str()),
        ("AWS_ROLE_ARN", ROLE_A),
        ("AWS_ROLE_SESSION_NAME", "a-pod"),
        ("AWS_ENDPOINT_URL_STS", &sts.url),
    ];
    assert_eq!(house.ask(&set), "end_turn");
    assert_eq!((house.taken(), sts.asked().len()), (1, 1));
}

#[test]
fn single_sign_on_gives_credentials_for_a_cached_token() {
    let house = House::new("sso", "of-the-portal");
    let portal = house.stand_in(|asked| {
        if asked.header("x-amz-sso_bearer_token") != "token-of-the-portal" {
            return refused("who?");
        }
        // In milliseconds, as that of `END` is.
        let given = json!({"accessKeyId": ID, "secretAccessKey": SECRET,
            "sessionToken": "of-the-portal", "expiration": 3_976_225_445_000_u64});
        ok(json!({"roleCredentials": given}).to_string())
    });
    house.write(
        ".aws/config",
        "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = reader\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://example.awsapps.com/start\n",
    );
    let token = json!({"accessToken": "token-of-the-portal", "expiresAt": END,
        "region": "us-east-1", "startUrl": "https://example.awsapps.com/start"});
    // SHA-1 of `corp`.
    house.write(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json", &token.to_string());
    let set = [("AWS_PROFILE", "work"), ("AWS_ENDPOINT_URL_SSO", portal.url.as_str())];
    assert_eq!(house.ask(&set), "end_turn");
    let asked = portal.asked();
    assert!(asked[0].starts_with("GET /federation/credentials?"), "{asked:?}");
    for parameter in ["role_name=reader", "account_id=123456789012"] {
        assert!(asked[0].contains(parameter), "{asked:?}");
    }
    assert_eq!((house.taken(), asked.len()), (1, 1));
}

#[test]
fn an_expired_login_session_is_refreshed_with_a_proof_of_its_key() {
    let house = House::new("login", "of-the-login");
    let sign_in = house.stand_in(|asked| {
        let body: Value = serde_json::from_slice(&asked.body).unwrap();
        let proof = asked.header("dpop").split('.').nth(1).map(decoded);
        let is_for_us = proof.is_some_and(|proof| {
            let url = format!("http://{}/v1/token", asked.header("host"));
            proof["htm"] == "POST" && proof["htu"] == url.as_str()
        });
        if !is_for_us || body["refreshToken"] != "old" || body["grantType"] != "refresh_token" {
            return refused(r#"{"error":"INVALID_REQUEST"}"#);
        }
        let access = json!({"accessKeyId": ID, "secretAccessKey": SECRET,
            "sessionToken": "of-the-login"});
        ok(json!({"accessToken": access, "tokenType": "aws_sigv4", "expiresIn": 900,
            "refreshToken": "new"})
        .to_string())
    });
    let session = "arn:aws:iam::123456789012:user/example";
    house.write(".aws/config", &format!("[profile work]\nlogin_session = {session}\n"));
    // SHA-256 of the session. The key is that of AWS's own tests.
    let file =
        ".aws/login/cache/9bb204a438cc20be99d2d29d20b0e03df71ad02dd9a3d26f545325e5731681a5.json";
    let access = json!({"accessKeyId": ID, "secretAccessKey": SECRET, "sessionToken": "expired",
        "accountId": "123456789012", "expiresAt": "2020-01-02T03:04:05Z"});
    let key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBMB/RwQERsVoqWRQG4zK8CnaAa5dfrpbm+9tFdBh3z4oAoGCCqGSM49\nAwEHoUQDQgAEWb1VLi1EA2hJaTz4yYuxSELvY+1GAfL+8rUTCAdiFid87Bf6GY+s\n2+1RpqDv0RpZiDIMCrZrsAh+RK9S3QCaGA==\n-----END EC PRIVATE KEY-----\n";
    let cached = json!({"accessToken": access, "tokenType": "aws_sigv4", "refreshToken": "old",
        "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": key});
    house.write(file, &cached.to_string());
    let set = [("AWS_PROFILE", "work"), ("AWS_ENDPOINT_URL_SIGNIN", sign_in.url.as_str())];
    assert_eq!(house.ask(&set), "end_turn");
    assert_eq!((house.taken(), sign_in.asked()), (1, vec!["POST /v1/token".to_owned()]));
    let saved: Value = serde_json::from_str(&house.read(file)).unwrap();
    assert_eq!(saved["refreshToken"], "new");
}

/// A part of a JSON Web Token.
fn decoded(part: &str) -> Value {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[cfg(unix)]
#[test]
fn a_process_gives_credentials_and_what_names_no_end_is_asked_for_once() {
    let house = House::new("process", "of-the-process");
    let given = json!({"Version": 1, "AccessKeyId": ID, "SecretAccessKey": SECRET,
        "SessionToken": "of-the-process"});
    let script = format!("echo run >> \"$HOME/runs\"\necho '{given}'\n");
    let script = house.write("keys.sh", &script);
    let config = format!("[profile work]\ncredential_process = /bin/sh \"{script}\"\n");
    house.write(".aws/config", &config);
    assert_eq!(house.ask(&[("AWS_PROFILE", "work"), (TIMES, "3")]), "end_turn");
    assert_eq!((house.taken(), house.read("runs").as_str()), (3, "run\n"));
    assert_eq!(house.ask(&[("AWS_DEFAULT_PROFILE", "work")]), "end_turn");
    let key = ("AWS_BEARER_TOKEN_BEDROCK", "nobodys");
    assert_eq!(house.ask(&[(IN_CODE, "work"), key]), "end_turn");
    assert_eq!(house.read("runs"), "run\nrun\nrun\n");
}

#[test]
fn a_container_gives_credentials_to_who_has_its_token() {
    let house = House::new("container", "of-the-container");
    let agent = house.stand_in(|asked| match asked.header("authorization") {
        "token-of-the-task" => ok(of_container("of-the-container").to_string()),
        _ => refused("who?"),
    });
    let url = format!("{}/v2/credentials?id=1", agent.url);
    let set = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token-of-the-task"),
    ];
    assert_eq!(house.ask(&set), "end_turn");
    assert_eq!((house.taken(), agent.asked()), (1, vec!["GET /v2/credentials?id=1".to_owned()]));
}

#[test]
fn a_pods_identity_is_in_a_file() {
    let house = House::new("pod", "of-the-pod");
    let agent = house.stand_in(|asked| match asked.header("authorization") {
        "token-in-a-file" => ok(of_container("of-the-pod").to_string()),
        _ => refused("who?"),
    });
    let url = format!("{}/v1/credentials", agent.url);
    let file = house.write("eks-pod-identity-token", "token-in-a-file");
    let set = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.as_str()),
    ];
    assert_eq!(house.ask(&set), "end_turn");
    assert_eq!((house.taken(), agent.asked()), (1, vec!["GET /v1/credentials".to_owned()]));
}

/// An instance that speaks the second version only.
fn instance(asked: &Asked) -> Answer {
    let has_token = asked.header("x-aws-ec2-metadata-token") == "token-of-the-instance";
    let ttl = asked.header("x-aws-ec2-metadata-token-ttl-seconds");
    match asked.line().as_str() {
        "PUT /latest/api/token" if !ttl.is_empty() => ok("token-of-the-instance"),
        _ if !has_token => (http::StatusCode::UNAUTHORIZED, String::new()),
        "GET /latest/meta-data/iam/security-credentials/" => ok("a-role"),
        "GET /latest/meta-data/iam/security-credentials/a-role" => {
            let mut given = of_container("of-the-instance");
            given["Code"] = json!("Success");
            given["Type"] = json!("AWS-HMAC");
            given["LastUpdated"] = json!("2026-01-02T03:04:05Z");
            ok(given.to_string())
        }
        _ => (http::StatusCode::NOT_FOUND, String::new()),
    }
}

#[test]
fn an_instance_gives_credentials_by_the_second_version_of_its_protocol() {
    let house = House::new("instance", "of-the-instance");
    let imds = house.stand_in(instance);
    let set = [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url.as_str()),
    ];
    assert_eq!(house.ask(&[&set[..], &[(TIMES, "0")]].concat()), "built");
    assert!(imds.asked().is_empty(), "nothing is looked up before a request is to be signed");
    assert_eq!(house.ask(&[&set[..], &[(TIMES, "2")]].concat()), "end_turn");
    let expected = [
        "PUT /latest/api/token",
        "GET /latest/meta-data/iam/security-credentials/",
        "GET /latest/meta-data/iam/security-credentials/a-role",
    ];
    assert_eq!((house.taken(), imds.asked()), (2, expected.map(str::to_owned).to_vec()));
}

/// Where whoever comes gets a container's credentials.
fn open_container(house: &House, token: &'static str) -> house::StandIn {
    house.stand_in(move |_| ok(of_container(token).to_string()))
}

#[test]
fn what_code_names_goes_first_then_the_api_key_then_the_chain() {
    let house = House::new("order", "right");
    let agent = open_container(&house, "wrong");
    let uri = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url.as_str());
    let key = ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-example");
    let wrong_key = ("AWS_BEARER_TOKEN_BEDROCK", "nobodys");
    assert_eq!(house.ask(&[uri, key]), "end_turn");
    assert_eq!(house.ask(&[uri, wrong_key, (CREDENTIALS, "right")]), "end_turn");
    assert_eq!(agent.asked(), [""; 0], "nobody asked it");
    let chained = house.ask(&[uri]);
    assert!(chained.starts_with("Auth: UnrecognizedClientException"), "{chained}");
    assert_eq!(agent.asked().len(), 1);
}

#[test]
fn a_profile_in_code_means_nobody_else_unless_it_says_nothing_of_who_asks() {
    let house = House::new("in-code", "of-the-container");
    let agent = open_container(&house, "of-the-container");
    let config = "[profile broken]\nrole_arn = arn:aws:iam::123456789012:role/a\n\
                  source_profile = missing\n[profile quiet]\nregion = eu-west-1\n";
    house.write(".aws/config", config);
    let uri = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url.as_str());
    let broken = house.ask(&[uri, (IN_CODE, "broken")]);
    assert!(broken.starts_with("Auth: no credentials: "), "{broken}");
    assert!(broken.contains("`missing` was not defined"), "{broken}");
    assert_eq!(agent.asked(), [""; 0], "nobody asked it");
    let wrong = [("AWS_ACCESS_KEY_ID", "AKIDWRONG"), ("AWS_SECRET_ACCESS_KEY", "wrong")];
    let quiet = [&wrong[..], &[uri, (IN_CODE, "quiet")]].concat();
    assert_eq!(house.ask(&quiet), "end_turn", "the environment's are not looked at");
}

#[test]
fn where_there_are_none_the_error_says_where_was_looked() {
    let house = House::new("nowhere", "none");
    let nowhere = house.ask(&[]);
    assert!(nowhere.starts_with("Auth: no credentials: "), "{nowhere}");
    assert!(nowhere.contains("AWS_ACCESS_KEY_ID") && nowhere.contains("Ec2Instance"), "{nowhere}");
    let ignored = house.ask(&[(IGNORE, "1")]);
    assert!(ignored.starts_with("Auth: credentials: none are set in code"), "{ignored}");
}

#[test]
fn credentials_are_not_asked_for_in_clear_over_a_network() {
    let house = House::new("clear", "none");
    let config = format!(
        "[profile work]\nrole_arn = {ROLE_A}\nsource_profile = source\n[profile source]\n{}",
        keys("of-the-source")
    );
    house.write(".aws/config", &config);
    let set = [("AWS_PROFILE", "work"), ("AWS_ENDPOINT_URL_STS", "http://192.0.2.1:9")];
    let refused = house.ask(&set);
    assert!(refused.contains("http://192.0.2.1: credentials come by https"), "{refused}");
}
