//! A signed request, shown in place of being sent.

use std::io::{self, Write};

use bedrock_wire::operation::Request;
use http::{HeaderValue, Method, Uri};

/// How to show it.
#[derive(Clone, Copy)]
pub enum Form {
    /// Method, URL, headers and body.
    Plain,
    /// A command line of curl's.
    Curl,
}

/// Prints the request as it would go out, but for what HTTP itself adds, such
/// as `Host` and `Content-Length`. Values that prove who asks are
/// shown only if `secrets`.
pub fn request(request: &Request, form: Form, secrets: bool) -> io::Result<()> {
    let mut out = io::stdout();
    match form {
        Form::Plain => plain(request, secrets, &mut out),
        Form::Curl => curl(request, secrets, &mut out),
    }
}

fn plain(request: &Request, secrets: bool, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{} {}", request.method(), request.uri())?;
    for (name, value) in request.headers() {
        writeln!(out, "{name}: {}", shown(value, secrets))?;
    }
    writeln!(out)?;
    out.write_all(&request.body().to_bytes())?;
    writeln!(out)
}

fn curl(request: &Request, secrets: bool, out: &mut impl Write) -> io::Result<()> {
    let body = request.body().to_bytes();
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| header(name.as_str(), &shown(value, secrets)));
    let body = String::from_utf8_lossy(&body);
    curl_line(request.method(), request.uri(), headers, &body, out)
}

/// A command line of curl's, with headers as the shell is to read them. The
/// body comes through a pipe: a command line has no room for a large one.
pub fn curl_line(
    method: &Method,
    uri: &Uri,
    headers: impl Iterator<Item = String>,
    body: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    write!(out, "printf %s {} |\n  ", quoted(body))?;
    writeln!(out, "curl -X {method} {} \\", quoted(&uri.to_string()))?;
    for header in headers {
        writeln!(out, "  -H {header} \\")?;
    }
    writeln!(out, "  --data-binary @-")
}

/// A header as curl takes it, quoted.
pub fn header(name: &str, value: &str) -> String {
    // Without a value curl would leave the header out.
    quoted(&if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") })
}

fn shown(value: &HeaderValue, secrets: bool) -> String {
    if value.is_sensitive() && !secrets {
        return "(hidden: --show-secrets shows it)".to_owned();
    }
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_is_quoted() {
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn a_sensitive_value_is_hidden_unless_asked_for() {
        let mut value = HeaderValue::from_static("Bearer k");
        value.set_sensitive(true);
        assert!(!shown(&value, false).contains("Bearer"));
        assert_eq!(shown(&value, true), "Bearer k");
    }
}
