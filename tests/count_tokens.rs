//! CountTokens over everything recorded of it.
#![cfg(all(feature = "reqwest", feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::Client;
use bedrock_wire::import;
use bedrock_wire::model::{CountTokensRequest, CountTokensResponse};
use bedrock_wire::replay::{ReplayServer, Speed};
use serde_json::Value;

#[tokio::test]
async fn recorded_counts_are_asked_for_and_answered_as_recorded() {
    let Some(corpus) = corpus::find("the recorded CountTokens calls") else { return };
    let recordings: Vec<_> = corpus
        .recordings()
        .into_iter()
        .filter(|recording| recording.operation == "CountTokens")
        .collect();
    let mut builder = ReplayServer::builder().speed(Speed::Max);
    for (path, tape) in import::recordings(&corpus.root().join("recordings")) {
        let name = path.display().to_string();
        if recordings.iter().any(|recording| recording.path == name) {
            builder = builder.tape(name, tape.unwrap());
        }
    }
    let server = builder.start().await.unwrap();
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let client = Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
        .build()
        .unwrap();
    let (mut counted, mut refused) = (0, 0);
    for recording in recordings {
        let body = recording.request().unwrap();
        let before: Value = serde_json::from_slice(&body).unwrap();
        let input: CountTokensRequest = serde_json::from_slice(&body).unwrap();
        assert_eq!(corpus::difference(&before, &serde_json::to_value(&input).unwrap()), None);
        let recorded: Value = serde_json::from_slice(&recording.response()).unwrap();
        match client.count_tokens(recording.model.as_str(), &input).await {
            Ok(answer) => {
                counted += 1;
                let answer: &CountTokensResponse = &answer;
                assert_eq!(serde_json::to_value(answer).unwrap(), recorded, "{}", recording.path);
            }
            Err(error) => {
                refused += 1;
                assert_eq!(error.status(), Some(recording.status), "{}: {error}", recording.path);
                let message = error.service_error().unwrap().message.as_deref();
                assert_eq!(message, recorded["message"].as_str(), "{}", recording.path);
            }
        }
    }
    assert_eq!((counted, refused), (6, 3));
}
