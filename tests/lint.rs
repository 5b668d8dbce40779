//! Each rule finds its made example, and what it proposes mends it; recorded
//! requests that the service took break no rule whose rejection is on record.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::collections::BTreeSet;

use bedrock_wire::lint::{self, Change, Edit, Finding, Rule, Severity};
use bedrock_wire::model::{ConverseRequest, ConverseStreamRequest, from_bytes};
use corpus::{Corpus, Recording};
use serde_json::{Value, json};

/// A request that breaks one rule, where, and what mending makes of it.
struct Example {
    rule: Rule,
    /// Which one, for a failing test to say.
    name: String,
    paths: Vec<String>,
    request: Value,
    /// `None` where nothing safe can be proposed.
    mended: Option<Value>,
}

impl Example {
    fn request(&self) -> ConverseRequest {
        serde_json::from_value(self.request.clone())
            .unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }
}

fn examples() -> Vec<Example> {
    let rows: Vec<Value> = serde_json::from_str(include_str!("lint/examples.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let example = |row: &Value| Example {
        rule: row["rule"].as_str().unwrap().parse().unwrap(),
        name: format!("{} {}", row["rule"], row["case"]),
        paths: row["paths"].as_array().unwrap().iter().map(text).collect(),
        request: row["request"].clone(),
        mended: Some(row["mended"].clone()).filter(|mended| !mended.is_null()),
    };
    rows.iter().map(example).collect()
}

/// What an example breaks beside its own rule: only the model's last turn can
/// end in white space or be cut off before a result, and not every model takes
/// a last turn of its own.
const GOES_ALONG: Rule = Rule::LastMessageNotUser;

/// Makes the changes on plain JSON, sharing nothing with the crate.
fn replay(request: &Value, changes: &[Change]) -> Value {
    let mut json = request.clone();
    for edit in changes.iter().flat_map(|change| &change.fix.edits) {
        match edit {
            Edit::Remove { path, .. } => drop(take(&mut json, &path.pointer())),
            Edit::Set { path, value, .. } => {
                put(&mut json, &path.pointer(), value.to_value().unwrap(), true);
            }
            Edit::Insert { path, value, .. } => {
                put(&mut json, &path.pointer(), value.to_value().unwrap(), false);
            }
            Edit::Move { from, to, .. } => {
                let item = take(&mut json, &from.pointer());
                put(&mut json, &to.pointer(), item, false);
            }
            other => panic!("{other}: an edit that the test does not know"),
        }
    }
    json
}

fn take(json: &mut Value, pointer: &str) -> Value {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Value::Array(items) => items.remove(last.parse().unwrap()),
        Value::Object(members) => members.remove(last).unwrap(),
        other => panic!("{parent}: {other} holds nothing"),
    }
}

fn put(json: &mut Value, pointer: &str, value: Value, replaces: bool) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Value::Array(items) if replaces => items[last.parse::<usize>().unwrap()] = value,
        Value::Array(items) => items.insert(last.parse().unwrap(), value),
        Value::Object(members) => drop(members.insert(last.to_owned(), value)),
        other => panic!("{parent}: {other} holds nothing"),
    }
}

fn written(request: &ConverseRequest) -> Value {
    serde_json::to_value(request).unwrap()
}

