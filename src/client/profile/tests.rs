use std::ffi::OsString;
use std::path::PathBuf;

#[cfg(feature = "sigv4")]
use serde_json::{Value as Json, json};

use super::*;
use crate::client::retry::RetryPolicy;

/// A directory of one test's own, gone at its end.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bedrock-wire-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(path.join(".aws")).unwrap();
        Home(path)
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.0.join(".aws").join(file), text).unwrap();
        self
    }

    fn load(&self, profile: Option<&str>, set: &[(&str, &str)]) -> Result<Option<Profile>, String> {
        let lookup = |name: &str| match name {
            "HOME" => Some(self.0.clone().into_os_string()),
            _ => set.iter().find(|(known, _)| *known == name).map(|(_, v)| OsString::from(v)),
        };
        Profile::load(profile, &lookup).map_err(|error| error.to_string())
    }

    fn error(&self, profile: Option<&str>, set: &[(&str, &str)]) -> String {
        self.load(profile, set).unwrap_err()
    }

    fn path(&self, file: &str) -> String {
        self.0.join(".aws").join(file).display().to_string()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn region(profile: &Profile) -> Option<&str> {
    profile.region.as_ref().map(|value| value.text.as_str())
}

#[cfg(feature = "sigv4")]
const KEYS: &str = "aws_access_key_id = AKIDEXAMPLE\n\
                    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n";

#[test]
fn code_names_the_profile_before_the_variable_and_default_is_the_last_resort() {
    let home = Home::new("names");
    home.write("config", "[default]\nregion=a\n[profile b]\nregion=b\n[profile c]\nregion=c\n");
    let variable = [("AWS_PROFILE", "b")];
    for (in_code, set, expected) in [
        (None, &[][..], "a"),
        (None, &[("AWS_PROFILE", "")][..], "a"),
        (None, &variable[..], "b"),
        (Some("c"), &variable[..], "c"),
    ] {
        let profile = home.load(in_code, set).unwrap().unwrap();
        assert_eq!(region(&profile), Some(expected), "{in_code:?} {set:?}");
    }
}

#[test]
fn either_variable_names_the_profile_and_two_that_differ_are_an_error() {
    let home = Home::new("variables");
    home.write("config", "[default]\nregion=a\n[profile b]\nregion=b\n[profile c]\nregion=c\n");
    let default = ("AWS_DEFAULT_PROFILE", "b");
    for (set, expected) in [
        (&[default][..], "b"),
        (&[default, ("AWS_PROFILE", "")], "b"),
        (&[default, ("AWS_PROFILE", "b")], "b"),
        (&[("AWS_DEFAULT_PROFILE", ""), ("AWS_PROFILE", "c")], "c"),
    ] {
        assert_eq!(region(&home.load(None, set).unwrap().unwrap()), Some(expected), "{set:?}");
    }
    let both = [default, ("AWS_PROFILE", "c")];
    let error = home.error(None, &both);
    assert!(error.starts_with("AWS_DEFAULT_PROFILE: it names `b` and AWS_PROFILE `c`"), "{error}");
    assert_eq!(region(&home.load(Some("c"), &both).unwrap().unwrap()), Some("c"));
    let missing = home.error(None, &[("AWS_DEFAULT_PROFILE", "d")]);
    assert!(missing.starts_with("AWS_DEFAULT_PROFILE: there is no `[profile d]`"), "{missing}");
}

#[test]
fn a_line_that_cannot_be_read_is_told_to_who_asks_for_its_section() {
    let home = Home::new("spoilt");
    let config = "[default]\nregion = a\nservices = s\n[profile work]\nnonsense\nregion = b\n\
                  [services t]\nbedrock =\n  nonsense\n[services s]\n";
    home.write("config", config);
    assert_eq!(region(&home.load(None, &[]).unwrap().unwrap()), Some("a"));
    let error = home.error(Some("work"), &[]);
    assert!(error.contains("line 5 has no `=`"), "{error}");
    home.write("config", config.replace("services = s", "services = t"));
    let error = home.error(None, &[]);
    assert!(error.contains("line 9 has no `=`"), "{error}");
}

#[test]
fn a_file_is_read_up_to_a_limit() {
    let home = Home::new("limit");
    let text = "[default]\nregion = a\n#";
    let fill = |length: usize| text.to_owned() + &"x".repeat(length - text.len());
    home.write("config", fill(1 << 20));
    assert_eq!(region(&home.load(None, &[]).unwrap().unwrap()), Some("a"));
    home.write("config", fill((1 << 20) + 1));
    let error = home.error(None, &[]);
    let says = format!("{}: it is longer than 1 MiB", home.path("config"));
    assert!(error.starts_with(&says), "{error}");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_read() {
    let home = Home::new("irregular");
    let pipe = home.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", home.path("link")).unwrap();
    for path in [&pipe, "/dev/zero", &home.path("link")] {
        let error = home.error(None, &[("AWS_CONFIG_FILE", path)]);
        assert_eq!(error, format!("AWS_CONFIG_FILE: {path} cannot be read: it is no regular file"));
    }
    assert!(home.load(None, &[("AWS_CONFIG_FILE", "/dev/null")]).unwrap().is_none());
    home.write("file", "[default]\nregion = a\n");
    std::os::unix::fs::symlink(home.path("file"), home.path("config")).unwrap();
    assert_eq!(region(&home.load(None, &[]).unwrap().unwrap()), Some("a"));
}

#[test]
fn what_was_read_shows_names_and_lines_and_no_value() {
    let text = "[profile work]\naws_secret_access_key = SECRET\nx = SECRET\n  SECRET\n\
                s3 =\n  y = SECRET\n[profile play]\nSECRET\n";
    let sections = Sections::parse(text, Kind::Config).unwrap();
    let settings = sections.profile("work").unwrap().unwrap();
    for shown in [
        format!("{sections:?} {sections:#?}"),
        format!("{settings:?} {:?}", settings.get("aws_secret_access_key").unwrap()),
        format!("{:?} {:?}", settings.nested("s3", "y"), sections.profile("play").unwrap_err()),
    ] {
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    assert!(format!("{settings:?}").contains("aws_secret_access_key (line 2)"));
}

#[test]
fn files_that_are_not_there_are_nothing_unless_a_profile_is_missed() {
    let home = Home::new("absent");
    let elsewhere = [("AWS_CONFIG_FILE", "/no/such/config")];
    assert!(home.load(None, &[]).unwrap().is_none());
    assert!(home.load(None, &elsewhere).unwrap().is_none());
    let error = home.error(Some("work"), &elsewhere);
    assert_eq!(
        error,
        format!(
            "profile: there is no `[profile work]` in /no/such/config (no such file) and no \
             `[work]` in {} (no such file)",
            home.path("credentials")
        )
    );
    let error = home.error(None, &[("AWS_PROFILE", "default")]);
    assert!(error.starts_with("AWS_PROFILE: there is no `[default]` in "), "{error}");
}

#[test]
fn without_a_home_only_the_files_that_variables_name_are_read() {
    let home = Home::new("homeless");
    home.write("config", "[default]\nregion = eu-west-1\n");
    let config = home.path("config");
    let lookup = |name: &str| (name == "AWS_CONFIG_FILE").then(|| OsString::from(&config));
    assert_eq!(region(&Profile::load(None, &lookup).unwrap().unwrap()), Some("eu-west-1"));
    assert!(Profile::load(None, &|_| None).unwrap().is_none());
    let error = Profile::load(Some("work"), &|_| None).unwrap_err().to_string();
    assert!(error.contains("no home directory: set HOME"), "{error}");
}

#[test]
fn a_tilde_in_a_variable_is_the_home_directory() {
    let home = Home::new("tilde");
    home.write("other", "[default]\nregion = eu-west-1\n");
    let profile = home.load(None, &[("AWS_CONFIG_FILE", "~/.aws/other")]).unwrap().unwrap();
    assert_eq!(region(&profile), Some("eu-west-1"));
}

#[test]
fn what_cannot_be_opened_is_an_error_only_where_a_variable_names_it() {
    let home = Home::new("unreadable");
    std::fs::create_dir(home.0.join(".aws/config")).unwrap();
    assert!(home.load(None, &[]).unwrap().is_none());
    let error = home.error(None, &[("AWS_CONFIG_FILE", &home.path("config"))]);
    assert!(error.starts_with("AWS_CONFIG_FILE: "), "{error}");
}

#[test]
fn errors_name_the_file_and_the_line_and_show_nothing_of_it() {
    let home = Home::new("errors");
    for (text, expected) in [
        ("[default]\nSECRET", "line 2 has no `=`"),
        ("[default]\n\n= SECRET", "line 3 has no name"),
        ("# SECRET\nSECRET = 1", "line 2 stands before the first section"),
        ("[default]\r\n[SECRET", "line 2 begins a section and has no `]`"),
        ("[default]\nregion = a\n  SECRET", "line 3 goes on with a setting"),
        ("[default]\ns3 =\n  a = b\n\n  SECRET", "line 5 has no `=`"),
        ("[default]\ns3 =\n  = SECRET", "line 3 has no name"),
    ] {
        home.write("config", text);
        let error = home.error(None, &[]);
        assert!(error.starts_with(&format!("{}: {expected}", home.path("config"))), "{error}");
        assert!(!error.contains("SECRET"), "{error}");
    }
    home.write("config", b"[default]\nregion = \xff\n");
    assert!(home.error(None, &[]).ends_with("save it as UTF-8"));
}

#[test]
fn values_say_where_they_come_from() {
    let home = Home::new("values");
    home.write("config", "[default]\n# a\nregion = a # b\nservices = s\n[services s]\nbedrock =\n  endpoint_url = u # v\n");
    let profile = home.load(None, &[]).unwrap().unwrap();
    let config = home.path("config");
    let found = profile.region.as_ref().unwrap();
    assert_eq!(found.what, format!("`region` of profile `default` ({config}, line 3)"));
    let url = profile.endpoint_url("bedrock").unwrap().unwrap();
    assert_eq!(
        (url.text.as_str(), url.what.as_str()),
        ("u", &*format!("`endpoint_url` of `bedrock` of services `s` ({config}, line 7)"))
    );
}

#[test]
fn each_service_goes_to_its_own_endpoint_before_that_of_all() {
    use crate::client::settings::site;
    use crate::endpoint::Service;

    let home = Home::new("planes");
    let profile = "[default]\nservices = s\nendpoint_url = http://127.0.0.1:3\n[services s]\n";
    let own = |service, port| format!("{service} =\n  endpoint_url = http://127.0.0.1:{port}\n");
    for (services, runtime, control) in [
        (own("bedrock_runtime", 1) + &own("bedrock", 2), 1, 2),
        (own("bedrock_runtime", 1), 1, 3),
        (own("BEDROCK", 2), 3, 2),
    ] {
        home.write("config", format!("{profile}{services}"));
        let profile = home.load(None, &[]).unwrap();
        for (service, port) in [(Service::Runtime, runtime), (Service::ControlPlane, control)] {
            let found = site(None, None, service, &|_| None, profile.as_ref()).unwrap();
            let found = found.endpoint(None).unwrap().to_string();
            assert_eq!(found, format!("http://127.0.0.1:{port}"));
        }
    }
}

#[test]
fn services_that_do_not_exist_are_an_error_once_they_are_needed() {
    let home = Home::new("services");
    home.write("config", "[default]\nservices = s\nendpoint_url = u\n");
    let profile = home.load(None, &[]).unwrap().unwrap();
    let error = profile.endpoint_url("bedrock_runtime").unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("`[services s]`"), "{error}");
}

#[cfg(feature = "sigv4")]
#[test]
fn the_keys_of_credentials_hold_and_no_other_file_adds_to_them() {
    let home = Home::new("keys");
    let other = "[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = o\naws_session_token = t\n";
    home.write("config", other).write("credentials", format!("[default]\n{KEYS}"));
    let profile = home.load(None, &[]).unwrap().unwrap();
    let shown = format!("{profile:?} {profile:#?}");
    assert!(!shown.contains("wJalr"), "{shown}");
    let keys = profile.into_credentials().unwrap().unwrap();
    assert_eq!((keys.access_key_id(), keys.session_token()), ("AKIDEXAMPLE", None));
}

#[cfg(feature = "sigv4")]
#[test]
fn half_of_a_pair_of_keys_is_an_error_that_names_the_other_half() {
    let home = Home::new("half");
    for (text, line, missing) in [
        ("[default]\naws_access_key_id = AKIDEXAMPLE\n", 2, "`aws_secret_access_key`"),
        ("[default]\n\naws_secret_access_key = wJalr\n", 3, "`aws_access_key_id`"),
    ] {
        home.write("credentials", text);
        let profile = home.load(None, &[]).unwrap().unwrap();
        let error = profile.into_credentials().unwrap_err().to_string();
        let at = format!("{}, line {line} ", home.path("credentials"));
        assert!(error.contains(&at) && error.contains(missing), "{error}");
        assert!(!error.contains("wJalr"), "{error}");
    }
}

#[cfg(feature = "sigv4")]
#[test]
fn what_takes_the_chain_names_the_setting_the_profile_and_the_feature() {
    let home = Home::new("chain");
    let settings = keys::BEFORE_KEYS.iter().zip([true; 4]);
    for (setting, in_credentials) in settings.chain(keys::BETWEEN_KEYS.iter().zip([false; 2])) {
        let (credentials, config) = if in_credentials { (KEYS, "") } else { ("", KEYS) };
        home.write("credentials", format!("[work]\n{credentials}"));
        home.write("config", format!("[profile work]\n{setting} = wJalr secret\n{config}"));
        let profile = home.load(Some("work"), &[]).unwrap().unwrap();
        let error = profile.into_credentials().unwrap_err().to_string();
        for part in [setting, "`work`", "`credential-chain`", "line 2"] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("wJalr"), "{error}");
    }
}

#[test]
fn retries_are_read_behind_the_environment_and_errors_name_file_and_line() {
    let home = Home::new("retries");
    let policy = |text: &str, set: &[(&str, &str)]| {
        home.write("config", format!("[profile work]\n{text}"));
        let profile = home.load(Some("work"), &[]).unwrap();
        let lookup = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        RetryPolicy::from_settings(&lookup, profile.as_ref()).map_err(|error| error.to_string())
    };
    let attempts = |number| Ok(RetryPolicy::standard().max_attempts(number));
    assert_eq!(policy("max_attempts = 7\nretry_mode = adaptive\n", &[]), attempts(7));
    assert_eq!(policy("max_attempts = 7\n", &[("AWS_MAX_ATTEMPTS", "2")]), attempts(2));
    assert_eq!(policy("max_attempts = 0\n", &[("AWS_MAX_ATTEMPTS", "2")]), attempts(2));
    for (text, part) in [("max_attempts = 0\n", "1 is no retry"), ("retry_mode = fast\n", "`fast`")]
    {
        let error = policy(text, &[]).unwrap_err();
        for part in [part, "profile `work`", "line 2"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}

#[cfg(feature = "sigv4")]
#[test]
fn keys_in_credentials_go_before_what_no_sdk_asks_for_first() {
    let home = Home::new("keys-first");
    home.write("credentials", format!("[work]\n{KEYS}"));
    for setting in ["login_session", "credential_process", "sso_session", "credential_source"] {
        home.write("config", format!("[profile work]\n{setting} = x\n"));
        let profile = home.load(Some("work"), &[]).unwrap().unwrap();
        assert!(profile.into_credentials().unwrap().is_some(), "{setting}");
    }
}

#[cfg(feature = "sigv4")]
/// The reading of one case in the words of `tests/clients/botocore_profiles.py`.
fn reading(home: &Home, case: &Json) -> Json {
    for file in ["config", "credentials"] {
        let _ = std::fs::remove_file(home.path(file));
        if let Some(text) = case[file].as_str() {
            home.write(file, text);
        }
    }
    match home.load(case["profile"].as_str(), &[]) {
        Err(_) => json!({"refused": true}),
        Ok(Some(profile)) => members(&profile).unwrap_or_else(|| json!({"refused": true})),
        Ok(None) => {
            let endpoints = json!({"bedrock_runtime": null, "bedrock": null});
            json!({"region": null, "endpoints": endpoints, "switches": [null, null, null], "chain": false, "keys": null})
        }
    }
}

#[cfg(feature = "sigv4")]
fn members(profile: &Profile) -> Option<Json> {
    let text = |value: &Option<Value>| value.as_ref().map(|value| value.text.clone());
    let mut endpoints = serde_json::Map::new();
    for service in SERVICES {
        let url = profile.endpoint_url(service).ok()?.map(|value| value.text.clone());
        endpoints.insert(service.to_owned(), url.into());
    }
    let switches = [
        text(&profile.use_fips_endpoint),
        text(&profile.use_dualstack_endpoint),
        text(&profile.ignore_configured_endpoint_urls),
    ];
    let (chain, keys) = match profile.claim.as_ref().ok()? {
        Some(keys::Claim::Keys(keys)) => {
            (false, json!([keys.access_key_id(), keys.secret_access_key(), keys.session_token()]))
        }
        Some(keys::Claim::Chain(_)) => (true, Json::Null),
        None => (false, Json::Null),
    };
    let region = text(&profile.region);
    Some(
        json!({"region": region, "endpoints": endpoints, "switches": switches, "chain": chain, "keys": keys}),
    )
}

#[cfg(feature = "sigv4")]
#[test]
fn files_read_as_botocore_reads_them() {
    let Some(path) = std::env::var_os("BEDROCK_WIRE_BOTOCORE_PROFILES") else {
        eprintln!(
            "skipped: BEDROCK_WIRE_BOTOCORE_PROFILES is not set (tests/clients/botocore_profiles.py)"
        );
        return;
    };
    let cases = std::fs::read_to_string(path).unwrap();
    let home = Home::new("botocore");
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let (ours, theirs) = (reading(&home, &case), &case["botocore"]);
        let expected = if case["differs"].is_null() { theirs } else { &case["ours"] };
        if ours != *expected {
            wrong.push(format!("{}: {ours}\n  not {expected}", case["name"]));
        }
        assert!(case["differs"].is_null() || expected != theirs, "{}: no difference", case["name"]);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases.lines().count() > 100, "the cases are few");
}
