//! Credentials that are fetched anew in time, on a clock of the test's.
#![cfg(feature = "sigv4")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;
use bedrock_wire::auth::{CachedCredentials, Credentials, ProvideCredentials};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// 2026-01-02T03:04:05Z.
const START: u64 = 1_767_323_045;

/// A clock that moves when it is told to, and credentials that are handed out,
/// held back or refused as the test says. Their session token is how many were
/// asked for.
#[derive(Debug)]
struct World {
    seconds: AtomicU64,
    asked: AtomicUsize,
    refuses: AtomicBool,
    /// How many seconds the first credentials last, and the later ones; 0 for
    /// no end.
    first: u64,
    later: u64,
    /// One permit lets one request for credentials through.
    gate: Semaphore,
}

impl World {
    fn new(first: u64, later: u64) -> Arc<Self> {
        Arc::new(World {
            seconds: AtomicU64::new(0),
            asked: AtomicUsize::new(0),
            refuses: AtomicBool::new(false),
            first,
            later,
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    fn hold_back(&self) {
        self.gate.forget_permits(usize::MAX);
    }

    fn go_to(&self, seconds: u64) {
        self.seconds.store(seconds, Ordering::SeqCst);
    }

    fn now(&self) -> SystemTime {
        at(self.seconds.load(Ordering::SeqCst))
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let count = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        self.gate.acquire().await.unwrap().forget();
        if self.refuses.load(Ordering::SeqCst) {
            return Err(CredentialsError::provider_error("the vault is shut"));
        }
        let lasts = if count == 1 { self.first } else { self.later };
        let end = (lasts > 0).then(|| self.now() + Duration::from_secs(lasts));
        Ok(Credentials::new("AKIDEXAMPLE", SECRET, Some(count.to_string()), end, "test"))
    }

    fn cached(self: &Arc<Self>) -> CachedCredentials {
        let clock = Arc::clone(self);
        CachedCredentials::new(Vault(Arc::clone(self)), move || clock.now())
    }
}

#[derive(Debug)]
struct Vault(Arc<World>);

impl ProvideCredentials for Vault {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.0.credentials())
    }
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(START + seconds)
}

/// Which credentials are given out: the first, the second, ...
async fn given(cached: &CachedCredentials) -> Result<String, String> {
    let given = cached.provide_credentials().await.map_err(|error| format!("{error:?}"))?;
    Ok(given.session_token().unwrap().to_owned())
}

fn ask_often(cached: &CachedCredentials, times: usize) -> JoinSet<Result<String, String>> {
    let mut callers = JoinSet::new();
    for _ in 0..times {
        let cached = cached.clone();
        callers.spawn(async move { given(&cached).await });
    }
    callers
}

/// Lets every task run until none can go on: the tests' runtime has one thread.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn credentials_are_kept_until_five_minutes_before_their_end() {
    let world = World::new(3600, 400);
    let cached = world.cached();
    assert_eq!(world.asked(), 0, "nothing is asked before credentials are needed");
    // The second last 400 s, and are replaced halfway.
    for (seconds, which) in [(0, "1"), (3299, "1"), (3300, "2"), (3499, "2"), (3500, "3")] {
        world.go_to(seconds);
        assert_eq!(given(&cached).await.as_deref(), Ok(which), "at {seconds}");
    }
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn the_old_ones_are_used_on_while_the_provider_fails_and_not_a_second_longer() {
    let world = World::new(3600, 3600);
    let cached = world.cached();
    assert_eq!(given(&cached).await.as_deref(), Ok("1"));
    world.refuse(true);
    for (seconds, asked) in [(3300, 2), (3329, 2), (3330, 3), (3599, 4)] {
        world.go_to(seconds);
        assert_eq!(given(&cached).await.as_deref(), Ok("1"), "at {seconds}");
        assert_eq!(cached.fallback_on_interrupt().unwrap().session_token(), Some("1"));
        assert_eq!(world.asked(), asked, "at {seconds}");
    }
    world.go_to(3600);
    assert!(cached.fallback_on_interrupt().is_none());
    let error = given(&cached).await.unwrap_err();
    assert!(error.contains("the vault is shut"), "{error}");
    world.refuse(false);
    assert_eq!(given(&cached).await.as_deref(), Ok("6"), "asked anew at once");
}

#[tokio::test]
async fn all_who_find_them_expired_share_one_answer_or_one_failure() {
    let world = World::new(3600, 3600);
    let cached = world.cached();
    assert_eq!(given(&cached).await.as_deref(), Ok("1"));
    world.go_to(3600);
    world.hold_back();
    world.refuse(true);
    let callers = ask_often(&cached, 200);
    settle().await;
    world.gate.add_permits(1);
    let failures = callers.join_all().await;
    assert_eq!((failures.len(), world.asked()), (200, 2));
    for failure in failures {
        let failure = failure.unwrap_err();
        assert!(failure.starts_with("ProviderError("), "{failure}");
        assert!(failure.contains("the vault is shut"), "{failure}");
    }
    world.refuse(false);
    let callers = ask_often(&cached, 200);
    settle().await;
    world.gate.add_permits(1);
    assert_eq!(callers.join_all().await, vec![Ok("3".to_owned()); 200]);
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn one_caller_waits_for_new_ones_while_the_others_go_on_with_the_old() {
    let world = World::new(3600, 3600);
    let cached = world.cached();
    assert_eq!(given(&cached).await.as_deref(), Ok("1"));
    world.hold_back();
    world.go_to(3300);
    let first = ask_often(&cached, 1);
    settle().await;
    assert_eq!(ask_often(&cached, 200).join_all().await, vec![Ok("1".to_owned()); 200]);
    world.gate.add_permits(1);
    assert_eq!(first.join_all().await, [Ok("2".to_owned())]);
    assert_eq!(given(&cached).await.as_deref(), Ok("2"));
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn credentials_without_an_end_are_asked_for_each_time() {
    let world = World::new(0, 0);
    let cached = world.cached();
    for which in ["1", "2", "3"] {
        assert_eq!(given(&cached).await.as_deref(), Ok(which));
    }
}

#[tokio::test]
async fn debug_shows_neither_secret_nor_session_token() {
    let fixed = Credentials::new("AKIDEXAMPLE", SECRET, Some("IQoJb3".to_owned()), None, "test");
    let cached = CachedCredentials::new(fixed, SystemTime::now);
    cached.provide_credentials().await.unwrap();
    let shown = format!("{cached:#?}");
    assert!(shown.contains("CachedCredentials"), "{shown}");
    assert!(!shown.contains("wJalrX") && !shown.contains("IQoJb3"), "{shown}");
}

#[cfg(all(feature = "replay", feature = "reqwest"))]
mod over_the_wire {
    use bedrock_wire::auth::verify::{AccessKey, Caller, Verifier};
    use bedrock_wire::client::Client;
    use bedrock_wire::model::{ConverseRequest, Message};
    use bedrock_wire::serve::{Call, Reply, Server};
    use http::StatusCode;

    use super::*;

    const CALLS: usize = 200;
    const AT_ONCE: usize = 20;

    /// Each answer takes 1 s of the world's time: of 200 s, the first
    /// credentials last 120 and are to be replaced after 60.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn credentials_that_expire_amid_200_calls_are_fetched_once_and_no_call_fails() {
        let world = World::new(120, 3600);
        let key = |token| AccessKey::new("AKIDEXAMPLE", SECRET).session_token(token);
        let verifier =
            Verifier::new().access_key(key("1")).access_key(key("2")).region("us-east-1");
        let signed = Arc::new([const { AtomicUsize::new(0) }; 2]);
        let (clock, counts, ticking) = (world.clone(), signed.clone(), world.clone());
        let server = Server::builder(verifier).clock(move || clock.now());
        let handler = move |call: &Call| {
            assert!(matches!(call.caller, Caller::AccessKey { .. }));
            let first = call.headers["x-amz-security-token"] == "1";
            counts[usize::from(!first)].fetch_add(1, Ordering::SeqCst);
            ticking.seconds.fetch_add(1, Ordering::SeqCst);
            let body = r#"{"metrics":{"latencyMs":1},"output":{"message":{"role":"assistant","content":[]}},
                "stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#;
            let mut reply = Reply::whole(StatusCode::OK, body);
            let json = http::HeaderValue::from_static("application/json");
            reply.headers.insert(http::header::CONTENT_TYPE, json);
            reply
        };
        let server = server.start(handler).await.unwrap();
        let clock = world.clone();
        let client = Client::builder()
            .ignore_environment()
            .region("us-east-1")
            .endpoint_url(server.url())
            .credentials(Vault(world.clone()))
            .clock(move || clock.now())
            .build()
            .unwrap();
        let lanes = Arc::new(Semaphore::new(AT_ONCE));
        let mut calls = JoinSet::new();
        for _ in 0..CALLS {
            let (client, lanes) = (client.clone(), lanes.clone());
            calls.spawn(async move {
                let _lane = lanes.acquire().await.unwrap();
                let question = ConverseRequest::new().message(Message::user("hi"));
                client.converse("a.b-v1:0", &question).await.map(|_| ())
            });
        }
        for result in calls.join_all().await {
            result.unwrap();
        }
        assert_eq!(world.asked(), 2, "once at first, and once more");
        let signed = [0, 1].map(|which| signed[which].load(Ordering::SeqCst));
        assert_eq!(signed[0] + signed[1], CALLS);
        // 60 until they are due; 120 until they have expired, when as many more
        // as go at once may be signed already.
        assert!((60..=120 + AT_ONCE).contains(&signed[0]), "{signed:?}");
        assert!(world.now() > at(120));
    }
}
