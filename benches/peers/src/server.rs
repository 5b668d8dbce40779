//! The other end of a loopback connection, in a process of its own: what it
//! takes is not counted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use bytes::Bytes;

use crate::mix;

/// Events in a stream.
pub const EVENTS: usize = 2000;

/// Between two events, so that each is read by itself.
const APART: Duration = Duration::from_micros(50);

const HEAD: &str = "HTTP/1.1 200 OK\r\n\
    date: Fri, 27 Nov 2026 00:00:00 GMT\r\n\
    content-type: application/vnd.amazon.eventstream\r\n\
    transfer-encoding: chunked\r\n\
    connection: keep-alive\r\n\
    x-amzn-requestid: 7d3a2c3e-5b1f-4a0e-9d26-2f8f5c8f2a11\r\n\r\n";

/// How an answer is written.
#[derive(Clone, Copy)]
pub enum Way {
    /// In pieces of 16 KiB, as fast as they are taken.
    Pieces,
    /// An event a write, with time between them.
    Events,
    /// The first event, and then nothing.
    First,
}

impl Way {
    const ALL: [(&'static str, Way); 3] =
        [("pieces", Way::Pieces), ("events", Way::Events), ("first", Way::First)];

    fn name(self) -> &'static str {
        match self {
            Way::Pieces => "pieces",
            Way::Events => "events",
            Way::First => "first",
        }
    }
}

/// A process that answers each request with the same stream.
pub struct Server {
    process: Child,
    pub url: String,
}

impl Server {
    pub fn start(way: Way) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut process = Command::new(program)
            .args(["serve", way.name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts");
        let mut url = String::new();
        let stdout = process.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut url).expect("a line");
        Server { process, url: url.trim_end().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until standard input ends, as it does when the parent is gone.
pub fn main(way: &str) {
    let (_, way) = Way::ALL.into_iter().find(|(name, _)| *name == way).expect("a way to serve");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    let writes = writes(way);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let (connection, writes) = (connection.expect("a connection"), writes.clone());
            // Who closes a connection ends its thread.
            thread::spawn(move || serve(&connection, way, &writes).ok());
        }
    });
    io::stdin().read_to_end(&mut Vec::new()).expect("nothing to read");
}

/// The answer as it is written, a write each.
pub fn writes(way: Way) -> Vec<Bytes> {
    let mix = mix::made(EVENTS);
    let pieces = match way {
        Way::Pieces => mix.pieces(16 * 1024),
        Way::Events => mix.by_frame(),
        Way::First => vec![mix.by_frame().swap_remove(0)],
    };
    let end = match way {
        Way::First => None,
        Way::Pieces | Way::Events => Some("0\r\n\r\n".into()),
    };
    let chunk = |piece: Bytes| {
        [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat().into()
    };
    let chunks = pieces.into_iter().map(chunk);
    [HEAD.into()].into_iter().chain(chunks).chain(end).collect()
}

fn serve(mut connection: &TcpStream, way: Way, writes: &[Bytes]) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut requests = BufReader::new(connection);
    while read_request(&mut requests)? {
        for write in writes {
            connection.write_all(write)?;
            if matches!(way, Way::Events) {
                thread::sleep(APART);
            }
        }
    }
    Ok(())
}

/// Whether there was one.
pub fn read_request(requests: &mut impl BufRead) -> io::Result<bool> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    io::copy(&mut requests.take(length), &mut io::sink())?;
    Ok(true)
}
