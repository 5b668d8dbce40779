//! The command line as its users meet it: output, streams and exit codes.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format!("{name}.tape.jsonl"))
}

/// The program with example credentials and nothing else of this machine's.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
    command
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    command
}

fn run(command: &mut Command, stdin: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn assert_exit(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(output), stderr(output));
}

/// A replay server in a process of its own.
struct Replay {
    child: Child,
    url: String,
}

impl Replay {
    fn start(paths: &[&Path], options: &[&str]) -> Self {
        let mut child = program()
            .arg("replay")
            .args(paths)
            .args(["--speed", "max"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url =
            line.trim_end().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}"));
        Replay { url: url.to_owned(), child }
    }

    fn ask(&self, arguments: &[&str]) -> Output {
        let mut command = program();
        command.args(["converse", "--model", MODEL, "--endpoint-url", &self.url]).args(arguments);
        run(&mut command, b"from stdin")
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn the_demo_shows_requests_frames_and_answers_and_needs_nothing() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
    let output = run(command.env_clear().arg("demo"), b"");
    assert_exit(&output, 0);
    for shown in [
        "> POST /model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream",
        "> authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/",
        "< the first frame, 127 bytes:",
        "a row of messages",
        "tool call get_weather {\"city\": \"Zürich\"",
        "stop reason tool_use; 412 tokens in, 87 out; time to first event ",
    ] {
        assert!(stdout(&output).contains(shown), "{shown} is not in\n{}", stdout(&output));
    }
    assert!(!stdout(&output).contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn an_answer_is_printed_as_text_and_its_end_on_stderr() {
    let replay = Replay::start(&[&fixture("text")], &["--any-body"]);
    let output =
        replay.ask(&["--system", "Be brief.", "--max-tokens", "9", "--stop", "x", "hello"]);
    assert_exit(&output, 0);
    assert!(stdout(&output).starts_with("A binary event stream is"), "{}", stdout(&output));
    assert_eq!(stderr(&output), "stop reason end_turn; 32 tokens in, 98 out\n");
}

#[test]
fn json_is_the_whole_response_and_the_prompt_may_come_from_stdin() {
    let replay = Replay::start(&[&fixture("tool")], &["--any-body"]);
    let output = replay.ask(&["--json"]);
    assert_exit(&output, 0);
    let response: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(response["stopReason"], "tool_use");
    assert_eq!(response["usage"]["outputTokens"], 87);
    assert_eq!(stderr(&output), "");
}

#[test]
fn the_request_carries_what_was_asked_for_and_nothing_else() {
    // Without --any-body the server says where the body differs from the tape.
    let replay = Replay::start(&[&fixture("text")], &[]);
    let output = replay.ask(&["What is a binary event stream? Three or four sentences, please."]);
    assert_exit(&output, 7);
    assert!(stderr(&output).contains("TapeNotFoundException"), "{}", stderr(&output));
    let same = replay.ask(&[
        "--system",
        "Be short and friendly.",
        "--max-tokens",
        "300",
        "What is a binary event stream? Three or four sentences, please.",
    ]);
    assert_exit(&same, 0);
}

#[test]
fn each_way_to_be_turned_away_has_its_exit_code() {
    let replay = Replay::start(&[&fixture("text")], &["--any-body", "--once"]);
    let ask = |set: fn(&mut Command) -> &mut Command| {
        let mut command = program();
        command.args(["converse", "--model", MODEL, "--endpoint-url", &replay.url, "hi"]);
        set(&mut command);
        run(&mut command, b"")
    };
    let wrong_secret = ask(|c| c.env("AWS_SECRET_ACCESS_KEY", "wrong"));
    assert_exit(&wrong_secret, 3);
    assert!(stderr(&wrong_secret).contains("InvalidSignatureException (HTTP 403, request "));
    assert_exit(&ask(|c| c.env("AWS_BEARER_TOKEN_BEDROCK", "wrong")), 3);
    assert_exit(&ask(|c| c.env("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-example")), 0);
    assert_exit(&ask(|c| c), 7);
    assert_exit(&ask(|c| c.env_remove("AWS_ACCESS_KEY_ID")), 3);
    assert_exit(&ask(|c| c.env_remove("AWS_REGION")), 2);
    assert_exit(&ask(|c| c.arg("--profile").arg("work")), 2);
    assert_exit(&ask(|c| c.args(["--field", "[1]"])), 2);
    assert_exit(&ask(|c| c.args(["--header", "no colon"])), 2);
    assert_exit(&ask(|c| c.arg("--no-such-option")), 2);
}

#[test]
fn a_network_that_is_not_there_is_exit_code_1() {
    // Bound and dropped: nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}");
    let output =
        run(program().args(["converse", "--model", MODEL, "--endpoint-url", &url, "hi"]), b"");
    assert_exit(&output, 1);
    assert!(stderr(&output).contains("no connection"), "{}", stderr(&output));
}

/// A directory of this test's own, gone at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bedrock-wire-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    /// A tape of these lines.
    fn tape(&self, lines: &[Value]) -> PathBuf {
        let path = self.0.join("made.tape.jsonl");
        let lines: Vec<_> = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&path, lines.concat()).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn response_line(status: u16, headers: &Value) -> Value {
    json!({"response": {"status": status, "headers": headers, "at": null}})
}

#[test]
fn every_option_stands_in_the_request_where_it_belongs() {
    let scratch = Scratch::new("options");
    let body = json!({
        "messages": [{"role": "user", "content": [{"text": "hi"}]}],
        "system": [{"text": "S"}],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0.5, "topP": 0.9, "stopSequences": ["a", "b"]},
        "additionalModelRequestFields": {"k": [1], "l": true},
    });
    let path = "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse";
    let answer = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
        "metrics": {"latencyMs": 4},
    });
    let tape = scratch.tape(&[
        json!({"tape": 1, "operation": "Converse", "model": MODEL, "source": "made"}),
        json!({"request": {"method": "POST", "path": path, "headers": [], "body": body}}),
        response_line(200, &json!([["content-type", "application/json"]])),
        json!({ "body": answer }),
        json!({"pieces": null, "end": null}),
    ]);
    let replay = Replay::start(&[&tape], &[]);
    let asked = [
        "--no-stream",
        "--system",
        "S",
        "--max-tokens",
        "9",
        "--temperature",
        "0.5",
        "--top-p",
        "0.9",
        "--stop",
        "a",
        "--stop",
        "b",
        "--field",
        r#"{"k":[1]}"#,
        "--field",
        r#"{"l":true}"#,
        "hi",
    ];
    let output = replay.ask(&asked);
    assert_exit(&output, 0);
    assert_eq!(stdout(&output), "Hello\n");
    assert_eq!(stderr(&output), "stop reason end_turn; 1 tokens in, 2 out\n");
    let with_json = replay.ask(&[&asked[..], &["--json"]].concat());
    assert_eq!(serde_json::from_slice::<Value>(&with_json.stdout).unwrap(), answer);
    let exact = dry_run_text(&["--field", r#"{"z":18446744073709551616,"a":1e2}"#, "hi"]);
    assert!(exact.contains(r#"{"z":18446744073709551616,"a":1e2}"#), "{exact}");
    assert_exit(&replay.ask(&["--field", r#"{"k":1,"k":2}"#, "hi"]), 2);
    let twice = replay.ask(&["--field", r#"{"k":1}"#, "--field", r#"{"k":2}"#, "hi"]);
    assert_exit(&twice, 2);
    assert!(stderr(&twice).contains("`k` was given before"), "{}", stderr(&twice));
}

#[test]
fn an_error_of_the_service_ends_with_the_code_of_its_kind() {
    let cases = [
        (429, "ThrottlingException", 4),
        (400, "ValidationException", 5),
        (403, "AccessDeniedException", 3),
    ];
    for (status, name, code) in cases {
        let scratch = Scratch::new(name);
        let headers = json!([["content-type", "application/json"], ["x-amzn-errortype", name]]);
        let tape = scratch.tape(&[
            json!({"tape": 1, "operation": "ConverseStream", "model": MODEL, "source": "made"}),
            json!({ "request": null }),
            response_line(status, &headers),
            json!({"body": {"message": "no\u{1b}[31m\nerror: forged"}}),
            json!({"pieces": null, "end": null}),
        ]);
        let output = Replay::start(&[&tape], &[]).ask(&["hi"]);
        assert_exit(&output, code);
        assert!(
            stderr(&output).starts_with(&format!("error: {name} (HTTP {status}")),
            "{}",
            stderr(&output)
        );
        assert_eq!(stderr(&output).lines().count(), 1, "what the service says stays on its line");
        assert!(!stderr(&output).contains('\u{1b}'));
    }
}

#[test]
fn an_answer_that_breaks_off_prints_what_came_and_ends_with_6() {
    let whole = std::fs::read_to_string(fixture("text")).unwrap();
    let scratch = Scratch::new("cut");
    let mut lines: Vec<Value> =
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stop = lines
        .iter()
        .position(|line| line["frame"]["headers"][":event-type"] == "messageStop")
        .unwrap();
    lines.truncate(stop);
    lines.push(json!({"pieces": null, "end": null}));
    let replay = Replay::start(&[&scratch.tape(&lines)], &["--any-body"]);
    let text = replay.ask(&["hi"]);
    assert_exit(&text, 6);
    assert!(stdout(&text).starts_with("A binary event stream is"), "{}", stdout(&text));
    assert!(stderr(&text).contains("without `messageStop`"), "{}", stderr(&text));
    let json = replay.ask(&["--json", "hi"]);
    assert_exit(&json, 6);
    let response: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(
        response["output"]["message"]["content"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("A binary")
    );
}

#[test]
fn colours_are_for_terminals_and_never_under_no_color() {
    let demo = |set: fn(&mut Command) -> &mut Command| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
        set(command.env_clear().arg("demo"));
        run(&mut command, b"").stdout.contains(&0x1b)
    };
    assert!(demo(|c| c.env("CLICOLOR_FORCE", "1")), "the switch works at all");
    assert!(!demo(|c| c.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
}

#[test]
fn a_server_that_speaks_tls_is_trusted_through_its_certificate() {
    let scratch = Scratch::new("tls");
    let certificate = scratch.0.join("certificate.pem");
    let options = ["--any-body", "--tls", "--tls-cert", certificate.to_str().unwrap()];
    let replay = Replay::start(&[&fixture("text")], &options);
    assert!(replay.url.starts_with("https://127.0.0.1:"), "{}", replay.url);
    let ask = |bundle: Option<&Path>| {
        let mut command = program();
        command.args(["converse", "--model", MODEL, "--endpoint-url", &replay.url, "hi"]);
        command.envs(bundle.map(|path| ("AWS_CA_BUNDLE", path)));
        run(&mut command, b"")
    };
    assert_exit(&ask(Some(&certificate)), 0);
    assert_exit(&ask(None), 1);
}

#[test]
fn headers_of_the_caller_s_replace_ours_and_their_values_are_not_shown() {
    let replay = Replay::start(&[&fixture("text")], &["--any-body"]);
    assert_exit(&replay.ask(&["--header", "accept: application/vnd.amazon.eventstream", "hi"]), 0);
    for header in ["authorization: Bearer hidden", "x-note: hid\u{7f}den", "hidden"] {
        let output = replay.ask(&["--header", header, "hi"]);
        assert_exit(&output, 2);
        assert!(!stderr(&output).contains("den"), "{}", stderr(&output));
    }
}

#[test]
fn a_region_and_an_expiry_are_held_against_callers() {
    let replay = Replay::start(&[&fixture("text")], &["--any-body", "--region", "eu-west-1"]);
    let output = replay.ask(&["hi"]);
    assert_exit(&output, 3);
    assert!(stderr(&output).contains("Credential should be scoped to"), "{}", stderr(&output));
    let expired = [
        "--any-body",
        "--access-key-id",
        "AKIDEXAMPLE",
        "--secret-access-key",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "--session-token",
        "token",
        "--session-expires",
        "2025-01-01T00:00:00Z",
    ];
    let replay = Replay::start(&[&fixture("text")], &expired);
    let mut command = program();
    command.env("AWS_SESSION_TOKEN", "token");
    command.args(["converse", "--model", MODEL, "--endpoint-url", &replay.url, "hi"]);
    let output = run(&mut command, b"");
    assert_exit(&output, 3);
    assert!(stderr(&output).contains("ExpiredTokenException"), "{}", stderr(&output));
}

/// What `--dry-run` says would be sent as the body.
fn dry_run(arguments: &[&str]) -> Value {
    serde_json::from_str(&dry_run_text(arguments)).unwrap()
}

fn dry_run_text(arguments: &[&str]) -> String {
    let mut command = program();
    let output =
        run(command.args(["converse", "--dry-run", "--model", MODEL]).args(arguments), b"");
    assert_exit(&output, 0);
    let (head, body) = stdout(&output).split_once("\n\n").unwrap();
    assert!(
        head.starts_with("POST https://bedrock-runtime.us-east-1.amazonaws.com/model/"),
        "{head}"
    );
    assert!(head.contains("authorization: (hidden"), "{head}");
    body.to_owned()
}

#[test]
fn a_dry_run_shows_files_tools_thinking_and_caching_as_they_would_be_sent() {
    let scratch = Scratch::new("compose");
    let file = |name: &str, content: &[u8]| {
        let path = scratch.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let image = file("cat.JPG", b"\xff\xd8");
    let document = file("my_notes  1.txt", b"hi");
    let same_name = file("my-notes 1.txt", b"ho");
    let tools = file(
        "tools.json",
        br#"[{"toolSpec":{"name":"now","inputSchema":{"json":{"type":"object"}}}}]"#,
    );
    let base = file(
        "request.json",
        br#"{"messages":[{"role":"user","content":[{"text":"first"}]}],"newMember":1}"#,
    );
    let body = dry_run(&[
        "--image",
        &image,
        "--document",
        &document,
        "--document",
        &same_name,
        "--tools",
        &tools,
        "--thinking",
        "1024",
        "--cache",
        "--system",
        "S",
        "hi",
    ]);
    let point = json!({"cachePoint": {"type": "default"}});
    assert_eq!(
        body,
        json!({
            "messages": [{"role": "user", "content": [
                {"document": {"format": "txt", "name": "my-notes 1-2", "source": {"bytes": "aGk="}}},
                {"document": {"format": "txt", "name": "my-notes 1", "source": {"bytes": "aG8="}}},
                {"image": {"format": "jpeg", "source": {"bytes": "/9g="}}},
                {"text": "hi"},
                point,
            ]}],
            "system": [{"text": "S"}, point],
            "toolConfig": {"tools": [{"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object"}}}}, point]},
            "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        })
    );
    let from_file = dry_run(&["--file", &base, "--no-stream", "--max-tokens", "5"]);
    assert_eq!(
        from_file,
        json!({"messages": [{"role": "user", "content": [{"text": "first"}]}], "newMember": 1, "inferenceConfig": {"maxTokens": 5}})
    );
}

#[test]
fn counting_takes_the_options_of_asking_and_a_tools_file_loses_nothing() {
    let scratch = Scratch::new("count");
    let tools = scratch.0.join("tools.json");
    let config = json!({"tools": [{"toolSpec": {"name": "now", "inputSchema": {"json": {}}}}], "newMember": 1});
    std::fs::write(&tools, config.to_string()).unwrap();
    let mut command = program();
    command.args(["count-tokens", "--dry-run", "--model", MODEL, "--header", "x-note: n"]);
    let output = run(command.arg("--tools").arg(&tools).arg("hi"), b"");
    assert_exit(&output, 0);
    let (head, body) = stdout(&output).split_once("\n\n").unwrap();
    assert!(
        head.lines().next().unwrap().ends_with("/count-tokens") && head.contains("x-note: "),
        "{head}"
    );
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["input"]["converse"]["toolConfig"], config);
}

#[test]
fn the_curl_command_line_is_the_signed_request_and_the_server_takes_it() {
    let replay = Replay::start(&[&fixture("text")], &["--any-body"]);
    let hidden = replay.ask(&["--curl", "it's"]);
    assert_exit(&hidden, 0);
    assert!(!stdout(&hidden).contains("Signature="), "{}", stdout(&hidden));
    let header = replay.ask(&["--dry-run", "--header", "x-api-key: hidden-key", "hi"]);
    assert!(!stdout(&header).contains("hidden-key"), "{}", stdout(&header));
    let large = format!("it's {}", "x".repeat(120_000));
    let shown = replay.ask(&["--curl", "--show-secrets", "--header", "x-empty:", &large]);
    assert_exit(&shown, 0);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{} -s -i", stdout(&shown).trim_end()));
    let answer = run(&mut shell, b"");
    if answer.status.code() == Some(127) {
        let _ = writeln!(std::io::stderr(), "skipped: sending the command line (no curl here)");
        return;
    }
    assert!(
        answer.stdout.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer.stdout)
    );
}

#[test]
fn lint_finds_and_mends_what_the_service_rejects() {
    let request = json!({"messages": [
        {"role": "user", "content": [{"text": "Count."}]},
        {"role": "assistant", "content": [{"text": "One, "}]},
    ]});
    let found = run(program().args(["lint", "-"]), request.to_string().as_bytes());
    assert_exit(&found, 2);
    assert!(stdout(&found).contains("messages[1].content[0].text"), "{}", stdout(&found));
    let mended = run(program().args(["lint", "--fix", "-"]), request.to_string().as_bytes());
    assert_exit(&mended, 0);
    let mended: Value = serde_json::from_slice(&mended.stdout).unwrap();
    assert_eq!(mended["messages"][1]["content"][0]["text"], "One,");
    let broken = run(program().args(["lint", "-"]), br#"{"messages":[{"role":"user"}]}"#);
    assert_exit(&broken, 2);
    assert!(stderr(&broken).contains("messages[0]: Message lacks its required member `content`"));
}

/// The recorded bytes of a stream, by its path in the corpus.
fn recorded(corpus: &corpus::Corpus, path: &str) -> Vec<u8> {
    corpus.bytes(&format!("recordings/{path}/response.bin"))
}

const WITH_TOOL: &str = "traceloop__openllmetry/test_anthropic_converse_stream_with_tool_use-0";

#[test]
fn inspect_shows_each_frame_as_a_row_and_as_json() {
    let Some(corpus) = corpus::find("frames to inspect") else { return };
    let stream = recorded(&corpus, WITH_TOOL);
    let table = run(program().args(["inspect", "-"]), &stream);
    assert_exit(&table, 0);
    let lines = run(program().args(["inspect", "--json", "-"]), &stream);
    assert_exit(&lines, 0);
    let frames: Vec<Value> =
        stdout(&lines).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(stdout(&table).lines().count(), frames.len() + 1);
    assert_eq!(
        frames[0]["headers"],
        json!({":event-type": "messageStart", ":content-type": "application/json", ":message-type": "event"})
    );
    let mut offset = 0;
    for (index, frame) in frames.iter().enumerate() {
        assert_eq!(
            (frame["index"].as_u64(), frame["offset"].as_u64()),
            (Some(index as u64), Some(offset))
        );
        let at = usize::try_from(offset).unwrap();
        let length = u32::from_be_bytes(stream[at..at + 4].try_into().unwrap());
        assert_eq!(frame["length"].as_u64(), Some(u64::from(length)));
        assert!(frame["payload"].get("p").is_some(), "the payload is whole: {frame}");
        offset += u64::from(length);
    }
    assert_eq!(offset, stream.len() as u64);
}

#[test]
fn inspect_adds_a_stream_up_to_its_response() {
    let Some(corpus) = corpus::find("a stream to add up") else { return };
    let output = run(program().args(["inspect", "--response", "-"]), &recorded(&corpus, WITH_TOOL));
    assert_exit(&output, 0);
    let response: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(response["stopReason"], "tool_use");
    assert_eq!(response["output"]["message"]["content"][1]["toolUse"]["name"], "get_weather");
}

#[test]
fn who_takes_a_file_for_another_kind_is_told_what_to_do_with_it() {
    let tape = fixture("text");
    for (command, instead) in [("inspect", "export TAPE --raw FILE"), ("lint", "JSON of a request")]
    {
        let output = run(program().arg(command).arg(&tape), b"");
        assert_exit(&output, 2);
        assert!(stderr(&output).contains("this is a tape: "), "{}", stderr(&output));
        assert!(stderr(&output).contains(instead), "{}", stderr(&output));
    }
    let dir = std::env::temp_dir().join(format!("bedrock-wire-other-kind-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("raw.bin"), b"\0\0\x01").unwrap();
    let mut import = program();
    import.arg("import").arg(dir.join("raw.bin")).arg("--out").arg(dir.join("tapes"));
    let output = run(&mut import, b"");
    std::fs::remove_dir_all(&dir).unwrap();
    assert_exit(&output, 1);
    assert!(stderr(&output).contains("say with --operation and --model"), "{}", stderr(&output));
}

#[test]
fn inspect_prints_what_is_good_and_then_says_what_is_wrong_and_where() {
    let Some(corpus) = corpus::find("a stream to damage") else { return };
    let whole = recorded(&corpus, WITH_TOOL);
    let first = u32::from_be_bytes(whole[..4].try_into().unwrap()) as usize;

    let cut = run(program().args(["inspect", "--json", "-"]), &whole[..first + 3]);
    assert_exit(&cut, 6);
    assert_eq!(stdout(&cut).lines().count(), 1);
    assert!(stderr(&cut).contains(&(first + 3).to_string()), "{}", stderr(&cut));

    let mut flipped = whole.clone();
    flipped[first + 20] ^= 1;
    let corrupt = run(program().args(["inspect", "-"]), &flipped);
    assert_exit(&corrupt, 6);
    assert_eq!(stdout(&corrupt).lines().count(), 2);
    assert!(stderr(&corrupt).contains("checksum"), "{}", stderr(&corrupt));

    let incomplete = run(program().args(["inspect", "--response", "-"]), &whole[..first]);
    assert_exit(&incomplete, 6);
    let response: Value = serde_json::from_slice(&incomplete.stdout).unwrap();
    assert_eq!(response["output"]["message"]["role"], "assistant");
    assert!(stderr(&incomplete).contains("without `messageStop`"), "{}", stderr(&incomplete));

    assert_exit(&run(program().args(["inspect", "/no/such/file"]), b""), 1);
}

#[test]
fn parts_of_a_body_may_be_all_that_must_match() {
    let text = "What is a binary event stream? Three or four sentences, please.";
    let replay = Replay::start(&[&fixture("text")], &["--match-path", "$.messages[*].content"]);
    assert_exit(&replay.ask(&["--max-tokens", "9", text]), 0);
    let other = replay.ask(&["hi"]);
    assert_exit(&other, 7);
    assert!(stderr(&other).contains("at $.messages[0].content[0].text"), "{}", stderr(&other));
}

#[test]
fn in_order_a_tape_waits_for_the_one_before() {
    let tapes = [&*fixture("text"), &*fixture("tool")];
    let replay = Replay::start(&tapes, &["--any-body", "--in-order"]);
    for said in ["A binary event stream is", "get_weather"] {
        let output = replay.ask(&["--json", "hi"]);
        assert_exit(&output, 0);
        assert!(stdout(&output).contains(said), "{}", stdout(&output));
    }
    let late = replay.ask(&["hi"]);
    assert_exit(&late, 7);
    assert!(stderr(&late).contains("All 2 tapes have been played"), "{}", stderr(&late));
}

#[test]
fn a_scrubbed_tape_is_found_by_the_request_with_the_account() {
    let scratch = Scratch::new("scrubbed");
    let profile = |account| format!("arn:aws:bedrock:us-east-1:{account}:inference-profile/p");
    let account = "123456789012";
    let encoded = profile(account).replace(':', "%3A").replace('/', "%2F");
    let tape = std::fs::read_to_string(fixture("text")).unwrap();
    let tape = tape.replace(&MODEL.replace(':', "%3A"), &encoded).replace(MODEL, &profile(account));
    let path = scratch.0.join("scrubbed.tape.jsonl");
    std::fs::write(&path, tape).unwrap();
    let options = ["--scrub", "--replace", "code [0-9]+", "code 0", "--match-path", "$.system"];
    let replay = Replay::start(&[&path], &options);
    let mut command = program();
    command.args(["converse", "--endpoint-url", &replay.url, "--model", &profile("210987654321")]);
    assert_exit(&run(command.args(["--system", "Be short and friendly.", "hi"]), b""), 0);
}

#[test]
fn streams_are_made_without_a_tape() {
    let options =
        ["--made", "3x9", "--events-per-second", "1000", "--jitter", "0.5", "--seed", "7"];
    let replay = Replay::start(&[], &options);
    let output = replay.ask(&["hi"]);
    assert_exit(&output, 0);
    assert_eq!(stdout(&output).trim_end(), "To be made is to be played.");
    assert_eq!(stderr(&output), "stop reason end_turn; 1 tokens in, 3 out\n");
}

#[test]
fn what_cannot_be_played_so_is_told_before_anything_is_served() {
    let text = fixture("text");
    let text = text.to_str().unwrap();
    for (arguments, why) in [
        (&[][..], "<PATH>"),
        (&[text, "--match-path", "$.a[-1]"], "at byte 4: in brackets give"),
        (&[text, "--match-path", "$.a", "--any-body"], "cannot be used with"),
        (&[text, "--jitter", "0.5"], "--time-to-first-event"),
        (&[text, "--events-per-second", "0"], "a number above 0"),
        (&[text, "--events-per-second", "1", "--jitter", "2"], "from 0 to 1"),
        (&[text, "--scrub", "--replace", "(", ""], "("),
        (&["--made", "100y"], "such as 100x20"),
        (&["--made", "2000000"], "at most 1,000,000 events"),
    ] {
        let output = run(program().arg("replay").args(arguments), b"");
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(why), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn recordings_are_imported_and_replayed_and_what_cannot_be_is_named() {
    let Some(corpus) = corpus::find("recordings to import") else { return };
    let scratch = Scratch::new("import");
    let out = scratch.0.join("tapes");
    let source = corpus.root().join("recordings/traceloop__openllmetry");
    let import = run(program().arg("import").arg(&source).arg("--out").arg(&out), b"");
    assert_exit(&import, 0);
    assert!(stderr(&import).contains(" tapes written to "), "{}", stderr(&import));
    {
        let replay = Replay::start(&[&out], &["--any-body"]);
        let mut command = program();
        command.args(["converse", "--endpoint-url", &replay.url, "--json", "hi"]);
        command.args(["--model", "anthropic.claude-3-sonnet-20240229-v1:0"]);
        let output = run(&mut command, b"");
        assert_exit(&output, 0);
    }

    let again = run(program().arg("import").arg(&source).arg("--out").arg(&out), b"");
    assert_exit(&again, 1);
    let told = stderr(&again);
    assert!(told.contains("is there already: take it away"), "a tape that is there stays: {told}");

    let broken = scratch.0.join("broken");
    std::fs::create_dir_all(broken.join("one")).unwrap();
    std::fs::write(broken.join("one/response.bin"), b"x").unwrap();
    let import = run(program().arg("import").arg(&broken).arg("--out").arg(&out), b"");
    assert_exit(&import, 1);
    assert!(stderr(&import).contains("not imported: one: "), "{}", stderr(&import));
}

#[test]
fn a_tape_is_scrubbed_by_itself_and_below_its_directory() {
    let scratch = Scratch::new("scrub-tape");
    let (dir, out) = (scratch.0.join("mine"), scratch.0.join("shared"));
    std::fs::create_dir_all(dir.join("deep")).unwrap();
    let tape = std::fs::read_to_string(fixture("text")).unwrap();
    assert!(tape.contains("binary event stream"), "what is to go");
    for name in ["one.tape.jsonl", "deep/two.tape.jsonl"] {
        std::fs::write(dir.join(name), &tape).unwrap();
    }
    let import = |path: &Path, options: &[&str]| {
        run(program().arg("import").arg(path).arg("--out").arg(&out).args(options), b"")
    };
    let one = dir.join("one.tape.jsonl");
    let refused = import(&one, &[]);
    assert_exit(&refused, 1);
    assert!(stderr(&refused).contains("a tape already; `--scrub`"), "{}", stderr(&refused));
    let scrub = ["--scrub", "--replace", "binary event stream", "something else"];
    assert_exit(&import(&dir, &scrub), 0);
    for name in ["one.tape.jsonl", "deep/two.tape.jsonl"] {
        let scrubbed = std::fs::read_to_string(out.join(name)).unwrap();
        assert!(!scrubbed.contains("binary event stream"), "{scrubbed}");
    }
    assert_exit(&run(program().arg("verify").arg(&out), b""), 0);
}

#[test]
fn what_is_to_go_wrong_does_and_what_cannot_is_a_usage_error() {
    let scratch = Scratch::new("faults");
    let file = scratch.0.join("faults.json");
    std::fs::write(&file, r#"{"faults":[{"fault":"cut","frame":2,"times":1}]}"#).unwrap();
    let text = fixture("text");
    let throttled = "error,name=ThrottlingException,message=too many tokens per day,times=1";
    let options = ["--any-body", "--fault", throttled, "--faults", file.to_str().unwrap()];
    let replay = Replay::start(&[&text], &options);
    let first = replay.ask(&["hi"]);
    assert_exit(&first, 4);
    assert!(stderr(&first).contains("too many tokens per day"), "{}", stderr(&first));
    assert_exit(&replay.ask(&["hi"]), 6);
    assert_exit(&replay.ask(&["hi"]), 0);

    let refused = |options: &[&str]| run(program().arg("replay").arg(&text).args(options), b"");
    let wrong = refused(&["--fault", "cut,frame=x"]);
    assert_exit(&wrong, 2);
    assert!(stderr(&wrong).contains("`frame`: it is \"x\": give a whole"), "{}", stderr(&wrong));
    std::fs::write(&file, r#"{"faults":[{"fault":"cute"}]}"#).unwrap();
    let wrong = refused(&["--faults", file.to_str().unwrap()]);
    assert_exit(&wrong, 2);
    assert!(stderr(&wrong).contains("faults.json: `faults[0].fault`: "), "{}", stderr(&wrong));
    assert_exit(&refused(&["--faults", "/no/such/file"]), 1);
}
