//! Clients made from AWS's shared files, against a server that checks who asks.
#![cfg(all(feature = "replay", feature = "reqwest", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use bedrock_wire::client::{Client, Error};
use bedrock_wire::model::{ConverseStreamRequest, Message};
use bedrock_wire::operation::Operation;
use bedrock_wire::replay::{ReplayServer, Speed};

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "of-the-profile";
const REGION: &str = "eu-west-1";
const WRONG_KEYS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIDWRONG"), ("AWS_SECRET_ACCESS_KEY", "wrong")];

/// What a child is told: the profile that its code names, and that its code
/// ignores the environment.
const IN_CODE: &str = "PROFILES_TEST_IN_CODE";
const IGNORE: &str = "PROFILES_TEST_IGNORE";

/// That it is to say where the control plane is.
const CONTROL: &str = "PROFILES_TEST_CONTROL";

/// A process's environment is its own: each client is made in a child.
#[tokio::test]
#[ignore = "the other tests run it, each with an environment of its own"]
async fn a_child_asks() {
    println!(
        "\nchild: {}",
        ask().await.unwrap_or_else(|error| format!("{:?}: {error}", error.kind()))
    );
}

async fn ask() -> Result<String, Error> {
    let mut builder = Client::builder();
    if let Ok(profile) = std::env::var(IN_CODE) {
        builder = builder.profile(profile);
    }
    if std::env::var_os(IGNORE).is_some() {
        builder = builder.ignore_environment();
    }
    let client = builder.build()?;
    if std::env::var_os(CONTROL).is_some() {
        return Ok(client.endpoint_for(Operation::ListFoundationModels, "")?.to_string());
    }
    let endpoint = client.endpoint()?;
    if !endpoint.is_loopback() {
        return Ok(endpoint.to_string());
    }
    let question = ConverseStreamRequest::new().message(Message::user("hi"));
    let answer = client.converse_stream(MODEL, &question).await?.collect().await?;
    let reason = answer.response.stop_reason.map(|reason| reason.as_str().to_owned());
    Ok(format!("{endpoint} {}", reason.unwrap_or_default()))
}

/// A server that takes the profile's keys in one region only, and a home
/// directory for its callers.
struct House {
    server: ReplayServer,
    // The server runs in it.
    _runtime: tokio::runtime::Runtime,
    home: PathBuf,
}

impl House {
    fn new(name: &str) -> Self {
        let home = std::env::temp_dir().join(format!("bedrock-wire-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(home.join(".aws")).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let tape = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl");
        let builder = ReplayServer::builder()
            .path(tape)
            .any_body(true)
            .speed(Speed::Max)
            .credentials(ID, SECRET, Some(TOKEN.to_owned()))
            .region(REGION);
        let server = runtime.block_on(builder.start()).unwrap();
        House { server, _runtime: runtime, home }
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.home.join(".aws").join(file), text).unwrap();
    }

    /// A profile `work` with all that a call takes.
    fn furnish(&self) {
        let url = self.server.url();
        self.write(
            "config",
            &format!(
                "[profile work]\nregion = {REGION}\nservices = local\nendpoint_url = https://example.com\n\
                 [services local]\nbedrock_runtime =\n  endpoint_url = {url}\n"
            ),
        );
        let keys = format!(
            "[work]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
        );
        self.write("credentials", &keys);
    }

    /// What a client says that was made with these variables.
    fn ask(&self, set: &[(&str, &str)]) -> String {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_child_asks", "--ignored", "--nocapture"])
            .env_clear()
            .current_dir(&self.home)
            .env("HOME", &self.home)
            .envs(set.iter().copied())
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let said = stdout.lines().find_map(|line| line.strip_prefix("child: "));
        said.unwrap_or_else(|| panic!("{stdout}{}", String::from_utf8_lossy(&output.stderr)))
            .to_owned()
    }

