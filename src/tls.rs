//! TLS for outgoing HTTPS requests: one library, and the certificate authorities that it trusts.
//!
//! The library is rustls, an ordinary dependency, so that an update of it is an update of
//! `Cargo.lock`. The authorities are those of the system (`SSL_CERT_FILE` and `SSL_CERT_DIR` name
//! others), read once for each client, and those that the operator trusts in addition.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// The configuration of a TLS client, with its trusted authorities.
pub(crate) use rustls::ClientConfig;

/// A certificate authority that the operator trusts in addition to those of the system.
pub(crate) type Authority = CertificateDer<'static>;

/// Parses the certificate authorities of a PEM file.
///
/// # Errors
/// Fails if the file holds no certificate, or one that cannot be parsed.
pub(crate) fn authorities(pem: &[u8]) -> Result<Vec<Authority>, String> {
    let mut found = Vec::new();
    let mut readable = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        readable
            .add(certificate.clone())
            .map_err(|error| error.to_string())?;
        found.push(certificate);
    }
    if found.is_empty() {
        return Err("there is no certificate in it".to_owned());
    }
    Ok(found)
}

/// Returns the builder of an HTTP client that trusts the authorities of the system and those in
/// `beside`.
///
/// # Errors
/// Fails if the library refuses its own defaults.
pub(crate) fn client_builder(
    beside: &[Authority],
) -> Result<reqwest::ClientBuilder, rustls::Error> {
    Ok(http(client_config(beside)?))
}

/// Creates the configuration of a client that trusts the system's authorities and those in
/// `beside`.
///
/// # Errors
/// The library rejects its own defaults.
pub(crate) fn client_config(beside: &[Authority]) -> Result<ClientConfig, rustls::Error> {
    let mut trusted = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "some of the system's certificate authorities can't be read");
    }
    // The store of a system may hold old certificates that no library can parse; they are skipped.
    trusted.add_parsable_certificates(system.certs);
    if trusted.is_empty() {
        tracing::warn!(
            "this system has no certificate authorities (Debian: install ca-certificates): servers \
             at https and tls addresses are refused"
        );
    }
    for authority in beside {
        trusted.add(authority.clone())?;
    }
    trusting(trusted)
}

/// Returns the builder of an HTTP client that never leaves this machine and trusts no authority at
/// all.
///
/// # Errors
/// Fails if the library refuses its own defaults.
pub fn local_client_builder() -> Result<reqwest::ClientBuilder, rustls::Error> {
    // A proxy from the environment must not see requests to this machine.
    Ok(http(trusting(RootCertStore::empty())?).no_proxy())
}

fn http(config: ClientConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_backend_preconfigured(config)
}

fn trusting(authorities: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(authorities)
        .with_no_client_auth();
    Ok(config)
}
