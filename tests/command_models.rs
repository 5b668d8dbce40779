//! `bedrock-wire models` as its users meet it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod models;

use std::path::Path;
use std::process::{Command, Output};

use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::tape::{RecordedRequest, RecordedResponse, Tape};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use models::Model;
use serde_json::{Value, json};

/// The program with example credentials and nothing else of this machine's.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
    command
        .env_clear()
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .arg("models");
    command
}

fn run(server: &ReplayServer, arguments: &[&str]) -> Output {
    program().args(["--endpoint-url", &server.url()]).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What is on stdout, after checking that all went well and nothing is said.
fn printed(output: &Output) -> &str {
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    text(&output.stdout)
}

/// The cells of a table, by the two spaces between columns.
fn cells(output: &Output) -> Vec<Vec<&str>> {
    let cells = |line| str::split(line, "  ").map(str::trim).filter(|cell| !cell.is_empty());
    printed(output).lines().map(|line| cells(line).collect()).collect()
}

fn json_lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A tape that nobody recorded, of what is asked by GET from `path`.
fn made(operation: &str, path: &str, answer: impl Into<Bytes>) -> Tape {
    refused(operation, path, StatusCode::OK, None, answer)
}

/// The same with the status and the name of an error.
fn refused(
    operation: &str,
    path: &str,
    status: StatusCode,
    error: Option<&'static str>,
    answer: impl Into<Bytes>,
) -> Tape {
    let kind = [("content-type", "application/json")].into_iter();
    let headers = kind.chain(error.map(|error| ("x-amzn-errortype", error)));
    let headers: HeaderMap = headers
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    let mut tape =
        Tape::new(operation, "", RecordedResponse::new(status, &headers, &answer.into()));
    tape.request = Some(RecordedRequest::new(Method::GET, path, &HeaderMap::new(), Bytes::new()));
    tape
}

fn models(path: &str, models: &Value) -> Tape {
    made("ListFoundationModels", path, json!({"modelSummaries": models}).to_string())
}

fn profiles(path: &str, profiles: &Value, next: Option<&str>) -> Tape {
    let mut page = json!({"inferenceProfileSummaries": profiles});
    if let Some(next) = next {
        page["nextToken"] = next.into();
    }
    made("ListInferenceProfiles", path, page.to_string())
}

async fn serve(tapes: impl IntoIterator<Item = Tape>) -> ReplayServer {
    let tapes = tapes.into_iter().enumerate();
    let builder = ReplayServer::builder().speed(Speed::Max);
    let builder = tapes.fold(builder, |builder, (i, tape)| builder.tape(i.to_string(), tape));
    builder.start().await.unwrap()
}

fn profile(id: &str, models: &[(&str, &str)]) -> Value {
    let arn = |(region, id): &(&str, &str)| json!({"modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{id}")});
    json!({
        "inferenceProfileName": format!("Profile {id}"),
        "inferenceProfileArn": format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{id}"),
        "inferenceProfileId": id,
        "models": models.iter().map(arn).collect::<Vec<_>>(),
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    })
}

fn claude() -> Value {
    let id = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    profile("global.claude", &[("us-east-1", id), ("", id)])
}

fn nova() -> Value {
    let (pro, lite) = ("amazon.nova-pro-v1:0", "amazon.nova-lite-v1:0");
    profile("us.nova", &[("us-east-1", pro), ("us-west-2", pro), ("us-west-2", lite)])
}

/// Claude on the first page, Nova on the third and last; the second is empty.
fn three_pages() -> [Tape; 3] {
    [
        profiles("/inference-profiles", &json!([claude()]), Some("a/b+c=")),
        profiles("/inference-profiles?nextToken=a%2Fb%2Bc%3D", &json!([]), Some("z")),
        profiles("/inference-profiles?nextToken=z", &json!([nova()]), None),
    ]
}

