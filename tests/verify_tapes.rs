//! Verifying tapes: fixtures and recordings are clean, and what is planted in
//! them is found, whatever it hides in.
#![cfg(feature = "replay")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bedrock_wire::import;
use bedrock_wire::tape::{Finding, Issue, SecretKind, Severity, verify, verify_file};

/// They have the form of what they stand for, and say that they are none.
const KEY_ID: &str = "AKIANEVERISSUEDNEVER";
const SECRET: &str = "NeverIssuedNeverIssued/NeverIssued+Never";

fn found(tape: &str) -> Vec<Finding> {
    verify(tape.as_bytes(), "x.tape.jsonl").unwrap()
}

/// A tape with something in its model, its path, a header, and its bodies.
fn tape(model: &str, path: &str, header: &str, body: &str, payload: &str) -> String {
    format!(
        concat!(
            r#"{{"tape":1,"operation":"ConverseStream","model":"{}","source":null}}"#,
            "\n",
            r#"{{"request":{{"method":"POST","path":"{}","headers":[],"body":{}}}}}"#,
            "\n",
            r#"{{"response":{{"status":200,"headers":[["content-type","application/vnd.amazon.eventstream"],["x-amzn-requestid","{}"]],"at":null}}}}"#,
            "\n",
            r#"{{"frame":{{"headers":{{":event-type":"x"}},"payload":{}}},"at":null}}"#,
            "\n",
            r#"{{"pieces":null,"end":null}}"#,
            "\n"
        ),
        model, path, body, header, payload
    )
}

fn clean() -> [String; 5] {
    ["m", "/model/m/converse-stream", "id", "{}", "{}"].map(str::to_owned)
}

fn planted(index: usize, text: &str) -> Vec<Finding> {
    let mut parts = clean();
    text.clone_into(&mut parts[index]);
    let [model, path, header, body, payload] = parts;
    found(&tape(&model, &path, &header, &body, &payload))
}

fn secrets(findings: &[Finding]) -> Vec<(usize, &str, SecretKind)> {
    let secret = |finding: &Finding| match finding.issue {
        Issue::Secret(kind) => Some(kind),
        _ => None,
    };
    let kinds = findings.iter().filter_map(|f| Some((f.line, &*f.member, secret(f)?)));
    kinds.collect()
}

#[test]
fn every_fixture_is_clean() {
    let mut count = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            assert_eq!(verify_file(&path).unwrap(), [], "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} fixtures");
}