    fn answered(&self) -> String {
        format!("{} end_turn", self.server.url())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

#[test]
fn a_profile_has_all_that_a_call_takes() {
    let house = House::new("profiles-all");
    house.furnish();
    assert_eq!(house.ask(&[("AWS_PROFILE", "work")]), house.answered());
    assert_eq!(house.ask(&[(IN_CODE, "work")]), house.answered());
    let nobody = house.ask(&[]);
    // The chain asks when a request is signed, which takes a region first.
    let chained = cfg!(feature = "credential-chain");
    let expected = if chained { "Usage: region: " } else { "Auth: credentials: " };
    assert!(nobody.starts_with(expected), "{nobody}");
}

#[test]
fn keys_in_the_environment_go_before_the_profile_unless_code_names_it() {
    let house = House::new("profiles-keys");
    house.furnish();
    let [id, secret] = WRONG_KEYS;
    let refused = house.ask(&[("AWS_PROFILE", "work"), id, secret]);
    assert!(refused.starts_with("Auth: UnrecognizedClientException"), "{refused}");
    assert_eq!(house.ask(&[(IN_CODE, "work"), id, secret]), house.answered());
    let half = house.ask(&[("AWS_PROFILE", "work"), id]);
    assert!(half.starts_with("Auth: credentials: AWS_SECRET_ACCESS_KEY is not set"), "{half}");
}

#[test]
fn an_api_key_in_the_environment_goes_before_a_profile_unless_code_names_one_with_keys() {
    let house = House::new("profiles-bearer");
    house.furnish();
    house.write(
        "credentials",
        "[work]\naws_access_key_id = AKIDWRONG\naws_secret_access_key = wrong\n",
    );
    let key = ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-example");
    assert_eq!(house.ask(&[("AWS_PROFILE", "work"), key]), house.answered());
    let refused = house.ask(&[(IN_CODE, "work"), key]);
    assert!(refused.starts_with("Auth: UnrecognizedClientException"), "{refused}");
    house.write("credentials", "[work]\nrole_arn = x\n");
    let chain = house.ask(&[(IN_CODE, "work"), key]);
    assert!(chain.starts_with("Auth: ") && chain.contains("credentials: "), "{chain}");
    house.write("credentials", "");
    assert_eq!(house.ask(&[(IN_CODE, "work"), key]), house.answered());
}

#[test]
fn an_empty_id_in_the_environment_is_none() {
    let house = House::new("profiles-empty");
    house.furnish();
    let (work, id) = (("AWS_PROFILE", "work"), ("AWS_ACCESS_KEY_ID", ""));
    for secret in ["", " ", "wrong"] {
        let secret = ("AWS_SECRET_ACCESS_KEY", secret);
        assert_eq!(house.ask(&[work, id, secret]), house.answered(), "{secret:?}");
    }
    assert_eq!(house.ask(&[work, id]), house.answered());
}

#[test]
fn a_file_that_cannot_be_read_stops_only_who_needs_it() {
    let house = House::new("profiles-broken");
    house.write("config", "nonsense");
    let url = house.server.url().to_string();
    let key = ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-example");
    let all = [("AWS_REGION", REGION), ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &url), key];
    assert_eq!(house.ask(&all), house.answered());
    for missing in 0..all.len() {
        let mut set = all.to_vec();
        set.remove(missing);
        let told = house.ask(&set);
        assert!(told.contains("line 1 stands before the first section"), "{told}");
    }
    for named in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", IN_CODE] {
        let told = house.ask(&[&all[..], &[(named, "work")]].concat());
        assert!(told.contains("line 1 stands before the first section"), "{told}");
    }
    let control = house.ask(&[&all[..], &[(CONTROL, "1")]].concat());
    assert!(control.contains("line 1 stands before the first section"), "{control}");
    let set = ("AWS_ENDPOINT_URL_BEDROCK", "https://example.com");
    let control = house.ask(&[&all[..], &[(CONTROL, "1"), set]].concat());
    assert_eq!(control, "https://example.com");
}

#[test]
fn a_file_of_any_name_is_no_matter_of_who_asks() {
    let house = House::new("profiles-name");
    std::fs::write(house.home.join("credentials"), "nonsense").unwrap();
    let told = house.ask(&[("AWS_CONFIG_FILE", "credentials")]);
    assert!(told.starts_with("Usage: credentials: line 1 "), "{told}");
}

#[test]
fn the_environment_goes_before_the_profile_for_region_and_endpoint() {
    let house = House::new("profiles-order");
    house.furnish();
    let work = ("AWS_PROFILE", "work");
    let refused = house.ask(&[work, ("AWS_REGION", "us-east-1")]);
    assert!(refused.contains("Credential should be scoped"), "{refused}");
    let elsewhere = ("AWS_ENDPOINT_URL", "https://example.org");
    assert_eq!(house.ask(&[work, elsewhere]), "https://example.org");
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    let regional = format!("https://bedrock-runtime.{REGION}.amazonaws.com");
    assert_eq!(house.ask(&[work, elsewhere, ignore]), regional);
}

