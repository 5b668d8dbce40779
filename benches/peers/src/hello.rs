//! The programs in `hello/`, each built by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files;

/// A program that asks and prints the answer.
#[derive(Clone, Copy)]
pub struct Hello {
    /// What it stands for.
    pub name: &'static str,
    package: &'static str,
    features: &'static [&'static str],
    /// Where it is built.
    folder: &'static str,
}

pub const OURS: Hello =
    Hello { name: "bedrock-wire", package: "hello-ours", features: &[], folder: "hello/ours" };
pub const OURS_ON_RING: Hello = Hello {
    name: "bedrock-wire, rustls-ring",
    package: "hello-ours",
    features: &["--no-default-features", "--features", "ring"],
    folder: "hello/ours-ring",
};
pub const SDK: Hello = Hello {
    name: "aws-sdk-bedrockruntime with aws-config",
    package: "hello-sdk",
    features: &[],
    folder: "hello/sdk",
};
pub const SDK_TRIMMED: Hello = Hello {
    name: "aws-sdk-bedrockruntime, no default features, ring",
    package: "hello-sdk-trimmed",
    features: &[],
    folder: "hello/sdk-trimmed",
};

impl Hello {
    /// Where it is built, which is kept.
    pub fn target(self) -> PathBuf {
        files::folder(self.folder)
    }

    /// Where the program is once it is built.
    pub fn program(self) -> PathBuf {
        self.target().join("hello").join(self.package)
    }

    /// Builds it without the network.
    pub fn build(self) -> Command {
        let mut command = cargo("build", &files::source("Cargo.toml"));
        command.args(["--locked", "--offline", "--profile", "hello", "--package", self.package]);
        command.args(self.features).arg("--target-dir").arg(self.target());
        command
    }
}

/// Has all that the programs are built from downloaded.
pub fn fetch() {
    files::succeed(cargo("fetch", &files::source("Cargo.toml")).arg("--locked"));
}

/// Cargo with as many jobs as it takes by itself, in the environment's other
/// settings.
pub fn cargo(order: &str, manifest: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(order).arg("--manifest-path").arg(manifest).args(["--color", "never"]);
    // Set where this program was started by cargo, and not for another one's build.
    for name in ["CARGO_BUILD_JOBS", "CARGO_MANIFEST_DIR", "CARGO_TARGET_DIR"] {
        command.env_remove(name);
    }
    command
}

/// bedrock-wire's dependencies and features with a library that has nothing in
/// it, and a program on that: its manifest.
pub fn without_us(folder: &Path) -> PathBuf {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder"))
            .and_then(|()| fs::write(&path, text))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    };
    let read = |path: &str| {
        let path = files::source(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    write("bedrock-wire/Cargo.toml", &what_it_depends_on(&read("../../Cargo.toml")));
    write("bedrock-wire/src/lib.rs", "");
    write("src/main.rs", "#[tokio::main]\nasync fn main() {}\n");
    let (program, workspace) = (read("hello/ours/Cargo.toml"), read("Cargo.toml"));
    let workspace = workspace.split_once("[workspace.dependencies]").expect("there is one").1;
    let dependencies = workspace.split_once("\n[dependencies]").expect("there is one").0;
    let profile = workspace.split_once("[profile.hello]").expect("there is one").1;
    let dependencies = dependencies.replace("path = \"../..\"", "path = \"bedrock-wire\"");
    write(
        "Cargo.toml",
        &format!(
            "{program}\n[workspace]\nexclude = [\"bedrock-wire\"]\n\n\
             [workspace.dependencies]{dependencies}\n[profile.hello]{profile}"
        ),
    );
    // The same versions, but for what cargo takes out because nothing asks for it.
    files::copy(&files::source("Cargo.lock"), &folder.join("Cargo.lock"));
    folder.join("Cargo.toml")
}

/// The tables of a manifest that other crates' builds look at.
fn what_it_depends_on(manifest: &str) -> String {
    let mut is_kept = false;
    let mut kept = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_kept = ["[package]", "[features]", "[dependencies]"].contains(&line);
        }
        if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}
