//! From the command line to a request's body and headers.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use bedrock_wire::lint::{self, Rule};
use bedrock_wire::model::{
    ContentBlock, ConversationRole, ConverseBody, ConverseRequest, Document, Extra, Message, Tool,
    ToolConfiguration,
};
use bedrock_wire::operation::Request;
use http::{HeaderMap, HeaderName, HeaderValue};

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
        let given = tools(path)?;
        request.tool_config = Some(match request.tool_config {
            Some(there) => added(there, given),
            None => given,
        });
    }
    request = with_inference(request, args);
    for (name, value) in fields(&args.field)?.iter() {
        request = request.model_field(name, value.clone());
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
    Ok(request.message(with_document_names(Message::new(ConversationRole::User, content))))
}

/// A file's name is no document's: it gets one that the service takes.
fn with_document_names(message: Message) -> Message {
    let mut alone = ConverseRequest::new().message(message.clone());
    for rule in [Rule::DocumentName, Rule::DocumentNameUnderscore, Rule::DuplicateDocumentName] {
        lint::mend(&mut alone, rule);
    }
    alone.messages.and_then(|mut messages| messages.pop()).unwrap_or(message)
}

fn document(path: &Path) -> Result<ContentBlock, Failure> {
    let format = extension(path, "--document")?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(ContentBlock::document(format, stem, input::read(path)?))
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

/// Both tool configurations in one; where only one value can stand it is
/// `given`'s.
fn added(mut there: ToolConfiguration, given: ToolConfiguration) -> ToolConfiguration {
    there.tools.extend(given.tools);
    there.tool_choice = given.tool_choice.or(there.tool_choice);
    for (name, value) in given.extra.iter() {
        there.extra.insert(name, value.clone());
    }
    there
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

/// The members of all the objects that were given, as they are written.
fn fields(objects: &[String]) -> Result<Extra, Failure> {
    let mut all = Extra::new();
    for json in objects {
        let wrong = |why: &dyn std::fmt::Display| Failure::usage(format!("--field {json}: {why}"));
        let object = Document::from_json(json.as_str()).map_err(|error| wrong(&error))?;
        for (name, value) in object.members().map_err(|error| wrong(&error))?.iter() {
            if all.insert(name, value.clone()).is_some() {
                return Err(wrong(&format!("`{name}` was given before")));
            }
        }
    }
    Ok(all)
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
const NOT_YOURS: [&str; 8] = [
    "authorization",
    "connection",
    "content-length",
    "host",
    "proxy-authorization",
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
        let mut value = HeaderValue::try_from(value.trim()).map_err(|error| wrong(&error))?;
        value.set_sensitive(true);
        given.append(name, value);
    }
    request.headers_mut().extend(given);
    Ok(request)
}
