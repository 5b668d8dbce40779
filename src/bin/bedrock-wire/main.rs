//! The command line of bedrock-wire.
#![allow(unreachable_pub, reason = "a program has no public face")]

mod api_key;
mod args;
mod ask;
mod client;
mod compose;
mod demo;
mod exit;
mod export;
mod import;
mod input;
mod inspect;
mod lint;
mod models;
mod playing;
mod print;
mod replay;
mod show;
mod verify;
mod whoami;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::exit::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            failure.exit.into()
        }
    }
}

async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Demo => demo::run().await,
        Command::Converse(args) => ask::run(args).await,
        Command::CountTokens(args) => ask::count(args).await,
        Command::Inspect(args) => inspect::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Replay(args) => replay::run(args).await,
        Command::Import(args) => import::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::ApiKey(args) => api_key::run(&args).await,
        Command::Whoami(args) => whoami::run(&args).await,
        Command::Models(args) => models::run(args).await,
    }
}