fn fixture(name: &str) -> (String, Tape) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.tape.jsonl"));
    (std::fs::read_to_string(&path).unwrap(), Tape::load(&path).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_a_table_in_the_order_the_service_sends_them_in() {
    let known = json!({
        "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/z.nova-v1:0", "modelId": "z.nova-v1:0",
        "modelName": "Nova", "providerName": "Zed AI",
        "inputModalities": ["TEXT", "VIDEO"], "outputModalities": ["TEXT"],
        "responseStreamingSupported": false, "customizationsSupported": [],
        "inferenceTypesSupported": ["ON_DEMAND", "INFERENCE_PROFILE"],
        "modelLifecycle": {"status": "LEGACY"},
    });
    let little = json!({"modelArn": "a", "modelId": "a.little", "inputModalities": []});
    let server = serve([models("/foundation-models", &json!([known, little]))]).await;
    assert_eq!(
        cells(&run(&server, &[])),
        [
            &["model", "name", "provider", "input", "output", "streaming", "inference", "status"][..],
            &[
                "z.nova-v1:0",
                "Nova",
                "Zed AI",
                "TEXT,VIDEO",
                "TEXT",
                "no",
                "ON_DEMAND,INFERENCE_PROFILE",
                "LEGACY"
            ],
            &["a.little", "-", "-", "-", "-", "-", "-", "-"],
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_of_models_is_for_the_service_to_pick() {
    let one = |id: &str| json!([{"modelArn": "a", "modelId": id}]);
    let server = serve([
        models("/foundation-models", &one("all.all")),
        models("/foundation-models?byProvider=Mistral%20AI", &one("mistral.one")),
    ])
    .await;
    assert_eq!(cells(&run(&server, &["--provider", "Mistral AI"]))[1][0], "mistral.one");
    assert_eq!(cells(&run(&server, &[]))[1][0], "all.all");
    let other = run(&server, &["--provider", "Cohere"]);
    assert_eq!(other.status.code(), Some(7));
    assert!(text(&other.stderr).contains("`byProvider=Cohere`"), "{}", text(&other.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_every_member_that_the_service_models_know_and_those_that_they_do_not() {
    let Some(corpus) = corpus::find("the service models") else { return };
    let model = Model::of(&corpus, "bedrock");
    for (operation, path, list, option) in [
        ("ListFoundationModels", "/foundation-models", "modelSummaries", None),
        (
            "ListInferenceProfiles",
            "/inference-profiles",
            "inferenceProfileSummaries",
            Some("--profiles"),
        ),
    ] {
        let (_, mut answer) = model.exchanges(operation).remove(0);
        answer.as_object_mut().unwrap().remove("nextToken");
        let items = answer[list].as_array_mut().unwrap();
        assert!(items[0].as_object().unwrap().len() > 8, "{items:?}");
        items.push(items[0].clone());
        items[1]["newMember"] = json!({"since": 2027, "steers": "\u{9b}31m\u{202e}\n\u{7f}"});
        items[1]["description"] = Value::Null;
        let expected = items.clone();
        // On many lines: one for each item comes out.
        let pretty = serde_json::to_string_pretty(&answer).unwrap();
        let server = serve([made(operation, path, pretty)]).await;
        let output = run(&server, &[&["--json"][..], option.as_slice()].concat());
        assert_eq!(json_lines(&output), expected, "{operation}");
        assert!(
            !printed(&output).contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}')
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_order_of_members_stay_as_they_were_sent() {
    let sent = r#"{"z":1.0,"modelId":"a.b","y":1e2,"x":18446744073709551617,"modelArn":"a"}"#;
    let answer = format!(r#"{{"modelSummaries":[{sent}]}}"#);
    let server = serve([made("ListFoundationModels", "/foundation-models", answer)]).await;
    assert_eq!(printed(&run(&server, &["--json"])), format!("{sent}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_of_all_pages_are_one_table_with_the_models_they_route_to() {
    let server = serve(three_pages()).await;
    assert_eq!(
        cells(&run(&server, &["--profiles"])),
        [
            ["profile", "name", "type", "status", "routes to"],
            [
                "global.claude",
                "Profile global.claude",
                "SYSTEM_DEFINED",
                "ACTIVE",
                "anthropic.claude-sonnet-4-5-20250929-v1:0 in us-east-1, any region",
            ],
            [
                "us.nova",
                "Profile us.nova",
                "SYSTEM_DEFINED",
                "ACTIVE",
                "amazon.nova-pro-v1:0 in us-east-1, us-west-2; amazon.nova-lite-v1:0 in us-west-2",
            ],
        ]
    );
    assert_eq!(server.report().unplayed().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_are_of_a_provider_by_the_models_they_route_to() {
    let server = serve(three_pages()).await;
    let ask = |provider| run(&server, &["--profiles", "--json", "--provider", provider]);
    assert_eq!(json_lines(&run(&server, &["--profiles", "--json"])), [claude(), nova()]);
    assert_eq!(json_lines(&ask("Amazon")), [nova()]);
    assert_eq!(json_lines(&ask("anthropic")), [claude()]);
    for none in ["global", "us", "anthrop", "Mistral AI", ""] {
        let output = ask(none);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
        let expected = format!(
            "the service lists no inference profiles of the provider {none}; \
             there are some of amazon, anthropic\n"
        );
        assert_eq!(text(&output.stderr), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_before_one_that_fails_are_printed() {
    let [first, ..] = three_pages();
    let path = "/inference-profiles?nextToken=a%2Fb%2Bc%3D";
    let answer = r#"{"message":"Too many requests"}"#;
    let throttled = Some("ThrottlingException");
    let status = StatusCode::TOO_MANY_REQUESTS;
    let second = refused("ListInferenceProfiles", path, status, throttled, answer);
    let server = serve([first, second]).await;
    for (option, lines) in [(None, 2), (Some("--json"), 1)] {
        let output = run(&server, &[&["--profiles"][..], option.as_slice()].concat());
        assert_eq!(output.status.code(), Some(4));
        assert_eq!(text(&output.stdout).lines().count(), lines);
        assert!(text(&output.stdout).contains("global.claude"));
        assert!(text(&output.stderr).starts_with("error: ThrottlingException (HTTP 429"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_list_is_told_so_with_exit_code_3() {
    let answer =
        json!({"message": "not authorized to perform: bedrock:ListFoundationModels\u{1b}[2J"});
    let denied = Some("AccessDeniedException");
    let refused = |operation, path| {
        refused(operation, path, StatusCode::FORBIDDEN, denied, answer.to_string())
    };
    let server = serve([
        refused("ListFoundationModels", "/foundation-models"),
        refused("ListInferenceProfiles", "/inference-profiles"),
    ])
    .await;
    for arguments in [&[][..], &["--json"], &["--profiles"], &["--profiles", "--json"]] {
        let output = run(&server, arguments);
        let told = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), ""));
        assert!(told.starts_with("error: AccessDeniedException (HTTP 403"), "{told}");
        assert!(
            told.contains("bedrock:ListFoundationModels") && !told.contains('\u{1b}'),
            "{told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_nothing_in_it_is_no_failure_and_said_on_stderr() {
    let server = serve([
        models("/foundation-models", &json!([])),
        made("ListFoundationModels", "/foundation-models?byProvider=X%1B", "{}"),
        made(
            "ListInferenceProfiles",
            "/inference-profiles",
            r#"{"inferenceProfileSummaries":null}"#,
        ),
    ])
    .await;
    for (arguments, said) in [
        (&[][..], "models"),
        (&["--json"], "models"),
        (&["--provider", "X\u{1b}"], "models of the provider X\\u{1b}"),
        (&["--profiles"], "inference profiles"),
        (&["--profiles", "--json"], "inference profiles"),
    ] {
        let output = run(&server, arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
        assert_eq!(text(&output.stderr), format!("the service lists no {said}\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_steer_a_terminal_stays_in_its_row() {
    let name = "\u{1b}[2J\nforged row\r\u{202e}";
    let mut hostile = profile("us.a", &[("us-east-1\u{7}", "a.b")]);
    hostile["inferenceProfileName"] = name.into();
    let server = serve([
        models(
            "/foundation-models",
            &json!([{"modelArn": "a", "modelId": "a.b", "modelName": name}]),
        ),
        profiles("/inference-profiles", &json!([hostile]), None),
    ])
    .await;
    for option in [None, Some("--profiles")] {
        let mut command = program();
        command.args(["--endpoint-url", &server.url()]).args(option);
        let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
        assert_eq!(printed(&output).lines().count(), 2, "{}", printed(&output));
        assert!(!printed(&output).contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']));
        assert!(printed(&output).contains("\\u{1b}[2J\\nforged row\\r\\u{202e}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_gone_ends_it_without_a_word() {
    let server = serve(
        [models("/foundation-models", &json!([{"modelArn": "a", "modelId": "a.b"}]))]
            .into_iter()
            .chain(three_pages()),
    )
    .await;
    for arguments in [&[][..], &["--json"], &["--profiles"], &["--profiles", "--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program();
        command.args(["--endpoint-url", &server.url()]).args(arguments).stdout(writer);
        let output = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        drop(command);
        let output = output.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), ""), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_is_where_the_option_or_its_own_variables_say() {
    let server =
        serve([models("/foundation-models", &json!([{"modelArn": "a", "modelId": "a.b"}]))]).await;
    let url = server.url();
    // Bound and dropped: nobody listens there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{nobody}");
    let ask = |variables: &[(&str, &str)], arguments: &[&str]| {
        program().envs(variables.iter().copied()).args(arguments).output().unwrap().status.code()
    };
    let runtime = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", nobody.as_str());
    let other = ("AWS_ENDPOINT_URL", nobody.as_str());
    assert_eq!(ask(&[runtime, ("AWS_ENDPOINT_URL", &url)], &[]), Some(0));
    assert_eq!(ask(&[runtime, other, ("AWS_ENDPOINT_URL_BEDROCK", &url)], &[]), Some(0));
    let own = ("AWS_ENDPOINT_URL_BEDROCK", nobody.as_str());
    assert_eq!(ask(&[own, other], &["--endpoint-url", &url]), Some(0));
    assert_eq!(ask(&[own], &[]), Some(1));
    // With an API key no region is needed to sign, nor with a URL to send.
    let key = ("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-example");
    assert_eq!(ask(&[("AWS_REGION", ""), key], &["--endpoint-url", &url]), Some(0));
    assert_eq!(ask(&[("AWS_REGION", ""), key], &[]), Some(2));
    assert_eq!(ask(&[], &["--region", "US EAST", "--endpoint-url", &url]), Some(2));
    assert_eq!(ask(&[], &["--profile", "work", "--endpoint-url", &url]), Some(2));
    assert_eq!(ask(&[], &["--endpoint-url", "ftp://127.0.0.1"]), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fixtures_are_tapes_as_they_are_written_and_list_what_they_say() {
    for (name, option, list, count) in [
        ("models", None, "modelSummaries", 8),
        ("profiles", Some("--profiles"), "inferenceProfileSummaries", 6),
    ] {
        let (written, tape) = fixture(name);
        let mut again = Vec::new();
        tape.write(&mut again).unwrap();
        assert_eq!(text(&again), written);
        assert!(tape.source.as_ref().unwrap().contains("made by hand"));
        let answer: Value = serde_json::from_slice(&tape.body_bytes()).unwrap();
        let server = serve([tape]).await;
        let output = run(&server, &[&["--json"][..], option.as_slice()].concat());
        assert_eq!(json_lines(&output), *answer[list].as_array().unwrap());
        assert_eq!(cells(&run(&server, option.as_slice())).len(), count + 1);
    }
}
