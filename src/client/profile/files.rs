//! Where AWS's shared files are, and what stands in them.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::parse::{Kind, Sections, SyntaxError};
use crate::client::environment::Lookup;
use crate::client::error::ConfigError;

/// The most bytes that are read of a file: a thousand profiles and more.
const LIMIT: usize = 1 << 20;

/// One of the two files.
pub(super) struct File {
    pub(super) kind: Kind,
    path: PathBuf,
    /// Zeroed when dropped, for it may hold keys.
    text: Result<Zeroizing<String>, Absent>,
}

/// Why there is nothing to read, in words that follow the path.
#[derive(Debug)]
struct Absent(String);

impl File {
    /// The file that the variable names, or else the one in the home
    /// directory.
    ///
    /// A file that does not exist is as good as empty, also if a variable names
    /// it: so have it botocore (`Session.full_config`) and AWS's Rust SDK
    /// (`env_config::source`). Whoever misses a profile is told. The same holds
    /// for a file in the home directory that cannot be opened, as in containers
    /// with another user's home.
    ///
    /// # Errors
    /// A file that a variable names and that cannot be opened or is no regular
    /// file; more than 1 MiB; text that is not UTF-8.
    pub(super) fn read(kind: Kind, lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let (variable, default) = match kind {
            Kind::Config => ("AWS_CONFIG_FILE", ".aws/config"),
            Kind::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        };
        let home = home(lookup);
        let named = lookup(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = match (&named, &home) {
            (Some(named), home) => in_home(named, home.as_deref()),
            (None, Some(home)) => home.join(default),
            (None, None) => {
                let absent = Absent("no home directory: set HOME".to_owned());
                return Ok(File { kind, path: Path::new("~").join(default), text: Err(absent) });
            }
        };
        let text = match read(&path) {
            Ok(bytes) => Ok(text(bytes).map_err(|why| config_error(&path, why))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Absent("no such file".to_owned()))
            }
            Err(error) if named.is_some() => {
                let why = format!("{} cannot be read: {error}", path.display());
                return Err(ConfigError::new(variable, why));
            }
            Err(error) => Err(Absent(error.to_string())),
        };
        Ok(File { kind, path, text })
    }

    /// The file's sections; none if it is absent.
    pub(super) fn sections(&self) -> Result<Sections<'_>, ConfigError> {
        let text = self.text.as_ref().map_or("", |text| text.as_str());
        Sections::parse(text, self.kind).map_err(|error| self.syntax(&error))
    }

    /// Where a line is.
    pub(super) fn at(&self, line: u32) -> String {
        format!("{}, line {line}", self.path.display())
    }

    pub(super) fn syntax(&self, error: &SyntaxError) -> ConfigError {
        config_error(&self.path, format_args!("line {} {}", error.line, error.problem))
    }
}

/// The path, and why there was nothing to read if so.
impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match &self.text {
            Ok(_) => Ok(()),
            Err(Absent(why)) => write!(f, " ({why})"),
        }
    }
}

fn config_error(path: &Path, why: impl fmt::Display) -> ConfigError {
    ConfigError::new(&path.display().to_string(), why)
}

/// The file's bytes, of which one more than [`LIMIT`] means more.
///
/// A pipe might never end, nor even open. `/dev/null` is a name for no file.
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    if path == Path::new("/dev/null") {
        return Ok(Zeroizing::default());
    }
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    // Reserved in full, so that no copy is left behind where it grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    std::fs::File::open(path)?.take(LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text(mut bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, &'static str> {
    if bytes.len() > LIMIT {
        return Err("it is longer than 1 MiB, the most that is read of such a file: \
                    move out of it what is not AWS's");
    }
    String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        "it is not UTF-8: save it as UTF-8"
    })
}

/// Looked up like every variable, so that tests have homes of their own.
fn home(lookup: Lookup<'_>) -> Option<PathBuf> {
    let set = |name| lookup(name).filter(|value: &OsString| !value.is_empty());
    let home = set("HOME").or_else(|| if cfg!(windows) { set("USERPROFILE") } else { None });
    home.map(PathBuf::from)
}

/// The path with a `~` at its start replaced, which no shell does inside
/// quotes and no SDK leaves standing.
fn in_home(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}
