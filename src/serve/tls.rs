//! TLS with a certificate made at start.

use std::error::Error as StdError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::SystemTime;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;
use tokio_rustls::TlsAcceptor;

use super::error::ServeError;

/// Some platforms distrust certificates of over 825 days.
const VALID: time::Duration = time::Duration::days(365);

/// What a server needs for TLS, and what its clients must trust.
pub(super) struct Tls {
    pub(super) acceptor: TlsAcceptor,
    pub(super) certificate_pem: String,
}

impl Tls {
    /// For `localhost`, the usual loopback addresses and `ip`.
    ///
    /// An authority signs the server's certificate and is what clients trust,
    /// for not all of them take a server's own certificate as an anchor. Its
    /// key is gone when this returns, so that nothing else is ever signed.
    pub(super) fn new(ip: IpAddr) -> Result<Self, ServeError> {
        make(ip).map_err(ServeError::Certificate)
    }
}

fn make(ip: IpAddr) -> Result<Tls, Box<dyn StdError + Send + Sync>> {
    let authority = CertifiedIssuer::self_signed(authority(), KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = server(ip)?.signed_by(&key, &authority)?;
    let config = config(certificate.der().clone(), &key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Ok(Tls { acceptor, certificate_pem: authority.pem() })
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "bedrock-wire local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    limit(&mut params);
    params
}

fn server(ip: IpAddr) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let mut addresses = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    if !addresses.contains(&ip) {
        addresses.push(ip);
    }
    params.subject_alt_names.extend(addresses.into_iter().map(SanType::IpAddress));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    limit(&mut params);
    Ok(params)
}

/// From a day ago, for clocks that differ. The system's time, whatever clock
/// the signatures are checked by: clients check certificates by theirs.
fn limit(params: &mut CertificateParams) {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or_default();
    let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    params.not_before = now.saturating_sub(time::Duration::DAY);
    params.not_after = params.not_before.saturating_add(VALID);
}

fn config(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
) -> Result<ServerConfig, rustls::Error> {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    // Named here, for a process may have several providers or none installed.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