#[test]
fn the_switches_of_a_profile_hold_unless_the_environment_has_its_own() {
    let house = House::new("profiles-switches");
    house.furnish();
    let fips = format!("https://bedrock-runtime-fips.{REGION}.api.aws");
    let switches = "use_fips_endpoint = true\nuse_dualstack_endpoint = TRUE\n";
    let keys =
        format!("aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\nregion = {REGION}\n");
    house.write("config", &format!("[default]\n{keys}{switches}"));
    assert_eq!(house.ask(&[]), fips);
    let off = ("AWS_USE_FIPS_ENDPOINT", "false");
    assert_eq!(house.ask(&[off]), fips.replace("-fips", ""));
    let url = "endpoint_url = https://example.com\n";
    house.write("config", &format!("[default]\n{keys}{switches}{url}"));
    let both = house.ask(&[]);
    assert!(both.starts_with("Usage: `endpoint_url` of profile `default` ("), "{both}");
    let ignore = "ignore_configured_endpoint_urls = true\n";
    house.write("config", &format!("[default]\n{keys}{switches}{url}{ignore}"));
    assert_eq!(house.ask(&[]), fips);
    let heeded = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    assert_eq!(house.ask(&[heeded]), both);
    house.write("config", &format!("[default]\n{keys}use_fips_endpoint = yes\n"));
    let unclear = house.ask(&[]);
    assert!(unclear.contains("`use_fips_endpoint`") && unclear.contains("line 5"), "{unclear}");
}

#[test]
fn what_a_profile_lacks_is_told_with_its_name_and_its_files() {
    let house = House::new("profiles-lacks");
    house.furnish();
    let missing = house.ask(&[("AWS_PROFILE", "play")]);
    assert!(
        missing.starts_with("Usage: AWS_PROFILE: there is no `[profile play]` in "),
        "{missing}"
    );
}

/// With the chain, others are asked then.
#[cfg(not(feature = "credential-chain"))]
#[test]
fn without_the_chain_what_takes_it_is_told_with_the_feature_that_has_it() {
    let house = House::new("profiles-chain");
    house.furnish();
    house.write("credentials", "");
    let bare = house.ask(&[("AWS_PROFILE", "work")]);
    assert!(bare.starts_with("Auth: credentials: none are set in code, AWS_ACCESS_KEY_ID is not set, and profile `work` of "), "{bare}");
    let [id, secret] = WRONG_KEYS;
    let alone = house.ask(&[(IN_CODE, "work"), id, secret]);
    assert!(alone.contains("not looked at where code names a profile"), "{alone}");
    house.write("credentials", "[work]\nsso_session = corp\nsso_account_id = 1\n");
    let chain = house.ask(&[("AWS_PROFILE", "work")]);
    assert!(
        chain.starts_with("Auth: credentials: `sso_account_id` of profile `work` ("),
        "{chain}"
    );
    assert!(chain.contains("the feature `credential-chain`"), "{chain}");
}

#[test]
fn a_client_that_ignores_the_environment_reads_no_file() {
    let house = House::new("profiles-ignore");
    house.write("config", "nonsense");
    let read = house.ask(&[]);
    assert!(read.contains("line 1 stands before the first section"), "{read}");
    let ignored = house.ask(&[(IGNORE, "1")]);
    assert!(ignored.starts_with("Auth: credentials: "), "{ignored}");
    let both = house.ask(&[(IGNORE, "1"), (IN_CODE, "work")]);
    assert!(both.starts_with("Usage: profile: `ignore_environment` reads no file"), "{both}");
}

#[cfg(feature = "cli")]
#[test]
fn the_command_line_takes_a_profile() {
    let house = House::new("profiles-cli");
    house.furnish();
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
        command.args(["converse", "--model", MODEL]).args(arguments).arg("hi");
        command.env_clear().env("HOME", &house.home).envs(WRONG_KEYS).output().unwrap()
    };
    let answered = program(&["--profile", "work"]);
    let stderr = String::from_utf8(answered.stderr).unwrap();
    assert_eq!(answered.status.code(), Some(0), "{stderr}");
    assert!(!answered.stdout.is_empty());
    let missing = program(&["--profile", "play"]);
    let stderr = String::from_utf8(missing.stderr).unwrap();
    assert_eq!(missing.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("there is no `[profile play]` in "), "{stderr}");
}
