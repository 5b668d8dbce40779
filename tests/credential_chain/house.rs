//! A home directory, a replay server that takes one set of credentials, and a
//! stand-in for whoever gives them out; the client is made in a child process,
//! for a process's environment is its own.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use bedrock_wire::replay::{ReplayServer, Speed};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::{CHILD, ID, REGION, SECRET};

/// A request as it came.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
}

impl Asked {
    /// Method and path with query.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.head.method, self.head.uri)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.head.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A field of a form, percent-decoded.
    pub(crate) fn field(&self, name: &str) -> String {
        let body = std::str::from_utf8(&self.body).unwrap();
        let fields = body.split('&').filter_map(|field| field.split_once('='));
        let value = fields.filter(|(field, _)| *field == name).map(|(_, value)| value).next();
        let value = value.unwrap_or_default();
        percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned()
    }
}

/// Status and body.
pub(crate) type Answer = (StatusCode, String);

pub(crate) fn ok(body: impl Into<String>) -> Answer {
    (StatusCode::OK, body.into())
}

pub(crate) fn refused(why: &str) -> Answer {
    (StatusCode::BAD_REQUEST, why.to_owned())
}

pub(crate) struct StandIn {
    pub(crate) url: String,
    lines: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    /// Method and path of each request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

pub(crate) struct House {
    runtime: Runtime,
    server: ReplayServer,
    pub(crate) home: PathBuf,
    token: String,
}

impl House {
    /// A server that takes the example's keys with this session token only.
    pub(crate) fn new(name: &str, token: &str) -> Self {
        let name = format!("bedrock-wire-chain-{name}-{}", std::process::id());
        let home = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(&home).unwrap();
        let runtime = Runtime::new().unwrap();
        let tape = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl");
        let builder = ReplayServer::builder()
            .path(tape)
            .any_body(true)
            .speed(Speed::Max)
            .credentials(ID, SECRET, Some(token.to_owned()))
            .region(REGION);
        let server = runtime.block_on(builder.start()).unwrap();
        House { runtime, server, home, token: token.to_owned() }
    }

    /// Writes a file below the home directory; gives its path.
    pub(crate) fn write(&self, file: &str, text: &str) -> String {
        let path = self.home.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.home.join(file)).unwrap()
    }

    /// Starts a stand-in on loopback.
    pub(crate) fn stand_in(
        &self,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> StandIn {
        let bind = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let listener = self.runtime.block_on(bind).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&lines));
        self.runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.unwrap().to_bytes();
                        let asked = Asked { head, body };
                        log.lock().unwrap().push(asked.line());
                        let (status, body) = answer(&asked);
                        let response = Response::builder().status(status);
                        let response = response.header("content-type", "application/json");
                        // Tokens of IMDS say how long they are good.
                        let response = response.header("x-aws-ec2-metadata-token-ttl-seconds", 600);
                        Ok::<_, Infallible>(response.body(Full::new(Bytes::from(body))).unwrap())
                    }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        StandIn { url, lines }
    }

    /// What a client says that was made with these variables.
    pub(crate) fn ask(&self, set: &[(&str, &str)]) -> String {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--ignored", "--nocapture"])
            .env_clear()
            .env("HOME", &self.home)
            .env("AWS_REGION", REGION)
            .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", self.server.url())
            // Unless a test says so, nobody looks for an instance.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(set.iter().copied())
            .output()
            .unwrap();
        // All that the chain and those below it log, at trace level.
        let logs = String::from_utf8_lossy(&output.stderr);
        assert!(!logs.contains(SECRET) && !logs.contains(&self.token), "{logs}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        let said = stdout.lines().find_map(|line| line.strip_prefix("child: "));
        said.unwrap_or_else(|| panic!("{stdout}{}", String::from_utf8_lossy(&output.stderr)))
            .to_owned()
    }

    /// How many requests the server took: each signed with its credentials.
    pub(crate) fn taken(&self) -> u64 {
        self.server.report().tapes[0].played
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}
