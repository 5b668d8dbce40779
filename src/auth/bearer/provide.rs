//! Where bearer keys come from when one does not last.

use std::error::Error;
use std::fmt;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use super::BearerKey;

/// A bearer key to come, in a box, so that [`ProvideBearerKey`] can be a trait
/// object.
pub type BearerKeyFuture<'a> =
    Pin<Box<dyn Future<Output = Result<BearerKey, ProvideBearerKeyError>> + Send + 'a>>;

/// Gives the bearer key to send, each time one is needed.
///
/// It is asked before each request, by many at once, so it should keep a key
/// for as long as it is good. A [`BearerKey`] gives itself; a closure that
/// returns a future is a provider too:
///
/// ```
/// use bedrock_wire::auth::{BearerKey, BearerKeyError, ProvideBearerKey};
///
/// let keys = || async { BearerKey::new("bedrock-api-key-EXAMPLE") };
/// let shared: std::sync::Arc<dyn ProvideBearerKey> = std::sync::Arc::new(keys);
/// ```
pub trait ProvideBearerKey: Send + Sync {
    /// The key to send now.
    ///
    /// # Errors
    /// In the future: why there is none.
    fn provide_bearer_key(&self) -> BearerKeyFuture<'_>;
}

impl ProvideBearerKey for BearerKey {
    fn provide_bearer_key(&self) -> BearerKeyFuture<'_> {
        Box::pin(ready(Ok(self.clone())))
    }
}

impl<P: ProvideBearerKey + ?Sized> ProvideBearerKey for Arc<P> {
    fn provide_bearer_key(&self) -> BearerKeyFuture<'_> {
        (**self).provide_bearer_key()
    }
}

impl<F, K, E> ProvideBearerKey for F
where
    F: Fn() -> K + Send + Sync,
    K: Future<Output = Result<BearerKey, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn provide_bearer_key(&self) -> BearerKeyFuture<'_> {
        Box::pin(async move { self().await.map_err(ProvideBearerKeyError::new) })
    }
}

/// Why there is no bearer key.
///
/// Its text and its [`source`](Error::source) are those of the cause. Clones
/// share it: one failure is told to all who waited for the same key.
#[derive(Clone)]
pub struct ProvideBearerKeyError(Arc<dyn Error + Send + Sync>);

impl ProvideBearerKeyError {
    /// Takes the cause, which must not tell a secret.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into().into())
    }

    /// The provider's own error.
    pub fn cause(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Debug for ProvideBearerKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProvideBearerKeyError").field(&self.0).finish()
    }
}

impl fmt::Display for ProvideBearerKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for ProvideBearerKeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn provide(keys: &dyn ProvideBearerKey) -> Result<BearerKey, ProvideBearerKeyError> {
        let mut future = pin!(keys.provide_bearer_key());
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("a provider without IO is ready at once"),
        }
    }

    #[test]
    fn a_key_a_closure_and_a_shared_provider_are_providers() {
        let key = BearerKey::new("EXAMPLE").unwrap();
        let shared: Arc<dyn ProvideBearerKey> = Arc::new(key.clone());
        let closure = || async { BearerKey::new("EXAMPLE") };
        for keys in [&key as &dyn ProvideBearerKey, &shared, &closure] {
            assert_eq!(provide(keys).unwrap().expose(), "EXAMPLE");
        }
    }

    #[test]
    fn an_error_reads_as_its_cause() {
        let error = provide(&|| async { BearerKey::new("") }).unwrap_err();
        assert_eq!(error.to_string(), BearerKey::new("").unwrap_err().to_string());
        assert!(error.cause().is::<super::super::BearerKeyError>());
        let words = provide(&|| ready(Err::<BearerKey, _>("the vault is shut"))).unwrap_err();
        assert_eq!(words.clone().to_string(), "the vault is shut");
    }
}
