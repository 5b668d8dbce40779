//! What the features for TLS change.

pub(super) use imp::{BUILT_IN, is_refusal, prepare, trust};

/// With TLS built in.
#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
mod imp {
    use std::error::Error;
    use std::io;

    use crate::client::ConfigError;

    pub(in super::super) const BUILT_IN: bool = true;

    /// reqwest without a provider of its own takes the process's, and panics
    /// where there is none. The other way, a rustls configuration of ours with
    /// ring in it, would make it ignore the certificates and versions that
    /// `configure_reqwest` sets.
    pub(in super::super) fn prepare() {
        #[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // An error means that another thread was first.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
    }

    /// Trusts the certificates in `AWS_CA_BUNDLE` beside the system's.
    pub(in super::super) fn trust(
        builder: reqwest::ClientBuilder,
        bundle: Option<&str>,
    ) -> Result<reqwest::ClientBuilder, ConfigError> {
        let Some(path) = bundle else { return Ok(builder) };
        let at_fault = |error: &dyn std::fmt::Display| {
            ConfigError::new("AWS_CA_BUNDLE", format!("{path}: {error}"))
        };
        let pem = std::fs::read(path).map_err(|error| at_fault(&error))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| at_fault(&error))?;
        if certificates.is_empty() {
            return Err(at_fault(&"there is no certificate in it: it must have some in PEM"));
        }
        Ok(builder.tls_certs_merge(certificates))
    }

    /// Whether TLS itself refused the connection: the same again next time.
    pub(in super::super) fn is_refusal(error: &(dyn Error + 'static)) -> bool {
        // An `io::Error` gives as its source that of the error within it, and
        // these lie within one another.
        let io = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        error.is::<rustls::Error>()
            || io.is_some_and(|within| is_refusal(within))
            || error.source().is_some_and(is_refusal)
    }
}

/// Without TLS only loopback can be reached.
#[cfg(not(any(feature = "rustls", feature = "rustls-ring")))]
mod imp {
    use std::error::Error;

    use crate::client::ConfigError;

    pub(in super::super) const BUILT_IN: bool = false;

    pub(in super::super) fn prepare() {}

    #[expect(clippy::unnecessary_wraps, reason = "as with TLS")]
    pub(in super::super) fn trust(
        builder: reqwest::ClientBuilder,
        _: Option<&str>,
    ) -> Result<reqwest::ClientBuilder, ConfigError> {
        Ok(builder)
    }

    pub(in super::super) fn is_refusal(_: &(dyn Error + 'static)) -> bool {
        false
    }
}
