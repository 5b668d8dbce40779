//! `completions`: what a shell completes our command lines with.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Failure;

const NOTES: &str = "\
Where the shell looks for it:
  bash        bedrock-wire completions bash > ~/.local/share/bash-completion/completions/bedrock-wire
  zsh         bedrock-wire completions zsh > _bedrock-wire, in a directory of $fpath
  fish        bedrock-wire completions fish > ~/.config/fish/completions/bedrock-wire.fish
  elvish      bedrock-wire completions elvish >> ~/.config/elvish/rc.elv
  powershell  bedrock-wire completions powershell >> $PROFILE";

#[derive(clap::Args)]
#[command(after_help = NOTES)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

pub fn run(args: &Completions) -> Result<(), Failure> {
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    // It panics where it cannot write; memory takes everything.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    let mut out = io::stdout();
    Ok(out.write_all(&script).and_then(|()| out.flush())?)
}
