//! TLS for outgoing HTTPS connections: the library and the trusted certificate authorities.
//!
//! The library is rustls, a crate like any other, so that it is updated with `Cargo.lock`. The
//! trusted authorities are those of the system (`SSL_CERT_FILE` and `SSL_CERT_DIR` override them),
//! read once for each client, and those that the operator adds.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// A certificate authority that the operator trusts in addition to the system's.
pub(crate) type Authority = CertificateDer<'static>;

/// Parses the authorities in a PEM file.
///
/// # Errors
/// The file contains no certificate, or one that cannot be read.
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

/// Returns a builder of an HTTP client that trusts the system's authorities and those in `beside`.
///
/// # Errors
/// The TLS library rejects its own defaults.
pub(crate) fn client_builder(
    beside: &[Authority],
) -> Result<reqwest::ClientBuilder, rustls::Error> {
    let mut trusted = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "some of the system's certificate authorities can't be read");
    }
    // A system's store may hold old certificates that libraries no longer read;
    // the others are used.
    trusted.add_parsable_certificates(system.certs);
    if trusted.is_empty() {
        tracing::warn!(
            "this system has no certificate authorities (Debian: install ca-certificates): servers \
             at https addresses are refused"
        );
    }
    for authority in beside {
        trusted.add(authority.clone())?;
    }
    trusting(trusted)
}

/// Returns a builder of an HTTP client that never leaves this machine and trusts no authority.
///
/// # Errors
/// The TLS library rejects its own defaults.
pub fn local_client_builder() -> Result<reqwest::ClientBuilder, rustls::Error> {
    // Ignores proxies of the environment.
    Ok(trusting(RootCertStore::empty())?.no_proxy())
}

fn trusting(authorities: RootCertStore) -> Result<reqwest::ClientBuilder, rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(authorities)
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(config))
}
