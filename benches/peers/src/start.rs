//! How long a program takes from its start to the first byte on the wire.

use std::io::{self, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::hello::{self, Hello, OURS, OURS_ON_RING, SDK, SDK_TRIMMED};
use crate::server::{Way, read_request, writes};
use crate::table::{Goal, Row, Table};
use crate::{files, mix};

const MOST_ROUNDS: usize = 31;

/// No program takes so long to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// The kind of a TLS record that a ClientHello comes in.
const HANDSHAKE: u8 = 0x16;

/// A program, as it is run.
struct Run {
    name: String,
    program: PathBuf,
    is_tls: bool,
    one_root: bool,
}

pub fn run(rounds: usize) -> Vec<Table> {
    hello::fetch();
    let rounds = rounds.min(MOST_ROUNDS);
    eprintln!("building the programs to start, which takes minutes the first time");
    let programs = [OURS, OURS_ON_RING, SDK_TRIMMED, SDK].map(|hello| {
        files::succeed(&mut hello.build());
        (hello, hello.program())
    });
    let plain = programs.iter().map(|(hello, program)| Run::new(*hello, program.clone(), false));
    let plain: Vec<_> = plain.collect();
    plain.iter().for_each(Run::check);
    let mut tls = Vec::new();
    for (hello, program) in programs {
        tls.push(Run::new(hello, program.clone(), true));
        if hello.name.starts_with(OURS.name) {
            let name = format!("{}, one root certificate", hello.name);
            tls.push(Run { name, program, is_tls: true, one_root: true });
        }
    }
    // Each beside the one with the same cryptography, and ours beside the least of the SDK's.
    let goals = || {
        [(OURS, SDK), (OURS_ON_RING, SDK_TRIMMED), (OURS, SDK_TRIMMED)]
            .map(|(ours, sdk)| Goal::at_most(ours.name, 1.0, sdk.name))
    };
    let table = |title, runs| Table::new(title, "ms", over(runs, rounds)).goals(goals());
    vec![
        table("From a program's start to its request's first byte, http", &plain),
        table("From a program's start to its ClientHello's first byte, https", &tls),
    ]
}

/// All in turn.
fn over(runs: &[Run], rounds: usize) -> Vec<Row> {
    let mut times = vec![Vec::with_capacity(rounds); runs.len()];
    for round in 0..rounds {
        for turn in 0..runs.len() {
            let index = (round + turn) % runs.len();
            times[index].push(runs[index].timed());
        }
    }
    runs.iter().zip(times).map(|(run, times)| Row::new(&run.name, times)).collect()
}

impl Run {
    fn new(hello: Hello, program: PathBuf, is_tls: bool) -> Self {
        Run { name: hello.name.to_owned(), program, is_tls, one_root: false }
    }

    /// With nothing of our own environment, so that no profile, proxy or
    /// instance is looked for.
    fn command(&self, listener: &TcpListener) -> Command {
        let scheme = if self.is_tls { "https" } else { "http" };
        let address = listener.local_addr().expect("an address");
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null()).env_clear().envs([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_MAX_ATTEMPTS", "1"),
            ("AWS_ENDPOINT_URL", &format!("{scheme}://{address}")),
        ]);
        if self.one_root {
            command.env("HELLO_ONE_ROOT", "1");
        }
        command
    }

    /// It prints the answer.
    fn check(&self) {
        let listener = listener();
        let process = self.command(&listener).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut connection = self.accept(&listener);
        let mut requests = BufReader::new(&connection);
        assert!(read_request(&mut requests).expect("a request"), "{}: no request", self.name);
        let answer = writes(Way::Pieces).concat();
        connection.write_all(&answer).expect("it reads the answer");
        let output = process.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}: {}", self.name, output.status);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text, mix::made(crate::server::EVENTS).text(), "{}: its text", self.name);
    }

    fn accept(&self, listener: &TcpListener) -> TcpStream {
        listener.set_nonblocking(true).expect("a socket");
        let start = Instant::now();
        loop {
            match listener.accept() {
                Ok((connection, _)) => return connection,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => panic!("{}: {error}", self.name),
            }
            assert!(start.elapsed() < PATIENCE, "{}: it does not connect", self.name);
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Milliseconds from its start to its first byte.
    fn timed(&self) -> f64 {
        let listener = listener();
        let mut command = self.command(&listener);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let mut process = command.spawn().expect("it starts");
        let (tell, told) = channel();
        thread::spawn(move || {
            tell.send(first_byte(&listener).map(|first| (first, start.elapsed())))
        });
        let first = told.recv_timeout(PATIENCE);
        let (first, time) = first
            .unwrap_or_else(|_| panic!("{}: it sends nothing", self.name))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let expected = if self.is_tls { HANDSHAKE } else { b'P' };
        assert_eq!(first, expected, "{}: what it sends first", self.name);
        process.kill().and_then(|()| process.wait()).expect("it is ours to end");
        time.as_secs_f64() * 1000.0
    }
}

fn first_byte(listener: &TcpListener) -> io::Result<u8> {
    let (mut connection, _) = listener.accept()?;
    let mut first = [0];
    connection.read_exact(&mut first)?;
    Ok(first[0])
}

fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port")
}
