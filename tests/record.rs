//! What a client sends and gets, recorded and played again.
#![cfg(all(feature = "record", feature = "reqwest", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod corpus;

use std::path::{Path, PathBuf};

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, ClientBuilder};
use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::import;
use bedrock_wire::operation::{Operation, Request};
use bedrock_wire::record::{Mode, Recorder};
use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::tape::{End, Tape};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A directory that is gone with the test.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let name = format!("bedrock-wire-record-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Dir(path)
    }

    /// The tapes in it by their names, in order.
    fn tapes(&self) -> Vec<(String, Tape)> {
        let mut names: Vec<_> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let load = |name: String| (name.clone(), Tape::load(self.0.join(name)).unwrap());
        names.into_iter().map(load).collect()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn client(url: &str) -> ClientBuilder {
    Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(url)
        .control_plane_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test"))
}

/// A recording of the corpus: what asks for it, and its body.
struct Recorded {
    path: String,
    asked: Bytes,
    tape: Tape,
    body: Bytes,
}

impl Recorded {
    fn request(&self, url: &str) -> Request {
        let endpoint = Endpoint::custom(url).unwrap();
        let operation = Operation::ConverseStream;
        let model = bedrock_wire::operation::ModelId::new(&*self.tape.model).unwrap();
        let path = operation.path_template().replace("{modelId}", &model.path_segment());
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
        let body = self.asked.clone();
        Request::from_parts(&endpoint, Method::POST, &path, headers, body).unwrap()
    }
}

fn streams(corpus: &corpus::Corpus) -> Vec<Recorded> {
    let dir = corpus.root().join("recordings");
    let read = |(path, tape): (PathBuf, Result<Tape, _>)| {
        let tape: Tape = tape.unwrap();
        let body = std::fs::read(dir.join(&path).join("response.bin")).unwrap().into();
        let asked = tape.request.as_ref().map(|request| request.body().clone());
        let asked = asked.unwrap_or_else(|| "{\"messages\":[]}".into());
        Recorded { path: path.display().to_string(), asked, tape, body }
    };
    let is_stream = |recorded: &Recorded| recorded.tape.operation == "ConverseStream";
    let streams: Vec<_> = import::recordings(&dir).map(read).filter(is_stream).collect();
    assert!(streams.len() >= corpus.answered("ConverseStream").len());
    streams
}

/// A server of one recording: of several with the same request each is to be
/// had.
async fn serve(recorded: &Recorded) -> ReplayServer {
    let builder = ReplayServer::builder().tape(&*recorded.path, recorded.tape.clone());
    builder.speed(Speed::Max).start().await.unwrap()
}

/// What a client is handed.
#[derive(Debug, Default, PartialEq)]
struct Got {
    status: u16,
    pieces: Vec<Bytes>,
    broken: bool,
}

impl Got {
    fn body(&self) -> Bytes {
        self.pieces.concat().into()
    }
}

async fn ask(client: &Client, request: Request) -> Got {
    let response = client.send(request).await.unwrap();
    let mut got = Got { status: response.status().as_u16(), ..Got::default() };
    let mut body = response.into_body();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => got.pieces.push(piece),
            Err(_) => got.broken = true,
        }
    }
    got
}

fn recorder(dir: &Dir, mode: Mode) -> Recorder {
    Recorder::builder(&dir.0).mode(mode).speed(Speed::Max).no_scrub().start().unwrap()
}

fn lengths(pieces: &[Bytes]) -> Vec<u64> {
    pieces.iter().map(|piece| piece.len() as u64).collect()
}

fn recorded_lengths(tape: &Tape) -> Vec<u64> {
    tape.response.pieces().unwrap().iter().map(|piece| piece.length).collect()
}

#[tokio::test]
async fn every_recorded_stream_is_recorded_to_the_byte_and_plays_again() {
    let Some(corpus) = corpus::find("recording the recorded streams") else { return };
    let (streams, mut pieces) = (streams(&corpus), 0);
    for stream in &streams {
        let dir = Dir::new("streams");
        let server = serve(stream).await;
        let recorder = recorder(&dir, Mode::Once);
        let recording = client(&server.url()).wrap_transport(recorder.wrap()).build().unwrap();
        let got = ask(&recording, stream.request(&server.url())).await;
        let report = recorder.finish().await;
        assert_eq!((report.tapes(), report.failures(), report.open), (1, 0, 0), "{report}");
        let [(_, tape)] = &dir.tapes()[..] else { panic!("{}", stream.path) };
        assert_eq!((got.body(), tape.body_bytes()), (stream.body.clone(), stream.body.clone()));
        assert_eq!(lengths(&got.pieces), recorded_lengths(tape), "{}", stream.path);
        assert_eq!(tape.response.end(), Some(End::Complete));
        assert_eq!(tape.response.status(), stream.tape.response.status());
        assert_eq!(tape.request.as_ref().unwrap().body(), &stream.asked);
        assert!(bedrock_wire::tape::verify_file(report.written[0].as_path()).is_ok());
        drop(server.stop().await);
        // Nobody is there any more.
        let player = self::recorder(&dir, Mode::None);
        let playing = client("http://127.0.0.1:1").wrap_transport(player.wrap()).build().unwrap();
        let again = ask(&playing, stream.request("http://127.0.0.1:1")).await;
        assert_eq!(again, got, "{}", stream.path);
        pieces += got.pieces.len();
    }
    eprintln!("{} streams of {pieces} pieces recorded and played", streams.len());
}

#[allow(dead_code)]
fn unused(_: &Path) {}
