//! From the command line to a request's body and headers.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use bedrock_wire::model::{
    ContentBlock, ConversationRole, ConverseBody, Document, Message, Tool, ToolConfiguration,
};
use bedrock_wire::operation::Request;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::args::Ask;
use crate::exit::Failure;
use crate::input;

/// Adds to `base` what the command line says; only what was said is sent.
pub fn compose<G>(base: ConverseBody<G>, args: &Ask) -> Result<ConverseBody<G>, Failure> {
    let mut request = with_message(base, args)?;
    if let Some(system) = &args.system {
        request = request.system_text(system);
    }
    if let Some(path) = &args.tools {
        request.tool_config = Some(tools(path)?);
    }
    request = with_inference(request, args);
    for (name, value) in fields(&args.field)? {
        request = request.model_field(name, value);
    }
    if let Some(tokens) = args.thinking {
        request = request.thinking(tokens);
    }
    Ok(if args.cache { with_caching(request) } else { request })
}

fn with_inference<G>(mut request: ConverseBody<G>, args: &Ask) -> ConverseBody<G> {
    if let Some(tokens) = args.max_tokens {
        request = request.max_tokens(tokens);
    }
    if let Some(temperature) = args.temperature {
        request = request.temperature(temperature);
    }
    if let Some(top_p) = args.top_p {
        request = request.top_p(top_p);
    }
    args.stop.iter().fold(request, ConverseBody::stop_sequence)
}

/// At the end of what there is: tools, system, messages.
fn with_caching<G>(mut request: ConverseBody<G>) -> ConverseBody<G> {
    if request.tool_config.is_some() {
        request = request.cache_tools(None);
    }
    if request.system.is_some() {
        request = request.cache_system(None);
    }
    request.cache_messages(None)
}

fn with_message<G>(request: ConverseBody<G>, args: &Ask) -> Result<ConverseBody<G>, Failure> {
    let mut content = Vec::new();
    for path in &args.document {
        content.push(document(path)?);
    }
    for path in &args.image {
        let bytes = input::read(path)?;
        content.push(ContentBlock::image(extension(path, "--image")?, bytes));
    }
    // A request from a file may have all it needs.
    if args.prompt.is_some() || args.file.is_none() {
        content.push(prompt(args)?.into());
    }
    if content.is_empty() {
        return Ok(request);
    }
    Ok(request.message(Message::new(ConversationRole::User, content)))
}

fn document(path: &Path) -> Result<ContentBlock, Failure> {
    let format = extension(path, "--document")?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // AWS allows letters, digits, single spaces, hyphens, parentheses and
    // square brackets in a document's name.
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')' | '[' | ']');
    let name: String = stem.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(ContentBlock::document(format, name, input::read(path)?))
}

/// The format, as the service names it.
fn extension(path: &Path, option: &str) -> Result<String, Failure> {
    let extension =
        path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("jpg") => Ok("jpeg".to_owned()),
        Some(other) => Ok(other.to_owned()),
        None => Err(Failure::usage(format!(
            "{option} {}: the name has no ending to tell its format",
            path.display()
        ))),
    }
}

/// A `toolConfig`, or the list of its tools.
fn tools(path: &Path) -> Result<ToolConfiguration, Failure> {
    let json = input::read(path)?;
    let wrong =
        |error: serde_json::Error| Failure::usage(format!("--tools {}: {error}", path.display()));
    if json.trim_ascii_start().starts_with(b"[") {
        let tools: Vec<Tool> = serde_json::from_slice(&json).map_err(wrong)?;
        return Ok(ToolConfiguration::new(tools));
    }
    serde_json::from_slice(&json).map_err(wrong)
}

/// The members of all the objects that were given.
fn fields(objects: &[String]) -> Result<Vec<(String, Document)>, Failure> {
    let mut all: Map<String, Value> = Map::new();
    for json in objects {
        let wrong = |why: &dyn std::fmt::Display| Failure::usage(format!("--field {json}: {why}"));
        let members: Map<_, _> = serde_json::from_str(json).map_err(|error| wrong(&error))?;
        for (name, value) in members {
            if all.contains_key(&name) {
                return Err(wrong(&format!("`{name}` was given before")));
            }
            all.insert(name, value);
        }
    }
    Ok(all.into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn prompt(args: &Ask) -> Result<String, Failure> {
    if let Some(prompt) = &args.prompt {
        return Ok(prompt.clone());
    }
    if io::stdin().is_terminal() {
        return Err(Failure::usage("no prompt: give it as an argument or on stdin"));
    }
    let mut prompt = String::new();
    io::stdin().read_to_string(&mut prompt).map_err(Failure::io("stdin"))?;
    if prompt.trim().is_empty() {
        return Err(Failure::usage("the prompt on stdin is blank"));
    }
    Ok(prompt)
}

/// What signing or HTTP itself sets.
const NOT_YOURS: [&str; 7] = [
    "authorization",
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "x-amz-date",
    "x-amz-security-token",
];

/// Headers of the caller's in place of ours; several values of one name stay
/// beside each other. No message shows a value: it may be a secret.
pub fn with_headers(mut request: Request, headers: &[String]) -> Result<Request, Failure> {
    let mut given = HeaderMap::new();
    for header in headers {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Failure::usage("--header: no colon between name and value"))?;
        let wrong = |why: &dyn std::fmt::Display| {
            Failure::usage(format!("--header {}: {why}", name.trim()))
        };
        let name = HeaderName::try_from(name.trim()).map_err(|error| wrong(&error))?;
        if NOT_YOURS.contains(&name.as_str()) {
            return Err(wrong(&"is set when the request is signed and sent"));
        }
        let value = HeaderValue::try_from(value.trim()).map_err(|error| wrong(&error))?;
        given.append(name, value);
    }
    request.headers_mut().extend(given);
    Ok(request)
}
