//! The text of AWS's shared files: sections, settings, nested settings.
//!
//! The crate `ini-roundtrip` takes the lines apart; what is AWS's own is here:
//! a line indented deeper than a setting belongs to it, as a nested setting if
//! the setting's own value is empty; ` #` and ` ;` begin a comment; sections of
//! one name are merged, and the last of a setting's values holds. Source: AWS
//! SDKs and Tools Reference Guide, "Shared config and credentials files";
//! where that is silent, botocore and AWS's Rust SDK, whichever accepts more.

use ini_roundtrip::{Item, Parser};

/// Which of the two files it is: they name profiles differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[profile work]`, `[default]`, `[services local]`.
    Config,
    /// `[work]`, `[default]`.
    Credentials,
}

/// Why the text cannot be read. Says nothing of its contents, which may be a
/// secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) line: u32,
    pub(super) problem: &'static str,
}

const NO_EQUALS: &str = "has no `=`: write `name = value`, or begin a comment with `#`";
const NO_NAME: &str = "has no name before its `=`";
const NO_SECTION: &str = "stands before the first section: begin with one such as `[default]`";
const UNCLOSED: &str = "begins a section and has no `]`";
const AFTER_SECTION: &str = "has text after the section's `]`: put it on a line of its own";
const NOT_ONE_LINE: &str = "goes on with a setting that takes one line: join the lines";

/// What a section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Title<'a> {
    Profile(&'a str),
    /// `[default]` in the config file, which `[profile default]` replaces.
    BareDefault,
    Services(&'a str),
    /// Not for us: `[sso-session x]`, or no name that anybody can ask for.
    Other,
}

#[derive(Debug)]
struct Section<'a> {
    title: Title<'a>,
    settings: Vec<Setting<'a>>,
}

/// `name = value`, and the deeper lines below.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    name: &'a str,
    value: &'a str,
    line: u32,
    indent: usize,
    nested: Vec<Nested<'a>>,
    /// The first line that continues a value.
    continued: Option<u32>,
}

/// `name = value` below a setting without a value of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nested<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    pub(super) line: u32,
}

impl<'a> Setting<'a> {
    /// Whether it says nothing, not in deeper lines either.
    #[cfg(feature = "sigv4")]
    pub(super) fn is_empty(&self) -> bool {
        self.value.is_empty() && self.nested.is_empty()
    }

    /// Where it begins.
    #[cfg(feature = "sigv4")]
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// The value and its line; none if it is empty.
    pub(super) fn value(&self) -> Result<Option<(&'a str, u32)>, SyntaxError> {
        let more = self.continued.or(self.nested.first().map(|nested| nested.line));
        if let Some(line) = more {
            return Err(SyntaxError { line, problem: NOT_ONE_LINE });
        }
        Ok((!self.value.is_empty()).then_some((self.value, self.line)))
    }
}

/// The settings of one profile, or of one list of services.
#[derive(Debug)]
pub(super) struct Settings<'s, 'a>(Vec<&'s Setting<'a>>);

impl<'s, 'a> Settings<'s, 'a> {
    /// The setting of this name, in whatever case; of several the last.
    pub(super) fn get(&self, name: &str) -> Option<&'s Setting<'a>> {
        self.0.iter().rev().find(|setting| setting.name.eq_ignore_ascii_case(name)).copied()
    }

    /// What is nested in the setting of this name; of several values the last.
    pub(super) fn nested(&self, name: &str, inner: &str) -> Option<Nested<'a>> {
        self.get(name)?.nested.iter().rev().find(|nested| nested.name == inner).copied()
    }
}

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct Sections<'a>(Vec<Section<'a>>);

impl<'a> Sections<'a> {
    /// The profile of this name, put together from all its sections.
    pub(super) fn profile(&self, name: &str) -> Option<Settings<'_, 'a>> {
        let named = self.merged(Title::Profile(name));
        match name {
            "default" => named.or_else(|| self.merged(Title::BareDefault)),
            _ => named,
        }
    }

    /// The section `[services NAME]`.
    pub(super) fn services(&self, name: &str) -> Option<Settings<'_, 'a>> {
        self.merged(Title::Services(name))
    }

    fn merged(&self, title: Title<'_>) -> Option<Settings<'_, 'a>> {
        let mut sections = self.0.iter().filter(|section| section.title == title).peekable();
        sections.peek()?;
        Some(Settings(sections.flat_map(|section| &section.settings).collect()))
    }

