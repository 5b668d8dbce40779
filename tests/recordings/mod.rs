//! The corpus' recorded streams as they are asked for, and directories for
//! tapes.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module of its own in each test binary, which uses a part"
)]

use std::path::{Path, PathBuf};

use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::import;
use bedrock_wire::operation::{ModelId, Operation, Request};
use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::tape::Tape;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};

use crate::corpus::Corpus;

/// A directory that is gone with the test.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new(name: &str) -> Self {
        let name = format!("bedrock-wire-record-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Dir(path)
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// All that is in it, which are tapes, in the order of their names.
    pub fn tapes(&self) -> Vec<Tape> {
        self.names().into_iter().map(|name| Tape::load(self.0.join(name)).unwrap()).collect()
    }

    /// The one tape that is in it.
    pub fn tape(&self) -> Tape {
        let tapes = self.tapes();
        assert_eq!(tapes.len(), 1, "{:?}", self.names());
        tapes.into_iter().next().unwrap()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A recorded stream: what asks for it, and its body as the corpus has it.
pub struct Recorded {
    pub name: String,
    pub asked: Bytes,
    pub tape: Tape,
    pub body: Bytes,
}

impl Recorded {
    /// The path that asks for it.
    pub fn path(&self) -> String {
        let model = ModelId::new(&*self.tape.model).unwrap().path_segment();
        Operation::ConverseStream.path_template().replace("{modelId}", &model)
    }

    pub fn request(&self, url: &str) -> Request {
        request(url, &self.path(), self.asked.clone())
    }

    /// A server of this alone: of several recordings with the same request each
    /// is to be had.
    pub async fn serve(&self) -> ReplayServer {
        let builder = ReplayServer::builder().tape(&*self.name, self.tape.clone());
        builder.speed(Speed::Max).start().await.unwrap()
    }
}

/// A request with a body of JSON, as a client of the caller's own has it.
pub fn request(url: &str, path: &str, body: impl Into<Bytes>) -> Request {
    let endpoint = Endpoint::custom(url).unwrap();
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
    Request::from_parts(&endpoint, Method::POST, path, headers, body.into()).unwrap()
}

/// All recordings of ConverseStream.
pub fn streams(corpus: &Corpus) -> Vec<Recorded> {
    let dir = corpus.root().join("recordings");
    let is_stream = |recorded: &Recorded| recorded.tape.operation == "ConverseStream";
    let read = |(path, tape): (PathBuf, Result<Tape, _>)| read(&dir, &path, tape.unwrap());
    let streams: Vec<_> = import::recordings(&dir).map(read).filter(is_stream).collect();
    assert!(streams.len() >= corpus.answered("ConverseStream").len());
    streams
}

fn read(dir: &Path, path: &Path, tape: Tape) -> Recorded {
    let body = std::fs::read(dir.join(path).join("response.bin")).unwrap().into();
    let asked = tape.request.as_ref().map(|request| request.body().clone());
    let asked = asked.unwrap_or_else(|| "{\"messages\":[]}".into());
    Recorded { name: path.display().to_string(), asked, tape, body }
}
