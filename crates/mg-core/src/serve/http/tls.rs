//! TLS by rustls on aws-lc-rs: the server's certificate, and the authority that clients' are held against.

use std::{path::Path, sync::Arc};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio_rustls::TlsAcceptor;

use crate::{ConfigError, config::TlsSection};

/// What turns connections into TLS ones.
///
/// # Errors
///
/// When a file cannot be read or does not hold what it should; the sentence names it.
pub(super) fn acceptor(section: &TlsSection) -> Result<TlsAcceptor, ConfigError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::new(format!("TLS cannot be offered: {error}")))?;
    let builder = match &section.client_ca {
        Some(authority) => versions.with_client_cert_verifier(verifier(authority, provider)?),
        None => versions.with_no_client_auth(),
    };
    let chain = certificates(&section.certificate, "http.tls.certificate")?;
    let key = PrivateKeyDer::from_pem_file(&section.key)
        .map_err(|error| unreadable("http.tls.key", &section.key, &error))?;
    let mut config = builder.with_single_cert(chain, key).map_err(|error| {
        ConfigError::new(format!(
            "http.tls.certificate and http.tls.key do not go together: {error}"
        ))
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if section.client_ca.is_some() {
        // A session that is taken up again is not verified again: a certificate that ended meanwhile would pass.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Certificates are not demanded by TLS itself: who has none is told so by HTTP, in words, and probes of
/// health need none.
fn verifier(
    authority: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, ConfigError> {
    let mut roots = RootCertStore::empty();
    let (added, _) =
        roots.add_parsable_certificates(certificates(authority, "http.tls.client_ca")?);
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    builder.allow_unauthenticated().build().map_err(|error| {
        ConfigError::new(format!(
            "http.tls.client_ca at {} holds {added} usable certificates: {error}",
            authority.display()
        ))
    })
}

/// The certificates of a PEM file.
///
/// # Errors
///
/// When it cannot be read, or holds none; `key` names the setting.
pub(super) fn certificates(
    path: &Path,
    key: &str,
) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let read = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(key, path, &error))?;
    if read.is_empty() {
        return Err(ConfigError::new(format!(
            "{key} at {} holds no certificate in PEM",
            path.display()
        )));
    }
    Ok(read)
}

fn unreadable(key: &str, path: &Path, error: &rustls::pki_types::pem::Error) -> ConfigError {
    ConfigError::new(format!(
        "{key} cannot be read from {}: {error}",
        path.display()
    ))
}
