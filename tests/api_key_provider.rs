//! Short-term API keys that are replaced in time, on a clock of the test's.
#![cfg(feature = "sigv4")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;
use bedrock_wire::auth::{
    ApiKeyError, Credentials, ProvideBearerKey, ProvideCredentials, ShortTermKey, ShortTermKeys,
};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const LIFETIME: Duration = Duration::from_hours(1);

/// When a key is replaced: 5 minutes before its end.
const RENEWED_AT: u64 = 3600 - 300;

/// 2026-01-02T03:04:05Z.
const START: u64 = 1_767_323_045;

/// A clock that moves when it is told to, and credentials that are handed out,
/// held back or refused as the test says.
#[derive(Debug)]
struct World {
    seconds: AtomicU64,
    asked: AtomicUsize,
    refuses: AtomicBool,
    /// Seconds from the start to the end of the session; 0 for no end.
    session: AtomicU64,
    /// One permit lets one request for credentials through.
    gate: Semaphore,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(World {
            seconds: AtomicU64::new(0),
            asked: AtomicUsize::new(0),
            refuses: AtomicBool::new(false),
            session: AtomicU64::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    /// Credentials come one at a time, when a permit is added.
    fn held_back() -> Arc<Self> {
        let world = Self::new();
        world.hold_back();
        world
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
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        if self.refuses.load(Ordering::SeqCst) {
            return Err(CredentialsError::provider_error("the vault is shut"));
        }
        let session = self.session.load(Ordering::SeqCst);
        let end = (session > 0).then(|| at(session));
        Ok(Credentials::new("AKIDEXAMPLE", SECRET, None, end, "test"))
    }

    fn keys(self: &Arc<Self>) -> ShortTermKeys {
        let clock = Arc::clone(self);
        let vault = Vault(Arc::clone(self));
        ShortTermKeys::new(vault, "us-east-1", LIFETIME, move || clock.now()).unwrap()
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

/// When the key given out expires, in seconds from the start.
async fn expiry(keys: &ShortTermKeys) -> Result<u64, String> {
    let key = keys.provide_bearer_key().await.map_err(|error| format!("{error:?}"))?;
    let expires = ShortTermKey::parse(&key).unwrap().expires();
    Ok(expires.duration_since(at(0)).unwrap().as_secs())
}

/// A caller in a task of its own.
fn spawn(keys: &ShortTermKeys) -> JoinHandle<Result<u64, String>> {
    let keys = keys.clone();
    tokio::spawn(async move { expiry(&keys).await })
}

/// Lets every task run until none can go on: the tests' runtime has one thread.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_key_is_kept_until_five_minutes_before_its_end() {
    let (world, expected) = (World::new(), 3600);
    let keys = world.keys();
    assert_eq!(world.asked(), 0, "nothing is asked before a key is needed");
    for seconds in [0, 1, 1800, RENEWED_AT - 1] {
        world.go_to(seconds);
        assert_eq!(expiry(&keys).await, Ok(expected), "at {seconds}");
    }
    assert_eq!(world.asked(), 1);
    world.go_to(RENEWED_AT);
    assert_eq!(expiry(&keys.clone()).await, Ok(RENEWED_AT + 3600));
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_key_of_a_short_session_is_replaced_halfway_to_its_end() {
    let world = World::new();
    world.session.store(200, Ordering::SeqCst);
    let keys = world.keys();
    for (seconds, asked) in [(0, 1), (99, 1), (100, 2), (149, 2), (150, 3)] {
        world.go_to(seconds);
        expiry(&keys).await.unwrap();
        assert_eq!(world.asked(), asked, "at {seconds}");
    }
    world.go_to(200);
    let error = keys.provide_bearer_key().await.unwrap_err();
    assert!(matches!(error.cause().downcast_ref(), Some(ApiKeyError::Expired)), "{error:?}");
}

#[tokio::test]
async fn the_old_key_is_used_on_while_a_refresh_fails_and_not_a_second_longer() {
    let world = World::new();
    let keys = world.keys();
    assert_eq!(expiry(&keys).await, Ok(3600));
    world.refuse(true);
    // Asked again each 30 s, and not at each call.
    for (seconds, asked) in
        [(3300, 2), (3301, 2), (3329, 2), (3330, 3), (3331, 3), (3360, 4), (3599, 5)]
    {
        world.go_to(seconds);
        assert_eq!(expiry(&keys).await, Ok(3600), "at {seconds}");
        assert_eq!(world.asked(), asked, "at {seconds}");
    }
    world.go_to(3600);
    let error = keys.provide_bearer_key().await.unwrap_err();
    assert!(format!("{error:?}").contains("the vault is shut"), "{error:?}");
    world.refuse(false);
    assert_eq!(expiry(&keys).await, Ok(7200), "asked anew at once where there is no key");
}

#[tokio::test]
async fn a_key_of_a_clock_that_was_set_back_is_replaced() {
    let world = World::new();
    let keys = world.keys();
    world.go_to(1_000_000);
    assert_eq!(expiry(&keys).await, Ok(1_003_600));
    world.go_to(10);
    assert_eq!(expiry(&keys).await, Ok(3610));
}

#[tokio::test]
async fn a_key_of_a_clock_that_was_set_back_is_not_given_out_where_none_can_be_made() {
    let world = World::new();
    let keys = world.keys();
    world.go_to(1_000_000);
    expiry(&keys).await.unwrap();
    world.refuse(true);
    for seconds in [10, 20, 41, 500_000] {
        world.go_to(seconds);
        assert!(expiry(&keys).await.is_err(), "at {seconds}");
    }
    // So little that two clocks may differ by it.
    world.go_to(999_800);
    assert_eq!(expiry(&keys).await, Ok(1_003_600));
}

#[tokio::test]
async fn a_provider_that_hangs_holds_up_one_caller_in_thirty_seconds() {
    let world = World::new();
    let keys = world.keys();
    expiry(&keys).await.unwrap();
    world.hold_back();
    for (seconds, asked) in [(3300, 2), (3330, 3)] {
        world.go_to(seconds);
        let lone = spawn(&keys);
        settle().await;
        // Dropped by a deadline of its own.
        lone.abort();
        assert!(lone.await.unwrap_err().is_cancelled());
        for later in [seconds, seconds + 29] {
            world.go_to(later);
            assert_eq!(expiry(&keys).await, Ok(3600), "at {later}");
        }
        assert_eq!(world.asked(), asked);
    }
}

#[tokio::test]
async fn a_refresh_that_hangs_is_given_up_after_a_minute() {
    let world = World::held_back();
    let keys = world.keys();
    let hung = spawn(&keys);
    settle().await;
    world.go_to(59);
    let joins = spawn(&keys);
    settle().await;
    assert_eq!(world.asked(), 1);
    world.go_to(60);
    let anew = spawn(&keys);
    settle().await;
    assert_eq!(world.asked(), 2);
    world.gate.add_permits(2);
    for caller in [hung, joins, anew] {
        assert_eq!(caller.await.unwrap(), Ok(3660));
    }
}

#[tokio::test]
async fn a_panic_of_the_provider_is_an_error_for_all_who_wait() {
    let world = World::held_back();
    let keys = world.keys();
    let mut callers = JoinSet::new();
    for _ in 0..10 {
        let keys = keys.clone();
        callers.spawn(async move { expiry(&keys).await });
    }
    settle().await;
    world.gate.close();
    for result in callers.join_all().await {
        assert!(result.unwrap_err().contains("panicked"));
    }
}

#[tokio::test]
async fn a_key_of_a_session_of_unknown_end_is_used_for_fifteen_minutes() {
    let world = World::new();
    let clock = Arc::clone(&world);
    let token = Some("IQoJb3JpZ2luX2VjEXAMPLE".to_owned());
    let session = Credentials::new("AKIDEXAMPLE", SECRET, token, None, "test");
    let keys = ShortTermKeys::new(session, "us-east-1", LIFETIME, move || clock.now()).unwrap();
    for (seconds, expected) in [(0, 3600), (599, 3600), (600, 4200)] {
        world.go_to(seconds);
        assert_eq!(expiry(&keys).await, Ok(expected), "at {seconds}");
    }
}

#[tokio::test]
async fn all_who_wait_for_the_first_key_share_one_refresh() {
    let world = World::held_back();
    let keys = world.keys();
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let keys = keys.clone();
        callers.spawn(async move { expiry(&keys).await });
    }
    settle().await;
    world.gate.add_permits(1);
    let results = callers.join_all().await;
    assert_eq!(results, vec![Ok(3600); 1000]);
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn all_who_wait_are_told_of_one_failure() {
    let world = World::held_back();
    world.refuse(true);
    let keys = world.keys();
    let mut callers = JoinSet::new();
    for _ in 0..100 {
        let keys = keys.clone();
        callers.spawn(async move { expiry(&keys).await });
    }
    settle().await;
    world.gate.add_permits(1);
    let results = callers.join_all().await;
    assert!(
        results.iter().all(|result| result.as_ref().unwrap_err().contains("the vault is shut"))
    );
    assert_eq!((results.len(), world.asked()), (100, 1));
}

#[tokio::test]
async fn one_caller_waits_for_a_new_key_while_the_others_go_on_with_the_old() {
    let world = World::new();
    let keys = world.keys();
    assert_eq!(expiry(&keys).await, Ok(3600));
    world.hold_back();
    world.go_to(RENEWED_AT);
    let first = spawn(&keys);
    settle().await;
    for _ in 0..100 {
        assert_eq!(expiry(&keys).await, Ok(3600), "the old key, without waiting");
    }
    world.gate.add_permits(1);
    assert_eq!(first.await.unwrap(), Ok(RENEWED_AT + 3600));
    assert_eq!(expiry(&keys).await, Ok(RENEWED_AT + 3600));
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_caller_that_is_dropped_takes_nobody_with_it() {
    let world = World::held_back();
    let keys = world.keys();
    let (first, second) = (spawn(&keys), spawn(&keys));
    settle().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    world.gate.add_permits(1);
    assert_eq!(second.await.unwrap(), Ok(3600), "the second carries the refresh on");
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn where_all_who_waited_are_dropped_the_next_begins_anew() {
    let world = World::held_back();
    let keys = world.keys();
    let lone = spawn(&keys);
    settle().await;
    lone.abort();
    assert!(lone.await.unwrap_err().is_cancelled());
    world.gate.add_permits(1);
    assert_eq!(expiry(&keys).await, Ok(3600));
    assert_eq!(world.asked(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_fails_and_each_refresh_is_one_on_many_threads() {
    let world = World::new();
    let keys = world.keys();
    for round in 0..50 {
        world.go_to(round * RENEWED_AT);
        let mut callers = JoinSet::new();
        for _ in 0..64 {
            let keys = keys.clone();
            callers.spawn(async move { expiry(&keys).await });
        }
        let new = (round * RENEWED_AT) + 3600;
        for result in callers.join_all().await {
            let expires = result.unwrap();
            // Within the margin the old key is as good as the new one.
            assert!(expires == new || expires + RENEWED_AT == new, "{expires} in round {round}");
        }
        assert_eq!(world.asked(), usize::try_from(round).unwrap() + 1);
    }
}

#[test]
fn bounds_are_checked_before_anything_is_asked() {
    let world = World::new();
    let new = |region: &str, lifetime| {
        let vault = Vault(Arc::clone(&world));
        ShortTermKeys::new(vault, region, lifetime, SystemTime::now).unwrap_err()
    };
    let error = new("us-east-1", LIFETIME * 13);
    assert!(matches!(error, ApiKeyError::Lifetime { .. }), "{error:?}");
    assert!(matches!(new("us/east", LIFETIME), ApiKeyError::Signing(_)));
    assert_eq!(world.asked(), 0);
}

#[tokio::test]
async fn debug_does_not_show_a_key() {
    let keys = World::new().keys();
    expiry(&keys).await.unwrap();
    let shown = format!("{keys:#?}");
    assert!(shown.contains("us-east-1") && !shown.contains("bedrock-api-key"), "{shown}");
}