fn rules(findings: &[Finding]) -> BTreeSet<Rule> {
    findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn every_rule_has_an_example_that_breaks_it_and_no_other() {
    let mut shown = BTreeSet::new();
    for example in examples() {
        let found = lint::check(&example.request());
        let own: Vec<_> = found.iter().filter(|finding| finding.rule == example.rule).collect();
        let paths: Vec<_> = own.iter().map(|finding| finding.path.to_string()).collect();
        assert_eq!(paths, example.paths, "{}", example.name);
        assert!(own.iter().all(|f| f.severity == example.rule.severity() && !f.message.is_empty()));
        let mut others = rules(&found);
        others.remove(&example.rule);
        others.remove(&GOES_ALONG);
        assert!(others.is_empty(), "{}: also {others:?}", example.name);
        shown.insert(example.rule);
    }
    assert_eq!(shown, Rule::ALL.iter().copied().collect());
}

#[test]
fn a_mended_example_is_as_expected_and_breaks_the_rule_no_more() {
    for example in examples() {
        let mut request = example.request();
        let changes = lint::mend(&mut request, example.rule);
        let Some(expected) = &example.mended else {
            assert!(changes.is_empty(), "{}: {changes:?}", example.name);
            assert_eq!(written(&request), example.request, "{}", example.name);
            assert!(lint::check(&example.request()).iter().all(|finding| finding.fix.is_none()));
            continue;
        };
        assert_eq!(&written(&request), expected, "{}", example.name);
        let mut left = rules(&lint::check(&request));
        left.remove(&GOES_ALONG);
        assert!(left.is_empty(), "{}: {left:?} is left", example.name);
        assert_eq!(lint::mend(&mut request, example.rule), [], "{}", example.name);
    }
}

#[test]
fn a_mended_request_differs_where_it_was_reported_and_nowhere_else() {
    for example in examples() {
        for mend in [
            &(|request: &mut ConverseRequest| lint::mend(request, example.rule))
                as &dyn Fn(&mut ConverseRequest) -> Vec<Change>,
            &lint::mend_rejected,
        ] {
            let mut request = example.request();
            let changes = mend(&mut request);
            assert_eq!(replay(&example.request, &changes), written(&request), "{}", example.name);
        }
    }
}

#[test]
fn mending_all_that_is_rejected_leaves_suspects_alone() {
    for example in examples() {
        let mut request = example.request();
        let changes = lint::mend_rejected(&mut request);
        if example.rule.severity() == Severity::Suspect {
            assert_eq!(changes, [], "{}", example.name);
            assert_eq!(written(&request), example.request, "{}", example.name);
        } else {
            let expected = example.mended.as_ref().unwrap_or(&example.request);
            assert_eq!(&written(&request), expected, "{}", example.name);
        }
    }
}

#[test]
fn checking_changes_nothing() {
    for example in examples() {
        let request = example.request();
        lint::check(&request);
        assert_eq!(written(&request), example.request, "{}", example.name);
    }
}

/// Two requests as one: their lists one after the other.
fn joined(first: &Value, second: &Value) -> Value {
    match (first, second) {
        (Value::Object(a), Value::Object(b)) => {
            let mut members = a.clone();
            for (name, value) in b {
                let value = a.get(name).map_or(value.clone(), |before| joined(before, value));
                members.insert(name.clone(), value);
            }
            Value::Object(members)
        }
        (Value::Array(a), Value::Array(b)) => a.iter().chain(b).cloned().collect(),
        (first, _) => first.clone(),
    }
}

fn can_be_mended(findings: Vec<Finding>, wanted: impl Fn(&Finding) -> bool) -> Vec<String> {
    let findings = findings.into_iter().filter(|f| f.fix.is_some() && wanted(f));
    findings.map(|finding| finding.to_string()).collect()
}

#[test]
fn mending_two_examples_in_one_request_leaves_nothing_to_mend() {
    let examples = examples();
    for (first, second) in examples.iter().flat_map(|a| examples.iter().map(move |b| (a, b))) {
        let name = format!("{} and {}", first.name, second.name);
        let before = joined(&first.request, &second.request);
        let parsed: ConverseRequest = serde_json::from_value(before.clone()).unwrap();
        for rule in [first.rule, second.rule] {
            let mut request = parsed.clone();
            let changes = lint::mend(&mut request, rule);
            let left = can_be_mended(lint::check(&request), |finding| finding.rule == rule);
            assert!(left.is_empty(), "{name}: {left:?}");
            assert_eq!(replay(&before, &changes), written(&request), "{name}");
        }
        let mut request = parsed.clone();
        let changes = lint::mend_rejected(&mut request);
        let is_rejected = |finding: &Finding| finding.severity == Severity::Rejected;
        let left = can_be_mended(lint::check(&request), is_rejected);
        assert!(left.is_empty(), "{name}: {left:?}");
        assert_eq!(replay(&before, &changes), written(&request), "{name}");
    }
}

fn mended(request: &Value) -> Value {
    let mut typed: ConverseRequest = serde_json::from_value(request.clone()).unwrap();
    let changes = lint::mend_rejected(&mut typed);
    assert_eq!(replay(request, &changes), written(&typed));
    written(&typed)
}

fn call(id: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": "add", "input": {}}})
}

fn result(id: &str) -> Value {
    json!({"toolResult": {"toolUseId": id, "content": [{"text": format!("of {id}")}]}})
}

fn conversation(messages: &Value) -> Value {
    json!({
        "messages": messages,
        "toolConfig": {"tools": [
            {"toolSpec": {"name": "add", "inputSchema": {"json": {"type": "object"}}}},
        ]},
    })
}

#[test]
fn results_told_apart_are_brought_to_their_calls() {
    let apart = conversation(&json!([
        {"role": "user", "content": [{"text": "Hello"}]},
        {"role": "assistant", "content": [call("a"), call("b"), call("c")]},
        {"role": "user", "content": [result("b")]},
        {"role": "user", "content": [result("c")]},
        {"role": "user", "content": [result("a"), {"text": "Well?"}]},
    ]));
    let together = conversation(&json!([
        {"role": "user", "content": [{"text": "Hello"}]},
        {"role": "assistant", "content": [call("a"), call("b"), call("c")]},
        {"role": "user", "content": [result("b"), result("c"), result("a")]},
        {"role": "user", "content": [{"text": "Well?"}]},
    ]));
    assert_eq!(mended(&apart), together);
}

#[test]
fn a_result_after_another_turn_of_the_model_is_brought_before_it() {
    let late = conversation(&json!([
        {"role": "user", "content": [{"text": "Hello"}]},
        {"role": "assistant", "content": [call("a")]},
        {"role": "assistant", "content": [{"text": "Wait."}]},
        {"role": "user", "content": [result("a")]},
    ]));
    let in_time = conversation(&json!([
        {"role": "user", "content": [{"text": "Hello"}]},
        {"role": "assistant", "content": [call("a")]},
        {"role": "user", "content": [result("a")]},
        {"role": "assistant", "content": [{"text": "Wait."}]},
    ]));
    assert_eq!(mended(&late), in_time);
}

#[test]
fn calls_that_the_service_ran_itself_need_no_result_of_the_users() {
    let server = json!({"toolUse": {
        "toolUseId": "s", "name": "nova_code_interpreter", "input": {}, "type": "server_tool_use",
    }});
    let request = conversation(&json!([
        {"role": "user", "content": [{"text": "Hello"}]},
        {"role": "assistant", "content": [server, result("s"), call("a"), result("a")]},
        {"role": "user", "content": [{"text": "Thanks"}]},
    ]));
    assert_eq!(mended(&request), request);
}

#[test]
fn a_last_turn_of_the_models_that_says_nothing_is_removed() {
    let hello = json!({"role": "user", "content": [{"text": "Hello"}]});
    for silent in [json!([]), json!([{"text": ""}]), json!([{"text": " "}])] {
        let request = json!({"messages": [hello, {"role": "assistant", "content": silent}]});
        assert_eq!(mended(&request), json!({"messages": [hello]}), "{silent}");
    }
}

#[test]
fn numbers_and_white_space_of_a_schema_stay_as_they_were_written() {
    let request = r#"{"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{ "maximum": 1e400, "minimum": 1.0 }}}}]}}"#;
    let mut typed: ConverseRequest = serde_json::from_str(request).unwrap();
    lint::mend_rejected(&mut typed);
    assert_eq!(
        serde_json::to_string(&typed).unwrap(),
        request.replace(r#"{ "maximum"#, r#"{"type":"object", "maximum"#)
    );
}

#[test]
fn a_streaming_request_is_linted_like_any_other() {
    for example in examples() {
        let mut streaming = ConverseStreamRequest::from(example.request());
        let mut plain = example.request();
        assert_eq!(lint::check(&streaming), lint::check(&plain));
        assert_eq!(lint::mend_rejected(&mut streaming), lint::mend_rejected(&mut plain));
        assert_eq!(streaming, plain.into());
    }
}

#[test]
fn ids_are_unique_and_lead_back_to_their_rules() {
    let ids: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(ids.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        assert_eq!(rule.id().parse(), Ok(*rule));
        assert!(rule.id().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{rule}");
    }
    assert!("no-such-rule".parse::<Rule>().is_err());
}

/// The one recorded request body that is not JSON: a comma is missing.
const NOT_JSON: &str = "pydantic__pydantic-ai/test_bedrock_model_other_parameters-0";

/// The recorded requests of Converse and ConverseStream with what is found.
fn recorded(corpus: &Corpus) -> Vec<(Recording, Vec<Finding>)> {
    let recordings = corpus.recordings().into_iter().filter(|r| r.path != NOT_JSON);
    recordings
        .filter_map(|recording| {
            let body = recording.request()?.into();
            let found = match recording.operation.as_str() {
                "Converse" => lint::check(&from_bytes::<ConverseRequest>(&body).unwrap()),
                "ConverseStream" => {
                    lint::check(&from_bytes::<ConverseStreamRequest>(&body).unwrap())
                }
                _ => return None,
            };
            Some((recording, found))
        })
        .collect()
}

/// What is suspect in requests that were answered with 200, and why it is not
/// more than that.
const SUSPECTS: &[(&str, &str, &str)] = &[
    (
        "0xPlaygrounds__rig/completion_with_context_smoke-0",
        "document-name-underscore",
        "Nova Lite takes an underscore",
    ),
    (
        "0xPlaygrounds__rig/completion_with_context_smoke-0",
        "roles-do-not-alternate",
        "Nova Lite takes two messages of the user's",
    ),
    (
        "0xPlaygrounds__rig/documents_are_prepended_before_history-0",
        "document-name-underscore",
        "Nova Lite takes an underscore",
    ),
    (
        "0xPlaygrounds__rig/streaming_tools_smoke-1.v3",
        "tool-result-json-not-an-object",
        "Nova Lite takes a number",
    ),
    (
        "0xPlaygrounds__rig/tool_roundtrip_smoke-1.v3",
        "tool-result-json-not-an-object",
        "Nova Lite takes a number",
    ),
    (
        "agentjido__req_llm/amazon_nova_lite_v1_0.converse_stream_validation_exception-0",
        "image-format",
        "the status is 200 and the stream an exception: no PNG; only Nova's refusal is on record",
    ),
    (
        "pydantic__pydantic-ai/test_bedrock_anthropic_message_history_starting_with_response-0",
        "first-message-not-user",
        "Claude Sonnet 4.5 takes a first turn of its own",
    ),
    (
        "pydantic__pydantic-ai/test_bedrock_cache_write_and_read-0",
        "blank-text",
        "Claude Sonnet 4.5 takes a line feed",
    ),
    (
        "pydantic__pydantic-ai/test_bedrock_cache_write_and_read-1",
        "blank-text",
        "Claude Sonnet 4.5 takes a line feed",
    ),
    (
        "traceloop__openllmetry/test_guardrail_converse-0",
        "roles-do-not-alternate",
        "Titan takes two messages of the user's",
    ),
    (
        "traceloop__openllmetry/test_guardrail_converse_stream-0",
        "roles-do-not-alternate",
        "Titan takes two messages of the user's",
    ),
];

#[test]
fn lint_on_recordings() {
    let Some(corpus) = corpus::find("the recorded requests, linted") else {
        return;
    };
    let (mut checked, mut suspects) = (0, BTreeSet::new());
    for (recording, found) in recorded(&corpus) {
        if recording.status != 200 {
            continue;
        }
        for finding in found {
            let path = &recording.path;
            assert_eq!(finding.severity, Severity::Suspect, "{path}: {finding}");
            suspects.insert((path.clone(), finding.rule.id()));
        }
        checked += 1;
    }
    let expected: BTreeSet<_> =
        SUSPECTS.iter().map(|(path, rule, _)| ((*path).to_owned(), *rule)).collect();
    assert_eq!(suspects, expected);
    eprintln!("{checked} requests answered with 200, {} suspects", suspects.len());
    assert!(checked > 400, "only {checked} requests were found");
}

/// Why recorded requests were turned away, and the rule that finds it. Where
/// there is none, the body does not show what is wrong: it hangs on the model,
/// its id, or when the request was signed.
const REFUSALS: &[(&str, Option<Rule>)] = &[
    ("The provided model identifier is invalid.", None),
    ("with on-demand throughput isn’t supported", None),
    ("This model version has reached the end of its life.", None),
    ("Signature expired", None),
    // A document in S3, for models that read none from there.
    ("document.source.type: Field required", None),
    ("extraneous key [toolResult] is not permitted", None),
    ("This model doesn't support the s3Uri field.", None),
    ("This model doesn't support the video content block that you provided.", None),
    ("does not match the expected type image/png", Some(Rule::ImageFormat)),
];

#[test]
fn recorded_refusals_are_found_where_the_body_shows_their_reason() {
    let Some(corpus) = corpus::find("the recorded refusals") else {
        return;
    };
    let mut seen = BTreeSet::new();
    for (recording, found) in recorded(&corpus) {
        let answer = recording.response();
        let answer = String::from_utf8_lossy(&answer);
        let reason = REFUSALS.iter().find(|(reason, _)| answer.contains(reason));
        let is_refused = recording.status != 200 || answer.contains("validationException");
        assert_eq!(reason.is_some(), is_refused, "{}: {answer}", recording.path);
        if let Some((reason, rule)) = reason {
            assert_eq!(rules(&found), rule.iter().copied().collect(), "{}", recording.path);
            seen.insert(*reason);
        }
    }
    assert_eq!(seen.len(), REFUSALS.len(), "{seen:?}");
}
