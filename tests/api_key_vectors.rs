//! Short-term API keys against those that AWS's own generator made.
#![cfg(feature = "sigv4")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::time::{Duration, SystemTime};

use bedrock_wire::auth::{BearerKey, Credentials, ShortTermKey};
use bedrock_wire::model::Timestamp;
use serde_json::Value;

/// What the generator was given, and the key it gave.
struct Vector {
    row: Value,
}

impl Vector {
    fn text(&self, key: &str) -> &str {
        self.row[key].as_str().unwrap_or_else(|| panic!("{key} in {}", self.row["name"]))
    }

    fn lifetime(&self) -> Duration {
        Duration::from_secs(self.row["expires_in_seconds"].as_u64().unwrap())
    }

    fn date(&self) -> SystemTime {
        let d = self.text("date");
        let at = [&d[..4], &d[4..6], &d[6..8]].join("-");
        let time = format!("{at}T{}:{}:{}Z", &d[9..11], &d[11..13], &d[13..15]);
        Timestamp::from(time.as_str()).to_system_time().unwrap()
    }

    fn generate(&self) -> ShortTermKey {
        let token = self.row["session_token"].as_str().map(str::to_owned);
        let (id, secret) = (self.text("access_key_id"), self.text("secret_access_key"));
        let credentials = Credentials::new(id, secret, token, None, "test");
        let region = self.text("region");
        ShortTermKey::generate(&credentials, region, self.lifetime(), self.date()).unwrap()
    }
}

fn vectors(skipped: &str) -> Option<Vec<Vector>> {
    let file = corpus::find(skipped)?.json("vectors/api_key.json");
    let rows = file["vectors"].as_array().expect("vectors");
    assert!(rows.len() >= 4, "{} vectors", rows.len());
    assert!(rows.iter().any(|row| row["session_token"].is_string()), "none has a session token");
    Some(rows.iter().map(|row| Vector { row: row.clone() }).collect())
}

#[test]
fn each_key_is_byte_for_byte_that_of_the_generator() {
    let Some(vectors) = vectors("short-term API keys against the generator's") else { return };
    for vector in vectors {
        assert_eq!(vector.text("service"), "bedrock");
        let key = vector.generate();
        assert_eq!(key.key().expose(), vector.text("token"), "{}", vector.row["name"]);
        assert_eq!(key.key().header_value(), vector.text("authorization_header"));
        assert_eq!(key.expires(), vector.date() + vector.lifetime());
    }
}

#[test]
fn each_key_of_the_generator_is_read_back() {
    let Some(vectors) = vectors("reading the generator's API keys") else { return };
    for vector in vectors {
        let key = ShortTermKey::parse(&BearerKey::new(vector.text("token")).unwrap()).unwrap();
        assert_eq!(key.region(), vector.text("region"));
        assert_eq!(key.access_key_id(), vector.text("access_key_id"));
        assert_eq!(key.expires(), vector.date() + vector.lifetime(), "{}", vector.row["name"]);
    }
}
