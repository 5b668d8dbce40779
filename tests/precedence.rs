//! Who a client asks as, in all combinations of code, environment, profile and
//! key.
#![cfg(all(feature = "reqwest", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{AuthScheme, Client};
use serde_json::{Value, json};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const KEY: &str = "bedrock-api-key-example";
/// What a child sets in code, and which scheme it pins.
const IN_CODE: &str = "PRECEDENCE_IN_CODE";
const PIN: &str = "PRECEDENCE_PIN";

const PROFILES: &str = "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = SECRET\n\
                        [work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = SECRET\n";

/// A process's environment is its own: each client is made in a child.
#[tokio::test]
#[ignore = "the other tests run it, each with an environment of its own"]
async fn a_child_says_who_it_is() {
    let mut builder = Client::builder().region("us-east-1");
    builder = match std::env::var(IN_CODE).as_deref() {
        Ok("key") => builder.api_key("bedrock-api-key-in-code"),
        Ok("credentials") => {
            builder.credentials(Credentials::new("AKIDCODE", SECRET, None, None, "test"))
        }
        Ok("profile") => builder.profile("work"),
        Ok(other) => panic!("{other}"),
        Err(_) => builder,
    };
    builder = match std::env::var(PIN).as_deref() {
        Ok("sigv4") => builder.auth_scheme(AuthScheme::SigV4),
        Ok("bearer") => builder.auth_scheme(AuthScheme::Bearer),
        Ok(other) => panic!("{other}"),
        Err(_) => builder,
    };
    println!("\nchild: {}", who(builder.build()).await);
}

async fn who(client: Result<Client, bedrock_wire::client::Error>) -> Value {
    let Ok(client) = client else { return json!(null) };
    let id = match client.credentials().await {
        Ok(Some(credentials)) => json!(credentials.access_key_id()),
        Ok(None) => json!(client.api_key().await.unwrap().unwrap().expose()),
        Err(_) => json!(null),
    };
    if id.is_null() { id } else { json!({"who": id, "source": client.identity().source}) }
}

/// A directory with the shared files, gone in the end.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("credentials"), PROFILES.replace("SECRET", SECRET)).unwrap();
        Home(home)
    }

    fn ask(&self, environment: &BTreeMap<&str, String>) -> Value {
        let has_files = environment.contains_key("AWS_SHARED_CREDENTIALS_FILE");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["a_child_says_who_it_is", "--exact", "--ignored", "--nocapture"]);
        command.env_clear().envs(environment);
        command.env("HOME", &self.0).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_CONFIG_FILE", self.0.join("config"));
        let credentials = self.0.join(if has_files { "credentials" } else { "none" });
        command.env("AWS_SHARED_CREDENTIALS_FILE", credentials);
        if environment.contains_key("AWS_ACCESS_KEY_ID") {
            command.env("AWS_SECRET_ACCESS_KEY", SECRET);
        }
        let output = command.output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let said = stdout.lines().find_map(|line| line.strip_prefix("child: "));
        serde_json::from_str(said.unwrap_or_else(|| panic!("{stdout}"))).unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One row of the table: what is set.
#[derive(Clone, Copy, Debug)]
struct Row {
    in_code: Option<&'static str>,
    pin: Option<&'static str>,
    key: bool,
    keys: bool,
    /// `AWS_PROFILE`, where there are files.
    profile: Option<&'static str>,
    files: bool,
}

impl Row {
    /// The order, each with what it can prove by: the first that the pin does
    /// not forbid asks.
    fn expected(self) -> Value {
        let signs = |who: &str, source: &str| (who.to_owned(), source.to_owned(), "sigv4");
        let in_code = match self.in_code {
            Some("key") => Some(("bedrock-api-key-in-code".to_owned(), "code".into(), "bearer")),
            Some("credentials") => Some(signs("AKIDCODE", "code")),
            _ => None,
        };
        let pinned = |scheme: &str| self.pin.is_none_or(|pin| pin == scheme);
        if let Some((who, source, scheme)) = in_code {
            // What code says against itself is an error.
            return if pinned(scheme) {
                json!({"who": who, "source": source})
            } else {
                json!(null)
            };
        }
        let named = self.in_code == Some("profile");
        if named && !self.files {
            return json!(null);
        }
        let of_profile = named.then(|| signs("AKIDWORK", "profile `work`"));
        let key = self.key.then(|| (KEY.to_owned(), "AWS_BEARER_TOKEN_BEDROCK".into(), "bearer"));
        let keys = (self.keys && !named).then(|| signs("AKIDENVIRONMENT", "environment"));
        let other = (self.files && !named).then(|| match self.profile {
            Some(_) => signs("AKIDWORK", "profile `work`"),
            None => signs("AKIDDEFAULT", "profile `default`"),
        });
        let order = [of_profile, key, keys, other];
        let first = order.into_iter().flatten().find(|(.., scheme)| pinned(scheme));
        first.map_or(json!(null), |(who, source, _)| json!({"who": who, "source": source}))
    }

    fn environment(self) -> BTreeMap<&'static str, String> {
        let all = [
            (IN_CODE, self.in_code),
            (PIN, self.pin),
            ("AWS_BEARER_TOKEN_BEDROCK", self.key.then_some(KEY)),
            ("AWS_ACCESS_KEY_ID", self.keys.then_some("AKIDENVIRONMENT")),
            ("AWS_PROFILE", self.profile),
            ("AWS_SHARED_CREDENTIALS_FILE", self.files.then_some("credentials")),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned()))).collect()
    }
}

fn table() -> Vec<Row> {
    let mut rows = Vec::new();
    for in_code in [None, Some("key"), Some("credentials"), Some("profile")] {
        for pin in [None, Some("sigv4"), Some("bearer")] {
            for (key, keys) in [(false, false), (false, true), (true, false), (true, true)] {
                for (files, profile) in [(false, None), (true, None), (true, Some("work"))] {
                    rows.push(Row { in_code, pin, key, keys, profile, files });
                }
            }
        }
    }
    rows
}

#[test]
fn code_goes_before_a_key_in_the_environment_and_that_before_all_other_credentials() {
    let home = Home::new("precedence-table");
    for row in table() {
        assert_eq!(home.ask(&row.environment()), row.expected(), "{row:?}");
    }
    eprintln!("{} combinations", table().len());
}

/// Names the file that `tests/clients/botocore_precedence.py` writes.
const BOTOCORE: &str = "BEDROCK_WIRE_BOTOCORE_PRECEDENCE";

#[test]
fn without_a_word_in_code_the_client_asks_as_botocore_would() {
    let Some(path) = std::env::var_os(BOTOCORE) else {
        eprintln!("skipped: botocore's precedence (set {BOTOCORE} to what its script wrote)");
        return;
    };
    let home = Home::new("precedence-botocore");
    let lines = std::fs::read_to_string(path).unwrap();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let given: BTreeMap<String, String> =
            serde_json::from_value(line["environment"].clone()).unwrap();
        let given = given.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let found = home.ask(&given);
        let botocore = &line["botocore"];
        let expected = match botocore["scheme"].as_str() {
            Some("Bearer") => json!(KEY),
            Some("SigV4") => botocore["id"].clone(),
            _ => json!(null),
        };
        assert_eq!(found["who"], expected, "{line}");
    }
    eprintln!("{} combinations as in botocore", lines.lines().count());
    assert_eq!(lines.lines().count(), 48);
}