#[test]
fn a_planted_secret_is_found_in_each_place() {
    assert_eq!(planted(0, "m"), []);
    let id = SecretKind::AccessKeyId;
    let chunk = STANDARD.encode(format!(r#"{{"text":"{KEY_ID}"}}"#));
    let arn = format!("arn:aws:bedrock:us-east-1:123456789012:x/{KEY_ID}");
    let encoded = arn.replace(':', "%3A").replace('/', "%2F");
    let frame = "frame.payload";
    for (place, text, line, member) in [
        (2, KEY_ID.to_owned(), 3, "response.headers[1][1]"),
        (3, format!(r#"{{"a":[{{"b":"{KEY_ID}"}}]}}"#), 2, "request.body.a[0].b"),
        (4, format!(r#"{{"delta":"is {KEY_ID}"}}"#), 4, &*format!("{frame}.delta")),
        (4, format!(r#"{{"bytes":"{chunk}"}}"#), 4, &*format!("{frame}.bytes")),
    ] {
        assert_eq!(secrets(&planted(place, &text)), [(line, member, id)], "{text}");
    }
    let in_arn = found(&tape(&arn, &format!("/model/{encoded}/converse-stream"), "id", "{}", "{}"));
    assert_eq!(secrets(&in_arn), [(1, "model", id), (2, "request.path", id)]);
}

#[test]
fn a_secret_is_found_in_every_encoding() {
    let clear = format!("aws_secret_access_key={SECRET}");
    let twice = STANDARD.encode(format!(r#"{{"x":"{}"}}"#, STANDARD.encode(&clear)));
    let percent: Vec<_> = clear.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let percent = percent.concat();
    let mut texts = vec![clear.clone(), twice, percent.clone(), percent.replace('%', "%25")];
    for shift in ["", "a", "ab", "abc"] {
        let shifted = format!("{shift}{clear}");
        texts.push(STANDARD.encode(&shifted));
        texts.push(URL_SAFE_NO_PAD.encode(&shifted));
        texts.push(format!("{shift}/{}", STANDARD.encode(&clear)));
        texts.push(format!("data:text/plain;base64,{}", STANDARD.encode(&shifted)));
    }
    for text in texts {
        let findings = planted(4, &format!(r#"{{"a":"{text}"}}"#));
        let [(line, member, kind)] = *secrets(&findings) else {
            panic!("{text}: {findings:?}");
        };
        assert_eq!((line, kind), (4, SecretKind::SecretAccessKey), "{text}");
        assert!(member.starts_with("frame.payload.a"), "{member}");
        let shown = findings.iter().map(Finding::to_string).collect::<String>();
        assert!(!shown.contains(SECRET), "{shown}");
    }
    // As a tool's input: JSON in JSON, escaped as no one would.
    let escaped = SECRET.replace('/', r"\\/");
    let input = format!(r#"{{"input":"{{\"SecretAccessKey\":\"{escaped}\"}}"}}"#);
    assert_eq!(secrets(&planted(4, &input))[0].2, SecretKind::SecretAccessKey);
    let letters: Vec<_> = KEY_ID.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let letters = letters.concat();
    assert_eq!(secrets(&planted(3, &format!(r#"{{"a":"{letters}"}}"#))).len(), 1);
    let duplicate = format!(r#"{{"a":"{KEY_ID}","a":"b"}}"#);
    assert_eq!(secrets(&planted(3, &duplicate)), [(2, "", SecretKind::AccessKeyId)]);
}

#[test]
fn a_secret_that_a_model_writes_in_several_deltas_is_found() {
    let lines = tape("m", "/model/m/converse-stream", "id", "{}", "PAYLOAD");
    let line = lines.lines().find(|line| line.contains("PAYLOAD")).unwrap();
    let delta = |text: &str| {
        let payload = format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{text}"}}}}"#);
        line.replace("PAYLOAD", &payload)
    };
    let (one, two) = KEY_ID.split_at(9);
    let deltas = [delta("It is "), delta(one), delta(two)].join("\n");
    let findings = found(&lines.replace(line, &deltas));
    assert_eq!(
        secrets(&findings),
        [(4, "frame.payload.delta.text", SecretKind::AccessKeyId)],
        "{findings:?}"
    );
}

#[test]
fn another_account_is_a_warning_that_says_how_to_mend_it() {
    let arn = "arn:aws:bedrock:us-east-1:210987654321:x/y";
    let findings = planted(3, &format!(r#"{{"a":"{}"}}"#, STANDARD.encode(arn)));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].issue.severity(), Severity::Warning);
    assert_eq!(
        findings[0].to_string(),
        "x.tape.jsonl:2: warning: request.body.a: account id 210987654321: `import --scrub` and \
         `Scrub` put 123456789012 in its place"
    );
    assert_eq!(planted(3, r#"{"a":"arn:aws:bedrock:us-east-1:123456789012:x/y"}"#), []);
}

#[test]
fn what_is_malformed_or_damaged_is_told_by_line() {
    let good = tape("m", "/model/m/converse-stream", "id", "{}", "{}");
    let issue = |text: &str| {
        let findings = found(text);
        assert_eq!(findings.len(), 1, "{findings:?}");
        (findings[0].line, findings[0].issue.clone())
    };
    let (line, unreadable) = issue(&good.replace(r#""status":200"#, r#""status":2"#));
    assert_eq!((line, unreadable.severity()), (3, Severity::Error));
    assert!(unreadable.to_string().contains("response.status"), "{unreadable}");
    // The start of a frame is what a cut stream has, and no other.
    let rest = |end: &str, base64: &str| {
        let last = format!(
            concat!(
                r#"{{"rest":{{"base64":"{}","why":"#,
                r#""the input ends inside a message: 3 bytes arrived, fewer than the 12 of a prelude"}}}}"#,
                "\n",
                r#"{{"pieces":null,"end":{}}}"#
            ),
            base64, end
        );
        good.replace(r#"{"pieces":null,"end":null}"#, &last)
    };
    assert_eq!(found(&rest(r#""cut""#, "AAAA")), []);
    assert!(matches!(issue(&rest("null", "AAAA")), (5, Issue::Damaged { .. })));
    let (line, otherwise) = issue(&good.replace("\"body\":{}", "\"body\": {}"));
    assert_eq!((line, otherwise), (2, Issue::WrittenOtherwise));
    let zipped = good.replace(r#"["x-amzn-requestid","id"]"#, r#"["content-encoding","gzip"]"#);
    assert!(matches!(issue(&zipped), (3, Issue::Compressed { .. })));
}

#[test]
fn a_damaged_frame_is_told_with_its_line() {
    let good = tape("m", "/model/m/converse-stream", "id", "{}", "{}");
    let frame = good.lines().nth(3).unwrap();
    let broken = STANDARD.encode([0_u8; 20]);
    let line = format!(r#"{{"frame":{{"base64":"{broken}","why":"x"}},"at":null}}"#);
    let findings = found(&good.replace(frame, &line));
    let damaged = findings.iter().find(|f| matches!(f.issue, Issue::Damaged { .. })).unwrap();
    assert_eq!((damaged.line, &*damaged.member), (4, "frame"));
}

#[test]
fn a_tape_that_is_refused_is_searched_too_and_its_error_quotes_no_secret() {
    let target = format!("/model/m/converse-stream?X-Amz-Credential={KEY_ID}");
    let findings = found(&tape("m", &target, "id", "{}", "{}"));
    assert!(findings.iter().any(|f| matches!(f.issue, Issue::Unreadable(_))), "{findings:?}");
    assert_eq!(secrets(&findings).len(), 1);
    let shown: String = findings.iter().map(Finding::to_string).collect();
    assert!(!shown.contains(KEY_ID), "{shown}");
}

#[test]
fn recordings_hold_no_secret_but_what_their_recorders_left() {
    let Some(corpus) = corpus::find("recordings, verified") else {
        return;
    };
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut tapes = 0;
    for (path, tape) in import::recordings(corpus.root().join("recordings")) {
        let mut bytes = Vec::new();
        tape.unwrap().write(&mut bytes).unwrap();
        for finding in verify(&*bytes, &path.display().to_string()).unwrap() {
            let kind = match &finding.issue {
                Issue::Secret(kind) => format!("{kind:?}"),
                other => other.name().to_owned(),
            };
            kinds.entry(kind).or_default().push(finding.to_string());
        }
        tapes += 1;
    }
    for (kind, findings) in &kinds {
        println!("{kind}: {} such as {}", findings.len(), findings[0]);
    }
    println!("{tapes} tapes");
    assert!(tapes >= 646);
    assert!(!kinds.contains_key("written-otherwise") && !kinds.contains_key("unreadable"));
    assert!(kinds.contains_key("account"), "accounts are left in the recordings");
    for kind in ["SecretAccessKey", "SessionToken", "ApiKey", "Bearer", "Signature", "PrivateKey"] {
        assert!(!kinds.contains_key(kind), "{kind}: {:?}", kinds[kind]);
    }
}

#[cfg(feature = "cli")]
mod command {
    use std::process::{Command, Output};

    use super::*;

    fn run(args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
        command.env_clear().arg("verify").args(args).output().unwrap()
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_fixtures_pass_the_command() {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
        let output = run(&[fixtures]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
        assert!(text(&output.stderr).contains("0 errors, 0 warnings"), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }

    #[test]
    fn what_is_found_is_printed_by_file_and_line_and_ends_the_command_with_its_code() {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify").join("below");
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("x.tape.jsonl");
        let [model, sent, header, _, _] = clean();
        let body = format!(r#"{{"a":"{KEY_ID}"}}"#);
        fs::write(&path, tape(&model, &sent, &header, &body, "{}")).unwrap();
        let output = run(&[dir.parent().unwrap().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        let expected = format!("{}:2: error: request.body.a: an AWS access", path.display());
        assert!(text(&output.stdout).starts_with(&expected), "{}", text(&output.stdout));
        let output = run(&["--json", path.to_str().unwrap()]);
        let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(line["issue"], "secret");
        assert_eq!((&line["line"], &line["severity"]), (&2.into(), &"error".into()));
        let output = run(&["no-such-file.tape.jsonl"]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    }
}
