//! The replay server in a process of its own, and what the system tells of a process.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fmt::Display;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The server. It ends with its owner.
pub struct Replay {
    child: Child,
    pub url: String,
}

impl Replay {
    /// With these options of `bedrock-wire replay`.
    pub fn start(options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"))
            .arg("replay")
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap().to_owned();
        Replay { child, url }
    }

    pub fn usage(&self) -> Usage {
        Usage::of(self.child.id())
    }

    /// Asks its control plane: sets what there is to set, or gets.
    pub async fn control(&self, path: &str, set: Option<&Value>) -> Value {
        let url = format!("{}/_bedrock-wire/{path}", self.url);
        let http = reqwest::Client::builder().no_proxy().http1_only().build().unwrap();
        let request = match set {
            Some(body) => http.post(url).body(body.to_string()),
            None => http.get(url),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What a process has of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// What of its memory is in RAM, in KiB.
    pub resident: usize,
    /// How many files it has open, connections among them.
    pub files: usize,
}

impl Usage {
    /// Of a process by its id, or of `self`.
    pub fn of(process: impl Display) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let resident = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
        let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
        Usage { resident, files }
    }
}

/// Lets this process, and a server after it, have so many files open.
pub fn allow_open_files(needed: usize) {
    let allowed = rlimit::increase_nofile_limit(needed as u64).unwrap();
    assert!(allowed >= needed as u64, "{allowed} may be open of {needed}: `ulimit -Hn {needed}`");
}
