//! The text of AWS's shared files: sections, settings, nested settings.
//!
//! The crate `ini-roundtrip` takes the lines apart; what is AWS's own is here:
//! a line indented deeper than a setting belongs to it, as a nested setting if
//! the setting's own value is empty; ` #` and ` ;` begin a comment; sections of
//! one name are merged, and the last of a setting's values holds. Source: AWS
//! SDKs and Tools Reference Guide, "Shared config and credentials files";
//! where that is silent, botocore and AWS's Rust SDK, whichever accepts more: so
//! a `:` does for a `=`, and a section may have text behind its `]`. A line that
//! cannot be read spoils its own section only.

use std::fmt;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) line: u32,
    pub(super) problem: &'static str,
}

const NO_EQUALS: &str = "has no `=`: write `name = value`, or begin a comment with `#`";
const NO_NAME: &str = "has no name before its `=`";
const NO_SECTION: &str = "stands before the first section: begin with one such as `[default]`";
const UNCLOSED: &str = "begins a section and has no `]`";
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
    /// The first line that cannot be read, told to who asks for the section.
    broken: Option<SyntaxError>,
}

/// `name = value`, and the deeper lines below.
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
#[derive(Clone, Copy)]
pub(super) struct Nested<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    pub(super) line: u32,
}

/// Without the value, which may be a secret.
impl fmt::Debug for Setting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}) {:?}", self.name, self.line, self.nested)
    }
}

/// Without the value, as a setting.
impl fmt::Debug for Nested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {})", self.name, self.line)
    }
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
    pub(super) fn profile(&self, name: &str) -> Result<Option<Settings<'_, 'a>>, SyntaxError> {
        match self.merged(Title::Profile(name))? {
            None if name == "default" => self.merged(Title::BareDefault),
            named => Ok(named),
        }
    }

    /// The section `[services NAME]`.
    pub(super) fn services(&self, name: &str) -> Result<Option<Settings<'_, 'a>>, SyntaxError> {
        self.merged(Title::Services(name))
    }

    fn merged(&self, title: Title<'_>) -> Result<Option<Settings<'_, 'a>>, SyntaxError> {
        let sections = || self.0.iter().filter(|section| section.title == title);
        if let Some(error) = sections().find_map(|section| section.broken) {
            return Err(error);
        }
        let is_there = sections().next().is_some();
        let settings = sections().flat_map(|section| &section.settings);
        Ok(is_there.then(|| Settings(settings.collect())))
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// What is wrong outside of sections, or with where one begins.
    pub(super) fn parse(text: &'a str, kind: Kind) -> Result<Self, SyntaxError> {
        // Editors on Windows begin files with a byte order mark.
        let mut parser = Parser::new(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut sections = Self::default();
        loop {
            let line = parser.line() + 1;
            let Some(item) = parser.next() else { return Ok(sections) };
            sections.add(item, line, kind)?;
        }
    }

    fn add(&mut self, item: Item<'a>, line: u32, kind: Kind) -> Result<(), SyntaxError> {
        match item {
            // The crate's error: a section that does not end its line.
            Item::Section { raw, .. } | Item::Error(raw) => self.open(raw, line, kind),
            Item::Property { raw, key, val } => {
                let text = raw.trim_ascii_start();
                let indent = raw.len() - text.len();
                if text.starts_with(['#', ';']) {
                    return Ok(());
                }
                let set = match self.last() {
                    Some(setting) if indent > setting.indent => {
                        setting.go_on(key, val.map(without_comment), line)
                    }
                    _ if text.starts_with('[') => return self.open(text, line, kind),
                    _ => self.set(text, line, indent),
                };
                set.or_else(|problem| self.spoil(SyntaxError { line, problem }))
            }
            Item::Comment { .. } | Item::Blank { .. } | Item::SectionEnd => Ok(()),
        }
    }

    /// The setting that a deeper line would belong to.
    fn last(&mut self) -> Option<&mut Setting<'a>> {
        self.0.last_mut()?.settings.last_mut()
    }

    fn open(&mut self, header: &'a str, line: u32, kind: Kind) -> Result<(), SyntaxError> {
        let title = title(header, kind).map_err(|problem| SyntaxError { line, problem })?;
        self.0.push(Section { title, settings: Vec::new(), broken: None });
        Ok(())
    }

    /// Keeps what is wrong for who asks for the section, if it is in one.
    fn spoil(&mut self, error: SyntaxError) -> Result<(), SyntaxError> {
        let section = self.0.last_mut().ok_or(error)?;
        section.broken.get_or_insert(error);
        Ok(())
    }

    fn set(&mut self, text: &'a str, line: u32, indent: usize) -> Result<(), &'static str> {
        let section = self.0.last_mut().ok_or(NO_SECTION)?;
        let (name, value) = text.split_once(['=', ':']).ok_or(NO_EQUALS)?;
        let (name, value) = (name.trim_ascii_end(), without_comment(value.trim_ascii_start()));
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
    let (name, _) = inner.split_once(']').ok_or(UNCLOSED)?;
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
