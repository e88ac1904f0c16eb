//! TLS to PostgreSQL as libpq's `sslmode` asks for it.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    gate::GateError,
    url::{PostgresUrl, TlsMode},
};

/// What tokio-postgres calls the mode.
pub(super) fn mode(url: &PostgresUrl) -> SslMode {
    match url.tls {
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::Verify => SslMode::Require,
    }
}

/// A connector: `verify-ca` and `verify-full` check certificate and host name, a mode below them
/// encrypts without checking, and a given `sslrootcert` is checked from `require` on, as in libpq.
pub(super) fn connector(url: &PostgresUrl) -> Result<MakeRustlsConnect, GateError> {
    let told = |error: String| GateError::Unavailable(format!("TLS to PostgreSQL: {error}"));
    match (url.tls, &url.root_certificate) {
        (TlsMode::Verify | TlsMode::Require, Some(file)) => {
            let roots = roots_in(file).map_err(|error| {
                told(format!(
                    "`sslrootcert` {} cannot be read ({error})",
                    file.display()
                ))
            })?;
            let builder = builder().map_err(|error| told(error.to_string()))?;
            let config = builder.with_root_certificates(roots).with_no_client_auth();
            Ok(MakeRustlsConnect::new(config))
        }
        (TlsMode::Verify, None) => {
            // The helper asks for the provider of the process; another one set before is as good.
            let _ = aws_lc_rs::default_provider().install_default();
            let connector = MakeRustlsConnect::with_native_certs();
            let connector = connector.map_err(|_| {
                told("this system has no root certificates: name a file in `sslrootcert`".into())
            })?;
            Ok(connector.0)
        }
        _ => {
            let builder = builder().map_err(|error| told(error.to_string()))?;
            let verifier = Arc::new(Unverified(Arc::new(aws_lc_rs::default_provider())));
            let config = builder
                .dangerous()
                .with_custom_certificate_verifier(verifier);
            Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
        }
    }
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
}

fn roots_in(file: &Path) -> Result<RootCertStore, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    Ok(roots)
}

/// Accepts any certificate, as libpq does below `verify-ca`: the line is encrypted, the server
/// is not known.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