    /// Reads a file's text.
    pub(super) fn parse(text: &'a str, kind: Kind) -> Result<Self, SyntaxError> {
        // Editors on Windows begin files with a byte order mark.
        let mut parser = Parser::new(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut sections = Self::default();
        loop {
            let line = parser.line() + 1;
            let Some(item) = parser.next() else { return Ok(sections) };
            sections.add(item, line, kind).map_err(|problem| SyntaxError { line, problem })?;
        }
    }

    fn add(&mut self, item: Item<'a>, line: u32, kind: Kind) -> Result<(), &'static str> {
        match item {
            // The crate's error: a section that does not end its line.
            Item::Section { raw, .. } | Item::Error(raw) => self.open(raw, kind),
            Item::Property { raw, key, val } => {
                let text = raw.trim_ascii_start();
                let indent = raw.len() - text.len();
                if text.starts_with(['#', ';']) {
                    return Ok(());
                }
                let val = val.map(without_comment);
                match self.last() {
                    Some(setting) if indent > setting.indent => setting.go_on(key, val, line),
                    _ if text.starts_with('[') => self.open(text, kind),
                    _ => self.set(key, val, line, indent),
                }
            }
            Item::Comment { .. } | Item::Blank { .. } | Item::SectionEnd => Ok(()),
        }
    }

    /// The setting that a deeper line would belong to.
    fn last(&mut self) -> Option<&mut Setting<'a>> {
        self.0.last_mut()?.settings.last_mut()
    }

    fn open(&mut self, header: &'a str, kind: Kind) -> Result<(), &'static str> {
        let title = title(header, kind)?;
        self.0.push(Section { title, settings: Vec::new() });
        Ok(())
    }

    fn set(
        &mut self,
        name: &'a str,
        value: Option<&'a str>,
        line: u32,
        indent: usize,
    ) -> Result<(), &'static str> {
        let section = self.0.last_mut().ok_or(NO_SECTION)?;
        let value = value.ok_or(NO_EQUALS)?;
        if name.is_empty() {
            return Err(NO_NAME);
        }
        let nested = Vec::new();
        section.settings.push(Setting { name, value, line, indent, nested, continued: None });
        Ok(())
    }
}

impl<'a> Setting<'a> {
    /// Takes a line that is indented deeper.
    fn go_on(
        &mut self,
        name: &'a str,
        value: Option<&'a str>,
        line: u32,
    ) -> Result<(), &'static str> {
        if !self.value.is_empty() {
            self.continued.get_or_insert(line);
            return Ok(());
        }
        let value = value.ok_or(NO_EQUALS)?;
        if name.is_empty() {
            return Err(NO_NAME);
        }
        self.nested.push(Nested { name, value, line });
        Ok(())
    }
}

/// The value without the comment at its end, which begins after white space.
fn without_comment(value: &str) -> &str {
    let begins = |at: usize| value[..at].chars().next_back().is_none_or(char::is_whitespace);
    let mut marks = value.match_indices(['#', ';']);
    let end = marks.find(|(at, _)| begins(*at)).map_or(value.len(), |(at, _)| at);
    value[..end].trim_ascii_end()
}

/// What the line `[...]` begins.
fn title(header: &str, kind: Kind) -> Result<Title<'_>, &'static str> {
    let inner = header.strip_prefix('[').unwrap_or(header);
    let (name, rest) = inner.split_once(']').ok_or(UNCLOSED)?;
    if !without_comment(rest.trim_ascii_start()).is_empty() {
        return Err(AFTER_SECTION);
    }
    let name = name.trim_ascii();
    let typed = name.split_once(|c: char| c.is_ascii_whitespace());
    Ok(match (kind, typed) {
        (Kind::Config, Some(("profile", name))) => word(name).map_or(Title::Other, Title::Profile),
        (Kind::Config, Some(("services", name))) => {
            word(name).map_or(Title::Other, Title::Services)
        }
        (Kind::Config, None) if name == "default" => Title::BareDefault,
        // A section of the config file in the wrong file is no profile.
        (Kind::Config, _) | (_, Some(("profile" | "services" | "sso-session", _))) => Title::Other,
        (Kind::Credentials, _) => Title::Profile(name),
    })
}

/// One word, or what stands in quotes, as `aws configure` writes names with
/// spaces.
fn word(name: &str) -> Option<&str> {
    let name = name.trim_ascii();
    let quote = name.chars().next().filter(|c| ['"', '\''].contains(c));
    match quote {
        Some(quote) => {
            let inner = name.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inner.contains([quote, '\\'])).then_some(inner)
        }
        None => (!name.contains(|c: char| c.is_ascii_whitespace())).then_some(name),
    }
}
